//! Every threshold that a rule compares with, in one table.

use std::time::Duration;

use crate::model::attributes::{Rate, Value};

/// What a limit may be measured in.
trait Measure: Copy {
    /// How it is written, for messages.
    const FORM: &'static str;
    /// Reads it as written; `None` in another unit.
    fn read(value: &Value) -> Option<Self>;
    /// As the language writes it.
    fn value(self) -> Value;
    /// For comparison with another limit of the same measure.
    fn amount(self) -> f64;
}

impl Measure for u64 {
    const FORM: &'static str = "a number above 0";
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(it) => Some(*it),
            _ => None,
        }
    }
    fn value(self) -> Value {
        Value::Integer(self)
    }
    fn amount(self) -> f64 {
        self as f64
    }
}

impl Measure for Duration {
    const FORM: &'static str = "a duration, as `30s`";
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Duration(it) => Some(*it),
            _ => None,
        }
    }
    fn value(self) -> Value {
        Value::Duration(self)
    }
    fn amount(self) -> f64 {
        self.as_secs_f64()
    }
}

impl Measure for Rate {
    const FORM: &'static str = "a rate, as `100/s`";
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Rate(it) => Some(*it),
            _ => None,
        }
    }
    fn value(self) -> Value {
        Value::Rate(self)
    }
    fn amount(self) -> f64 {
        self.count as f64 / self.per.as_secs_f64()
    }
}

/// A line of the table, for reference pages and messages.
#[derive(Clone, Debug)]
pub struct Limit {
    /// As it is written in `limits { }`.
    pub name: &'static str,
    /// What it means, and for which rules.
    pub meaning: &'static str,
    /// How its value is written.
    pub form: &'static str,
    /// Whether a larger value lets more pass.
    pub larger_is_weaker: bool,
    /// Its value in the profiles baseline, strict and advisory.
    pub values: [Value; 3],
}

/// `/// meaning (RULES)` `name: unit, more|less lets pass = baseline [, strict, advisory];`
macro_rules! limits {
    ($(#[doc = $meaning:literal] $name:ident: $measure:ty, $weaker:ident
        = $baseline:expr $(, strict $strict:expr, advisory $advisory:expr)?;)*) => {
        /// Every threshold that a rule compares with.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct Limits {
            $(#[doc = $meaning] pub $name: $measure,)*
        }

        impl Limits {
            /// Those of a profile: baseline, strict, advisory.
            pub(super) const PROFILES: [Self; 3] = [
                Self { $($name: $baseline,)* },
                Self { $($name: limits!(@or $baseline $(, $strict)?),)* },
                Self { $($name: limits!(@or $baseline $(, $advisory)?),)* },
            ];

            /// Sets a limit by name; `false` where the value is in another unit, or the name is none.
            pub(super) fn set(&mut self, name: &str, value: &Value) -> bool {
                match name {
                    $(stringify!($name) => match <$measure>::read(value) {
                        Some(value) => { self.$name = value; true }
                        None => false,
                    },)*
                    _ => false,
                }
            }

            /// The limit of a name.
            pub(super) fn get(&self, name: &str) -> Option<Value> {
                match name {
                    $(stringify!($name) => Some(self.$name.value()),)*
                    _ => None,
                }
            }

            /// Whether this lets more pass than another does, in the limit of a name.
            pub(super) fn is_weaker(&self, other: &Self, name: &str) -> bool {
                match name {
                    $(stringify!($name) => {
                        let (own, other) = (self.$name.amount(), other.$name.amount());
                        if limits!(@larger $weaker) { own > other } else { own < other }
                    },)*
                    _ => false,
                }
            }
        }

        /// All limits, in the order of the table.
        #[must_use]
        pub fn limits() -> Vec<Limit> {
            vec![$(Limit {
                name: stringify!($name),
                meaning: $meaning.trim_ascii(),
                form: <$measure as Measure>::FORM,
                larger_is_weaker: limits!(@larger $weaker),
                values: Limits::PROFILES.map(|it| it.$name.value()),
            },)*]
        }

        /// The names of all limits.
        pub(super) const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
    (@or $baseline:expr) => { $baseline };
    (@or $baseline:expr, $other:expr) => { $other };
    (@larger more) => { true };
    (@larger less) => { false };
}

const fn per_second(count: u64) -> Rate {
    Rate {
        count,
        per: Duration::from_secs(1),
    }
}

limits! {
    /// Attempts that one request may become (RTY005).
    max_amplification: u64, more = 10, strict 4, advisory 27;
    /// Attempts of one call without a deadline; webhooks and consumers may make twice as many (RTY001).
    max_attempts: u64, more = 5;
    /// Services that one request may pass in a row (TOP002).
    max_sync_depth: u64, more = 4, strict 3, advisory 6;
    /// How long anybody may have to wait (TMO001).
    max_timeout: Duration, more = Duration::from_secs(30);
    /// How long a token may be valid (TOK001).
    max_token_ttl: Duration, more = Duration::from_hours(1);
    /// How long a token may be valid that opens confidential data (TOK001).
    max_sensitive_token_ttl: Duration, more = Duration::from_mins(15);
    /// How long a credential may stay the same (TOK003).
    max_rotation: Duration, more = Duration::from_hours(24 * 90);
    /// How old a signed webhook may be (WHK002).
    max_tolerance: Duration, more = Duration::from_mins(10);
    /// How long the sender of a webhook goes on trying, at least (WHK003).
    min_webhook_span: Duration, less = Duration::from_hours(1);
    /// How long a webhook's receiver may work before it answers (WHK006).
    webhook_ack: Duration, more = Duration::from_secs(5);
    /// Services called by one that needs no bulkheads yet (RES001).
    fanout: u64, more = 3;
    /// Calls to one callee for one request (PRT013).
    chatty: u64, more = 10;
    /// Clients that hold an event stream open at once (PRT003).
    sse_clients: u64, more = 10_000;
    /// Messages over a live connection without joining or dropping any (RES006).
    live_rate: Rate, more = per_second(100);
    /// How often one caller may try to be let in, whatever stands beside it (RTL002).
    login_rate: Rate, more = Rate { count: 10, per: Duration::from_mins(1) };
    /// From one poll to the next where nothing is pushed instead (PRT002).
    poll: Duration, less = Duration::from_secs(10);
}
