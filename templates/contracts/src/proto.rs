//! The protobuf messages, as prost makes them of `proto/`.
#![allow(
    missing_docs,
    clippy::all,
    reason = "made by prost-build, in its own style"
)]

include!(concat!(env!("OUT_DIR"), "/proto.rs"));
