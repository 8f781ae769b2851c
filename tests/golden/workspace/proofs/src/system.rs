//! The whole system, as proofs start it. Generated from the drawing, do not edit.

use platform::proofs::{Cast, System};

use crate::scripted;

/// Every service, with handlers that follow a script.
pub fn system() -> System {
    System {
        name: "notes",
        services: vec![
            Cast {
                service: "front",
                policy: notes_front::generated::policy::policy,
                build: |script, setup| notes_front::generated::service(scripted::FrontHandlers(script), setup),
            },
            Cast {
                service: "archive",
                policy: notes_archive::generated::policy::policy,
                build: |script, setup| notes_archive::generated::service(scripted::ArchiveHandlers(script), setup),
            },
        ],
    }
}
