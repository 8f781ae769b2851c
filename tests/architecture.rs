//! The house rules of the code, held against the code: who may know whom, who owns which foreign crate, where files are
//! written, and that no generated text hides in the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Which modules a module may know, besides itself. Data flows from the top to the bottom.
const MAY_KNOW: [(&str, &[&str]); 13] = [
    ("words", &[]),
    ("source", &[]),
    ("workspace", &[]),
    ("diagnostic", &["source"]),
    ("syntax", &["source", "diagnostic", "words"]),
    // Facts about protocols and engines know nothing of the model, which asks them.
    ("protocol", &["syntax", "words"]),
    (
        "model",
        &["source", "diagnostic", "syntax", "protocol", "words"],
    ),
    ("topology", &["source", "model", "protocol"]),
    // From here on siblings, which never know each other.
    ("format", &["source", "diagnostic", "syntax"]),
    (
        "lint",
        &[
            "source",
            "diagnostic",
            "syntax",
            "model",
            "protocol",
            "topology",
        ],
    ),
    (
        "generate",
        &[
            "source",
            "diagnostic",
            "syntax",
            "model",
            "protocol",
            "topology",
            "workspace",
        ],
    ),
    // What stands above all.
    (
        "cli",
        &[
            "source",
            "diagnostic",
            "syntax",
            "model",
            "protocol",
            "topology",
            "format",
            "lint",
            "generate",
            "workspace",
        ],
    ),
    ("main", &["cli"]),
];

/// Which folder alone may name a foreign crate.
const OWNERS: [(&str, &str); 10] = [
    ("pest", "syntax"),
    ("pest_derive", "syntax"),
    ("protox", "model/resolve/proto"),
    ("miette", "model/resolve/proto"),
    ("petgraph", "topology"),
    ("minijinja", "generate/render"),
    ("clap", "cli"),
    ("annotate_snippets", "diagnostic/render"),
    ("similar", "workspace"),
    ("walkdir", "cli"),
];

/// Functions of `std::fs` that change the disk; `workspace` alone may.
const WRITES: [&str; 12] = [
    "write",
    "rename",
    "remove_file",
    "remove_dir",
    "remove_dir_all",
    "create_dir",
    "create_dir_all",
    "copy",
    "hard_link",
    "set_permissions",
    "create",
    "create_new",
];

/// More lines than 600 want a look; more than this, and a file does more than one thing.
const LONGEST_FILE: usize = 700;

struct Source {
    /// Below `src/`, with forward slashes.
    path: String,
    text: String,
    tokens: Vec<Token>,
}

/// A token with all groups opened up, so that paths are sequences.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Ident(String),
    Punct(char),
    Literal(String),
    /// `{`, `(`, `[` and their ends.
    Open(char),
    Close(char),
}

impl Source {
    /// `lint` for `lint/rules/x.rs`, `main` for `main.rs`.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep the file's own module is: 1 for `lint/mod.rs` and `words.rs`.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) => into.push(Token::Ident(ident.to_string())),
            TokenTree::Punct(punct) => into.push(Token::Punct(punct.as_char())),
            TokenTree::Literal(literal) => into.push(Token::Literal(literal.to_string())),
            TokenTree::Group(group) => {
                into.push(Token::Open('('));
                flatten(group.stream(), into);
                into.push(Token::Close(')'));
            }
        }
    }
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push(path);
        }
    }
}

/// The text without the tests at its end, which may do what they like.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the source was found");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let mut tokens = Vec::new();
            flatten(before_tests(&text).parse().unwrap(), &mut tokens);
            let path = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            Source { path, text, tokens }
        })
        .collect()
}

fn ident(token: Option<&Token>) -> Option<&str> {
    match token {
        Some(Token::Ident(name)) => Some(name),
        _ => None,
    }
}

fn is_path_separator(tokens: &[Token]) -> bool {
    matches!(tokens, [Token::Punct(':'), Token::Punct(':'), ..])
}

/// The first names of what follows `::` at the start of `tokens`: one, or all of a `{ ... }`.
fn heads(tokens: &[Token]) -> Vec<&str> {
    match tokens.get(2) {
        Some(Token::Ident(name)) => vec![name],
        Some(Token::Open(_)) => {
            let (mut depth, mut heads, mut at_start) = (0, Vec::new(), true);
            for token in &tokens[2..] {
                match token {
                    Token::Open(_) => depth += 1,
                    Token::Close(_) => depth -= 1,
                    Token::Punct(',') if depth == 1 => at_start = true,
                    Token::Ident(name) if depth == 1 && at_start => {
                        heads.push(name.as_str());
                        at_start = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            heads
        }
        _ => Vec::new(),
    }
}

/// The top-level modules that a file names: by `crate::`, by so many `super::`, by the crate's own name.
fn known(source: &Source) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    let tokens = &source.tokens;
    let mut at = 0;
    while at < tokens.len() {
        let mut end = at + 1;
        let is_root = match ident(tokens.get(at)) {
            Some("crate" | "archwright") => true,
            Some("super") => {
                let mut count = 1;
                while is_path_separator(&tokens[end..])
                    && ident(tokens.get(end + 2)) == Some("super")
                {
                    count += 1;
                    end += 3;
                }
                count >= source.depth()
            }
            _ => false,
        };
        if is_root && is_path_separator(&tokens[end..]) {
            known.extend(heads(&tokens[end..]));
        }
        at = end;
    }
    known
}

#[test]
fn modules_know_only_what_is_before_them() {
    let table: BTreeMap<_, _> = MAY_KNOW.into_iter().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|it| it.path != "lib.rs") {
        let module = source.module();
        let Some(allowed) = table.get(module) else {
            wrong.push(format!("{}: `{module}` is not in the table", source.path));
            continue;
        };
        for other in known(source) {
            if other != module && table.contains_key(other) && !allowed.contains(&other) {
                wrong.push(format!(
                    "{}: `{module}` must not know `{other}`",
                    source.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reading_of_paths_finds_them() {
    let read = |path: &str, text: &str| {
        let mut tokens = Vec::new();
        flatten(text.parse().unwrap(), &mut tokens);
        let source = Source {
            path: path.into(),
            text: text.into(),
            tokens,
        };
        known(&source)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(read("lint/mod.rs", "use crate::model::Model;"), ["model"]);
    assert_eq!(
        read(
            "lint/mod.rs",
            "use crate::{cli::x, generate::{self, y}, z};"
        ),
        ["cli", "generate", "z"]
    );
    assert_eq!(
        read(
            "lint/rules/a.rs",
            "fn f() { super::super::super::cli::run() }"
        ),
        ["cli"]
    );
    assert_eq!(
        read("lint/rules/a.rs", "use super::super::runner;"),
        [""; 0]
    );
    assert_eq!(
        read("main.rs", "fn main() { archwright::cli::main() }"),
        ["cli"]
    );
}

#[test]
fn each_foreign_crate_has_one_owner() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, owner) in OWNERS {
            let is_owner = source.path.starts_with(&format!("{owner}/"))
                || source.path == format!("{owner}.rs");
            let names_it = source
                .tokens
                .windows(3)
                .any(|it| ident(it.first()) == Some(name) && is_path_separator(&it[1..]));
            if names_it && !is_owner {
                wrong.push(format!(
                    "{} names `{name}`, which `{owner}` owns",
                    source.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn workspace_alone_writes_files() {
    let mut wrong = Vec::new();
    for source in sources() {
        let is_writer = source.module() == "workspace";
        for window in source.tokens.windows(4) {
            let writes = matches!(ident(window.first()), Some("fs" | "File"))
                && is_path_separator(&window[1..])
                && ident(window.get(3)).is_some_and(|it| WRITES.contains(&it));
            let opens = ident(window.first()) == Some("OpenOptions");
            if (writes || opens) && !is_writer {
                wrong.push(format!("{} writes files", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words that open a line of what we generate.
const OPENERS: [&str; 14] = [
    "fn ",
    "pub ",
    "use ",
    "impl ",
    "struct ",
    "async ",
    "mod ",
    "#[",
    "syntax = ",
    "message ",
    "rpc ",
    "[dependencies",
    "[package",
    "FROM ",
];

#[test]
fn no_generated_text_stands_in_the_source() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module() != "generate" || source.is_test() {
            continue;
        }
        for pair in source.tokens.windows(2) {
            let (before, Token::Literal(literal)) = (&pair[0], &pair[1]) else {
                continue;
            };
            let is_doc = *before == Token::Punct('=');
            let text = literal
                .trim_start_matches(['b', 'r', '#'])
                .trim_matches(['"', '#']);
            if !is_doc && literal.contains('"') && OPENERS.iter().any(|it| text.starts_with(it)) {
                wrong.push(format!("{}: {literal}", source.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "belongs into a template:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_are_short_and_finished() {
    let unfinished = ["TO_DO", "FIX_ME", "#[ig_nore"].map(|it| it.replace('_', ""));
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{} has {lines} lines", source.path));
        }
        for mark in &unfinished {
            if source.text.contains(mark.as_str()) {
                wrong.push(format!("{} holds {mark}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
