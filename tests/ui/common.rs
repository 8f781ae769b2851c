//! What tests of the linter share: a drawing goes through the real parser and resolver, and findings come out.

use archwright::diagnostic::Diagnostic;
use archwright::lint::{self, Date, Options};
use archwright::model::resolve::resolve;
use archwright::source::{Memory, Sources};

/// The day on which all tests happen.
pub fn today() -> Date {
    Date::parse("2026-11-22").expect("a day")
}

/// Everything found in a drawing; of one that does not resolve, why.
pub fn findings(name: &str, text: &str) -> (Sources, Vec<Diagnostic>) {
    findings_with(name, text, &Options::on(today()))
}

/// The same under other options.
pub fn findings_with(name: &str, text: &str, options: &Options) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let root = sources.add(name, text);
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let found = match resolution.model {
        Some(model) => lint::run(&model, &sources, options),
        None => resolution.diagnostics,
    };
    (sources, found)
}
