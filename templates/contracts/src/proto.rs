//! The protobuf messages, as prost makes them of `proto/`.
#![allow(
    missing_docs,
    clippy::all,
    reason = "made by prost-build, in its own style"
)]

include!(concat!(env!("OUT_DIR"), "/proto.rs"));

/// The files below `proto/`, for servers that are asked what they serve: a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
