//! Facts about the protocols of calls.

use super::OperationShape::{
    self, Command, CommandStream, Conversation, Event, Query, QueryStream, Upload,
};
use super::{Delivery, Protocol};

/// What a protocol is and can do.
#[derive(Debug)]
pub struct Facts {
    /// As its community writes it.
    pub title: &'static str,
    /// The shapes of operations that it carries.
    pub carries: &'static [OperationShape],
    /// Whether pages in a browser can speak it. gRPC-Web is inferred where a browser calls a generated service.
    pub browser: bool,
    /// Whether the caller waits for the answer, so that its time budget spans the callee's.
    pub waits: bool,
    /// Whether a connection stays open between messages, which wants a heartbeat and a bound on their number.
    pub live: bool,
    /// Whether operations have routes: a method and a path.
    pub routed: bool,
    /// Whether somebody else's system may send it without knowing us (a signature proves the sender).
    pub signed: bool,
    /// Whether what it carries is described by a contract that callers are compiled against.
    pub typed: bool,
    /// How surely one-way messages arrive by themselves; `None` where the caller waits for an answer and knows.
    pub delivery: Option<Delivery>,
}

const REST: Facts = Facts {
    title: "REST",
    carries: &[Query, Command, Event],
    browser: true,
    waits: true,
    live: false,
    routed: true,
    signed: false,
    typed: false,
    delivery: None,
};

const GRPC: Facts = Facts {
    title: "gRPC",
    carries: &[
        Query,
        Command,
        QueryStream,
        CommandStream,
        Upload,
        Conversation,
        Event,
    ],
    browser: false,
    waits: true,
    live: false,
    routed: false,
    signed: false,
    typed: true,
    delivery: None,
};

const GRAPHQL: Facts = Facts {
    title: "GraphQL",
    carries: &[Query, Command, QueryStream],
    browser: true,
    waits: true,
    live: false,
    routed: false,
    signed: false,
    typed: true,
    delivery: None,
};

const WEBSOCKET: Facts = Facts {
    title: "WebSocket",
    carries: &[QueryStream, CommandStream, Conversation],
    browser: true,
    waits: false,
    live: true,
    routed: false,
    signed: false,
    typed: false,
    delivery: Some(Delivery::AtMostOnce),
};

const SSE: Facts = Facts {
    title: "SSE",
    carries: &[QueryStream],
    browser: true,
    waits: false,
    live: true,
    routed: true,
    signed: false,
    typed: false,
    delivery: Some(Delivery::AtMostOnce),
};

const WEBHOOK: Facts = Facts {
    title: "webhook",
    carries: &[Event],
    browser: false,
    waits: false,
    live: false,
    routed: true,
    signed: true,
    typed: false,
    delivery: Some(Delivery::AtMostOnce),
};

impl Protocol {
    /// What it is and can do.
    #[must_use]
    pub const fn facts(self) -> &'static Facts {
        match self {
            Self::Rest => &REST,
            Self::Grpc => &GRPC,
            Self::Graphql => &GRAPHQL,
            Self::Websocket => &WEBSOCKET,
            Self::Sse => &SSE,
            Self::Webhook => &WEBHOOK,
        }
    }

    /// Protocols that can carry at least one of some shapes, those first that carry the most.
    #[must_use]
    pub fn carrying(shapes: &[OperationShape]) -> Vec<Self> {
        let count = |protocol: Self| shapes.iter().filter(|it| protocol.carries(**it)).count();
        let mut carrying: Vec<Self> = Self::ALL
            .iter()
            .copied()
            .filter(|it| count(*it) > 0)
            .collect();
        carrying.sort_by_key(|it| shapes.len() - count(*it));
        carrying
    }

    /// Whether it can carry an operation of this shape.
    #[must_use]
    pub fn carries(self, shape: OperationShape) -> bool {
        self.facts().carries.contains(&shape)
    }
}
