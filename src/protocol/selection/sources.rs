//! The article's sentences that scores rest on, each in a few words.
//!
//! A key names a section and a sentence of it: `W` what it is, `U` a common use case, `P` a pro, `C` a con, `B` what it
//! is best for; `5-T` a row of the summary table, `5-S` one of the selection criteria below it.

/// A sentence of the article that a score rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The key as the table has it.
    pub key: &'static str,
    /// `2.2`
    pub section: &'static str,
    /// What it says.
    pub says: &'static str,
    /// What the table concludes from it.
    pub reading: Reading,
}

/// How a score follows from a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It says so.
    Said,
    /// It says so of another candidate (`~`).
    Contrast,
    /// It does not say so, but it follows (`i:`).
    Inferred,
}

/// The sources behind the keys of a cell, in their order.
pub fn sources(keys: &'static str) -> impl Iterator<Item = Source> {
    keys.split(' ').filter_map(|written| {
        let (key, reading) = match (written.strip_prefix('~'), written.strip_prefix("i:")) {
            (Some(key), _) => (key, Reading::Contrast),
            (_, Some(key)) => (key, Reading::Inferred),
            _ => (written, Reading::Said),
        };
        let (_, says) = SENTENCES.iter().find(|it| it.0 == key)?;
        Some(Source {
            key: written,
            section: key.split('-').next().unwrap_or(key),
            says,
            reading,
        })
    })
}

const SENTENCES: &[(&str, &str)] = &[
    ("2.1-W", "REST is one request and one answer"),
    ("2.1-U1", "REST is commonly used for CRUD"),
    ("2.1-U2", "REST is commonly used behind web and mobile apps"),
    ("2.1-U3", "REST is commonly used for public apis"),
    ("2.1-P1", "REST is readable and supported everywhere"),
    ("2.1-P2", "REST is easy to test and debug"),
    ("2.1-P3", "REST is stateless and cacheable"),
    ("2.1-P4", "REST has well-understood conventions"),
    ("2.1-C1", "REST's payloads are verbose"),
    ("2.1-C2", "REST is slower than binary protocols"),
    ("2.1-C3", "REST is not ideal for real time or low latency"),
    ("2.1-C4", "REST hardly streams, and not both ways"),
    (
        "2.1-B",
        "REST is best where compatibility counts for more than speed",
    ),
    ("2.2-W", "gRPC is one typed call and its answer"),
    ("2.2-U1", "gRPC is commonly used between microservices"),
    ("2.2-U3", "gRPC is commonly used to stream continuous data"),
    ("2.2-P1", "gRPC's binary format is compact and fast"),
    ("2.2-P2", "gRPC streams both ways over one connection"),
    ("2.2-P3", "gRPC generates clients and servers"),
    (
        "2.2-P5",
        "gRPC's contracts are strongly typed and compatible with older ones",
    ),
    ("2.2-C1", "gRPC is hard to read and debug"),
    (
        "2.2-C2",
        "browsers hardly speak gRPC, and need gRPC-Web or a proxy",
    ),
    ("2.2-C3", "gRPC is steeper to learn"),
    ("2.2-C4", "gRPC needs more set up"),
    (
        "2.2-B",
        "gRPC is best inside, where latency and efficiency count",
    ),
    (
        "2.3-W",
        "a WebSocket lets both sides send at any time over one connection",
    ),
    (
        "2.3-U1",
        "WebSockets are commonly used for chat, games and trading",
    ),
    (
        "2.3-P1",
        "a WebSocket adds little to a message once it is open",
    ),
    ("2.3-P2", "a WebSocket pushes at once in both directions"),
    ("2.3-P4", "all major browsers speak WebSocket"),
    (
        "2.3-C1",
        "each WebSocket client holds a connection, which is harder to scale",
    ),
    (
        "2.3-C2",
        "WebSockets need more infrastructure: lifecycle, health checks, balancing",
    ),
    ("2.3-C3", "WebSockets have no caching and no REST semantics"),
    (
        "2.3-B",
        "WebSockets are best for interactive systems with frequent updates",
    ),
    (
        "2.4-W",
        "a queue lets a producer go on while consumers work",
    ),
    (
        "2.4-U2",
        "queues are commonly used for event-driven microservices",
    ),
    ("2.4-U4", "queues are commonly used to level load"),
    ("2.4-P1", "a queue blocks nobody"),
    (
        "2.4-P2",
        "queues retry, keep messages and put dead ones aside",
    ),
    ("2.4-P3", "queues take bursts"),
    ("2.4-P4", "queues let both sides scale by themselves"),
    ("2.4-P5", "queues route and fan out"),
    ("2.4-C1", "flow, errors and order are harder with queues"),
    ("2.4-C2", "queues are harder to debug and trace"),
    ("2.4-C3", "queues are to be managed, watched and tuned"),
    ("2.4-C4", "queues may deliver twice or out of order"),
    (
        "2.4-B",
        "queues are best where eventual consistency is more important than an immediate response",
    ),
    (
        "2.5-W",
        "an event stream is a durable, ordered log that consumers read at their own pace",
    ),
    ("2.5-U4", "event streams commonly integrate microservices"),
    ("2.5-P1", "event streams take massive volumes and scale out"),
    ("2.5-P2", "event streams are kept and can be replayed"),
    ("2.5-P3", "event streams serve many independent consumers"),
    ("2.5-P5", "event streams keep order within a partition"),
    ("2.5-C1", "event streams are complex to operate"),
    ("2.5-C2", "event streams are steep to learn"),
    ("2.5-C3", "event streams keep no order across partitions"),
    (
        "2.5-C4",
        "exactly-once and schemas need more tools with event streams",
    ),
    (
        "2.5-B",
        "event streams are best for high volumes that are ordered and replayed",
    ),
    (
        "2.6-W",
        "SSE pushes from the server over one long-lived HTTP connection",
    ),
    (
        "2.6-U4",
        "SSE commonly streams logs and telemetry to browsers",
    ),
    ("2.6-P1", "SSE is simple, on plain HTTP"),
    ("2.6-P2", "browsers speak SSE by themselves"),
    ("2.6-P3", "SSE reconnects and asks for what it missed"),
    ("2.6-P4", "SSE works with the proxies that are there"),
    ("2.6-P5", "SSE is lighter than WebSockets one way"),
    ("2.6-C1", "SSE goes one way only"),
    ("2.6-C2", "SSE scales less for many clients at once"),
    ("2.6-C3", "SSE is hardly supported outside browsers"),
    ("2.6-C4", "SSE carries text only"),
    (
        "2.6-B",
        "SSE is best for simple live updates from server to browser",
    ),
    ("2.7-W", "GraphQL lets clients say which data they need"),
    (
        "2.7-U1",
        "GraphQL is commonly used for apis driven by frontends",
    ),
    (
        "2.7-U2",
        "GraphQL is commonly used by mobile apps with changing needs",
    ),
    ("2.7-U3", "GraphQL commonly aggregates several sources"),
    ("2.7-P1", "GraphQL avoids over- and under-fetching"),
    ("2.7-P2", "GraphQL is strongly typed and documents itself"),
    (
        "2.7-P4",
        "GraphQL is flexible while frontends change quickly",
    ),
    ("2.7-P5", "GraphQL has subscriptions for real-time updates"),
    ("2.7-C1", "GraphQL is complex to cache and monitor"),
    ("2.7-C2", "GraphQL queries can become expensive"),
    (
        "2.7-C3",
        "GraphQL needs careful design and validation of queries",
    ),
    (
        "2.7-C5",
        "GraphQL is not ideal for simple CRUD or bulk data",
    ),
    (
        "2.7-B",
        "GraphQL is best for complex interfaces whose clients control what they get",
    ),
    (
        "2.8-W",
        "a webhook tells an external URL that something happened",
    ),
    ("2.8-P1", "webhooks are simple, on plain HTTP"),
    ("2.8-P2", "webhooks push without polling"),
    ("2.8-P4", "webhooks work well across organisations"),
    ("2.8-C1", "a webhook's receiver needs a public endpoint"),
    (
        "2.8-C2",
        "webhooks need retries, authentication and idempotency",
    ),
    ("2.8-C4", "webhooks guarantee no delivery by themselves"),
    (
        "2.8-B",
        "webhooks are best for lightweight notification of decoupled systems",
    ),
    (
        "5-S1",
        "REST and SSE are readable text, gRPC and event streams efficient binary",
    ),
    (
        "5-S2",
        "REST and GraphQL answer at once; queues, event streams and webhooks decouple",
    ),
    (
        "5-S3",
        "WebSockets and SSE are for instant updates, queues and event streams for reliability and scale",
    ),
    ("5-S4", "readable protocols are easier to use and debug"),
    (
        "5-S5",
        "REST and webhooks are for what is outside; gRPC, queues and event streams for what is inside",
    ),
    (
        "5-T.rest",
        "the summary table calls REST synchronous, and not for real time",
    ),
    (
        "5-T.grpc",
        "the summary table calls gRPC synchronous, asynchronous and streaming",
    ),
    (
        "5-T.stream",
        "the summary table calls event streams replayable",
    ),
    ("5-T.sse", "the summary table calls SSE one-way push"),
    ("5-T.graphql", "the summary table calls GraphQL synchronous"),
    (
        "5-T.webhook",
        "the summary table calls webhooks push, asynchronous and real-time",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;

    #[test]
    fn every_score_rests_on_sentences_that_are_here_and_every_sentence_is_used() {
        let mut used = std::collections::BTreeSet::new();
        for row in TABLE {
            for cell in row.cells {
                let found: Vec<Source> = sources(cell.keys).collect();
                assert_eq!(found.len(), cell.keys.split(' ').count(), "{}", cell.keys);
                assert!(!found.is_empty(), "{} {}", row.criterion, row.value);
                used.extend(found.iter().map(|it| it.says));
            }
        }
        for (key, says) in SENTENCES {
            assert!(used.contains(says), "{key} is used nowhere");
        }
    }
}
