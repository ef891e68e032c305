//! Prepares what the binary carries.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
