//! HTML, Markdown and names of others.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clocher_federation::fuzzing::sanitiser(bytes));
