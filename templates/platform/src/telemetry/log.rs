//! Log lines for programs: one JSON object each, flat, so that a search for a trace finds all that was logged in it.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;

/// Writes `timestamp`, `level`, `target`, what the spans around the event say (`trace_id`, `span_id`, `service`, `api`,
/// `operation`, the inner ones last), and the event's own fields, `message` among them.
pub(super) struct Lines;

impl<S> FormatEvent<S, Fields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Fields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Map::new();
        line.insert("timestamp".into(), time.into());
        line.insert("level".into(), event.metadata().level().as_str().into());
        line.insert("target".into(), event.metadata().target().into());
        let spans = context.event_scope().into_iter();
        for span in spans.flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<Fields>>();
            if let Some(Ok(Value::Object(fields))) = fields.map(Fields::read) {
                line.extend(fields);
            }
        }
        event.record(&mut Own(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// Adds the fields of an event to a line.
struct Own<'a>(&'a mut Map<String, Value>);

impl Own<'_> {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Own<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_holds_what_the_spans_around_it_say() {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = tracing_subscriber::fmt()
            .fmt_fields(Fields)
            .event_format(Lines)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(lines, || {
            let request = tracing::info_span!("request", trace_id = "0af7", api = "Orders");
            let _request = request.enter();
            let own = tracing::info_span!(
                "own",
                order = 7,
                said = "a \"b\"\n",
                later = tracing::field::Empty
            );
            own.record("later", tracing::field::debug(Some(1.5)));
            let _inner = own.entered();
            tracing::warn!(stock = 3, sold = true, "nearly \"out\"");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let mut line: Map<String, Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(line.remove("timestamp").is_some());
        let expected = serde_json::json!({
            "level": "WARN", "target": module_path!(), "message": "nearly \"out\"",
            "trace_id": "0af7", "api": "Orders", "order": 7, "said": "a \"b\"\n",
            "later": "Some(1.5)", "stock": 3, "sold": true,
        });
        assert_eq!(Value::Object(line), expected);
    }
}
