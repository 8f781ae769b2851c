//! The verbs, each thin: parse, call, report, exit status.

pub mod advise;
pub mod explain;
pub mod fmt;
pub mod generate;
pub mod lint;
pub mod patterns;
pub mod reference;
pub mod rules;
pub mod status;
