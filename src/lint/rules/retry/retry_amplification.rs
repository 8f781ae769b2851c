//! # RTY005 retry-amplification
//!
//! ## What it does
//! Multiplies the attempts along each way that a request can take: each layer that retries repeats all attempts of the
//! layers below it, and a queue that delivers again does so too. Where the product exceeds `limits { max_amplification }`
//! (10), the way is reported with its factors; two layers that retry and stay below are told as info. A retry budget
//! bounds a factor: at 20% it is 1.2. After a message is published nobody repeats it, and whoever calls in the
//! `background` is asked by nobody again; a `fallback` swallows the failure, and so does a caller to whom the call is
//! `optional`.
//!
//! ## Why it is bad
//! Small numbers at each layer make a storm at the bottom, when it is weakest: three layers with four attempts each are 64.
//! Retries that are not bounded cascade (the article, section 4.1). See also chapters 21 and 22 of Google's SRE book (retry
//! right above the layer that failed, and only there), the Amazon Builders' Library (five layers with three attempts are
//! 243), and the Retry Storm antipattern of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! policy again {
//!   retry = exponential(attempts = 4, max = 1s)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! client web : browser
//! service front {
//!   api Site { public = true, rate_limit = limit(50/s, per = ip)
//!     query page() -> string via pages.Pages.find
//!   }
//! }
//! service pages {
//!   api Pages { public = true
//!     query find() -> string via texts.Texts.read
//!   }
//! }
//! service texts {
//!   api Texts { public = true
//!     query read() -> string
//!   }
//! }
//! web -> front : rest
//! front -> pages : grpc with again
//! pages -> texts : grpc with again { timeout = 500ms }
//! ```
//!
//! ## Good
//! ```arch
//! policy again {
//!   retry = exponential(attempts = 4, max = 1s, budget = 20%)
//!   breaker = errors(50%, cooldown = 5s)
//! }
//! client web : browser
//! service front {
//!   api Site { public = true, rate_limit = limit(50/s, per = ip)
//!     query page() -> string via pages.Pages.find
//!   }
//! }
//! service pages {
//!   api Pages { public = true
//!     query find() -> string via texts.Texts.read
//!   }
//! }
//! service texts {
//!   api Texts { public = true
//!     query read() -> string
//!   }
//! }
//! web -> front : rest
//! front -> pages : grpc
//! pages -> texts : grpc with again { timeout = 500ms }
//! ```
//!
//! ## How to fix
//! Keep the retry at the layer right above the one that fails and write `retry = none` at the others, or give each a
//! `budget`.
//!
//! ## Known limits
//! Attempts that libraries, sidecars and browsers make by themselves do not show in the drawing. Ways through a synchronous
//! cycle have no bound, and are TOP001's.

use std::collections::BTreeMap;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Value};
use crate::model::edit::{self, Edits};
use crate::model::text;
use crate::model::{EdgeId, Link};
use crate::topology::{Heaviest, HopId, Way, Weighing};

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let factor: Vec<f64> = topology
        .hops()
        .map(|(hop, _)| factor(context, hop))
        .collect();
    if !factor.iter().any(|it| *it > 1.0) {
        return Vec::new();
    }
    let factor = |hop: HopId| factor[hop.index()];
    let consumes = |hop| context.model[topology.hop(hop).edge].link == Link::Consume;
    let weighed = topology.heaviest(&Weighing {
        starts: |hop| topology.is_synchronous(hop) || topology.is_background(hop) || consumes(hop),
        follows: |hop| topology.is_synchronous(hop) && !context.swallows_failure(hop),
        weight: factor,
        combine: |before, own| before * own,
        neutral: 1.0,
    });
    // One finding for each edge at the end: the worst of its operations.
    let mut worst: BTreeMap<EdgeId, (HopId, f64)> = BTreeMap::new();
    for (id, hop) in topology.hops() {
        if factor(id) <= 1.0 || !weighed.ends(id) {
            continue;
        }
        let Some(product) = weighed.weight(id) else {
            continue;
        };
        let known = worst.entry(hop.edge).or_insert((id, product));
        if product > known.1 {
            *known = (id, product);
        }
    }
    worst
        .into_values()
        .filter_map(|(hop, product)| judge(context, &weighed, hop, product, &factor))
        .collect()
}

fn judge(
    context: &Context<'_>,
    weighed: &Heaviest<'_>,
    sink: HopId,
    product: f64,
    factor: &impl Fn(HopId) -> f64,
) -> Option<Finding> {
    let limit = context.limits.max_amplification;
    let way = weighed.way(sink);
    let layers: Vec<HopId> = way
        .hops
        .iter()
        .copied()
        .filter(|&hop| factor(hop) > 1.0)
        .collect();
    let whole_attempts = layers.iter().all(|&hop| factor(hop) >= 2.0);
    let above = product > limit as f64;
    if layers.len() < 2 || (!above && !whole_attempts) {
        return None;
    }
    let topology = context.topology;
    let first = topology.hop(*way.hops.first()?).edge;
    let entry = context.model.end_name(context.model[first].from);
    let sink_edge = topology.hop(sink).edge;
    let mut finding = Finding::new(
        format!(
            "one request at `{entry}` can become {} attempts on `{}`",
            text::factor(product),
            context.model.end_name(context.model[sink_edge].to)
        ),
        context.model[sink_edge].span,
    );
    for &hop in &layers {
        let line = context.attributes_of(hop).span(Attr::Retry);
        let edge = topology.hop(hop).edge;
        let text = format!(
            "x {} on `{}`",
            text::factor(factor(hop)),
            context.hop_name(hop)
        );
        finding = if hop == sink && line.is_none() {
            finding.here(text)
        } else {
            finding.label(line.unwrap_or(context.model[edge].span), text)
        };
    }
    let factors: Vec<String> = layers
        .iter()
        .map(|&hop| text::factor(factor(hop)))
        .collect();
    let comparison = if above { "more than" } else { "within" };
    finding = finding
        .note(format!("the way: {}", describe(context, &way, factor)))
        .note(format!(
            "{} = {}, {comparison} `max_amplification = {limit}`",
            factors.join(" x "),
            text::factor(product)
        ))
        .fix(
            Safety::Suggested,
            format!(
                "keep the retry on `{}` alone and write `retry = none` on the others, or give each a `budget`",
                context.hop_name(sink)
            ),
            keep_last(context, &layers, sink_edge),
        )
        .about(layers.iter().map(|&hop| topology.hop(hop).edge));
    if !above {
        finding = finding.informs();
    }
    Some(finding.along(context, &way))
}

/// Takes the retry from every layer but the last. Edges that retry single operations in their own way are not understood
/// so simply.
fn keep_last(context: &Context<'_>, layers: &[HopId], last: EdgeId) -> Edits {
    let mut edges: Vec<EdgeId> = layers
        .iter()
        .map(|&hop| context.topology.hop(hop).edge)
        .filter(|&edge| edge != last)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edit::all(edges.into_iter().map(|edge| {
        let calls = matches!(context.model[edge].link, Link::Call { .. });
        let own = &context.model[edge].operations;
        let plain = calls && own.iter().all(|it| it.overrides.is_none());
        plain.then(|| context.editor().set(edge, Attr::Retry, "none"))?
    }))
}

/// `web -> front.Site.page -> pages.Pages.find (x 4) -> texts.Texts.read (x 4)`
fn describe(context: &Context<'_>, way: &Way, factor: &impl Fn(HopId) -> f64) -> String {
    let mut text = String::new();
    for (at, &hop) in way.hops.iter().enumerate() {
        if at == 0 {
            text = context.hop_name(hop);
        } else {
            text.push_str(" -> ");
            text.push_str(&context.arrival_name(hop));
        }
        if factor(hop) > 1.0 {
            text.push_str(&format!(" (x {})", text::factor(factor(hop))));
        }
    }
    text
}

/// By how much a hop multiplies what reaches it.
fn factor(context: &Context<'_>, hop: HopId) -> f64 {
    let edge = &context.model[context.topology.hop(hop).edge];
    let attributes = context.attributes_of(hop);
    if edge.link == Link::Consume {
        return match attributes.value(Attr::Attempts) {
            Some(Value::Integer(attempts)) => (*attempts).max(1) as f64,
            _ => 1.0,
        };
    }
    let answered = context.topology.is_synchronous(hop) || context.topology.is_background(hop);
    if !answered || !context.retries(hop) {
        return 1.0;
    }
    let Some(retry) = context.retry(hop) else {
        return 1.0;
    };
    let attempts = retry.attempts.unwrap_or(1).max(1) as f64;
    match retry.budget {
        Some(budget) => attempts.min(1.0 + budget),
        None => attempts,
    }
}
