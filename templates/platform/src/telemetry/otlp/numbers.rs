//! The metrics of a service as OTLP has them, read from the text that scrapers are given: what is counted is counted once.

use super::message::{Buckets, Data, Gauge, Histogram, KeyValue, Metric, Number, Sum};

/// Counts go on from the start of the process (`AGGREGATION_TEMPORALITY_CUMULATIVE`).
const CUMULATIVE: i32 = 2;

/// Reads OpenMetrics text. `start` and `now` are nanoseconds since 1970: since when is counted, and until when.
pub(super) fn read(text: &str, start: u64, now: u64) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    let mut help = "";
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            let mut words = about.splitn(3, ' ');
            match (words.next(), words.next(), words.next()) {
                (Some("HELP"), Some(_), Some(text)) => help = text,
                (Some("TYPE"), Some(name), Some(kind)) => {
                    metrics.push(Metric {
                        name: name.to_owned(),
                        description: help.trim_end_matches('.').to_owned(),
                        unit: unit(name).to_owned(),
                        data: Some(data(kind)),
                    });
                }
                _ => {}
            }
        } else if let (Some(metric), Some(sample)) = (metrics.last_mut(), Sample::read(line)) {
            let part = sample.name.strip_prefix(metric.name.as_str());
            if let (Some(data), Some(part)) = (&mut metric.data, part) {
                take(data, part, sample, start, now);
            }
        }
    }
    metrics
}

/// The unit that the name of a metric ends in, as UCUM writes it.
fn unit(name: &str) -> &'static str {
    if name.ends_with("_seconds") {
        "s"
    } else if name.ends_with("_bytes") {
        "By"
    } else {
        ""
    }
}

fn data(kind: &str) -> Data {
    match kind {
        "counter" => Data::Sum(Sum {
            data_points: Vec::new(),
            aggregation_temporality: CUMULATIVE,
            is_monotonic: true,
        }),
        "histogram" => Data::Histogram(Histogram {
            data_points: Vec::new(),
            aggregation_temporality: CUMULATIVE,
        }),
        _ => Data::Gauge(Gauge::default()),
    }
}

/// Adds a sample; `part` is what its name has beyond that of its metric.
fn take(data: &mut Data, part: &str, mut sample: Sample, start: u64, now: u64) {
    let points = match data {
        Data::Gauge(gauge) => &mut gauge.data_points,
        Data::Sum(sum) if part == "_total" => &mut sum.data_points,
        // When a counter was created: `start` says it.
        Data::Sum(_) => return,
        Data::Histogram(histogram) => {
            let bound = sample.take("le");
            let points = &mut histogram.data_points;
            let known = points.last().map(|point| &point.attributes);
            if known != Some(&sample.attributes) {
                points.push(Buckets {
                    start_time_unix_nano: start,
                    time_unix_nano: now,
                    attributes: sample.attributes,
                    ..Buckets::default()
                });
            }
            if let Some(point) = points.last_mut() {
                bucket(point, part, bound.as_deref(), sample.value);
            }
            return;
        }
    };
    points.push(Number {
        start_time_unix_nano: start,
        time_unix_nano: now,
        as_double: Some(sample.value),
        attributes: sample.attributes,
    });
}

/// Scrapers are given, for each bound, the count of all up to it; OTLP has those between two bounds.
fn bucket(point: &mut Buckets, part: &str, bound: Option<&str>, value: f64) {
    // Counts are whole and not negative.
    let count = value as u64;
    match (part, bound) {
        ("_sum", _) => point.sum = Some(value),
        ("_count", _) => point.count = count,
        ("_bucket", Some(bound)) => {
            let below: u64 = point.bucket_counts.iter().sum();
            point.bucket_counts.push(count.saturating_sub(below));
            let bound = bound.parse().ok();
            point
                .explicit_bounds
                .extend(bound.filter(|bound: &f64| bound.is_finite()));
        }
        _ => {}
    }
}

/// `name{label="value",...} 1.5`
struct Sample<'a> {
    name: &'a str,
    attributes: Vec<KeyValue>,
    value: f64,
}

impl<'a> Sample<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let end = line.find(['{', ' '])?;
        let (name, rest) = line.split_at(end);
        let mut attributes = Vec::new();
        let mut rest = rest.strip_prefix('{').unwrap_or(rest);
        while let Some((label, after)) = rest
            .split_once("=\"")
            .filter(|_| !rest.starts_with(['}', ' ']))
        {
            let (value, after) = unquoted(after)?;
            attributes.push(KeyValue::new(label.trim_start_matches(','), value));
            rest = after;
        }
        let value = rest.trim_start_matches('}').split_whitespace().next()?;
        Some(Self {
            name,
            attributes,
            value: value.parse().ok()?,
        })
    }

    /// Takes the label of this name out.
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|label| label.key == name)?;
        match self.attributes.remove(at).value?.value? {
            super::message::Value::Text(text) => Some(text),
            super::message::Value::Number(_) => None,
        }
    }
}

/// The value up to its closing quotation mark, and what follows that.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::gauge::Gauge as Level;
    use prometheus_client::metrics::histogram::Histogram as Times;

    use super::*;
    use crate::Metrics;

    #[test]
    fn what_scrapers_read_is_what_is_sent() {
        let metrics = Metrics::new();
        let level: Family<[(&str, &str); 2], Level> = Family::default();
        level
            .get_or_create(&[("of", "a \"b\", {c} \\ d\ne"), ("and", "")])
            .set(-3);
        metrics.register("level", "How high it is", level);
        let times = Times::new([0.1, 1.0]);
        for seconds in [0.05, 0.5, 0.5, 7.0] {
            times.observe(seconds);
        }
        metrics.register("times_seconds", "How long it took", times);

        let read = read(&metrics.text(), 5, 9);
        let find = |name: &str| read.iter().find(|metric| metric.name == name).unwrap();
        assert_eq!(find("level").description, "How high it is");
        let Some(Data::Gauge(level)) = &find("level").data else {
            panic!("{read:#?}");
        };
        let expected = Number {
            start_time_unix_nano: 5,
            time_unix_nano: 9,
            as_double: Some(-3.0),
            attributes: vec![
                KeyValue::new("of", "a \"b\", {c} \\ d\ne"),
                KeyValue::new("and", ""),
            ],
        };
        assert_eq!(level.data_points, [expected]);
        assert_eq!(find("times_seconds").unit, "s");
        let Some(Data::Histogram(times)) = &find("times_seconds").data else {
            panic!("{read:#?}");
        };
        let expected = Buckets {
            start_time_unix_nano: 5,
            time_unix_nano: 9,
            count: 4,
            sum: Some(8.05),
            bucket_counts: vec![1, 2, 1],
            explicit_bounds: vec![0.1, 1.0],
            attributes: vec![],
        };
        assert_eq!(times.data_points, [expected]);
    }

    #[test]
    fn counters_keep_their_names_and_only_grow() {
        let text = "# HELP calls Calls.\n# TYPE calls counter\ncalls_total{to=\"a\"} 3\ncalls_created{to=\"a\"} 1.5\n# EOF\n";
        let read = read(text, 5, 9);
        assert_eq!((read.len(), read[0].name.as_str()), (1, "calls"));
        let Some(Data::Sum(sum)) = &read[0].data else {
            panic!("{read:#?}");
        };
        assert!(sum.is_monotonic);
        assert_eq!(sum.data_points.len(), 1);
        assert_eq!(sum.data_points[0].as_double, Some(3.0));
    }
}
