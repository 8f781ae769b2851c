//! The parts of the runtime that not every system needs.
//!
//! Each is a feature of the platform's crate. Its sources are always written; the drawing decides what is switched on,
//! and only then do its crates stand in the manifests.

use super::render::{Code, Toml, toml};
use super::state;
use crate::model::Model;

/// What a drawing switches on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// State that instances share, in a store that speaks Redis' protocol.
    pub redis: bool,
}

impl Features {
    /// Reads them from the drawing.
    pub fn new(model: &Model) -> Self {
        Self {
            redis: !state::stores(model).is_empty(),
        }
    }

    /// The features that the platform's crate has where nobody asks for any.
    pub fn default(self) -> Code<Toml> {
        let all = [("redis", self.redis)];
        let used = all.into_iter().filter(|(_, used)| *used);
        toml::list(&used.map(|(name, _)| toml::string(name)).collect::<Vec<_>>())
    }
}
