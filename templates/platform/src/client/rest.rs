//! Unary calls over REST.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Uri};
use reqwest::{Client, redirect};
use rustls::ClientConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::balance::Balance;
use super::connection::CONNECT;
use super::spans::{AttemptSpan, Wire};
use super::travel::{Leg, REQUEST_TIMEOUT};
use super::{Bound, Transport};
use crate::problem::Problem;
use crate::resilience::{Failure, Verdict};

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// A callee's instances, over REST.
pub(super) struct Rest {
    client: Client,
    instances: Balance<Instance>,
}

/// One instance of a callee.
struct Instance {
    origin: Uri,
    /// Scheme and authority, as an address begins.
    base: String,
}

/// A request as all its attempts send it.
pub(crate) struct Prepared {
    pub method: Method,
    pub path_and_query: String,
    pub body: Option<Bytes>,
}

impl Rest {
    pub fn new(addresses: &[Uri], tls: Option<Arc<ClientConfig>>) -> Result<Self, String> {
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .tcp_nodelay(true);
        builder = match tls {
            Some(tls) => {
                let mut config = ClientConfig::clone(&tls);
                config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
                builder.tls_backend_preconfigured(config).https_only(true)
            }
            // An edge in plain text trusts nobody; reading the machine's authorities for it would only take time.
            None => builder.tls_certs_only([]),
        };
        let client = builder.build().map_err(|error| error.to_string())?;
        let instances = addresses.iter().map(|uri| Instance {
            origin: uri.clone(),
            base: uri.to_string().trim_end_matches('/').to_owned(),
        });
        Ok(Self {
            client,
            instances: Balance::new(instances.collect()),
        })
    }

    /// Makes one attempt; the body of a successful answer.
    async fn send(&self, request: &Prepared, leg: &Leg<'_>) -> Result<Bytes, Failure> {
        let sent = self.instances.send(|instance| async move {
            let mut span = leg.span(&instance.origin);
            let sent = self.send_to(instance, request, leg, &mut span).await;
            span.ended(sent)
        });
        sent.await
    }

    /// Sends one attempt to one instance.
    async fn send_to(
        &self,
        instance: &Instance,
        request: &Prepared,
        leg: &Leg<'_>,
        span: &mut AttemptSpan,
    ) -> Result<Bytes, Failure> {
        let mut headers = leg.headers(span);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(left) = leg.millis_left() {
            headers.insert(REQUEST_TIMEOUT, HeaderValue::from(left));
        }
        let mut builder = self.client.request(
            request.method.clone(),
            format!("{}{}", instance.base, request.path_and_query),
        );
        if let Some(body) = &request.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            builder = builder.body(body.clone());
        }
        let sent = builder.headers(headers).send();
        let mut response = sent.await.map_err(|error| broken(&error))?;
        span.answered(response.status());
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Failure::new(
                    Problem::bad_gateway("the answer is too large"),
                    Verdict::Fatal,
                ));
            }
            body.extend_from_slice(&chunk);
        }
        if response.status().is_success() {
            leg.came_back(response.headers());
            return Ok(body.freeze());
        }
        Err(Failure::answered(Problem::from_http(
            response.status(),
            response.headers(),
            &body,
        )))
    }
}

impl Bound {
    /// Calls `operation` by `method` at `path`, in which `{name}` stands for the request's field of that name. The other fields
    /// travel in the query string or, where the method has a body, all of them there, as JSON.
    ///
    /// # Errors
    /// What the callee answered, as this service's callers may see it, or what the edge's policy made of it.
    pub async fn rest<Q, R>(
        &self,
        operation: &'static str,
        method: Method,
        path: &'static str,
        request: &Q,
    ) -> Result<R, Problem>
    where
        Q: Serialize,
        R: DeserializeOwned,
    {
        let Transport::Rest(rest) = &self.edge.transport else {
            return Err(self.wrong_protocol());
        };
        let policy = self.policy(operation)?;
        let travel = &self.travelling(operation, Wire::Http(method.clone(), path));
        let request = &Prepared::new(method, path, request)?;
        let read = |answer: &Bytes| {
            // An operation without a result answers with an empty body.
            let json: &[u8] = if answer.is_empty() { b"null" } else { answer };
            serde_json::from_slice(json).map_err(|error| {
                // What the error says may hold what the answer says, and this is logged.
                Problem::bad_gateway(format!(
                    "{} answered with an invalid message: line {}, column {}",
                    self.edge.name,
                    error.line(),
                    error.column()
                ))
            })
        };
        let result = policy
            .call(self.scope.deadline, |attempt| {
                travel.attempt(attempt, true, |leg| async move {
                    rest.send(request, &leg).await
                })
            })
            .await
            .map_err(|failure| travel.call().failed(failure))
            .and_then(|answer| Ok((read(&answer)?, answer)));
        let Some(fallback) = self.edge.fallbacks.get(operation) else {
            return result.map(|(value, _)| value);
        };
        let body = request.body.as_deref().unwrap_or_default();
        let asked = [request.path_and_query.as_bytes(), body];
        let kept = |(_, answer): &(R, Bytes)| answer.clone();
        let again = |answer: Bytes| Some((read(&answer).ok()?, answer));
        let result = fallback.judge(&self.scope, &asked, result, kept, again);
        result.map(|(value, _)| value)
    }
}

impl Prepared {
    /// Puts a request's fields where `template` and `method` want them.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(method: Method, template: &str, request: &impl Serialize) -> Result<Self, Problem> {
        let invalid = |error| Problem::internal(format!("a request cannot be written: {error}"));
        let in_body = !matches!(method, Method::GET | Method::HEAD | Method::DELETE);
        if in_body && !template.contains('{') {
            let body = serde_json::to_vec(request).map_err(invalid)?;
            let body = (body != b"null").then(|| Bytes::from(body));
            return Ok(Self {
                method,
                path_and_query: template.to_owned(),
                body,
            });
        }
        let mut fields = match serde_json::to_value(request).map_err(invalid)? {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let body = in_body.then(|| Bytes::from(Value::Object(fields.clone()).to_string()));
        let mut path_and_query = fill(template, &mut fields);
        if !in_body {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &fields {
                each_text(value, |text| {
                    query.append_pair(name, text);
                });
            }
            let query = query.finish();
            if !query.is_empty() {
                path_and_query.push('?');
                path_and_query.push_str(&query);
            }
        }
        Ok(Self {
            method,
            path_and_query,
            body,
        })
    }
}

/// The path, with each `{name}` replaced by the field of that name, which is taken out.
fn fill(template: &str, fields: &mut Map<String, Value>) -> String {
    let mut path = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, name, after)) = rest.split_once('{').and_then(|(before, from)| {
        let (name, after) = from.split_once('}')?;
        Some((before, name, after))
    }) {
        path.push_str(before);
        let value = fields.remove(name).unwrap_or_default();
        each_text(&value, |text| escape(text, &mut path));
        rest = after;
    }
    path + rest
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn escape(text: &str, path: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(byte.into());
        } else {
            path.extend([
                '%',
                HEX[usize::from(byte >> 4)].into(),
                HEX[usize::from(byte & 15)].into(),
            ]);
        }
    }
}

/// A field as texts: none when it is absent, one for each item of a list.
fn each_text(value: &Value, mut take: impl FnMut(&str)) {
    match value {
        Value::Null => {}
        Value::String(text) => take(text),
        Value::Array(items) => items
            .iter()
            .for_each(|item| each_text(item, &mut take as &mut dyn FnMut(&str))),
        other => take(&other.to_string()),
    }
}

/// No answer came. Only a connection that could not be made proves that the callee saw nothing of the request.
fn broken(error: &reqwest::Error) -> Failure {
    let verdict = if error.is_connect() {
        Verdict::NotSent
    } else {
        Verdict::Transient { retry_after: None }
    };
    Failure::new(
        Problem::unavailable("a service behind this one cannot be reached"),
        verdict,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prepared(method: Method, path: &str, request: Value) -> (String, Option<String>) {
        let prepared = Prepared::new(method, path, &request).expect("is written");
        (
            prepared.path_and_query,
            prepared
                .body
                .map(|body| String::from_utf8(body.into()).expect("is text")),
        )
    }

    #[test]
    fn a_query_travels_in_path_and_query_string() {
        let request = json!({"id": "a/b ö", "limit": 3, "status": null, "tags": ["x", "y&z"]});
        let (path, body) = prepared(Method::GET, "/v1/orders/{id}/find", request);
        assert_eq!(
            (path.as_str(), body),
            (
                "/v1/orders/a%2Fb%20%C3%B6/find?limit=3&tags=x&tags=y%26z",
                None
            )
        );
    }

    #[test]
    fn a_command_travels_in_the_body() {
        let (path, body) = prepared(Method::POST, "/v1/place", json!({"a": 1}));
        assert_eq!(
            (path.as_str(), body.as_deref()),
            ("/v1/place", Some(r#"{"a":1}"#))
        );
        let (path, body) = prepared(Method::PUT, "/v1/{id}", json!({"id": "x"}));
        assert_eq!(
            (path.as_str(), body.as_deref()),
            ("/v1/x", Some(r#"{"id":"x"}"#))
        );
        assert_eq!(prepared(Method::POST, "/ping", Value::Null).1, None);
    }
}
