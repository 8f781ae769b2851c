//! The `archwright` command.

fn main() {}
