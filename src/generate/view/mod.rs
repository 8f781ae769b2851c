//! What templates are given: one struct for each, with every decision made.

pub mod contracts;
pub mod deploy;
pub mod dev;
pub mod docs;
pub mod proofs;
pub mod service;
pub mod workspace;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::generate::render::{Named, View, variables};

    /// Every template with its view.
    macro_rules! each_view {
        ($($view:path),* $(,)?) => {
            [$((
                <$view as View>::TEMPLATE,
                <$view as View>::SOURCE,
                variables::<$view>(),
                <$view as Named>::FIELDS,
            )),*]
        };
    }

    fn views() -> Vec<(
        &'static str,
        &'static str,
        BTreeSet<String>,
        &'static [&'static str],
    )> {
        use super::{contracts, deploy, dev, docs, proofs, service, workspace};
        each_view![
            contracts::Manifest,
            contracts::Build,
            contracts::Root,
            contracts::Types,
            contracts::Rules,
            contracts::Words,
            contracts::OpenApi,
            contracts::Json,
            contracts::Wire,
            contracts::Messages,
            contracts::Package,
            contracts::Taken,
            contracts::WellKnown,
            deploy::Compose,
            deploy::Namespace,
            deploy::Kustomization,
            deploy::Workload,
            deploy::Alerts,
            dev::Manifest,
            dev::System,
            docs::Architecture,
            proofs::Manifest,
            proofs::Root,
            proofs::System,
            proofs::Scripted,
            proofs::Edges,
            proofs::Probes,
            proofs::Proofs,
            service::Manifest,
            service::Main,
            service::Root,
            service::App,
            service::Handlers,
            service::Config,
            service::Api,
            service::Wiring,
            service::Routes,
            service::EdgeClient,
            service::Policy,
            service::Conditions,
            workspace::Workspace,
            workspace::Platform,
            workspace::Readme,
        ]
        .to_vec()
    }

    #[test]
    fn templates_use_exactly_their_views() {
        for (template, _, used, fields) in views() {
            let fields: BTreeSet<String> = fields.iter().map(|&field| field.to_owned()).collect();
            assert_eq!(used, fields, "{template}");
        }
    }

    #[test]
    fn templates_decide_nothing() {
        let tag = regex::Regex::new(r"\{\{(.*?)\}\}|\{%(.*?)%\}").unwrap();
        let print = regex::Regex::new(r"^ [a-z_0-9]+(\.[a-z_0-9]+)* $").unwrap();
        let block = regex::Regex::new(
            r"^[+-]? ?(for [a-z_]+ in [a-z_]+(\.[a-z_]+)*|if [a-z_]+(\.[a-z_]+)*|else|endif|endfor) $",
        )
        .unwrap();
        for (template, source, ..) in views() {
            for found in tag.captures_iter(source) {
                if let Some(it) = found.get(1) {
                    assert!(print.is_match(it.as_str()), "{template}: {}", it.as_str());
                }
                if let Some(it) = found.get(2) {
                    assert!(block.is_match(it.as_str()), "{template}: {}", it.as_str());
                }
            }
        }
    }

    #[test]
    fn every_template_has_a_view() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let known: Vec<_> = views().into_iter().map(|it| root.join(it.0)).collect();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("platform") {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "j2") {
                    assert!(known.contains(&path), "{}", path.display());
                }
            }
        }
    }
}
