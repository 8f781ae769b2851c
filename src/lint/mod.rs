//! Judging a drawing: rules over the topology, levels, accepted findings.
//!
//! A rule is one file under `rules/`: documentation and one function from a part of the drawing to findings. The
//! [registry](rules) lists them all; [`run`] is the only thing that knows levels, acceptance and order.

mod access;
mod baseline;
mod built_ins;
mod capacity;
mod cause;
mod classes;
mod context;
mod date;
mod documentation;
mod effects;
mod engine;
mod finding;
mod handlers;
mod identity;
mod labels;
mod limits;
mod locks;
mod part;
mod profile;
mod registry;
mod root;
mod rounds;
mod rule;
mod rules;
mod runner;
mod schemes;
mod settings;
mod streams;
mod subsume;
mod suppress;
mod temper;
mod url;
mod webhook;

pub use baseline::Baseline;
pub use date::Date;
pub use documentation::{Documentation, SECTIONS};
pub use engine::{ENGINE, EngineCode};
pub use limits::{Limit, limits};
pub use profile::Profile;
pub use registry::{rule, rules, suggest};
pub use rule::{Activation, Check, Rule};
pub use runner::{Report, report, run};
pub use settings::{Options, unknown_codes};
