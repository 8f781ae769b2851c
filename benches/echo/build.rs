//! Compiles the generated `.proto` files as anybody would.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = "../echo/contracts/proto";
    let files = protox::compile([format!("{folder}/echo/back.proto")], [folder])?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
