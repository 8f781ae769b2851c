//! Makes Rust of the protobuf files, without protoc.

use std::path::Path;

use protox::prost::Message as _;

#[rustfmt::skip]
const FILES: &[&str] = &[
    "notes/types.proto",
    "notes/archive.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(FILES, ["proto"])?;
    let out = std::env::var("OUT_DIR")?;
    let descriptors = Path::new(&out).join("descriptors.bin");
    std::fs::write(descriptors, files.encode_to_vec())?;
    prost_build::Config::new()
        .btree_map(["."])
        .include_file("proto.rs")
        .compile_fds(files)?;
    Ok(())
}
