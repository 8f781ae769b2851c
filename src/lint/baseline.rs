//! Findings that a team knows of and has put off: only what is new is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The form of the file.
const VERSION: u32 = 1;

/// Known findings, by the system's name and what they are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// For each system the names of its findings.
    findings: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            version: VERSION,
            findings: BTreeMap::new(),
        }
    }
}

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// What is no baseline, or one of a later version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|it| it.to_string())?;
        match baseline.version {
            VERSION => Ok(baseline),
            other => Err(format!("version {other} of the form is not known here")),
        }
    }

    /// As a file holds it: one finding a line, sorted, so that branches can be merged.
    ///
    /// # Errors
    /// None that input can cause: only texts are written.
    pub fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Adds findings of a system.
    pub fn add(&mut self, system: &str, names: impl IntoIterator<Item = String>) {
        let known = self.findings.entry(system.to_owned()).or_default();
        known.extend(names);
    }

    /// Whether all that a finding is about is known.
    #[must_use]
    pub fn holds(&self, system: &str, names: &[String]) -> bool {
        let known = self.findings.get(system);
        known.is_some_and(|known| names.iter().all(|it| known.contains(it)))
    }

    /// What this one holds of systems that were judged and `found`, all that was found in them, does not: system and
    /// name.
    pub fn stale<'a>(&'a self, found: &'a Self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.findings.iter().flat_map(|(system, known)| {
            let seen = found.findings.get(system);
            let gone = known
                .iter()
                .filter(move |it| seen.is_some_and(|seen| !seen.contains(*it)));
            gone.map(|it| (system.as_str(), it.as_str()))
        })
    }

    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.values().map(BTreeSet::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
