//! The parts of an OpenAPI document that are the same in all of them, read from `templates/openapi/components.json`.

use std::sync::LazyLock;

use serde_json::Value;

static COMPONENTS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../templates/openapi/components.json"))
        .unwrap_or_default()
});

/// A part by its section and name; null when there is none.
#[must_use]
pub fn part(section: &str, name: &str) -> Value {
    COMPONENTS[section][name].clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        for (section, name) in [
            ("schemas", "Problem-Details"),
            ("texts", "email"),
            ("problems", "429"),
            ("headers", "Retry-After"),
        ] {
            assert!(part(section, name).is_object(), "{section} {name}");
        }
    }

    #[test]
    fn its_patterns_are_regular_expressions() {
        for (section, name) in [
            ("schemas", "decimal"),
            ("schemas", "timestamp"),
            ("schemas", "duration"),
            ("texts", "email"),
            ("texts", "url"),
        ] {
            let part = part(section, name);
            let pattern = part["pattern"].as_str().unwrap_or_default();
            assert!(
                regex::Regex::new(pattern).is_ok()
                    && pattern.starts_with('^')
                    && pattern.ends_with('$'),
                "{name}: {pattern}"
            );
        }
    }
}
