//! What is said about texts that are no drawings, and that no text makes the parser fail.

use archwright::diagnostic::Diagnostic;
use archwright::source::{Sources, Span};
use archwright::syntax::{MAX_DEPTH, Parsed, parse};
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("test.arch", text);
    parse(&sources, id)
}

/// The only thing said about a text.
fn only(text: &str) -> Diagnostic {
    let parsed = read(text);
    let [found] = <[Diagnostic; 1]>::try_from(parsed.diagnostics)
        .unwrap_or_else(|all| panic!("{text}: {all:#?}"));
    found
}

fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn mistakes_are_explained() {
    for (text, place, message, help) in [
        (
            "serivce orders { replicas = 2 }",
            "serivce",
            "there is no kind `serivce`",
            "did you mean `service`?",
        ),
        (
            "service",
            "service",
            "expected a name, the line ends",
            "write `service orders : worker { ... }`",
        ),
        (
            "service { a = 1 }",
            "service",
            "`service` needs a name",
            "write `service some_name { ... }`",
        ),
        (
            "store orders-db : postgres",
            "orders-db",
            "names take no hyphens",
            "write `orders_db`",
        ),
        (
            "orders-db -> b",
            "orders-db",
            "names take no hyphens",
            "write `orders_db`",
        ),
        (
            "a = = 3",
            "=",
            "an attribute is set with one `=`",
            "write `name = value`; only `when` compares, with `==`",
        ),
        (
            "timeout: 300ms",
            ":",
            "a value is given with `=`",
            "write `timeout = 300ms`; the colon says what something is",
        ),
        (
            "timeout 300ms",
            "300ms",
            "nothing stands between `timeout` and `300ms`",
            "write `timeout = 300ms`",
        ),
        (
            "timeout = 5 s",
            "s",
            "a unit follows its number at once",
            "write `5s`",
        ),
        (
            "a = 1;",
            ";",
            "nothing ends with a semicolon",
            "attributes stand one a line, or with commas on one line",
        ),
        (
            "a = 'x'",
            "'",
            "a text stands in double quotes",
            "write `\"...\"`",
        ),
        (
            "# a comment",
            "#",
            "`#` starts nothing",
            "a comment starts with `//`",
        ),
        (
            "a => b",
            "=>",
            "arrows are written `->`",
            "write `from -> to`; the arrow follows the request",
        ),
        (
            "a --> b",
            "-->",
            "arrows are written `->`",
            "write `from -> to`; the arrow follows the request",
        ),
        (
            "when = a && b",
            "&&",
            "expressions are written in words",
            "write `and`, `or`, `not`",
        ),
        (
            "when = a = b",
            "=",
            "a comparison is written `==`",
            "write `when = caller.region == region`",
        ),
        (
            "allow = a or b",
            "or",
            "only `when` takes an expression",
            "several values stand in a list: `allow = [customer, clerk]`",
        ),
        (
            "a = b == c",
            "==",
            "only `when` takes an expression",
            "write `when = caller.region == region`",
        ),
        (
            "retry = exponential (3)",
            "(",
            "a call's parenthesis follows its name at once",
            "remove the blank before `(`",
        ),
        (
            "@sensitive\nid: uuid",
            "@",
            "a mark follows what it marks",
            "write it after the type, on the same line: `email: string @sensitive`; only `@accept` stands before",
        ),
        (
            "query find(id uuid)",
            "uuid",
            "expected `:` or `)`, found `uuid`",
            "write `query find(id: uuid) -> Order { timeout = 2s }`",
        ),
        (
            "import common",
            "common",
            "expected a text, found `common`",
            "write `import \"common.arch\"`",
        ),
        (
            "defaults grpc timeout = 1s",
            "timeout",
            "expected `{`, found `timeout`",
            "write `defaults grpc { timeout = 1s }`",
        ),
        (
            "type Order",
            "Order",
            "expected `{`, the line ends",
            "write `type Order { id: uuid, total: decimal }`",
        ),
        (
            "a = 10KB",
            "10KB",
            "`KB` is no unit",
            "sizes are in powers of 1024: write `10KiB`",
        ),
        ("a = 5sec", "5sec", "`sec` is no unit", "write `5s`"),
        (
            "a = 1_000",
            "1_000",
            "`_000` is no unit",
            "write the digits without `_`: `1000`",
        ),
        (
            "a = 1 b = 2",
            "b",
            "two items on one line need a comma between them",
            "write a comma before it, or start a new line",
        ),
        (
            "a = 1,, b = 2",
            ",",
            "a comma with nothing before it",
            "remove it",
        ),
        (
            "enum A { b = 1 }",
            "=",
            "`=` cannot stand among names",
            "names stand alone here; the number of an enum value is written `pending @tag(1)`",
        ),
        (
            "roles { a.b }",
            ".",
            "`.` cannot stand among names",
            "write names with commas between them: `{ pending, paid }`",
        ),
        (
            "a.b = 3",
            "a.b",
            "an attribute has one name, without dots",
            "write `b`",
        ),
        (
            "straße = 3",
            "straße",
            "`straße` is no name",
            "names are made of the letters a to z and A to Z, digits and `_`",
        ),
        (
            "a = 1..5",
            "1..5",
            "a range is no value of an attribute",
            "ranges stand in marks: `@length(1..64)`",
        ),
        (
            "lint x { A = off }",
            "x",
            "this block has no name",
            "remove the name",
        ),
        (
            "id: uuid\n@tag(1)",
            "@tag(1)",
            "`@tag` stands on a line of its own",
            "a mark follows what it marks, on the same line; only `@accept` stands before",
        ),
    ] {
        let found = only(text);
        assert_eq!(found.message, message, "{text}");
        assert_eq!(under(text, found.primary.span), place, "{text}");
        assert_eq!(found.help, [help], "{text}");
    }
}

#[test]
fn brackets_and_texts_that_do_not_end_are_found() {
    for (text, code, message, start) in [
        (
            "service a {\n  b = 1\n\nservice c",
            "ARC002",
            "`{` is never closed",
            10,
        ),
        (
            "service a { b = [1, 2 }",
            "ARC002",
            "`[` is closed by `}`",
            16,
        ),
        ("service a }", "ARC002", "`}` closes nothing", 10),
        ("a = f(1))", "ARC002", "`)` closes nothing", 8),
        ("a = \"x\nb = 2", "ARC002", "this text never ends", 4),
        ("a = 1 /* b", "ARC002", "this comment never ends", 6),
        (
            "a = 1\0",
            "ARC006",
            "a NUL byte: this is not a text file",
            5,
        ),
    ] {
        let found = only(text);
        assert_eq!(
            (found.code, found.message.as_str(), found.primary.span.start),
            (code, message, start),
            "{text}"
        );
    }
    let unclosed = only("zone a {\n  service b {\n    c = 1\n  service d\n}\n");
    assert_eq!(
        (unclosed.primary.span.start, unclosed.labels[0].span.start),
        (21, 45),
        "the block that seems to be torn, and where it seems to end"
    );
}

#[test]
fn one_run_tells_of_every_mistake() {
    let text = "\
serivce a
service b {
  x = = 1
  api C {
    query d(e f)
    quary g()
    query ok(id: uuid)
  }
  y = 'z'
  good = 1
}
h --> i
type J { k l, m: string, n o }
enum P { q, r = 1, s }
t = \"u
v = 1
";
    let parsed = read(text);
    let lines: Vec<usize> = parsed
        .diagnostics
        .iter()
        .map(|found| {
            text[..found.primary.span.start as usize]
                .matches('\n')
                .count()
                + 1
        })
        .collect();
    assert_eq!(
        lines,
        [1, 3, 5, 6, 9, 12, 13, 13, 14, 15],
        "{:#?}",
        parsed.diagnostics
    );
    let read_well = parsed.file.items.len();
    assert_eq!(
        read_well, 4,
        "service, type, enum and the last line: {:#?}",
        parsed.file.items
    );
}

#[test]
fn too_many_errors_are_cut() {
    let parsed = read(&"a = = 1\n".repeat(10_000));
    assert_eq!(parsed.diagnostics.len(), 50);
    assert_eq!(
        parsed.diagnostics[49].notes,
        ["there are more errors after this one"]
    );
}

#[test]
fn depth_is_bounded() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for (before, open, inner, close, after) in [
        ("", "zone a {", "", "}", ""),
        ("a = ", "[", "1", "]", ""),
        ("a = ", "f(", "1", ")", ""),
        ("when = ", "(", "a", ")", ""),
        ("a: ", "[", "T", "]", ""),
        ("a: ", "map<string,", "T", ">", ""),
        ("a: ", "map<string,[", "T", "]>", ""),
        ("query a(b: ", "[map<string,", "T", ">]", ")"),
    ] {
        let levels = open.matches(['{', '[', '(', '<']).count();
        let room = MAX_DEPTH - before.matches('(').count();
        let deepest = format!(
            "{before}{}{after}",
            nested(open, inner, close, room / levels)
        );
        assert_eq!(read(&deepest).diagnostics, [], "{deepest}");
        for depth in [room / levels + 1, 100_000] {
            let deeper = format!("{before}{}{after}", nested(open, inner, close, depth));
            assert_eq!(only(&deeper).code, "ARC003", "{open} {depth}");
        }
    }
    // What nests without brackets is counted too.
    for text in ["not ".repeat(100_000) + "a", "a and ".repeat(100_000) + "a"] {
        assert_eq!(only(&format!("when = {text}")).code, "ARC003");
    }
    let chain = "a -> ".repeat(100_000) + "a";
    assert_eq!(read(&chain).diagnostics, []);
    assert_eq!(only(&format!("a: T{}", "?".repeat(100_000))).code, "ARC001");
}

#[test]
fn size_is_bounded() {
    let large = "// a\n".repeat(16 * 1024 * 1024 / 5 + 1);
    assert_eq!(only(&large).code, "ARC004");
}

#[test]
fn unusual_texts_read() {
    for (text, items) in [
        ("", 0),
        ("\u{FEFF}", 0),
        ("\u{FEFF}service a", 1),
        ("service a\r\nservice b\r\n", 2),
        ("\n\n\t// x", 0),
        ("service a{}service_b = 1", 2),
    ] {
        let parsed = read(text);
        assert_eq!(parsed.file.items.len(), items, "{text:?}");
    }
}

const SHOP: &str = include_str!("syntax/shop.arch");
const EVERYTHING: &str = include_str!("syntax/everything.arch");

/// Pieces that mean something to the parser.
fn piece() -> impl Strategy<Value = String> {
    let words = select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "map<",
        "->",
        ":",
        "=",
        "==",
        ",",
        "?",
        "@",
        "@accept",
        "@accept(",
        "\"",
        "\\",
        "//",
        "///",
        "/*",
        "*/",
        "\n",
        "\r\n",
        " ",
        "\t",
        "\0",
        "\u{FEFF}",
        "é",
        "日本",
        "service",
        "api ",
        "query ",
        "type ",
        "enum ",
        "roles ",
        "when ",
        "when = ",
        "not ",
        "and ",
        " in ",
        "via ",
        "with ",
        "stream ",
        "defaults ",
        "import ",
        "v2",
        "..",
        ".",
        "-",
        "1",
        "9999999999999999999999",
        "%",
        "/s",
        "ms",
        "a",
        "_",
        "'",
        ";",
        "#",
    ]);
    prop_oneof![4 => words.prop_map(str::to_owned), 1 => any::<String>()]
}

/// Cuts, doubles and adds pieces.
fn mutated(base: &str, changes: Vec<(Index, Index, u8, String)>) -> String {
    let mut text: Vec<char> = base.chars().collect();
    for (from, length, what, piece) in changes {
        let at = from.index(text.len() + 1);
        let end = (at + length.index(40)).min(text.len());
        match what % 3 {
            0 => drop(text.drain(at..end)),
            1 => {
                let double: Vec<char> = text[at..end].to_vec();
                drop(text.splice(at..at, double));
            }
            _ => drop(text.splice(at..at, piece.chars())),
        }
    }
    text.into_iter().collect()
}

/// What holds for every text.
fn is_sound(text: &str) {
    let parsed = read(text);
    for found in &parsed.diagnostics {
        for span in [found.primary.span]
            .into_iter()
            .chain(found.labels.iter().map(|label| label.span))
        {
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{span:?} {found:?}"
            );
        }
    }
    for item in &parsed.file.items {
        assert!(!under(text, item.span).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        is_sound(&text);
    }

    #[test]
    fn any_row_of_pieces_is_answered(pieces in prop::collection::vec(piece(), 0..40)) {
        is_sound(&pieces.concat());
    }

    #[test]
    fn any_damaged_drawing_is_answered(
        everything in any::<bool>(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), any::<u8>(), piece()), 1..8),
    ) {
        is_sound(&mutated(if everything { EVERYTHING } else { SHOP }, changes));
    }
}
