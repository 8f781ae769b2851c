//! What a process costs: CPU seconds and peak memory.
//!
//! Each command runs below a small process of its own (this program again, with `--measure`), because the kernel adds up
//! what all children of one process used and keeps only the largest of their memories.

use std::ffi::OsStr;
use std::process::{Command, ExitCode, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// What one run used.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time in seconds.
    pub cpu: f64,
    /// Peak resident memory in MiB.
    pub memory: f64,
}

/// Runs a command and measures it. Its output is thrown away; exit status 1 (findings) is no failure.
pub fn run<S: AsRef<OsStr>>(command: &[S]) -> Result<Usage, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(own)
        .arg("--measure")
        .args(command)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|it| it.parse().ok())
        .collect();
    match numbers[..] {
        [cpu, memory] => Ok(Usage { cpu, memory }),
        _ => Err(format!("unexpected measurement: {text}")),
    }
}

/// The small process: runs `command` and prints what its children used.
pub fn run_and_report(command: &[String]) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else {
        return ExitCode::from(2);
    };
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    match status {
        Ok(output) if output.status.code().is_some_and(|code| code <= 1) => {}
        Ok(output) => {
            eprintln!(
                "{program}: {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("{program}: {error}");
            return ExitCode::FAILURE;
        }
    }
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else {
        return ExitCode::FAILURE;
    };
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // Linux counts in KiB.
    println!(
        "{} {}",
        seconds(usage.user_time()) + seconds(usage.system_time()),
        usage.max_rss() as f64 / 1024.0
    );
    ExitCode::SUCCESS
}

/// The middle one by CPU time.
pub fn median(mut runs: Vec<Usage>) -> Usage {
    runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    runs[runs.len() / 2]
}

/// The middle one of some numbers.
pub fn middle(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
