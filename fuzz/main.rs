//! One program for each target; which one it is says its name.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fugong::fuzz_targets::run(env!("CARGO_BIN_NAME"), data));
