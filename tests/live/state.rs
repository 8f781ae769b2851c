//! Two processes of one service over a real store: they count and remember together, and go on without it.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::processes::{
    Entry, Places, curl, front, identity, orders, port, shared, shop, tls, until,
};

/// What each instance is asked at once: far more than the limit lets in.
const REQUESTS: u32 = 1000;

/// The entry's limit in the drawing: so many at once, then so many a second.
const BURST: f64 = 100.0;
const RATE: f64 = 50.0;

/// What a metric of an instance counts; 0 where it has not counted yet.
fn metric(admin: u16, series: &str) -> u32 {
    let url = format!("http://127.0.0.1:{admin}/metrics");
    let answer = curl(&[&url]).expect("the instance answers");
    let line = answer.body.lines().find(|line| line.starts_with(series));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value.map_or(0, |value| value.parse().expect("it is a number"))
}

fn calls(admin: u16, purpose: &str, outcome: &str) -> u32 {
    let labels = format!(r#"{{store="shared",purpose="{purpose}",outcome="{outcome}"}}"#);
    metric(admin, &format!("state_calls_total{labels}"))
}

/// Looks an order up, again and again, at all instances at once; how many were let in, and in how many seconds.
fn storm(entries: &[Entry<'_>], token: &str) -> (f64, f64) {
    let started = Instant::now();
    let all: Vec<_> = entries
        .iter()
        .map(|entry| {
            let url = format!("{}#[1-{REQUESTS}]", order(entry));
            Command::new("curl")
                .args(["--silent", "--parallel", "--parallel-max", "4"])
                .arg("--cacert")
                .arg(entry.authority)
                .args(["--header", token, "--write-out", "%{http_code}\\n"])
                .args(["--output", "/dev/null", &url])
                .stdout(Stdio::piped())
                // Of several transfers at once it tells the progress, however silent it is to be.
                .stderr(Stdio::null())
                .spawn()
                .expect("curl is there")
        })
        .collect();
    let mut let_in = 0;
    for process in all {
        let output = process.wait_with_output().expect("curl ends");
        let text = String::from_utf8(output.stdout).expect("codes are text");
        assert_eq!(text.lines().count(), REQUESTS as usize, "{text}");
        let_in += text.lines().filter(|code| *code != "429").count();
    }
    (let_in as f64, started.elapsed().as_secs_f64())
}

/// The address of an order that does not exist: whoever is told so was let in.
fn order(entry: &Entry<'_>) -> String {
    format!(
        "https://localhost:{}/v1/shop/order/00000000-0000-4000-8000-00000000dead",
        entry.places.front
    )
}

#[test]
fn two_processes_share_what_they_count_and_remember_until_the_store_dies() {
    let workspace = shop();
    let authority = tls(&workspace).join("ca.crt");
    let one = Places::free();
    let other = Places {
        front: port(),
        front_admin: port(),
        ..one
    };
    let _identity = identity(&workspace, &one);
    let store = shared(&workspace, &one);
    let _orders = orders(&workspace, &one);
    let _fronts = [&one, &other].map(|places| front(&workspace, places));
    let entries = [&one, &other].map(|places| Entry {
        authority: &authority,
        places,
    });
    let admins = [one.front_admin, other.front_admin];
    let customer = entries[0].token("customer");

    // An answer that one gave is given again by the other.
    let placed = entries[0].place(&customer, "once");
    assert_eq!(placed.status, 200, "{placed:#?}");
    let again = entries[1].place(&customer, "once");
    assert_eq!(
        again.header("idempotency-replayed"),
        Some("true"),
        "{again:#?}"
    );
    assert_eq!(again.json(), placed.json());

    // One limit over both. What a hiccup of the store let in beside it is counted.
    let (let_in, seconds) = storm(&entries, &entries[0].token("clerk"));
    let open: u32 = admins
        .iter()
        .map(|admin| calls(*admin, "limit", "open"))
        .sum();
    let most = BURST + RATE * seconds + f64::from(open) + 1.0;
    assert!(
        (BURST..=most).contains(&let_in),
        "{let_in} were let in within {seconds} s, {open} of them unseen by the store"
    );

    // Killed: limits are open, keyed requests are refused, and both are seen.
    drop(store);
    for (entry, admin) in entries.iter().zip(admins) {
        let refused = entry.place(&customer, "twice");
        assert_eq!(refused.status, 503, "{refused:#?}");
        assert_eq!(refused.problem().as_deref(), Some("state-unavailable"));
        assert_eq!(refused.header("retry-after"), Some("1"));
        let before = calls(admin, "limit", "open");
        let authority = authority.to_str().expect("the path is text");
        let looked =
            ["--cacert", authority, "--header", &customer, &order(entry)].map(str::to_owned);
        let looked = curl(&looked.each_ref().map(String::as_str)).expect("the entry answers");
        assert_eq!(looked.status, 404, "{looked:#?}");
        assert!(calls(admin, "limit", "open") > before);
        assert!(calls(admin, "idempotency", "closed") > 0);
        assert_eq!(metric(admin, "state_up"), 0);
        let ready = curl(&[&format!("http://127.0.0.1:{admin}/readyz")]).expect("it answers");
        assert_eq!(
            (ready.status, ready.body.as_str()),
            (200, "ready, without the store of shared state\n")
        );
    }

    // Started again: found again, by processes that were not.
    let _store = shared(&workspace, &one);
    let mut first = entries[0].place(&customer, "again");
    until("the store is found again", || {
        if first.status != 200 {
            first = entries[0].place(&customer, "again");
        }
        first.status == 200
    });
    let mut second = entries[1].place(&customer, "again");
    until("the other finds it too", || {
        if second.status != 200 {
            second = entries[1].place(&customer, "again");
        }
        second.status == 200
    });
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.json(), first.json());
}
