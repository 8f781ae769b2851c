//! `docs/architecture.md`: the system as a diagram, every value that holds with its origin, and the proof that shows it.

use std::collections::BTreeMap;

use super::callers;
use super::proofs::rows::{self, Subject};
use super::render::{Code, Markdown, markdown};
use super::services::names::is_generated;
use super::view::docs::{
    Architecture, Arrow, Channel, Chapter, Documented, Node, Row, Section, Step,
};
use crate::model;
use crate::model::attributes::{Attr, Attributes, Effective, Origin};
use crate::model::types::TypeRef;
use crate::model::{
    ApiId, Auth, AuthId, ChannelId, Edge, EdgeId, End, Link, Model, NodeId, NodeKind, OperationId,
    ZoneId, text,
};
use crate::protocol::Protocol;

/// The view of the page, which names the proofs of what it shows.
#[must_use]
pub fn architecture(model: &Model, proven: Vec<rows::Row>) -> Architecture {
    let proofs = Proofs::of(model, proven);
    let docs = lines(model.system.doc.as_deref());
    let channels: Vec<Channel> = model.channels().map(|(id, _)| channel(model, id)).collect();
    Architecture {
        title: markdown::text(&model.system.title),
        documented: !docs.is_empty(),
        docs,
        diagram: diagram(model),
        arrows: model.edges().map(|(_, edge)| arrow(model, edge)).collect(),
        nodes: model.nodes().map(|(id, _)| node(model, id)).collect(),
        documented_nodes: model
            .nodes
            .iter()
            .filter(|it| it.doc.is_some())
            .map(|it| Documented {
                name: markdown::code(&it.name),
                docs: lines(it.doc.as_deref()),
            })
            .collect(),
        chapters: chapters(model, &proofs),
        has_channels: !channels.is_empty(),
        channels,
    }
}

/// What stands under one heading.
fn chapter(title: &str, sections: Vec<Section>) -> Chapter {
    Chapter {
        title: markdown::text(title),
        sections,
    }
}

/// Edges, apis and, where there are any, authentication schemes.
fn chapters(model: &Model, proofs: &Proofs) -> Vec<Chapter> {
    let edges = model
        .edges()
        .map(|(id, edge)| called(model, id, edge, proofs));
    let apis = rows::served(model)
        .into_iter()
        .map(|(id, protocol)| api(model, id, protocol, proofs));
    let schemes = (0..).map(AuthId).zip(&model.auths);
    let schemes = schemes.map(|(id, auth)| scheme(model, id, auth, proofs));
    let mut chapters = vec![
        chapter("Edges: what callers do", edges.collect()),
        chapter("Apis: what callees hold to", apis.collect()),
    ];
    let services = model
        .nodes()
        .filter(|(_, node)| is_generated(node) && node.attributes.get(Attr::State).is_some());
    let services: Vec<_> = services
        .map(|(id, node)| service(model, id, node, proofs))
        .collect();
    if !services.is_empty() {
        chapters.push(chapter("Services: what their instances share", services));
    }
    if !model.auths.is_empty() {
        chapters.push(chapter(
            "Authentication: how callers are known",
            schemes.collect(),
        ));
    }
    chapters
}

fn called(model: &Model, id: EdgeId, edge: &Edge, proofs: &Proofs) -> Section {
    let operations: Vec<Carried> = edge
        .operations
        .iter()
        .map(|it| (it.operation, edge.attributes_of(it.operation)))
        .collect();
    section(
        model,
        &edge_name(model, edge),
        edge.doc.as_deref(),
        std::slice::from_ref(&edge.attributes),
        &operations,
        Some(Subject::Edge(id)),
        proofs,
    )
}

fn api(model: &Model, id: ApiId, protocol: Protocol, proofs: &Proofs) -> Section {
    let api = &model[id];
    // How it is listened to is the edges' business.
    let listened = |tls: Option<&Effective>| {
        let mut whole = api.attributes.clone();
        if let Some(tls) = tls {
            whole.set(Attr::Tls, tls.clone());
        }
        whole
    };
    let wholes: Vec<_> = callers::ways(model, id, protocol)
        .into_values()
        .map(listened)
        .collect();
    let operations: Vec<Carried> = callers::carried(model, id, protocol)
        .map(|it| (it, &model[it].attributes))
        .collect();
    section(
        model,
        &format!("{}.{} : {protocol}", model[api.node].name, api.label()),
        api.doc.as_deref(),
        &wholes,
        &operations,
        Some(Subject::Api(id, protocol)),
        proofs,
    )
}

/// What the instances of a service share.
fn service(model: &Model, id: NodeId, node: &model::Node, proofs: &Proofs) -> Section {
    let mut shared = Attributes::default();
    if let Some(state) = node.attributes.get(Attr::State) {
        shared.set(Attr::State, state.clone());
    }
    section(
        model,
        &node.name,
        None,
        &[shared],
        &[],
        Some(Subject::Service(id)),
        proofs,
    )
}

fn scheme(model: &Model, id: AuthId, auth: &Auth, proofs: &Proofs) -> Section {
    section(
        model,
        &format!("{} : {}", auth.name, auth.scheme),
        auth.doc.as_deref(),
        std::slice::from_ref(&auth.attributes),
        &[],
        proofs.scheme(id),
        proofs,
    )
}

/// An operation and the values that hold for it.
type Carried<'m> = (OperationId, &'m Attributes);

/// The names of the proofs of each attribute.
struct Proofs(BTreeMap<(Subject, Option<OperationId>, Attr), Vec<String>>);

impl Proofs {
    fn of(model: &Model, proven: Vec<rows::Row>) -> Self {
        let mut names = BTreeMap::<_, Vec<String>>::new();
        for row in proven {
            // That the caller repeats what is safe to repeat is a proof of what the callee says of it.
            let subject = match (row.subject, row.attr) {
                (Subject::Edge(id), Attr::Idempotent) => served(model, id).unwrap_or(row.subject),
                (subject, _) => subject,
            };
            names
                .entry((subject, row.about(), row.attr))
                .or_default()
                .push(row.name);
        }
        Self(names)
    }

    /// Where the proofs of an authentication scheme are shown.
    fn scheme(&self, id: AuthId) -> Option<Subject> {
        let mut subjects = self.0.keys().map(|(subject, ..)| *subject);
        subjects.find(|it| matches!(it, Subject::Scheme(auth, ..) if *auth == id))
    }

    fn show(
        &self,
        subject: Option<Subject>,
        operation: Option<OperationId>,
        attr: Attr,
    ) -> impl Iterator<Item = &str> {
        let names = subject.and_then(|subject| self.0.get(&(subject, operation, attr)));
        names.into_iter().flatten().map(String::as_str)
    }
}

/// The api that an edge calls, as it is served there.
fn served(model: &Model, edge: EdgeId) -> Option<Subject> {
    match model[edge].link {
        Link::Call {
            protocol,
            api: Some(api),
        } => Some(Subject::Api(api, protocol)),
        _ => None,
    }
}

/// Values that are the same for several operations share a row; those that hold for the whole stand once for each way
/// in which it is there.
fn section(
    model: &Model,
    name: &str,
    doc: Option<&str>,
    wholes: &[Attributes],
    operations: &[Carried<'_>],
    subject: Option<Subject>,
    proofs: &Proofs,
) -> Section {
    let mut rows = Vec::new();
    for attr in Attr::ALL {
        let mut groups: Vec<(&Effective, Vec<OperationId>)> = Vec::new();
        for (operation, attributes) in operations {
            let Some(effective) = attributes.get(*attr) else {
                continue;
            };
            match groups
                .iter_mut()
                .find(|(it, _)| it.value == effective.value && same(&it.origin, &effective.origin))
            {
                Some((_, operations)) => operations.push(*operation),
                None => groups.push((effective, vec![*operation])),
            }
        }
        if groups.is_empty() {
            for effective in wholes.iter().filter_map(|whole| whole.get(*attr)) {
                if groups.iter().all(|(it, _)| it.value != effective.value) {
                    groups.push((effective, Vec::new()));
                }
            }
        }
        for (effective, of) in groups {
            let common = proofs.show(subject, None, *attr);
            let shown = common.chain(
                of.iter()
                    .flat_map(|it| proofs.show(subject, Some(*it), *attr)),
            );
            let shown = shown.map(markdown::code).collect();
            let all = of.is_empty() || of.len() == operations.len();
            rows.push(row(
                model,
                *attr,
                effective,
                if all { &[] } else { &of },
                shown,
            ));
        }
    }
    Section {
        name: markdown::text(name),
        documented: doc.is_some(),
        docs: lines(doc),
        set: !rows.is_empty(),
        rows,
    }
}

fn row(
    model: &Model,
    attr: Attr,
    effective: &Effective,
    of: &[OperationId],
    proofs: Vec<Code<Markdown>>,
) -> Row {
    let origin = &effective.origin;
    Row {
        attribute: markdown::code(attr.name()),
        all: of.is_empty(),
        operations: of
            .iter()
            .map(|it| markdown::code(&model[*it].name))
            .collect(),
        value: markdown::code(&text::value(model, &effective.value)),
        declared: matches!(origin, Origin::Declared(_)),
        inherited: matches!(origin, Origin::Inherited(_)),
        policy: matches!(origin, Origin::Policy(..)),
        policies: match origin {
            Origin::Policy(id, _) => vec![markdown::code(&model[*id].name)],
            _ => Vec::new(),
        },
        defaults: matches!(origin, Origin::Defaults(_)),
        built_in: matches!(origin, Origin::BuiltIn),
        proofs,
    }
}

/// The same kind of origin: lines are not shown.
fn same(one: &Origin, other: &Origin) -> bool {
    match (one, other) {
        (Origin::Policy(one, _), Origin::Policy(other, _)) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

fn lines(doc: Option<&str>) -> Vec<Code<Markdown>> {
    doc.into_iter()
        .flat_map(str::lines)
        .map(markdown::text)
        .collect()
}

/// Zones as boxes, what stands outside of any first.
fn diagram(model: &Model) -> Vec<Step> {
    let mut steps = Vec::new();
    fill(model, None, 1, &mut steps);
    steps
}

fn fill(model: &Model, zone: Option<ZoneId>, depth: usize, steps: &mut Vec<Step>) {
    for (id, node) in model.nodes().filter(|(_, node)| node.zone == zone) {
        steps.push(Step {
            client: matches!(node.kind, NodeKind::Client(_)),
            external: matches!(node.kind, NodeKind::External),
            service: matches!(node.kind, NodeKind::Service(_)),
            store: matches!(node.kind, NodeKind::Store(_)),
            broker: matches!(node.kind, NodeKind::Broker(_)),
            ..step(depth, node_id(id), &node.name)
        });
    }
    for (at, inner) in model
        .zones
        .iter()
        .enumerate()
        .filter(|(_, inner)| inner.parent == zone)
    {
        let label = format!("{}: {}", inner.name, inner.trust);
        let id = markdown::node("zone", at);
        steps.push(Step {
            opens: true,
            ..step(depth, id.clone(), &label)
        });
        fill(model, Some(ZoneId(at as u32)), depth + 1, steps);
        steps.push(Step {
            closes: true,
            ..step(depth, id, &label)
        });
    }
}

fn step(depth: usize, id: Code<Markdown>, label: &str) -> Step {
    Step {
        indent: markdown::indent(depth),
        opens: false,
        closes: false,
        client: false,
        external: false,
        service: false,
        store: false,
        broker: false,
        id,
        label: markdown::label(label),
    }
}

fn node_id(id: NodeId) -> Code<Markdown> {
    markdown::node("node", id.0 as usize)
}

fn arrow(model: &Model, edge: &Edge) -> Arrow {
    let channel = |end| match end {
        End::Channel(id) => Some(model[id].name.as_str()),
        End::Node(_) => None,
    };
    let label = match edge.link {
        Link::Call { protocol, .. } => protocol.name(),
        Link::Store => "store",
        Link::Publish => channel(edge.to).unwrap_or("publish"),
        Link::Consume => channel(edge.from).unwrap_or("consume"),
    };
    Arrow {
        from: node_id(model.node_of(edge.from)),
        to: node_id(model.node_of(edge.to)),
        label: markdown::label(label),
    }
}

fn node(model: &Model, id: NodeId) -> Node {
    let node = &model[id];
    let kind = match node.kind {
        NodeKind::Client(it) => it.name(),
        NodeKind::External => "external",
        NodeKind::Service(it) => it.name(),
        NodeKind::Store(it) => it.name(),
        NodeKind::Broker(it) => it.name(),
    };
    let zone = node.zone.map_or("", |zone| model[zone].name.as_str());
    Node {
        name: markdown::code(&node.name),
        kind: markdown::text(kind),
        zone: markdown::text(zone),
        apis: node
            .apis
            .iter()
            .map(|it| markdown::code(&model[*it].name))
            .collect(),
    }
}

fn channel(model: &Model, id: ChannelId) -> Channel {
    let channel = &model[id];
    let carries = match &channel.message {
        Some(TypeRef::Struct(id)) => model[*id].name.as_str(),
        Some(TypeRef::Enum(id)) => model[*id].name.as_str(),
        Some(TypeRef::Scalar(scalar)) => scalar.name(),
        Some(TypeRef::List(_) | TypeRef::Map(_) | TypeRef::Optional(_) | TypeRef::Message(_))
        | None => "json",
    };
    Channel {
        name: markdown::code(&model.end_name(End::Channel(id))),
        kind: markdown::text(channel.kind.name()),
        carries: markdown::code(carries),
    }
}

/// An edge as a drawing writes it.
fn edge_name(model: &Model, edge: &Edge) -> String {
    let (from, to) = (model.end_name(edge.from), model.end_name(edge.to));
    match edge.link {
        Link::Call {
            protocol,
            api: Some(api),
        } => format!("{from} → {to}.{} : {protocol}", model[api].label()),
        Link::Call {
            protocol,
            api: None,
        } => format!("{from} → {to} : {protocol}"),
        Link::Store | Link::Publish | Link::Consume => format!("{from} → {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::fixture;
    use crate::generate::render::Renderer;

    fn page(model: &Model) -> String {
        let page = architecture(model, rows::rows(model));
        Renderer::default().render(page).unwrap()
    }

    #[test]
    fn every_proof_is_named_once() {
        let model = fixture::shop();
        let page = page(&model);
        let rows = rows::rows(&model);
        assert!(rows.len() > 5);
        for row in rows {
            assert_eq!(
                page.matches(&format!("`{}`", row.name)).count(),
                1,
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn the_diagram_has_every_node_and_edge() {
        let model = fixture::shop();
        let page = page(&model);
        for (id, node) in model.nodes() {
            assert!(
                page.contains(&format!("node{}", id.0))
                    && page.contains(&format!("\"{}\"", node.name))
            );
        }
        assert_eq!(page.matches(" -->|").count(), model.edges.len());
    }

    #[test]
    fn hostile_texts_change_no_structure() {
        let plain = fixture::shop();
        let mut hostile = plain.clone();
        let text = "a\"]; end\n```\n# b | c {{ d }} <script> `e` --> %% f";
        hostile.system.title = text.into();
        hostile.nodes[0].name = text.into();
        let (plain, hostile) = (page(&plain), page(&hostile));
        let shape = |page: &str| -> Vec<(usize, bool, bool)> {
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            page.lines()
                .map(|line| (cells(line), line.starts_with('#'), line.starts_with("```")))
                .collect()
        };
        assert_eq!(shape(&plain), shape(&hostile));
        assert!(
            hostile
                .lines()
                .next()
                .is_some_and(|title| title.contains("&lt;script&gt;"))
        );
    }
}
