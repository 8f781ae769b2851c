//! `deploy/`: an image for each service, the whole in containers on one machine and on Kubernetes, and what an operator
//! looks at. Its owner goes on with all of it.

mod alerts;
mod compose;
mod kubernetes;
mod links;

use super::Failure;
use super::output::Output;
use super::services::Parts;
use super::services::names::Service;
use crate::workspace::Ownership;
use links::Links;

/// Files that are the same for every system.
const FIXED: &[(&str, &str)] = &[
    (
        "deploy/Dockerfile",
        include_str!("../../../templates/deploy/Dockerfile"),
    ),
    (
        "deploy/Dockerfile.dockerignore",
        include_str!("../../../templates/deploy/Dockerfile.dockerignore"),
    ),
    (
        "deploy/grafana/dashboard.json",
        include_str!("../../../templates/deploy/grafana/dashboard.json"),
    ),
];

/// Plans them.
pub fn plan(parts: &Parts<'_>, services: &[Service], out: &mut Output) -> Result<(), Failure> {
    let model = parts.model;
    for (path, text) in FIXED {
        out.push(path, Ownership::Theirs, text.as_bytes().to_vec(), path);
    }
    let links = Links::new(model, services);
    out.theirs(
        "deploy/compose.yaml",
        compose::view(model, services, &links),
    )?;
    out.theirs(
        "deploy/kubernetes/namespace.yaml",
        kubernetes::namespace(model),
    )?;
    for service in services {
        out.theirs(
            &format!("deploy/kubernetes/{}", kubernetes::file(model, service)),
            kubernetes::workload(model, service, &links),
        )?;
    }
    out.theirs(
        "deploy/kubernetes/kustomization.yaml",
        kubernetes::kustomization(model, services),
    )?;
    out.theirs(
        "deploy/prometheus/alerts.yaml",
        alerts::view(model, services),
    )?;
    Ok(())
}
