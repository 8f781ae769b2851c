//! Edges to apis that do not say how they travel: each an error that carries the selection guide's advice.

use super::Resolver;
use super::edges::Arrow;
use crate::diagnostic::Diagnostic;
use crate::model::{ApiId, NodeId, NodeKind, requirements};
use crate::protocol::{Ranked, rank, verdict};
use crate::source::Span;

/// The code of the error.
pub(super) const CODE: &str = "ARC040";

/// An edge to an api that does not say how it travels.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The two ends as written.
    pub span: Span,
    /// Who asks.
    pub from: NodeId,
    /// Who is asked.
    pub to: NodeId,
    /// What is asked; `None` when the callee declares nothing.
    pub api: Option<ApiId>,
    /// The end of what is written, where ` : grpc` can be put in; `None` in a chain, which takes no protocol.
    pub place: Option<Span>,
}

impl Undecided {
    pub(super) fn at(arrow: &Arrow<'_>, from: NodeId, to: NodeId, api: Option<ApiId>) -> Self {
        let end = Span {
            start: arrow.to_span.end,
            ..arrow.to_span
        };
        Self {
            span: arrow.span,
            from,
            to,
            api,
            place: (arrow.edge.ends.len() == 2).then_some(end),
        }
    }
}

impl Resolver<'_> {
    /// Tells of the undecided edges, once all that the advice rests on was read.
    pub(super) fn tell_undecided(&mut self) {
        for at in 0..self.undecided.len() {
            let found = self.advise(&self.undecided[at]);
            self.report(found);
        }
    }

    fn advise(&self, edge: &Undecided) -> Diagnostic {
        let model = &self.model;
        let drawn = self.sources.text(edge.span);
        let message = format!("`{drawn}` does not say how it travels");
        let mut found = Diagnostic::error(CODE, message, edge.span).here("no protocol");
        let (caller, callee) = (&model[edge.from], &model[edge.to]);
        let is_inside = matches!(
            (caller.kind, callee.kind),
            (NodeKind::Service(_), NodeKind::Service(_))
        );
        let requirements = requirements::of_undecided(model, edge.from, edge.to, edge.api);
        let ranking = rank(&requirements);
        let leaders = verdict(&requirements, &ranking).leaders;
        let through_broker = format!("`{0} -> bus.something -> {1}`", caller.name, callee.name);
        if let Some(first) = leaders.first().filter(|it| it.protocol().is_none()) {
            let title = first.summary().title;
            found = found.help(format!(
                "draw it through a broker, as a {title} ({}): {through_broker}",
                points(&ranking[0])
            ));
        }
        let fitting = ranking.iter().filter(|it| !it.is_out);
        let fitting = fitting
            .filter_map(|it| Some((it.candidate.protocol()?, it)))
            // Between our own services a webhook gives nothing that a broker or a call does not give better.
            .filter(|(protocol, _)| !(is_inside && protocol.facts().signed));
        for (at, (protocol, ranked)) in fitting.take(3).enumerate() {
            let summary = ranked.candidate.summary();
            let points = points(ranked);
            found = if at == 0 || leaders.contains(&ranked.candidate) {
                let or = if found.help.is_empty() { "" } else { "or " };
                found.help(format!(
                    "{or}write `{drawn} : {protocol}` ({points}): best for {}",
                    summary.best_for
                ))
            } else {
                found.note(format!(
                    "`{protocol}` ({points}) is best for {}; {}",
                    summary.best_for, summary.cons
                ))
            };
        }
        if is_inside && leaders.first().is_some_and(|it| it.protocol().is_some()) {
            found = found.note(format!(
                "where `{}` needs no answer, a broker decouples the two: {through_broker}",
                caller.name
            ));
        }
        found.help(
            "`archwright advise FILE FROM TO` tells why, and with `--write` puts the choice in",
        )
    }
}

fn points(ranked: &Ranked) -> String {
    let plural = if ranked.score.abs() == 1 { "" } else { "s" };
    format!("{} point{plural}", ranked.score)
}
