//! What a run is asked for: by the caller, and by the drawing itself.

use std::time::Duration;

use super::date::Date;
use super::engine::{self, ENGINE};
use super::registry::{rules, suggest};
use crate::diagnostic::{Diagnostic, Level};
use crate::model::Model;
use crate::model::attributes::{Attr, Value};
use crate::syntax::nearest;

/// What the caller asks for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Codes, names or areas (`TMO`) of the rules to run; empty runs all that are on.
    pub select: Vec<String>,
    /// The same of rules not to run; it wins over `select`.
    pub ignore: Vec<String>,
    /// The day on which `until` of an `@accept` is judged.
    pub today: Date,
    /// Whether to tell what could not be judged for want of facts.
    pub explain: bool,
}

impl Options {
    /// Everything that is on, judged on a day.
    #[must_use]
    pub const fn on(today: Date) -> Self {
        Self {
            select: Vec::new(),
            ignore: Vec::new(),
            today,
            explain: false,
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

/// Every threshold that a rule compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts that one request may become (RTY005).
    pub max_amplification: u64,
    /// Attempts of one call without a deadline (RTY001).
    pub max_attempts: u64,
    /// Services that one request may pass in a row (TOP002).
    pub max_sync_depth: u64,
    /// How long anybody may have to wait (TMO001).
    pub max_timeout: Duration,
    /// Services called by one that needs no bulkheads yet (RES001).
    pub fanout: u64,
}

const LIMITS: [&str; 5] = [
    "max_amplification",
    "max_attempts",
    "max_sync_depth",
    "max_timeout",
    "fanout",
];

/// How strictly a drawing is judged as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Baseline,
    Strict,
    Advisory,
}

/// Levels and limits of one run.
pub(super) struct Settings {
    /// The level of each rule, in the registry's order; `None` is off.
    levels: Vec<Option<Level>>,
    engine: Vec<(&'static str, Option<Level>)>,
    /// Steps by which a finding on an assumed way is milder.
    assumed: i8,
    pub(super) limits: Limits,
    /// What is wrong with the settings in the drawing.
    pub(super) problems: Vec<Diagnostic>,
}

impl Settings {
    pub(super) fn new(model: &Model, options: &Options) -> Self {
        let profile = match model.system.attributes.value(Attr::Profile) {
            Some(Value::Text(word)) if word == "strict" => Profile::Strict,
            Some(Value::Text(word)) if word == "advisory" => Profile::Advisory,
            _ => Profile::Baseline,
        };
        let (max_amplification, max_sync_depth, assumed) = match profile {
            Profile::Baseline => (10, 4, 1),
            Profile::Strict => (4, 3, 0),
            Profile::Advisory => (27, 6, 2),
        };
        let mut settings = Self {
            levels: rules().iter().map(|rule| Some(rule.level)).collect(),
            engine: ENGINE.iter().map(|it| (it.code, Some(it.level))).collect(),
            assumed,
            limits: Limits {
                max_amplification,
                max_attempts: 5,
                max_sync_depth,
                max_timeout: Duration::from_secs(30),
                fanout: 3,
            },
            problems: Vec::new(),
        };
        match profile {
            Profile::Baseline => {}
            Profile::Strict => settings.set("AUN003", Some(Level::Error)),
            Profile::Advisory => settings.set("AUN003", Some(Level::Info)),
        }
        settings.read_levels(model);
        settings.read_limits(model);
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
        let step = shift - if assumed { self.assumed } else { 0 };
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

    fn set(&mut self, word: &str, level: Option<Level>) {
        for (at, rule) in rules().iter().enumerate() {
            if rule.is_meant_by(word) {
                self.levels[at] = level;
            }
        }
        for (code, current) in &mut self.engine {
            if *code == word {
                *current = level;
            }
        }
    }

    fn read_levels(&mut self, model: &Model) {
        for (code, word) in &model.system.lint {
            let level = match word.value.as_str() {
                "off" => Ok(None),
                "info" => Ok(Some(Level::Info)),
                "warning" => Ok(Some(Level::Warning)),
                "error" => Ok(Some(Level::Error)),
                _ => Err(()),
            };
            if !is_known(&code.value) {
                self.problems.push(unknown_rule(&code.value, code.span));
            } else if let Ok(level) = level {
                self.set(&code.value, level);
            } else {
                let message = format!("`{}` is not a level", word.value);
                self.problems.push(
                    Diagnostic::new("ARC093", engine::level("ARC093"), message, word.span)
                        .help("write `off`, `info`, `warning` or `error`"),
                );
            }
        }
    }

    fn read_limits(&mut self, model: &Model) {
        for (name, value) in &model.system.limits {
            let level = engine::level("ARC094");
            let Some(number) = u64::try_from(value.value).ok().filter(|it| *it > 0) else {
                let message = format!("the limit `{}` has to be above zero", name.value);
                self.problems
                    .push(Diagnostic::new("ARC094", level, message, value.span));
                continue;
            };
            match name.value.as_str() {
                "max_amplification" => self.limits.max_amplification = number,
                "max_attempts" => self.limits.max_attempts = number,
                "max_sync_depth" => self.limits.max_sync_depth = number,
                "max_timeout" => self.limits.max_timeout = Duration::from_nanos(number),
                "fanout" => self.limits.fanout = number,
                other => {
                    let message = format!("there is no limit `{other}`");
                    let help = match nearest(other, LIMITS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("limits are: `{}`", LIMITS.join("`, `")),
                    };
                    self.problems
                        .push(Diagnostic::new("ARC094", level, message, name.span).help(help));
                }
            }
        }
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

/// A code that no rule has.
pub(super) fn unknown_rule(word: &str, at: crate::source::Span) -> Diagnostic {
    let message = format!("there is no rule `{word}`");
    let found = Diagnostic::new("ARC093", engine::level("ARC093"), message, at);
    match suggest(word) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("`archwright rules` lists them"),
    }
}
