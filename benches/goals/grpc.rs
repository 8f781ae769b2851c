//! Goal 4: the generated gRPC server and client cost about what one writes by hand with tonic.
//!
//! A drawing is generated, a crate that holds both is built beside it (`benches/grpc`), and each side runs as a process
//! of its own against the hand-written other side.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{goal, measure};

const ARCHWRIGHT: &str = env!("CARGO_BIN_EXE_archwright");

/// Calls of one run: seconds of CPU, the resolution being hundredths.
const CALLS: usize = 60_000;

/// Measures and prints.
pub fn bench() -> Result<(), String> {
    let program = build()?;
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
    let (mut hand, mut server, mut client) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        hand.push(run("hand", "hand")?);
        server.push(run("generated", "hand")?.0);
        client.push(run("hand", "generated")?.1);
    }
    let hand_server = median(hand.iter().map(|it| it.0).collect());
    let hand_client = median(hand.iter().map(|it| it.1).collect());
    let (server, client) = (median(server), median(client));
    println!(
        "gRPC, unary, no TLS: CPU for each request, generated against hand-written tonic (microseconds)"
    );
    println!(
        "  server {server:.1} against {hand_server:.1}, client {client:.1} against {hand_client:.1}"
    );
    goal(
        "server, as a multiple of hand-written",
        server / hand_server,
        1.10,
    );
    goal(
        "client, as a multiple of hand-written",
        client / hand_client,
        1.10,
    );
    Ok(())
}

/// Generates and builds; what is there from before is used again.
fn build() -> Result<PathBuf, String> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/grpc");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (echo, bench) = (folder.join("echo"), folder.join("echo-bench"));
    let status = Command::new(ARCHWRIGHT)
        .args([
            "generate".as_ref(),
            template.join("echo.arch").as_os_str(),
            "-o".as_ref(),
            echo.as_os_str(),
        ])
        .stdout(Stdio::null())
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("the drawing could not be generated".to_owned());
    }
    let copies = [
        (
            "handler.rs",
            echo.join("services/back/src/handlers/echo.rs"),
        ),
        ("Cargo.toml.in", bench.join("Cargo.toml")),
        ("build.rs", bench.join("build.rs")),
        ("src/main.rs", bench.join("src/main.rs")),
        ("src/hand.rs", bench.join("src/hand.rs")),
        ("src/generated.rs", bench.join("src/generated.rs")),
    ];
    std::fs::create_dir_all(bench.join("src")).map_err(|error| error.to_string())?;
    for (from, to) in copies {
        std::fs::copy(template.join(from), to).map_err(|error| format!("{from}: {error}"))?;
    }
    let target = folder.join("target");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet"])
        .arg("--manifest-path")
        .arg(bench.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err("the bench crate could not be built".to_owned());
    }
    Ok(target.join("release/echo-bench"))
}

/// A server; its input is closed and it ends when this is dropped.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(program: &Path, which: &str) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["serve", which])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut address = String::new();
        let output = child.stdout.take().ok_or("no output")?;
        BufReader::new(output)
            .read_line(&mut address)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            child,
            address: address.trim().to_owned(),
        })
    }

    /// Seconds of CPU so far, of all threads, as Linux counts them: in hundredths.
    fn cpu(&self) -> Result<f64, String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .map_err(|error| error.to_string())?;
        // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok());
        let both = ticks(11)
            .zip(ticks(12))
            .ok_or("unexpected /proc/PID/stat")?;
        Ok((both.0 + both.1) / 100.0)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}
