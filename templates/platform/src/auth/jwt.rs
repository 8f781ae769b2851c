//! Signed tokens of users (RFC 7519), verified with the keys that their issuer publishes.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

use super::keys::{Keys, Set};
use super::remembered::Remembered;
use super::shared::{self, is_shared};
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::User;
use crate::error::Error;
use crate::policy::Scheme;
use crate::problem::Problem;
use crate::watched::Watched;

/// Seconds by which the issuer's clock may differ from ours.
const LEEWAY: u64 = 30;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Verifier {
    keys: Source,
    validation: Validation,
    roles: Vec<&'static str>,
    clock: Clock,
    remembered: Remembered,
}

/// Where the keys come from.
#[derive(Debug)]
enum Source {
    /// The issuer publishes them.
    Published(Arc<Keys>),
    /// They are secrets that it shares with us.
    Shared(Watched<Set>),
}

impl Source {
    fn current(&self) -> Arc<Set> {
        match self {
            Self::Published(keys) => keys.current(),
            Self::Shared(keys) => keys.current(),
        }
    }

    async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Set>, Problem> {
        match self {
            Self::Published(keys) => keys.find(id, algorithm).await,
            Self::Shared(keys) => Ok(keys.current()),
        }
    }

    fn refresh(&self, set: &Arc<Set>) {
        if let Self::Published(keys) = self {
            keys.refresh(set);
        }
    }
}

impl Verifier {
    /// The verifier of a jwt scheme.
    ///
    /// # Errors
    /// When an algorithm is unknown, or its keys cannot be had as it is said.
    pub(super) fn new(
        scheme: &Scheme,
        config: &ServiceConfig,
        clock: Clock,
    ) -> Result<Self, Error> {
        let Scheme::Jwt {
            name,
            issuer,
            audience,
            algorithms,
            roles,
            secret,
        } = scheme
        else {
            return Err(Error::new(format!("{} verifies no tokens", scheme.name())));
        };
        let known = config.issuers.get(*name).cloned().unwrap_or_default();
        let issuer = known.issuer.unwrap_or_else(|| (*issuer).to_owned());
        let jwks = known
            .jwks
            .unwrap_or_else(|| format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')));
        let parse = |algorithm: &&str| {
            algorithm
                .parse::<Algorithm>()
                .map_err(|_| Error::new(format!("{name}: unknown algorithm {algorithm}")))
        };
        let algorithms = algorithms
            .iter()
            .map(parse)
            .collect::<Result<Vec<_>, _>>()?;
        let mut validation = Validation::new(algorithms.first().copied().unwrap_or_default());
        validation.algorithms = algorithms.clone();
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Times are compared here, with the service's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        // A published key must never be taken for a secret.
        if algorithms
            .iter()
            .any(|it| is_shared(*it) != secret.is_some())
        {
            return Err(Error::new(format!(
                "auth {name}: a secret goes with HS256, HS384 and HS512, and with no other algorithm"
            )));
        }
        let keys = match secret {
            Some(secret) => Source::Shared(shared::keys(name, *secret, &algorithms, config)?),
            None => Source::Published(Arc::new(Keys::new(&jwks, algorithms, clock)?)),
        };
        Ok(Self {
            keys,
            validation,
            roles: roles.clone(),
            clock,
            remembered: Remembered::default(),
        })
    }

    /// The user of a token.
    pub(super) async fn verify(&self, token: &str) -> Result<Arc<User>, Problem> {
        let now = self.clock.unix_seconds();
        let set = self.keys.current();
        if let Some(user) = self.remembered.get(token, now, set.generation) {
            self.keys.refresh(&set);
            return Ok(user);
        }
        // Behind a pointer: asking the issuer for keys takes much room, and seldom happens.
        let (claims, generation) = Box::pin(self.claims(token, None)).await?;
        let expires = self.times(&claims, now)?;
        let user = Arc::new(self.user(claims, token)?);
        self.remembered.put(user.clone(), expires, now, generation);
        Ok(user)
    }

    /// Checks what tells a client who its user is (OpenID Connect Core 1.0, section 3.1.3.7): that it is meant for this
    /// client, and for this login.
    pub(super) async fn identity(
        &self,
        token: &str,
        client: &str,
        nonce: &str,
    ) -> Result<(), Problem> {
        let (claims, _) = self.claims(token, Some(client)).await?;
        self.times(&claims, self.clock.unix_seconds())?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("nonce") != Some(nonce) {
            return Err(Problem::unauthenticated("the token is of another login"));
        }
        if text("azp").is_some_and(|party| party != client) {
            return Err(Problem::unauthenticated(
                "the token was given to another client",
            ));
        }
        Ok(())
    }

    /// What a token says that is signed as it should be, and the generation of the keys. It is meant for the scheme's
    /// audience, or for another one.
    async fn claims(
        &self,
        token: &str,
        audience: Option<&str>,
    ) -> Result<(Map<String, Value>, u64), Problem> {
        if token.len() > LONGEST {
            return Err(Problem::unauthenticated("the token is too long"));
        }
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| Problem::unauthenticated("this is no token"))?;
        if !self.validation.algorithms.contains(&header.alg) {
            return Err(Problem::unauthenticated(
                "the token is signed by an algorithm that is not accepted",
            ));
        }
        let set = self.keys.find(header.kid.as_deref(), header.alg).await?;
        self.keys.refresh(&set);
        // The header's algorithm is one of ours, and each candidate is of its family.
        let mut validation = self.validation.clone();
        validation.algorithms = vec![header.alg];
        if let Some(audience) = audience {
            validation.set_audience(&[audience]);
        }
        let claims = set
            .candidates(header.kid.as_deref(), header.alg)
            .find_map(|key| {
                jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &validation).ok()
            })
            .ok_or_else(|| Problem::unauthenticated("the token is not accepted"))?
            .claims;
        Ok((claims, set.generation))
    }

    /// When the token ends, in seconds since 1970 and leeway included.
    fn times(&self, claims: &Map<String, Value>, now: u64) -> Result<u64, Problem> {
        let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
        // Saturates: a date beyond time is as far as dates go.
        let expires = seconds("exp").map(|exp| (exp as u64).saturating_add(LEEWAY));
        let expires = expires.filter(|expires| *expires > now);
        let expires = expires.ok_or_else(|| Problem::unauthenticated("the token has expired"))?;
        match seconds("nbf") {
            Some(from) if (from as u64) > now + LEEWAY => {
                Err(Problem::unauthenticated("the token is not valid yet"))
            }
            None if claims.contains_key("nbf") => {
                Err(Problem::unauthenticated("the token is not accepted"))
            }
            _ => Ok(expires),
        }
    }

    fn user(&self, claims: Map<String, Value>, token: &str) -> Result<User, Problem> {
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .filter(|subject| !subject.is_empty());
        let subject = subject
            .ok_or_else(|| Problem::unauthenticated("the token names no user"))?
            .to_owned();
        let mut user = User {
            subject,
            roles: Vec::new(),
            claims,
            token: token.to_owned(),
        };
        user.roles = match user.claim(&self.roles) {
            Some(Value::Array(roles)) => roles
                .iter()
                .filter_map(|role| role.as_str().map(str::to_owned))
                .collect(),
            Some(Value::String(roles)) => roles.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(user)
    }
}
