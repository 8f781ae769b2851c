//! Users of browsers, logged in by an identity provider: the authorization code flow of OpenID Connect, with PKCE.
//!
//! The browser has a cookie that means nothing elsewhere. The tokens stay here, and are renewed here; a request with the
//! cookie counts as one with the user's token.

mod cookie;
mod kept;
mod login;
mod origin;
mod provider;
mod renew;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use http::{HeaderMap, HeaderValue};

use self::cookie::Cookie;
use self::kept::{Id, Kept, Session};
use self::login::Login;
use self::provider::{Known, Provider};
use self::renew::Renewal;
use super::jwt::Verifier;
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::context::User;
use crate::error::Error;
use crate::oauth::{Refusal, parameter};
use crate::policy::{Scheme, ServicePolicy};
use crate::problem::Problem;
use crate::state::Shared;

/// Where logins begin. `return_to` is the path that the user comes back to, `login_hint` is passed on.
pub const LOGIN: &str = "/auth/login";
/// Where the provider sends users back.
pub const CALLBACK: &str = "/auth/callback";
/// Where pages ask who is logged in.
pub const SESSION: &str = "/auth/session";
/// Where sessions end.
pub const LOGOUT: &str = "/auth/logout";

/// How long a user may take at the provider.
const AT_PROVIDER: Duration = Duration::from_secs(600);

/// The sessions of one scheme.
#[derive(Debug)]
pub(crate) struct Sessions {
    scheme: &'static str,
    session: Cookie,
    login: Cookie,
    renewal: Renewal,
    refresh: bool,
    max_age: Duration,
    /// How browsers reach the service, if that is configured.
    origin: Option<String>,
}

/// Where a browser goes on, and what its cookies are from now on.
pub(crate) struct Onward {
    pub(crate) to: String,
    pub(crate) cookies: Vec<HeaderValue>,
}

impl Sessions {
    /// The sessions of a scheme whose tokens `verifier` checks.
    ///
    /// # Errors
    /// When the provider is unknown, or a secret is missing.
    pub(super) fn new(
        scheme: &Scheme,
        policy: &ServicePolicy,
        config: &ServiceConfig,
        verifier: Arc<Verifier>,
        clock: Clock,
        store: Shared,
    ) -> Result<Self, Error> {
        let Scheme::Session {
            name,
            provider,
            client_id,
            client_secret,
            ref scopes,
            refresh,
            max_age,
        } = *scheme
        else {
            return Err(Error::new(format!("{} has no sessions", scheme.name())));
        };
        let issues = policy.schemes.iter().find(|it| it.name() == provider);
        let Some(Scheme::Jwt {
            issuer, audience, ..
        }) = issues
        else {
            return Err(Error::new(format!(
                "auth {name}: {provider} issues no tokens"
            )));
        };
        let known = Known {
            scheme: name,
            issuer,
            audience,
            client_id,
            client_secret,
            scopes,
            renews: refresh,
        };
        let place = config.issuers.get(provider).cloned().unwrap_or_default();
        let origin = config.origin.as_deref();
        Ok(Self {
            scheme: name,
            session: Cookie::session(name),
            login: Cookie::login(name),
            renewal: Renewal {
                provider: Arc::new(Provider::new(known, place, config)?),
                verifier,
                kept: Arc::new(Kept {
                    store,
                    scheme: name,
                    clock,
                }),
            },
            refresh,
            max_age,
            origin: origin.map(|origin| origin.trim_end_matches('/').to_owned()),
        })
    }

    /// What tells those who show nothing what is asked for. No standard names this way; the name is widely used.
    pub(crate) fn challenge(&self) -> String {
        format!("Cookie cookie-name=\"{}\"", self.session.name())
    }

    /// The user whose session's cookie came, if one did.
    ///
    /// # Errors
    /// When the session has ended, or never was, or nobody can say now.
    pub(crate) async fn user(&self, headers: &HeaderMap) -> Result<Option<Arc<User>>, Problem> {
        let Some(cookie) = self.session.read(headers) else {
            return Ok(None);
        };
        let id = Id::parse(cookie).ok_or_else(ended)?;
        let session = self.current(&id).await?;
        let user = self.renewal.verifier.verify(&session.access).await?;
        Ok(Some(user))
    }

    /// Goes on where a browser asks on behalf of a page of this site, or of a `listed` origin.
    ///
    /// # Errors
    /// Forbidden, where it does not.
    pub(crate) fn check_origin(
        &self,
        headers: &HeaderMap,
        listed: &[&'static str],
    ) -> Result<(), Problem> {
        origin::check(headers, self.origin.as_deref(), listed)
    }

    async fn current(&self, id: &Id) -> Result<Session, Problem> {
        let session = self.renewal.kept.read(id).await?.ok_or_else(ended)?;
        let now = self.renewal.kept.clock.unix_seconds();
        if session.refresh.is_none() || now < renewed(&session) {
            return Some(session)
                .filter(|session| now < session.expires)
                .ok_or_else(ended);
        }
        if now >= session.expires {
            return self.renewal.now(id, &session).await;
        }
        self.renewal.ahead(id, &session).await;
        Ok(session)
    }

    /// Sends a browser to the provider. `here` is how it reached us.
    ///
    /// # Errors
    /// When it is to come back elsewhere, or the provider is not found.
    pub(crate) async fn begin(&self, query: &str, here: &str) -> Result<Onward, Problem> {
        let return_to = parameter(query.as_bytes(), "return_to");
        let login = Login::begin(return_to.as_deref())?;
        let hint = parameter(query.as_bytes(), "login_hint");
        let provider = &self.renewal.provider;
        let back = self.back(here);
        let to = provider.login(&login, &back, hint.as_deref()).await?;
        Ok(Onward {
            to: to.into(),
            cookies: vec![self.login.set(&login.cookie(), AT_PROVIDER)],
        })
    }

    /// Makes a session for a browser that comes back from the provider.
    ///
    /// # Errors
    /// When it does not come from a login that was begun there, or the provider does not vouch for anybody.
    pub(crate) async fn finish(
        &self,
        headers: &HeaderMap,
        query: &str,
        here: &str,
    ) -> Result<Onward, Problem> {
        let login = self.login.read(headers).and_then(Login::resume);
        let state = parameter(query.as_bytes(), "state").unwrap_or_default();
        let login = login.filter(|login| is_same(&login.state(), &state));
        let login = login.ok_or_else(|| {
            Problem::invalid_input("this login was not begun in this browser, or has ended")
        })?;
        let provider = &self.renewal.provider;
        // RFC 9207: the answer of another provider is no answer.
        let issuer = parameter(query.as_bytes(), "iss");
        if issuer.is_some_and(|issuer| !provider.is_issuer(&issuer)) {
            return Err(Problem::invalid_input("another provider answers"));
        }
        let Some(code) = parameter(query.as_bytes(), "code") else {
            return Err(Problem::forbidden(
                "the identity provider did not let the user in",
            ));
        };
        let tokens = provider.redeem(&code, &login, &self.back(here)).await;
        let mut tokens = tokens.map_err(|refusal| match refusal {
            Refusal::Unavailable => refusal.into(),
            Refusal::Grant => {
                Problem::invalid_input("this login was ended before, or took too long")
            }
        })?;
        let (verifier, kept) = (&self.renewal.verifier, &self.renewal.kept);
        let identity = tokens.identity.take().unwrap_or_default();
        let (client, nonce) = (provider.client_id(), login.nonce());
        let checked = verifier.identity(&identity, &client, &nonce).await;
        checked.map_err(|problem| {
            tracing::warn!(scheme = self.scheme, %problem, "the provider gave an identity that is not accepted");
            Problem::bad_gateway("the identity provider gave an identity that is not accepted here")
        })?;
        let now = kept.clock.unix_seconds();
        let expires = renew::expires(verifier, &tokens, now).await?;
        let refresh = tokens.refresh.filter(|_| self.refresh);
        let longest = now.saturating_add(self.max_age.as_secs());
        let session = Session {
            access: tokens.access,
            ends: match refresh {
                Some(_) => longest,
                None => longest.min(expires),
            },
            refresh,
            identity: Some(identity),
            given: now,
            expires,
        };
        // The one before it ends: who knew that cookie does not know the user's next one.
        self.forget(headers).await?;
        let id = Id::new()?;
        kept.begin(&id, &session).await?;
        let age = Duration::from_secs(session.ends.saturating_sub(now));
        Ok(Onward {
            to: login.return_to,
            cookies: vec![self.session.set(&id.text(), age), self.login.clear()],
        })
    }

    /// Ends the session of a browser, and sends it on to the provider to end its login there too.
    ///
    /// # Errors
    /// When another site asks for it, or the store does not answer.
    pub(crate) async fn end(&self, headers: &HeaderMap, here: &str) -> Result<Onward, Problem> {
        self.check_origin(headers, &[])?;
        let session = self.forget(headers).await?;
        let identity = session.and_then(|session| session.identity);
        let back = format!("{}/", self.site(here));
        let logout = self.renewal.provider.logout(identity.as_deref(), &back);
        Ok(Onward {
            to: logout.await.map_or_else(|| "/".to_owned(), String::from),
            cookies: vec![self.session.clear(), self.login.clear()],
        })
    }

    /// Ends the session whose cookie came; it was that one.
    async fn forget(&self, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
        let Some(id) = self.session.read(headers).and_then(Id::parse) else {
            return Ok(None);
        };
        let kept = &self.renewal.kept;
        let session = kept.read(&id).await?;
        kept.end(&id).await?;
        if let Some(refresh) = session.as_ref().and_then(|it| it.refresh.as_deref()) {
            self.renewal.provider.revoke(refresh).await;
        }
        Ok(session)
    }

    /// How browsers reach the service.
    fn site<'a>(&'a self, here: &'a str) -> &'a str {
        self.origin.as_deref().unwrap_or(here)
    }

    /// Where the provider sends users back.
    fn back(&self, here: &str) -> String {
        format!("{}{CALLBACK}", self.site(here))
    }
}

/// When a token is renewed: after four fifths of its time, while it is still good.
fn renewed(session: &Session) -> u64 {
    let lifetime = session.expires.saturating_sub(session.given);
    session.given.saturating_add(lifetime - lifetime / 5)
}

/// What a request with a cookie is told that no session has, or has any more.
fn ended() -> Problem {
    Problem::unauthenticated("the session has ended: log in again")
}

fn is_same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|error| Error::because("asking for random numbers", error))?;
    Ok(bytes)
}
