//! The `icsync` program.

/// Trees of definitions are many small pieces that live and die together; this allocator packs them closest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    icsync::cli::main()
}
