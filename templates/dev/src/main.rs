//! The whole system in one process. Generated from the drawing, do not edit.

use std::process::ExitCode;

#[rustfmt::skip]
mod system;

fn main() -> ExitCode {
    platform::dev::main(system::system())
}
