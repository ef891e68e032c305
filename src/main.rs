//! The `meshwright` program.

/// Manifests are thousands of small allocations, and the system's allocator takes a fifth of a check for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    meshwright::cli::main()
}
