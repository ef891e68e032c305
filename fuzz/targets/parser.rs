//! Any bytes as a manifest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use meshwright::checks;

fuzz_target!(|bytes: &[u8]| checks::parser(bytes));
