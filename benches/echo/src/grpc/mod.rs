//! Unary calls over gRPC.

pub mod generated;
pub mod hand;
