//! Views of the proofs.

use super::dev::Dependency;

use crate::generate::render::{Code, Rust, Toml, views};

views! {
    /// The manifest.
    Manifest (Toml "proofs/Cargo.toml.j2") {
        package: Code<Toml>,
        contracts: Code<Toml>,
        platform: Code<Toml>,
        /// Which crates handlers need for what they answer outside a message.
        jiff: bool,
        decimal: bool,
        json: bool,
        uuid: bool,
        services: Vec<Dependency>,
    }

    /// The crate's root.
    Root (Rust "proofs/src/lib.rs.j2") {
        edges: bool,
        probes: bool,
    }

    /// The services as proofs start them.
    System (Rust "proofs/src/system.rs.j2") {
        name: Code<Rust>,
        services: Vec<Cast>,
    }

    /// A service with scripted handlers.
    Cast {
        name: Code<Rust>,
        krate: Code<Rust>,
        handlers: Code<Rust>,
    }

    /// All scripted handlers.
    Scripted (Rust "proofs/src/scripted.rs.j2") {
        handlers: bool,
        services: Vec<ScriptedService>,
    }

    /// The scripted handlers of one service.
    ScriptedService {
        label: Code<Rust>,
        krate: Code<Rust>,
        handlers: Code<Rust>,
        apis: Vec<ScriptedApi>,
    }

    /// The scripted handlers of one api.
    ScriptedApi {
        module: Code<Rust>,
        handler: Code<Rust>,
        operations: Vec<ScriptedOperation>,
    }

    /// One scripted handler.
    ScriptedOperation {
        name: Code<Rust>,
        context: Code<Rust>,
        takes: bool,
        /// Whether what it takes is a stream.
        reads: bool,
        input: Code<Rust>,
        output: Code<Rust>,
        /// The script's function that answers.
        answer: Code<Rust>,
        sample: Code<Rust>,
        /// What takes a bare answer out of its form, or nothing.
        unwraps: Code<Rust>,
    }

    /// The edges whose callers are proved.
    Edges (Rust "proofs/src/edges.rs.j2") {
        samples: bool,
        encodes: bool,
        streams: bool,
        edges: Vec<Edge>,
    }

    /// One of them.
    Edge {
        label: Code<Rust>,
        constant: Code<Rust>,
        function: Code<Rust>,
        caller: Code<Rust>,
        name: Code<Rust>,
        protocol: Code<Rust>,
        tls: Code<Rust>,
        client: Code<Rust>,
        /// Whether any of its operations has a fallback.
        answers: bool,
        operations: Vec<Call>,
    }

    /// An operation that an edge carries.
    Call {
        text: Code<Rust>,
        name: Code<Rust>,
        takes: bool,
        /// What makes the sample that it takes.
        sample: Code<Rust>,
        ty: Code<Rust>,
        json: Code<Rust>,
        falls_back: bool,
        answer: Code<Rust>,
    }

    /// The operations that are served.
    Probes (Rust "proofs/src/probes.rs.j2") {
        grpc: bool,
        probes: Vec<Probe>,
    }

    /// One of them.
    Probe {
        label: Code<Rust>,
        constant: Code<Rust>,
        service: Code<Rust>,
        api: Code<Rust>,
        protocol: Code<Rust>,
        tls: Code<Rust>,
        peers: Code<Rust>,
        operation: Code<Rust>,
        wire: Code<Rust>,
        request: Code<Rust>,
        other: Code<Rust>,
        auth: Code<Rust>,
    }

    /// The proofs.
    Proofs (Rust "proofs/tests/proofs.rs.j2") {
        krate: Code<Rust>,
        duration: bool,
        policy: bool,
        imports: Code<Rust>,
        edges: bool,
        probes: bool,
        rows: Vec<Row>,
    }

    /// One proof.
    Row {
        name: Code<Rust>,
        proof: Code<Rust>,
    }
}
