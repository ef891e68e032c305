//! Any text as a whole cluster that istioctl is to look at, with our own hints.

#![no_main]

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};
use meshwright::{checks, splice};

fuzz_target!(|bytes: &[u8]| checks::analyze(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { splice::mutate(data, size, max_size, seed, fuzzer_mutate) });

fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| { splice::cross(data1, data2, out, seed) });
