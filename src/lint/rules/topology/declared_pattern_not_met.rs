//! # TOP011 declared-pattern-not-met
//!
//! ## What it does
//! Where the system or a zone declares the architecture pattern that it is built after (`pattern = ...`), finds parts that
//! nobody plays, and conditions of the pattern that do not hold and that no other rule judges: a gateway or BFF that owns
//! data, REST between members of a gRPC mesh, one BFF for every kind of client.
//!
//! ## Why it is bad
//! Who reads the declaration expects what the pattern promises: the article's section 7 gives each pattern's parts and
//! what they are good for, such as clear separation of concerns and backends that evolve by themselves (sections 7.1 and
//! 7.5). A gateway that owns data cannot be replaced, and changes with every service. See also Microsoft's Azure
//! Architecture Center, "Backends for Frontends" and "Gateway Offloading".
//!
//! ## Bad
//! ```arch
//! system shop { pattern = rest_gateway_grpc_mesh }
//! client web : cli
//! service front : gateway {
//!   api Shop { public = true, rate_limit = limit(20/s, per = ip)
//!     query order(id: uuid) -> string
//!   }
//! }
//! service orders { api Orders { query find(id: uuid) -> string } }
//! service stock  { api Stock  { query left(id: uuid) -> int64 } }
//! store orders_db : postgres
//! web   -> front.Shop : rest
//! front -> orders     : grpc
//! front -> stock      : grpc
//! front -> orders_db
//! ```
//!
//! ## Good
//! ```arch
//! system shop { pattern = rest_gateway_grpc_mesh }
//! client web : cli
//! service front : gateway {
//!   api Shop { public = true, rate_limit = limit(20/s, per = ip)
//!     query order(id: uuid) -> string
//!   }
//! }
//! service orders { api Orders { query find(id: uuid) -> string } }
//! service stock  { api Stock  { query left(id: uuid) -> int64 } }
//! store orders_db : postgres
//! web    -> front.Shop : rest
//! front  -> orders     : grpc
//! front  -> stock      : grpc
//! orders -> orders_db
//! ```
//!
//! ## How to fix
//! Draw what the pattern needs, or leave the declaration out: a drawing need not follow any. `archwright patterns FILE`
//! shows the parts, and all the conditions with the rules that judge them.
//!
//! ## Known limits
//! Conditions that have a rule of their own are left to it. A drawing that comes close to a pattern without declaring it
//! is told so by `archwright patterns`, and accused of nothing.

use crate::lint::context::Context;
use crate::lint::finding::Finding;
use crate::model::ZoneId;
use crate::model::attributes::{Attr, Attributes, Pattern, Value};
use crate::source::Span;
use crate::topology::pattern::Detection;

pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let model = context.model;
    let system = std::iter::once((&model.system.attributes, None));
    let zones = model.zones.iter().enumerate();
    let zones = zones.map(|(at, zone)| (&zone.attributes, Some(ZoneId(at as u32))));
    system
        .chain(zones)
        .flat_map(|(attributes, within)| declared(context, attributes, within))
        .collect()
}

fn declared(
    context: &Context<'_>,
    attributes: &Attributes,
    within: Option<ZoneId>,
) -> Vec<Finding> {
    let Some(Value::Texts(words)) = attributes.value(Attr::Pattern) else {
        return Vec::new();
    };
    let Some(at) = attributes.span(Attr::Pattern) else {
        return Vec::new();
    };
    let patterns = words.iter().filter_map(|it| Pattern::from_name(it));
    patterns
        .flat_map(|it| unmet(context, &context.topology.pattern(it, within), at))
        .collect()
}

fn unmet(context: &Context<'_>, found: &Detection, declared: Span) -> Vec<Finding> {
    let pattern = found.pattern;
    let section = format!(
        "section {} of the article describes {}",
        pattern.section(),
        pattern.title()
    );
    let own = found.missing.iter().filter(|it| it.rule.is_none());
    let missing = own.map(|part| {
        Finding::new(
            format!(
                "`{pattern}` is declared, but there is no {}",
                part.what.trim_start_matches("a ")
            ),
            declared,
        )
        .here("declared here")
        .note(section.clone())
        .help("draw what is missing, or leave the declaration out")
    });
    let own = found.conditions.iter().filter(|it| it.rule.is_none());
    let gaps =
        own.flat_map(|condition| condition.gaps.iter().map(move |gap| (condition.what, gap)));
    let gaps = gaps.map(|(what, gap)| {
        let edges = context.model.edges().filter(|(_, it)| it.span == gap.span);
        Finding::new(
            format!(
                "`{pattern}` is declared, which asks that {what}: {}",
                gap.what
            ),
            gap.span,
        )
        .label(declared, "declared here")
        .note(section.clone())
        .help("draw it as the pattern has it, or leave the declaration out")
        .about(edges.map(|(id, _)| id))
    });
    missing.chain(gaps).collect()
}
