//! How archwright stands against its goals for speed, each side measured in this one run: `cargo bench`.
//!
//! Only ratios count: CPU seconds (user and system) of whole processes, medians of interleaved runs, so that a busy
//! machine slows both sides. `cargo bench -- lint`, `-- rules`, `-- generate`, `-- rest` or `-- grpc` measures
//! one part.

mod echo;
mod generate;
mod grpc;
mod lint;
mod measure;
mod rest;
mod rules;
mod topology;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--measure", command)) = arguments
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    {
        return measure::run_and_report(command);
    }
    let named: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let parts: [(&str, Bench); 5] = [
        ("lint", lint::bench),
        ("rules", rules::bench),
        ("generate", generate::bench),
        ("rest", rest::bench),
        ("grpc", grpc::bench),
    ];
    let mut status = ExitCode::SUCCESS;
    for (name, bench) in parts {
        let wanted = named.is_empty() || named.contains(&name);
        if let Some(Err(reason)) = wanted.then(bench) {
            eprintln!("{name}: {reason}");
            status = ExitCode::FAILURE;
        }
    }
    status
}

/// Measures one goal and prints what came out.
type Bench = fn() -> Result<(), String>;

/// One line of the result: what was measured against what, and whether the goal is met.
fn goal(what: &str, measured: f64, most: f64) {
    let verdict = if measured <= most { "met" } else { "MISSED" };
    println!("  {what:<58} {measured:>7.2}   goal {most:>6.2}   {verdict}");
}
