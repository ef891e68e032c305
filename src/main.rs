//! The `meshwright` program.

fn main() -> std::process::ExitCode {
    meshwright::cli::main()
}
