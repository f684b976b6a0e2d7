//! The simulation of the real thing: the communes of three départements, their people and their messages, over a network
//! with faults; who got how many copies, beside who should have.
