//! What a service shows of its own to those whom it calls.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue};

use super::token::Own;
use crate::auth::api_key::header_name;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::error::Error;
use crate::policy::{EdgePolicy, Scheme, ServicePolicy};
use crate::watched::Watched;

/// What a service proves itself by on one edge, beside its certificate.
#[derive(Debug, Default)]
pub enum Credential {
    /// Nothing.
    #[default]
    None,
    /// A key, or a name and password, in this header.
    Fixed(HeaderName, Shown),
    /// A token that an identity provider gives to the service.
    Token(Arc<Own>),
}

/// The value of a header, as its secret says now.
#[derive(Debug)]
pub struct Shown(Watched<HeaderValue>);

impl Credential {
    /// What `edge` asks for.
    ///
    /// # Errors
    /// When a secret is missing or cannot be sent.
    pub(crate) fn new(
        edge: &EdgePolicy,
        policy: &ServicePolicy,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Self, Error> {
        let scheme = policy
            .schemes
            .iter()
            .find(|scheme| Some(scheme.name()) == edge.auth);
        Ok(match scheme {
            None | Some(Scheme::Mtls { .. } | Scheme::Jwt { .. } | Scheme::Session { .. }) => {
                Self::None
            }
            Some(Scheme::ApiKey {
                name, header, key, ..
            }) => {
                let key = config.secret(&format!("the key of {name}"), *key, |text| {
                    value(text.trim())
                });
                Self::Fixed(header_name(name, header)?, Shown(key?))
            }
            Some(Scheme::Basic { name, login, .. }) => {
                let login = config.secret(&format!("the login of {name}"), *login, basic);
                Self::Fixed(AUTHORIZATION, Shown(login?))
            }
            Some(Scheme::Oauth2 { name, .. }) => {
                Self::Token(Arc::new(Own::new(name, policy, config, clock)?))
            }
        })
    }

    /// Adds it to the headers of a call, as far as it is at hand; a user's token that travels already keeps its place.
    pub(super) fn attach(&self, headers: &mut HeaderMap) {
        match self {
            // A token may have to be obtained first, by the attempt that shows it.
            Self::None | Self::Token(_) => {}
            Self::Fixed(name, shown) => {
                headers
                    .entry(name)
                    .or_insert_with(|| HeaderValue::clone(&shown.0.current()));
            }
        }
    }
}

fn value(text: &str) -> Result<HeaderValue, Error> {
    // What is wrong with it would show what it is.
    let unusable = || Error::new("it cannot stand in a header");
    let mut value = HeaderValue::try_from(text)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// `name:password` as RFC 7617 sends it.
fn basic(text: &str) -> Result<HeaderValue, Error> {
    let login = text.trim_end_matches(['\r', '\n']);
    if !login.contains(':') {
        return Err(Error::new("it is not of the form name:password"));
    }
    value(&format!("Basic {}", STANDARD.encode(login)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_sent_as_the_standard_has_it() {
        let sent = basic("Aladdin:open sesame\n").unwrap();
        assert_eq!(sent, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(sent.is_sensitive());
        assert!(basic("Aladdin").is_err());
        assert!(value("").is_err());
        let error = value("se\ncret").unwrap_err();
        assert!(!error.to_string().contains("cret"));
    }
}
