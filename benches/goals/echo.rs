//! The servers and clients that are measured: a drawing is generated, and a crate that holds both its code and what one
//! writes by hand is built beside it (`benches/echo`). Each side runs as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ARCHWRIGHT: &str = env!("CARGO_BIN_EXE_archwright");

/// Generates and builds; what is there from before is used again.
pub fn build() -> Result<PathBuf, String> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/echo");
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
    copy(&template.join("src"), &bench.join("src"))?;
    copy(
        &template.join("handlers"),
        &echo.join("services/back/src/handlers"),
    )?;
    for (from, to) in [("Cargo.toml.in", "Cargo.toml"), ("build.rs", "build.rs")] {
        std::fs::copy(template.join(from), bench.join(to))
            .map_err(|error| format!("{from}: {error}"))?;
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

/// Copies a folder and all in it.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to).map_err(failed)?;
        }
    }
    Ok(())
}

/// A server; its input is closed and it ends when this is dropped.
pub struct Serving {
    child: Child,
    pub address: String,
    /// What those show who may call, where that is asked.
    pub tokens: Vec<String>,
}

impl Serving {
    pub fn start(program: &Path, which: &str) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["serve", which])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut told = String::new();
        let output = child.stdout.take().ok_or("no output")?;
        BufReader::new(output)
            .read_line(&mut told)
            .map_err(|error| error.to_string())?;
        let (address, tokens) = told
            .trim_end_matches('\n')
            .split_once(' ')
            .unwrap_or_default();
        Ok(Self {
            child,
            address: address.to_owned(),
            tokens: tokens.split(' ').map(str::to_owned).collect(),
        })
    }

    /// Seconds of CPU so far, of all threads, as Linux counts them: in nanoseconds.
    pub fn cpu(&self) -> Result<f64, String> {
        let mut nanoseconds = 0.0;
        let tasks = format!("/proc/{}/task", self.child.id());
        for task in std::fs::read_dir(tasks).map_err(|error| error.to_string())? {
            let task = task.map_err(|error| error.to_string())?;
            let stat = std::fs::read_to_string(task.path().join("schedstat"))
                .map_err(|error| error.to_string())?;
            let ran = stat
                .split_whitespace()
                .next()
                .and_then(|it| it.parse::<f64>().ok());
            nanoseconds += ran.ok_or("unexpected schedstat")?;
        }
        Ok(nanoseconds / 1e9)
    }

    /// MiB of memory that it holds.
    pub fn memory(&self) -> Result<f64, String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .map_err(|error| error.to_string())?;
        let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = held.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kib.ok_or("unexpected status")? / 1024.0)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
