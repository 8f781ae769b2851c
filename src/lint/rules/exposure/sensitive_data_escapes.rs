//! # SEC007 sensitive-data-escapes
//!
//! ## What it does
//! Finds data that goes where less secret data belongs: a message with confidential fields in a channel whose `data` is
//! rated below them (an error), and confidential data that is sent to somebody else's system of which nothing says that it
//! may have it, or that may have less.
//!
//! ## Why it is bad
//! Who may read a channel, how long it is kept and what is logged follows from its rating. What has gone to another
//! organisation is out of our hands. Data is protected on its way and from who need not have it (the article, sections 3.1,
//! 3.3 and 3.6). See also OWASP API Security Top 10 2023, API3 and API9, OWASP ASVS 5.0, 14.2.3 and 14.2.6, and D. E. Denning,
//! A lattice model of secure information flow (1976).
//!
//! ## Bad
//! ```arch
//! service people {
//!   schedule nightly { every = 24h, calls = [letters.Letters.send] }
//! }
//! external letters { url = "https://letters.example"
//!   api Letters
//!   {
//!     command send(Letter) -> string { idempotent = true }
//!   }
//! }
//! people -> letters : rest { tls = server, breaker = errors(50%, cooldown = 5s) }
//! type Letter { name: string, diagnosis: string @sensitive }
//! ```
//!
//! ## Good
//! ```arch
//! service people {
//!   schedule nightly { every = 24h, calls = [letters.Letters.send] }
//! }
//! external letters { url = "https://letters.example", data = confidential
//!   api Letters
//!   {
//!     command send(Letter) -> string { idempotent = true }
//!   }
//! }
//! people -> letters : rest { tls = server, breaker = errors(50%, cooldown = 5s) }
//! type Letter { name: string, diagnosis: string @sensitive }
//! ```
//!
//! ## How to fix
//! Send less: a reference instead of the data, a message without these fields. Where it is right, rate the channel as what it
//! carries (`data = confidential`), and write on the external what it may have by agreement: `data = confidential`.
//!
//! ## Known limits
//! Classes are those of types and fields; what a service reads from one store and writes to another is not followed. Of an
//! external without an api it is not known what it is sent.

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, DataClass};
use crate::model::types::TypeRef;
use crate::model::{Channel, ChannelId, EdgeId, End, Input, Link, NodeId, NodeKind, Operation};
use crate::source::Span;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let mut findings: Vec<Finding> = model
        .channels()
        .filter_map(|(id, it)| underrated(context, id, it))
        .collect();
    for (id, node) in model.nodes() {
        if node.kind == NodeKind::External {
            findings.extend(given_away(context, id));
        }
    }
    findings
}

/// A channel that carries more than it is rated.
fn underrated(context: &Context<'_>, id: ChannelId, channel: &Channel) -> Option<Finding> {
    let carried = context.class_of_type(channel.message.as_ref()?)?;
    let rated = channel.attributes.data()?;
    if carried <= rated || carried < DataClass::Confidential {
        return None;
    }
    let broker = &context.model[channel.broker].name;
    let line = channel.attributes.span(Attr::Data);
    let mut finding = Finding::new(
        format!(
            "{carried} data goes into `{broker}.{}`, which is rated {rated}",
            channel.name
        ),
        channel.span,
    )
    .label_at(
        line.filter(|it| *it != channel.span),
        format!("rated {rated} here"),
    );
    if let Some((name, span)) = secret_field(context, channel.message.as_ref()?) {
        finding = finding.label(span, format!("`{name}` is {carried}"));
    }
    Some(finding.graver_if(true).fix(
        Safety::Suggested,
        format!(
            "write `data = {carried}` on the channel, or leave these fields out of the message"
        ),
        context.editor().set(id, Attr::Data, carried.name()),
    ))
}

/// What an external is sent and nothing says that it may have.
fn given_away(context: &Context<'_>, id: NodeId) -> Option<Finding> {
    let model = context.model;
    let external = &model[id];
    let may = external.attributes.data();
    let mut worst: Option<(DataClass, EdgeId, TypeRef)> = None;
    let mut edges = Vec::new();
    for &edge in context.topology.incoming(id) {
        let it = &model[edge];
        let sent: Vec<TypeRef> = match (it.link, it.from) {
            (Link::Consume, End::Channel(channel)) => {
                model[channel].message.clone().into_iter().collect()
            }
            (Link::Call { .. }, _) => it
                .operations
                .iter()
                .filter_map(|it| input(&model[it.operation]))
                .collect(),
            _ => continue,
        };
        for ty in sent {
            let Some(class) = context.class_of_type(&ty) else {
                continue;
            };
            if class < DataClass::Confidential || may.is_some_and(|it| class <= it) {
                continue;
            }
            edges.push(edge);
            if worst.as_ref().is_none_or(|it| class > it.0) {
                worst = Some((class, edge, ty));
            }
        }
    }
    let (class, edge, ty) = worst?;
    edges.dedup();
    let message = match may {
        Some(may) => format!(
            "{class} data is sent to `{}`, which may have {may} data at most",
            external.name
        ),
        None => format!(
            "{class} data is sent to `{}`, and nothing says that it may have it",
            external.name
        ),
    };
    let line = external.attributes.span(Attr::Data);
    let mut finding = Finding::new(message, model[edge].span)
        .label(line.unwrap_or(external.span), "somebody else's system");
    if let Some((name, span)) = secret_field(context, &ty) {
        finding = finding.label(span, format!("`{name}` goes along"));
    }
    Some(
        finding
            .help(format!(
                "leave it out of the message; where it has to be there, write what `{}` may have by agreement: `data = {class}`",
                external.name
            ))
            .about(edges),
    )
}

fn input(operation: &Operation) -> Option<TypeRef> {
    match &operation.input {
        Input::None => None,
        Input::Parameters(id) => Some(TypeRef::Struct(*id)),
        Input::Message(payload) => Some(payload.ty.clone()),
    }
}

/// The first field of a message itself that is marked.
fn secret_field(context: &Context<'_>, ty: &TypeRef) -> Option<(String, Span)> {
    let message = crate::lint::classes::message_of(ty)?;
    let mut fields = context.model[message].fields.iter();
    let field = fields.find(|it| it.sensitive)?;
    Some((field.name.clone(), field.span))
}
