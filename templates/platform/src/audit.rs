//! Who was let in to do what, and who was not: events of their own target, `audit`, for those who must be able to say so
//! later.
//!
//! What was refused is told as a warning, whatever it was. What was allowed is told as information where it changes
//! something, or reads from a store whose reading is recorded. The log's filter picks: `info,audit=warn` leaves the refusals
//! alone, `audit=off` nothing. No event holds a token, a key, what a claim says or what a request holds.

use std::fmt;
use std::net::IpAddr;

use crate::context::Scope;
use crate::problem::Problem;

/// What judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The allow-list of peers, by their certificates.
    Peer,
    /// Who the caller is.
    Authentication,
    /// The user's roles.
    Allow,
    /// The condition over claims and parameters.
    When,
    /// The handler, over the object that it found.
    Object,
    /// All that there was to pass.
    All,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Peer => "peer",
            Self::Authentication => "authentication",
            Self::Allow => "allow",
            Self::When => "when",
            Self::Object => "object",
            Self::All => "all",
        })
    }
}

/// Who asked for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub api: &'static str,
    pub operation: &'static str,
    /// The user, if one was proved.
    pub user: Option<&'a str>,
    /// The service that called, if its certificate names one.
    pub service: Option<&'a str>,
    /// The name of the API key or password that it proved itself by, never the secret.
    pub credential: Option<&'a str>,
    pub address: Option<IpAddr>,
    pub trace: u128,
}

impl<'a> Asked<'a> {
    /// What a request that was let in asks for.
    pub(crate) fn of(scope: &'a Scope) -> Self {
        Self {
            api: scope.api,
            operation: scope.operation,
            user: scope.user.as_ref().map(|user| user.subject.as_str()),
            service: scope.caller.service.as_deref(),
            credential: scope.caller.credential.as_ref().map(|it| &*it.name),
            address: scope.caller.address,
            trace: scope.trace.trace_id,
        }
    }
}

/// Tells that it was refused, and why.
pub(crate) fn denied(asked: Asked<'_>, check: Check, problem: &Problem) {
    tracing::warn!(
        target: "audit",
        outcome = "denied",
        %check,
        api = asked.api,
        operation = asked.operation,
        user = asked.user,
        service = asked.service,
        credential = asked.credential,
        address = asked.address.map(tracing::field::display),
        trace_id = format_args!("{:032x}", asked.trace),
        reason = problem.code.as_ref(),
    );
}

/// Tells that it was allowed.
pub(crate) fn allowed(asked: Asked<'_>) {
    tracing::info!(
        target: "audit",
        outcome = "allowed",
        check = %Check::All,
        api = asked.api,
        operation = asked.operation,
        user = asked.user,
        service = asked.service,
        credential = asked.credential,
        address = asked.address.map(tracing::field::display),
        trace_id = format_args!("{:032x}", asked.trace),
    );
}
