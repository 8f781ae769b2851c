//! Views of what stands at the top of a workspace, and of the manifest of its runtime.

use crate::generate::render::{Code, Markdown, Toml, views};

views! {
    /// The workspace's manifest.
    Workspace (Toml "workspace/Cargo.toml.j2") {
        members: Code<Toml>,
        /// Whether its services share state in Redis.
        redis: bool,
    }

    /// The runtime's manifest.
    Platform (Toml "platform/Cargo.toml.j2") {
        package: Code<Toml>,
        /// The features that are switched on.
        default: Code<Toml>,
        /// Whether Redis is among them.
        redis: bool,
    }

    /// What a newcomer reads first.
    Readme (Markdown "workspace/README.md.j2") {
        title: Code<Markdown>,
        documented: bool,
        docs: Vec<Code<Markdown>>,
        /// The package of `dev`.
        dev: Code<Markdown>,
        /// The package of one of the services.
        example: Code<Markdown>,
        /// Whether browsers log in.
        logs_in: bool,
        /// Whether instances share state, and the package of the proofs.
        shares: bool,
        proofs: Code<Markdown>,
    }
}
