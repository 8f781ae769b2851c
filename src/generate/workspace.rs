//! What stands at the top of a workspace, and its runtime.

use include_dir::{Dir, include_dir};

use super::Failure;
use super::features::Features;
use super::names::package;
use super::output::Output;
use super::render::{markdown, toml};
use super::services::config;
use super::services::names::Service;
use super::view::workspace as view;
use crate::model::Model;
use crate::workspace::Ownership;

/// The runtime's sources: real files, compiled and tested as they are.
static PLATFORM: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates/platform/src");

/// Files that are the same in every workspace, and that its owner goes on with.
const THEIRS: &[(&str, &str)] = &[
    (
        ".env.example",
        include_str!("../../templates/workspace/env.example"),
    ),
    (
        ".gitattributes",
        include_str!("../../templates/workspace/gitattributes"),
    ),
    (
        ".github/workflows/ci.yml",
        include_str!("../../templates/workspace/.github/workflows/ci.yml"),
    ),
    (
        ".gitignore",
        include_str!("../../templates/workspace/gitignore"),
    ),
    // Holds more packages than this workspace may need; the first build leaves out the others and keeps the versions.
    (
        "Cargo.lock",
        include_str!("../../templates/workspace/Cargo.lock"),
    ),
    (
        "deny.toml",
        include_str!("../../templates/workspace/deny.toml"),
    ),
];

/// Plans them.
pub fn plan(model: &Model, services: &[Service], out: &mut Output) -> Result<(), Failure> {
    let mut members = vec![
        "contracts".to_owned(),
        "dev".to_owned(),
        "platform".to_owned(),
        "proofs".to_owned(),
    ];
    members.extend(services.iter().map(|service| service.folder.clone()));
    let members: Vec<_> = members.iter().map(|member| toml::string(member)).collect();
    let features = Features::new(model);
    out.shared_toml(
        "Cargo.toml",
        view::Workspace {
            members: toml::array(&members),
            redis: features.redis,
        },
    )?;
    for (path, text) in THEIRS {
        out.push(
            path,
            Ownership::Theirs,
            text.as_bytes().to_vec(),
            &format!("workspace/{path}"),
        );
    }
    out.theirs("README.md", readme(model, services))?;
    out.shared_toml(
        "platform/Cargo.toml",
        view::Platform {
            package: toml::key(&package(model, "platform")),
            default: features.default(),
            redis: features.redis,
        },
    )?;
    platform(&PLATFORM, out);
    Ok(())
}

fn readme(model: &Model, services: &[Service]) -> view::Readme {
    let docs: Vec<_> = model
        .system
        .doc
        .iter()
        .flat_map(|doc| doc.lines())
        .map(markdown::text)
        .collect();
    let example = services.first().map(|service| service.package.as_str());
    view::Readme {
        title: markdown::text(&model.system.title),
        documented: !docs.is_empty(),
        docs,
        dev: markdown::word(&package(model, "dev")),
        example: markdown::word(example.unwrap_or_default()),
        logs_in: services
            .iter()
            .any(|service| config::issuers(model, service).iter().any(|it| it.logins)),
        shares: Features::new(model).redis,
        proofs: markdown::word(&package(model, "proofs")),
    }
}

/// Copies a folder of the runtime.
fn platform(folder: &'static Dir<'static>, out: &mut Output) {
    for file in folder.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            out.real(&format!("platform/src/{}", path.replace('\\', "/")), text);
        }
    }
    for inner in folder.dirs() {
        platform(inner, out);
    }
}
