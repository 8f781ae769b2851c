//! Goal 3: what a generated REST server makes of each request costs little more than a handler of axum alone, and no more
//! than the same by hand.

use crate::echo::{self, Serving};
use crate::goal;
use crate::measure::{self, middle};

/// Calls of one run.
const CALLS: usize = 40_000;

/// Runs of each side, one after the other.
const ROUNDS: usize = 7;

/// Most memory of a service that nobody calls, in MiB.
const IDLE: f64 = 10.0;

/// A server and what is asked of it.
const SIDES: [(&str, &str); 7] = [
    ("rest-bare", "/plain"),
    ("rest-generated", "/plain"),
    ("rest-hand", "/plain"),
    ("rest-generated", "/full"),
    ("rest-hand", "/full"),
    ("rest-generated", "/shared"),
    ("rest-hand", "/shared"),
];

/// Measures and prints.
pub fn bench() -> Result<(), String> {
    let program = echo::build()?;
    let mut idle = Vec::new();
    let mut run = |(side, path): (&str, &str)| -> Result<f64, String> {
        let serving = Serving::start(&program, side)?;
        if side == "rest-generated" {
            idle.push(serving.memory()?);
        }
        let token = match path {
            "/full" => serving.tokens.first(),
            "/shared" => serving.tokens.get(1),
            _ => None,
        };
        let token = token.map_or("", String::as_str);
        let call = |calls: usize| {
            measure::run(&[
                program.as_os_str(),
                "call".as_ref(),
                "rest".as_ref(),
                serving.address.as_ref(),
                path.as_ref(),
                token.as_ref(),
                calls.to_string().as_ref(),
            ])
        };
        // The first calls grow buffers and tables, and verify the token.
        call(2000)?;
        let before = serving.cpu()?;
        call(CALLS)?;
        Ok((serving.cpu()? - before) / CALLS as f64 * 1e6)
    };
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = [0.0; SIDES.len()];
        for (cost, side) in round.iter_mut().zip(SIDES) {
            *cost = run(side)?;
        }
        rounds.push(round);
    }
    println!("REST, JSON both ways, no TLS: CPU of the server for each request (microseconds)");
    let costs: Vec<String> = SIDES
        .iter()
        .enumerate()
        .map(|(at, (side, path))| {
            let cost = middle(rounds.iter().map(|round| round[at]));
            format!("{}{path} {cost:.1}", side.trim_start_matches("rest-"))
        })
        .collect();
    println!("  {}", costs.join(", "));
    for (what, side, against, most) in [
        (
            "without authentication, as a multiple of bare axum",
            1,
            0,
            1.35,
        ),
        (
            "without authentication, as a multiple of hand-written",
            1,
            2,
            1.05,
        ),
        (
            "everything and ES256, as a multiple of bare axum",
            3,
            0,
            2.5,
        ),
        (
            "everything and ES256, as a multiple of hand-written",
            3,
            4,
            1.05,
        ),
        (
            "everything and HS256, as a multiple of bare axum",
            5,
            0,
            2.2,
        ),
        (
            "everything and HS256, as a multiple of hand-written",
            5,
            6,
            1.05,
        ),
    ] {
        let ratio = middle(rounds.iter().map(|round| round[side] / round[against]));
        goal(what, ratio, most);
    }
    goal("memory of an idle service, in MiB", middle(idle), IDLE);
    Ok(())
}
