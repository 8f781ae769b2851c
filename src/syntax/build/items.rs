//! Items: declarations, operations, edges, attributes.

use pest::iterators::{Pair, Pairs};

use super::{Builder, Rule, take};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::syntax::ast::{
    Api, Attribute, Body, Call, Edge, Field, Ident, Input, Item, ItemKind, Keyword, Node,
    Operation, OperationKind, Override, Payload, Value, ValueKind,
};

impl<'t> Builder<'t> {
    /// The items of a block or file.
    pub(super) fn items(&mut self, pairs: Pairs<'t, Rule>) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for pair in pairs {
            match pair.as_rule() {
                Rule::item => {
                    let start = pair.as_span().start();
                    if let Some(last) = items.last() {
                        self.separated(last.span.end as usize, start);
                    }
                    if let Some(item) = self.item(pair) {
                        self.before = item.span.end as usize;
                        items.push(item);
                    }
                }
                Rule::junk => self.junk(&pair),
                _ => {}
            }
        }
        items
    }

    /// Two items of one block need a comma or a new line between them.
    pub(super) fn separated(&mut self, end: usize, start: usize) {
        // After junk the end lies before it, and the gap holds whatever the junk did.
        if !self.text[end..start]
            .bytes()
            .any(|byte| matches!(byte, b',' | b'\n'))
        {
            let end_of_word = self.text[start..]
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .map_or(self.text.len(), |length| start + length.max(1));
            let place = self.between(start, end_of_word);
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

    fn item(&mut self, pair: Pair<'t, Rule>) -> Option<Item> {
        let whole = self.span(&pair);
        let mut inner = pair.into_inner();
        let mut accepts = Vec::new();
        while let Some(accept) = take(&mut inner, Rule::accept) {
            accepts.push(self.accept(accept));
        }
        let main = inner.next()?;
        let start = main.as_span().start();
        let doc = self.documentation(start);
        let kind = match main.as_rule() {
            Rule::node => ItemKind::Node(self.node(main)?),
            Rule::block | Rule::defaults => ItemKind::Node(self.block(main)?),
            Rule::api => ItemKind::Api(self.api(main)?),
            Rule::operation => ItemKind::Operation(self.operation(main)?),
            Rule::type_decl => ItemKind::Type(self.type_decl(main)?),
            Rule::enum_decl => ItemKind::Enum(self.enum_decl(main)?),
            Rule::roles => ItemKind::Roles(self.roles(main)?),
            Rule::import => {
                let text = main.into_inner().nth(1)?;
                ItemKind::Import(self.text(&text))
            }
            Rule::when => ItemKind::Attribute(self.when(main)?),
            _ => {
                let tail = inner.next()?;
                match tail.as_rule() {
                    Rule::assignment => {
                        let name = self.single(&main, "an attribute");
                        let value = self.value(tail.into_inner().next()?)?;
                        ItemKind::Attribute(Attribute { name, value })
                    }
                    Rule::field => {
                        let name = self.single(&main, "a field");
                        let (ty, marks, via) = self.field_type(tail.into_inner().next()?)?;
                        ItemKind::Field(Field {
                            span: self.between(start, whole.end as usize),
                            accepts: accepts.clone(),
                            doc: doc.clone(),
                            name,
                            ty,
                            marks,
                            via,
                        })
                    }
                    Rule::body => {
                        let operation = self.single(&main, "an operation");
                        self.misplaced_keyword(&operation);
                        let body = self.body(tail);
                        ItemKind::Override(Override { operation, body })
                    }
                    _ => ItemKind::Edge(self.edge(&main, tail)),
                }
            }
        };
        Some(Item {
            span: self.between(start, whole.end as usize),
            doc,
            accepts,
            kind,
        })
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
        let span = self.span(&pair);
        self.before = span.start as usize + 1;
        let items = self.items(pair.into_inner());
        self.documentation_left_over(span.end as usize);
        Body { span, items }
    }

    fn optional_body(&mut self, pairs: &mut Pairs<'t, Rule>) -> Option<Body> {
        take(pairs, Rule::body).map(|body| self.body(body))
    }

    fn node(&mut self, pair: Pair<'t, Rule>) -> Option<Node> {
        let mut inner = pair.into_inner();
        let keyword = self.keyword(&inner.next()?)?;
        let name = self.ident(&inner.next()?);
        let variant = take(&mut inner, Rule::path).map(|path| self.path(&path));
        Some(Node {
            keyword,
            name: Some(name),
            variant,
            body: self.optional_body(&mut inner),
        })
    }

    fn block(&mut self, pair: Pair<'t, Rule>) -> Option<Node> {
        let mut inner = pair.into_inner();
        let keyword = self.keyword(&inner.next()?)?;
        let name = take(&mut inner, Rule::name).map(|name| self.ident(&name));
        Some(Node {
            keyword,
            name,
            variant: None,
            body: self.optional_body(&mut inner),
        })
    }

    fn keyword(&self, pair: &Pair<'t, Rule>) -> Option<Spanned<Keyword>> {
        let value = keyword(pair.as_str())?;
        let span = self.span(pair);
        Some(Spanned { value, span })
    }

    fn api(&mut self, pair: Pair<'t, Rule>) -> Option<Api> {
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.nth(1)?);
        let version = take(&mut inner, Rule::version).map(|version| {
            let span = self.span(&version);
            let value = version.as_str()[1..].parse().unwrap_or_else(|_| {
                self.error(Diagnostic::error(
                    "ARC005",
                    "this version is too large",
                    span,
                ));
                1
            });
            Spanned { value, span }
        });
        let contract = match take(&mut inner, Rule::contract) {
            Some(contract) => Some(self.contract(contract)?),
            None => None,
        };
        take(&mut inner, Rule::via_kw);
        let via = take(&mut inner, Rule::path).map(|path| self.path(&path));
        Some(Api {
            name,
            version,
            contract,
            via,
            body: self.optional_body(&mut inner),
        })
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

    fn operation(&mut self, pair: Pair<'t, Rule>) -> Option<Operation> {
        let mut inner = pair.into_inner();
        let kind = inner.next()?;
        let kind = Spanned {
            value: match kind.as_str() {
                "query" => OperationKind::Query,
                "command" => OperationKind::Command,
                _ => OperationKind::Event,
            },
            span: self.span(&kind),
        };
        let name = self.ident(&inner.next()?);
        self.before = name.span.end as usize;
        let input = match take(&mut inner, Rule::input) {
            Some(input) => Some(self.input(input)?),
            None => None,
        };
        let output = match take(&mut inner, Rule::output) {
            Some(output) => Some(self.payload(output.into_inner().next()?)?),
            None => None,
        };
        let via = match take(&mut inner, Rule::via) {
            Some(via) => Some(self.via(via)?),
            None => None,
        };
        Some(Operation {
            kind,
            name,
            input,
            output,
            via,
            body: self.optional_body(&mut inner),
        })
    }

    fn input(&mut self, pair: Pair<'t, Rule>) -> Option<Input> {
        self.before = pair.as_span().start() + 1;
        let Some(inside) = pair.into_inner().next() else {
            return Some(Input::Parameters(Vec::new()));
        };
        if inside.as_rule() == Rule::payload {
            return Some(Input::Message(self.payload(inside)?));
        }
        let mut parameters = Vec::new();
        for parameter in inside.into_inner() {
            let parameter = self.parameter(parameter)?;
            self.before = parameter.span.end as usize;
            parameters.push(parameter);
        }
        Some(Input::Parameters(parameters))
    }

    fn parameter(&mut self, pair: Pair<'t, Rule>) -> Option<Field> {
        let whole = self.span(&pair);
        let mut inner = pair.into_inner();
        let mut accepts = Vec::new();
        while let Some(accept) = take(&mut inner, Rule::accept) {
            accepts.push(self.accept(accept));
        }
        let name = self.ident(&inner.next()?);
        let doc = self.documentation(name.span.start as usize);
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
        let mut inner = pair.into_inner();
        let stream = take(&mut inner, Rule::stream).is_some();
        let ty = self.type_ref(inner.next()?)?;
        Some(Payload { stream, ty })
    }

    fn roles(&mut self, pair: Pair<'t, Rule>) -> Option<Vec<Ident>> {
        let names = pair.into_inner().nth(1)?;
        let mut roles: Vec<Ident> = Vec::new();
        for pair in names.into_inner() {
            if pair.as_rule() == Rule::junk {
                self.junk(&pair);
                continue;
            }
            if let Some(last) = roles.last() {
                self.separated(last.span.end as usize, pair.as_span().start());
            }
            roles.push(self.ident(&pair));
        }
        Some(roles)
    }

    fn when(&mut self, pair: Pair<'t, Rule>) -> Option<Attribute> {
        let mut inner = pair.into_inner();
        let name = self.ident(&inner.next()?);
        let expression = self.expression(inner.next()?)?;
        let value = Value {
            span: expression.span,
            value: ValueKind::Expression(Box::new(expression)),
        };
        Some(Attribute { name, value })
    }

    fn edge(&mut self, first: &Pair<'t, Rule>, tail: Pair<'t, Rule>) -> Edge {
        let mut inner = tail.into_inner();
        let mut ends = vec![self.path(first)];
        while let Some(end) = take(&mut inner, Rule::path) {
            ends.push(self.path(&end));
        }
        let protocol = take(&mut inner, Rule::name).map(|name| self.ident(&name));
        take(&mut inner, Rule::with_kw);
        let mut policies = Vec::new();
        while let Some(policy) = take(&mut inner, Rule::policy) {
            if let Some(name) = policy.into_inner().next() {
                policies.push(self.ident(&name));
            }
        }
        Edge {
            ends,
            protocol,
            policies,
            body: self.optional_body(&mut inner),
        }
    }
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
