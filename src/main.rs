//! The `archwright` command.

fn main() -> std::process::ExitCode {
    archwright::cli::main()
}
