//! Views of the package that runs everything in one process.

use crate::generate::render::{Code, Rust, Toml, views};

views! {
    /// The manifest.
    Manifest (Toml "dev/Cargo.toml.j2") {
        package: Code<Toml>,
        platform: Code<Toml>,
        services: Vec<Dependency>,
    }

    /// A service's package.
    Dependency {
        package: Code<Toml>,
        path: Code<Toml>,
    }

    /// The system as it is run.
    System (Rust "dev/src/system.rs.j2") {
        name: Code<Rust>,
        roles: Code<Rust>,
        services: Vec<Actor>,
        entries: bool,
        entry_list: Vec<Entry>,
    }

    /// A service.
    Actor {
        name: Code<Rust>,
        krate: Code<Rust>,
        samples: Vec<Sample>,
    }

    /// What an operation answers while nobody has written it.
    Sample {
        operation: Code<Rust>,
        json: Code<Rust>,
    }

    /// An api that is called from outside.
    Entry {
        service: Code<Rust>,
        api: Code<Rust>,
        protocol: Code<Rust>,
        proto: Code<Rust>,
        operations: Vec<Try>,
    }

    /// An operation to try.
    Try {
        name: Code<Rust>,
        doc: Code<Rust>,
        method: Code<Rust>,
        path: Code<Rust>,
        takes_stream: bool,
        answers_stream: bool,
        request: Code<Rust>,
        claims: Code<Rust>,
        asks_claims: Code<Rust>,
        status: Code<Rust>,
    }
}
