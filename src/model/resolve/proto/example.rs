//! A made-up message of a proto file's type, the same at every run.

use protox::prost::Message as _;
use protox::prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::model::proto::ProtoKey;

/// Messages in messages deeper than this are left out, and so are those that lead back to themselves.
const DEEPEST: usize = 4;

/// The bytes of a message of which each field has a value: texts hold their field's name, numbers are 1, lists have one
/// element, maps none, and of a `oneof` the first is set.
pub(super) fn example(message: &MessageDescriptor) -> Vec<u8> {
    filled(message, &mut Vec::new()).encode_to_vec()
}

/// The fields that hold one value in each message, with an example that differs in that alone.
pub(super) fn keys(message: &MessageDescriptor) -> Vec<ProtoKey> {
    let example = filled(message, &mut Vec::new());
    let keys = message.fields().filter_map(|field| {
        let chosen = field
            .containing_oneof()
            .is_some_and(|it| !it.is_synthetic());
        if chosen || field.is_list() || field.is_map() {
            return None;
        }
        let value = match example.get_field(&field).as_ref() {
            Value::Bool(it) => Value::Bool(!it),
            Value::I32(it) => Value::I32(it + 1),
            Value::I64(it) => Value::I64(it + 1),
            Value::U32(it) => Value::U32(it + 1),
            Value::U64(it) => Value::U64(it + 1),
            Value::String(it) => Value::String(format!("another {it}")),
            Value::Bytes(it) => Value::Bytes([it, &b"x"[..]].concat().into()),
            // Of an enumeration nothing is said to have a second value; fractions and messages are compared by nobody.
            _ => return None,
        };
        let mut other = example.clone();
        other.set_field(&field, value);
        Some(ProtoKey {
            name: field.name().to_owned(),
            other: other.encode_to_vec(),
        })
    });
    keys.collect()
}

fn filled(message: &MessageDescriptor, open: &mut Vec<String>) -> DynamicMessage {
    open.push(message.full_name().to_owned());
    let mut made = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let chosen = field
            .containing_oneof()
            .and_then(|one| one.fields().next())
            .is_none_or(|first| first.number() == field.number());
        if let Some(value) = Some(&field)
            .filter(|_| chosen)
            .and_then(|it| value(it, open))
        {
            made.set_field(&field, value);
        }
    }
    open.pop();
    made
}

fn value(field: &FieldDescriptor, open: &mut Vec<String>) -> Option<Value> {
    if field.is_map() {
        return None;
    }
    let one = match field.kind() {
        Kind::Bool => Value::Bool(true),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(1),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(1),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(1),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(1),
        Kind::Float => Value::F32(1.5),
        Kind::Double => Value::F64(1.5),
        Kind::String => Value::String(field.name().to_owned()),
        Kind::Bytes => Value::Bytes(field.name().as_bytes().to_vec().into()),
        Kind::Enum(it) => {
            let second = it.values().nth(1).unwrap_or_else(|| it.default_value());
            Value::EnumNumber(second.number())
        }
        Kind::Message(it) => {
            let endless = open.len() >= DEEPEST || open.iter().any(|name| name == it.full_name());
            Value::Message((!endless).then(|| filled(&it, open))?)
        }
    };
    Some(if field.is_list() {
        Value::List(vec![one])
    } else {
        one
    })
}
