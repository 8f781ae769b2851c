//! The edges of the drawing, called by their generated clients. Generated from the drawing, do not edit.

use platform::Problem;
use platform::client::Bound;
use platform::policy::{Protocol, Tls};
use platform::proofs::{BoxFuture, Edge, unknown};
use platform::proofs::sample;

/// front -> archive.Archive : grpc
pub const FRONT_TO_ARCHIVE_GRPC: Edge = Edge {
    caller: "front",
    edge: "front -> archive.Archive : grpc",
    protocol: Protocol::Grpc,
    tls: Tls::Mutual,
    call: front_to_archive_grpc,
    answer: |_| Vec::new(),
};

fn front_to_archive_grpc(bound: Bound, operation: &'static str) -> BoxFuture<'static, Result<(), Problem>> {
    let client = notes_front::generated::client_archive::ArchiveClient::new(bound);
    Box::pin(async move {
        match operation {
            "find" => client.find(sample::<contracts::archive::ArchiveFindRequest>(r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90"}"#)).await.map(drop),
            "keep" => client.keep(sample::<contracts::Note>(r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#)).await.map(drop),
            other => unknown(other),
        }
    })
}
