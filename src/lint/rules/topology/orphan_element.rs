//! # TOP006 orphan-element
//!
//! ## What it does
//! Finds what takes no part in the drawing: nodes that no edge touches, apis and operations that no edge carries, empty
//! zones, schemes and policies that nothing names; and services that call others but that nothing ever starts, no request,
//! no message and no clock. What has a `lifecycle`, being planned or deprecated, is left out.
//!
//! ## Why it is bad
//! What nobody uses is still built, deployed, patched and attacked, and mostly stands for an edge that was forgotten. An
//! inventory that is right is part of looking after apis (the article, section 5 on operations; section 2.8 on endpoints
//! that have to be managed). See also OWASP API Security Top 10 2023, API9.
//!
//! ## Bad
//! ```arch
//! service old
//! ```
//!
//! ## Good
//! ```arch
//! service old
//! service new
//! old -> new : grpc
//! ```
//!
//! ## How to fix
//! Draw the missing edge, give a service that works by the clock a `schedule`, or delete it. An edge that carries only some
//! operations of an api says so with `only = [...]`; others need an edge of their own. What is still to come, or is being
//! given up, says so: `lifecycle = planned`, `lifecycle = deprecated`.
//!
//! ## Known limits
//! In a drawing in which no client, external system or schedule calls anything, it is not asked what starts what. Of services that exist it is not asked either, nor are their operations counted.

use rustc_hash::FxHashSet as HashSet;

use crate::diagnostic::Safety;
use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::attributes::{Attr, Attributes, Value};
use crate::model::{AuthId, Link, Node, NodeId, NodeKind, PolicyId};
use crate::source::Span;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let untouched = nodes(context, &mut findings);
    apis(context, &untouched, &mut findings);
    zones(context, &mut findings);
    names(context, &mut findings);
    unstarted(context, &untouched, &mut findings);
    findings
}

fn orphan(kind: &str, name: &str, at: Span) -> Finding {
    Finding::new(format!("{kind} `{name}` is not used by anything"), at)
}

/// Whether it is still to come or on its way out, so that it is right that nobody uses it.
fn is_expected(attributes: &Attributes) -> bool {
    attributes.get(Attr::Lifecycle).is_some()
}

fn nodes(context: &Context<'_>, findings: &mut Vec<Finding>) -> HashSet<NodeId> {
    let model = context.model;
    let mut touched = vec![false; model.nodes.len()];
    for (_, edge) in model.edges() {
        touched[model.node_of(edge.from).0 as usize] = true;
        touched[model.node_of(edge.to).0 as usize] = true;
    }
    for (_, node) in model.nodes() {
        if let Some(state) = node.attributes.state() {
            touched[state.0 as usize] = true;
        }
    }
    let mut untouched = HashSet::default();
    for (id, node) in model.nodes() {
        if touched[id.0 as usize] || !node.schedules.is_empty() {
            continue;
        }
        untouched.insert(id);
        if is_expected(&node.attributes) {
            continue;
        }
        let (kind, help) = match node.kind {
            NodeKind::Client(_) => ("client", "draw what it calls"),
            NodeKind::External => ("external", "draw what it calls or who calls it"),
            NodeKind::Service(_) => ("service", "draw who calls it, or give it a `schedule`"),
            NodeKind::Store(_) => ("store", "draw who reads and writes it"),
            NodeKind::Broker(_) => ("broker", "draw what goes through it"),
        };
        findings.push(
            orphan(kind, &node.name, node.span)
                .here("no edge touches it")
                .help(format!("{help}, or delete it")),
        );
    }
    untouched
}

fn apis(context: &Context<'_>, untouched: &HashSet<NodeId>, findings: &mut Vec<Finding>) {
    let model = context.model;
    let mut called = vec![false; model.apis.len()];
    let mut carried = vec![false; model.operations.len()];
    for (_, edge) in model.edges() {
        if let Link::Call { api: Some(api), .. } = edge.link {
            called[api.0 as usize] = true;
            for it in &edge.operations {
                carried[it.operation.0 as usize] = true;
            }
        }
    }
    for (id, api) in model.apis() {
        let node = &model[api.node];
        if node.existing
            || api.built_in
            || untouched.contains(&api.node)
            || is_expected(&node.attributes)
            || is_expected(&api.attributes)
        {
            continue;
        }
        let name = || format!("{}.{}", node.name, api.name);
        if !called[id.0 as usize] {
            let name = name();
            findings.push(
                orphan("api", &name, api.span)
                    .here("no edge leads to it")
                    .help(format!(
                        "draw who calls it, as `... -> {name} : rest`, or delete it"
                    )),
            );
            continue;
        }
        // A contract that is taken as it is may hold more than is used.
        let unused = api
            .operations
            .iter()
            .filter(|it| api.proto.is_none() && !carried[it.0 as usize])
            .filter(|it| !is_expected(&model[**it].attributes));
        for &operation in unused {
            let operation = &model[operation];
            findings.push(
                orphan(
                    "operation",
                    &format!("{}.{}", name(), operation.name),
                    operation.span,
                )
                .here("no edge carries it")
                .help("draw an edge whose protocol carries it, name it in `only`, or delete it"),
            );
        }
    }
}

fn zones(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let model = context.model;
    let mut filled = vec![false; model.zones.len()];
    for (_, node) in model.nodes() {
        let mut zone = node.zone;
        while let Some(id) = zone.filter(|it| !filled[it.0 as usize]) {
            filled[id.0 as usize] = true;
            zone = model[id].parent;
        }
    }
    let empty = model.zones.iter().zip(filled).filter(|(_, filled)| !filled);
    findings.extend(empty.map(|(zone, _)| {
        Finding::new(format!("zone `{}` is empty", zone.name), zone.span)
            .help("draw what stands in it, or delete it")
    }));
}

/// Schemes and policies.
fn names(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let model = context.model;
    let mut used = vec![false; model.auths.len()];
    let mut mark = |attributes: &Attributes, attr| {
        if let Some(Value::Auths(ids)) = attributes.value(attr) {
            for id in ids {
                used[id.0 as usize] = true;
            }
        }
    };
    for operation in &model.operations {
        mark(&operation.attributes, Attr::Auth);
    }
    for api in &model.apis {
        mark(&api.attributes, Attr::Auth);
    }
    for edge in &model.edges {
        mark(&edge.attributes, Attr::Auth);
    }
    for auth in &model.auths {
        mark(&auth.attributes, Attr::Provider);
    }
    for (at, auth) in model.auths.iter().enumerate().filter(|(at, _)| !used[*at]) {
        findings.push(orphan("auth", &auth.name, auth.span).fix(
            Safety::Suggested,
            format!("let an api accept it: `auth = {}`, or delete it", auth.name),
            context.editor().remove(AuthId(at as u32)),
        ));
    }
    let mut taken = vec![false; model.policies.len()];
    for policy in model.edges.iter().flat_map(|it| &it.policies) {
        taken[policy.0 as usize] = true;
    }
    for (at, policy) in model
        .policies
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken[*at])
    {
        findings.push(orphan("policy", &policy.name, policy.span).fix(
            Safety::Suggested,
            format!("let an edge take it: `with {}`, or delete it", policy.name),
            context.editor().remove(PolicyId(at as u32)),
        ));
    }
}

fn unstarted(context: &Context<'_>, untouched: &HashSet<NodeId>, findings: &mut Vec<Finding>) {
    let model = context.model;
    let topology = context.topology;
    let starts = |(id, node): (NodeId, &Node)| match node.kind {
        NodeKind::Client(_) | NodeKind::External => !topology.outgoing(id).is_empty(),
        _ => !node.schedules.is_empty(),
    };
    if !model.nodes().any(starts) {
        return;
    }
    for group in topology.unstarted() {
        let Some(&first) = group.services.first() else {
            continue;
        };
        let expected = |it: &NodeId| is_expected(&model[*it].attributes);
        if untouched.contains(&first) || group.services.iter().any(expected) {
            continue;
        }
        let names: Vec<String> = group
            .services
            .iter()
            .map(|it| format!("`{}`", model[*it].name))
            .collect();
        let (verb, text) = match names.len() {
            1 => ("starts", "no request, message or clock reaches it"),
            _ => (
                "but they themselves starts",
                "no request, message or clock reaches them",
            ),
        };
        findings.push(
            Finding::new(
                format!("nothing {verb} {}", names.join(", ")),
                model[first].span,
            )
            .here(text)
            .help("draw who calls it, or give it a `schedule`"),
        );
    }
}
