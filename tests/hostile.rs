//! Names and texts of a drawing never become code: a drawing with hostile ones gives the same files as one with benign
//! ones, token kind by token kind, in every language that is written.

mod common;
#[path = "hostile/drawing.rs"]
mod drawing;

use common::planned;
use drawing::{DRAWING, drawing};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

/// The kinds of a file's tokens.
fn kinds(path: &str, text: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    match path.rsplit('.').next() {
        Some("rs") => rust(
            text.parse()
                .unwrap_or_else(|error| panic!("{path}: {error}")),
            &mut kinds,
        ),
        Some("json") => json(&serde_json::from_str(text).unwrap(), &mut kinds),
        Some("toml") => toml(
            text.parse::<toml_edit::DocumentMut>().unwrap().as_item(),
            &mut kinds,
        ),
        Some("proto") => proto(text, &mut kinds),
        Some("yaml" | "yml") => {
            for document in
                Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"))
            {
                yaml(&document, &mut kinds);
            }
            let comments = text
                .lines()
                .filter(|line| line.trim_start().starts_with('#'));
            kinds.extend(comments.map(|_| "comment".to_owned()));
        }
        _ => kinds.extend(text.lines().map(line)),
    }
    kinds
}

fn rust(stream: TokenStream, kinds: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(_) => kinds.push("identifier".to_owned()),
            TokenTree::Punct(punct) => kinds.push(punct.as_char().to_string()),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let first = text
                    .chars()
                    .next()
                    .filter(|c| !c.is_ascii_digit())
                    .unwrap_or('0');
                kinds.push(first.to_string());
            }
            TokenTree::Group(group) => {
                kinds.push(match group.delimiter() {
                    Delimiter::Parenthesis => "(".to_owned(),
                    Delimiter::Brace => "{".to_owned(),
                    Delimiter::Bracket => "[".to_owned(),
                    Delimiter::None => "none".to_owned(),
                });
                rust(group.stream(), kinds);
                kinds.push("end".to_owned());
            }
        }
    }
}

fn json(value: &Value, kinds: &mut Vec<String>) {
    kinds.push(
        match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "[",
            Value::Object(_) => "{",
        }
        .to_owned(),
    );
    match value {
        Value::Array(items) => items.iter().for_each(|item| json(item, kinds)),
        Value::Object(fields) => fields.values().for_each(|field| json(field, kinds)),
        _ => {}
    }
}

fn yaml(value: &Yaml<'_>, kinds: &mut Vec<String>) {
    match value {
        Yaml::Sequence(items) => {
            kinds.push("[".to_owned());
            items.iter().for_each(|item| yaml(item, kinds));
            kinds.push("end".to_owned());
        }
        Yaml::Mapping(fields) => {
            kinds.push("{".to_owned());
            for (key, field) in fields {
                yaml(key, kinds);
                yaml(field, kinds);
            }
            kinds.push("end".to_owned());
        }
        _ if value.is_string() => kinds.push("text".to_owned()),
        other => kinds.push(format!("{other:?}")),
    }
}

fn toml(item: &toml_edit::Item, kinds: &mut Vec<String>) {
    kinds.push(item.type_name().to_owned());
    if let Some(table) = item.as_table_like() {
        table.iter().for_each(|(_, item)| toml(item, kinds));
    }
}

/// Comments by their lines, names, numbers, texts, and everything else by its character.
fn proto(text: &str, kinds: &mut Vec<String>) {
    let token =
        regex::Regex::new(r#"//.*|"(?:\\.|[^"\\\n])*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\S"#).unwrap();
    for found in token.find_iter(text) {
        kinds.push(match found.as_str().chars().next() {
            Some('/') => "comment".to_owned(),
            Some('"') => "text".to_owned(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => "name".to_owned(),
            Some(c) if c.is_ascii_digit() => "number".to_owned(),
            _ => found.as_str().to_owned(),
        });
    }
}

/// What markup a line of Markdown, of a workflow or the like is made of: its indent, what it starts with, its cells.
fn line(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let start: String = line
        .trim_start()
        .chars()
        .take_while(|c| "#-*>|`+$".contains(*c))
        .take(3)
        .collect();
    let cells = line.replace("\\|", "").matches('|').count();
    let links = line.replace("\\]", "").matches("](").count();
    format!("{indent} {start} {cells} {links}")
}

#[test]
fn hostile_names_and_texts_change_no_token_kind() {
    let (benign, hostile) = (planned(&drawing(false)), planned(&drawing(true)));
    assert_eq!(benign.len(), hostile.len());
    let mut compared = 0;
    for (one, other) in benign.iter().zip(&hostile) {
        assert_eq!(
            one.template.rsplit('/').next(),
            other.template.rsplit('/').next()
        );
        let (left, right) = (
            std::str::from_utf8(&one.bytes).unwrap(),
            std::str::from_utf8(&other.bytes).unwrap(),
        );
        let (before, after) = (kinds(&one.path, left), kinds(&other.path, right));
        if let Some(at) =
            (0..before.len().max(after.len())).find(|at| before.get(*at) != after.get(*at))
        {
            let near = |all: &[String]| all[at.saturating_sub(12)..all.len().min(at + 4)].join(" ");
            panic!(
                "{} and {} differ at token {at}:\n{}\n{}",
                one.path,
                other.path,
                near(&before),
                near(&after)
            );
        }
        compared += before.len();
    }
    assert!(compared > 10_000, "only {compared} tokens");
}

/// The two drawings do differ, in texts and in names: the comparison means something.
#[test]
fn the_drawings_differ_in_every_bracket() {
    let brackets = DRAWING.matches('⟨').count();
    assert!(brackets > 40);
    for (at, part) in DRAWING
        .split(['⟨', '⟩'])
        .enumerate()
        .filter(|(at, _)| at % 2 == 1)
    {
        let (benign, evil) = part
            .split_once('¦')
            .unwrap_or_else(|| panic!("bracket {at}: {part}"));
        assert_ne!(benign, evil);
    }
}
