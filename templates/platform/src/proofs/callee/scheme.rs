//! What a token must be like.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::Subject;
use super::stage::{Props, Stage};
use crate::dev::Claims;
use crate::policy::Scheme;

/// An algorithm that is not one of these.
fn other_than(algorithms: &[&str]) -> &'static str {
    let known = ["ES256", "ES384", "EdDSA", "RS256"];
    known
        .into_iter()
        .find(|known| !algorithms.contains(known))
        .unwrap_or("PS512")
}

/// The stage, where tokens of `scheme` are asked for.
async fn stage(
    subject: Subject<'_>,
    scheme: &'static str,
    algorithm: Option<&'static str>,
) -> Stage {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        algorithm: algorithm.map(|algorithm| (scheme, algorithm)),
        ..Props::default()
    };
    subject
        .stage(props, |_, kept| kept.auth = vec![scheme])
        .await
}

/// What becomes of a token in which one claim is another.
async fn with_claim(
    subject: Subject<'_>,
    stage: &Stage,
    scheme: &str,
    name: &str,
    value: Value,
) -> String {
    let mut claims = Claims::of("ann", &[]);
    claims.extra.insert(name.to_owned(), value);
    let token = subject.token_with(stage, scheme, &claims);
    subject.asker(stage).with_token(token).ask().await.code
}

/// Tokens of the issuer, and of no other.
pub(super) async fn issuer(subject: Subject<'_>, scheme: &'static str, expected: &str) {
    let stage = stage(subject, scheme, None).await;
    let own = with_claim(subject, &stage, scheme, "iss", json!(expected)).await;
    assert_eq!(own, "ok", "a token of {expected}");
    let other = with_claim(
        subject,
        &stage,
        scheme,
        "iss",
        json!("https://elsewhere.example"),
    )
    .await;
    assert_eq!(other, "unauthenticated", "a token of another issuer");
}

/// Tokens for the audience, and for no other.
pub(super) async fn audience(subject: Subject<'_>, scheme: &'static str, expected: &str) {
    let stage = stage(subject, scheme, None).await;
    let own = with_claim(subject, &stage, scheme, "aud", json!(expected)).await;
    assert_eq!(own, "ok", "a token for {expected}");
    let other = with_claim(subject, &stage, scheme, "aud", json!("somebody-else")).await;
    assert_eq!(other, "unauthenticated", "a token for another audience");
}

/// Tokens signed by one of the algorithms, and by no other.
pub(super) async fn algorithms(
    subject: Subject<'_>,
    scheme: &'static str,
    expected: &[&'static str],
) {
    let tried = expected
        .iter()
        .map(|name| (*name, "ok"))
        .chain([(other_than(expected), "unauthenticated")]);
    for (algorithm, code) in tried {
        let stage = stage(subject, scheme, Some(algorithm)).await;
        let token = subject.token(&stage, scheme, "ann", &[]);
        let answer = subject.asker(&stage).with_token(token).ask().await;
        assert_eq!(answer.code, code, "a token signed by {algorithm}");
    }
    let stage = stage(subject, scheme, None).await;
    for confused in confused(subject, &stage, scheme) {
        let answer = subject.asker(&stage).with_token(confused).ask().await;
        let forged = "a token signed with the public key for a secret";
        assert_eq!(answer.code, "unauthenticated", "{forged}");
    }
}

/// Tokens that anybody can make who knows the keys that the issuer publishes, if they are taken for secrets (RFC 8725,
/// section 2.1).
fn confused(subject: Subject<'_>, stage: &Stage, scheme: &'static str) -> Vec<String> {
    let token = subject.token(stage, scheme, "ann", &[]);
    let said = stage.provider.said(scheme, &token);
    let (claims, _) = said.unwrap_or_else(|| panic!("the provider does not know its own token"));
    let published = json!(stage.provider.published(scheme));
    let keys = published["keys"].as_array().into_iter().flatten();
    let signed = keys.flat_map(|key| {
        let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap_or_default());
        let part = |name: &str| part(name).unwrap_or_default();
        let point = [vec![4], part("x"), part("y")].concat();
        let secrets = [key.to_string().into_bytes(), part("n"), part("x"), point];
        let header = Header {
            kid: key["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        };
        secrets.map(|secret| {
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &claims, &key);
            token.unwrap_or_else(|error| panic!("{error}"))
        })
    });
    signed.collect()
}

/// Tokens of the provider, and of no other.
pub(super) async fn provider(subject: Subject<'_>, scheme: &'static str, expected: &str) {
    let stage = stage(subject, scheme, None).await;
    for granter in subject.jwt_schemes().iter().map(Scheme::name) {
        let scope = subject.scopes(scheme).join(" ");
        let answer = with_claim(subject, &stage, granter, "scope", json!(scope)).await;
        let code = if granter == expected {
            "ok"
        } else {
            "unauthenticated"
        };
        assert_eq!(answer, code, "a token of {granter}");
    }
}

/// Tokens for all of the purposes, and none that lacks one.
pub(super) async fn scopes(subject: Subject<'_>, scheme: &'static str, expected: &[&'static str]) {
    let stage = stage(subject, scheme, None).await;
    let granter = subject.granter(scheme);
    let ask = async |scopes: &[&str]| {
        with_claim(subject, &stage, granter, "scope", json!(scopes.join(" "))).await
    };
    assert_eq!(ask(expected).await, "ok", "a token for {expected:?}");
    for (at, lacking) in expected.iter().enumerate() {
        let mut rest = expected.to_vec();
        rest[at] = "something-else";
        assert_eq!(
            ask(&rest).await,
            "insufficient-scope",
            "a token that lacks {lacking}"
        );
    }
}

/// Keys are read from the header, and from no other.
pub(super) async fn header(subject: Subject<'_>, scheme: &'static str, expected: &'static str) {
    let stage = stage(subject, scheme, None).await;
    let key = stage.keyring.shown(scheme, "ann").unwrap_or_default();
    for (header, code) in [(expected, "ok"), ("x-elsewhere", "unauthenticated")] {
        let asker = subject.asker(&stage).with_header(header, key.clone());
        assert_eq!(asker.ask().await.code, code, "a key in {header}");
    }
}

/// Roles are read from the claim, and from no other.
pub(super) async fn roles(subject: Subject<'_>, scheme: &'static str, expected: &[&'static str]) {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        roles: true,
        ..Props::default()
    };
    let stage = subject.stage(props, |_, kept| {
        kept.auth = vec![scheme];
        kept.allow = vec!["the-role"];
    });
    let stage = stage.await;
    let (first, rest) = expected.split_first().unwrap_or((&"roles", &[]));
    let inner = rest
        .iter()
        .rev()
        .fold(json!(["the-role"]), |inner, name| json!({ *name: inner }));
    let own = with_claim(subject, &stage, scheme, first, inner).await;
    assert_eq!(own, "ok", "a token with the role at {}", expected.join("."));
    let other = with_claim(
        subject,
        &stage,
        scheme,
        "roles-elsewhere",
        json!(["the-role"]),
    )
    .await;
    assert_eq!(other, "forbidden", "a token with the role elsewhere");
}
