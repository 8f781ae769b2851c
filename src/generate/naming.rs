//! Names of the drawing as names of Rust, protobuf, Cargo and paths. The only place that knows what may not be a name.
//!
//! Names come from the resolver as `lower_snake` or `UpperCamel` words; whatever else arrives here is made one.

use std::collections::HashSet;

use heck::{ToKebabCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Keywords of Rust, edition 2024, reserved ones included.
const RUST_KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Keywords that not even `r#` makes a name.
const RUST_PATH_KEYWORDS: &[&str] = &["self", "super", "crate", "Self", "_"];

/// Names that generated code uses unqualified where a drawing's own types and traits are in scope.
const RUST_SCOPE: &[&str] = &[
    "App",
    "Arc",
    "AsRef",
    "Box",
    "Clients",
    "Clone",
    "Context",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Problem",
    "Result",
    "Self",
    "Send",
    "Service",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Letters, digits and underscores, not starting with a digit.
fn word(name: &str) -> String {
    let mut word: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        word.insert(0, '_');
    }
    word
}

/// A snake-case name with something in it.
fn snake(name: &str) -> String {
    if is_plain_snake(name) {
        return name.to_owned();
    }
    let snake = word(name).to_snake_case();
    if snake.is_empty() || snake.starts_with(|c: char| c.is_ascii_digit()) {
        format!("x{snake}")
    } else {
        snake
    }
}

/// Whether a name is lower-case words with one underscore between them, as nearly all are: its own snake case.
fn is_plain_snake(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

/// An upper-camel name with something in it.
fn camel(name: &str) -> String {
    if is_plain_snake(name) {
        return capitalised(name);
    }
    let camel = word(name).to_upper_camel_case();
    if camel.is_empty() || camel.starts_with(|c: char| c.is_ascii_digit()) {
        format!("X{camel}")
    } else {
        camel
    }
}

/// The words of a plain snake-case name, each with a capital at its front.
fn capitalised(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for word in name.split('_') {
        let at = camel.len();
        camel.push_str(word);
        if let Some(first) = camel.get_mut(at..=at) {
            first.make_ascii_uppercase();
        }
    }
    camel
}

/// `name`, escaped if it is a keyword of Rust.
fn escaped(name: String) -> String {
    if RUST_PATH_KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else if RUST_KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

/// Names given out in one scope: a name that is taken gets a number.
#[derive(Clone, Debug, Default)]
pub struct Scope(HashSet<String>);

impl Scope {
    /// A scope in which these names are taken.
    pub fn with<'a>(taken: impl IntoIterator<Item = &'a str>) -> Self {
        Self(taken.into_iter().map(ToOwned::to_owned).collect())
    }

    /// `wanted`, or the first of `wanted_2`, `wanted_3`, ... that is free (`Wanted2` for types and variants).
    pub fn claim(&mut self, wanted: String) -> String {
        let bare = wanted.strip_suffix('_').unwrap_or(&wanted).to_owned();
        let line = if bare.starts_with(|c: char| c.is_ascii_uppercase()) {
            ""
        } else {
            "_"
        };
        let mut name = wanted;
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{bare}{line}{number}");
            number += 1;
        }
        name
    }
}

/// Names in Rust code.
pub mod rust {
    use super::{RUST_SCOPE, camel, escaped, snake};

    /// A field, parameter, function or module.
    pub fn value(name: &str) -> String {
        escaped(snake(name))
    }

    /// A type, trait or variant, as written where that is a Rust name already.
    pub fn ty(name: &str) -> String {
        let word = super::word(name);
        let word = if word.starts_with(|c: char| c.is_ascii_uppercase()) && !word.contains('_') {
            word
        } else {
            camel(name)
        };
        if RUST_SCOPE.contains(&word.as_str()) {
            format!("{word}_")
        } else {
            word
        }
    }

    /// A variant of an enumeration.
    pub fn variant(name: &str) -> String {
        escaped(camel(name))
    }

    /// A type named after something, with what it is: `find` and `Context` give `FindContext`.
    pub fn named(name: &str, what: &str) -> String {
        format!("{}{what}", camel(name))
    }

    /// A constant.
    pub fn constant(name: &str) -> String {
        snake(name).to_uppercase()
    }

    /// The crate of a package.
    pub fn krate(package: &str) -> String {
        package.replace('-', "_")
    }

    /// A module that prost makes of one part of a protobuf package.
    pub fn prost_module(part: &str) -> String {
        escaped(snake(part))
    }

    /// A type that prost makes of a message.
    pub fn prost_type(message: &str) -> String {
        escaped(camel(message))
    }

    /// A field that prost makes of a message's field.
    pub fn prost_field(field: &str) -> String {
        escaped(snake(field))
    }
}

/// Names in protobuf files.
pub mod proto {
    use super::{ToShoutySnakeCase, snake, word};

    /// A message, service, method or enumeration.
    pub fn ty(name: &str) -> String {
        word(name)
    }

    /// A method of a service.
    pub fn method(name: &str) -> String {
        super::camel(name)
    }

    /// A field.
    pub fn field(name: &str) -> String {
        word(name)
    }

    /// A value of an enumeration; these share the scope of their enumeration, so its name stands before.
    pub fn value(enumeration: &str, value: &str) -> String {
        format!(
            "{}_{}",
            enumeration.to_shouty_snake_case(),
            word(value).to_shouty_snake_case()
        )
    }

    /// A part of a package's name.
    pub fn package(name: &str) -> String {
        snake(name)
    }
}

/// Names of packages, folders and files.
pub mod paths {
    use super::{ToKebabCase, snake};

    /// Folders beside `services/` whose packages take `<system>-<folder>`.
    const TAKEN: &[&str] = &["contracts", "platform", "dev", "proofs"];

    /// A package that every workspace has.
    pub fn package(system: &str, part: &str) -> String {
        format!("{}-{part}", snake(system).to_kebab_case())
    }

    /// A service's package.
    pub fn service_package(system: &str, service: &str) -> String {
        let service = snake(service).to_kebab_case();
        let suffix = if TAKEN.contains(&service.as_str()) {
            "-service"
        } else {
            ""
        };
        format!("{}-{service}{suffix}", snake(system).to_kebab_case())
    }

    /// A folder or the stem of a file.
    pub fn stem(name: &str) -> String {
        snake(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_become_names() {
        assert_eq!(rust::value("type"), "r#type");
        assert_eq!(rust::value("gen"), "r#gen");
        assert_eq!(rust::value("self"), "self_");
        assert_eq!(rust::value("crate"), "crate_");
        assert_eq!(rust::value("order_id"), "order_id");
        assert_eq!(rust::variant("self"), "Self_");
        assert_eq!(rust::named("self", "Context"), "SelfContext");
    }

    #[test]
    fn types_stay_as_written_unless_they_shadow() {
        assert_eq!(rust::ty("SKU"), "SKU");
        assert_eq!(rust::ty("Order"), "Order");
        assert_eq!(rust::ty("Option"), "Option_");
        assert_eq!(rust::ty("Context"), "Context_");
        assert_eq!(rust::prost_type("SKU"), "Sku");
    }

    #[test]
    fn plain_names_are_taken_apart_as_all_others_are() {
        for name in ["find", "order_id", "s10_find", "a_1b", "x2_3", "a"] {
            assert!(is_plain_snake(name));
            assert_eq!(capitalised(name), name.to_upper_camel_case());
        }
    }

    #[test]
    fn every_result_is_an_identifier() {
        for name in [
            "", "_", "9lives", "a b", "a\"b", "}", "ä", "a\n", "Self", "${{x}}", "__",
        ] {
            for made in [
                rust::value(name),
                rust::ty(name),
                rust::variant(name),
                rust::prost_field(name),
            ] {
                assert!(
                    syn::parse_str::<syn::Ident>(&made).is_ok(),
                    "{name:?}: {made:?}"
                );
            }
        }
    }

    #[test]
    fn all_keywords_are_escaped() {
        for keyword in RUST_KEYWORDS {
            assert!(syn::parse_str::<syn::Ident>(&rust::value(keyword)).is_ok());
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut scope = Scope::with(["Taken"]);
        assert_eq!(scope.claim("a".to_owned()), "a");
        assert_eq!(scope.claim("a".to_owned()), "a_2");
        assert_eq!(scope.claim("a".to_owned()), "a_3");
        assert_eq!(scope.claim("Taken".to_owned()), "Taken2");
    }

    #[test]
    fn protobuf_values_carry_their_enumeration() {
        assert_eq!(
            proto::value("OrderStatus", "in_transit"),
            "ORDER_STATUS_IN_TRANSIT"
        );
        assert_eq!(proto::method("by_ids"), "ByIds");
    }

    #[test]
    fn packages_never_collide_with_ours() {
        assert_eq!(paths::service_package("shop", "orders"), "shop-orders");
        assert_eq!(paths::service_package("my_shop", "core"), "my-shop-core");
        assert_eq!(
            paths::service_package("shop", "platform"),
            "shop-platform-service"
        );
        assert_eq!(paths::package("shop", "platform"), "shop-platform");
    }
}
