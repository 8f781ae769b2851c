//! Differences, as a reader of patches expects them.

use std::time::Duration;

use similar::TextDiff;

/// The longest that one file's difference is searched; after that a coarser one is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// A unified diff with three lines of context; empty when nothing differs. `None` stands for no file.
#[must_use]
pub fn unified(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let text = |bytes: Option<&[u8]>| bytes.map(|it| String::from_utf8_lossy(it).into_owned());
    let (old, new) = (text(before), text(after));
    let name = |prefix: &str, side: &Option<String>| match side {
        Some(_) => format!("{prefix}/{path}"),
        None => "/dev/null".to_owned(),
    };
    TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(
            old.as_deref().unwrap_or_default(),
            new.as_deref().unwrap_or_default(),
        )
        .unified_diff()
        .header(&name("a", &old), &name("b", &new))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn differences_read_like_patches() {
        let text = unified("x", Some(b"a\nb\nc\n"), Some(b"a\nB\nc\n"));
        assert_eq!(text, "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        assert_eq!(unified("x", Some(b"a\n"), Some(b"a\n")), "");
        assert!(unified("x", None, Some(b"a\n")).starts_with("--- /dev/null\n+++ b/x\n"));
    }
}
