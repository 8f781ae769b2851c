//! The drawing, as `dev` runs it. Generated from the drawing, do not edit.

use platform::dev::{Actor, System};
use platform::dev::{Entry, Try};
use platform::policy::Protocol;

/// Its services, and the apis that are called from outside.
pub fn system() -> System {
    System {
        name: "notes",
        roles: &["reader", "writer"],
        services: vec![
            Actor {
                service: "front",
                policy: notes_front::generated::policy::policy,
                build: |setup| notes_front::generated::service(notes_front::app::App::default(), setup),
                samples: &[
                ],
            },
            Actor {
                service: "archive",
                policy: notes_archive::generated::policy::policy,
                build: |setup| notes_archive::generated::service(notes_archive::app::App::default(), setup),
                samples: &[
                    ("Archive.find", r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#),
                    ("Archive.keep", r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#),
                ],
            },
        ],
        entries: vec![
            Entry {
                service: "front",
                api: "Notes",
                protocol: Protocol::Rest,
                proto: "",
                operations: &[
                    Try {
                        operation: "find",
                        doc: "",
                        method: "GET",
                        path: "/v1/notes/find/{id}",
                        takes_stream: false,
                        answers_stream: false,
                        request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90"}"#,
                        claims: "{}",
                        asks_claims: false,
                        status: 200,
                    },
                    Try {
                        operation: "keep",
                        doc: "",
                        method: "POST",
                        path: "/v1/notes/keep",
                        takes_stream: false,
                        answers_stream: false,
                        request: r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#,
                        claims: "{}",
                        asks_claims: false,
                        status: 200,
                    },
                ],
            },
        ],
    }
}
