//! The living example.
//!
//! Not there yet: the command says so.
