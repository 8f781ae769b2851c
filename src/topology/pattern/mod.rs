//! The six architecture patterns of the article's section 7: which of them a drawing has, how completely, and what is
//! missing.
//!
//! Roles are given by local properties, and connected by what follows from what; each detector is one file. A
//! [`Detection`] is a matter of degree and accuses nobody: what a drawing wants to be is declared by `pattern = ...`.

mod graphql_bff;
mod grpc_mesh;
mod hybrid;
mod queues;
mod rest_kafka;
mod view;
mod ws_pubsub;

use super::Topology;
use crate::model::ZoneId;
use crate::model::attributes::Pattern;
use crate::source::Span;
use view::View;

/// Above this score a drawing is said to have the pattern.
pub const DETECTED: f64 = 0.6;
/// Above this score a pattern is worth mentioning.
pub const HINTED: f64 = 0.3;

/// How far a drawing has a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Which.
    pub pattern: Pattern,
    /// Who plays which part, by name, in source order.
    pub roles: Vec<(&'static str, Vec<String>)>,
    /// Parts that nobody plays.
    pub missing: Vec<Part>,
    /// What the score is the mean of.
    pub shares: Vec<Share>,
    /// What the pattern is worth little without.
    pub conditions: Vec<Condition>,
}

/// A part that nobody plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What there is none of, as `a gateway: ...`.
    pub what: &'static str,
    /// The rule that finds who needs it; `None`: only the pattern does.
    pub rule: Option<&'static str>,
}

/// So many of so many are as the pattern has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// What is counted.
    pub what: &'static str,
    /// How many are.
    pub have: usize,
    /// Of how many.
    pub of: usize,
}

/// Something that has to hold for everyone who plays a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What has to hold.
    pub what: &'static str,
    /// The rule that finds where it does not; `None`: it matters only to the pattern.
    pub rule: Option<&'static str>,
    /// Where it does not hold.
    pub gaps: Vec<Gap>,
}

/// A place where a condition does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The place.
    pub span: Span,
    /// What is there.
    pub what: String,
}

impl Detection {
    /// From 0, nothing of it is there, to 1.
    #[must_use]
    pub fn score(&self) -> f64 {
        let shares = self.shares.iter().filter(|it| it.of > 0);
        let (sum, count) = shares.fold((0.0, 0), |(sum, count), it| {
            (sum + it.have as f64 / it.of as f64, count + 1)
        });
        // A pattern whose parts nobody plays is not there, whatever else is.
        if self.roles.is_empty() || count == 0 {
            0.0
        } else {
            sum / f64::from(count)
        }
    }

    fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            roles: Vec::new(),
            missing: Vec::new(),
            shares: Vec::new(),
            conditions: Vec::new(),
        }
    }

    fn without(mut self, part: &'static str) -> Self {
        self.lacks(part, None);
        self
    }

    fn lacks(&mut self, what: &'static str, rule: Option<&'static str>) {
        self.missing.push(Part { what, rule });
    }

    fn share(&mut self, what: &'static str, (have, of): (usize, usize)) {
        self.shares.push(Share { what, have, of });
    }

    fn condition(&mut self, what: &'static str, rule: Option<&'static str>, gaps: Vec<Gap>) {
        self.conditions.push(Condition { what, rule, gaps });
    }
}

impl Topology<'_> {
    /// All six patterns, in the article's order, each as far as it is there. With a zone, only what stands in it plays
    /// a part.
    #[must_use]
    pub fn patterns(&self, within: Option<ZoneId>) -> Vec<Detection> {
        let all = Pattern::ALL.iter();
        all.map(|it| self.pattern(*it, within)).collect()
    }

    /// One pattern, as far as it is there.
    #[must_use]
    pub fn pattern(&self, pattern: Pattern, within: Option<ZoneId>) -> Detection {
        let view = View::new(self, within);
        match pattern {
            Pattern::RestGatewayGrpcMesh => grpc_mesh::detect(&view),
            Pattern::RestKafka => rest_kafka::detect(&view),
            Pattern::WsPubsub => ws_pubsub::detect(&view),
            Pattern::AsyncQueues => queues::detect(&view),
            Pattern::GatewayGraphqlBff => graphql_bff::detect(&view),
            Pattern::HybridStreamingRealtime => hybrid::detect(&view),
        }
    }
}
