//! Shared TOML files, merged leaf by leaf: a leaf that its owner did not touch follows the plan, a touched one stays.
//! Arrays of plain values are merged as sets, each element a leaf of its own. Comments and order are kept.

use std::collections::BTreeSet;
use std::fmt;

use toml_edit::{Array, Decor, DocumentMut, Item, Key, TableLike, TomlError, Value};

/// One value at one place of a TOML file: `dependencies.tokio.version = "1"`, or one element of an array:
/// `workspace.members[] = "dev"`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    keys: Vec<String>,
    /// An element of the array at that place.
    element: bool,
    /// In one canonical spelling.
    value: String,
}

impl Leaf {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        // A key may hold anything when it is quoted; the first split that gives a key is the right one, since no
        // unfinished quotation is a key.
        let (keys, element, value) = text.match_indices(" = ").find_map(|(at, separator)| {
            let (place, value) = (&text[..at], &text[at + separator.len()..]);
            let (place, element) = match place.strip_suffix("[]") {
                Some(place) => (place, true),
                None => (place, false),
            };
            Some((keys(place)?, element, value))
        })?;
        Some(Self {
            keys,
            element,
            value: value.to_owned(),
        })
    }

    /// Whether it says something of the same place (and, of an element, the same element).
    fn is_place(&self, other: &Self) -> bool {
        self.keys == other.keys
            && self.element == other.element
            && (!self.element || self.value == other.value)
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.keys.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "." })?;
            match is_bare(key) {
                true => f.write_str(key)?,
                false => Key::new(key).fmt(f)?,
            }
        }
        f.write_str(if self.element { "[] = " } else { " = " })?;
        f.write_str(&self.value)
    }
}

/// The parts of a key with dots in it.
fn keys(place: &str) -> Option<Vec<String>> {
    if place.split('.').all(is_bare) {
        return Some(place.split('.').map(str::to_owned).collect());
    }
    let keys = Key::parse(place).ok()?;
    Some(keys.iter().map(|key| key.get().to_owned()).collect())
}

/// Whether a key stands without quotes, as nearly all do.
fn is_bare(key: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    !key.is_empty() && key.bytes().all(is_plain)
}

/// What a merge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// Leaves of the plan that are not in it, because the owner wrote another value or took them out.
    pub kept: Vec<String>,
}

/// The leaves of a file.
pub fn leaves(text: &str) -> Result<BTreeSet<Leaf>, TomlError> {
    let document: DocumentMut = text.parse()?;
    let mut leaves = BTreeSet::new();
    collect(document.as_table(), &mut Vec::new(), &mut leaves);
    Ok(leaves)
}

fn collect(table: &dyn TableLike, keys: &mut Vec<String>, into: &mut BTreeSet<Leaf>) {
    for (key, item) in table.iter() {
        keys.push(key.to_owned());
        if let Some(table) = item.as_table_like() {
            collect(table, keys, into);
        } else {
            let leaf = |element, value| Leaf {
                keys: keys.clone(),
                element,
                value,
            };
            match plain_array(item) {
                Some(array) => into.extend(array.iter().map(|it| leaf(true, canonical(it)))),
                None => into.extend([leaf(false, canonical_item(item))]),
            }
        }
        keys.pop();
    }
}

/// What is known of a file's past.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Leaves that were written: one that is missing now was taken out by the file's owner.
    pub written: BTreeSet<Leaf>,
    /// Leaves that an interrupted run may have written.
    pub intended: BTreeSet<Leaf>,
}

impl Base {
    /// Whether it was us who wrote a leaf.
    fn wrote(&self, leaf: &Leaf) -> bool {
        self.written.contains(leaf) || self.intended.contains(leaf)
    }

    /// Whether there was a leaf at a place.
    fn knew(&self, keys: &[String]) -> bool {
        self.written.iter().any(|it| it.keys == keys)
    }
}

/// Brings what is on disk up to the plan.
pub fn merge(disk: &str, planned: &str, base: &Base) -> Result<Merged, TomlError> {
    let mut document: DocumentMut = disk.parse()?;
    let plan: DocumentMut = planned.parse()?;
    let mut merge = Merge {
        base,
        planned: leaves(planned)?,
        kept: Vec::new(),
    };
    merge.bring(document.as_table_mut(), plan.as_table(), &mut Vec::new());
    for leaf in base.written.iter().chain(&base.intended) {
        if !merge.planned.iter().any(|it| it.is_place(leaf)) {
            take_out(
                document.as_table_mut(),
                Some(plan.as_table()),
                &leaf.keys,
                leaf,
            );
        }
    }
    Ok(Merged {
        text: document.to_string(),
        kept: merge.kept,
    })
}

struct Merge<'a> {
    base: &'a Base,
    planned: BTreeSet<Leaf>,
    kept: Vec<String>,
}

impl Merge<'_> {
    fn bring(&mut self, theirs: &mut dyn TableLike, plan: &dyn TableLike, keys: &mut Vec<String>) {
        for (key, item) in plan.iter() {
            keys.push(key.to_owned());
            match theirs.get_mut(key) {
                None => {
                    if self.may_add(item, keys) {
                        theirs.insert(key, item.clone());
                    } else {
                        self.keep(keys, item);
                    }
                }
                Some(present) => self.bring_item(present, item, keys),
            }
            keys.pop();
        }
    }

    fn bring_item(&mut self, theirs: &mut Item, plan: &Item, keys: &mut Vec<String>) {
        if let Some(table) = plan.as_table_like() {
            match theirs.as_table_like_mut() {
                Some(theirs) => self.bring(theirs, table, keys),
                None => self.keep(keys, plan),
            }
        } else if let Some(array) = plain_array(plan) {
            match theirs.as_value_mut().and_then(Value::as_array_mut) {
                Some(theirs) => self.bring_elements(theirs, array, keys),
                None => self.keep(keys, plan),
            }
        } else {
            let ours = canonical_item(plan);
            let present = canonical_item(theirs);
            if present == ours {
                return;
            }
            let untouched = self.base.wrote(&Leaf {
                keys: keys.clone(),
                element: false,
                value: present,
            });
            if untouched {
                let decor = theirs.as_value().map(|it| it.decor().clone());
                *theirs = plan.clone();
                if let (Some(decor), Some(value)) = (decor, theirs.as_value_mut()) {
                    *value.decor_mut() = decor;
                }
            } else {
                self.keep(keys, plan);
            }
        }
    }

    fn bring_elements(&mut self, theirs: &mut Array, plan: &Array, keys: &[String]) {
        for element in plan {
            let leaf = Leaf {
                keys: keys.to_vec(),
                element: true,
                value: canonical(element),
            };
            if theirs.iter().any(|it| canonical(it) == leaf.value) {
                continue;
            }
            if self.base.written.contains(&leaf) && !is_needed(keys) {
                self.kept.push(leaf.to_string());
            } else {
                push_like_the_last(theirs, element);
            }
        }
    }

    /// What is missing is added, unless its owner took it out. Without our dependencies the generated code does not
    /// compile, so these always come back.
    fn may_add(&self, item: &Item, keys: &[String]) -> bool {
        if is_needed(keys) {
            return true;
        }
        let mut leaves = BTreeSet::new();
        let mut place = keys.to_vec();
        match item.as_table_like() {
            Some(table) => collect(table, &mut place, &mut leaves),
            None => return !self.base.knew(keys),
        }
        leaves.is_empty() || leaves.iter().any(|leaf| !self.base.knew(&leaf.keys))
    }

    fn keep(&mut self, keys: &[String], item: &Item) {
        let leaf = Leaf {
            keys: keys.to_vec(),
            element: false,
            value: canonical_item(item),
        };
        self.kept.push(leaf.to_string());
    }
}

/// Whether a place belongs to what the generated code needs to compile: dependencies of any kind and the members.
fn is_needed(keys: &[String]) -> bool {
    keys.iter()
        .any(|key| key.ends_with("dependencies") || key == "members")
}

/// Removes a leaf that the plan no longer has, if it still says what was written; so does a table or an array that
/// becomes empty by it and is not in the plan.
fn take_out(
    theirs: &mut dyn TableLike,
    plan: Option<&dyn TableLike>,
    keys: &[String],
    leaf: &Leaf,
) {
    let [key, rest @ ..] = keys else { return };
    let Some(item) = theirs.get_mut(key) else {
        return;
    };
    let planned = plan.and_then(|it| it.get(key));
    let goes = if !rest.is_empty() {
        let Some(inner) = item.as_table_like_mut() else {
            return;
        };
        take_out(inner, planned.and_then(Item::as_table_like), rest, leaf);
        inner.is_empty()
    } else if leaf.element {
        let Some(Value::Array(array)) = item.as_value_mut() else {
            return;
        };
        array.retain(|it| canonical(it) != leaf.value);
        array.is_empty()
    } else {
        canonical_item(item) == leaf.value
    };
    if goes && planned.is_none() {
        theirs.remove(key);
    }
}

/// Appends with the layout of the element before, so that an array of one line an element stays one.
fn push_like_the_last(array: &mut Array, element: &Value) {
    let layout = array
        .iter()
        .last()
        .and_then(|it| it.decor().prefix()?.as_str());
    let prefix = match layout {
        Some("") => " ".to_owned(),
        Some(layout) => layout.to_owned(),
        None if array.is_empty() => String::new(),
        None => " ".to_owned(),
    };
    let mut element = element.clone();
    *element.decor_mut() = Decor::new(prefix, "");
    array.push_formatted(element);
}

/// An array that holds plain values only, and so can be merged as a set.
fn plain_array(item: &Item) -> Option<&Array> {
    let array = item.as_value()?.as_array()?;
    array
        .iter()
        .all(|it| !it.is_array() && !it.is_inline_table())
        .then_some(array)
}

fn canonical_item(item: &Item) -> String {
    match item {
        Item::None => String::new(),
        Item::Value(value) => canonical(value),
        Item::Table(table) => canonical_table(table),
        Item::ArrayOfTables(tables) => {
            let tables: Vec<_> = tables.iter().map(|it| canonical_table(it)).collect();
            format!("[{}]", tables.join(", "))
        }
    }
}

/// A value without its layout, texts in one spelling.
fn canonical(value: &Value) -> String {
    match value {
        Value::String(text) => Value::from(text.value()).to_string(),
        Value::Integer(number) => number.value().to_string(),
        Value::Float(number) => number.value().to_string(),
        Value::Boolean(boolean) => boolean.value().to_string(),
        Value::Datetime(time) => time.value().to_string(),
        Value::Array(array) => {
            let elements: Vec<_> = array.iter().map(canonical).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::InlineTable(table) => canonical_table(table),
    }
}

fn canonical_table(table: &dyn TableLike) -> String {
    let entries: Vec<_> = table
        .iter()
        .map(|(key, item)| format!("{} = {}", Key::new(key), canonical_item(item)))
        .collect();
    format!("{{ {} }}", entries.join(", "))
}

#[cfg(test)]
mod tests;
