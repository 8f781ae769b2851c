//! Types as JSON Schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{range, vocabulary};
use crate::generate::number::Number;
use crate::generate::pattern;
use crate::model::types::{Check, EnumDef, FieldDef, Scalar, StructDef, TypeRef};
use crate::model::{Model, NodeId};

/// Writes schemas and remembers what they refer to.
pub struct Schemas<'m> {
    model: &'m Model,
    needed: Vec<Component>,
    seen: BTreeSet<Component>,
}

/// A schema of its own in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Component {
    Shared(&'static str),
    Type(TypeRef),
}

impl<'m> Schemas<'m> {
    /// Of one document.
    #[must_use]
    pub const fn new(model: &'m Model) -> Self {
        Self {
            model,
            needed: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// The schema of a type.
    pub fn of(&mut self, ty: &TypeRef) -> Value {
        self.marked(ty, &[])
    }

    /// The schema of a field, with its documentation.
    pub fn of_field(&mut self, field: &FieldDef) -> Value {
        let mut schema = self.marked(&field.ty, &field.checks);
        describe(&mut schema, field.doc.as_deref());
        if field.sensitive {
            schema["x-sensitive"] = json!(true);
        }
        schema
    }

    /// The schema of a parameter in path or query: its absence says that there is none, never null.
    pub fn of_parameter(&mut self, field: &FieldDef) -> Value {
        let mut ty = &field.ty;
        while let TypeRef::Optional(inner) = ty {
            ty = inner;
        }
        self.marked(ty, &field.checks)
    }

    /// A message without some of its fields.
    pub fn without(&mut self, def: &StructDef, left_out: &[&str]) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in def
            .fields
            .iter()
            .filter(|it| !left_out.contains(&it.name.as_str()))
        {
            properties.insert(field.name.clone(), self.of_field(field));
            if !matches!(field.ty, TypeRef::Optional(_)) {
                required.push(json!(field.name));
            }
        }
        let mut schema = json!({ "type": "object" });
        describe(&mut schema, def.doc.as_deref());
        schema["properties"] = Value::Object(properties);
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        schema
    }

    /// All schemas that were referred to, directly or not, by their names.
    #[must_use]
    pub fn finish(mut self) -> Map<String, Value> {
        let mut done = Vec::new();
        let mut at = 0;
        while let Some(component) = self.needed.get(at).cloned() {
            let schema = match &component {
                Component::Shared(name) => shared(name),
                Component::Type(TypeRef::Struct(id)) => self.without(&self.model[*id], &[]),
                Component::Type(TypeRef::Enum(id)) => enumeration(&self.model[*id]),
                Component::Type(_) => Value::Null,
            };
            done.push((self.name(&component), schema));
            at += 1;
        }
        done.sort_by(|a, b| a.0.cmp(&b.0));
        done.into_iter().collect()
    }

    fn marked(&mut self, ty: &TypeRef, checks: &[Check]) -> Value {
        match ty {
            TypeRef::Scalar(scalar) => self.scalar(*scalar, checks),
            // Messages of proto files travel over gRPC alone.
            TypeRef::Message(_) => json!({}),
            TypeRef::Struct(_) | TypeRef::Enum(_) => self.reference(Component::Type(ty.clone())),
            TypeRef::Optional(inner) => nullable(self.marked(inner, checks)),
            TypeRef::List(inner) => {
                let (length, others) = split(checks);
                let mut schema = json!({ "type": "array", "items": self.marked(inner, &others) });
                limit(&mut schema, &length, "minItems", "maxItems");
                schema
            }
            TypeRef::Map(inner) => {
                let (length, others) = split(checks);
                let mut schema = json!({ "type": "object", "additionalProperties": self.marked(inner, &others) });
                limit(&mut schema, &length, "minProperties", "maxProperties");
                schema
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar, checks: &[Check]) -> Value {
        match scalar {
            Scalar::Bool => json!({ "type": "boolean" }),
            Scalar::Int32 => {
                let (min, max) = integer_bounds(checks, i32::MIN.into(), i32::MAX.into());
                json!({ "type": "integer", "format": "int32", "minimum": min as i64, "maximum": max as i64 })
            }
            Scalar::Int64 if checks.is_empty() => self.reference(Component::Shared("int64")),
            Scalar::Int64 => {
                let (min, max) = integer_bounds(checks, i64::MIN.into(), i64::MAX.into());
                json!({ "type": "string", "pattern": range::integers(min, max) })
            }
            Scalar::Float64 => float(checks),
            Scalar::Decimal => {
                let (min, max) = bounds(checks);
                match range::decimals(min.as_ref(), max.as_ref()) {
                    Some(pattern) if !checks.is_empty() => {
                        json!({ "type": "string", "pattern": pattern })
                    }
                    _ => self.reference(Component::Shared("decimal")),
                }
            }
            Scalar::String => text(checks),
            Scalar::Bytes => {
                let (length, _) = split(checks);
                let (min, max) = length_bounds(&length);
                json!({ "type": "string", "contentEncoding": "base64", "pattern": range::base64(min, max) })
            }
            Scalar::Uuid => json!({ "type": "string", "format": "uuid" }),
            Scalar::Timestamp => self.reference(Component::Shared("timestamp")),
            Scalar::Date => json!({ "type": "string", "format": "date" }),
            Scalar::Duration => self.reference(Component::Shared("duration")),
            Scalar::Json => json!({}),
        }
    }

    fn reference(&mut self, component: Component) -> Value {
        let name = self.name(&component);
        if self.seen.insert(component.clone()) {
            self.needed.push(component);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// Names that need no escape in a reference. Messages of one node carry its name, so that two nodes may have the same.
    fn name(&self, component: &Component) -> String {
        let owned = |owner: Option<NodeId>, name: &str| match owner {
            Some(node) => format!("{}.{name}", self.model[node].name),
            None => name.to_owned(),
        };
        match component {
            Component::Shared(name) => (*name).to_owned(),
            Component::Type(TypeRef::Struct(id)) => {
                owned(self.model[*id].owner, &self.model[*id].name)
            }
            Component::Type(TypeRef::Enum(id)) => {
                owned(self.model[*id].owner, &self.model[*id].name)
            }
            Component::Type(_) => String::new(),
        }
    }
}

/// Adds documentation.
pub fn describe(schema: &mut Value, doc: Option<&str>) {
    if let Some(doc) = doc {
        schema["description"] = json!(doc);
    }
}

fn shared(name: &str) -> Value {
    let mut schema = vocabulary::part("schemas", name);
    if name == "int64" {
        schema["pattern"] = json!(range::integers(i64::MIN.into(), i64::MAX.into()));
    }
    schema
}

fn enumeration(def: &EnumDef) -> Value {
    let values: Vec<&str> = def.values.iter().map(|it| it.name.as_str()).collect();
    let mut schema = json!({ "type": "string", "enum": values });
    let documented: Vec<String> = def
        .values
        .iter()
        .filter_map(|it| Some(format!("- `{}`: {}", it.name, it.doc.as_deref()?)))
        .collect();
    let doc: Vec<String> = def
        .doc
        .iter()
        .cloned()
        .chain((!documented.is_empty()).then(|| documented.join("\n")))
        .collect();
    if !doc.is_empty() {
        schema["description"] = json!(doc.join("\n\n"));
    }
    schema
}

fn nullable(mut schema: Value) -> Value {
    match schema.get("type") {
        None if schema.get("$ref").is_none() && schema.get("anyOf").is_none() => schema,
        Some(Value::String(ty)) if schema.get("enum").is_none() => {
            schema["type"] = json!([ty, "null"]);
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// The checks of a list's or map's own length, and those of its elements.
fn split(checks: &[Check]) -> (Vec<Check>, Vec<Check>) {
    checks
        .iter()
        .cloned()
        .partition(|it| matches!(it, Check::Length { .. }))
}

fn length_bounds(checks: &[Check]) -> (u64, Option<u64>) {
    let mut bounds = (0, None::<u64>);
    for check in checks {
        if let Check::Length { min, max } = check {
            bounds.0 = bounds.0.max(*min);
            bounds.1 = bounds.1.into_iter().chain(*max).min();
        }
    }
    bounds
}

fn limit(schema: &mut Value, checks: &[Check], least: &str, most: &str) {
    let (min, max) = length_bounds(checks);
    if min > 0 {
        schema[least] = json!(min);
    }
    if let Some(max) = max {
        schema[most] = json!(max);
    }
}

fn bounds(checks: &[Check]) -> (Option<Number>, Option<Number>) {
    let all = |pick: fn(&Check) -> Option<&String>| {
        checks
            .iter()
            .filter_map(pick)
            .filter_map(|it| Number::parse(it))
            .collect()
    };
    let low: Vec<Number> = all(|it| {
        if let Check::Min(text) = it {
            Some(text)
        } else {
            None
        }
    });
    let high: Vec<Number> = all(|it| {
        if let Check::Max(text) = it {
            Some(text)
        } else {
            None
        }
    });
    (low.into_iter().max(), high.into_iter().min())
}

fn integer_bounds(checks: &[Check], lowest: i128, highest: i128) -> (i128, i128) {
    let (low, high) = bounds(checks);
    let low = low.and_then(|it| it.ceiling()).unwrap_or(lowest);
    let high = high.and_then(|it| it.floor()).unwrap_or(highest);
    (low.clamp(lowest, highest), high.clamp(lowest, highest))
}

fn float(checks: &[Check]) -> Value {
    let (low, high) = bounds(checks);
    let mut schema = json!({ "type": "number", "format": "double" });
    for (keyword, bound) in [("minimum", low), ("maximum", high)] {
        if let Some(Ok(bound)) = bound.map(|it| it.to_string().parse::<serde_json::Number>()) {
            schema[keyword] = Value::Number(bound);
        }
    }
    schema
}

fn text(checks: &[Check]) -> Value {
    let mut schema = json!({ "type": "string" });
    let (length, others) = split(checks);
    limit(&mut schema, &length, "minLength", "maxLength");
    // The first rule stands in the schema itself, all further ones beside it.
    let mut further = Vec::new();
    for check in &others {
        let rule = match check {
            Check::Pattern(pattern) => json!({ "pattern": pattern::portable(pattern) }),
            Check::Email => vocabulary::part("texts", "email"),
            Check::Url => vocabulary::part("texts", "url"),
            Check::Min(_) | Check::Max(_) | Check::Length { .. } => continue,
        };
        if schema.get("pattern").is_some() {
            further.push(rule);
            continue;
        }
        for (keyword, value) in rule.as_object().into_iter().flatten() {
            let tighter = match (
                keyword.as_str(),
                schema.get("maxLength").and_then(Value::as_u64),
                value.as_u64(),
            ) {
                ("maxLength", Some(own), Some(rule)) => own.min(rule).into(),
                _ => value.clone(),
            };
            schema[keyword.as_str()] = tighter;
        }
    }
    if !further.is_empty() {
        schema["allOf"] = Value::Array(further);
    }
    schema
}
