//! Which items stand in which blocks.

use super::Resolver;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Item, ItemKind, Keyword, OperationKind};

/// A block that items stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    Top,
    System,
    Zone,
    Client,
    External,
    Service,
    Store,
    Broker,
    Auth,
    Policy,
    Defaults,
    Channel,
    Schedule,
    Api,
    Operation,
    Type,
    Edge,
    Override,
    Lint,
    Limits,
    Claims,
}

impl Around {
    /// As messages name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Top => "the top of a file",
            Self::System => "`system`",
            Self::Zone => "a zone",
            Self::Client => "a client",
            Self::External => "an external",
            Self::Service => "a service",
            Self::Store => "a store",
            Self::Broker => "a broker",
            Self::Auth => "an `auth`",
            Self::Policy => "a policy",
            Self::Defaults => "`defaults`",
            Self::Channel => "a channel",
            Self::Schedule => "a schedule",
            Self::Api => "an api",
            Self::Operation => "an operation",
            Self::Type => "a type",
            Self::Edge => "an edge",
            Self::Override => "an operation of an edge",
            Self::Lint => "`lint`",
            Self::Limits => "`limits`",
            Self::Claims => "`claims`",
        }
    }
}

/// The blocks that an item stands in.
fn homes(kind: &ItemKind) -> &'static [Around] {
    use Around::{Api, Auth, Broker, Claims, Edge, External, Service, System, Top, Type, Zone};
    match kind {
        ItemKind::Node(node) => match node.keyword.value {
            Keyword::System | Keyword::Auth | Keyword::Policy => &[Top],
            Keyword::Zone
            | Keyword::Client
            | Keyword::External
            | Keyword::Service
            | Keyword::Store
            | Keyword::Broker => &[Top, Zone],
            Keyword::Defaults => &[Top, System, Zone],
            Keyword::Queue | Keyword::Topic | Keyword::Channel => &[Broker],
            Keyword::Schedule => &[Service],
            Keyword::Lint | Keyword::Limits => &[System, Top],
            Keyword::Claims => &[Auth],
        },
        ItemKind::Api(_) => &[Service, External],
        ItemKind::Operation(_) => &[Api],
        ItemKind::Type(_) | ItemKind::Enum(_) => &[Top, Zone, Service, External, Broker],
        ItemKind::Roles(_) | ItemKind::Import(_) => &[Top],
        ItemKind::Edge(_) => &[Top, Zone],
        ItemKind::Field(_) => &[Type, Claims],
        ItemKind::Override(_) => &[Edge],
        // Which attributes stand where is the schema's business.
        ItemKind::Attribute(_) => &[],
    }
}

/// Whether an item stands here rightly.
fn fits(item: &Item, around: Around) -> bool {
    match item.kind {
        ItemKind::Attribute(_) => around != Around::Top,
        _ => homes(&item.kind).contains(&around),
    }
}

impl<'a> Resolver<'a> {
    /// The items that stand here rightly; the others are told of.
    pub(super) fn housed(
        &mut self,
        items: &'a [Item],
        around: Around,
    ) -> impl Iterator<Item = &'a Item> + use<'a> {
        for item in items {
            if !fits(item, around) {
                self.misplaced(item, around);
            }
        }
        items.iter().filter(move |item| fits(item, around))
    }

    fn misplaced(&mut self, item: &Item, around: Around) {
        let what = describe(&item.kind);
        let homes: Vec<&str> = homes(&item.kind)
            .iter()
            .take(5)
            .map(|it| it.name())
            .collect();
        let message = format!("{what} does not stand in {}", around.name());
        let mut found = Diagnostic::error("ARC028", message, head(item));
        found = match &item.kind {
            ItemKind::Attribute(_) => found.help("attributes stand in the block of what they are about, `system { ... }` for the whole"),
            _ => found.help(format!("{what} stands in {}", join(&homes))),
        };
        self.report(found);
    }
}

/// The part of an item that names it, so that a long body is not underlined.
fn head(item: &Item) -> crate::source::Span {
    match &item.kind {
        ItemKind::Node(node) => node
            .name
            .as_ref()
            .map_or(node.keyword.span, |name| node.keyword.span.to(name.span)),
        ItemKind::Api(api) => api.name.span,
        ItemKind::Operation(operation) => operation.kind.span.to(operation.name.span),
        ItemKind::Type(decl) => decl.name.span,
        ItemKind::Enum(decl) => decl.name.span,
        ItemKind::Override(it) => it.operation.span,
        ItemKind::Attribute(it) => it.name.span,
        _ => item.span,
    }
}

/// What an item is, for messages.
fn describe(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Node(node) => format!("`{}`", keyword(node.keyword.value)),
        ItemKind::Api(_) => "`api`".to_owned(),
        ItemKind::Operation(operation) => format!("`{}`", operation_kind(operation.kind.value)),
        ItemKind::Type(_) => "`type`".to_owned(),
        ItemKind::Enum(_) => "`enum`".to_owned(),
        ItemKind::Roles(_) => "`roles`".to_owned(),
        ItemKind::Import(_) => "`import`".to_owned(),
        ItemKind::Edge(_) => "an edge".to_owned(),
        ItemKind::Attribute(attribute) => format!("the attribute `{}`", attribute.name.value),
        ItemKind::Field(field) => format!("the field `{}`", field.name.value),
        ItemKind::Override(it) => format!("the block `{} {{ ... }}`", it.operation.value),
    }
}

/// The word that opens a declaration.
pub(super) const fn keyword(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::System => "system",
        Keyword::Zone => "zone",
        Keyword::Client => "client",
        Keyword::External => "external",
        Keyword::Service => "service",
        Keyword::Store => "store",
        Keyword::Broker => "broker",
        Keyword::Auth => "auth",
        Keyword::Policy => "policy",
        Keyword::Defaults => "defaults",
        Keyword::Queue => "queue",
        Keyword::Topic => "topic",
        Keyword::Channel => "channel",
        Keyword::Schedule => "schedule",
        Keyword::Lint => "lint",
        Keyword::Limits => "limits",
        Keyword::Claims => "claims",
    }
}

/// The word that opens an operation.
pub(super) const fn operation_kind(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Query => "query",
        OperationKind::Command => "command",
        OperationKind::Event => "event",
    }
}

/// "a, b or c".
pub(super) fn join(items: &[impl AsRef<str>]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", head.join(", "), last.as_ref())
        }
    }
}
