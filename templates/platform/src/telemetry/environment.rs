//! What the variables of OpenTelemetry's specification say, as part of the configuration.

use serde_json::{Map, Value, json};

use crate::error::Error;

/// The `telemetry` part of the configuration that `variable` tells: an empty value is as good as none.
///
/// # Errors
/// When a variable asks for what is not offered; better found at the start than missed in the collector.
pub(crate) fn environment(variable: impl Fn(&str) -> Option<String>) -> Result<Value, Error> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let mut telemetry = Map::new();
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(json!({ "telemetry": { "otlp": null } }));
    }
    if let Some(endpoint) = variable("OTEL_EXPORTER_OTLP_ENDPOINT") {
        telemetry.insert("otlp".into(), endpoint.into());
    }
    if let Some(protocol) =
        variable("OTEL_EXPORTER_OTLP_PROTOCOL").filter(|one| one != "http/protobuf")
    {
        return Err(Error::new(format!(
            "OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}: telemetry is sent by http/protobuf"
        )));
    }
    if let Some(headers) = variable("OTEL_EXPORTER_OTLP_HEADERS") {
        telemetry.insert(
            "headers".into(),
            pairs("OTEL_EXPORTER_OTLP_HEADERS", &headers)?,
        );
    }
    let mut resource = Map::new();
    if let Some(attributes) = variable("OTEL_RESOURCE_ATTRIBUTES")
        && let Value::Object(attributes) = pairs("OTEL_RESOURCE_ATTRIBUTES", &attributes)?
    {
        resource.extend(attributes);
    }
    if let Some(name) = variable("OTEL_SERVICE_NAME") {
        resource.insert("service.name".into(), name.into());
    }
    if !resource.is_empty() {
        telemetry.insert("resource".into(), resource.into());
    }
    if let Some(sampler) = variable("OTEL_TRACES_SAMPLER") {
        let ratio = match sampler.as_str() {
            "parentbased_always_on" => 1.0,
            "parentbased_always_off" => 0.0,
            "parentbased_traceidratio" => match variable("OTEL_TRACES_SAMPLER_ARG") {
                None => 1.0,
                Some(ratio) => ratio.trim().parse().map_err(|_| {
                    Error::new(format!("OTEL_TRACES_SAMPLER_ARG is {ratio}, and no number"))
                })?,
            },
            other => {
                return Err(Error::new(format!(
                    "OTEL_TRACES_SAMPLER is {other}: callers' decisions are always kept, by one of \
                     parentbased_always_on, parentbased_always_off, parentbased_traceidratio"
                )));
            }
        };
        telemetry.insert("ratio".into(), json!(ratio));
    }
    if let Some(millis) = variable("OTEL_METRIC_EXPORT_INTERVAL") {
        let millis: u64 = millis.trim().parse().map_err(|_| {
            Error::new(format!(
                "OTEL_METRIC_EXPORT_INTERVAL is {millis}, and no number"
            ))
        })?;
        telemetry.insert("metrics_interval".into(), millis.div_ceil(1000).into());
    }
    Ok(json!({ "telemetry": telemetry }))
}

/// `key=value,key=value`, percent-encoded.
fn pairs(name: &str, text: &str) -> Result<Value, Error> {
    let decode = |text: &str| {
        // As in a query string, but that a plus is a plus.
        let escaped = text.trim().replace('+', "%2B").replace('&', "%26");
        form_urlencoded::parse(escaped.as_bytes())
            .next()
            .map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())))
    };
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let pairs = pairs.map(|pair| pair.contains('=').then(|| decode(pair)).flatten());
    // The value may be a secret: it is not told.
    let wrong = || Error::new(format!("{name} must be key=value,key=value"));
    let pairs: Option<Map<_, _>> = pairs.collect();
    pairs.map(Value::Object).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Value, Error> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        environment(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_variables_of_the_specification_are_read() {
        let read = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Bearer%20a+b=, x-tenant=shop",
            ),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "deployment.environment.name=test,service.name=other",
            ),
            ("OTEL_SERVICE_NAME", "orders"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1500"),
        ]);
        let expected = json!({ "telemetry": {
            "otlp": "http://collector:4318",
            "headers": { "authorization": "Bearer a+b=", "x-tenant": "shop" },
            "resource": { "deployment.environment.name": "test", "service.name": "orders" },
            "ratio": 0.25,
            "metrics_interval": 2,
        }});
        assert_eq!(read.unwrap(), expected);
    }

    #[test]
    fn nothing_is_said_by_default_and_by_a_switch() {
        assert_eq!(read(&[]).unwrap(), json!({ "telemetry": {} }));
        let off = [
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ];
        let nowhere = json!({ "telemetry": { "otlp": null } });
        assert_eq!(read(&off).unwrap(), nowhere);
    }

    #[test]
    fn what_is_not_offered_is_told_and_no_secret() {
        let told = |name, value| read(&[(name, value)]).unwrap_err().to_string();
        assert!(told("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc").contains("http/protobuf"));
        assert!(told("OTEL_TRACES_SAMPLER", "always_on").contains("parentbased_always_on"));
        let headers = told("OTEL_EXPORTER_OTLP_HEADERS", "s3cret");
        assert!(!headers.contains("s3cret"), "{headers}");
    }
}
