//! Sessions of browsers: the whole way from the login to the logout.

use std::time::Duration;

use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use reqwest::Url;

use super::Subject;
use super::ask::{Asker, Line};
use super::stage::{Props, Stage};
use crate::auth::session::{LOGIN, LOGOUT};
use crate::dev::Claims;
use crate::policy::{Kind, Scheme};
use crate::proofs::row::Wire;

/// What a browser says of a request by a page of the same origin.
const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// How long the tokens of users are good for here.
const LIFETIME: Duration = Duration::from_secs(100);

impl Subject<'_> {
    /// The session schemes that the operation should accept, each with the scheme that its tokens are of.
    fn accepted_sessions(&self) -> Vec<(&'static str, &'static str)> {
        let schemes = self.policy().schemes.into_iter();
        let sessions = schemes.filter_map(|it| match it {
            Scheme::Session { name, provider, .. } => Some((name, provider)),
            _ => None,
        });
        let is_rest = matches!(self.probe.wire, Wire::Rest { .. });
        let accepted = sessions.filter(|(name, _)| self.probe.auth.contains(name));
        accepted.filter(|_| is_rest).collect()
    }

    /// Whether this scheme has sessions.
    pub(super) fn has_sessions(&self, scheme: &str) -> bool {
        let mut all = self.accepted_sessions().into_iter();
        all.any(|(name, _)| name == scheme)
    }

    /// Browsers with the cookie of a session, for as long as that lasts, and asked by our own pages.
    pub(super) async fn sessions(&self, stage: &Stage, line: Line<'_>) {
        for (scheme, _) in self.accepted_sessions() {
            stage.provider.add_user("ann", Claims::of("ann", &[]));
            let browser = Browser::log_in(self.asker_by(stage, line)).await;
            let code = async |cookie: &str, page: (&'static str, &str)| {
                browser.code(self, stage, line, cookie, page).await
            };
            let own = browser.cookie.clone();
            assert_eq!(code(&own, OWN_PAGE).await, "ok", "a session of {scheme}");
            let (name, value) = own.split_once('=').unwrap_or_default();
            let reversed: String = value.chars().rev().collect();
            for forged in [String::new(), reversed, value[1..].to_owned()] {
                let code = code(&format!("{name}={forged}"), OWN_PAGE).await;
                assert_eq!(code, "unauthenticated", "a cookie that was made up");
            }
            let expected = if self.changes() { "cross-site" } else { "ok" };
            for page in [
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://stranger.invalid"),
                ("x-says-nothing", "at-all"),
            ] {
                assert_eq!(code(&own, page).await, expected, "a page of {page:?}");
            }
            let asker = self.asker_by(stage, line);
            let (status, _) = asker.post(LOGOUT, &[("cookie", &own), OWN_PAGE]).await;
            assert_eq!(status, StatusCode::SEE_OTHER, "a logout");
            let after = code(&own, OWN_PAGE).await;
            assert_eq!(after, "unauthenticated", "a session of {scheme} that ended");
        }
    }

    fn changes(&self) -> bool {
        let policy = self.policy();
        let api = policy.api(self.probe.api, self.probe.protocol);
        let operation = api.and_then(|api| api.operation(self.probe.operation));
        operation.is_some_and(|operation| operation.kind != Kind::Query)
    }
}

/// Somebody who logged in.
struct Browser {
    cookie: String,
}

impl Browser {
    /// As `ann`.
    async fn log_in(asker: Asker) -> Self {
        let (asked, login) = begin(&asker).await;
        let (_, headers) = asker.get(asked.as_str(), &[]).await;
        let back = location(&headers);
        let (status, headers) = asker.get(back.as_str(), &[("cookie", &login)]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "the end of a login");
        let cookie = cookie(&headers);
        Self { cookie }
    }

    /// What is answered to a request with this cookie, by this page.
    async fn code(
        &self,
        subject: &Subject<'_>,
        stage: &Stage,
        line: Line<'_>,
        cookie: &str,
        (name, value): (&'static str, &str),
    ) -> String {
        let asker = subject.asker_by(stage, line);
        let asker = asker.with_header("cookie", cookie.to_owned());
        asker.and_header(name, value.to_owned()).ask().await.code
    }
}

/// Begins a login: where the browser is sent, and the cookie of it.
async fn begin(asker: &Asker) -> (Url, String) {
    let path = format!("{LOGIN}?login_hint=ann");
    let (status, headers) = asker.get(&path, &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "the begin of a login");
    (location(&headers), cookie(&headers))
}

fn location(headers: &HeaderMap) -> Url {
    let location = headers.get(LOCATION).and_then(|it| it.to_str().ok());
    let location = location.unwrap_or_else(|| panic!("a browser is sent nowhere"));
    Url::parse(location).unwrap_or_else(|error| panic!("{location}: {error}"))
}

/// The first cookie that is set, as it is sent back.
fn cookie(headers: &HeaderMap) -> String {
    let set = headers.get(SET_COOKIE).and_then(|it| it.to_str().ok());
    let pair = set.and_then(|line| line.split(';').next());
    pair.unwrap_or_else(|| panic!("no cookie is set"))
        .to_owned()
}

async fn stage(subject: Subject<'_>, scheme: &'static str) -> Stage {
    let props = Props {
        tls: Some(subject.probe.strictest()),
        moves: true,
        ..Props::default()
    };
    let stage = subject.stage(props, |_, kept| kept.auth = vec![scheme]);
    let stage = stage.await;
    let ann = Claims {
        lifetime: LIFETIME,
        ..Claims::of("ann", &[])
    };
    stage.provider.add_user("ann", ann);
    stage
}

/// Users log in at the provider, and nowhere else.
pub(super) async fn provider(subject: Subject<'_>, scheme: &'static str, expected: &str) {
    let stage = stage(subject, scheme).await;
    let (asked, _) = begin(&subject.asker(&stage)).await;
    let place = asked.path().split('/').nth(1).unwrap_or_default();
    assert_eq!(place, expected, "where users log in");
}

/// That is what logins ask for.
pub(super) async fn scopes(subject: Subject<'_>, scheme: &'static str, expected: &[&str]) {
    let stage = stage(subject, scheme).await;
    let (asked, _) = begin(&subject.asker(&stage)).await;
    let scope = asked.query_pairs().find(|(name, _)| name == "scope");
    let scope = scope
        .map(|(_, scope)| scope.into_owned())
        .unwrap_or_default();
    let own = |scope: &&str| !["openid", "offline_access"].contains(scope);
    let asked: Vec<_> = scope.split(' ').filter(own).collect();
    assert_eq!(asked, expected, "what a login asks for");
}

/// A session outlives its token if that is renewed, once for all who ask; else it ends with it.
pub(super) async fn refresh(subject: Subject<'_>, scheme: &'static str, expected: bool) {
    let stage = stage(subject, scheme).await;
    let line = Line::of(subject.probe);
    let browser = Browser::log_in(subject.asker(&stage)).await;
    let code = || browser.code(&subject, &stage, line, &browser.cookie, OWN_PAGE);
    assert_eq!(code().await, "ok", "a new session");
    tokio::time::sleep(LIFETIME + Duration::from_secs(1)).await;
    let all = futures_util::future::join_all((0..5).map(|_| code())).await;
    let (answer, renewals) = if expected {
        ("ok", 1)
    } else {
        ("unauthenticated", 0)
    };
    for code in all {
        assert_eq!(code, answer, "a session whose token has ended");
    }
    let renewed = stage.provider.renewals();
    assert_eq!(renewed, renewals, "how often the token is renewed");
}
