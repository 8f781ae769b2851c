//! Nothing that is not valid is ever written.

use rustc_hash::FxHashSet;
use saphyr::{LoadableYamlNode, Yaml};

use super::Language;
use super::forms;

/// The language of a file, where it is one that is checked.
pub fn language(path: &str) -> Option<Language> {
    match path.rsplit_once('.')?.1 {
        "rs" => Some(Language::Rust),
        "toml" => Some(Language::Toml),
        _ => None,
    }
}

/// Parses `text`; the error says where it is not valid.
pub fn check(language: Language, text: &str) -> Result<(), String> {
    match language {
        Language::Rust => syn::parse_file(text).map(drop).map_err(|error| {
            let start = error.span().start();
            format!("line {}: {error}", start.line)
        }),
        Language::Toml => text
            .parse::<toml_edit::DocumentMut>()
            .map(drop)
            .map_err(|error| error.to_string()),
        Language::Yaml => Yaml::load_from_str(text)
            .map(drop)
            .map_err(|error| error.to_string()),
        Language::Proto | Language::Markdown => Ok(()),
    }
}

/// Checks many texts. The items of Rust that a template makes for one service and the next differ in names alone, so that
/// one of each form is parsed: it costs more than to make them.
#[derive(Debug, Default)]
pub struct Checker {
    /// The forms of items that are valid.
    forms: FxHashSet<Vec<u8>>,
}

impl Checker {
    /// The same as [`check`].
    pub fn check(&mut self, language: Language, text: &str) -> Result<(), String> {
        if language != Language::Rust || !forms::has_form(text) {
            return check(language, text);
        }
        for item in forms::items(text) {
            if self.forms.contains(&item.form) {
                continue;
            }
            if check(language, &item.text).is_err() {
                // Of the whole, for the line.
                return check(language, text);
            }
            self.forms.insert(item.form);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_valid_is_found_beside_what_is() {
        let mut checker = Checker::default();
        let mut check = |text: &str| checker.check(Language::Rust, text);
        let valid = "//! A.\n\nuse a::b;\n\n#[derive(C)]\n\nfn f(a: u8) {\n    g([1, 2])\n}\n";
        assert_eq!(check(valid), Ok(()));
        assert_eq!(check(&valid.replace("a", "x")), Ok(()));
        for (from, to) in [
            ("a: u8", "fn: u8"),
            ("1, 2", "1 2"),
            ("])", ")]"),
            ("use a", "use 1"),
        ] {
            let error = check(&valid.replace(from, to)).unwrap_err();
            assert!(error.starts_with("line "), "{error}");
        }
        assert!(check("fn f() {}\n\n//! Late.\n").is_err());
    }
}
