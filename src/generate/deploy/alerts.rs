//! What an operator is told of: declared bounds that are nearly used up.

use std::collections::BTreeSet;

use crate::generate::callers;
use crate::generate::proofs::rows::served;
use crate::generate::render::yaml;
use crate::generate::services::edge_text;
use crate::generate::services::names::Service;
use crate::generate::state;
use crate::generate::view::deploy as view;
use crate::model::attributes::{Attributes, Value};
use crate::model::{Model, OperationId, text};

/// The share of requests over a rate limit that somebody should look at: there is no bound of the drawing for it.
const TURNED_AWAY: f64 = 0.05;

/// The file.
pub fn view(model: &Model, services: &[Service]) -> view::Alerts {
    let edges = services.iter().flat_map(|service| &service.clients);
    let edges = edges.map(|client| {
        let edge = &model[client.edge];
        let operations: Vec<_> = edge
            .operations
            .iter()
            .map(|it| (it.operation, edge.attributes_of(it.operation)))
            .collect();
        let name = edge_text(model, client.edge);
        let say = |what: &str| yaml::string(&format!("{name}: {what}"));
        view::Calls {
            deadlines: bounds(model, &operations, |it| {
                let deadline = it.deadline()?;
                Some((
                    deadline.as_secs_f64(),
                    format!("The drawing's deadline is {}.", text::duration(deadline)),
                ))
            }),
            breakers: bounds(model, &operations, |it| {
                let breaker = it.breaker()?;
                let text = text::value(model, &Value::Breaker(Box::new(*breaker)));
                Some((
                    breaker.error_rate,
                    format!("The drawing's breaker is {text}."),
                ))
            }),
            bulkheads: bounds(model, &operations, |it| {
                let most = it.bulkhead()?;
                let text = format!("The drawing's bulkhead holds {most} calls under way.");
                Some((most as f64, text))
            }),
            budgets: bounds(model, &operations, |it| {
                let budget = it.retry()?.budget?;
                Some((
                    budget,
                    format!(
                        "The drawing's budget for retries is {}.",
                        text::percent(budget)
                    ),
                ))
            }),
            slow: say("calls of {{ $labels.operation }} take nearly as long as they may"),
            open: say("the breaker of {{ $labels.operation }} is open"),
            failing: say(
                "calls of {{ $labels.operation }} fail nearly often enough to open the breaker",
            ),
            crowded: say("nearly as many calls are under way as the bulkhead holds"),
            retrying: say(
                "calls of {{ $labels.operation }} are repeated nearly as often as they may",
            ),
            label: yaml::label(&name),
            name: yaml::string(&name),
        }
    });
    let apis = served(model).into_iter().map(|(api, protocol)| {
        let operations: Vec<_> = callers::carried(model, api, protocol)
            .map(|it| (it, &model[it].attributes))
            .collect();
        let name = format!(
            "{}.{} : {protocol}",
            model[model[api].node].name,
            model[api].label()
        );
        let say = |what: &str| yaml::string(&format!("{name}: {what}"));
        view::Answers {
            timeouts: bounds(model, &operations, |it| {
                let timeout = it.timeout()?;
                Some((
                    timeout.as_secs_f64(),
                    format!("The drawing's timeout is {}.", text::duration(timeout)),
                ))
            }),
            limits: bounds(model, &operations, |it| {
                let limit = it.rate_limit()?;
                let text = text::value(model, &Value::RateLimit(Box::new(*limit)));
                Some((TURNED_AWAY, format!("The drawing's limit is {text}.")))
            }),
            slow: say("{{ $labels.operation }} takes nearly as long as it may"),
            limited: say(
                "more than 5% of the requests of {{ $labels.operation }} are over the limit",
            ),
            failing: say("{{ $labels.operation }} fails"),
            label: yaml::label(&model[api].label()),
            protocol: yaml::label(protocol.name()),
            name: yaml::string(&name),
        }
    });
    view::Alerts {
        system: yaml::comment(&model.system.name),
        edges: edges.collect(),
        apis: apis.collect(),
        stores: shared(model),
    }
}

/// The stores in which services keep what their instances share.
fn shared(model: &Model) -> Vec<view::SharedStore> {
    let stores: BTreeSet<_> = state::stores(model).into_iter().map(|(id, _)| id).collect();
    let names = stores.into_iter().map(|id| &model[id].name);
    names
        .map(|name| view::SharedStore {
            name: yaml::string(name),
            label: yaml::label(name),
            lost: yaml::string(&format!("{name}: services cannot reach what they share")),
        })
        .collect()
}

/// The operations that share a bound, for each bound.
fn bounds(
    model: &Model,
    operations: &[(OperationId, &Attributes)],
    bound: impl Fn(&Attributes) -> Option<(f64, String)>,
) -> Vec<view::Bound> {
    let mut found: Vec<(f64, String, Vec<&str>)> = Vec::new();
    for (operation, attributes) in operations {
        let Some((value, text)) = bound(attributes) else {
            continue;
        };
        let name = model[*operation].name.as_str();
        match found.iter_mut().find(|(_, known, _)| *known == text) {
            Some((.., names)) => names.push(name),
            None => found.push((value, text, vec![name])),
        }
    }
    found
        .into_iter()
        .map(|(value, text, names)| view::Bound {
            operations: yaml::label(&names.join("|")),
            value: yaml::number(value),
            text: yaml::string(&text),
        })
        .collect()
}
