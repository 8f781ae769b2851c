//! What a rule could not judge for want of a fact.

use crate::source::Span;

/// A place that a rule could not judge, because the drawing does not say something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The rule.
    pub code: &'static str,
    /// What could not be judged, as messages name it: `orders_db`, `front -> orders.Orders`.
    pub subject: String,
    /// The fact that is missing, by the word that it is written with: `replicas`.
    pub fact: &'static str,
    /// Where it would be written.
    pub at: Span,
    /// What to write, in the imperative.
    pub declare: String,
}
