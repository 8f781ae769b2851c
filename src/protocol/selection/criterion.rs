//! What a choice depends on, and what is known of it.

use crate::words::words;

words! {
    /// What the choice of a protocol depends on.
    Criterion {
        Audience = "audience", Direction = "direction", Interaction = "interaction", Timeliness = "timeliness",
        Payload = "payload", Throughput = "throughput", Ordering = "ordering", Replay = "replay",
        Readability = "readability", Queries = "queries", Delivery = "delivery", Contract = "contract",
        Caching = "caching", Clients = "clients", Ops = "ops",
    }
}

/// A value that a criterion can have, and what it means.
pub type Meaning = (&'static str, &'static str);

impl Criterion {
    /// What is to be known, as a question.
    #[must_use]
    pub const fn question(self) -> &'static str {
        match self {
            Self::Audience => "Who asks?",
            Self::Direction => "Which way do messages go?",
            Self::Interaction => "Does the caller wait?",
            Self::Timeliness => "When must it arrive?",
            Self::Payload => "What is in a message?",
            Self::Throughput => "How much is it?",
            Self::Ordering => "Must messages keep their order?",
            Self::Replay => "Are messages read again later?",
            Self::Readability => "Do people read what travels?",
            Self::Queries => "What is asked?",
            Self::Delivery => "What if the receiver is away?",
            Self::Contract => "Is the contract compiled into both sides?",
            Self::Caching => "Are answers used again?",
            Self::Clients => "How many hold a connection?",
            Self::Ops => "How much may its operation cost?",
        }
    }

    /// The values it can have. Those that a table row is missing for speak for nothing: they only say that it is known.
    #[must_use]
    pub const fn values(self) -> &'static [Meaning] {
        match self {
            Self::Audience => &[
                ("external", "another organisation's system"),
                ("browser", "pages in a browser"),
                ("mobile", "mobile apps"),
                ("internal", "services of our own"),
            ],
            Self::Direction => &[
                ("request_response", "one question, one answer"),
                ("server_to_client", "the server pushes to who asked"),
                ("bidirectional", "both sides speak at any time"),
                (
                    "notify",
                    "one side tells the other, which only acknowledges",
                ),
                ("fan_out", "one side tells many"),
            ],
            Self::Interaction => &[
                ("sync", "it waits for the answer"),
                ("async", "it goes on with something else"),
                ("streaming", "many messages, one after another"),
            ],
            Self::Timeliness => &[
                ("realtime", "at once: somebody watches"),
                ("eventual", "some time later will do"),
            ],
            Self::Payload => &[("text", "text that people can read"), ("binary", "bytes")],
            Self::Throughput => &[
                ("high", "thousands a second"),
                ("massive", "more than one machine takes"),
                ("bursty", "little, and suddenly much"),
            ],
            Self::Ordering => &[
                ("none", "no"),
                ("per_key", "those about the same thing"),
                ("global", "all of them"),
            ],
            Self::Replay => &[("no", "no"), ("yes", "by somebody new, or after a mistake")],
            Self::Readability => &[("wanted", "yes, while debugging")],
            Self::Queries => &[
                ("flexible", "each client picks the fields it needs"),
                ("crud", "things are created, read, changed and deleted"),
                (
                    "aggregate",
                    "one answer is put together from several sources",
                ),
            ],
            Self::Delivery => &[
                ("best_effort", "then it may be lost"),
                ("durable", "then it waits"),
                (
                    "effectively_once",
                    "then it waits, and is never handled twice",
                ),
            ],
            Self::Contract => &[("typed", "yes, in several languages")],
            Self::Caching => &[("wanted", "yes, by intermediaries too")],
            Self::Clients => &[("many_concurrent", "many thousands at once")],
            Self::Ops => &[("minimal", "as little as possible")],
        }
    }

    /// The value with a name.
    #[must_use]
    pub fn value(self, name: &str) -> Option<&'static str> {
        self.values().iter().map(|it| it.0).find(|it| *it == name)
    }
}

/// How much a criterion weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Once.
    Want,
    /// Twice.
    Must,
}

impl Weight {
    /// What scores are multiplied with.
    #[must_use]
    pub const fn factor(self) -> i32 {
        match self {
            Self::Want => 1,
            Self::Must => 2,
        }
    }
}

/// A criterion whose value is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The criterion.
    pub criterion: Criterion,
    /// One of its values.
    pub value: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// Where it is known from.
    pub because: String,
}

impl Known {
    /// A wish, known from somewhere. `None` when the criterion has no such value.
    #[must_use]
    pub fn new(criterion: Criterion, value: &str, because: impl Into<String>) -> Option<Self> {
        Some(Self {
            criterion,
            value: criterion.value(value)?,
            weight: Weight::Want,
            because: because.into(),
        })
    }
}
