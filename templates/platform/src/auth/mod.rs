//! Who calls, for whom, and whether they may.

pub(crate) mod api_key;
mod basic;
mod challenge;
mod jwt;
mod keys;
pub(crate) mod password;
mod remembered;
pub(crate) mod session;
pub(crate) mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use self::api_key::ApiKeys;
use self::basic::Users;
use self::challenge::Challenge;
pub(crate) use self::challenge::Presented;
use self::jwt::Verifier;
use self::session::Sessions;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::{Credential, Peer, User};
use crate::error::Error;
use crate::policy::{Kind, OperationPolicy, Scheme, ServicePolicy};
use crate::problem::Problem;
use crate::state::Shared;

/// The schemes that a service accepts, made once and shared by all operations: each knows its issuer's keys, or its list.
#[derive(Debug, Default)]
pub struct Schemes {
    system: &'static str,
    known: BTreeMap<&'static str, Method>,
}

/// One scheme, ready to verify.
#[derive(Clone, Debug)]
enum Method {
    Mtls,
    Token(Token),
    ApiKey(Arc<ApiKeys>),
    Basic(Arc<Users>),
    Session(Arc<Sessions>),
}

/// A token of an issuer, for certain purposes.
#[derive(Clone, Debug)]
struct Token {
    verifier: Arc<Verifier>,
    /// The scopes that it must have.
    scopes: Vec<&'static str>,
}

impl Schemes {
    /// The schemes that operations of `policy` accept, with the addresses and secrets that `config` gives; sessions are
    /// kept in `state`.
    ///
    /// # Errors
    /// When an algorithm is unknown, a key set's address is none, or a secret is missing or cannot be read.
    pub(crate) fn new(
        policy: &ServicePolicy,
        config: &ServiceConfig,
        clock: Clock,
        state: &dyn Fn() -> Shared,
    ) -> Result<Self, Error> {
        let operations = policy.apis.iter().flat_map(|api| &api.operations);
        let accepted: BTreeSet<_> = operations.flat_map(|it| &it.auth).collect();
        let mut schemes = Self {
            system: policy.system,
            ..Self::default()
        };
        // Made once for each issuer, so that its keys are fetched once.
        let mut verifiers: BTreeMap<&str, Arc<Verifier>> = BTreeMap::new();
        let mut verifier = |name: &'static str| -> Result<Arc<Verifier>, Error> {
            if let Some(verifier) = verifiers.get(name) {
                return Ok(verifier.clone());
            }
            let scheme = policy.schemes.iter().find(|it| it.name() == name);
            let scheme = scheme
                .ok_or_else(|| Error::new(format!("no authentication scheme is called {name}")))?;
            let made = Arc::new(Verifier::new(scheme, config, clock)?);
            verifiers.insert(name, made.clone());
            Ok(made)
        };
        // Those that are only shown to others have nothing to verify with.
        for scheme in policy
            .schemes
            .iter()
            .filter(|it| accepted.contains(&it.name()))
        {
            let method = match scheme {
                Scheme::Mtls { .. } => Method::Mtls,
                Scheme::Jwt { name, .. } => Method::Token(Token {
                    verifier: verifier(name)?,
                    scopes: Vec::new(),
                }),
                Scheme::Oauth2 {
                    provider, scopes, ..
                } => Method::Token(Token {
                    verifier: verifier(provider)?,
                    scopes: scopes.clone(),
                }),
                Scheme::ApiKey {
                    name, header, keys, ..
                } => Method::ApiKey(Arc::new(ApiKeys::new(name, header, *keys, config)?)),
                Scheme::Basic { name, users, .. } => {
                    Method::Basic(Arc::new(Users::new(name, *users, config, clock)?))
                }
                Scheme::Session { provider, .. } => {
                    let verifier = verifier(provider)?;
                    let sessions = Sessions::new(scheme, policy, config, verifier, clock, state())?;
                    Method::Session(Arc::new(sessions))
                }
            };
            schemes.known.insert(scheme.name(), method);
        }
        Ok(schemes)
    }

    /// The sessions of this scheme, if it has any.
    pub(crate) fn sessions(&self, scheme: &str) -> Option<&Arc<Sessions>> {
        match self.known.get(scheme) {
            Some(Method::Session(sessions)) => Some(sessions),
            _ => None,
        }
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
    tokens: Vec<Token>,
    /// A key of one of these suffices.
    keys: Vec<Arc<ApiKeys>>,
    /// A name and password of one of these suffices.
    users: Vec<Arc<Users>>,
    /// The cookie of a session of one of these suffices.
    sessions: Vec<Arc<Sessions>>,
    /// The origins whose pages may change things with such a cookie, beside the service's own.
    origins: Vec<&'static str>,
    /// Whether it changes anything.
    changes: bool,
    /// The user needs one of these roles.
    allow: Vec<&'static str>,
    challenges: Vec<Challenge>,
}

/// Who was proved to call, and for whom; neither where anybody may come.
#[derive(Debug, Default)]
pub(crate) struct Proven {
    pub(crate) user: Option<Arc<User>>,
    pub(crate) credential: Option<Credential>,
}

impl Access {
    /// What `policy` asks. Browsers' cookies count where they are told by `origins` whose pages may call; elsewhere nobody
    /// has any.
    ///
    /// # Errors
    /// When it names a scheme that nobody declared.
    pub(crate) fn new(
        policy: &OperationPolicy,
        origins: Option<&[&'static str]>,
        schemes: &Schemes,
    ) -> Result<Self, Error> {
        let mut access = Self {
            open: policy.auth.is_empty(),
            mtls: false,
            tokens: Vec::new(),
            keys: Vec::new(),
            users: Vec::new(),
            sessions: Vec::new(),
            origins: origins.unwrap_or_default().to_vec(),
            changes: policy.kind != Kind::Query,
            allow: policy.allow.clone(),
            challenges: Vec::new(),
        };
        for name in &policy.auth {
            let method = schemes.known.get(name).ok_or_else(|| {
                Error::new(format!(
                    "{}: no authentication scheme is called {name}",
                    policy.operation
                ))
            })?;
            let challenge = match method {
                Method::Mtls => {
                    access.mtls = true;
                    Challenge::Certificate
                }
                Method::Token(token) => {
                    access.tokens.push(token.clone());
                    Challenge::Bearer(token.scopes.clone())
                }
                Method::ApiKey(keys) => {
                    access.keys.push(keys.clone());
                    Challenge::ApiKey(keys.header.to_string())
                }
                Method::Basic(users) => {
                    access.users.push(users.clone());
                    Challenge::Basic(schemes.system)
                }
                Method::Session(_) if origins.is_none() => continue,
                Method::Session(sessions) => {
                    access.sessions.push(sessions.clone());
                    Challenge::Cookie(sessions.challenge())
                }
            };
            access.challenges.push(challenge);
        }
        Ok(access)
    }

    /// Proves who calls and for whom. All that was shown has to be right, and one thing must have been.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Proven, Problem> {
        let mut proven = Proven::default();
        if self.open {
            return Ok(proven);
        }
        if !self.keys.is_empty() {
            proven.credential = self.key(headers)?;
        }
        if !(self.tokens.is_empty() && self.users.is_empty())
            && let Some((scheme, shown)) = authorization(headers)?
        {
            if scheme.eq_ignore_ascii_case("bearer") && !self.tokens.is_empty() {
                proven.user = Some(self.token(shown).await?);
            } else if scheme.eq_ignore_ascii_case("basic") && !self.users.is_empty() {
                proven.credential = Some(self.password(shown).await?);
            } else {
                return Err(Problem::unauthenticated(if self.users.is_empty() {
                    "only bearer tokens are accepted"
                } else {
                    "this way of authorization is not accepted"
                }));
            }
        }
        if proven.user.is_none() && proven.credential.is_none() {
            proven.user = self.session(headers).await?;
        }
        let by_certificate = self.mtls && peer.service.is_some();
        if proven.user.is_some() || proven.credential.is_some() || by_certificate {
            return Ok(proven);
        }
        Err(Problem::unauthenticated(self.needed()))
    }

    /// What an operation misses to which nothing was shown.
    fn needed(&self) -> String {
        let ways = [
            (!self.tokens.is_empty(), "a bearer token"),
            (!self.keys.is_empty(), "an API key"),
            (!self.users.is_empty(), "a user name and password"),
            (!self.sessions.is_empty(), "a session's cookie"),
        ];
        let mut ways: Vec<_> = ways
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, it)| *it)
            .collect();
        // Who can show anything else would otherwise be told of something that he cannot have.
        if ways.is_empty() {
            ways.push("a client certificate");
        }
        format!("{} is needed", ways.join(" or "))
    }

    /// The values of `WWW-Authenticate` with which a problem is answered.
    pub(crate) fn challenges(&self, problem: &Problem, presented: Presented) -> Vec<HeaderValue> {
        let challenges = self.challenges.iter();
        challenges
            .filter_map(|it| it.header(problem, presented))
            .collect()
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
    async fn token(&self, token: &str) -> Result<Arc<User>, Problem> {
        let mut refusal = Problem::unauthenticated("the token is not accepted");
        let mut lacks = None;
        for accepted in &self.tokens {
            match accepted.verifier.verify(token).await {
                Ok(user) if has_scopes(&user, &accepted.scopes) => return Ok(user),
                Ok(_) => lacks = Some(&accepted.scopes),
                Err(problem) => refusal = problem,
            }
        }
        Err(lacks.map_or(refusal, |scopes| {
            Problem::forbidden(format!("the token lacks the scope {}", scopes.join(" ")))
                .with_code(INSUFFICIENT_SCOPE)
        }))
    }

    /// Whether browsers' cookies count.
    pub(crate) fn takes_cookies(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// The user of the first scheme whose session's cookie came. What is changed by it, a page of ours must have asked for.
    async fn session(&self, headers: &HeaderMap) -> Result<Option<Arc<User>>, Problem> {
        for sessions in &self.sessions {
            if let Some(user) = sessions.user(headers).await? {
                if self.changes {
                    sessions.check_origin(headers, &self.origins)?;
                }
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// The first list that knows the key; schemes may share a header.
    fn key(&self, headers: &HeaderMap) -> Result<Option<Credential>, Problem> {
        let mut refusal = None;
        for keys in &self.keys {
            match keys.presented(headers) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(problem) => refusal = Some(problem),
            }
        }
        refusal.map_or(Ok(None), Err)
    }

    /// The first list that knows the user; else what the last one says.
    async fn password(&self, encoded: &str) -> Result<Credential, Problem> {
        let mut refusal = Problem::unauthenticated("the user name or password is wrong");
        for users in &self.users {
            match users.verify(encoded).await {
                Ok(credential) => return Ok(credential),
                Err(problem) => refusal = problem,
            }
        }
        Err(refusal)
    }
}

/// What programs tell a token by that is right, but not for this purpose.
const INSUFFICIENT_SCOPE: &str = "insufficient-scope";

/// Whether a token has all of `needed`, by the claim of RFC 9068 or the one that some providers write instead.
fn has_scopes(user: &User, needed: &[&str]) -> bool {
    let claims = ["scope", "scp"].into_iter();
    let given: Vec<&str> = claims
        .filter_map(|claim| user.claims.get(claim))
        .flat_map(|claim| match claim {
            Value::String(text) => text.split(' ').collect(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        })
        .collect();
    needed.iter().all(|scope| given.contains(scope))
}

/// The way of authorization and what is shown by it, if it came.
fn authorization(headers: &HeaderMap) -> Result<Option<(&str, &str)>, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_| Problem::unauthenticated("the authorization header is not text"))?;
    let (scheme, shown) = text.split_once(' ').unwrap_or((text, ""));
    Ok(Some((scheme, shown.trim())))
}
