//! What is varied, and which two values cannot meet.

use std::fmt;

use archwright::generate::not_generated::{Feature, NOT_GENERATED};
use archwright::model::AuthScheme;
use archwright::model::attributes::Attr;

/// Something that is varied.
pub struct Factor {
    /// What it is called.
    pub name: &'static str,
    /// Its levels, each with what has to be generated for it.
    pub levels: &'static [(&'static str, Option<Feature>)],
}

impl Factor {
    /// The levels that are generated.
    pub fn generated(&self) -> impl Iterator<Item = usize> {
        (0..self.levels.len()).filter(|at| !is_refused(self.levels[*at].1))
    }

    /// The names of those that are not.
    pub fn refused(&self) -> impl Iterator<Item = &'static str> {
        let refused = |level: &&(&'static str, Option<Feature>)| is_refused(level.1);
        self.levels.iter().filter(refused).map(|level| level.0)
    }
}

fn is_refused(feature: Option<Feature>) -> bool {
    feature.is_some_and(|it| NOT_GENERATED.contains(&it))
}

/// A level of a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub usize, pub usize);

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = &FACTORS[self.0];
        write!(out, "{} = {}", factor.name, factor.levels[self.1].0)
    }
}

const STREAM: Option<Feature> = Some(Feature::Other("streams"));

/// Everything that is varied.
pub const FACTORS: &[Factor] = &[
    Factor {
        name: "protocol",
        levels: &[("rest", None), ("grpc", None)],
    },
    Factor {
        name: "operation",
        levels: &[
            ("query", None),
            ("command", None),
            ("command by nature", None),
            ("command by key", None),
            ("event by content", None),
            ("server stream", STREAM),
            ("client stream", STREAM),
            ("both streams", STREAM),
        ],
    },
    Factor {
        name: "tls",
        levels: &[("off", None), ("server", None), ("mutual", None)],
    },
    Factor {
        // The cookie of a session is a browser's, and no service that calls has one: it is proved where everything is.
        name: "auth",
        levels: &[
            ("public", None),
            ("mtls", None),
            ("jwt", None),
            ("api_key", Some(Feature::Auth(AuthScheme::ApiKey))),
            ("basic", Some(Feature::Auth(AuthScheme::Basic))),
            ("oauth2", Some(Feature::Auth(AuthScheme::Oauth2))),
        ],
    },
    Factor {
        name: "authorization",
        levels: &[
            ("none", None),
            ("allow", None),
            ("when", Some(Feature::Attribute(Attr::When))),
        ],
    },
    Factor {
        name: "identity",
        levels: &[
            ("none", None),
            ("forward", None),
            ("exchange", Some(Feature::Other("identity = exchange"))),
        ],
    },
    Factor {
        name: "retry",
        levels: &[("none", None), ("fixed", None), ("exponential", None)],
    },
    Factor {
        name: "breaker",
        levels: &[("none", None), ("errors", None)],
    },
    Factor {
        name: "rate_limit",
        levels: &[
            ("none", None),
            ("user", None),
            ("ip", None),
            ("service", None),
            ("global", None),
        ],
    },
    Factor {
        name: "fallback",
        levels: &[
            ("none", None),
            ("cached", Some(Feature::Attribute(Attr::Fallback))),
        ],
    },
    Factor {
        name: "state",
        levels: &[
            ("none", None),
            ("redis", Some(Feature::Attribute(Attr::State))),
        ],
    },
    Factor {
        name: "replicas",
        levels: &[("1", None), ("2", Some(Feature::Attribute(Attr::State)))],
    },
];

/// Why two levels cannot meet; the earlier factor's is the first.
pub fn impossible(a: Place, b: Place) -> Option<&'static str> {
    let name = |place: Place| (FACTORS[place.0].name, FACTORS[place.0].levels[place.1].0);
    let ((factor, level), (other_factor, other)) = (name(a), name(b));
    let pair = (factor, level, other_factor, other);
    Some(match pair {
        ("protocol", "rest", "operation", "server stream" | "client stream" | "both streams") => {
            "REST carries no streams"
        }
        ("tls", "off" | "server", "auth", "mtls") => {
            "a certificate is asked for by mutual TLS alone"
        }
        ("tls", "off", "auth", "jwt" | "api_key" | "basic" | "oauth2") => {
            "AUN003: a credential in clear text"
        }
        ("tls", "off", "identity", "forward" | "exchange") => "AUN003: a token in clear text",
        ("tls", "off", "authorization", "allow" | "when")
        | ("tls", "off", "rate_limit", "user") => "nobody is known without a credential",
        (
            "auth",
            "public" | "mtls" | "api_key" | "basic" | "oauth2",
            "authorization",
            "allow" | "when",
        ) => "roles and claims are a user's, whose token is not asked for",
        (
            "auth",
            "public" | "mtls" | "api_key" | "basic" | "oauth2",
            "identity",
            "forward" | "exchange",
        ) => "the user's token would be sent to who does not read it",
        ("auth", "jwt", "identity", "none") => "the user's token is what is asked for",
        ("authorization", "allow" | "when", "identity", "none") => {
            "the user's token is what is judged"
        }
        ("auth", "public" | "mtls", "rate_limit", "user") => "no user is known",
        ("tls", "off" | "server", "rate_limit", "service")
        | ("auth", "public" | "jwt" | "api_key" | "basic" | "oauth2", "rate_limit", "service") => {
            "the calling service is known by its certificate"
        }
        ("authorization", "allow" | "when", "rate_limit", "service") => {
            "where a user is judged, the token is what is known"
        }
        ("identity", "forward" | "exchange", "rate_limit", "service") => {
            "where a user is known, the token is what is known"
        }
        (
            "operation",
            "command" | "client stream" | "both streams",
            "retry",
            "fixed" | "exponential",
        ) => "RTY001: what may have been done would be done again",
        ("operation", "query", "fallback", _) => return None,
        ("operation", _, "fallback", "cached") => "only the answers of queries are kept",
        ("state", "none", "replicas", "2") => "each instance would count for itself",
        _ => return None,
    })
}
