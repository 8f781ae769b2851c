//! Checks of messages, all of whose failures are told at once.

use std::cmp::Ordering;
use std::fmt::Display;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::problem::{FieldError, Problem};

/// A message that can tell what is wrong with it.
pub trait Validate {
    /// Tells `fields` each failure, with the path of the field it is about.
    fn validate(&self, fields: &mut Fields);

    /// The value of the field by which repetitions are known, of a message whose JSON has no fields.
    fn key(&self, _field: &str) -> Option<Value> {
        None
    }

    /// The message, or the problem that lists every failure.
    fn valid(self) -> Result<Self, Problem>
    where
        Self: Sized,
    {
        let mut fields = Fields::default();
        self.validate(&mut fields);
        fields.into_result().map(|()| self)
    }
}

impl Validate for () {
    fn validate(&self, _: &mut Fields) {}
}

/// Collects failures and knows where in the message it is.
#[derive(Debug, Default)]
pub struct Fields {
    path: String,
    /// Whether the keys of maps are left out of paths here.
    hides: bool,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Runs `check` at the field `name` of the present place.
    pub fn field(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(before);
    }

    /// The same of a field whose value is sensitive: keys of maps in it are told as `*`.
    pub fn hidden(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.hides, true);
        self.field(name, check);
        self.hides = before;
    }

    /// Runs `check` for each of `items`, at its place in the present list.
    pub fn each<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        mut check: impl FnMut(&mut Self, &'a T),
    ) {
        for (index, item) in items.into_iter().enumerate() {
            self.at(&index, |fields| check(fields, item));
        }
    }

    /// Runs `check` for each value of `entries`, at its key in the present map.
    pub fn each_value<'a, K: Display + 'a, T: 'a>(
        &mut self,
        entries: impl IntoIterator<Item = (&'a K, &'a T)>,
        mut check: impl FnMut(&mut Self, &'a T),
    ) {
        for (key, value) in entries {
            let place: &dyn Display = if self.hides { &"*" } else { key };
            self.at(place, |fields| check(fields, value));
        }
    }

    fn at(&mut self, place: &dyn Display, check: impl FnOnce(&mut Self)) {
        use std::fmt::Write as _;
        let before = self.path.len();
        // Writing to a string cannot fail.
        let _ = write!(self.path, "[{place}]");
        check(self);
        self.path.truncate(before);
    }

    /// Tells a failure at the present place.
    pub fn fail(&mut self, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: self.path.clone(),
            message: message.into(),
        });
    }

    /// The value is at least `min`.
    pub fn min<T: PartialOrd + Display>(&mut self, value: &T, min: T) {
        if !matches!(
            value.partial_cmp(&min),
            Some(Ordering::Greater | Ordering::Equal)
        ) {
            self.fail(format!("must be at least {min}"));
        }
    }

    /// The value is at most `max`.
    pub fn max<T: PartialOrd + Display>(&mut self, value: &T, max: T) {
        if !matches!(
            value.partial_cmp(&max),
            Some(Ordering::Less | Ordering::Equal)
        ) {
            self.fail(format!("must be at most {max}"));
        }
    }

    /// A text has from `min` to `max` characters (Unicode scalar values).
    pub fn length(&mut self, text: &str, min: usize, max: Option<usize>) {
        // Bytes bound characters from above, and a quarter of them from below: most texts need no counting.
        let within = text.len() / 4 >= min && max.is_none_or(|max| text.len() <= max);
        if !within {
            self.count(text.chars().count(), min, max, "characters");
        }
    }

    /// A list or map has from `min` to `max` items, bytes from `min` to `max` bytes.
    pub fn size(&mut self, items: usize, min: usize, max: Option<usize>) {
        self.count(items, min, max, "items");
    }

    fn count(&mut self, count: usize, min: usize, max: Option<usize>, what: &str) {
        match max {
            Some(max) if count < min || count > max => {
                self.fail(format!("must have {min} to {max} {what}"))
            }
            None if count < min => self.fail(format!("must have at least {min} {what}")),
            _ => {}
        }
    }

    /// A text matches `pattern` as a whole or in part, as the pattern's anchors say.
    pub fn pattern(&mut self, text: &str, pattern: &Pattern) {
        if !pattern.matches(text) {
            self.fail(format!("must match {}", pattern.source));
        }
    }

    /// A text is an e-mail address: words of ASCII before one `@`, a host name of two parts or more after it.
    pub fn email(&mut self, text: &str) {
        if !is_email(text) {
            self.fail("must be an e-mail address");
        }
    }

    /// A text is an absolute URL over HTTP or HTTPS, written as RFC 3986 has it.
    pub fn url(&mut self, text: &str) {
        if !matches(&URL, text) {
            self.fail("must be an absolute URL");
        }
    }

    /// Nothing, or the problem that lists every failure told.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(self.errors))
        }
    }
}

/// A regular expression that is compiled at its first use.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    regex: LazyLock<Option<Regex>, Box<dyn FnOnce() -> Option<Regex> + Send>>,
}

impl Pattern {
    /// A pattern in the syntax of the `regex` crate.
    pub fn new(source: &'static str) -> Self {
        Self {
            source,
            regex: LazyLock::new(Box::new(move || Regex::new(source).ok())),
        }
    }

    /// An expression that does not compile matches nothing.
    fn matches(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }
}

// The OpenAPI files hold the same expressions, so that what they let in is what is let in.

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(concat!(
        r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*",
        r"@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$",
    ))
});

static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(concat!(
        r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?",
        r"(/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?",
        r"(\?([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
        r"(#([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$",
    ))
});

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|it| it.is_match(text))
}

fn is_email(text: &str) -> bool {
    let local = text.find('@').unwrap_or_default();
    local <= 64 && text.len() <= 254 && matches(&EMAIL, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item {
        sku: &'static str,
        quantity: i32,
    }

    impl Validate for Item {
        fn validate(&self, fields: &mut Fields) {
            fields.field("sku", |f| f.length(self.sku, 1, Some(4)));
            fields.field("quantity", |f| {
                f.min(&self.quantity, 1);
                f.max(&self.quantity, 100);
            });
        }
    }

    #[test]
    fn every_failure_is_told_with_its_path() {
        let items = [
            Item {
                sku: "a",
                quantity: 1,
            },
            Item {
                sku: "",
                quantity: 101,
            },
        ];
        let mut fields = Fields::default();
        fields.field("items", |f| f.each(&items, |f, item| item.validate(f)));
        let problem = fields.into_result().unwrap_err();
        let told: Vec<_> = problem
            .errors
            .iter()
            .map(|e| (e.field.as_str(), e.message.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("items[1].sku", "must have 1 to 4 characters"),
                ("items[1].quantity", "must be at most 100")
            ]
        );
    }

    #[test]
    fn keys_in_sensitive_values_are_not_told() {
        let pins = std::collections::BTreeMap::from([("1234", vec![10])]);
        let each = |fields: &mut Fields, pins: &std::collections::BTreeMap<_, Vec<i32>>| {
            fields.each_value(pins, |fields, of_one| {
                fields.each(of_one, |fields, it| fields.max(it, 9));
            });
        };
        let mut fields = Fields::default();
        fields.hidden("pins", |fields| {
            fields.field("all", |fields| each(fields, &pins));
        });
        fields.field("open", |fields| each(fields, &pins));
        let told: Vec<_> = fields.errors.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(told, ["pins.all[*][0]", "open[1234][0]"]);
    }

    #[test]
    fn length_counts_characters() {
        let told = |text: &str, min, max| {
            let mut fields = Fields::default();
            fields.length(text, min, max);
            fields.errors.len()
        };
        assert_eq!(told("äöü", 3, Some(3)), 0);
        assert_eq!(told("äöü", 4, None), 1);
        assert_eq!(told("äöüß", 0, Some(3)), 1);
        assert_eq!(told("", 0, Some(0)), 0);
    }

    #[test]
    fn addresses() {
        for good in ["a@b.c", "first.last+tag@example.com", "o'neil@a-b.example"] {
            assert!(is_email(good), "{good}");
        }
        let long = [
            format!("{}@b.c", "a".repeat(65)),
            format!("a@{}.c", "b".repeat(64)),
            format!("a@{}c", "b.".repeat(130)),
        ];
        let bad = [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b",
            "a b@c.d",
            "a@b..c",
            "a@-b.c",
            "a@b@c.d",
            "a..b@c.d",
            "\u{e4}@b.c",
        ];
        for bad in bad.into_iter().chain(long.iter().map(String::as_str)) {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn urls() {
        for good in [
            "http://a",
            "https://a.example:8443/b/c?d=e%20f#g",
            "https://a?b",
        ] {
            assert!(matches(&URL, good), "{good}");
        }
        for bad in [
            "",
            "a",
            "/a",
            "mailto:a@b.c",
            "https://",
            "https://a b",
            "https://a/b c",
            "https://a/%zz",
            "https://a/[b]",
            "https://\u{e4}",
        ] {
            assert!(!matches(&URL, bad), "{bad}");
        }
    }

    #[test]
    fn patterns_search() {
        static SKU: LazyLock<Pattern> = LazyLock::new(|| Pattern::new("^[A-Z]{3}-[0-9]+$"));
        let mut fields = Fields::default();
        fields.pattern("ABC-12", &SKU);
        assert!(fields.errors.is_empty());
        fields.pattern("abc", &SKU);
        assert_eq!(fields.errors.len(), 1);
    }
}
