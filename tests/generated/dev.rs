//! `dev` as a newcomer meets it: what it prints is run word for word and answers as it says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::support::{Answer, Dev, PATIENCE, Workspace, root};

/// A printed command, and what is printed below it.
struct Printed {
    command: String,
    promise: String,
}

fn printed(banner: &[String]) -> Vec<Printed> {
    let pairs = banner.iter().zip(banner.iter().skip(1));
    pairs
        .filter_map(|(line, next)| {
            let command = line.strip_prefix("  $ ")?.to_owned();
            let promise = next
                .strip_prefix("  # ")
                .expect("each command says what it answers")
                .to_owned();
            Some(Printed { command, promise })
        })
        .collect()
}

fn shop() -> (Workspace, PathBuf) {
    let drawing = root().join("examples/shop.arch");
    let workspace = Workspace::kept("dev-shop", &drawing, &root().join("examples/shop"));
    let binary = workspace.build("shop-dev");
    (workspace, binary)
}

#[test]
fn the_printed_commands_answer_as_printed() {
    let (workspace, binary) = shop();
    let mut dev = Dev::start(&workspace, &binary);
    let commands = printed(&dev.banner);
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let mut place = None;
    for Printed { command, promise } in &commands {
        let status = promise
            .split(' ')
            .next()
            .expect("split gives one")
            .to_owned();
        let text = dev.shell(command);
        if status == "429" {
            let counts: Vec<&str> = text.split_whitespace().collect();
            assert!(
                counts.contains(&"429"),
                "{command}\nsaid {promise}, answered {text}"
            );
            assert!(
                counts.contains(&"200"),
                "{command}\nrefused everything: {text}"
            );
        } else {
            let answer = Answer::parse(&text);
            assert_eq!(
                answer.status.to_string(),
                status,
                "{command}\nsaid {promise}, answered {answer:#?}"
            );
            if let Some(code) = promise.split(' ').nth(1).filter(|_| answer.status >= 400) {
                assert_eq!(answer.problem().as_deref(), Some(code), "{command}");
            }
            assert_eq!(answer.header("x-sample"), None, "{command}");
            if answer.status == 200 && command.contains("/place") {
                place = Some(command.clone());
            }
        }
        *seen.entry(status).or_default() += 1;
    }
    for status in ["200", "401", "403", "429"] {
        assert!(
            seen.contains_key(status),
            "no printed command shows {status}: {seen:?}"
        );
    }
    let place = place.expect("a printed command places an order");
    assert!(
        dev.banner.iter().any(|line| line.contains("stop SERVICE")),
        "the console is explained"
    );
    // Buckets that the commands emptied fill again: 50 a second.
    std::thread::sleep(Duration::from_secs(3));
    stop_and_start(&mut dev, &place);
    assert!(dev.end().success(), "SIGTERM drains and ends well");
}

/// After `stop orders` the gateway answers a problem within its deadline, then its breaker opens; after `start orders`
/// it closes.
fn stop_and_start(dev: &mut Dev, command: &str) {
    dev.console("stop orders");
    let started = Instant::now();
    let answer = Answer::parse(&dev.shell(command));
    // The edge's deadline is 1 s; the rest is for starting curl on a busy machine.
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "answered after {:?}",
        started.elapsed()
    );
    assert_eq!(
        (answer.status, answer.problem().as_deref()),
        (503, Some("unavailable")),
        "{answer:#?}"
    );
    let open = wait_for(dev, command, |answer| {
        answer.problem().as_deref() == Some("circuit-open")
    });
    assert_eq!(open.status, 503);
    let retry_after: u64 = open
        .header("retry-after")
        .and_then(|it| it.parse().ok())
        .expect("it says when to come back");
    // The drawing's cooldown is 5 s.
    assert!((1..=5).contains(&retry_after), "{retry_after}");
    dev.console("start orders");
    wait_for(dev, command, |answer| answer.status == 200);
}

fn wait_for(dev: &Dev, command: &str, fits: impl Fn(&Answer) -> bool) -> Answer {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = Answer::parse(&dev.shell(command));
        if fits(&answer) {
            return answer;
        }
        assert!(Instant::now() < end, "still {answer:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
