//! All services and stores in containers on one machine.

use std::collections::BTreeSet;

use super::links::Links;
use crate::generate::names::package;
use crate::generate::naming::Scope;
use crate::generate::render::{Code, Yaml, yaml};
use crate::generate::services::config::{dns, has_certificates, issuers};
use crate::generate::services::names::Service;
use crate::generate::services::schemes;
use crate::generate::services::secrets::{self, SecretFile};
use crate::generate::state;
use crate::generate::view::deploy as view;
use crate::model::attributes::Tls;
use crate::model::{Model, Node, NodeId, NodeKind};
use crate::protocol::{Container, StoreEngine};

/// Where what stands for the identity provider listens.
const PROVIDER: &str = "9000";

/// What makes Redis and Valkey speak TLS alone, with the certificates in a folder.
const SECURE: &[&str] = &[
    "--port",
    "0",
    "--tls-port",
    "6379",
    "--tls-cert-file",
    "/etc/tls/tls.crt",
    "--tls-key-file",
    "/etc/tls/tls.key",
    "--tls-ca-cert-file",
    "/etc/tls/ca.crt",
];

/// The file.
pub fn view(model: &Model, services: &[Service], links: &Links<'_>) -> view::Compose {
    let mut names = Scope::with(model.nodes.iter().map(|node| node.name.as_str()));
    let provider = dns(&names.claim("identity".to_owned()));
    let stores: Vec<_> = model
        .nodes()
        .filter_map(|(id, node)| {
            let container = container(node)?;
            // Nothing of ours uses it, so nothing here needs it.
            links.inward(id).next()?;
            Some((id, container))
        })
        .collect();
    // Who speaks TLS with it is ours alone where state is kept in it; other clients are their owner's.
    let states = state::stores(model);
    let mode = |id| {
        let modes = states.iter().filter(|(store, _)| *store == id);
        modes.map(|(_, tls)| *tls).min().unwrap_or(Tls::Off)
    };
    let observer = dns(&names.claim("observability".to_owned()));
    let mut published = 0;
    let dev = package(model, "dev");
    let callees = services
        .iter()
        .map(|it| it.node)
        .filter(|it| has_callers(links, *it));
    let mut networks: Vec<_> = callees.map(|it| network(&model[it].name)).collect();
    networks.extend(stores.iter().map(|(id, _)| network(&model[*id].name)));
    let observed = networks.clone();
    let provider_network = format!("to-{provider}");
    // It signs with secrets that services know too.
    let known = services.iter().flat_map(|it| schemes::named(model, it));
    let shared = known.into_iter().any(|id| secrets::is_shared(&model[id]));
    let identity = links.has_issuers() || shared;
    if identity {
        networks.push(yaml::string(&provider_network));
    }
    let volumes: Vec<_> = stores
        .iter()
        .filter(|(id, container)| !container.data.is_empty() && mode(*id) == Tls::Off)
        .map(|(id, _)| yaml::string(&dns(&model[*id].name)))
        .collect();
    let mounted = |it: &Service| {
        let name = &model[it.node].name;
        let files = secrets::files(model, it).into_iter();
        let files = files.map(|file| view::HostFile {
            name: yaml::string(&secret(name, &file)),
            file: yaml::string(&format!("./secrets/{name}/{}", file.relative())),
        });
        files.collect::<Vec<_>>()
    };
    let files: Vec<_> = services.iter().flat_map(mounted).collect();
    view::Compose {
        system: yaml::string(&dns(&model.system.name)),
        dev: yaml::comment(&dev),
        dev_package: yaml::string(&dev),
        identity,
        shared,
        secrets: services.iter().any(|it| !secrets::of(model, it).is_empty()),
        provider: yaml::string(&provider),
        provider_network: yaml::string(&provider_network),
        observer: yaml::string(&observer),
        observer_host: yaml::comment(&observer),
        observed,
        services: services
            .iter()
            .map(|it| process(model, it, links, &provider, &mut published))
            .collect(),
        mounts: !files.is_empty(),
        files,
        stores: stores
            .iter()
            .map(|(id, it)| store(&model[*id], it, mode(*id)))
            .collect(),
        networks,
        kept: !volumes.is_empty(),
        volumes,
    }
}

/// What the secret of a service is called among those of all.
fn secret(service: &str, file: &SecretFile) -> String {
    format!("{service}.{}", file.key())
}

/// Whether another service calls it.
fn has_callers(links: &Links<'_>, node: NodeId) -> bool {
    links
        .inward(node)
        .any(|(_, callers)| callers.iter().any(|it| !links.is_outside(*it)))
}

/// How a store is run for development.
fn container(node: &Node) -> Option<&'static Container> {
    match node.kind {
        NodeKind::Store(engine) => StoreEngine::facts(engine).container,
        _ => None,
    }
}

/// The network on which a node is called.
fn network(name: &str) -> Code<Yaml> {
    yaml::string(&format!("to-{}", dns(name)))
}

fn process(
    model: &Model,
    service: &Service,
    links: &Links<'_>,
    provider: &str,
    published: &mut u16,
) -> view::Process {
    let node = service.node;
    let name = &model[node].name;
    let mut networks: Vec<Code<Yaml>> = Vec::new();
    let mut after: Vec<Code<Yaml>> = Vec::new();
    if has_callers(links, node) {
        networks.push(network(name));
    }
    let mut outside = false;
    let callees: BTreeSet<NodeId> = links
        .outward(node)
        .flat_map(|(_, it)| it)
        .copied()
        .collect();
    for callee in callees {
        let callee = &model[callee];
        let run = matches!(callee.kind, NodeKind::Service(_)) && !callee.existing;
        if container(callee).is_some() {
            after.push(yaml::string(&dns(&callee.name)));
        }
        if run || container(callee).is_some() {
            networks.push(network(&callee.name));
        } else {
            outside = true;
        }
    }
    let mut settings = Vec::new();
    for issuer in issuers(model, service) {
        let name = &issuer.auth.name;
        let asked = [
            (issuer.keys, "JWKS", "jwks.json"),
            (issuer.tokens, "TOKEN", "token"),
            (
                issuer.logins,
                "DISCOVERY",
                ".well-known/openid-configuration",
            ),
        ];
        for (_, what, path) in asked.into_iter().filter(|(is, ..)| *is) {
            let variable = format!("APP_ISSUERS__{}__{what}", name.to_uppercase());
            let url = format!("http://{provider}:{PROVIDER}/{name}/{path}");
            settings.push(setting(&variable, &url));
        }
    }
    if !settings.is_empty() {
        networks.push(yaml::string(&format!("to-{provider}")));
        after.push(yaml::string(provider));
    }
    let mut ports = Vec::new();
    for (inside, callers) in links.inward(node) {
        if callers.iter().any(|it| links.is_outside(*it)) {
            // Each entry has a port of its own on the host, in the order of the drawing.
            ports.push(yaml::string(&format!(
                "127.0.0.1:{}:{inside}",
                inside + *published
            )));
            outside = true;
        }
    }
    *published += u16::from(!ports.is_empty());
    if outside || networks.is_empty() {
        networks.push(yaml::string("outside"));
    }
    let files = secrets::files(model, service).into_iter();
    let files: Vec<_> = files
        .map(|file| view::Mounted {
            name: yaml::string(&secret(name, &file)),
            // What is no whole path is one below the folder of secrets.
            path: yaml::string(&match file.whole {
                true => file.path(),
                false => file.relative(),
            }),
        })
        .collect();
    view::Process {
        name: yaml::string(&dns(name)),
        package: yaml::string(&service.package),
        folder: yaml::comment(name),
        settings,
        tls: has_certificates(model, service),
        secrets: secrets::has_variables(model, service),
        secret_file: yaml::string(&format!("./secrets/{name}.env")),
        mounts: !files.is_empty(),
        files,
        published: !ports.is_empty(),
        ports,
        networks,
        waits: !after.is_empty(),
        after,
    }
}

fn store(node: &Node, container: &Container, mode: Tls) -> view::Store {
    let name = dns(&node.name);
    let mut settings: Vec<_> = container
        .settings
        .iter()
        .map(|(name, value)| setting(name, value))
        .collect();
    if !container.password.is_empty() {
        let variable = format!("{}_PASSWORD", node.name.to_uppercase());
        let value = format!("${{{variable}:?has to be set}}");
        settings.push(setting(container.password, &value));
    }
    let secure: &[&[&str]] = match mode {
        Tls::Off => &[],
        Tls::Server => &[SECURE, &["--tls-auth-clients", "no"]],
        Tls::Mutual => &[SECURE],
    };
    let command: Vec<_> = [container.command]
        .iter()
        .chain(secure)
        .copied()
        .flatten()
        .map(|it| yaml::string(it))
        .collect();
    view::Store {
        image: yaml::string(container.image),
        configured: !settings.is_empty(),
        settings,
        started: !command.is_empty(),
        command: yaml::array(&command),
        secure: mode != Tls::Off,
        folder: yaml::comment(&node.name),
        data: yaml::string(container.data),
        kept: !container.data.is_empty() && mode == Tls::Off,
        volume: yaml::string(&format!("{name}:{}", container.data)),
        network: network(&node.name),
        name: yaml::string(&name),
    }
}

fn setting(name: &str, value: &str) -> view::Setting {
    view::Setting {
        name: yaml::string(name),
        value: yaml::string(value),
    }
}
