//! Laid over a generated service by the mutation test: changes one value of its policy, picked at run time.

use std::sync::Arc;
use std::time::Duration;

use platform::policy::{
    ApiPolicy, Backoff, CallPolicy, EdgePolicy, Idempotent, Identity, Jitter, LimitKey, OperationPolicy, Protocol,
    Safety, Scheme, ServicePolicy, Tls,
};

/// `SUBJECT;OPERATION;ATTRIBUTE;CHANGE`, or `all` for everything taken out.
struct Mutant {
    subject: String,
    operation: String,
    attribute: String,
    tenfold: bool,
}

fn mutant() -> Option<Mutant> {
    let text = std::env::var("MUTANT").ok()?;
    let mut parts = text.split(';').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Some(Mutant { subject: next(), operation: next(), attribute: next(), tenfold: next() == "tenfold" })
}

/// The policy with the change that the environment asks for.
pub fn mutated(mut policy: ServicePolicy) -> ServicePolicy {
    let Some(mutant) = mutant() else { return policy };
    let all = mutant.subject == "all";
    if all || (mutant.subject == policy.service && mutant.attribute == "state") {
        policy.state = None;
    }
    for edge in &mut policy.edges {
        if all || mutant.subject == edge.edge {
            mutate_edge(edge, &mutant, all);
        }
    }
    for api in &mut policy.apis {
        let protocol = match api.protocol {
            Protocol::Rest => "rest",
            Protocol::Grpc => "grpc",
        };
        if all || mutant.subject == format!("{}.{} : {protocol}", policy.service, api.api) {
            mutate_api(api, &mutant, all);
        }
    }
    let other = |than: &str| {
        policy.schemes.iter().find_map(|scheme| match *scheme {
            Scheme::Jwt { name, .. } if name != than => Some(name),
            _ => None,
        })
    };
    // Where there is another, tokens of that one are taken instead.
    let others: Vec<_> = policy
        .schemes
        .iter()
        .map(|scheme| match scheme {
            Scheme::Oauth2 { provider, .. } | Scheme::Session { provider, .. } => other(provider),
            _ => None,
        })
        .collect();
    for (scheme, other) in policy.schemes.iter_mut().zip(others) {
        if let (Scheme::Oauth2 { name, provider, .. } | Scheme::Session { name, provider, .. }, Some(other)) =
            (&mut *scheme, other)
            && (all || (mutant.subject == *name && mutant.attribute == "provider"))
        {
            *provider = other;
        }
        if all || mutant.subject == scheme.name() {
            mutate_scheme(scheme, &mutant, all);
        }
    }
    policy
}

fn mutate_edge(edge: &mut EdgePolicy, mutant: &Mutant, all: bool) {
    if all || mutant.attribute == "identity" {
        edge.identity = if edge.identity == Identity::None && !all { Identity::Forward } else { Identity::None };
    }
    if all || mutant.attribute == "tls" {
        edge.tls = Tls::Off;
    }
    if all || mutant.attribute == "auth" {
        edge.auth = None;
    }
    for call in &mut edge.operations {
        if all {
            for attribute in ["timeout", "deadline", "retry", "breaker", "bulkhead", "throttle", "fallback", "idempotent"] {
                mutate_call(call, attribute, false);
            }
        } else if mutant.operation == call.operation {
            mutate_call(call, &mutant.attribute, mutant.tenfold);
        }
    }
}

fn longer(duration: &mut Option<Duration>, tenfold: bool) {
    *duration = duration.filter(|_| tenfold).map(|it| it * 10);
}

fn mutate_call(call: &mut CallPolicy, attribute: &str, tenfold: bool) {
    match attribute {
        "timeout" => longer(&mut call.timeout, tenfold),
        "deadline" => longer(&mut call.deadline, tenfold),
        "retry" => call.retry = None,
        "breaker" => call.breaker = None,
        "bulkhead" => call.bulkhead = call.bulkhead.filter(|_| tenfold).map(|it| it * 10),
        "throttle" => {
            call.throttle = call.throttle.filter(|_| tenfold);
            if let Some(rate) = &mut call.throttle {
                rate.permits *= 10;
            }
        }
        "fallback" => longer(&mut call.fallback, tenfold),
        "idempotent" => call.safety = if call.safety == Safety::Unsafe { Safety::Safe } else { Safety::Unsafe },
        _ => {}
    }
    if let Some(retry) = &mut call.retry {
        match (attribute, &mut retry.backoff) {
            ("retry_attempts", _) => retry.attempts *= 10,
            ("retry_base", Backoff::Exponential { base: wait, .. } | Backoff::Fixed { delay: wait }) => *wait *= 10,
            ("retry_max", Backoff::Exponential { max, .. }) => *max *= 10,
            ("retry_jitter", _) => retry.jitter = if retry.jitter == Jitter::Full { Jitter::None } else { Jitter::Full },
            ("retry_budget", _) => retry.budget = retry.budget.filter(|_| tenfold).map(|it| it / 10.0),
            _ => {}
        }
    }
    if let Some(breaker) = &mut call.breaker {
        match attribute {
            "breaker_rate" => breaker.error_rate /= 10.0,
            "breaker_window" => breaker.window *= 10,
            "breaker_min_calls" => breaker.min_calls *= 10,
            "breaker_cooldown" => breaker.cooldown *= 10,
            "breaker_probes" => breaker.probes *= 10,
            _ => {}
        }
    }
}

fn mutate_api(api: &mut ApiPolicy, mutant: &Mutant, all: bool) {
    if all || mutant.attribute == "tls" {
        api.tls = vec![Tls::Off];
    }
    if all || mutant.attribute == "cors" {
        api.cors.clear();
    }
    for operation in &mut api.operations {
        if all {
            let public = operation.auth.is_empty();
            let first = if public { "public" } else { "auth" };
            for attribute in [first, "allow", "when", "rate_limit", "timeout", "max_body", "idempotent", "cache"] {
                mutate_operation(operation, attribute, false);
            }
        } else if mutant.operation == operation.operation {
            mutate_operation(operation, &mutant.attribute, mutant.tenfold);
        }
    }
}

fn mutate_operation(operation: &mut OperationPolicy, attribute: &str, tenfold: bool) {
    match attribute {
        "auth" => operation.auth.clear(),
        "public" => operation.auth.push("nobody"),
        "allow" => operation.allow.clear(),
        "when" => operation.when = None,
        "when_negated" => {
            if let Some(when) = &mut operation.when {
                let holds = when.holds.clone();
                when.holds = Arc::new(move |caller, request| !holds(caller, request));
            }
        }
        "rate_limit" => operation.rate_limit = None,
        "timeout" => longer(&mut operation.timeout, tenfold),
        "max_body" => operation.max_body = operation.max_body.filter(|_| tenfold).map(|it| it * 10),
        "idempotent" => operation.idempotent = None,
        "cache" => longer(&mut operation.cache, tenfold),
        "idempotent_window" => match &mut operation.idempotent {
            Some(Idempotent::Key { window } | Idempotent::By { window, .. }) => *window *= 10,
            _ => {}
        },
        _ => {}
    }
    if let Some(limit) = &mut operation.rate_limit {
        match attribute {
            "rate_limit_rate" => limit.permits *= 10,
            "rate_limit_burst" => limit.burst *= 10,
            "rate_limit_per" => {
                limit.key = if limit.key == LimitKey::Global { LimitKey::Ip } else { LimitKey::Global };
            }
            _ => {}
        }
    }
}

fn mutate_scheme(scheme: &mut Scheme, mutant: &Mutant, all: bool) {
    if let Scheme::ApiKey { header, .. } = scheme
        && (all || mutant.attribute == "header")
    {
        *header = "x-another";
    }
    if let Scheme::Session { refresh, .. } = scheme
        && (all || mutant.attribute == "refresh")
    {
        *refresh = !*refresh;
    }
    if let Scheme::Oauth2 { scopes, .. } | Scheme::Session { scopes, .. } = scheme
        && (all || mutant.attribute == "scopes")
    {
        scopes.clear();
    }
    let Scheme::Jwt { issuer, audience, algorithms, roles, .. } = scheme else { return };
    let is = |attribute: &str| all || mutant.attribute == attribute;
    if is("issuer") {
        *issuer = "";
    }
    if is("audience") {
        *audience = "";
    }
    if is("algorithms") {
        algorithms.clear();
    }
    if is("roles") {
        roles.clear();
    }
}
