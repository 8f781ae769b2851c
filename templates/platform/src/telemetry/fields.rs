//! The fields of spans, kept as parts of a JSON object. Every request opens a span and few write a line, so that they are
//! written down with as little as can be.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{FormatFields, Writer};

/// Writes `,"name":value` for each field.
pub(super) struct Fields;

impl Fields {
    /// The object of what was written.
    pub(super) fn read(written: &FormattedFields<Self>) -> serde_json::Result<Value> {
        let fields = written.fields.trim_start_matches(',');
        serde_json::from_str(&format!("{{{fields}}}"))
    }
}

impl<'a> FormatFields<'a> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'a>, fields: R) -> fmt::Result {
        // Room for what a request says: one allocation.
        let mut pairs = Pairs(String::with_capacity(192));
        fields.record(&mut pairs);
        writer.write_str(&pairs.0)
    }

    fn add_fields(&self, current: &'a mut FormattedFields<Self>, more: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), more)
    }
}

struct Pairs(String);

impl Pairs {
    fn name(&mut self, field: &Field) {
        let name = field.name();
        self.0.push(',');
        self.text(name.strip_prefix("r#").unwrap_or(name));
        self.0.push(':');
    }

    fn text(&mut self, text: &str) {
        // All bytes are looked at, with no way out before the end: so they are looked at many at once.
        let plain = |byte| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
        if text.bytes().fold(true, |all, byte| all & plain(byte)) {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
        } else {
            self.0.push_str(&Value::from(text).to_string());
        }
    }

    fn value(&mut self, field: &Field, value: impl Into<Value>) {
        self.name(field);
        self.0.push_str(&value.into().to_string());
    }
}

impl Visit for Pairs {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.name(field);
        self.text(value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.name(field);
        self.text(&format!("{value:?}"));
    }
}
