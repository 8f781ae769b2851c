//! What single mistakes in drawings are told of, and what values single attributes come to.
//!
//! `tests/resolve/<topic>.arch` hold many small drawings, each under a line `//# name`; a comment `//~ CODE text` says
//! which finding is expected on its line, with a part of the message. A drawing without such comments is right.

use std::fs;
use std::path::{Path, PathBuf};

use archwright::model::OperationKind;
use archwright::model::attributes::Idempotent;
use archwright::model::proto::ProtoMessage;
use archwright::model::resolve::{Resolution, resolve};
use archwright::source::{Memory, Sources};

#[test]
fn every_mistake_is_told_where_it_is_made() {
    let mut drawings = 0;
    let mut wrong = Vec::new();
    for file in arch_files(Path::new("tests/resolve")) {
        let text = fs::read_to_string(&file).expect("a file of this folder");
        for (name, drawing) in split(&text) {
            drawings += 1;
            if let Err(difference) = compare(&drawing) {
                wrong.push(format!("{}: {name}\n{difference}", file.display()));
            }
        }
    }
    assert!(drawings > 50, "only {drawings} drawings were found");
    assert!(
        wrong.is_empty(),
        "{} of {drawings} drawings differ\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn arch_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of the drawings")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files
}

/// The drawings of a file, by name.
fn split(text: &str) -> Vec<(String, String)> {
    let mut drawings: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("//# ") {
            Some(name) => drawings.push((name.to_owned(), String::new())),
            None => {
                if let Some((_, drawing)) = drawings.last_mut() {
                    drawing.push_str(line);
                    drawing.push('\n');
                }
            }
        }
    }
    drawings
}

fn compare(drawing: &str) -> Result<(), String> {
    let (sources, resolution) = read(drawing);
    let mut expected: Vec<(usize, String, String)> = Vec::new();
    for (at, line) in drawing.lines().enumerate() {
        for mark in line.split("//~ ").skip(1) {
            let (code, message) = mark.trim().split_once(' ').unwrap_or((mark.trim(), ""));
            expected.push((at + 1, code.to_owned(), message.to_owned()));
        }
    }
    let mut difference = String::new();
    for found in &resolution.diagnostics {
        let (line, _) = sources
            .file(found.primary.span.file)
            .position(found.primary.span.start);
        let all: Vec<&str> = std::iter::once(found.message.as_str())
            .chain(found.help.iter().map(String::as_str))
            .chain(found.fixes.iter().map(|fix| fix.title.as_str()))
            .collect();
        let fits = |(at, code, message): &(usize, String, String)| {
            *at == line
                && code == found.code
                && all.iter().any(|text| text.contains(message.as_str()))
        };
        match expected.iter().position(fits) {
            Some(at) => {
                expected.remove(at);
            }
            None => difference.push_str(&format!(
                "  found    {line}: {} {} {:?}\n",
                found.code, found.message, found.help
            )),
        }
    }
    for (line, code, message) in expected {
        difference.push_str(&format!("  expected {line}: {code} {message}\n"));
    }
    if difference.is_empty() {
        Ok(())
    } else {
        Err(difference)
    }
}

fn read(drawing: &str) -> (Sources, Resolution) {
    let mut sources = Sources::default();
    let root = sources.add("test.arch", drawing);
    let files = Memory::new([
        ("demo.proto", include_str!("resolve/demo.proto")),
        ("broken.proto", include_str!("resolve/broken.proto")),
        ("alike.proto", include_str!("resolve/alike.proto")),
    ]);
    let resolution = resolve(&mut sources, root, &files, None);
    (sources, resolution)
}

#[test]
fn a_proto_file_that_is_not_valid_is_told_of_where_it_is_not() {
    let drawing = "service cart { api Cart : proto(\"broken.proto\", shop.CartService) }\n";
    let (sources, resolution) = read(drawing);
    let [found] = resolution.diagnostics.as_slice() else {
        panic!("{:?}", resolution.diagnostics);
    };
    let file = sources.file(found.primary.span.file);
    assert_eq!(file.path, Path::new("broken.proto"));
    assert_eq!(file.position(found.primary.span.start).0, 5);
    assert_eq!(sources.text(found.primary.span), "Nothing");
}

/// The second one was left out in silence once.
#[test]
fn two_methods_that_make_one_operation_are_told_of_where_they_stand() {
    let drawing = "service cart { api Cart : proto(\"alike.proto\", shop.Carts) }\n";
    let (sources, resolution) = read(drawing);
    let [found] = resolution.diagnostics.as_slice() else {
        panic!("{:?}", resolution.diagnostics);
    };
    assert_eq!(found.code, "ARC023");
    let labels = found.labels.iter().map(|it| it.span);
    let places: Vec<&str> = std::iter::once(found.primary.span)
        .chain(labels)
        .map(|span| sources.text(span))
        .collect();
    let contract = "proto(\"alike.proto\", shop.Carts)";
    assert_eq!(places, ["Get_Cart", "GetCart", contract]);
}

#[test]
fn methods_of_a_proto_file_are_operations() {
    let drawing = "service cart { api Cart : proto(\"demo.proto\", shop.CartService) { command add_item { idempotent = key } } }\n";
    let (_, resolution) = read(drawing);
    let model = resolution.model.expect("the drawing is right");
    let operations: Vec<(&str, &str, OperationKind)> = model
        .operations
        .iter()
        .map(|it| {
            let method = it.method.as_ref().expect("it has one");
            (it.name.as_str(), method.name.as_str(), it.kind)
        })
        .collect();
    assert_eq!(
        operations,
        [
            ("add_item", "AddItem", OperationKind::Command),
            ("get_cart", "GetCart", OperationKind::Query),
            ("empty_cart", "EmptyCart", OperationKind::Command),
        ]
    );
    let [add, get, empty] = model.operations.as_slice() else {
        panic!("{:?}", model.operations);
    };
    assert_eq!(add.doc.as_deref(), Some("Puts an item into a cart."));
    assert_eq!(add.output, None);
    assert!(matches!(&get.output, Some(payload) if payload.stream));
    assert_eq!(empty.attributes.idempotent(), Some(&Idempotent::Natural));
    let names: Vec<String> = model.messages.iter().map(ProtoMessage::full_name).collect();
    assert_eq!(names, ["shop.AddItemRequest", "shop.Cart.Key", "shop.Cart"]);
}

/// The whole system of the language, with one word of it taken out or misspelt at a time: nothing panics, and one
/// mistake does not give many messages.
#[test]
fn one_mistake_does_not_give_many_messages() {
    let whole = include_str!("drawings/whole.arch");
    let mut worst: Vec<(usize, String)> = Vec::new();
    for (start, end) in words(whole) {
        for instead in ["", "zzz"] {
            let drawing = format!("{}{instead}{}", &whole[..start], &whole[end..]);
            let (_, resolution) = read(&drawing);
            let messages: Vec<&str> = resolution
                .diagnostics
                .iter()
                .map(|it| it.message.as_str())
                .collect();
            // The mistake itself, and what is missing for it from two sides.
            if messages.len() > 3 {
                worst.push((
                    messages.len(),
                    format!("`{}` -> `{instead}`: {messages:#?}", &whole[start..end]),
                ));
            }
        }
    }
    worst.sort();
    worst.reverse();
    let shown: Vec<&str> = worst.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        worst.is_empty(),
        "{} mistakes give many messages\n{}",
        worst.len(),
        shown.join("\n")
    );
}

/// Where the words of a text start and end.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        match (start, letter.is_alphanumeric() || letter == '_') {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}
