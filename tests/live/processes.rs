//! The services as processes of their own, put together by configuration alone: what holds in `dev` holds there.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::{Answer, PATIENCE, Workspace, root, succeed};

/// A process that is ended with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free now.
pub fn port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    socket.local_addr().expect("it is bound").port()
}

/// Where everything is.
#[derive(Clone, Copy)]
pub struct Places {
    pub identity: u16,
    pub shared: u16,
    pub orders: u16,
    pub orders_admin: u16,
    pub front: u16,
    pub front_admin: u16,
}

impl Places {
    /// Free ports.
    pub fn free() -> Self {
        Self {
            identity: port(),
            shared: port(),
            orders: port(),
            orders_admin: port(),
            front: port(),
            front_admin: port(),
        }
    }
}

/// The shop, built as it runs in production, with certificates of a throw-away authority.
pub fn shop() -> Workspace {
    let drawing = root().join("examples/shop.arch");
    let workspace = Workspace::kept("dev-shop", &drawing, &root().join("examples/shop"));
    let dev = workspace.build("shop-dev");
    for binary in ["shop-orders", "shop-front"] {
        workspace.built(binary);
    }
    succeed(Command::new(&dev).arg("certificates").arg(tls(&workspace)));
    workspace
}

/// Where its certificates are.
pub fn tls(workspace: &Workspace) -> PathBuf {
    workspace.dir.join("target/tls")
}

/// The identity provider.
pub fn identity(workspace: &Workspace, places: &Places) -> Process {
    let mut identity = Command::new(workspace.dir.join("target/shop-dev"));
    identity
        .args(["identity", &format!("127.0.0.1:{}", places.identity)])
        .stdout(Stdio::null());
    Process(identity.spawn().expect("the identity provider starts"))
}

/// The store that the services share, which forgets everything when it ends.
pub fn shared(workspace: &Workspace, places: &Places) -> Process {
    let tls = tls(workspace).join("shared");
    let port = places.shared.to_string();
    redis(places.shared, |store| {
        store
            .args(["--port", "0", "--tls-port", &port])
            .arg("--tls-cert-file")
            .arg(tls.join("tls.crt"))
            .arg("--tls-key-file")
            .arg(tls.join("tls.key"))
            .arg("--tls-ca-cert-file")
            .arg(tls.join("ca.crt"));
    })
}

/// A `redis-server` that listens on a port, as its arguments say, and keeps nothing on disk.
fn redis(port: u16, arguments: impl FnOnce(&mut Command)) -> Process {
    let mut store = Command::new("redis-server");
    store
        .args(["--bind", "127.0.0.1", "--save", ""])
        .stdout(Stdio::null());
    arguments(&mut store);
    let process = Process(store.spawn().expect("redis-server is installed"));
    until("the store listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    process
}

/// A store that anybody may ask, which forgets everything when it ends.
pub struct TcpStore {
    port: u16,
    _process: Process,
}

impl TcpStore {
    pub fn start() -> Self {
        let port = port();
        let process = redis(port, |store| {
            store.args(["--port", &port.to_string()]);
        });
        Self {
            port,
            _process: process,
        }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// Starts the binary of a service with nothing but its environment.
fn service(
    workspace: &Workspace,
    name: &str,
    places: &Places,
    settings: &[(&str, String)],
) -> Process {
    let tls = tls(workspace).join(name);
    let mut command = Command::new(workspace.dir.join("target").join(format!("shop-{name}")));
    command
        .env("APP_TLS__CERTIFICATE", tls.join("tls.crt"))
        .env("APP_TLS__KEY", tls.join("tls.key"))
        .env("APP_TLS__AUTHORITIES", tls.join("ca.crt"))
        .env(
            "APP_ISSUERS__STAFF__JWKS",
            format!("http://127.0.0.1:{}/staff/jwks.json", places.identity),
        )
        .env(
            "APP_STORES__SHARED__ADDRESS",
            format!("127.0.0.1:{}", places.shared),
        )
        .env("APP_LOG__FILTER", "warn")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null());
    Process(command.spawn().expect("the service starts"))
}

pub fn orders(workspace: &Workspace, places: &Places) -> Process {
    let settings = [
        ("APP_LISTEN__MUTUAL", format!("127.0.0.1:{}", places.orders)),
        (
            "APP_LISTEN__ADMIN",
            format!("127.0.0.1:{}", places.orders_admin),
        ),
    ];
    let process = service(workspace, "orders", places, &settings);
    ready(places.orders_admin);
    process
}

pub fn front(workspace: &Workspace, places: &Places) -> Process {
    let settings = [
        ("APP_LISTEN__SERVER", format!("127.0.0.1:{}", places.front)),
        (
            "APP_LISTEN__ADMIN",
            format!("127.0.0.1:{}", places.front_admin),
        ),
        (
            "APP_TARGETS__ORDERS__MUTUAL",
            format!("[\"127.0.0.1:{}\"]", places.orders),
        ),
    ];
    let process = service(workspace, "front", places, &settings);
    ready(places.front_admin);
    process
}

/// Waits until a service says that it takes requests.
fn ready(admin: u16) {
    let url = format!("http://127.0.0.1:{admin}/readyz");
    until(&format!("{url} answers 200"), || {
        curl(&[&url]).is_some_and(|answer| answer.status == 200)
    });
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What curl gets; none where nobody answers.
pub fn curl(arguments: &[&str]) -> Option<Answer> {
    let output = Command::new("curl")
        .args(["--silent", "--include", "--http1.1"])
        .args(arguments)
        .output()
        .expect("curl is there");
    let text = String::from_utf8(output.stdout).expect("the answers are text");
    output.status.success().then(|| Answer::parse(&text))
}

/// Calls of the entry with the authority that made the certificates.
pub struct Entry<'a> {
    pub authority: &'a Path,
    pub places: &'a Places,
}

impl Entry<'_> {
    pub fn token(&self, role: &str) -> String {
        let url = format!(
            "http://127.0.0.1:{}/staff/tokens/{role}",
            self.places.identity
        );
        let answer = curl(&[&url]).expect("the identity provider answers");
        assert_eq!(answer.status, 200);
        format!("authorization: Bearer {}", answer.body)
    }

    pub fn place(&self, header: &str, key: &str) -> Answer {
        let key = format!("idempotency-key: {key}");
        let url = format!("https://localhost:{}/v1/shop/place", self.places.front);
        let authority = self.authority.to_str().expect("the path is text");
        let order = r#"{"customer":"ada","items":[{"sku":"pen","quantity":2}]}"#;
        curl(&[
            "--cacert", authority, "--header", header, "--json", order, "--header", &key, &url,
        ])
        .expect("the entry answers")
    }
}

#[test]
fn services_run_as_processes_of_their_own() {
    let workspace = shop();
    let tls = tls(&workspace);
    let places = Places::free();
    let _identity = identity(&workspace, &places);
    let _shared = shared(&workspace, &places);
    let first_orders = orders(&workspace, &places);
    let _front = front(&workspace, &places);
    let entry = Entry {
        authority: &tls.join("ca.crt"),
        places: &places,
    };

    let customer = entry.token("customer");
    let placed = entry.place(&customer, "once");
    assert_eq!(placed.status, 200, "{placed:#?}");
    assert_eq!(placed.json()["customer"], "ada");
    let again = entry.place(&customer, "once");
    assert_eq!(
        again.json()["id"],
        placed.json()["id"],
        "the key is the same"
    );
    let stranger = entry.place("x-nothing: here", "stranger");
    assert_eq!(
        stranger.problem().as_deref(),
        Some("unauthenticated"),
        "{stranger:#?}"
    );
    let clerk = entry.place(&entry.token("clerk"), "clerk");
    assert_eq!(clerk.problem().as_deref(), Some("forbidden"), "{clerk:#?}");

    // Who shows no certificate is not even heard by the inner service.
    let inner = format!("https://localhost:{}/", places.orders);
    let authority = tls.join("ca.crt");
    let authority = authority.to_str().expect("the path is text");
    assert!(curl(&["--cacert", authority, &inner]).is_none());

    // Killed, not stopped: the policies of the edge decide what callers see.
    drop(first_orders);
    let mut seen = Vec::new();
    until("the breaker opens", || {
        let key = format!("down-{}", seen.len());
        let problem = entry.place(&customer, &key).problem();
        let open = problem.as_deref() == Some("circuit-open");
        seen.push(problem);
        open
    });
    assert!(seen.contains(&Some("unavailable".to_owned())), "{seen:?}");
    let _orders = orders(&workspace, &places);
    let mut tries = 0;
    until("the breaker closes", || {
        tries += 1;
        entry.place(&customer, &format!("up-{tries}")).status == 200
    });
}
