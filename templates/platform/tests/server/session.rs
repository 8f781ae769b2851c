//! Sessions of browsers, over the wire and with a whole identity provider.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use platform::dev::{Claims, IdentityProvider, Keyring};
use platform::policy::{ClientId, Scheme, Secret, ServicePolicy, State, Tls};
use platform::state::Memory;
use platform::{Clock, Metrics, ServiceConfig, Setup};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::support::*;

/// How long tokens are good for here.
const LIFETIME: Duration = Duration::from_secs(100);

fn schemes(refresh: bool) -> Vec<Scheme> {
    vec![
        Scheme::Jwt {
            name: "staff",
            issuer: "https://id.shop.example",
            audience: "shop",
            algorithms: vec!["ES256"],
            roles: vec!["realm", "roles"],
            secret: None,
        },
        Scheme::Session {
            name: "web",
            provider: "staff",
            client_id: ClientId::In(Secret::Env("WEB_CLIENT_ID")),
            client_secret: Secret::Env("WEB_CLIENT_SECRET"),
            scopes: vec!["orders"],
            refresh,
            max_age: Duration::from_secs(3600),
        },
    ]
}

fn policy_of(refresh: bool) -> ServicePolicy {
    let mut policy = policy_with(Tls::Off, |op| op.auth = vec!["web"]);
    policy.schemes = schemes(refresh);
    policy
}

/// A service, its provider, and a browser that keeps its cookies in plain sight.
struct Shop {
    setup: Setup,
    server: Server,
    provider: IdentityProvider,
    browser: Client,
}

impl Shop {
    async fn open(refresh: bool) -> Self {
        Self::open_with(policy_of(refresh), None).await
    }

    async fn open_with(policy: ServicePolicy, origin: Option<&str>) -> Self {
        platform::tls::provider();
        let clock = Clock::virtual_from(SystemTime::now());
        let keyring = Keyring::new(&policy.schemes, &["shop"]).unwrap();
        let provider = IdentityProvider::new(&policy.schemes, clock).unwrap();
        let provider = provider.with_clients(keyring.clone());
        let claims = Claims {
            lifetime: LIFETIME,
            ..Claims::of("ann", &["clerk"])
        };
        provider.add_user("ann", claims);
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(provider.clone().serve(socket, CancellationToken::new()));
        let config = ServiceConfig {
            origin: origin.map(str::to_owned),
            issuers: provider.issuers(address),
            secrets: keyring.secrets("shop", &provider),
            ..ServiceConfig::default()
        };
        let setup = Setup::new(policy, config).clock(clock);
        let setup = setup.store(Arc::new(Memory::new(clock)));
        Self {
            server: Server::start_with(setup.clone(), Tls::Off).await,
            setup,
            provider,
            browser: browser(),
        }
    }

    /// Another instance of the service.
    async fn another(&self) -> Self {
        let mut setup = self.setup.clone();
        setup.metrics = Metrics::new();
        Self {
            server: Server::start_with(setup.clone(), Tls::Off).await,
            setup,
            provider: self.provider.clone(),
            browser: browser(),
        }
    }

    async fn log_out(&self, session: &str) -> Response {
        let request = self.browser.post(self.server.url("/auth/logout"));
        let request = request.header("sec-fetch-site", "same-origin");
        request.header("cookie", session).send().await.unwrap()
    }

    fn get(&self, path: &str, cookies: &str) -> RequestBuilder {
        self.browser
            .get(self.server.url(path))
            .header("cookie", cookies)
    }

    fn place(&self, cookies: &str) -> RequestBuilder {
        self.browser
            .post(self.server.url("/orders"))
            .header("cookie", cookies)
            .header("content-type", "application/json")
            .body(json("who", 1))
    }

    /// Asks who the user is.
    async fn who(&self, cookies: &str) -> Result<String, (StatusCode, String)> {
        let response = self.get("/orders/who", cookies).send().await.unwrap();
        let status = response.status();
        if !status.is_success() {
            return Err((status, problem(response).await.code.into_owned()));
        }
        let text = response.text().await.unwrap();
        let order: Order = serde_json::from_str(&text).unwrap();
        Ok(order.id)
    }

    /// Begins a login: where the provider is asked, and the browser's cookie.
    async fn begin(&self, query: &str) -> (Url, String) {
        let response = self.get(&format!("/auth/login{query}"), "").send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), 303);
        (location(&response).parse().unwrap(), cookies(&response))
    }

    /// Logs in at the provider: the path and query by which it sends the user back.
    async fn at_provider(&self, asked: &Url) -> String {
        let response = self.browser.get(asked.clone()).send().await.unwrap();
        assert_eq!(response.status(), 303, "{asked}");
        let back: Url = location(&response).parse().unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    async fn come_back(&self, back: &str, cookies: &str) -> Response {
        self.get(back, cookies).send().await.unwrap()
    }

    /// The cookie of a new session.
    async fn log_in(&self) -> String {
        let (asked, login) = self.begin("?login_hint=ann").await;
        let back = self.at_provider(&asked).await;
        let response = self.come_back(&back, &login).await;
        assert_eq!(response.status(), 303);
        cookies(&response)
    }
}

fn browser() -> Client {
    let browser = Client::builder().no_proxy().tls_certs_only([]);
    // A connection each: under the paused clock an idle one has ended before it is used again.
    let browser = browser.pool_max_idle_per_host(0);
    browser.redirect(Policy::none()).build().unwrap()
}

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

/// The cookies that an answer sets, as they are sent back; those that it takes away are left out.
fn cookies(response: &Response) -> String {
    let set = response.headers().get_all("set-cookie").iter();
    let pairs: Vec<_> = set
        .map(|line| line.to_str().unwrap())
        .filter(|line| !line.contains("Max-Age=0"))
        .map(|line| line.split(';').next().unwrap())
        .collect();
    pairs.join("; ")
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn ended() -> Result<String, (StatusCode, String)> {
    Err((StatusCode::UNAUTHORIZED, "unauthenticated".to_owned()))
}

#[tokio::test]
async fn a_login_gives_a_cookie_that_counts_as_the_users_token() {
    let shop = Shop::open(true).await;
    let (asked, login) = shop
        .begin("?return_to=/orders%3Fid%3D1&login_hint=ann")
        .await;
    let query: std::collections::BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["scope"], "openid orders offline_access");
    assert_eq!(query["client_id"], "shop");
    let here = format!("http://{}/auth/callback", shop.server.address);
    assert_eq!(query["redirect_uri"], here);
    assert!(query["state"].len() >= 43 && query["nonce"].len() >= 43);

    let back = shop.at_provider(&asked).await;
    let response = shop.come_back(&back, &login).await;
    assert_eq!(response.status(), 303);
    assert_eq!(location(&response), "/orders?id=1");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let set: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    let session = set[0].to_str().unwrap();
    assert!(session.starts_with("__Host-web="), "{session}");
    for part in [
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=3600",
    ] {
        assert!(
            session.split("; ").any(|it| it == part),
            "{session}: {part}"
        );
    }
    let gone = set[1].to_str().unwrap();
    assert!(gone.starts_with("__Host-web-login=;") && gone.contains("Max-Age=0"));
    let session = cookies(&response);
    assert_eq!(shop.who(&session).await.unwrap(), "ann by nobody");
    assert_eq!(
        shop.who(&format!("a=b; {session}")).await.unwrap(),
        "ann by nobody"
    );
}

#[tokio::test]
async fn nobody_comes_in_without_a_session() {
    let shop = Shop::open(true).await;
    let response = shop.get("/orders/who", "").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.headers()["www-authenticate"],
        "Cookie cookie-name=\"__Host-web\""
    );
    let session = shop.log_in().await;
    let (name, value) = session.split_once('=').unwrap();
    let other = value.chars().rev().collect::<String>();
    for forged in [
        format!("{name}="),
        format!("{name}={other}"),
        format!("{name}={}", &value[1..]),
        format!("web={value}"),
    ] {
        assert_eq!(shop.who(&forged).await, ended(), "{forged}");
    }
    // What proves a login is not what proves a session.
    let (_, login) = shop.begin("").await;
    let shown = login.replace("-login", "");
    assert_eq!(shop.who(&shown).await, ended());
}

#[tokio::test]
async fn a_login_ends_in_the_browser_that_began_it_once() {
    let shop = Shop::open(true).await;
    let (asked, login) = shop.begin("?login_hint=ann").await;
    let back = shop.at_provider(&asked).await;
    let refused = async |back: &str, cookies: &str| {
        let response = shop.come_back(back, cookies).await;
        assert!(response.headers().get("set-cookie").is_none());
        problem(response).await.code.into_owned()
    };
    let (_, other) = shop.begin("?login_hint=ann").await;
    assert_eq!(refused(&back, "").await, "invalid-input");
    assert_eq!(refused(&back, &other).await, "invalid-input");
    let stateless = back.replace("state=", "stale=");
    assert_eq!(refused(&stateless, &login).await, "invalid-input");
    let elsewhere = back.replace("id.shop", "id.evil");
    assert_eq!(refused(&elsewhere, &login).await, "invalid-input");
    // None of these has used the code up.
    assert_eq!(shop.come_back(&back, &login).await.status(), 303);
    assert_eq!(refused(&back, &login).await, "invalid-input");
    // The code of another login, brought into one's own.
    let (asked, _) = shop.begin("?login_hint=ann").await;
    let theirs = shop.at_provider(&asked).await;
    let (asked, login) = shop.begin("?login_hint=ann").await;
    let own = shop.at_provider(&asked).await;
    let code = |back: &str| back.split(['=', '&']).nth(1).unwrap().to_owned();
    let mixed = own.replace(&code(&own), &code(&theirs));
    assert_eq!(refused(&mixed, &login).await, "invalid-input");
    let denied = own.replace("code=", "error=access_denied&x=");
    assert_eq!(refused(&denied, &login).await, "forbidden");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let shop = Shop::open(true).await;
    for path in ["//evil.example", "https://evil.example", "/%5Cevil.example"] {
        let login = format!("/auth/login?return_to={path}");
        let response = shop.get(&login, "").send().await.unwrap();
        assert_eq!(response.status(), 400, "{path}");
        assert_eq!(problem(response).await.errors[0].field, "return_to");
    }
}

#[tokio::test]
async fn what_changes_something_is_asked_for_by_our_pages_alone() {
    let shop = Shop::open(true).await;
    let session = shop.log_in().await;
    let own = format!("http://{}", shop.server.address);
    for (name, value, status) in [
        ("x-nothing", "", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", &own, 200),
    ] {
        let response = shop.place(&session).header(name, value).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), status, "{name}: {value}");
        if status == 403 {
            assert_eq!(problem(response).await.code, "cross-site");
        }
    }
    let logout = async |name: &'static str, value: &str| {
        let url = shop.server.url("/auth/logout");
        let request = shop.browser.post(url).header("cookie", &session);
        request.header(name, value).send().await.unwrap().status()
    };
    assert_eq!(logout("origin", "https://evil.example").await, 403);
    assert_eq!(shop.who(&session).await.unwrap(), "ann by nobody");
    assert_eq!(logout("origin", &own).await, 303);
}

#[tokio::test]
async fn a_configured_origin_is_where_users_come_back() {
    let origin = "https://www.shop.example";
    let shop = Shop::open_with(policy_of(true), Some(origin)).await;
    let (asked, _) = shop.begin("").await;
    let back = asked.query_pairs().find(|(name, _)| name == "redirect_uri");
    assert_eq!(back.unwrap().1, "https://www.shop.example/auth/callback");
}

#[tokio::test]
async fn a_logout_ends_the_session_and_its_tokens() {
    let shop = Shop::open(true).await;
    let (session, other) = (shop.log_in().await, shop.log_in().await);
    let response = shop.log_out(&session).await;
    assert_eq!(response.status(), 303);
    let next: Url = location(&response).parse().unwrap();
    assert_eq!(next.path(), "/staff/logout");
    assert!(next.query_pairs().any(|(name, _)| name == "id_token_hint"));
    let set = response.headers()["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-web=;") && set.contains("Max-Age=0"));
    assert_eq!(shop.who(&session).await, ended());
    assert_eq!(shop.who(&other).await.unwrap(), "ann by nobody");
    let back = shop.browser.get(next).send().await.unwrap();
    assert_eq!(location(&back), format!("http://{}/", shop.server.address));
}

#[tokio::test]
async fn each_login_has_another_cookie_and_ends_the_one_before() {
    let shop = Shop::open(true).await;
    let first = shop.log_in().await;
    let (asked, login) = shop.begin("?login_hint=ann").await;
    let back = shop.at_provider(&asked).await;
    let both = format!("{first}; {login}");
    let second = cookies(&shop.come_back(&back, &both).await);
    assert_ne!(first, second);
    assert_eq!(shop.who(&first).await, ended());
    assert_eq!(shop.who(&second).await.unwrap(), "ann by nobody");
}

#[tokio::test(start_paused = true)]
async fn without_refresh_a_session_ends_with_its_token() {
    let shop = Shop::open(false).await;
    let session = shop.log_in().await;
    pass(95).await;
    assert_eq!(shop.who(&session).await.unwrap(), "ann by nobody");
    pass(6).await;
    assert_eq!(shop.who(&session).await, ended());
    assert_eq!(shop.provider.renewals(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_end_once_for_all() {
    let shop = Shop::open(true).await;
    let session = shop.log_in().await;
    pass(75).await;
    shop.who(&session).await.unwrap();
    assert_eq!(shop.provider.renewals(), 0);
    // It is good still, but no longer for long.
    pass(10).await;
    let all = async || {
        let asking = (0..20).map(|_| shop.who(&session));
        let answers = futures_util::future::join_all(asking).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    };
    all().await;
    pass(1).await;
    assert_eq!(shop.provider.renewals(), 1);
    // The next one has ended before anybody asks again.
    pass(150).await;
    all().await;
    assert_eq!(shop.provider.renewals(), 2);
    all().await;
    assert_eq!(shop.provider.renewals(), 2);
}

#[tokio::test(start_paused = true)]
async fn instances_that_share_a_store_share_sessions_and_their_renewal() {
    let mut policy = policy_of(true);
    policy.state = Some(State {
        store: "kept",
        tls: Tls::Off,
    });
    let one = Shop::open_with(policy, None).await;
    let other = one.another().await;
    let session = one.log_in().await;
    let both = async || {
        let asking = (0..20).map(|at| match at % 2 {
            0 => one.who(&session),
            _ => other.who(&session),
        });
        futures_util::future::join_all(asking).await
    };
    pass(101).await;
    let answers = both().await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(one.provider.renewals(), 1);
    assert_eq!(other.log_out(&session).await.status(), 303);
    let answers = both().await;
    assert!(answers.iter().all(|it| *it == ended()), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_shares_nothing_knows_its_own_sessions_alone() {
    let one = Shop::open(true).await;
    let session = one.log_in().await;
    assert_eq!(one.who(&session).await.unwrap(), "ann by nobody");
    assert_eq!(one.another().await.who(&session).await, ended());
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_it_is_renewed_no_more() {
    let shop = Shop::open(true).await;
    let (session, other) = (shop.log_in().await, shop.log_in().await);
    shop.provider.end_logins();
    assert_eq!(shop.who(&session).await.unwrap(), "ann by nobody");
    pass(101).await;
    let asking = (0..10).map(|_| shop.who(&session));
    let answers = futures_util::future::join_all(asking).await;
    assert!(answers.iter().all(|it| *it == ended()), "{answers:?}");
    assert_eq!(shop.provider.renewals(), 1);
    assert_eq!(shop.who(&other).await, ended());
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_however_often_it_is_renewed() {
    let shop = Shop::open(true).await;
    let session = shop.log_in().await;
    for _ in 0..39 {
        pass(90).await;
        assert_eq!(shop.who(&session).await.unwrap(), "ann by nobody");
        // Whoever is at it gets through before the clock goes on.
        pass(1).await;
    }
    pass(60).await;
    assert_eq!(shop.who(&session).await, ended());
}
