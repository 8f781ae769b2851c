//! The canonical form: what it looks like, and that nothing is lost on the way to it.

use archwright::format::format;
use archwright::source::Sources;
use archwright::syntax::{Parsed, parse};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const SHOP: &str = include_str!("syntax/shop.arch");
const EVERYTHING: &str = include_str!("syntax/everything.arch");

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("test.arch", text);
    parse(&sources, id)
}

fn canonical(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("test.arch", text);
    format(&sources, id).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

/// The tree without its spans.
fn meaning(parsed: &Parsed) -> String {
    let tree = format!("{:?}", parsed.file);
    let mut meaning = String::with_capacity(tree.len());
    let mut rest = tree.as_str();
    while let Some(at) = rest.find("Span {") {
        meaning.push_str(&rest[..at]);
        let end = rest[at..].find('}').expect("a span ends") + at;
        rest = &rest[end + 1..];
    }
    meaning + rest
}

fn comments(text: &str, parsed: &Parsed) -> Vec<String> {
    let mut comments: Vec<String> = parsed
        .trivia
        .iter()
        .map(|comment| {
            let written = &text[comment.span.start as usize..comment.span.end as usize];
            written
                .lines()
                .map(str::trim_end)
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    comments.sort();
    comments
}

/// Both texts, from shortly before the place where they part.
fn difference(one: &str, other: &str) -> String {
    let same = one
        .chars()
        .zip(other.chars())
        .take_while(|(left, right)| left == right)
        .count();
    let part = |text: &str| {
        text.chars()
            .skip(same.saturating_sub(100))
            .take(300)
            .collect::<String>()
    };
    format!("<<<<\n{}\n====\n{}\n>>>>", part(one), part(other))
}

/// What holds for every file that reads.
fn keeps_everything(text: &str) {
    let before = read(text);
    assert!(!before.has_errors(), "{:#?}\n{text}", before.diagnostics);
    let once = canonical(text);
    let after = read(&once);
    let meanings = (meaning(&before), meaning(&after));
    assert!(
        meanings.0 == meanings.1,
        "the meaning changed: {}",
        difference(&meanings.0, &meanings.1)
    );
    assert_eq!(
        comments(text, &before),
        comments(&once, &after),
        "comments changed"
    );
    let twice = canonical(&once);
    assert!(
        once == twice,
        "not the same twice: {}",
        difference(&once, &twice)
    );
    assert!(
        once.lines().all(|line| line.trim_end() == line),
        "blanks at the end of a line:\n{once}"
    );
    assert!(
        !once.starts_with('\n'),
        "an empty line comes first:\n{once}"
    );
}

#[test]
fn whole_files_keep_everything() {
    keeps_everything(SHOP);
    keeps_everything(EVERYTHING);
    keeps_everything("");
    keeps_everything("\u{FEFF}// only a comment");
}

#[test]
fn a_canonical_file_stays_as_it_is() {
    for text in [
        "client web : browser\nservice front : gateway\n\nweb -> front : rest\n",
        "// a\n\n// b\n/* c */\n/// d\nservice a // e\n",
        "service a { replicas = 2, state = shared\n  api A {\n    query   find(id: uuid) -> T\n    command place(P) -> T { idempotent = key }\n  }\n}\n",
        "type A { id: uuid }\nenum B { c, d }\n",
        "enum B {\n  c\n  // why\n  d @tag(4)\n}\n",
        "a -> b : grpc {\n  timeout = 1s\n\n  find { retry = none }\n}\n",
        "@accept(A1, reason = \"x\")\nservice a\n",
        "api A {\n  /// One.\n  query   a -> T\n  // two\n  command b -> T\n\n  query c\n}\n",
    ] {
        assert_eq!(canonical(text), text);
    }
}

#[test]
fn lines_are_laid_out() {
    for (written, expected) in [
        ("service   a{replicas=2,}", "service a { replicas = 2 }\n"),
        (
            "service a {\nreplicas = 2,\nowner = \"x\" }",
            "service a {\n  replicas = 2\n  owner    = \"x\"\n}\n",
        ),
        (
            "roles { a ,b}\r\n\r\n\r\n\r\nroles{}",
            "roles { a, b }\n\nroles {}\n",
        ),
        (
            "web->front.Shop:rest\norders ->b : grpc with x ,y",
            "web    -> front.Shop : rest\norders -> b          : grpc with x, y\n",
        ),
        ("type T{a:map < string,[ int32 ? ] >? @min ( 1 )}", ""),
        (
            "type T{a:map<string,[int32 ?]> ? @length(1 ,2 , )}",
            "type T { a: map<string, [int32?]>? @length(1, 2) }\n",
        ),
        (
            "api A{when=not(a==b)and c in[1,2]}",
            "api A { when = not (a == b) and c in [1, 2] }\n",
        ),
        (
            "@accept(X) @accept(Y) service a",
            "@accept(X)\n@accept(Y)\nservice a\n",
        ),
        (
            "store a : redis\nstore longer : redis // c\n",
            "store a      : redis\nstore longer : redis // c\n",
        ),
    ] {
        if expected.is_empty() {
            assert!(read(written).has_errors(), "{written}");
        } else {
            assert_eq!(canonical(written), expected);
        }
    }
}

#[test]
fn long_lines_break_at_their_brackets() {
    let names: Vec<String> = (0..20).map(|at| format!("a_long_name_{at}")).collect();
    let list = canonical(&format!("calls = [{}]\n", names.join(", ")));
    assert_eq!(list.lines().count(), 22, "{list}");
    assert!(list.starts_with("calls = [\n  a_long_name_0,\n"), "{list}");
    assert!(list.ends_with("\n  a_long_name_19\n]\n"), "{list}");

    let parameters: Vec<String> = names.iter().map(|name| format!("{name}: string")).collect();
    let operation = canonical(&format!(
        "api A {{ query find({}) -> T {{ cache = 30s }} }}",
        parameters.join(", ")
    ));
    assert!(
        operation.contains("  query find(\n    a_long_name_0: string,\n"),
        "{operation}"
    );
    assert!(
        operation.contains("\n  ) -> T { cache = 30s }\n"),
        "{operation}"
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let text = "\
service a { // head
  // first
  replicas = 2 // two

  /* block
     of lines */
  owner = \"x\", /* about size */ size = 3
  // last
} // end
calls = [ // list
  // one
  a, // of a
  b /* of b */,
  // of nothing
]
a -> // why
  b
";
    let expected = "\
service a { // head
  // first
  replicas = 2 // two

  /* block
     of lines */
  owner = \"x\"
  /* about size */
  size  = 3
  // last
} // end
calls = [ // list
  // one
  a, // of a
  b /* of b */
  // of nothing
]
a -> // why
  b
";
    assert_eq!(canonical(text), expected);
    keeps_everything(text);
}

#[test]
fn what_does_not_read_is_refused() {
    let mut sources = Sources::default();
    let id = sources.add("test.arch", "service a\ntimeout = = 3\n");
    let errors = format(&sources, id).expect_err("it does not read");
    assert_eq!(errors.len(), 1);
}

/// A text with pieces put in between its words, wherever a blank stands.
fn with_pieces(base: &str, pieces: &[(Index, &str)]) -> String {
    let blanks: Vec<usize> = base.match_indices([' ', '\n']).map(|(at, _)| at).collect();
    let mut places: Vec<(usize, &str)> = pieces
        .iter()
        .map(|(index, piece)| (blanks[index.index(blanks.len())], *piece))
        .collect();
    places.sort();
    let mut text = String::new();
    let mut last = 0;
    for (at, piece) in places {
        text.push_str(&base[last..at]);
        text.push_str(piece);
        last = at;
    }
    text + &base[last..]
}

fn piece() -> impl Strategy<Value = &'static str> {
    select(vec![
        " /* c */ ",
        " // c\n",
        "\n// c\n",
        "\n/// doc\n",
        " /// odd\n",
        "\n\n\n",
        "\n",
        " /* two\n lines */ ",
        "\n/* c */ // d\n",
        "\t",
        "\r\n",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_and_blanks_anywhere_lose_nothing(
        everything in any::<bool>(),
        pieces in prop::collection::vec((any::<Index>(), piece()), 1..6),
    ) {
        let base = if everything { EVERYTHING } else { SHOP };
        let text = with_pieces(base, &pieces);
        // A line break between a keyword and its name, or within a text, is an error by itself.
        if !read(&text).has_errors() {
            keeps_everything(&text);
        }
    }
}
