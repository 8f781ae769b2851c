//! Goal 2: generating costs about what copying the result costs; generating again, much less.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::WalkDir;

use crate::{goal, measure, topology::Topology};

const ARCHWRIGHT: &str = env!("CARGO_BIN_EXE_archwright");

/// Services of the system that is generated.
const SERVICES: usize = 50;

/// Measures and prints. Each run has a folder of its own: creating files just after removing as many is another thing.
pub fn bench() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let drawing = folder.path().join("bench.arch");
    std::fs::write(&drawing, Topology::new(SERVICES).drawing())
        .map_err(|error| error.to_string())?;

    let (mut first, mut again, mut copy) = (Vec::new(), Vec::new(), Vec::new());
    let mut files = 0;
    for run in 0..7 {
        let fresh = folder.path().join(format!("fresh{run}"));
        first.push(generate(&drawing, &fresh)?);
        let copied = folder.path().join(format!("copy{run}"));
        copy.push(measure::run(&[
            "cp".as_ref(),
            "-r".as_ref(),
            fresh.as_os_str(),
            copied.as_os_str(),
        ])?);
        let before = written(&fresh)?;
        again.push(generate(&drawing, &fresh)?);
        if written(&fresh)? != before {
            return Err("a run without any change wrote a file".to_owned());
        }
        files = before.len();
    }
    let (first, again, copy) = (
        measure::median(first),
        measure::median(again),
        measure::median(copy),
    );
    println!(
        "generate a system of {SERVICES} services, {files} files, against cp -r of the result (CPU seconds)"
    );
    println!(
        "  first run {:.4} s, unchanged run {:.4} s, cp -r {:.4} s",
        first.cpu, again.cpu, copy.cpu
    );
    goal(
        "first run, as a multiple of cp -r",
        first.cpu / copy.cpu,
        1.5,
    );
    goal(
        "unchanged run, as a multiple of cp -r",
        again.cpu / copy.cpu,
        0.4,
    );
    println!("  an unchanged run wrote no file");
    Ok(())
}

fn generate(drawing: &Path, into: &Path) -> Result<measure::Usage, String> {
    measure::run(&[
        ARCHWRIGHT.as_ref(),
        "generate".as_ref(),
        drawing.as_os_str(),
        "-o".as_ref(),
        into.as_os_str(),
    ])
}

/// When each file was last written.
fn written(folder: &Path) -> Result<BTreeMap<PathBuf, SystemTime>, String> {
    let mut times = BTreeMap::new();
    for entry in WalkDir::new(folder) {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.file_type().is_file() {
            let metadata = entry.metadata().map_err(|error| error.to_string())?;
            times.insert(
                entry.path().to_owned(),
                metadata.modified().map_err(|error| error.to_string())?,
            );
        }
    }
    if times.is_empty() {
        return Err("nothing was generated".to_owned());
    }
    Ok(times)
}
