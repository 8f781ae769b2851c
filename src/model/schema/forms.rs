//! The calls that stand as values, with their arguments.

use super::{Form, Parameter, Proof, Shape};

/// An argument that must be written.
const fn required(name: &'static str, shape: Shape, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        shape,
        required: true,
        default: None,
        meaning,
        proof: Proof::Behaviour,
    }
}

/// An argument that may be left out; then nothing holds in its place.
const fn optional(name: &'static str, shape: Shape, meaning: &'static str) -> Parameter {
    Parameter {
        name,
        shape,
        required: false,
        default: None,
        meaning,
        proof: Proof::Behaviour,
    }
}

/// An argument with a value of its own when it is left out.
const fn defaulted(
    name: &'static str,
    shape: Shape,
    default: &'static str,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        shape,
        required: false,
        default: Some(default),
        meaning,
        proof: Proof::Behaviour,
    }
}

const NUMBER: Shape = Shape::Integer(1, u64::MAX);

const ATTEMPTS: Parameter = optional(
    "attempts",
    NUMBER,
    "How many tries there are, the first included.",
);
const MAX: Parameter = optional(
    "max",
    Shape::Duration,
    "The longest wait between two tries.",
);
const JITTER: Parameter = defaulted(
    "jitter",
    Shape::Word(&["none", "full"]),
    "full",
    "Whether each wait is drawn at random between nothing and its length, so that callers do not retry in step.",
);
const BUDGET: Parameter = optional(
    "budget",
    Shape::Percent,
    "Retries as a share of all calls, above which none is made.",
);

/// `exponential(...)`.
pub(super) const EXPONENTIAL: Form = Form {
    name: "exponential",
    first: None,
    parameters: &[
        ATTEMPTS,
        defaulted(
            "base",
            Shape::Duration,
            "50ms",
            "The wait before the second try; each later one doubles it.",
        ),
        MAX,
        JITTER,
        BUDGET,
    ],
};

/// `fixed(...)`.
pub(super) const FIXED: Form = Form {
    name: "fixed",
    first: None,
    parameters: &[
        ATTEMPTS,
        defaulted(
            "base",
            Shape::Duration,
            "50ms",
            "The wait before each further try.",
        ),
        JITTER,
        BUDGET,
    ],
};

/// `errors(...)`.
pub(super) const ERRORS: Form = Form {
    name: "errors",
    first: Some(required(
        "rate",
        Shape::Percent,
        "The share of failed calls at which it opens.",
    )),
    parameters: &[
        defaulted(
            "window",
            Shape::Duration,
            "10s",
            "Over how long calls are counted.",
        ),
        defaulted(
            "min_calls",
            NUMBER,
            "20",
            "Below this many calls in the window it stays closed.",
        ),
        optional(
            "cooldown",
            Shape::Duration,
            "How long it stays open before it lets test calls through.",
        ),
        defaulted(
            "probes",
            NUMBER,
            "3",
            "How many test calls must succeed to close it.",
        ),
    ],
};

/// `limit(...)`.
pub(super) const LIMIT: Form = Form {
    name: "limit",
    first: Some(required(
        "rate",
        Shape::Rate,
        "How many requests are let in over time.",
    )),
    parameters: &[
        optional(
            "burst",
            NUMBER,
            "How many may come at once; the rate's own count when it is left out.",
        ),
        defaulted(
            "per",
            Shape::Word(&["user", "ip", "service", "global"]),
            "global",
            "What has a limit of its own: each user, address or calling service, or all together.",
        ),
    ],
};

/// `cached(...)`.
pub(super) const CACHED: Form = Form {
    name: "cached",
    first: Some(required(
        "age",
        Shape::Duration,
        "How old a remembered answer may be.",
    )),
    parameters: &[],
};

const WINDOW: Parameter = defaulted(
    "window",
    Shape::Duration,
    "24h",
    "How long a repetition is known as one.",
);

/// `key(window = 24h)`: the caller's key, with a window of its own.
pub(super) const KEY: Form = Form {
    name: "key",
    first: None,
    parameters: &[WINDOW],
};

/// `by(field, ...)`.
pub(super) const BY: Form = Form {
    name: "by",
    first: Some(required(
        "field",
        Shape::Field,
        "The field that two repetitions have in common.",
    )),
    parameters: &[WINDOW],
};

const SECRET: Parameter = required(
    "secret",
    Shape::Secret,
    "Where the shared secret is read from.",
);

/// A signature scheme that needs nothing but its secret.
const fn signed(name: &'static str) -> Form {
    Form {
        name,
        first: None,
        parameters: &[SECRET],
    }
}

/// `standard(...)`: the Standard Webhooks scheme.
pub(super) const STANDARD: Form = signed("standard");
/// `stripe(...)`.
pub(super) const STRIPE: Form = signed("stripe");
/// `github(...)`.
pub(super) const GITHUB: Form = signed("github");

/// `hmac(...)`: SHA-256 over the body.
pub(super) const HMAC: Form = Form {
    name: "hmac",
    first: None,
    parameters: &[
        SECRET,
        defaulted(
            "header",
            Shape::Text,
            "\"X-Signature\"",
            "The header that carries the signature.",
        ),
    ],
};

const PATH: Parameter = required("path", Shape::Text, "The path, with parameters in braces.");

/// An HTTP method with its path.
const fn route(method: &'static str) -> Form {
    Form {
        name: method,
        first: Some(PATH),
        parameters: &[],
    }
}

/// `get(...)`.
pub(super) const GET: Form = route("get");
/// `post(...)`.
pub(super) const POST: Form = route("post");
/// `put(...)`.
pub(super) const PUT: Form = route("put");
/// `patch(...)`.
pub(super) const PATCH: Form = route("patch");
/// `delete(...)`.
pub(super) const DELETE: Form = route("delete");
