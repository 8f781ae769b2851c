//! Nothing that is not valid is ever written.

use saphyr::{LoadableYamlNode, Yaml};

use super::Language;

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
