//! The `icsync` program.

fn main() -> std::process::ExitCode {
    icsync::cli::main()
}
