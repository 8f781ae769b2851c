//! What a run is asked for: by the caller, and by the drawing itself.

use std::sync::Arc;

use super::baseline::Baseline;
use super::date::Date;
use super::engine::{self, ENGINE};
use super::limits::{Limits, NAMES, limits};
use super::locks::Locks;
use super::profile::Profile;
use super::registry::{rules, suggest};
use super::rule::Activation;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::Model;
use crate::source::Span;
use crate::syntax::nearest;

/// What the caller asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Codes, names or areas (`TMO`) of the rules to run; empty runs all that are on. A rule that is off by itself runs
    /// when its code or name stands here.
    pub select: Vec<String>,
    /// The same of rules not to run; it wins over `select`.
    pub ignore: Vec<String>,
    /// The profile, whatever the drawing asks for.
    pub profile: Option<Profile>,
    /// The day on which `until` of an `@accept` is judged.
    pub today: Date,
    /// Whether to tell what could not be judged for want of facts.
    pub explain: bool,
    /// Whether a finding that stands for several points at each of them.
    pub all: bool,
    /// Whether findings with one cause stay apart, as their fixes want it.
    pub apart: bool,
    /// Whether to name what findings are about, for fingerprints and baselines.
    pub identify: bool,
    /// Findings that are known and not told; it needs `identify`.
    pub baseline: Option<Arc<Baseline>>,
}

impl Options {
    /// Everything that is on, judged on a day.
    #[must_use]
    pub const fn on(today: Date) -> Self {
        Self {
            select: Vec::new(),
            ignore: Vec::new(),
            profile: None,
            today,
            explain: false,
            all: false,
            apart: false,
            identify: false,
            baseline: None,
        }
    }
}

/// One message for each word of `select` and `ignore` that means no rule.
#[must_use]
pub fn unknown_codes(options: &Options) -> Vec<String> {
    options
        .select
        .iter()
        .chain(&options.ignore)
        .filter(|word| !is_known(word))
        .map(|word| match suggest(word) {
            Some(near) => format!("there is no rule `{word}`; did you mean `{near}`?"),
            None => format!("there is no rule `{word}`; `archwright rules` lists them"),
        })
        .collect()
}

fn is_known(word: &str) -> bool {
    rules().iter().any(|rule| rule.is_meant_by(word)) || ENGINE.iter().any(|it| it.code == word)
}

/// Levels and limits of one run.
pub(super) struct Settings {
    pub(super) profile: Profile,
    /// The level of each rule, in the registry's order; `None` is off.
    levels: Vec<Option<Level>>,
    engine: Vec<(&'static str, Option<Level>)>,
    pub(super) locks: Locks,
    pub(super) limits: Limits,
    /// What is wrong with the settings in the drawing.
    pub(super) problems: Vec<Diagnostic>,
}

impl Settings {
    pub(super) fn new(model: &Model, options: &Options) -> Self {
        let profile = options.profile.unwrap_or_else(|| Profile::of(model));
        let level = |rule: &super::rule::Rule| {
            let asked = || options.select.iter().any(|word| rule.is_named(word));
            let on = rule.activation != Activation::Off || asked();
            on.then(|| profile.level(rule.code).unwrap_or(rule.level))
        };
        let mut problems = Vec::new();
        let mut settings = Self {
            profile,
            levels: rules().iter().map(level).collect(),
            engine: ENGINE.iter().map(|it| (it.code, Some(it.level))).collect(),
            locks: Locks::new(model, profile.limits(), &mut problems),
            limits: profile.limits(),
            problems,
        };
        let set = settings.read_levels(model);
        settings
            .locks
            .raise(&mut settings.levels, &set, &mut settings.problems);
        let set = settings.read_limits(model);
        let Self {
            locks,
            limits,
            problems,
            ..
        } = &mut settings;
        locks.tighten(model, limits, &set, problems);
        settings.narrow(options);
        settings
    }

    /// The level of a rule; `None` when it does not run.
    pub(super) fn level(&self, rule: usize) -> Option<Level> {
        self.levels[rule]
    }

    /// The level of an engine code; `None` when it is off.
    pub(super) fn engine(&self, code: &str) -> Option<Level> {
        self.engine.iter().find(|it| it.0 == code)?.1
    }

    /// The level of a finding, its own weight and that of assumed ways taken into account.
    pub(super) fn weigh(&self, level: Level, shift: i8, assumed: bool) -> Level {
        let step = shift - if assumed { self.profile.assumed() } else { 0 };
        match level as i8 + step {
            ..=0 => Level::Info,
            1 => Level::Warning,
            2.. => Level::Error,
        }
    }

    /// Whether findings of a code were looked for at all.
    pub(super) fn ran(&self, code: &str) -> bool {
        match rules().iter().position(|rule| rule.code == code) {
            Some(at) => self.levels[at].is_some(),
            None => self.engine(code).is_some(),
        }
    }

    /// Reads `lint { }`, and tells where the drawing sets the level of each rule.
    fn read_levels(&mut self, model: &Model) -> Vec<Option<Span>> {
        let mut set = vec![None; rules().len()];
        for (code, word) in &model.system.lint {
            if !is_known(&code.value) {
                self.problems.push(unknown_rule(&code.value, code.span));
                continue;
            }
            let Some(level) = level_of_word(&word.value) else {
                let message = format!("`{}` is not a level", word.value);
                self.problems.push(
                    Diagnostic::new("ARC093", engine::level("ARC093"), message, word.span)
                        .help("write `off`, `info`, `warning` or `error`"),
                );
                continue;
            };
            for (at, rule) in rules().iter().enumerate() {
                if rule.is_meant_by(&code.value) {
                    self.levels[at] = level;
                    set[at] = Some(code.span);
                }
            }
            for (own, current) in &mut self.engine {
                if *own == code.value {
                    *current = level;
                }
            }
        }
        set
    }

    /// Reads `limits { }`, and tells where the drawing sets each.
    fn read_limits(&mut self, model: &Model) -> Vec<(String, Span)> {
        let mut set = Vec::new();
        for (name, value) in &model.system.limits {
            if self.limits.set(&name.value, &value.value) {
                set.push((name.value.clone(), name.span));
            } else {
                self.problems
                    .push(unknown_limit(&name.value, name.span, value.span));
            }
        }
        set
    }

    fn narrow(&mut self, options: &Options) {
        let meant = |words: &[String], rule: usize| {
            words.iter().any(|word| rules()[rule].is_meant_by(word))
        };
        for at in 0..self.levels.len() {
            let selected = options.select.is_empty() || meant(&options.select, at);
            if !selected || meant(&options.ignore, at) {
                self.levels[at] = None;
            }
        }
        for (code, level) in &mut self.engine {
            let named = |words: &[String]| words.iter().any(|word| word == code);
            // Acceptances are always judged; what is built in is told unless something else was asked for.
            let unselected =
                *code == "ARC080" && !options.select.is_empty() && !named(&options.select);
            if unselected || named(&options.ignore) {
                *level = None;
            }
        }
    }
}

/// What a word of `lint { }` means; `None`: nothing.
pub(super) fn level_of_word(word: &str) -> Option<Option<Level>> {
    match word {
        "off" => Some(None),
        "info" => Some(Some(Level::Info)),
        "warning" => Some(Some(Level::Warning)),
        "error" => Some(Some(Level::Error)),
        _ => None,
    }
}

/// A limit that no rule reads, or one in a wrong unit.
pub(super) fn unknown_limit(word: &str, name: Span, value: Span) -> Diagnostic {
    let level = engine::level("ARC094");
    if let Some(limit) = limits().iter().find(|it| it.name == word) {
        let message = format!("the limit `{word}` is {}", limit.form);
        return Diagnostic::new("ARC094", level, message, value);
    }
    let found = Diagnostic::new("ARC094", level, format!("there is no limit `{word}`"), name);
    match nearest(word, NAMES.iter().copied()) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("limits are: `{}`", NAMES.join("`, `"))),
    }
}

/// A code that no rule has.
pub(super) fn unknown_rule(word: &str, at: Span) -> Diagnostic {
    let message = format!("there is no rule `{word}`");
    let found = Diagnostic::new("ARC093", engine::level("ARC093"), message, at);
    match suggest(word) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("`archwright rules` lists them"),
    }
}
