//! The operations that are served, as raw requests reach them. Generated from the drawing, do not edit.

use platform::policy::{Protocol, Tls};
use platform::proofs::{Probe, Wire};
use platform::proofs::encode;

/// Notes.find by rest
pub const FRONT_NOTES_REST_FIND: Probe = Probe {
    service: "front",
    api: "Notes",
    protocol: Protocol::Rest,
    tls: &[Tls::Server],
    peers: &[],
    operation: "find",
    wire: Wire::Rest { method: "GET", path: "/v1/notes/find/{id}" },
    request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90"}"#,
    other: r#"{"id":"6f1d2c3b-4a59-4687-9b0c-1d2e3f405162"}"#,
    auth: &["people"],
};

/// Notes.keep by rest
pub const FRONT_NOTES_REST_KEEP: Probe = Probe {
    service: "front",
    api: "Notes",
    protocol: Protocol::Rest,
    tls: &[Tls::Server],
    peers: &[],
    operation: "keep",
    wire: Wire::Rest { method: "POST", path: "/v1/notes/keep" },
    request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#,
    other: r#"{"id":"6f1d2c3b-4a59-4687-9b0c-1d2e3f405162","text":"text","mood":"bright"}"#,
    auth: &["people"],
};

/// Archive.find by grpc
pub const ARCHIVE_ARCHIVE_GRPC_FIND: Probe = Probe {
    service: "archive",
    api: "Archive",
    protocol: Protocol::Grpc,
    tls: &[Tls::Mutual],
    peers: &["front"],
    operation: "find",
    wire: Wire::Grpc { path: "/notes.archive.Archive/Find", encode: encode::<contracts::archive::ArchiveFindRequest, contracts::proto::notes::archive::ArchiveFindRequest> },
    request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90"}"#,
    other: r#"{"id":"6f1d2c3b-4a59-4687-9b0c-1d2e3f405162"}"#,
    auth: &["mesh", "people"],
};

/// Archive.keep by grpc
pub const ARCHIVE_ARCHIVE_GRPC_KEEP: Probe = Probe {
    service: "archive",
    api: "Archive",
    protocol: Protocol::Grpc,
    tls: &[Tls::Mutual],
    peers: &["front"],
    operation: "keep",
    wire: Wire::Grpc { path: "/notes.archive.Archive/Keep", encode: encode::<contracts::Note, contracts::proto::notes::Note> },
    request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#,
    other: r#"{"id":"6f1d2c3b-4a59-4687-9b0c-1d2e3f405162","text":"text","mood":"bright"}"#,
    auth: &["mesh", "people"],
};
