//! A rule's documentation, read from the `//!` lines of its own file.

/// The sections of a rule's documentation, in the order in which every rule has them.
pub const SECTIONS: [&str; 6] = [
    "What it does",
    "Why it is bad",
    "Bad",
    "Good",
    "How to fix",
    "Known limits",
];

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documentation {
    /// `TMO002 timeout-inversion`: its title.
    pub title: String,
    /// What it does. The first sentence stands for the rule in lists.
    pub what: String,
    /// Why it is bad, with the sources.
    pub why: String,
    /// A drawing that raises this rule and no other.
    pub bad: String,
    /// The same, made right.
    pub good: String,
    /// How to fix it.
    pub fix: String,
    /// What it does not see.
    pub limits: String,
}

impl Documentation {
    /// Reads the documentation in a rule's file. Sections that are missing are empty.
    pub(super) fn of(source: &str) -> Self {
        let text = text(source);
        let section = |at: usize| {
            let heading = format!("\n## {}\n", SECTIONS[at]);
            let body = text.split_once(&heading).map_or("", |(_, after)| after);
            body.split("\n## ").next().unwrap_or("").trim().to_owned()
        };
        let code = |at: usize| {
            let section = section(at);
            let body = section
                .split_once("```arch\n")
                .map_or("", |(_, after)| after);
            body.split("```").next().unwrap_or("").to_owned()
        };
        let title = text.lines().next().unwrap_or("");
        Self {
            title: title.trim_start_matches("# ").to_owned(),
            what: section(0),
            why: section(1),
            bad: code(2),
            good: code(3),
            fix: section(4),
            limits: section(5),
        }
    }

    /// The first sentence of what it does.
    #[must_use]
    pub fn summary(&self) -> String {
        let paragraph = self.what.split("\n\n").next().unwrap_or("");
        let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.split_once(". ") {
            Some((first, _)) => format!("{first}."),
            None => line,
        }
    }
}

/// The `//!` lines at the head of a file, without the slashes.
pub(super) fn text(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_their_headings() {
        let source = "//! # TMO000 example\n//!\n//! ## What it does\n//! Looks. Then\n//! judges.\n//!\n\
                      //! ## Bad\n//! ```arch\n//! zone a {\n//!   service b\n//! }\n//! ```\n\nuse x;\n//! none\n";
        let documentation = Documentation::of(source);
        assert_eq!(documentation.title, "TMO000 example");
        assert_eq!(documentation.what, "Looks. Then\njudges.");
        assert_eq!(documentation.summary(), "Looks.");
        assert_eq!(documentation.bad, "zone a {\n  service b\n}\n");
        assert_eq!(documentation.good, "");
        assert!(!text(source).contains("none"));
    }
}
