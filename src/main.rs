//! The `archwright` command.

use mimalloc::MiMalloc;

/// Models are many small values that live until the end, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    archwright::cli::main()
}
