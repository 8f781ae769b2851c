//! Where operations are found over HTTP.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::{OperationSource, Resolver};
use crate::diagnostic::Diagnostic;
use crate::model::attributes::{Attr, Value};
use crate::model::types::{FieldDef, Scalar, TypeRef};
use crate::model::{
    Input, Link, Method, NodeId, OperationId, OperationKind, Payload, Route, StructId,
};
use crate::source::Span;

impl Resolver<'_> {
    /// Gives every operation its route, and refuses those that share one.
    pub(super) fn routes(&mut self) {
        let routed = self.routed();
        let operations = self.model.operations.iter();
        let written: HashSet<NodeId> = operations
            .filter(|it| it.attributes.get(Attr::Http).is_some())
            .map(|it| self.model[it.api].node)
            .collect();
        let mut taken: HashMap<(NodeId, Method, String), OperationId> = HashMap::default();
        for at in 0..self.model.operations.len() {
            let id = OperationId(at as u32);
            let route = self.route(id);
            if let Some(edge) = routed.get(&id) {
                self.check_query_string(id, &route, *edge);
            }
            let node = self.model[self.model[id].api].node;
            // Derived routes differ as their names do; only written ones can meet others.
            if written.contains(&node)
                && let Some(first) = taken.insert((node, route.method, pattern(&route.path)), id)
            {
                self.collision(id, first, &route);
            }
            self.model.operations[at].route = route;
        }
    }

    /// Operations that travel over a protocol with routes, each with an edge that carries it.
    fn routed(&self) -> HashMap<OperationId, Span> {
        let mut routed = HashMap::default();
        for edge in &self.model.edges {
            if let Link::Call { protocol, .. } = edge.link
                && protocol.facts().routed
            {
                for operation in &edge.operations {
                    routed.entry(operation.operation).or_insert(edge.span);
                }
            }
        }
        routed
    }

    fn route(&mut self, id: OperationId) -> Route {
        let operation = &self.model[id];
        let api = &self.model[operation.api];
        // A second version of an api lives beside the first, under a path of its own.
        let at = match api.version {
            version if version > 1 && api.at.is_empty() => format!("/v{version}"),
            _ => api.at.clone(),
        };
        let written = match operation.attributes.get(Attr::Http) {
            Some(effective) => match (&effective.value, effective.origin.span()) {
                (Value::Texts(parts), Some(span)) => Some((parts.clone(), span)),
                _ => None,
            },
            None => None,
        };
        // A path that was refused gives way to the derived one, so that it collides with nothing.
        if let Some((parts, span)) = written
            && let [method, path] = parts.as_slice()
            && let Some(method) = Method::from_name(method)
            && self.check_path(id, path, span)
        {
            let path = path.trim_end_matches('/');
            return Route {
                method,
                path: format!("{at}{path}"),
                declared: Some(span),
            };
        }
        let operation = &self.model[id];
        let api = &self.model[operation.api];
        let mut path = at;
        for name in [&api.name, &operation.name] {
            path.push('/');
            push_kebab(&mut path, name);
        }
        let method = if operation.kind == OperationKind::Query {
            Method::Get
        } else {
            Method::Post
        };
        if let (Method::Get, Input::Parameters(request)) = (method, &operation.input) {
            for field in self.model[*request]
                .fields
                .iter()
                .filter(|it| it.ty == TypeRef::Scalar(Scalar::Uuid))
            {
                path.push_str("/{");
                path.push_str(&field.name);
                path.push('}');
            }
        }
        Route {
            method,
            path,
            declared: None,
        }
    }

    /// Whether a written path is one, and its parameters are the operation's.
    fn check_path(&mut self, id: OperationId, path: &str, at: Span) -> bool {
        let mut wrong = None;
        let mut seen: Vec<&str> = Vec::new();
        let request = self.request_of(id);
        let fields: &[FieldDef] = request.map_or(&[], |it| &self.model[it].fields);
        let Some(inner) = path.strip_prefix('/') else {
            self.report(
                Diagnostic::error("ARC054", "a path starts with a slash", at)
                    .help("write `\"/orders/{id}\"`"),
            );
            return false;
        };
        for part in inner.strip_suffix('/').unwrap_or(inner).split('/') {
            if let Some(name) = part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                let Some(field) = fields.iter().find(|it| it.name == name) else {
                    let known: Vec<String> = fields.iter().map(|it| it.name.clone()).collect();
                    wrong = Some(
                        Diagnostic::error(
                            "ARC054",
                            format!("`{{{name}}}` is no parameter of the operation"),
                            at,
                        )
                        .label(
                            self.model[id].span,
                            format!("it has {}", super::lookup::enumerated(&known)),
                        ),
                    );
                    break;
                };
                if !fits_path(&field.ty) {
                    wrong = Some(
                        Diagnostic::error("ARC054", format!("`{name}` cannot stand in a path"), at)
                            .label(
                                field.span,
                                format!("this is a `{}`", self.type_name(&field.ty)),
                            )
                            .note("what stands in a path is one value that is always there"),
                    );
                    break;
                }
                if seen.contains(&name) {
                    wrong = Some(Diagnostic::error(
                        "ARC054",
                        format!("`{{{name}}}` stands in the path twice"),
                        at,
                    ));
                    break;
                }
                seen.push(name);
            } else if part.is_empty() && !inner.is_empty()
                || part == "."
                || part == ".."
                || !part
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it))
            {
                wrong = Some(Diagnostic::error("ARC054", format!("`{part}` is no segment of a path"), at)
                    .help("segments are letters, digits, `-`, `_`, `.` and `~`, or one parameter in braces"));
                break;
            }
        }
        let fine = wrong.is_none();
        if let Some(found) = wrong {
            self.report(found);
        }
        fine
    }

    /// What a GET cannot carry: its parameters are text in the path and the query string.
    fn check_query_string(&mut self, id: OperationId, route: &Route, edge: Span) {
        if route.method != Method::Get {
            return;
        }
        let Some(request) = self.request_of(id) else {
            return;
        };
        let structured: Vec<(Span, String, String)> = self.model[request]
            .fields
            .iter()
            .filter(|field| !fits_query(&field.ty))
            .map(|field| (field.span, field.name.clone(), self.type_name(&field.ty)))
            .collect();
        for (span, name, ty) in structured {
            let operation = &self.model[id];
            let mut path = "/".to_owned();
            push_kebab(&mut path, &operation.name);
            let found = Diagnostic::error(
                "ARC056",
                format!("`{name}` cannot stand in the query string of a GET"),
                span,
            )
            .here(format!("a `{ty}` has structure"))
            .label(edge, "this edge asks by GET")
            .help(format!(
                "ask by POST: `http = post(\"{path}\")` on `{}`, or take apart what it holds",
                operation.name
            ));
            self.report(found);
        }
    }

    fn collision(&mut self, id: OperationId, first: OperationId, route: &Route) {
        let message = format!(
            "`{}` and `{}` have the same route",
            self.model[first].name, self.model[id].name
        );
        let method = route.method.name().to_uppercase();
        // Operations of a forwarding api have no line of their own.
        let at = match self.operations[id.0 as usize] {
            OperationSource::Written(..) => route.declared.unwrap_or(self.model[id].span),
            _ => self.model[self.model[id].api].span,
        };
        let found = Diagnostic::error("ARC055", message, at)
            .here(format!("{method} {}", route.path))
            .label(
                self.model[first]
                    .route
                    .declared
                    .unwrap_or(self.model[first].span),
                "taken by this one",
            );
        self.report(found.help(
            "give one of them another path: `http = ...` on the operation, `at = ...` on the api",
        ));
    }

    /// The message whose fields are an operation's parameters.
    pub(super) fn request_of(&self, id: OperationId) -> Option<StructId> {
        match &self.model[id].input {
            Input::Parameters(request)
            | Input::Message(Payload {
                ty: TypeRef::Struct(request),
                ..
            }) => Some(*request),
            _ => None,
        }
    }
}

/// One value that is always there and reads well as text.
fn fits_path(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Scalar(scalar) => {
            !matches!(scalar, Scalar::Json | Scalar::Bytes | Scalar::Float64)
        }
        TypeRef::Enum(_) => true,
        _ => false,
    }
}

/// Text, or several of it.
fn fits_query(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Scalar(scalar) => *scalar != Scalar::Json,
        TypeRef::Enum(_) => true,
        TypeRef::Optional(inner) => fits_query(inner),
        TypeRef::List(inner) => {
            matches!(inner.as_ref(), TypeRef::Scalar(_) | TypeRef::Enum(_)) && fits_query(inner)
        }
        TypeRef::Struct(_) | TypeRef::Map(_) | TypeRef::Message(_) => false,
    }
}

/// A path with its parameters' names left out: two that differ only in those are one route.
fn pattern(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// `OrderItems` and `order_items` as `order-items`, at the end of a path.
fn push_kebab(path: &mut String, name: &str) {
    if name.bytes().all(|it| it.is_ascii_lowercase()) {
        path.push_str(name);
    } else {
        let snake = super::names::to_snake(name);
        path.extend(snake.chars().map(|it| if it == '_' { '-' } else { it }));
    }
}
