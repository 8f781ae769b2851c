//! The decision table: what the article's selection guide says for and against each candidate, criterion by criterion.
//!
//! A score runs from -2 (against it) to 2 (what it is for); -3 is a veto. A candidate that a row does not name is one
//! that the article is silent about. The words after a score are the sentences it rests on, see [`super::sources`].

use super::candidate::Candidate::{
    self, Graphql, Grpc, Queue, Rest, Sse, Stream, Webhook, Websocket,
};
use super::criterion::Criterion::{
    self, Audience, Caching, Clients, Contract, Delivery, Direction, Interaction, Ops, Ordering,
    Payload, Queries, Readability, Replay, Throughput, Timeliness,
};

/// The score that takes a candidate out.
pub const VETO: i32 = -3;

/// What a value of a criterion says about one candidate.
#[derive(Debug)]
pub struct Cell {
    /// The candidate.
    pub candidate: Candidate,
    /// From [`VETO`] to 2.
    pub score: i32,
    /// The article's sentences that it rests on, by their keys.
    pub keys: &'static str,
}

/// A value of a criterion, and what it says.
#[derive(Debug)]
pub struct Row {
    /// The criterion.
    pub criterion: Criterion,
    /// Its value.
    pub value: &'static str,
    /// Candidates that it speaks for or against.
    pub cells: &'static [Cell],
}

macro_rules! table {
    ($($criterion:ident $value:literal: $($candidate:ident $score:literal $keys:literal),*;)*) => {
        &[$(Row {
            criterion: $criterion,
            value: $value,
            cells: &[$(Cell { candidate: $candidate, score: $score, keys: $keys }),*],
        }),*]
    };
}

/// All rows.
pub static TABLE: &[Row] = table! {
    Audience "external":
        Rest 2 "2.1-U3 5-S5", Grpc -1 "2.2-B 2.2-C1 ~5-S5", Queue -2 "~5-S5", Stream -2 "~5-S5",
        Webhook 2 "2.8-P4 5-S5";
    Audience "browser":
        Rest 2 "2.1-U2 2.1-B", Grpc -3 "2.2-C2", Websocket 2 "2.3-P4", Queue -3 "i:5-S5", Stream -3 "i:5-S5",
        Sse 2 "2.6-P2", Graphql 2 "2.7-U1 2.7-B", Webhook -3 "2.8-C1";
    Audience "mobile":
        Rest 2 "2.1-U2 2.1-B", Websocket 1 "2.3-U1", Queue -3 "i:5-S5", Stream -3 "i:5-S5", Sse -2 "2.6-C3",
        Graphql 2 "2.7-U2", Webhook -3 "2.8-C1";
    Audience "internal":
        Grpc 2 "2.2-B 2.2-U1 5-S5", Websocket -1 "2.3-B", Queue 2 "5-S5 2.4-B", Stream 2 "5-S5 2.5-U4",
        Sse -1 "2.6-C3", Graphql -1 "2.7-B", Webhook -1 "~5-S5";
    Direction "request_response":
        Rest 2 "2.1-W 5-T.rest", Grpc 2 "2.2-W 5-T.grpc", Websocket -1 "2.3-W 2.3-C3", Queue -2 "2.4-B",
        Stream -2 "~5-S2", Sse -3 "2.6-C1", Graphql 2 "2.7-W 5-T.graphql", Webhook -3 "2.8-W";
    Direction "server_to_client":
        Rest -2 "2.1-C3 2.1-C4", Grpc 1 "2.2-P2", Websocket 1 "2.3-P2 ~2.6-P5", Queue -1 "2.4-W", Stream -1 "2.5-W",
        Sse 2 "2.6-W 2.6-B", Webhook -1 "2.8-C1";
    Direction "bidirectional":
        Rest -2 "2.1-C4", Grpc 2 "2.2-P2", Websocket 2 "2.3-W 2.3-P2", Queue -1 "2.4-W", Stream -1 "2.5-W",
        Sse -3 "2.6-C1", Graphql -1 "5-T.graphql", Webhook -2 "2.8-W";
    Direction "notify":
        Rest -1 "~2.8-P2", Grpc -1 "i:2.2-W", Websocket -1 "2.3-B", Queue 2 "2.4-W 2.4-U2", Stream 1 "2.5-W",
        Sse -1 "2.6-C3", Graphql -2 "5-T.graphql", Webhook 2 "2.8-W 2.8-B";
    Direction "fan_out":
        Rest -1 "i:2.1-W", Grpc -1 "i:2.2-W", Websocket -1 "2.3-C1", Queue 1 "2.4-P5", Stream 2 "2.5-P3",
        Sse -1 "2.6-C2", Graphql -1 "i:5-T.graphql";
    Interaction "sync":
        Rest 2 "5-S2 5-T.rest", Grpc 2 "5-T.grpc", Queue -2 "5-S2", Stream -2 "5-S2", Sse -1 "5-T.sse",
        Graphql 2 "5-S2 5-T.graphql", Webhook -2 "5-S2";
    Interaction "async":
        Rest -1 "5-S2", Websocket -1 "2.3-B", Queue 2 "5-S2 2.4-P1", Stream 2 "5-S2 2.5-P3", Sse -1 "2.6-B",
        Graphql -1 "5-S2", Webhook 2 "5-S2 5-T.webhook";
    Interaction "streaming":
        Rest -2 "2.1-C4", Grpc 2 "2.2-P2 2.2-U3", Websocket 2 "2.3-W", Queue -1 "i:2.4-W",
        Stream 2 "2.5-W 5-T.stream", Sse 1 "2.6-W 2.6-U4", Webhook -2 "2.8-B";
    Timeliness "realtime":
        Rest -2 "2.1-C3 5-T.rest", Grpc 1 "2.2-B", Websocket 2 "5-S3 2.3-B", Queue -1 "5-S3", Sse 2 "5-S3 2.6-B",
        Graphql 1 "2.7-P5", Webhook 1 "2.8-B 5-T.webhook";
    Timeliness "eventual":
        Websocket -1 "5-S3", Queue 2 "5-S3 2.4-B", Stream 2 "5-S3", Sse -1 "5-S3";
    Payload "text":
        Rest 2 "5-S1 2.1-P1", Grpc -1 "5-S1", Stream -1 "5-S1", Sse 2 "5-S1", Webhook 1 "i:2.8-P1";
    Payload "binary":
        Rest -1 "2.1-C2 5-S1", Grpc 2 "2.2-P1 5-S1", Stream 2 "5-S1", Sse -3 "2.6-C4";
    Throughput "high":
        Rest -1 "2.1-C1 2.1-C2", Grpc 2 "2.2-P1 2.2-B", Websocket 1 "2.3-P1", Queue 1 "2.4-P4", Stream 2 "2.5-P1",
        Sse -1 "2.6-C2", Graphql -1 "2.7-C2", Webhook -1 "2.8-B";
    Throughput "massive":
        Rest -2 "2.1-C1 2.1-C2", Websocket -1 "2.3-C1", Stream 2 "2.5-P1 2.5-B", Sse -2 "2.6-C2",
        Graphql -2 "2.7-C2 2.7-C5", Webhook -2 "2.8-B";
    Throughput "bursty":
        Rest -1 "~2.4-P3", Grpc -1 "~2.4-P3", Websocket -1 "2.3-C1", Queue 2 "2.4-P3 2.4-U4", Stream 1 "2.5-P1",
        Sse -1 "2.6-C2", Graphql -1 "2.7-C2";
    Ordering "per_key":
        Queue -1 "2.4-C1 2.4-C4", Stream 2 "2.5-P5 2.5-B", Webhook -1 "i:2.8-C4";
    Ordering "global":
        Queue -1 "2.4-C4", Stream -1 "2.5-C3", Webhook -1 "i:2.8-C4";
    Replay "yes":
        Queue -2 "~2.5-P2 ~5-T.stream", Stream 2 "2.5-P2 2.5-W", Sse 1 "2.6-P3", Webhook -1 "2.8-C4";
    Readability "wanted":
        Rest 2 "2.1-P1 2.1-P2 5-S4", Grpc -2 "2.2-C1 5-S1", Websocket -1 "2.3-C2", Queue -1 "2.4-C2",
        Stream -1 "5-S1", Sse 1 "5-S1", Graphql 1 "2.7-P2", Webhook 1 "2.8-P1";
    Queries "flexible":
        Rest -1 "2.7-W", Graphql 2 "2.7-P1 2.7-P4 2.7-B";
    Queries "crud":
        Rest 2 "2.1-U1", Websocket -1 "2.3-C3", Queue -1 "5-S2", Stream -1 "5-S2", Graphql -1 "2.7-C5";
    Queries "aggregate":
        Rest -1 "2.7-W", Graphql 2 "2.7-U3";
    Delivery "durable":
        Queue 2 "2.4-P2 2.4-B", Stream 2 "2.5-P2", Webhook -1 "2.8-C4";
    Delivery "effectively_once":
        Queue -1 "2.4-C4", Stream -1 "2.5-C4", Webhook -2 "2.8-C2 2.8-C4";
    Contract "typed":
        Grpc 2 "2.2-P3 2.2-P5", Stream -1 "2.5-C4", Graphql 1 "2.7-P2";
    Caching "wanted":
        Rest 2 "2.1-P3", Websocket -2 "2.3-C3", Graphql -1 "2.7-C1";
    Clients "many_concurrent":
        Rest 1 "2.1-P3", Websocket -1 "2.3-C1", Sse -2 "2.6-C2";
    Ops "minimal":
        Rest 2 "2.1-P4 2.1-B", Grpc -1 "2.2-C3 2.2-C4", Websocket -1 "2.3-C2", Queue -1 "2.4-C3",
        Stream -2 "2.5-C1 2.5-C2", Sse 1 "2.6-P1 2.6-P4", Graphql -1 "2.7-C3", Webhook 1 "2.8-P1";
};
