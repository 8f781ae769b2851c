//! Manifests of Kubernetes.

use std::collections::BTreeSet;

use super::links::Links;
use crate::generate::render::{Code, Yaml, yaml};
use crate::generate::services::config::{dns, has_certificates, port};
use crate::generate::services::names::Service;
use crate::generate::services::secrets;
use crate::generate::view::deploy as view;
use crate::model::attributes::Tls;
use crate::model::{Model, NodeId};

/// What holds for all pods.
pub fn namespace(model: &Model) -> view::Namespace {
    view::Namespace {
        namespace: yaml::string(&dns(&model.system.name)),
        system: yaml::string(&dns(&model.system.name)),
    }
}

/// The list of all manifests.
pub fn kustomization(model: &Model, services: &[Service]) -> view::Kustomization {
    view::Kustomization {
        namespace: yaml::string(&dns(&model.system.name)),
        system_name: yaml::comment(&model.system.name),
        secrets: services.iter().any(|it| secrets::has_variables(model, it)),
        mounts: services
            .iter()
            .any(|it| !secrets::files(model, it).is_empty()),
        files: services
            .iter()
            .map(|it| yaml::string(&file(model, it)))
            .collect(),
        images: services
            .iter()
            .map(|it| yaml::string(&it.package))
            .collect(),
    }
}

/// The file of a service.
pub fn file(model: &Model, service: &Service) -> String {
    format!("{}.yaml", service_file(&model[service.node].name))
}

/// A service may be called like one of the fixed files.
fn service_file(name: &str) -> String {
    let name = dns(name);
    if matches!(name.as_str(), "namespace" | "kustomization") {
        format!("{name}-service")
    } else {
        name
    }
}

/// One service with what it needs around it.
pub fn workload(model: &Model, service: &Service, links: &Links<'_>) -> view::Workload {
    let node = &model[service.node];
    let name = dns(&node.name);
    // Unwritten, one instance runs.
    let replicas = node.attributes.replicas().unwrap_or(1);
    let ports: Vec<_> = [Tls::Off, Tls::Server, Tls::Mutual]
        .into_iter()
        .filter(|mode| links.inward(service.node).any(|(at, _)| at == port(*mode)))
        .map(|mode| view::Port {
            name: yaml::string(match mode {
                Tls::Off => "http",
                Tls::Server => "https",
                Tls::Mutual => "mutual-tls",
            }),
            number: yaml::integer(port(mode).into()),
        })
        .collect();
    let inward: Vec<_> = links
        .inward(service.node)
        .map(|(port, callers)| {
            let anybody = callers.iter().any(|it| links.is_outside(*it));
            way(model, port, callers.iter().copied(), !anybody)
        })
        .collect();
    let outward: Vec<_> = links
        .outward(service.node)
        .filter_map(|(port, callees)| {
            let within: Vec<_> = callees
                .iter()
                .copied()
                .filter(|it| !links.is_outside(*it))
                .collect();
            (!within.is_empty()).then(|| way(model, port, within, true))
        })
        .collect();
    let outside_ports: BTreeSet<u16> = links
        .outward(service.node)
        .filter(|(_, callees)| callees.iter().any(|it| links.is_outside(*it)))
        .map(|(port, _)| port)
        .chain(links.issuers(service.node))
        .collect();
    let (tls, files) = (
        has_certificates(model, service),
        secrets::files(model, service),
    );
    let doc = node.doc.as_deref().and_then(|doc| doc.lines().next());
    view::Workload {
        title: yaml::comment(doc.unwrap_or(&node.name)),
        system: yaml::string(&dns(&model.system.name)),
        image: yaml::string(&service.package),
        replicas: yaml::integer(replicas),
        several: replicas > 1,
        served: !ports.is_empty(),
        ports,
        tls,
        secret: yaml::string(&format!("{name}-tls")),
        secrets: secrets::has_variables(model, service),
        variables: yaml::string(&format!("{name}-secrets")),
        mounts: !files.is_empty(),
        files: yaml::string(&format!("{name}-files")),
        items: files
            .iter()
            .map(|file| view::Mounted {
                name: yaml::string(&file.key()),
                path: yaml::string(&file.relative()),
            })
            .collect(),
        foldered: files.iter().any(|file| !file.whole),
        whole: files
            .iter()
            .filter(|file| file.whole)
            .map(|file| view::Whole {
                path: yaml::string(&file.path()),
                within: yaml::string(&file.relative()),
            })
            .collect(),
        volumes: tls || !files.is_empty(),
        called: !inward.is_empty(),
        inward,
        calls: !outward.is_empty() || !outside_ports.is_empty(),
        outward,
        beyond: !outside_ports.is_empty(),
        outside_ports: outside_ports
            .into_iter()
            .map(|port| yaml::integer(port.into()))
            .collect(),
        name: yaml::string(&name),
    }
}

fn way(
    model: &Model,
    port: u16,
    peers: impl IntoIterator<Item = NodeId>,
    limited: bool,
) -> view::Way {
    let pods: Vec<Code<Yaml>> = peers
        .into_iter()
        .map(|it| yaml::string(&dns(&model[it].name)))
        .collect();
    view::Way {
        port: yaml::integer(port.into()),
        limited,
        pods,
    }
}
