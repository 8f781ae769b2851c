//! What the article chooses among: its eight ways to communicate.

use crate::protocol::Protocol;
use crate::words::words;

words! {
    /// A way to communicate, in the order of the article's summary table.
    Candidate {
        Rest = "rest", Grpc = "grpc", Websocket = "websocket", Queue = "queue", Stream = "stream", Sse = "sse",
        Graphql = "graphql", Webhook = "webhook",
    }
}

/// A line of the article's summary table (section 5), and what follows from the choice.
#[derive(Debug)]
pub struct Summary {
    /// As people write it.
    pub title: &'static str,
    /// How it communicates.
    pub kind: &'static str,
    /// What it is typically used for.
    pub uses: &'static str,
    /// What speaks for it.
    pub pros: &'static str,
    /// What speaks against it.
    pub cons: &'static str,
    /// What it is best for.
    pub best_for: &'static str,
    /// Codes of the rules that look at such edges or channels alone.
    pub rules: &'static [&'static str],
}

impl Candidate {
    /// The candidate that a protocol is.
    #[must_use]
    pub const fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Rest => Self::Rest,
            Protocol::Grpc => Self::Grpc,
            Protocol::Graphql => Self::Graphql,
            Protocol::Websocket => Self::Websocket,
            Protocol::Sse => Self::Sse,
            Protocol::Webhook => Self::Webhook,
        }
    }

    /// The protocol of an edge; `None` for what goes through a broker.
    #[must_use]
    pub const fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Rest => Some(Protocol::Rest),
            Self::Grpc => Some(Protocol::Grpc),
            Self::Graphql => Some(Protocol::Graphql),
            Self::Websocket => Some(Protocol::Websocket),
            Self::Sse => Some(Protocol::Sse),
            Self::Webhook => Some(Protocol::Webhook),
            Self::Queue | Self::Stream => None,
        }
    }

    /// Its line of the summary table.
    #[must_use]
    pub const fn summary(self) -> &'static Summary {
        match self {
            Self::Rest => &Summary {
                title: "REST",
                kind: "synchronous",
                uses: "web and mobile apis, CRUD, public apis, integrations",
                pros: "easy, readable, stateless, cacheable, supported everywhere",
                cons: "verbose, slower, not for real time, little streaming",
                best_for: "broad compatibility, simple apis",
                rules: &["PRT002", "RTY004", "SEC002", "SEC003"],
            },
            Self::Grpc => &Summary {
                title: "gRPC",
                kind: "synchronous, asynchronous, streaming",
                uses: "microservices, high-performance backends, streaming",
                pros: "fast, compact, generated code, streams, strong types",
                cons: "less readable, limited in browsers, more to set up",
                best_for: "high-performance services inside",
                rules: &["PRT001", "PRT011", "SEC005", "TMO004"],
            },
            Self::Websocket => &Summary {
                title: "WebSocket",
                kind: "real time, both ways",
                uses: "chat, dashboards, collaborative tools, games",
                pros: "real time, low latency, both ways, less polling",
                cons: "harder to scale, complex infrastructure, no HTTP caching",
                best_for: "interactive real-time systems",
                rules: &[
                    "PRT004", "PRT005", "PRT006", "PRT007", "RTL001", "SEC003", "TOK007",
                ],
            },
            Self::Queue => &Summary {
                title: "message queue",
                kind: "asynchronous",
                uses: "decoupling, event-driven systems, background jobs, load levelling",
                pros: "reliable, scalable, retries, decoupling, fan-out",
                cons: "error handling, debugging, ordering and operation are harder",
                best_for: "event-driven, loosely coupled systems",
                rules: &[
                    "DLQ001", "DLQ002", "DLQ003", "PRT008", "RES002", "RES006", "TMO005",
                ],
            },
            Self::Stream => &Summary {
                title: "event stream",
                kind: "streaming, asynchronous",
                uses: "analytics, ETL, real-time data, event sourcing",
                pros: "high throughput, durable, replayable, scalable, decoupled",
                cons: "complex to operate, steep to learn, ordered within partitions only",
                best_for: "high-volume, ordered, replayable streams",
                rules: &["DLQ001", "PRT009", "PRT010", "PRT012", "RES002"],
            },
            Self::Sse => &Summary {
                title: "SSE",
                kind: "push, one way",
                uses: "live updates, dashboards, notifications",
                pros: "simple, plain HTTP, native in browsers, reconnects by itself",
                cons: "one way only, scales less than WebSocket, text only",
                best_for: "simple real-time notifications of browsers",
                rules: &["PRT003", "PRT006", "PRT007", "SEC003", "TOK007"],
            },
            Self::Graphql => &Summary {
                title: "GraphQL",
                kind: "synchronous",
                uses: "apis driven by frontends, mobile apps, aggregation of data",
                pros: "flexible queries, no over- and under-fetching, strong types, introspection",
                cons: "complex caching, queries to be bounded, authorization by field",
                best_for: "complex user interfaces with flexible needs",
                rules: &["AUZ005", "PRT013", "RTL005"],
            },
            Self::Webhook => &Summary {
                title: "webhook",
                kind: "push, asynchronous",
                uses: "telling third parties, integrations, automation",
                pros: "simple, decoupled, real time, no polling",
                cons: "endpoints to manage, retries, security, delivery not guaranteed",
                best_for: "lightweight notification of events",
                rules: &[
                    "WHK001", "WHK002", "WHK003", "WHK004", "WHK005", "WHK006", "WHK007",
                ],
            },
        }
    }
}
