//! From the model to the files of a workspace.
//!
//! Everything here is pure: the same drawing gives the same files. Views hold every decision, templates under
//! `templates/` hold the text, `render` brings them together so that no text of a drawing can become code.

mod callers;
mod cases;
mod contracts;
mod deploy;
mod dev;
mod docs;
mod features;
#[cfg(test)]
mod fixture;
mod names;
mod naming;
pub mod not_generated;
pub mod number;
pub mod openapi;
mod output;
pub mod pattern;
pub mod proofs;
mod render;
mod requests;
pub mod sample;
mod services;
mod state;
mod view;
mod workspace;

use std::fmt;

use crate::diagnostic::Diagnostic;
use crate::model::{ApiId, Model};
use crate::protocol::Protocol;
use crate::workspace::{Action, Kind, Ownership, Planned, Reconciled};
use names::Names;
use output::Output;
use render::{Checker, Defect};

/// Why there is no plan.
#[derive(Debug)]
pub enum Failure {
    /// The drawing has what the generator cannot do.
    Refused(Vec<Diagnostic>),
    /// A template is defective.
    Defect(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Refused(diagnostics)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Refused(vec![diagnostic])
    }
}

impl From<Defect> for Failure {
    fn from(defect: Defect) -> Self {
        Self::Defect(defect.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(found) => write!(
                f,
                "the drawing cannot be generated: {} reasons",
                found.len()
            ),
            Self::Defect(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Failure {}

/// The files of the workspace that a drawing describes.
///
/// # Errors
/// When the drawing has what cannot be generated, or a template of ours is defective.
pub fn plan(model: &Model) -> Result<Vec<Planned>, Failure> {
    let refusals = not_generated::refusals(model);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let names = Names::new(model)?;
    let wire = contracts::Wire::new(model);
    let collisions = wire.collisions(&names);
    if !collisions.is_empty() {
        return Err(collisions.into());
    }
    let mut out = Output::default();
    let openapi = openapi_files(model, &mut out)?;
    contracts::plan(model, &names, &wire, &openapi, &mut out)?;
    let parts = services::Parts {
        model,
        names: &names,
        wire: &wire,
    };
    let services = services::names::services(model);
    for service in &services {
        services::plan(&parts, service, &mut out)?;
    }
    dev::plan(&parts, &services, &mut out)?;
    let proven = proofs::plan(&parts, &services, &mut out)?;
    workspace::plan(model, &services, &mut out)?;
    deploy::plan(&parts, &services, &mut out)?;
    out.ours("docs/architecture.md", docs::architecture(model, proven))?;
    let files = out.into_files();
    // Tests see that all of it is valid; of what is left as it is, a release need not.
    if cfg!(debug_assertions) {
        let mut checker = Checker::default();
        for file in &files {
            check_file(&mut checker, &file.path, &file.bytes)?;
        }
    }
    Ok(files)
}

/// Makes sure that what is about to be written is valid in its language. What is copied as it stands among the templates
/// was checked with them, and what is shared was read when it was compared with what is there.
///
/// # Errors
/// A template of ours is defective.
pub fn check(reconciled: &Reconciled) -> Result<(), Failure> {
    let actions = reconciled.actions.iter();
    let is_read = |it: &Action| it.ownership == Ownership::Shared && it.kind == Kind::Create;
    let rendered = actions
        .filter(|it| it.kind.is_change() && it.template != it.path)
        .filter(|it| !is_read(it));
    let mut checker = Checker::default();
    for action in rendered {
        if let Some(bytes) = &action.after {
            check_file(&mut checker, &action.path, bytes)?;
        }
    }
    Ok(())
}

fn check_file(checker: &mut Checker, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let Some(language) = render::language(path) else {
        return Ok(());
    };
    let checked = match std::str::from_utf8(bytes) {
        Ok(text) => checker.check(language, text),
        Err(error) => Err(error.to_string()),
    };
    checked.map_err(|reason| {
        Failure::Defect(format!(
            "`{path}` would not be valid, which is a defect of archwright and not of the drawing: {reason}"
        ))
    })
}

/// The OpenAPI files of all apis that are served over REST: the api as `service.Api`, and the file's name.
fn openapi_files(model: &Model, out: &mut Output) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for (id, api) in model
        .apis()
        .filter(|(id, _)| is_served(model, *id, Protocol::Rest))
    {
        let service = &model[api.node].name;
        let file = services::openapi_file(service, &api.label());
        let mut text = serde_json::to_vec_pretty(&openapi::document(model, id))
            .map_err(|error| Failure::Defect(error.to_string()))?;
        text.push(b'\n');
        out.push(
            &format!("contracts/openapi/{file}"),
            Ownership::Ours,
            text,
            "contracts/openapi",
        );
        files.push((format!("{service}.{}", api.label()), file));
    }
    Ok(files)
}

/// Whether we serve `api` over `protocol`.
fn is_served(model: &Model, api: ApiId, protocol: Protocol) -> bool {
    !model[model[api].node].existing && contracts::is_carried(model, api, protocol)
}
