//! Who is let in.

use std::time::Duration;

use super::super::row::{Case, Judged, sample};
use super::Subject;
use super::ask::Line;
use super::stage::{Props, Stage, complete};
use crate::clock::Clock;
use crate::dev::{Claims, IdentityProvider};
use crate::policy::{Scheme, Tls};

impl Subject<'_> {
    /// The jwt schemes of the service, by name.
    pub(super) fn jwt_schemes(&self) -> Vec<Scheme> {
        let mut schemes = self.policy().schemes;
        schemes.retain(|scheme| matches!(scheme, Scheme::Jwt { .. }));
        for scheme in &mut schemes {
            complete(scheme, Props::default());
        }
        schemes
    }

    /// The first jwt scheme whose tokens the operation should accept, by itself, for certain purposes or in a session.
    pub(super) fn accepted_jwt(&self) -> Option<&'static str> {
        let schemes = self.policy().schemes;
        let jwt = |accepted: &&str| {
            schemes.iter().find_map(|it| match *it {
                Scheme::Jwt { name, .. } if name == *accepted => Some(name),
                Scheme::Oauth2 { name, provider, .. } | Scheme::Session { name, provider, .. }
                    if name == *accepted =>
                {
                    Some(provider)
                }
                _ => None,
            })
        };
        self.probe.auth.iter().find_map(jwt)
    }

    /// The jwt scheme whose issuer grants the tokens of an oauth2 scheme.
    pub(super) fn granter(&self, scheme: &str) -> &'static str {
        let schemes = self.policy().schemes.into_iter();
        let mut granters = schemes.filter_map(|it| match it {
            Scheme::Oauth2 { name, provider, .. } if name == scheme => Some(provider),
            _ => None,
        });
        let granter = granters.next();
        granter.unwrap_or_else(|| panic!("{scheme} is no oauth2 scheme"))
    }

    /// What tokens of an oauth2 scheme are for.
    pub(super) fn scopes(&self, scheme: &str) -> Vec<&'static str> {
        let schemes = self.policy().schemes.into_iter();
        let mut scopes = schemes.filter_map(|it| match it {
            Scheme::Oauth2 { name, scopes, .. } if name == scheme => Some(scopes),
            _ => None,
        });
        scopes.next().unwrap_or_default()
    }

    /// What is to be said of a right token of a jwt scheme that is for these purposes.
    fn verdict(&self, scheme: &str, scopes: &[&str]) -> &'static str {
        if self.probe.auth.contains(&scheme) {
            return "ok";
        }
        let mut verdict = "unauthenticated";
        for it in self.policy().schemes {
            if let Scheme::Oauth2 {
                name,
                provider,
                scopes: needed,
                ..
            } = it
                && provider == scheme
                && self.probe.auth.contains(&name)
            {
                if needed.iter().all(|scope| scopes.contains(scope)) {
                    return "ok";
                }
                verdict = "insufficient-scope";
            }
        }
        verdict
    }
}

impl Subject<'_> {
    /// The first scheme with keys or passwords that the operation should accept.
    pub(super) fn accepted_credential(&self) -> Option<&'static str> {
        let schemes = self.policy().schemes;
        let mut schemes = schemes
            .iter()
            .filter(|scheme| matches!(scheme, Scheme::ApiKey { .. } | Scheme::Basic { .. }));
        let found = schemes.find(|scheme| self.probe.auth.contains(&scheme.name()));
        found.map(Scheme::name)
    }

    /// Only what is listed, whole and as it is, under the user's own name.
    async fn credentials(&self, stage: &Stage, line: Line<'_>) {
        let ask = async |scheme: &str, shown: &str| {
            let header = stage.keyring.header(scheme, shown);
            let (name, value) = header.unwrap_or_else(|| panic!("{scheme} has no header"));
            let asker = self.asker_by(stage, line).with_header(name, value);
            asker.ask().await.code
        };
        for scheme in stage.keyring.schemes() {
            let accepted = if self.probe.auth.contains(&scheme) {
                "ok"
            } else {
                "unauthenticated"
            };
            let of = |who| stage.keyring.shown(scheme, who).unwrap_or_default();
            let own = of("ann");
            assert_eq!(ask(scheme, &own).await, accepted, "what {scheme} lists");
            let (name, secret) = own.split_once(':').unwrap_or(("", &own));
            let cut = &own[..own.len() - 1];
            let larger = format!(
                "{}{}",
                &own[..own.len() - secret.len()],
                secret.to_uppercase()
            );
            let mut wrong = vec![cut.to_owned(), larger, name.to_owned()];
            if !name.is_empty() {
                wrong.push(own.replacen(name, "bob", 1));
                wrong.push(own.replacen(name, "nobody", 1));
                wrong.push(format!("{name}:"));
            }
            for wrong in wrong.iter().filter(|wrong| **wrong != own) {
                let code = ask(scheme, wrong).await;
                assert_eq!(code, "unauthenticated", "{wrong:?} by {scheme}");
            }
        }
    }
}

/// Nobody without a valid token or certificate of an accepted scheme, everybody with one.
pub(super) async fn auth(subject: Subject<'_>) {
    let probe = subject.probe;
    // Without certificates on the connection: else nobody could come without one.
    let tls = if probe.strictest() == Tls::Off {
        Tls::Off
    } else {
        Tls::Server
    };
    let props = Props {
        tls: Some(tls),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |real, kept| kept.auth.clone_from(&real.auth))
        .await;
    let line = Line::over(probe, tls);
    let ask = async |token: Option<String>| {
        let asker = subject.asker_by(&stage, line);
        let asker = match token {
            Some(token) => asker.with_token(token),
            None => asker,
        };
        asker.ask().await.code
    };
    assert_eq!(
        ask(None).await,
        "unauthenticated",
        "a request without anything"
    );
    let schemes = subject.jwt_schemes();
    // The same schemes and key names, but other keys.
    let forger =
        IdentityProvider::new(&schemes, Clock::system()).unwrap_or_else(|error| panic!("{error}"));
    for scheme in schemes.iter().map(Scheme::name) {
        let ann = Claims::of("ann", &[]);
        assert_eq!(
            ask(Some(subject.token_with(&stage, scheme, &ann))).await,
            subject.verdict(scheme, &[]),
            "a token of {scheme}"
        );
        let forged = forger
            .token(scheme, &ann)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            ask(Some(forged)).await,
            "unauthenticated",
            "a forged token of {scheme}"
        );
        let mut ended = Claims {
            lifetime: Duration::ZERO,
            ..ann
        };
        ended.extra.insert("exp".to_owned(), 1_000_000_000.into());
        let ended = subject.token_with(&stage, scheme, &ended);
        assert_eq!(
            ask(Some(ended)).await,
            "unauthenticated",
            "a token of {scheme} that has ended"
        );
    }

    for scheme in subject.policy().schemes {
        if let Scheme::Oauth2 {
            name,
            provider,
            scopes,
            ..
        } = scheme
        {
            let token = subject.token_with(&stage, name, &Claims::of("ann", &[]));
            assert_eq!(
                ask(Some(token)).await,
                subject.verdict(provider, &scopes),
                "a token of {name}"
            );
        }
    }

    subject.credentials(&stage, line).await;
    subject.sessions(&stage, line).await;

    if probe.strictest() == Tls::Mutual && !probe.peers.is_empty() {
        let props = Props {
            tls: Some(Tls::Mutual),
            ..Props::default()
        };
        let stage = subject
            .stage(props, |real, kept| kept.auth.clone_from(&real.auth))
            .await;
        let by_certificate = subject.policy().schemes.iter().any(|scheme| {
            matches!(scheme, Scheme::Mtls { .. }) && probe.auth.contains(&scheme.name())
        });
        let accepted = if by_certificate {
            "ok"
        } else {
            "unauthenticated"
        };
        assert_eq!(
            subject.asker(&stage).ask().await.code,
            accepted,
            "a service's certificate alone"
        );
    }
}

/// Users in one of the roles, and no others.
pub(super) async fn allow(subject: Subject<'_>, roles: &[&str]) {
    let scheme = subject.accepted_jwt();
    let scheme =
        scheme.unwrap_or_else(|| panic!("no scheme of {:?} tells of roles", subject.probe.auth));
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject.stage(props, |real, kept| {
        kept.auth = vec![scheme];
        kept.allow.clone_from(&real.allow);
    });
    let stage = stage.await;
    let ask = async |roles: &[&str]| {
        let token = subject.token(&stage, scheme, "ann", roles);
        subject.asker(&stage).with_token(token).ask().await.code
    };
    for role in roles {
        assert_eq!(ask(&[role]).await, "ok", "a user who is {role}");
    }
    assert_eq!(ask(&[]).await, "forbidden", "a user without roles");
    assert_eq!(
        ask(&["somebody-else"]).await,
        "forbidden",
        "a user in another role"
    );
}

/// Callers and requests of which the condition holds, and no others.
pub(super) async fn when(subject: Subject<'_>, judged: Judged) {
    let scheme = subject.accepted_jwt();
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject.stage(props, |real, kept| {
        kept.auth = scheme.into_iter().collect();
        kept.when.clone_from(&real.when);
    });
    let stage = stage.await;
    let ask = async |case: Case| {
        let asker = subject.asker(&stage);
        let asker = match scheme {
            Some(scheme) => {
                let claims = Claims {
                    extra: sample(case.claims),
                    ..Claims::of("ann", &[])
                };
                asker.with_token(subject.token_with(&stage, scheme, &claims))
            }
            None => asker,
        };
        asker.ask_with(case.request, None).await.code
    };
    let Judged { holds, fails } = judged;
    assert_eq!(
        ask(holds).await,
        "ok",
        "a case of which it holds: {holds:?}"
    );
    assert_eq!(
        ask(fails).await,
        "forbidden",
        "a case of which it does not hold: {fails:?}"
    );
}

/// Everybody.
pub(super) async fn public(subject: Subject<'_>) {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        ..Props::default()
    };
    let stage = subject
        .stage(props, |real, kept| kept.auth.clone_from(&real.auth))
        .await;
    assert_eq!(
        subject.asker(&stage).ask().await.code,
        "ok",
        "a request without anything"
    );
}
