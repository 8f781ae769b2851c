//! What travels with a request: who calls, for whom, until when, and as part of what.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::HeaderValue;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::audit::{self, Asked, Check};
use crate::clock::{Clock, Instant};
use crate::problem::Problem;
use crate::stream::Streaming;
use crate::telemetry::Tracer;
pub use crate::trace::Trace;

/// How many samples the stream of an operation holds that nobody has written yet.
const SAMPLES: usize = 3;

/// What a handler is given beside its request: the [`Scope`], and the clients that it may call with.
#[derive(Debug)]
pub struct Context<C = ()> {
    scope: Arc<Scope>,
    /// The clients of this operation, bound to this request: deadline, trace, user and key travel by themselves.
    pub clients: C,
}

impl<C> Context<C> {
    /// Binds the clients of `links` to `scope`.
    pub fn new<L>(links: &L, scope: Arc<Scope>) -> Self
    where
        C: Bind<L>,
    {
        let clients = C::bind(links, &scope);
        Self { scope, clients }
    }

    /// The scope, to keep beyond the request or to bind further clients to.
    pub fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// The answer of an operation that nobody has written yet: 501, or, where samples are on, a marked sample.
    pub fn unwritten<T: DeserializeOwned + Send>(
        self,
    ) -> impl Future<Output = Result<T, Problem>> + Send {
        let answer = self.scope.sampled();
        async move { answer }
    }

    /// The same for an operation that answers a stream, which holds a few of them.
    pub fn unwritten_stream<T: DeserializeOwned + Clone + Send + Sync + 'static>(
        self,
    ) -> impl Future<Output = Result<Streaming<T>, Problem>> + Send {
        let answer = self.scope.sampled::<T>();
        async move {
            let samples = std::iter::repeat_n(answer?, SAMPLES).map(Ok);
            Ok(stream::iter(samples).boxed())
        }
    }
}

impl<C> Deref for Context<C> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

/// Clients (or none) that can be bound to a request, given the service's edges `L`.
pub trait Bind<L> {
    /// Binds them.
    fn bind(links: &L, scope: &Arc<Scope>) -> Self;
}

impl<L> Bind<L> for () {
    fn bind(_: &L, _: &Arc<Scope>) -> Self {}
}

/// One request's circumstances, shared by its handler and every call that is made for it.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The api that was asked; empty for work that no request asked for.
    pub api: &'static str,
    /// The operation of it.
    pub operation: &'static str,
    /// Who called.
    pub caller: Peer,
    /// The user for whom, if one was proved.
    pub user: Option<Arc<User>>,
    /// When nobody waits for the answer any more.
    pub deadline: Option<Instant>,
    /// The trace that the request is part of.
    pub trace: Trace,
    /// What others who record the trace want to be told again (W3C `tracestate`).
    pub tracestate: Option<HeaderValue>,
    /// Who records what is done for the request.
    pub tracer: Tracer,
    /// The key that names this request in all its attempts.
    pub idempotency_key: Option<Arc<str>>,
    /// The service's clock.
    pub clock: Clock,
    /// What an unwritten operation answers instead of 501, as JSON.
    pub sample: Option<&'static str>,
    /// Made when a sample was answered, here or by a service that was called for it: the answer is told to hold one.
    pub sampled: Mark,
    /// Made when an earlier answer stood in for a call that failed (`fallback`): what is answered may be older than it should be.
    pub stale: Arc<Mark>,
}

impl Scope {
    /// The scope of work that no request asked for (a timer, a start).
    pub fn background(clock: Clock) -> Self {
        Self {
            trace: Trace::start(),
            clock,
            ..Self::default()
        }
    }

    /// What is left until the deadline; zero when it has passed, `None` when there is none.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(self.clock.now()))
    }

    /// Who the user is, as the issuer says it; `None` where nobody was proved.
    pub fn subject(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.subject.as_str())
    }

    /// Goes on if the caller may have the object that the handler found:
    ///
    /// ```ignore
    /// ctx.permit(ctx.subject() == Some(order.customer.as_str()))?;
    /// ```
    ///
    /// # Errors
    /// Forbidden (403) if it may not; the refusal is told to the audit log.
    pub fn permit(&self, permitted: bool) -> Result<(), Problem> {
        self.permit_or(permitted, || {
            Problem::forbidden("this object is not the caller's to have")
        })
    }

    /// The same, with another refusal: the one for an object that does not exist hides that it does.
    ///
    /// ```ignore
    /// ctx.permit_or(order.customer == customer, || Problem::not_found("no order has this id"))?;
    /// ```
    ///
    /// # Errors
    /// What `refusal` says if it may not; the refusal is told to the audit log.
    pub fn permit_or(
        &self,
        permitted: bool,
        refusal: impl FnOnce() -> Problem,
    ) -> Result<(), Problem> {
        if permitted {
            return Ok(());
        }
        let problem = refusal();
        audit::denied(Asked::of(self), Check::Object, &problem);
        Err(problem)
    }

    fn sampled<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let sample = self
            .sample
            .ok_or_else(|| Problem::not_implemented("this operation is not written yet"))?;
        let value = serde_json::from_str(sample).map_err(|error| {
            Problem::internal(format!("the sample does not fit its type: {error}"))
        })?;
        self.sampled.make();
        Ok(value)
    }
}

/// A mark that, once made, stays.
#[derive(Debug, Default)]
pub struct Mark(AtomicBool);

impl Mark {
    /// Makes it.
    pub fn make(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was made.
    pub fn is_made(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The copy starts as the original is and goes its own way from there.
impl Clone for Mark {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.is_made()))
    }
}

/// The other end of a connection.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// The service that its certificate names, on a mutual connection.
    pub service: Option<Arc<str>>,
    /// The address that it calls from.
    pub address: Option<IpAddr>,
    /// The API key or password that it proved itself by.
    pub credential: Option<Credential>,
}

/// What a caller showed to prove who it is, other than a certificate or a user's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The scheme's name in the drawing.
    pub scheme: &'static str,
    /// Whose it is: the name that an API key is listed under, or the user whose password it was.
    pub name: Arc<str>,
}

/// A user, proved by a token.
pub struct User {
    /// Who the issuer says it is.
    pub subject: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// Everything that the token says.
    pub claims: Map<String, Value>,
    /// The token itself, to pass on.
    pub token: String,
}

impl User {
    /// Whether it has the role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|one| one == role)
    }

    /// Who vouches for it: only together with that is a subject one user's own.
    pub fn issuer(&self) -> &str {
        self.claims
            .get("iss")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// When its proof ends, in seconds since 1970.
    pub fn expires(&self) -> Option<f64> {
        self.claims.get("exp").and_then(Value::as_f64)
    }

    /// The claim at a path of names.
    pub fn claim(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.claims.get(*first)?, |value, name| value.get(name))
    }
}

/// Leaves claims and token out: they do not belong into logs.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("subject", &self.subject)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unwritten_operation_says_so_or_gives_its_sample() {
        let context: Context = Context::new(&(), Arc::new(Scope::default()));
        assert_eq!(
            context.unwritten::<u8>().await.unwrap_err().code,
            "not-implemented"
        );
        let scope = Arc::new(Scope {
            sample: Some("7"),
            ..Scope::default()
        });
        let context: Context = Context::new(&(), scope.clone());
        assert!(!scope.sampled.is_made());
        assert_eq!(context.unwritten::<u8>().await.unwrap(), 7);
        assert!(scope.sampled.is_made());
        let context: Context = Context::new(&(), scope);
        let samples = context.unwritten_stream::<u8>().await.unwrap();
        assert_eq!(samples.collect::<Vec<_>>().await, [Ok(7), Ok(7), Ok(7)]);
    }

    #[test]
    fn objects_are_their_owners() {
        let mine = |owner: &str| {
            let user = User {
                subject: "ann".to_owned(),
                roles: vec![],
                claims: Map::new(),
                token: String::new(),
            };
            let scope = Scope {
                user: Some(Arc::new(user)),
                ..Scope::default()
            };
            let own = scope.subject() == Some(owner);
            let hidden = scope.permit_or(own, || Problem::not_found("no such order"));
            (scope.permit(own), hidden)
        };
        assert_eq!(mine("ann"), (Ok(()), Ok(())));
        let (refused, hidden) = mine("bob");
        assert_eq!(refused.unwrap_err().code, "forbidden");
        assert_eq!(hidden, Err(Problem::not_found("no such order")));
        assert_eq!(Scope::default().subject(), None);
    }

    #[test]
    fn claims_are_found_by_path() {
        let claims = serde_json::from_str(r#"{"iss": "id", "realm": {"region": "eu"}}"#).unwrap();
        let user = User {
            subject: "u".into(),
            roles: vec!["clerk".into()],
            claims,
            token: "secret".into(),
        };
        assert_eq!(user.claim(&["realm", "region"]), Some(&Value::from("eu")));
        assert_eq!(user.claim(&["realm", "none"]), None);
        assert_eq!(user.issuer(), "id");
        assert!(!format!("{user:?}").contains("secret"));
    }
}
