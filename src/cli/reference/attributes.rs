//! A page for each attribute, and one for each kind that takes some.

use std::collections::BTreeMap;

use super::{head, row};
use crate::model::attributes::{Attr, Value};
use crate::model::resolve::resolve;
use crate::model::schema::{self, Form, Place, Proof, Row, Shape};
use crate::model::{Model, text};
use crate::source::{Memory, Sources};

/// Adds the pages.
pub(super) fn add(pages: &mut BTreeMap<String, String>) {
    let mut list = "# Attributes\n\n".to_owned() + &head(["Attribute", "Meaning"]);
    let mut attributes: Vec<Attr> = Attr::ALL.to_vec();
    attributes.sort_by_key(|it| it.name());
    for attr in attributes {
        let meanings: Vec<&str> = schema::rows(attr).map(|it| it.meaning).collect();
        let name = format!("[`{attr}`]({attr}.md)");
        list.push_str(&row([&name, &meanings.join(" ")]));
        pages.insert(format!("attributes/{attr}.md"), attribute(attr));
    }
    pages.insert("attributes/README.md".to_owned(), list);

    let mut list = "# Kinds\n\nWhat takes attributes.\n\n".to_owned();
    for place in Place::ALL {
        let count = schema::at(*place).count();
        list.push_str(&format!(
            "- [{place}]({}.md): {}\n",
            file(*place),
            text::counted(count as u64, "attribute")
        ));
        pages.insert(format!("kinds/{}.md", file(*place)), kind(*place));
    }
    pages.insert("kinds/README.md".to_owned(), list);
}

fn file(place: Place) -> String {
    place.name().replace(' ', "-")
}

fn attribute(attr: Attr) -> String {
    let mut page = format!("# {attr}\n");
    let several = schema::rows(attr).count() > 1;
    for it in schema::rows(attr) {
        if several {
            page.push_str(&format!("\n## As {}\n", side(it)));
        }
        page.push_str(&format!("\n{}\n\n", it.meaning));
        page.push_str(&head(["", ""]));
        let places: Vec<String> = it
            .places
            .iter()
            .map(|place| format!("[{place}](../kinds/{}.md)", file(*place)))
            .collect();
        page.push_str(&row(["Written on", &places.join(", ")]));
        page.push_str(&row(["Side", it.side.name()]));
        page.push_str(&row(["Takes", &it.shape.to_string()]));
        page.push_str(&row(["Unwritten", &unwritten(it)]));
        if !it.protocols.is_empty() {
            let protocols: Vec<&str> = it.protocols.iter().map(|it| it.name()).collect();
            page.push_str(&row(["Protocols", &protocols.join(", ")]));
        }
        page.push_str(&row(["Shown to hold by", proof(it.proof)]));
        for form in forms(&it.shape) {
            page.push_str(&call(form));
        }
    }
    page
}

fn side(row: &Row) -> String {
    let places: Vec<&str> = row.places.iter().map(|it| it.name()).collect();
    match places.as_slice() {
        [one] => format!("an attribute of a {one}"),
        _ => format!("a {} attribute", row.side),
    }
}

fn unwritten(row: &Row) -> String {
    match &row.default {
        Some(value) => format!(
            "`{}` on what is generated, unknown on what exists",
            written(value)
        ),
        None => "nothing holds".to_owned(),
    }
}

/// A built-in value as it would be written. It names nothing of a drawing, so that an empty one will do.
fn written(value: &Value) -> String {
    let mut sources = Sources::default();
    let root = sources.add("empty.arch", "");
    let empty: Option<Model> = resolve(&mut sources, root, &Memory::default(), None).model;
    empty.map_or_else(String::new, |it| text::value(&it, value))
}

const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::Behaviour => "a test of the generated workspace, with a peer that misbehaves",
        Proof::Configuration => "what is compiled, published or deployed",
        Proof::None => "nothing: it has no effect at run time",
    }
}

/// The calls that a value may be.
fn forms(shape: &'static Shape) -> Vec<&'static Form> {
    match shape {
        Shape::Call(form) => vec![form],
        Shape::List(inner) => forms(inner),
        Shape::Either(shapes) => shapes.iter().flat_map(forms).collect(),
        _ => Vec::new(),
    }
}

fn call(form: &Form) -> String {
    let mut text = format!("\n### `{form}`\n\n");
    text.push_str(&head(["Argument", "Takes", "Unwritten", "Meaning"]));
    for it in form.first.iter().chain(form.parameters) {
        let unwritten = match (it.required, it.default) {
            (true, _) => "is an error".to_owned(),
            (false, Some(value)) => format!("`{value}`"),
            (false, None) => "nothing holds".to_owned(),
        };
        let name = match form
            .first
            .as_ref()
            .is_some_and(|first| first.name == it.name)
        {
            true => format!("{} (first, without its name)", it.name),
            false => format!("`{}`", it.name),
        };
        text.push_str(&row([&name, &it.shape.to_string(), &unwritten, it.meaning]));
    }
    text
}

fn kind(place: Place) -> String {
    let mut page = format!("# {place}\n\n");
    if schema::at(place).next().is_none() {
        return page + "It takes no attributes.\n";
    }
    page.push_str(&head(["Attribute", "Side", "Takes", "Meaning"]));
    for it in schema::at(place) {
        let name = format!("[`{0}`](../attributes/{0}.md)", it.attr);
        page.push_str(&row([
            &name,
            it.side.name(),
            &it.shape.to_string(),
            it.meaning,
        ]));
    }
    page
}
