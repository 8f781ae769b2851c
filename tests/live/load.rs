//! The shop under load while the service behind its entry is killed, frozen and slowed: what its policies declare is
//! what callers see. The load is `wrk`'s.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::processes::{Places, Process, curl, front, identity, orders, shared, shop, tls, until};
use super::support::{Dev, Workspace, root, succeed};

/// Callers, each waiting for its answer before it asks again.
const CONNECTIONS: &str = "8";

/// The edge's `deadline` in the drawing, and what a busy machine may add to it.
const DEADLINE: Duration = Duration::from_secs(1);
const SLACK: Duration = Duration::from_millis(1500);

/// The edge's breaker in the drawing: over so long it counts, after so many calls it may open, for so long.
const WINDOW: Duration = Duration::from_secs(10);
const MIN_CALLS: u64 = 20;
const COOLDOWN: Duration = Duration::from_secs(5);

/// What a while of load was answered.
#[derive(Debug, Default)]
struct Seen {
    answers: BTreeMap<String, u64>,
    unanswered: u64,
    /// By percentile.
    latency: BTreeMap<u64, Duration>,
}

impl Seen {
    fn of(&self, answer: &str) -> u64 {
        self.answers.get(answer).copied().unwrap_or(0)
    }

    fn all(&self) -> u64 {
        self.answers.values().sum()
    }

    /// No caller is kept waiting longer than the deadline, or gets no answer, or one that is not declared.
    fn keeps_to_the_policies(&self) {
        let declared = [
            "404 not-found",
            "503 unavailable",
            "503 circuit-open",
            "504 timeout",
            "504 deadline-exceeded",
        ];
        for answer in self.answers.keys() {
            assert!(declared.contains(&answer.as_str()), "{answer}: {self:#?}");
        }
        assert_eq!(self.unanswered, 0, "{self:#?}");
        assert!(self.latency[&100] < DEADLINE + SLACK, "{self:#?}");
    }
}

/// `wrk` at work.
struct Load(Child);

impl Load {
    fn start(url: &str, tokens: &Path, seconds: u64) -> Self {
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", CONNECTIONS])
            .args(["--duration", &format!("{seconds}s"), "--timeout", "10s"])
            .arg("--script")
            .arg(root().join("tests/live/load.lua"))
            .args([url, "--"])
            .arg(tokens)
            .stdout(Stdio::piped());
        Self(wrk.spawn().expect("wrk is installed"))
    }

    fn end(self, what: &str) -> Seen {
        let output = self.0.wait_with_output().expect("wrk ends");
        let text = String::from_utf8(output.stdout).expect("wrk prints text");
        let mut seen = Seen::default();
        for line in text.lines() {
            let number = |word: &str| word.parse::<u64>().expect("the script prints numbers");
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["answer", count, answer @ ..] => {
                    seen.answers
                        .insert(answer.join(" ").trim().to_owned(), number(count));
                }
                ["unanswered", count] => seen.unanswered = number(count),
                ["latency", percentile, micros] => {
                    let latency = Duration::from_micros(number(micros));
                    seen.latency.insert(number(percentile), latency);
                }
                _ => {}
            }
        }
        assert!(seen.all() > 0, "wrk asked nothing: {text}");
        println!("{what}: {} answers, {seen:?}", seen.all());
        seen
    }
}

/// Tokens of so many customers that the limit for each is not what is tried.
fn tokens(workspace: &Workspace, provider: &str) -> PathBuf {
    let file = workspace.dir.join("target/tokens");
    let tokens: Vec<String> = (0..400)
        .map(|at| {
            let url = format!("{provider}/staff/tokens/customer?user=customer-{at}");
            curl(&[&url]).expect("the identity provider answers").body
        })
        .collect();
    fs::write(&file, tokens.join("\n")).expect("the workspace is writable");
    file
}

fn signal(process: &Process, signal: &str) {
    let id = process.0.id().to_string();
    succeed(Command::new("kill").args([signal, &id]));
}

/// Resident memory of a process, in KiB.
fn memory(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.0.id()));
    let status = status.expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    kib.and_then(|kib| kib.parse().ok()).expect("Linux says it")
}

/// How long it takes until the entry's answer is one of the service behind it again.
fn back_after(url: &str, tokens: &Path, authority: &str) -> Duration {
    let token = fs::read_to_string(tokens).expect("the tokens are there");
    let header = format!(
        "authorization: Bearer {}",
        token.lines().next().unwrap_or("")
    );
    let start = Instant::now();
    until("the breaker closes", || {
        curl(&["--cacert", authority, "--header", &header, url])
            .is_some_and(|answer| answer.status == 404)
    });
    start.elapsed()
}

const ORDER: &str = "v1/shop/order/00000000-0000-4000-8000-00000000dead";

#[test]
fn under_load_the_policies_decide_what_callers_see() {
    let workspace = shop();
    let places = Places::free();
    let _identity = identity(&workspace, &places);
    let _shared = shared(&workspace, &places);
    let first = orders(&workspace, &places);
    let entry = front(&workspace, &places);
    let provider = format!("http://127.0.0.1:{}", places.identity);
    let tokens = tokens(&workspace, &provider);
    let url = format!("https://localhost:{}/{ORDER}", places.front);

    let authority = tls(&workspace).join("ca.crt");
    let authority = authority.to_str().expect("the path is text");

    let calm = Load::start(&url, &tokens, 4).end("calm");
    calm.keeps_to_the_policies();
    assert_eq!(calm.of("404 not-found"), calm.all(), "{calm:#?}");
    let before = memory(&entry);

    // Longer than the breaker's window: what was answered well before must have left it on a machine of any speed.
    let load = Load::start(&url, &tokens, 14);
    std::thread::sleep(Duration::from_secs(1));
    drop(first);
    let killed = load.end("killed after a second");
    killed.keeps_to_the_policies();
    assert!(killed.of("503 circuit-open") > 0, "{killed:#?}");
    let second = orders(&workspace, &places);
    let back = back_after(&url, &tokens, authority);
    println!("back {back:?} after it was started again");
    assert!(back < COOLDOWN + SLACK, "{back:?}");

    // Nothing that it answered before stands in the breaker's window any more than on a machine that is faster.
    std::thread::sleep(WINDOW);
    signal(&second, "-STOP");
    let frozen = Load::start(&url, &tokens, 8).end("frozen");
    frozen.keeps_to_the_policies();
    let waited = frozen.all() - frozen.of("404 not-found") - frozen.of("503 circuit-open");
    assert!(frozen.of("503 circuit-open") > 0, "{frozen:#?}");
    assert!(
        waited < 10 * MIN_CALLS,
        "the breaker opens soon: {frozen:#?}"
    );
    signal(&second, "-CONT");
    let back = back_after(&url, &tokens, authority);
    println!("back {back:?} after it was thawed");
    assert!(back < COOLDOWN + SLACK, "{back:?}");

    let after = memory(&entry);
    println!("the entry held {before} KiB before the faults and {after} KiB after them");
    assert!(after < 2 * before, "{before} KiB became {after} KiB");
}

#[test]
fn a_slowed_service_is_given_up_in_time() {
    let workspace = shop();
    let mut dev = Dev::start(&workspace, &workspace.dir.join("target/shop-dev"));
    let banner = dev.banner.join("\n");
    // The address of the entry, as the printed commands have it.
    let path = banner.find("/v1/shop/").expect("it is printed");
    let start = banner[..path].rfind("http").expect("it is an address");
    let entry = banner[start..path].to_owned();
    let token = dev.console("token customer");
    let tokens = workspace.dir.join("target/token");
    fs::write(&tokens, token.trim()).expect("the workspace is writable");
    dev.console("slow orders 2s");
    let slow = Load::start(&format!("{entry}/{ORDER}"), &tokens, 5).end("slowed by 2 s");
    // One customer asks as often as all did: his own limit answers the most.
    assert!(slow.of("429 rate-limited") > 0, "{slow:#?}");
    assert!(slow.of("503 circuit-open") > 0, "{slow:#?}");
    assert!(slow.latency[&100] < DEADLINE + SLACK, "{slow:#?}");
    assert!(dev.end().success());
}
