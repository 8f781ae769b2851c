//! The view of the page that describes the whole system.

use crate::generate::render::{Code, Markdown, views};

views! {
    /// `docs/architecture.md`.
    Architecture (Markdown "docs/architecture.md.j2") {
        title: Code<Markdown>,
        documented: bool,
        docs: Vec<Code<Markdown>>,
        diagram: Vec<Step>,
        arrows: Vec<Arrow>,
        nodes: Vec<Node>,
        documented_nodes: Vec<Documented>,
        chapters: Vec<Chapter>,
        has_channels: bool,
        channels: Vec<Channel>,
    }

    /// One line of the diagram: exactly one of the booleans is set.
    Step {
        indent: Code<Markdown>,
        opens: bool,
        closes: bool,
        client: bool,
        external: bool,
        service: bool,
        store: bool,
        broker: bool,
        id: Code<Markdown>,
        label: Code<Markdown>,
    }

    /// An edge in the diagram.
    Arrow {
        from: Code<Markdown>,
        to: Code<Markdown>,
        label: Code<Markdown>,
    }

    /// A line of the table of nodes.
    Node {
        name: Code<Markdown>,
        kind: Code<Markdown>,
        zone: Code<Markdown>,
        apis: Vec<Code<Markdown>>,
    }

    /// What is written about a node.
    Documented {
        name: Code<Markdown>,
        docs: Vec<Code<Markdown>>,
    }

    /// All edges, apis or schemes.
    Chapter {
        title: Code<Markdown>,
        sections: Vec<Section>,
    }

    /// An edge, an api or a scheme with the values that hold on it.
    Section {
        name: Code<Markdown>,
        documented: bool,
        docs: Vec<Code<Markdown>>,
        set: bool,
        rows: Vec<Row>,
    }

    /// A value that holds, with its origin: exactly one of the booleans is set.
    Row {
        attribute: Code<Markdown>,
        /// Whether it holds for all operations.
        all: bool,
        /// Those that it holds for, if not for all.
        operations: Vec<Code<Markdown>>,
        value: Code<Markdown>,
        declared: bool,
        inherited: bool,
        policy: bool,
        /// The policy's name, if it is one's.
        policies: Vec<Code<Markdown>>,
        defaults: bool,
        built_in: bool,
        /// The tests that show it.
        proofs: Vec<Code<Markdown>>,
    }

    /// A line of the table of channels.
    Channel {
        name: Code<Markdown>,
        kind: Code<Markdown>,
        carries: Code<Markdown>,
    }
}
