//! What the tests of generated workspaces share: generating one, building it, starting its `dev`, asking it things.
//!
//! All generated workspaces share one target folder, so that their dependencies are compiled once. Binaries of
//! different workspaces may have the same name there, hence [`Workspace::build`] copies them out.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use archwright::model::Model;
use archwright::source::{Disk, Sources};

/// Long enough for anything but a build on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A generated workspace on disk. Only one is tried at a time: there are two cores, and some tests watch the clock.
pub struct Workspace {
    /// Its folder.
    pub dir: PathBuf,
    _alone: File,
}

/// The project's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything that tests write.
pub fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn target() -> PathBuf {
    std::env::var_os("ARCHWRIGHT_TEST_TARGET")
        .map_or_else(|| scratch().join("target"), PathBuf::from)
}

/// The model of a drawing, which must be right.
pub fn model(drawing: &Path) -> Model {
    let mut sources = Sources::default();
    let id =
        archwright::source::load(&mut sources, &Disk, drawing).expect("the drawing is readable");
    let resolution = archwright::model::resolve::resolve(&mut sources, id, &Disk, None);
    resolution
        .model
        .unwrap_or_else(|| panic!("{:#?}", resolution.diagnostics))
}

/// The command that the project builds.
pub fn archwright() -> Command {
    Command::new(env!("CARGO_BIN_EXE_archwright"))
}

/// Runs a command to its end and returns its output; panics with all of it unless it succeeded.
pub fn succeed(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

impl Workspace {
    /// Generates `drawing` (a file below the project's folder, or an absolute path) into a fresh folder `name`.
    pub fn generate(name: &str, drawing: &Path) -> Self {
        let alone = lock();
        let dir = scratch().join("workspaces").join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).expect("the old workspace can be removed");
        }
        let workspace = Self { dir, _alone: alone };
        workspace.regenerate(drawing);
        workspace
    }

    /// Generates `drawing` into the folder `name` and lays its owner's files over it, as another test may have done
    /// before: what is the same is not written again, so that it need not be compiled again.
    pub fn kept(name: &str, drawing: &Path, overlay: &Path) -> Self {
        let alone = lock();
        let dir = scratch().join("workspaces").join(name);
        let workspace = Self { dir, _alone: alone };
        workspace.regenerate(drawing);
        workspace.overlay(overlay);
        workspace
    }

    /// Generates into the folder that is there.
    pub fn regenerate(&self, drawing: &Path) {
        succeed(
            archwright()
                .current_dir(root())
                .arg("generate")
                .arg(drawing)
                .arg("-o")
                .arg(&self.dir),
        );
    }

    /// Lays the files of a folder over the workspace's, as its owner would have written them.
    pub fn overlay(&self, from: &Path) {
        self.overlay_at("", from);
    }

    /// Lays the files of a folder over a folder of the workspace.
    pub fn overlay_at(&self, folder: &str, from: &Path) {
        for entry in walkdir::WalkDir::new(from) {
            let entry = entry.expect("the overlay is readable");
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(from).expect("it lies below");
                let path = self.dir.join(folder).join(path);
                fs::create_dir_all(path.parent().expect("it has one"))
                    .expect("the workspace is writable");
                let text = fs::read(entry.path()).expect("the overlay is readable");
                if fs::read(&path).is_ok_and(|there| there == text) {
                    continue;
                }
                fs::write(path, text).expect("the workspace is writable");
            }
        }
    }

    /// Runs cargo in the workspace with the shared target folder.
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        succeed(&mut self.cargo_command(arguments))
    }

    fn cargo_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(&self.dir)
            .args(arguments)
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_INCREMENTAL", "0");
        command
    }

    /// Builds all of the workspace and returns a copy of one of its binaries: other workspaces have one of the same name.
    pub fn build(&self, binary: &str) -> PathBuf {
        succeed(&mut self.cargo_command(&["build", "--workspace"]));
        self.built(binary)
    }

    /// A copy of a binary that the last build made.
    pub fn built(&self, binary: &str) -> PathBuf {
        let folder = self.dir.join("target");
        fs::create_dir_all(&folder).expect("the workspace is writable");
        let copy = folder.join(binary);
        fs::copy(target().join("debug").join(binary), &copy).expect("the binary was built");
        copy
    }

    /// Builds the test target `test` of a package and returns a copy of its binary.
    pub fn test_binary(&self, package: &str, test: &str) -> PathBuf {
        let arguments = [
            "test",
            "--workspace",
            "--no-run",
            "--message-format",
            "json",
        ];
        let output = succeed(&mut self.cargo_command(&arguments));
        let built = output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
            .filter(|it| it["reason"] == "compiler-artifact" && it["target"]["kind"][0] == "test")
            .filter(|it| it["target"]["name"] == test)
            .find(|it| {
                it["package_id"]
                    .as_str()
                    .is_some_and(|id| id.contains(package))
            })
            .and_then(|it| it["executable"].as_str().map(PathBuf::from))
            .unwrap_or_else(|| panic!("{package} has no test {test}"));
        let folder = self.dir.join("target");
        fs::create_dir_all(&folder).expect("the workspace is writable");
        let copy = folder.join(test);
        fs::copy(built, &copy).expect("the binary was built");
        copy
    }

    /// The bytes of every file of the workspace below a folder, by path.
    pub fn files(&self, below: &str) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
        walkdir::WalkDir::new(self.dir.join(below))
            .into_iter()
            .map(|entry| entry.expect("the workspace is readable"))
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry
                    .path()
                    .strip_prefix(&self.dir)
                    .expect("it lies below")
                    .to_path_buf();
                (path, fs::read(entry.path()).expect("it is readable"))
            })
            .collect()
    }
}

/// Runs what shows that a workspace is in order, without the network: clippy, rustfmt and the tests of
/// these packages. Says how many tests passed.
pub fn passes(workspace: &Workspace, packages: &[&str]) -> usize {
    workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--offline",
        "--",
        "-D",
        "warnings",
    ]);
    workspace.cargo(&["fmt", "--all", "--check"]);
    let output = workspace.cargo(&[&["test", "--offline"], packages].concat());
    let text = String::from_utf8(output.stdout).expect("cargo prints text");
    text.lines()
        .filter_map(|line| {
            line.strip_prefix("test result: ok. ")?
                .split(' ')
                .next()?
                .parse::<usize>()
                .ok()
        })
        .sum()
}

/// Waits until no other test holds it.
fn lock() -> File {
    let path = scratch().join("build.lock");
    let file = File::create(path).expect("the scratch folder is writable");
    file.lock().expect("files can be locked here");
    file
}

/// A running `dev`: its lines come through a channel, its console is its standard input.
pub struct Dev {
    child: Child,
    console: ChildStdin,
    lines: Receiver<String>,
    /// Everything printed until it was ready.
    pub banner: Vec<String>,
    dir: PathBuf,
}

impl Dev {
    /// Starts a built `dev` in its workspace and waits until it prints its last line before it serves.
    pub fn start(workspace: &Workspace, binary: &Path) -> Self {
        let mut child = Command::new(binary)
            .current_dir(&workspace.dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("dev starts");
        let console = child.stdin.take().expect("it is piped");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut dev = Self {
            child,
            console,
            lines,
            banner: Vec::new(),
            dir: workspace.dir.clone(),
        };
        dev.banner = dev.until(|line| line.starts_with("Commands:"));
        dev
    }

    /// Reads lines until one fits; that one is the last of those returned.
    pub fn until(&mut self, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        let mut read = Vec::new();
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let done = fits(&line);
                    read.push(line);
                    if done {
                        return read;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("dev did not print what was waited for; it printed {read:#?}")
                }
                Err(RecvTimeoutError::Disconnected) => panic!("dev ended; it printed {read:#?}"),
            }
        }
    }

    /// Types a console command and returns the line that answers it.
    pub fn console(&mut self, command: &str) -> String {
        writeln!(self.console, "{command}").expect("dev reads its console");
        self.until(|line| !line.trim().is_empty())
            .pop()
            .expect("until returns the line that fits")
    }

    /// Runs a printed command word for word, in a shell in the workspace's folder.
    pub fn shell(&self, command: &str) -> String {
        let output = succeed(
            Command::new("bash")
                .arg("-c")
                .arg(command)
                .current_dir(&self.dir),
        );
        String::from_utf8(output.stdout).expect("curl prints text")
    }

    /// Ends it as a terminal would and returns its exit status.
    pub fn end(mut self) -> std::process::ExitStatus {
        succeed(
            Command::new("kill")
                .arg("-TERM")
                .arg(self.child.id().to_string()),
        );
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("dev does not end after SIGTERM");
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer that `curl -i` printed.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Headers in lower case.
    pub headers: Vec<(String, String)>,
    /// What follows the empty line.
    pub body: String,
}

impl Answer {
    /// Reads what `curl -i` printed.
    pub fn parse(text: &str) -> Self {
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no HTTP answer in {text:?}"));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status: status.unwrap_or_else(|| panic!("no status in {head:?}")),
            headers,
            body: body.to_owned(),
        }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    /// The `code` of a problem, or none for an answer that is not one.
    pub fn problem(&self) -> Option<String> {
        let is_problem = self
            .header("content-type")
            .is_some_and(|it| it.starts_with("application/problem+json"));
        is_problem.then(|| {
            self.json()["code"]
                .as_str()
                .expect("a problem has a code")
                .to_owned()
        })
    }
}
