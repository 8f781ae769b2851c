//! Goal 4: the generated gRPC server and client cost about what one writes by hand with tonic.
//!
//! Each side runs against the hand-written other side.

use crate::echo::{self, Serving};
use crate::goal;
use crate::measure::{self, middle};

/// Calls of one run.
const CALLS: usize = 40_000;

/// Runs of each side, one after the other.
const ROUNDS: usize = 7;

/// Measures and prints.
pub fn bench() -> Result<(), String> {
    let program = echo::build()?;
    let run = |server: &str, client: &str| -> Result<(f64, f64), String> {
        let serving = Serving::start(&program, server)?;
        let calls = CALLS.to_string();
        let call = |calls: &str| {
            measure::run(&[
                program.as_os_str(),
                "call".as_ref(),
                client.as_ref(),
                serving.address.as_ref(),
                calls.as_ref(),
            ])
        };
        // The first calls grow buffers and tables.
        call("2000")?;
        let before = serving.cpu()?;
        let calling = call(&calls)?;
        let serving = serving.cpu()? - before;
        Ok((
            serving / CALLS as f64 * 1e6,
            calling.cpu / CALLS as f64 * 1e6,
        ))
    };
    let (mut server, mut client) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let hand = run("grpc-hand", "grpc-hand")?;
        server.push([run("grpc-generated", "grpc-hand")?.0, hand.0]);
        client.push([run("grpc-hand", "grpc-generated")?.1, hand.1]);
    }
    println!(
        "gRPC, unary, no TLS: CPU for each request, generated against hand-written tonic (microseconds)"
    );
    for (what, rounds) in [("server", server), ("client", client)] {
        let [generated, hand] = [0, 1].map(|side| middle(rounds.iter().map(|it| it[side])));
        println!("  {what} {generated:.1} against {hand:.1}");
        let what = format!("{what}, as a multiple of hand-written");
        goal(&what, middle(rounds.iter().map(|it| it[0] / it[1])), 1.10);
    }
    Ok(())
}
