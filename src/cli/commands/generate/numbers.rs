//! The file of field numbers beside the drawing, and the copy of it that the workspace keeps.

use std::path::{Path, PathBuf};

use crate::cli::judge::Judged;
use crate::cli::{Failure, input};
use crate::model::contracts_lock::ContractsLock;
use crate::source::Sources;
use crate::workspace::{self, Folder, Ownership, Planned};

/// Where the workspace keeps the numbers that it was generated with.
const COPY: &str = "contracts/contracts.lock";

/// Most lost lines that are shown.
const SHOWN: usize = 5;

/// The numbers before and after this run.
pub(super) struct Numbers {
    pub(super) path: PathBuf,
    pub(super) before: Option<String>,
    pub(super) after: String,
}

impl Numbers {
    pub(super) fn of(drawing: &Path, judged: &Judged, sources: &Sources) -> Self {
        let path = input::contracts_lock_path(drawing);
        let before = sources.find(&path).map(|id| sources.file(id).text.clone());
        Self {
            path,
            before,
            after: judged.contracts_lock.print(),
        }
    }

    /// Whether nothing has to be written; a drawing without messages needs no file.
    pub(super) fn is_current(&self) -> bool {
        match &self.before {
            Some(before) => *before == self.after,
            None => self.is_empty(),
        }
    }

    pub(super) fn write(&self) -> Result<(), Failure> {
        if !self.is_current() {
            workspace::write_atomic(&self.path, self.after.as_bytes())?;
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.after.lines().all(|line| line.starts_with('#'))
    }

    /// The copy, by which a later run knows what was given out if the file beside the drawing is lost.
    pub(super) fn copy(&self) -> Option<Planned> {
        (!self.is_empty()).then(|| Planned {
            path: COPY.to_owned(),
            ownership: Ownership::Ours,
            bytes: self.after.clone().into_bytes(),
            template: "contracts.lock".to_owned(),
        })
    }

    /// What to say when the workspace was generated with numbers that would mean something else from now on, or nothing
    /// any more; none when all is well.
    pub(super) fn lost(&self, folder: &Folder, target: &Path) -> Result<Option<String>, Failure> {
        let path = self.path.display();
        let Some(copy) = folder.read(COPY)? else {
            let known = folder.lock()?.is_some_and(|lock| lock.knows(COPY));
            let is_lost = known && self.before.is_none();
            return Ok(is_lost.then(|| {
                format!(
                    "error: `{path}` is gone, and with it the numbers of fields that are on the wire already\n\
                     help: bring it back: `git checkout -- {path}`\n\
                     help: if nobody uses these numbers yet, `--force` gives them out anew\n"
                )
            }));
        };
        let given = ContractsLock::parse(&String::from_utf8_lossy(&copy)).0;
        let lost = ContractsLock::parse(&self.after).0.lacks(&given);
        if lost.is_empty() {
            return Ok(None);
        }
        let why = match self.before {
            Some(_) => "does not hold all numbers of fields that were given out",
            None => "is gone, and with it the numbers of fields that were given out",
        };
        let copy = target.join(COPY);
        let mut text = format!("error: `{path}` {why}\n");
        for line in lost.iter().take(SHOWN) {
            text.push_str(&format!("  {line}\n"));
        }
        if lost.len() > SHOWN {
            text.push_str(&format!("  and {} more\n", lost.len() - SHOWN));
        }
        text.push_str(&format!(
            "note: what is deployed may use them; the workspace still knows them\n\
             help: bring them back: `git checkout -- {path}`, or `cp {} {path}`\n\
             help: if nobody uses these numbers yet, `--force` gives them out anew\n",
            copy.display(),
        ));
        Ok(Some(text))
    }
}
