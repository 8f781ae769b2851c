//! The linter's own findings: about acceptances, codes and built-in values rather than about the drawing.

use crate::diagnostic::Level;

/// A code of the engine.
#[derive(Clone, Copy, Debug)]
pub struct EngineCode {
    /// `ARC090`.
    pub code: &'static str,
    /// A name that reads well in a sentence.
    pub name: &'static str,
    /// The level of its findings.
    pub level: Level,
    /// What it means and what to do.
    pub text: &'static str,
}

/// Codes of the linter, sorted. `ARC080` to `ARC099` are the linter's.
pub const ENGINE: &[EngineCode] = &[
    EngineCode {
        code: "ARC080",
        name: "relies-on-built-ins",
        level: Level::Info,
        text: "Edges are safe by values that are built in and stand nowhere in the drawing. Each edge is told of once, \
               together with those that rely on the same values. Nothing is wrong; write them out where the drawing \
               shall say all, or switch this off by `lint { ARC080 = off }`.",
    },
    EngineCode {
        code: "ARC090",
        name: "accept-without-reason",
        level: Level::Error,
        text: "An `@accept` does not say why. Whoever reads the drawing next has to know what was weighed: add \
               `reason = \"...\"`.",
    },
    EngineCode {
        code: "ARC091",
        name: "accept-without-effect",
        level: Level::Warning,
        text: "An `@accept` stands before something that raises no such finding (any more). Delete it, so that it does \
               not hide a later one.",
    },
    EngineCode {
        code: "ARC092",
        name: "accept-expired",
        level: Level::Warning,
        text: "The last day of an `@accept` has passed, or is not a day of the calendar. Its finding is reported \
               again: fix it, or decide anew and set a new `until`.",
    },
    EngineCode {
        code: "ARC093",
        name: "unknown-rule",
        level: Level::Error,
        text: "`lint { }` or `@accept` names a code that no rule has, or sets it to a word that is no level.",
    },
    EngineCode {
        code: "ARC094",
        name: "unknown-limit",
        level: Level::Error,
        text: "`limits { }` names a limit that no rule reads, or gives it a value in another unit.",
    },
    EngineCode {
        code: "ARC095",
        name: "lock-not-kept",
        level: Level::Error,
        text: "A file that the drawing imports locks a rule or limit (`lint locked { TMO001 = error }`, `limits locked { \
               max_timeout = 10s }`), and the drawing sets it weaker or accepts a finding of the rule. The lock holds; \
               delete what weakens it, or have the lock changed where it stands.",
    },
    EngineCode {
        code: "ARC096",
        name: "stale-baseline",
        level: Level::Warning,
        text: "The baseline holds a finding that is no longer raised. Take it out, by `--write-baseline`, so that it does \
               not hide the same flaw when it comes back.",
    },
];

/// The level of an engine code.
pub(super) fn level(code: &str) -> Level {
    let known = ENGINE.iter().find(|it| it.code == code);
    known.map_or(Level::Error, |it| it.level)
}
