//! Items: declarations, operations, edges, attributes.

use pest::iterators::{Pair, Pairs};
use smallvec::{SmallVec, smallvec};
use thin_vec::ThinVec;

use super::{Builder, Rule, parts, take};
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{
    Api, Attribute, Body, Call, Edge, Field, Ident, Input, Item, ItemKind, Keyword, Mark, Node,
    Operation, OperationKind, Override, Payload, Value, ValueKind,
};

impl<'t> Builder<'t> {
    /// The items of a block, whose text begins after `gap`.
    fn items(&mut self, pairs: Pairs<'t, Rule>, mut gap: Gap) -> Vec<Item> {
        let mut items = Vec::with_capacity(pairs.len());
        for pair in pairs {
            gap = self.entry(pair, gap, &mut items);
        }
        items
    }

    /// An item or junk; what it is to the item that follows.
    pub(super) fn entry(&mut self, pair: Pair<'t, Rule>, gap: Gap, items: &mut Vec<Item>) -> Gap {
        let span = self.span(&pair);
        if pair.as_rule() == Rule::junk {
            // After earlier junk the last item is further up, and lines lie between.
            self.unreadable(span, items.last().map(|item| item.span), false);
            return Gap::Junk;
        }
        self.gap(gap, span.start as usize);
        items.extend(self.item(pair, span));
        self.before = span.end as usize;
        Gap::After(self.before)
    }

    /// Two items of one block need a comma or a new line between them, and one comma is enough.
    pub(super) fn gap(&mut self, gap: Gap, next: usize) {
        let (start, first) = match gap {
            Gap::Opening(start) => (start, true),
            Gap::After(start) => (start, false),
            Gap::Junk => return,
        };
        let between = &self.bare.as_bytes()[start..next];
        let commas = between.iter().filter(|byte| **byte == b',').count();
        if commas > usize::from(!first) {
            let last = start + between.iter().rposition(|byte| *byte == b',').unwrap_or(0);
            let place = self.between(last, last + 1);
            self.error(
                Diagnostic::error("ARC001", "a comma with nothing before it", place)
                    .help("remove it"),
            );
        } else if !first && commas == 0 && !between.contains(&b'\n') {
            let word = self.bare[next..]
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(self.bare.len() - next);
            let place = self.between(next, next + word);
            self.error(
                Diagnostic::error(
                    "ARC001",
                    "two items on one line need a comma between them",
                    place,
                )
                .here("the next item starts here")
                .help("write a comma before it, or start a new line"),
            );
        }
    }

    fn item(&mut self, pair: Pair<'t, Rule>, whole: Span) -> Option<Item> {
        let (begin, end) = (whole.start as usize, whole.end as usize);
        let mut inner = pair.into_inner();
        let (accepts, main) = self.marked(&mut inner)?;
        // Keywords are no tokens: an item starts where the marks before it end.
        let start = accepts.last().map_or(begin, |accept| {
            let from = accept.span.end as usize;
            from + self.bare[from..].len() - self.bare[from..].trim_ascii_start().len()
        });
        let doc = self.documentation(start, &accepts);
        let kind = match main.as_rule() {
            Rule::path => {
                let tail = inner.next()?;
                match tail.as_rule() {
                    Rule::edge => ItemKind::Edge(Box::new(self.edge(&main, tail))),
                    Rule::field_type => {
                        let name = self.single(&main, "a field");
                        let (ty, marks, via) = self.field_type(tail)?;
                        ItemKind::Field(Box::new(Field {
                            span: self.between(start, end),
                            accepts: accepts.clone(),
                            doc: doc.clone(),
                            name,
                            ty,
                            marks,
                            via,
                        }))
                    }
                    _ => {
                        let name = self.single(&main, "an attribute");
                        let value = self.value(tail)?;
                        ItemKind::Attribute(Box::new(Attribute { name, value }))
                    }
                }
            }
            Rule::node => ItemKind::Node(Box::new(self.node(start, main)?)),
            Rule::operation => ItemKind::Operation(Box::new(self.operation(start, main)?)),
            Rule::api => ItemKind::Api(Box::new(self.api(main)?)),
            Rule::type_decl => ItemKind::Type(Box::new(self.type_decl(main)?)),
            Rule::enum_decl => ItemKind::Enum(Box::new(self.enum_decl(main)?)),
            Rule::string => ItemKind::Import(Box::new(self.text(&main))),
            Rule::role_names => ItemKind::Roles(self.roles(main)),
            Rule::block => ItemKind::Node(Box::new(self.block(main)?)),
            Rule::expression => {
                let name = self.name(start, "when");
                let expression = self.expression(main)?;
                let value = Value {
                    span: expression.span,
                    value: ValueKind::Expression(Box::new(expression)),
                };
                ItemKind::Attribute(Box::new(Attribute { name, value }))
            }
            _ => {
                let mut inner = main.into_inner();
                let operation = self.ident(&inner.next()?);
                self.misplaced_keyword(&operation);
                let body = self.body(inner.next()?);
                ItemKind::Override(Box::new(Override { operation, body }))
            }
        };
        Some(Item {
            span: self.between(start, end),
            doc,
            accepts,
            kind,
        })
    }

    /// The marks before something, and the first part of what they stand before.
    fn marked(&mut self, parts: &mut Pairs<'t, Rule>) -> Option<(ThinVec<Mark>, Pair<'t, Rule>)> {
        let mut accepts = ThinVec::new();
        loop {
            let part = parts.next()?;
            if part.as_rule() != Rule::accept {
                return Some((accepts, part));
            }
            accepts.push(self.accept(part));
        }
    }

    /// A block whose name is a keyword was meant as a declaration.
    fn misplaced_keyword(&mut self, name: &Ident) {
        let word = name.value.as_str();
        if keyword(word).is_some()
            || matches!(
                word,
                "api" | "type" | "enum" | "query" | "command" | "event"
            )
        {
            let message = format!("`{word}` needs a name");
            self.error(
                Diagnostic::error("ARC001", message, name.span)
                    .help(format!("write `{word} some_name {{ ... }}`")),
            );
        }
    }

    pub(super) fn body(&mut self, pair: Pair<'t, Rule>) -> Body {
        let span = self.span_with(&pair, "{".len());
        self.before = span.start as usize + 1;
        let items = self.items(pair.into_inner(), Gap::Opening(self.before));
        self.documentation_left_over(span.end as usize);
        Body { span, items }
    }

    /// A declaration whose keyword stands at `start`.
    fn node(&mut self, start: usize, pair: Pair<'t, Rule>) -> Option<Node> {
        let mut node = Node {
            keyword: self.keyword(start)?,
            name: None,
            variant: None,
            body: None,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => node.name = Some(self.ident(&part)),
                Rule::path => node.variant = Some(self.path(&part)),
                _ => node.body = Some(Box::new(self.body(part))),
            }
        }
        Some(node)
    }

    fn block(&mut self, pair: Pair<'t, Rule>) -> Option<Node> {
        let mut inner = parts(pair);
        let keyword = self.keyword(self.start(&inner.next()?))?;
        let name = take(&mut inner, Rule::name).map(|name| self.ident(&name));
        if let Some(name) = &name {
            let takes = match keyword.value {
                Keyword::Defaults => true,
                Keyword::Lint | Keyword::Limits => name.value == "locked",
                _ => false,
            };
            if !takes {
                let error = Diagnostic::error("ARC001", "this block has no name", name.span)
                    .help("remove the name");
                self.error(error);
            }
        }
        Some(Node {
            keyword,
            name,
            variant: None,
            body: take(&mut inner, Rule::body).map(|body| Box::new(self.body(body))),
        })
    }

    fn keyword(&self, start: usize) -> Option<Spanned<Keyword>> {
        let word = self.word(start);
        let value = keyword(word)?;
        let span = self.between(start, start + word.len());
        Some(Spanned { value, span })
    }

    fn api(&mut self, pair: Pair<'t, Rule>) -> Option<Api> {
        let mut inner = pair.into_inner();
        let mut api = Api {
            name: self.ident(&inner.next()?),
            version: None,
            contract: None,
            via: None,
            body: None,
        };
        for part in inner {
            match part.as_rule() {
                Rule::version => api.version = Some(self.version(&part)),
                Rule::contract => api.contract = Some(Box::new(self.contract(part)?)),
                Rule::path => api.via = Some(self.path(&part)),
                _ => api.body = Some(Box::new(self.body(part))),
            }
        }
        Some(api)
    }

    fn version(&mut self, pair: &Pair<'t, Rule>) -> Spanned<u32> {
        let span = self.span_with(pair, "v".len());
        let value = pair.as_str().parse().unwrap_or_else(|_| {
            self.error(Diagnostic::error(
                "ARC005",
                "this version is too large",
                span,
            ));
            1
        });
        Spanned { value, span }
    }

    fn contract(&mut self, pair: Pair<'t, Rule>) -> Option<Call> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.next()?);
        let arguments = self.arguments(inner.next()?, false);
        Some(Call {
            span,
            name,
            arguments,
        })
    }

    /// An operation whose keyword stands at `start`.
    fn operation(&mut self, start: usize, pair: Pair<'t, Rule>) -> Option<Operation> {
        let mut inner = pair.into_inner();
        let word = self.word(start);
        let kind = Spanned {
            value: match word {
                "query" => OperationKind::Query,
                "command" => OperationKind::Command,
                _ => OperationKind::Event,
            },
            span: self.between(start, start + word.len()),
        };
        let name = self.ident(&inner.next()?);
        self.before = name.span.end as usize;
        let mut operation = Operation {
            kind,
            name,
            input: None,
            output: None,
            via: None,
            body: None,
        };
        for part in inner {
            match part.as_rule() {
                Rule::input => operation.input = Some(self.input(part)?),
                Rule::payload => operation.output = Some(self.payload(part)?),
                Rule::via => operation.via = Some(Box::new(self.via(part)?)),
                _ => operation.body = Some(Box::new(self.body(part))),
            }
        }
        Some(operation)
    }

    fn input(&mut self, pair: Pair<'t, Rule>) -> Option<Input> {
        self.before = self.start(&pair);
        let Some(inside) = pair.into_inner().next() else {
            return Some(Input::Parameters(Vec::new()));
        };
        if inside.as_rule() == Rule::payload {
            return Some(Input::Message(self.payload(inside)?));
        }
        let inside = inside.into_inner();
        let mut parameters = Vec::with_capacity(inside.len());
        for parameter in inside {
            let parameter = self.parameter(parameter)?;
            self.before = parameter.span.end as usize;
            parameters.push(parameter);
        }
        Some(Input::Parameters(parameters))
    }

    fn parameter(&mut self, pair: Pair<'t, Rule>) -> Option<Field> {
        let whole = self.span(&pair);
        let mut inner = pair.into_inner();
        let (accepts, name) = self.marked(&mut inner)?;
        let name = self.ident(&name);
        let doc = self.documentation(name.span.start as usize, &accepts);
        let (ty, marks, via) = self.field_type(inner.next()?)?;
        Some(Field {
            span: self.between(name.span.start as usize, whole.end as usize),
            accepts,
            doc,
            name,
            ty,
            marks,
            via,
        })
    }

    fn payload(&mut self, pair: Pair<'t, Rule>) -> Option<Payload> {
        let start = self.start(&pair);
        let ty = self.type_ref(pair.into_inner().next()?)?;
        let stream = ty.span.start as usize > start;
        Some(Payload { stream, ty })
    }

    fn roles(&mut self, pair: Pair<'t, Rule>) -> ThinVec<Ident> {
        let mut gap = Gap::Opening(self.start(&pair) + 1);
        let mut roles: ThinVec<Ident> = ThinVec::new();
        for pair in pair.into_inner() {
            if pair.as_rule() == Rule::junk {
                let span = self.span(&pair);
                self.unreadable(span, roles.last().map(|role| role.span), true);
                gap = Gap::Junk;
                continue;
            }
            self.gap(gap, self.start(&pair));
            let role = self.ident(&pair);
            gap = Gap::After(role.span.end as usize);
            roles.push(role);
        }
        roles
    }

    fn edge(&mut self, first: &Pair<'t, Rule>, tail: Pair<'t, Rule>) -> Edge {
        let mut edge = Edge {
            ends: smallvec![self.path(first)],
            protocol: None,
            policies: SmallVec::new(),
            body: None,
        };
        for part in tail.into_inner() {
            match part.as_rule() {
                Rule::path => edge.ends.push(self.path(&part)),
                Rule::name => edge.protocol = Some(self.ident(&part)),
                Rule::policy => edge.policies.push(self.ident(&part)),
                _ => edge.body = Some(Box::new(self.body(part))),
            }
        }
        edge
    }
}

/// What stands before an item.
#[derive(Clone, Copy)]
pub(super) enum Gap {
    /// The start of the block.
    Opening(usize),
    /// Another item, which ends there.
    After(usize),
    /// Something unreadable, which holds whatever separates.
    Junk,
}

/// The words that open a [`Node`].
pub(super) fn keyword(word: &str) -> Option<Keyword> {
    Some(match word {
        "system" => Keyword::System,
        "zone" => Keyword::Zone,
        "client" => Keyword::Client,
        "external" => Keyword::External,
        "service" => Keyword::Service,
        "store" => Keyword::Store,
        "broker" => Keyword::Broker,
        "auth" => Keyword::Auth,
        "policy" => Keyword::Policy,
        "defaults" => Keyword::Defaults,
        "queue" => Keyword::Queue,
        "topic" => Keyword::Topic,
        "channel" => Keyword::Channel,
        "schedule" => Keyword::Schedule,
        "lint" => Keyword::Lint,
        "limits" => Keyword::Limits,
        "claims" => Keyword::Claims,
        _ => return None,
    })
}
