//! Which operations of a workspace have a handler: the generated traits say what there is, the owner's `impl` blocks
//! what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use walkdir::WalkDir;

use crate::cli::Failure;

/// An operation that somebody has to write.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The service's folder.
    pub service: String,
    /// The trait.
    pub api: String,
    /// The function.
    pub name: String,
    /// Where it belongs.
    pub file: String,
    /// Whether somebody has.
    pub is_written: bool,
}

/// All operations, in the order of the lock.
///
/// # Errors
/// A file cannot be read.
pub fn operations<'a>(
    root: &Path,
    paths: impl Iterator<Item = &'a str>,
) -> Result<Vec<Operation>, Failure> {
    let mut operations = Vec::new();
    let mut written = BTreeMap::<String, Blocks>::new();
    for path in paths {
        let Some((service, module)) = generated_api(path) else {
            continue;
        };
        if !written.contains_key(service) {
            written.insert(service.to_owned(), written_in(root, service)?);
        }
        let text = fs::read_to_string(root.join(path)).unwrap_or_default();
        for (api, names) in blocks(&text, "trait") {
            for name in names {
                operations.push(Operation {
                    is_written: written[service]
                        .get(&api)
                        .is_some_and(|it| it.contains(&name)),
                    service: service.to_owned(),
                    file: format!("services/{service}/src/handlers/{module}.rs"),
                    api: api.clone(),
                    name,
                });
            }
        }
    }
    Ok(operations)
}

/// `("orders", "orders")` of `services/orders/src/generated/api_orders.rs`.
fn generated_api(path: &str) -> Option<(&str, &str)> {
    let (service, file) = path
        .strip_prefix("services/")?
        .split_once("/src/generated/api_")?;
    let module = file.strip_suffix(".rs")?;
    (!service.contains('/') && !module.contains('/')).then_some((service, module))
}

/// Functions by trait.
type Blocks = BTreeMap<String, BTreeSet<String>>;

/// What the owner's files of a service implement.
fn written_in(root: &Path, service: &str) -> Result<Blocks, Failure> {
    let source = root.join("services").join(service).join("src");
    let mut all = Blocks::new();
    let entries = WalkDir::new(&source)
        .into_iter()
        .filter_entry(|it| it.depth() != 1 || it.file_name() != "generated");
    for entry in entries {
        let entry = entry?;
        if entry.path().extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(entry.path())?;
            for (name, functions) in blocks(&text, "impl") {
                all.entry(name).or_default().extend(functions);
            }
        }
    }
    Ok(all)
}

/// The functions of all `trait NAME { }` or `impl NAME for X { }` of a text, also within modules. A text that is no
/// Rust has none.
fn blocks(text: &str, keyword: &str) -> Blocks {
    let mut all = Blocks::new();
    if let Ok(stream) = text.parse() {
        collect(stream, keyword, &mut all);
    }
    all
}

fn collect(stream: TokenStream, keyword: &str, into: &mut Blocks) {
    let mut head: Option<Vec<String>> = None;
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) if ident == keyword => head = Some(Vec::new()),
            TokenTree::Ident(ident) => {
                if let Some(head) = &mut head {
                    head.push(ident.to_string());
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => match head.take() {
                Some(head) => {
                    if let Some(name) = name(&head, keyword) {
                        into.entry(name)
                            .or_default()
                            .extend(functions(group.stream()));
                    }
                }
                None => collect(group.stream(), keyword, into),
            },
            TokenTree::Punct(punct) if punct.as_char() == ';' => head = None,
            _ => {}
        }
    }
}

/// The trait that a head names: the first name of `trait Orders: Send`, the last one before `for` in
/// `impl api::Orders for App`.
fn name(head: &[String], keyword: &str) -> Option<String> {
    if keyword == "trait" {
        return head.first().cloned();
    }
    let at = head.iter().position(|it| it == "for")?;
    head[..at].last().cloned()
}

/// The names after `fn` at the top of a block.
fn functions(stream: TokenStream) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_next = false;
    for tree in stream {
        if let TokenTree::Ident(ident) = &tree
            && is_next
        {
            names.insert(ident.to_string());
        }
        is_next = matches!(&tree, TokenTree::Ident(ident) if ident == "fn");
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "/// fn no\npub trait Orders: Send + Sync { fn find(&self) { fn inner() {} } async fn place(&self); }";

    #[test]
    fn traits_and_impls_are_found() {
        let names = |text: &str, keyword| {
            let blocks = blocks(text, keyword);
            blocks
                .get("Orders")
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(names(API, "trait"), ["find", "place"]);
        assert_eq!(
            names(
                "impl api::Orders for App { async fn find(&self) {} }",
                "impl"
            ),
            ["find"]
        );
        assert_eq!(
            names(
                "mod x { impl<T> Orders for App<T> where T: Copy { fn place() {} } }",
                "impl"
            ),
            ["place"]
        );
        assert_eq!(
            names("impl Other for Orders { fn find() {} }", "impl"),
            [""; 0]
        );
        assert_eq!(names("impl Orders { fn find() {} }", "impl"), [""; 0]);
        assert_eq!(names("not rust {", "impl"), [""; 0]);
    }

    #[test]
    fn a_workspace_says_what_is_open() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("services/orders/src");
        let files = [
            ("generated/api_orders.rs", API),
            (
                "handlers/orders.rs",
                "impl Orders for App { async fn place(&self) {} }",
            ),
        ];
        for (path, text) in files {
            let path = source.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let paths = [
            "services/orders/src/generated/api_orders.rs",
            "services/orders/src/generated/mod.rs",
        ];
        let found = operations(root.path(), paths.into_iter()).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.is_written, it.file.as_str()))
            .collect();
        let file = "services/orders/src/handlers/orders.rs";
        assert_eq!(found, [("find", false, file), ("place", true, file)]);
    }
}
