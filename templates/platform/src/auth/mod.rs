//! Who calls, for whom, and whether they may.

mod jwt;
mod keys;
mod remembered;

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use self::jwt::Verifier;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::{Peer, User};
use crate::error::Error;
use crate::policy::{OperationPolicy, Scheme, ServicePolicy};
use crate::problem::Problem;

/// The schemes of a service, made once and shared by all operations: each knows its issuer's keys.
#[derive(Debug, Default)]
pub struct Schemes {
    jwt: Vec<(&'static str, Arc<Verifier>)>,
    mtls: Vec<&'static str>,
}

impl Schemes {
    /// The schemes that `policy` declares, with the addresses that `config` gives.
    ///
    /// # Errors
    /// When an algorithm is unknown or a key set's address is none.
    pub fn new(
        policy: &ServicePolicy,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Self, Error> {
        let mut schemes = Self::default();
        for scheme in &policy.schemes {
            match scheme {
                Scheme::Mtls { name } => schemes.mtls.push(name),
                Scheme::Jwt { name, .. } => {
                    let issuer = config.issuers.get(*name).cloned().unwrap_or_default();
                    schemes
                        .jwt
                        .push((name, Arc::new(Verifier::new(scheme, issuer, clock)?)));
                }
            }
        }
        Ok(schemes)
    }
}

/// What one operation asks of its callers.
#[derive(Debug)]
pub(crate) struct Access {
    /// Anybody may come.
    open: bool,
    /// The certificate of a service that has an edge suffices.
    mtls: bool,
    /// A token of one of these suffices.
    jwt: Vec<Arc<Verifier>>,
    /// The user needs one of these roles.
    allow: Vec<&'static str>,
}

impl Access {
    /// What `policy` asks.
    ///
    /// # Errors
    /// When it names a scheme that nobody declared.
    pub(crate) fn new(policy: &OperationPolicy, schemes: &Schemes) -> Result<Self, Error> {
        let mut access = Self {
            open: policy.auth.is_empty(),
            mtls: false,
            jwt: Vec::new(),
            allow: policy.allow.clone(),
        };
        for name in &policy.auth {
            if schemes.mtls.contains(name) {
                access.mtls = true;
            } else if let Some((_, verifier)) = schemes.jwt.iter().find(|(one, _)| one == name) {
                access.jwt.push(verifier.clone());
            } else {
                return Err(Error::new(format!(
                    "{}: no authentication scheme is called {name}",
                    policy.operation
                )));
            }
        }
        Ok(access)
    }

    /// Proves the user, if a token came and tokens count here.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Option<Arc<User>>, Problem> {
        if self.open {
            return Ok(None);
        }
        if !self.jwt.is_empty()
            && let Some(token) = bearer(headers)?
        {
            return self.verify(token).await.map(Some);
        }
        if self.mtls && peer.service.is_some() {
            return Ok(None);
        }
        Err(Problem::unauthenticated(if self.jwt.is_empty() {
            "a client certificate is needed"
        } else {
            "a bearer token is needed"
        }))
    }

    /// Judges the roles of the user.
    pub(crate) fn authorize(&self, user: Option<&User>) -> Result<(), Problem> {
        if self.allow.is_empty()
            || user.is_some_and(|user| self.allow.iter().any(|role| user.has_role(role)))
        {
            return Ok(());
        }
        Err(Problem::forbidden(if user.is_some() {
            "the user has none of the roles that may do this"
        } else {
            "only users in certain roles may do this"
        }))
    }

    /// The first scheme that the token satisfies; else what the last one says.
    async fn verify(&self, token: &str) -> Result<Arc<User>, Problem> {
        let mut refusal = Problem::unauthenticated("the token is not accepted");
        for verifier in &self.jwt {
            match verifier.verify(token).await {
                Ok(user) => return Ok(user),
                Err(problem) => refusal = problem,
            }
        }
        Err(refusal)
    }
}

/// The bearer token, if one came.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_| Problem::unauthenticated("the authorization header is not text"))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::unauthenticated("only bearer tokens are accepted")),
    }
}
