//! How strictly a drawing is judged as a whole.

use super::limits::Limits;
use crate::diagnostic::Level;
use crate::model::Model;
use crate::model::attributes::{Attr, Value};

/// A set of levels and limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What the article asks for.
    #[default]
    Baseline,
    /// What sources outside of the article ask for as well; warnings fail a run.
    Strict,
    /// For drawings of what grew: tells, and never fails a run.
    Advisory,
}

/// Levels other than the rule's own, strict and advisory.
const LEVELS: &[(&str, Level, Level)] = &[("AUN003", Level::Error, Level::Info)];

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Strict, Self::Advisory];

    /// Its word in a drawing.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Strict => "strict",
            Self::Advisory => "advisory",
        }
    }

    /// What a drawing asks for.
    pub(super) fn of(model: &Model) -> Self {
        let word = match model.system.attributes.value(Attr::Profile) {
            Some(Value::Text(word)) => word.as_str(),
            _ => return Self::Baseline,
        };
        let known = Self::ALL.into_iter().find(|it| it.name() == word);
        known.unwrap_or_default()
    }

    /// The level from which findings fail a run; `None`: never.
    #[must_use]
    pub const fn fails_at(self) -> Option<Level> {
        match self {
            Self::Baseline => Some(Level::Error),
            Self::Strict => Some(Level::Warning),
            Self::Advisory => None,
        }
    }

    /// The level that it sets for a rule.
    pub(super) fn level(self, code: &str) -> Option<Level> {
        let (_, strict, advisory) = LEVELS.iter().find(|it| it.0 == code)?;
        match self {
            Self::Baseline => None,
            Self::Strict => Some(*strict),
            Self::Advisory => Some(*advisory),
        }
    }

    /// Steps by which a finding on an assumed way is milder.
    pub(super) const fn assumed(self) -> i8 {
        match self {
            Self::Baseline => 1,
            Self::Strict => 0,
            Self::Advisory => 2,
        }
    }

    pub(super) const fn limits(self) -> Limits {
        let [baseline, strict, advisory] = Limits::PROFILES;
        match self {
            Self::Baseline => baseline,
            Self::Strict => strict,
            Self::Advisory => advisory,
        }
    }
}
