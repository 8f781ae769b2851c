//! # PRT014 better-protocol-available
//!
//! ## What it does
//! Scores the protocol of each edge, and the kind of each channel, by the article's selection guide, on what the drawing
//! says of it, and finds those that the guide rules out or that score 3 points or more below the best. Edges of which
//! fewer than three criteria are known are left alone. Off by default: `lint { PRT014 = info }` turns it on.
//!
//! ## Why it is bad
//! Choosing a protocol is a balancing act, and a choice that most criteria speak against costs every day: verbose payloads
//! where throughput counts, polling where updates should be pushed, a queue where events are to be replayed (article,
//! section 5, on what is in sections 2.1 to 2.8). The article also says that there is no one-size-fits-all (section 8):
//! this is a hint for whoever chooses, never an error.
//!
//! ## Bad
//! ```arch
//! system meters { lint { PRT014 = info } }
//! service collector { replicas = 2 }
//! service meter { schedule report { every = 1m } }
//! meter -> collector : rest { payload = binary, throughput = 5000/s }
//! ```
//!
//! ## Good
//! ```arch
//! system meters { lint { PRT014 = info } }
//! service collector { replicas = 2 }
//! service meter { schedule report { every = 1m } }
//! meter -> collector : grpc { payload = binary, throughput = 5000/s }
//! ```
//!
//! ## How to fix
//! Take the protocol that the message names: `archwright advise FILE FROM TO` shows every point with its section. Where
//! there are reasons that the drawing does not show, accept the finding with them: the reason is then the record of the
//! decision.
//!
//! ## Known limits
//! Only what is drawn is scored. What the guide asks besides, such as how much a team can operate, is given to
//! `archwright advise` by `--set`. Fire-and-forget channels are none of the guide's eight.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::{ChannelKind, Edge, Link, Model, NodeKind, requirements};
use crate::protocol::{Candidate, Ranked, Requirements, rank, sources};
use crate::source::Span;

/// Fewer criteria than this say too little.
const KNOWN: usize = 3;
/// So many points below the best are no matter of taste any more.
const MARGIN: i32 = 3;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let edges = model.edges().filter_map(|(id, edge)| {
        let Link::Call { protocol, .. } = edge.link else {
            return None;
        };
        let at = edge.protocol_span.unwrap_or(edge.span);
        let name = context.edge_name(id);
        let found = judge(
            &name,
            Candidate::of(protocol),
            &requirements::of_edge(model, edge)?,
            at,
        )?;
        Some(found.about([id]))
    });
    let channels = model.channels().filter_map(|(id, channel)| {
        let used = used(model, channel.broker, channel.kind)?;
        let consumers = context.topology.consumers(id);
        let consumers: Vec<&Edge> = consumers.iter().map(|it| &model[*it]).collect();
        let name = format!("{}.{}", model[channel.broker].name, channel.name);
        judge(
            &name,
            used,
            &requirements::of_channel(model, channel, &consumers),
            channel.span,
        )
    });
    edges.chain(channels).collect()
}

fn used(model: &Model, broker: crate::model::NodeId, kind: ChannelKind) -> Option<Candidate> {
    let NodeKind::Broker(engine) = model[broker].kind else {
        return None;
    };
    match kind {
        ChannelKind::Topic if engine.facts().log => Some(Candidate::Stream),
        ChannelKind::Queue | ChannelKind::Topic => Some(Candidate::Queue),
        ChannelKind::Channel => None,
    }
}

fn judge(name: &str, used: Candidate, requirements: &Requirements, at: Span) -> Option<Finding> {
    if requirements.known.len() < KNOWN {
        return None;
    }
    let ranking = rank(requirements);
    let best = ranking
        .first()
        .filter(|it| !it.is_out && it.candidate != used)?;
    let own = ranking.iter().find(|it| it.candidate == used)?;
    let title = |candidate: Candidate| candidate.summary().title;
    let message = if own.is_out {
        format!(
            "the selection guide rules {} out for `{name}`; {} scores {}",
            title(used),
            title(best.candidate),
            best.score
        )
    } else if best.score - own.score >= MARGIN {
        format!(
            "{} scores {} on `{name}`, {} scores {}",
            title(used),
            own.score,
            title(best.candidate),
            best.score
        )
    } else {
        return None;
    };
    let known: Vec<String> = requirements
        .known
        .iter()
        .map(|it| format!("{} = {} ({})", it.criterion, it.value, it.because))
        .collect();
    Some(
        Finding::new(message, at)
            .note(format!("known: {}", known.join(", ")))
            .note(points(own))
            .note(points(best))
            .help(format!(
                "take {}, which is best for {}",
                title(best.candidate),
                best.candidate.summary().best_for
            )),
    )
}

/// `REST 0: -1 payload = binary (2.1, 5), ...`
fn points(ranked: &Ranked) -> String {
    let points: Vec<String> = ranked
        .points
        .iter()
        .map(|it| {
            let mut sections: Vec<&str> = sources(it.keys).map(|it| it.section).collect();
            sections.dedup();
            format!(
                "{:+} {} = {} ({})",
                it.score,
                it.criterion,
                it.value,
                sections.join(", ")
            )
        })
        .collect();
    format!(
        "{} {}: {}",
        ranked.candidate.summary().title,
        ranked.score,
        points.join(", ")
    )
}
