//! Documents that are fetched.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clocher_federation::fuzzing::fetcher(bytes));
