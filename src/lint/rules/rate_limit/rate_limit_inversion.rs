//! # RTL004 rate-limit-inversion
//!
//! ## What it does
//! Follows how many requests an entry lets in (`throughput` on its edge, or a limit for all callers together) down to what
//! they become: each handler passes on what it declares to call, as often as `per_request` says. Where more arrives than a
//! service, store or external can take (`capacity`), or than an operation inside lets in, the two do not fit. Behind a
//! queue arrives what its consumers can handle: instances times `concurrency`, over their `latency`. Without these numbers
//! it is silent.
//!
//! ## Why it is bad
//! A limit is meant to keep the load to what can be carried (the article, section 4.4). One at the entry that is larger than
//! what stands behind it protects nothing: it lets a crowd in, and the database turns it away, after everything in
//! between has worked for it. Queues level such loads (section 2.4). See also the chapters 21 and 22 of Google's SRE book,
//! and the Throttling and Queue-Based Load Leveling patterns of the Azure Architecture Center.
//!
//! ## Bad
//! ```arch
//! zone edge : partner { external partner }
//! auth key : api_key { keys = env("KEYS") }
//! service shop {
//!   api Shop { auth = key, rate_limit = limit(1000/s, per = global)
//!     query list() -> [string] { calls = [shop_db.read] }
//!   }
//! }
//! store shop_db : postgres { capacity = 2000/s }
//! partner -> shop : rest
//! shop -> shop_db { per_request = 4 }
//! ```
//!
//! ## Good
//! ```arch
//! zone edge : partner { external partner }
//! auth key : api_key { keys = env("KEYS") }
//! service shop {
//!   api Shop { auth = key, rate_limit = limit(500/s, per = global)
//!     query list() -> [string] { calls = [shop_db.read] }
//!   }
//! }
//! store shop_db : postgres { capacity = 2000/s }
//! partner -> shop : rest
//! shop -> shop_db { per_request = 4 }
//! ```
//!
//! ## How to fix
//! Lower the limit at the entry, let each request ask for less (one call for many, `cache`), put a queue between, or carry more.
//!
//! ## Known limits
//! Limits for each user or address say nothing about all of them together, so that only `throughput` counts there. What a
//! handler calls without declaring it is left out, unless the edge says how often. All sums are of what is written: more
//! may arrive, never less. A limit on an api counts for each of its operations.

use std::collections::{BTreeMap, HashMap};

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, LimitKey, Rate, Value};
use crate::model::text;
use crate::model::{EdgeId, End, Link, NodeId, OperationId};
use crate::source::Span;
use crate::topology::{Flow, Flowing, HopId};

/// How many edges a finding adds up.
const SHOWN: usize = 4;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let topology = context.topology;
    let capacity = |node: NodeId| rate(&context.model[node].attributes, Attr::Capacity);
    let bounded = context.model.nodes().any(|(id, _)| capacity(id).is_some());
    let limited = context
        .model
        .operations
        .iter()
        .any(|it| it.attributes.rate_limit().is_some());
    if !bounded && !limited {
        return Vec::new();
    }
    let entering = entering(context);
    if entering.iter().all(|it| it.amount <= 0.0) && !has_busy_channel(context) {
        return Vec::new();
    }
    let flow = topology.flow(&Flowing {
        enters: |hop: HopId| entering[hop.index()].amount,
        lets: |hop| {
            let operation = topology.hop(hop).operation;
            let limit = operation.and_then(|it| global_limit(&context.model[it].attributes));
            limit.map_or(f64::INFINITY, per_second)
        },
        times: |hop| times(context, hop).unwrap_or(1.0),
        surely: |hop| times(context, hop),
        taken: |hop, arriving| taken(context, hop, arriving),
    });
    // What arrives at a node, and at an operation with a limit for all.
    let mut nodes: BTreeMap<NodeId, Vec<HopId>> = BTreeMap::new();
    let mut operations: BTreeMap<OperationId, Vec<HopId>> = BTreeMap::new();
    for (id, hop) in topology.hops() {
        if flow.amount(id) <= 0.0 || context.model[hop.edge].link == Link::Consume {
            continue;
        }
        if capacity(topology.target(id)).is_some() {
            nodes.entry(topology.target(id)).or_default().push(id);
        }
        if let Some(operation) = hop.operation
            && !topology.enters(hop.edge)
            && global_limit(&context.model[operation].attributes).is_some()
        {
            operations.entry(operation).or_default().push(id);
        }
    }
    let carried = nodes.into_iter().filter_map(|(node, hops)| {
        let model = &context.model[node];
        let most = capacity(node)?;
        let line = model.attributes.span(Attr::Capacity);
        judge(context, &flow, &entering, &hops, &model.name, most, line)
    });
    let let_in = operations.into_iter().filter_map(|(operation, hops)| {
        let attributes = &context.model[operation].attributes;
        let most = global_limit(attributes)?;
        let name = context.operation_name(operation);
        judge(
            context,
            &flow,
            &entering,
            &hops,
            &name,
            most,
            attributes.span(Attr::RateLimit),
        )
    });
    carried.chain(let_in).collect()
}

fn judge(
    context: &Context<'_>,
    flow: &Flow<'_>,
    entering: &[Entering],
    hops: &[HopId],
    name: &str,
    most: Rate,
    line: Option<Span>,
) -> Option<Finding> {
    let arriving: f64 = hops.iter().map(|&hop| flow.amount(hop)).sum();
    // Sums of many fractions are not exact.
    if arriving <= per_second(most) * 1.000_001 {
        return None;
    }
    let mut heaviest: Vec<HopId> = hops.to_vec();
    heaviest.sort_by(|&a, &b| flow.amount(b).total_cmp(&flow.amount(a)));
    let way = flow.way(*heaviest.first()?);
    let first = *way.hops.first()?;
    let source = context
        .model
        .end_name(context.model[context.topology.hop(first).edge].from);
    let mut finding = Finding::new(
        format!(
            "up to {}/s arrive at `{name}`, which takes {}",
            text::factor(arriving),
            text::rate(most)
        ),
        context.model[context.topology.hop(*heaviest.first()?).edge].span,
    )
    .label_at(line, format!("it takes {}", text::rate(most)));
    let entry = &entering[first.index()];
    if let Some(line) = entry.line {
        finding = finding.label(
            line,
            format!("{}/s come in here", text::factor(entry.amount)),
        );
    }
    finding = finding.note(format!(
        "most of it comes by {}",
        steps(context, flow, &way.hops)
    ));
    if heaviest.len() > 1 {
        let terms: Vec<String> = heaviest
            .iter()
            .take(SHOWN)
            .map(|&hop| {
                format!(
                    "{}/s ({})",
                    text::factor(flow.amount(hop)),
                    context.hop_name(hop)
                )
            })
            .collect();
        let more = if heaviest.len() > SHOWN { " + ..." } else { "" };
        finding = finding.note(format!(
            "{}{more} = {}/s",
            terms.join(" + "),
            text::factor(arriving)
        ));
    }
    let fitting = (entry.amount * per_second(most) / arriving).floor();
    finding = if fitting >= 1.0 {
        finding.help(format!(
            "let in {fitting}/s at `{source}` at most, put a queue between, or ask for less with each request"
        ))
    } else {
        finding.help("let in less, put a queue between, or ask for less with each request")
    };
    let edges: Vec<EdgeId> = hops
        .iter()
        .map(|&hop| context.topology.hop(hop).edge)
        .collect();
    Some(finding.about(edges))
}

/// `partner -> shop.Shop.list (1000/s) -> shop_db (x 4: 4000/s)`
fn steps(context: &Context<'_>, flow: &Flow<'_>, hops: &[HopId]) -> String {
    let mut text = String::new();
    for (at, &hop) in hops.iter().enumerate() {
        if at == 0 {
            text = context.hop_name(hop);
        } else {
            text.push_str(" -> ");
            text.push_str(&context.arrival_name(hop));
        }
        let times = match times(context, hop) {
            Some(times) if times > 1.0 => format!("x {}: ", text::factor(times)),
            _ => String::new(),
        };
        text.push_str(&format!(" ({times}{}/s)", text::factor(flow.amount(hop))));
    }
    text
}

fn per_second(rate: Rate) -> f64 {
    rate.count as f64 / rate.per.as_secs_f64()
}

fn rate(attributes: &Attributes, attr: Attr) -> Option<Rate> {
    match attributes.value(attr)? {
        Value::Rate(rate) => Some(*rate),
        _ => None,
    }
}

fn global_limit(attributes: &Attributes) -> Option<Rate> {
    let limit = attributes.rate_limit()?;
    (limit.per == LimitKey::Global).then_some(limit.rate)
}

/// What comes in at a hop.
#[derive(Clone, Copy, Default)]
struct Entering {
    /// Each second; nothing where it is not known.
    amount: f64,
    /// Where that is written.
    line: Option<Span>,
}

/// What comes in from outside at each hop, as far as it is written. A limit is for all who call an operation: what one
/// caller takes is not there for the next.
fn entering(context: &Context<'_>) -> Vec<Entering> {
    let topology = context.topology;
    let mut entering = vec![Entering::default(); topology.hops().count()];
    let mut left: HashMap<OperationId, f64> = HashMap::new();
    for (id, edge) in context.model.edges() {
        if !matches!(edge.link, Link::Call { .. }) || !topology.enters(id) {
            continue;
        }
        for hop in topology.hops_of(id) {
            let attributes = context.attributes_of(hop);
            // Written on an edge with several operations, it does not say which of them.
            let busy = rate(attributes, Attr::Throughput).filter(|_| edge.operations.len() <= 1);
            let busy = busy.map(|it| (per_second(it), attributes.span(Attr::Throughput)));
            let operation = topology.hop(hop).operation;
            let limit = operation.and_then(|it| {
                let attributes = &context.model[it].attributes;
                let limit = per_second(global_limit(attributes)?);
                let left = *left.entry(it).or_insert(limit);
                Some((left, attributes.span(Attr::RateLimit)))
            });
            let (amount, line) = match (busy, limit) {
                (Some(busy), Some(limit)) if limit.0 < busy.0 => limit,
                (Some(only), _) | (None, Some(only)) => only,
                (None, None) => continue,
            };
            entering[hop.index()] = Entering { amount, line };
            if let Some(left) = operation.and_then(|it| left.get_mut(&it)) {
                *left -= amount;
            }
        }
    }
    entering
}

/// How often a request makes a call, where that is written.
fn times(context: &Context<'_>, hop: HopId) -> Option<f64> {
    match context.attributes_of(hop).value(Attr::PerRequest)? {
        Value::Integer(times) => Some(*times as f64),
        _ => None,
    }
}

fn has_busy_channel(context: &Context<'_>) -> bool {
    let mut channels = context.model.channels.iter();
    channels.any(|it| it.attributes.get(Attr::Throughput).is_some())
}

/// How many messages a consumer takes each second: those that arrive, and no more than it can handle.
fn taken(context: &Context<'_>, hop: HopId, arriving: f64) -> Option<f64> {
    let edge = &context.model[context.topology.hop(hop).edge];
    let End::Channel(channel) = edge.from else {
        return None;
    };
    let written = rate(&context.model[channel].attributes, Attr::Throughput).map(per_second);
    let can = context.handled_per_second(hop)?;
    Some(written.unwrap_or(arriving).min(can))
}
