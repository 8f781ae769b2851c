//! The grammar and the tree builder, construct by construct.

use archwright::source::{Sources, Span};
use archwright::syntax::ast::*;
use archwright::syntax::{CommentKind, Parsed, parse};

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("test.arch", text);
    parse(&sources, id)
}

/// The only item of a text that reads without a word.
fn item(text: &str) -> Item {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let [item] =
        <[Item; 1]>::try_from(parsed.file.items).unwrap_or_else(|items| panic!("{items:#?}"));
    item
}

fn value(text: &str) -> ValueKind {
    match item(&format!("a = {text}")).kind {
        ItemKind::Attribute(attribute) => attribute.value.value,
        other => panic!("{other:#?}"),
    }
}

fn operation(text: &str) -> Operation {
    match item(text).kind {
        ItemKind::Operation(operation) => *operation,
        other => panic!("{other:#?}"),
    }
}

fn node(text: &str) -> Node {
    match item(text).kind {
        ItemKind::Node(node) => *node,
        other => panic!("{other:#?}"),
    }
}

fn path(path: &Path) -> String {
    path.iter()
        .map(|segment| segment.value.as_str())
        .collect::<Vec<_>>()
        .join(".")
}

fn names(names: &[Ident]) -> Vec<&str> {
    names.iter().map(|name| name.value.as_str()).collect()
}

fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn ty(written: &Type) -> String {
    match &written.kind {
        TypeKind::Named(name) => path(name),
        TypeKind::List(inner) => format!("[{}]", ty(inner)),
        TypeKind::Map(key, inner) => format!("map<{}, {}>", ty(key), ty(inner)),
        TypeKind::Optional(inner) => format!("{}?", ty(inner)),
    }
}

/// An expression with all its parentheses.
fn expression(text: &str) -> String {
    fn show(expression: &Expression) -> String {
        match &expression.kind {
            ExpressionKind::Value(ValueKind::Name(segments)) => names(segments).join("."),
            ExpressionKind::Value(ValueKind::Integer(number)) => number.to_string(),
            ExpressionKind::Value(ValueKind::Text(text)) => format!("{text:?}"),
            ExpressionKind::Value(ValueKind::List(values)) => format!("[{}]", values.len()),
            ExpressionKind::Value(other) => format!("{other:?}"),
            ExpressionKind::Not(inner) => format!("(not {})", show(inner)),
            ExpressionKind::Binary(operator, left, right) => {
                format!("({} {operator:?} {})", show(left), show(right))
            }
        }
    }
    match item(&format!("when = {text}")).kind {
        ItemKind::Attribute(attribute) => match attribute.value.value {
            ValueKind::Expression(expression) => show(&expression),
            other => panic!("{other:#?}"),
        },
        other => panic!("{other:#?}"),
    }
}

#[test]
fn the_whole_system_reads() {
    let parsed = read(include_str!("syntax/shop.arch"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.items.len(), 21);
}

#[test]
fn every_construct_reads() {
    let parsed = read(include_str!("syntax/everything.arch"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.items.len(), 22);
}

#[test]
fn nodes_have_a_kind_a_name_a_variant_and_a_body() {
    for (text, keyword) in [
        ("system a", Keyword::System),
        ("zone a : dmz", Keyword::Zone),
        ("client a : cli", Keyword::Client),
        ("external a", Keyword::External),
        ("service a : worker", Keyword::Service),
        ("store a : postgres", Keyword::Store),
        ("broker a : kafka", Keyword::Broker),
        ("auth a : jwt", Keyword::Auth),
        ("policy a {}", Keyword::Policy),
        ("defaults a {}", Keyword::Defaults),
        ("queue a : T", Keyword::Queue),
        ("topic a : T", Keyword::Topic),
        ("channel a : T", Keyword::Channel),
        ("schedule a {}", Keyword::Schedule),
    ] {
        let node = node(text);
        assert_eq!(node.keyword.value, keyword, "{text}");
        assert_eq!(node.name.expect("it has a name").value, "a");
        assert_eq!(node.variant.is_some(), text.contains(':'));
        assert_eq!(node.body.is_some(), text.contains('{'));
    }
    for (text, keyword) in [
        ("defaults {}", Keyword::Defaults),
        ("lint { X = off }", Keyword::Lint),
        ("limits { a = 1 }", Keyword::Limits),
        ("claims { a: string }", Keyword::Claims),
    ] {
        let node = node(text);
        assert_eq!(
            (
                node.keyword.value,
                node.name.is_none(),
                node.variant.is_none()
            ),
            (keyword, true, true)
        );
    }
}

#[test]
fn keywords_are_words_where_no_name_follows() {
    for word in [
        "service", "type", "query", "roles", "when", "import", "api", "lint", "defaults", "system",
        "auth", "via",
    ] {
        assert!(
            matches!(item(&format!("{word}: string")).kind, ItemKind::Field(_)),
            "{word}"
        );
        if word != "when" {
            assert!(matches!(value_of(word), ValueKind::Name(_)), "{word}");
        }
        assert!(
            matches!(item(&format!("{word} -> b")).kind, ItemKind::Edge(_)),
            "{word}"
        );
    }
    fn value_of(word: &str) -> ValueKind {
        match item(&format!("{word} = x")).kind {
            ItemKind::Attribute(attribute) => attribute.value.value,
            other => panic!("{other:#?}"),
        }
    }
    let parsed =
        read("servicex -> b\napiary = 1\nqueries: string\ndefaultsx { a = 1 }\nrolesx { a = 1 }");
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.items.len(), 5);
}

#[test]
fn values_are_exact() {
    for (text, expected) in [
        ("42", ValueKind::Integer(42)),
        ("-9223372036854775808", ValueKind::Integer(i64::MIN)),
        ("3.5", ValueKind::Decimal("3.5".into())),
        ("-0.25", ValueKind::Decimal("-0.25".into())),
        ("true", ValueKind::Boolean(true)),
        ("false", ValueKind::Boolean(false)),
        ("7ns", ValueKind::Duration(7)),
        ("7us", ValueKind::Duration(7_000)),
        ("250ms", ValueKind::Duration(250_000_000)),
        ("10s", ValueKind::Duration(10_000_000_000)),
        ("5m", ValueKind::Duration(300_000_000_000)),
        ("24h", ValueKind::Duration(86_400_000_000_000)),
        ("7d", ValueKind::Duration(604_800_000_000_000)),
        ("12B", ValueKind::Size(12)),
        ("64KiB", ValueKind::Size(65_536)),
        ("5MiB", ValueKind::Size(5 << 20)),
        ("2GiB", ValueKind::Size(2 << 30)),
        ("1TiB", ValueKind::Size(1 << 40)),
        ("50%", ValueKind::Percent(5_000)),
        ("0.5%", ValueKind::Percent(50)),
        ("99.99%", ValueKind::Percent(9_999)),
        ("99.900%", ValueKind::Percent(9_990)),
        ("100/s", ValueKind::Rate(100, 1_000_000_000)),
        ("600/m", ValueKind::Rate(600, 60_000_000_000)),
        (
            r#""a\"b\\c\n\t\u{1F600}\u{e9}""#,
            ValueKind::Text("a\"b\\c\n\t\u{1F600}é".into()),
        ),
        (
            r#""// {( no comment""#,
            ValueKind::Text("// {( no comment".into()),
        ),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    let ValueKind::Name(segments) = value("orders.Orders.find") else {
        panic!()
    };
    assert_eq!(names(&segments), ["orders", "Orders", "find"]);
    let ValueKind::List(values) = value("[a, [1, 2,], \"x\", f(1),\n]") else {
        panic!()
    };
    assert_eq!(values.len(), 4);
    let ValueKind::Call(call) = value("exponential(3, base = 50ms, f(env(\"A\")))") else {
        panic!()
    };
    assert_eq!(call.name.value, "exponential");
    let given: Vec<_> = call
        .arguments
        .iter()
        .map(|it| it.name.as_ref().map(|name| name.value.as_str()))
        .collect();
    assert_eq!(given, [None, Some("base"), None]);
    assert_eq!(
        call.arguments[1].value.value,
        ValueKind::Duration(50_000_000)
    );
}

#[test]
fn values_that_cannot_be_held_or_read_are_errors() {
    for text in [
        "9223372036854775808",
        "18446744073709551616B",
        "16777216TiB",
        "213504d",
        "1.2.3",
        "1.5s",
        "-5s",
        "5x",
        "10KB",
        "1_000",
        "5/x",
        "1.5/s",
        "0.001%",
        "99999999999%",
        "1-2",
        "-",
        "5.",
        "1..2",
        r#""\q""#,
        r#""\u{110000}""#,
        r#""\u{d800}""#,
        r#""\u{}""#,
        r#""\u12""#,
        "a..b",
        "a.",
        "größe",
    ] {
        let parsed = read(&format!("before = 1\na = {text}\nafter = 2"));
        assert_eq!(
            parsed.diagnostics.len(),
            1,
            "{text}: {:#?}",
            parsed.diagnostics
        );
        assert_eq!(
            parsed.file.items.len(),
            3,
            "{text}: an item after it is still read"
        );
    }
}

#[test]
fn expressions_bind_as_they_read() {
    for (text, expected) in [
        ("true", "Boolean(true)"),
        ("caller.region == region", "(caller.region Equal region)"),
        ("a or b and c", "(a Or (b And c))"),
        ("(a or b) and c", "((a Or b) And c)"),
        ("a and b and c", "((a And b) And c)"),
        ("not a == b", "(not (a Equal b))"),
        ("not a and not not b", "((not a) And (not (not b)))"),
        ("a in [1, 2] or 3 <= b", "((a In [2]) Or (3 LessOrEqual b))"),
        (
            "a != \"x\" and b > 1 and c < 2 and d >= 3",
            "((((a NotEqual \"x\") And (b Greater 1)) And (c Less 2)) And (d GreaterOrEqual 3))",
        ),
        ("not(a)and(b)", "((not a) And b)"),
        ("nothing == input", "(nothing Equal input)"),
        ("a\n  and b // why\n  or c", "((a And b) Or c)"),
    ] {
        assert_eq!(expression(text), expected, "{text}");
    }
    assert_eq!(read("when = a == b == c").diagnostics.len(), 1);
    assert_eq!(
        read("when = a\nand = 3\nin: x\nor -> b").file.items.len(),
        4
    );
}

#[test]
fn operations_have_inputs_outputs_and_vias() {
    let find = operation(
        "query find(id: uuid, limit: int32? @min(1) @max(100)) -> [Order] { cache = 30s }",
    );
    assert_eq!(find.kind.value, OperationKind::Query);
    let Some(Input::Parameters(parameters)) = &find.input else {
        panic!()
    };
    assert_eq!(parameters.len(), 2);
    assert_eq!(ty(&parameters[1].ty), "int32?");
    assert_eq!(parameters[1].marks.len(), 2);
    let output = find.output.expect("it answers");
    assert_eq!((output.stream, ty(&output.ty).as_str()), (false, "[Order]"));
    assert_eq!(find.body.expect("it has a body").items.len(), 1);

    let talk = operation("command talk(stream Say) -> stream Said via bus.ticks(symbol, other)");
    let Some(Input::Message(message)) = &talk.input else {
        panic!()
    };
    assert!(message.stream && talk.output.as_ref().is_some_and(|output| output.stream));
    let via = talk.via.expect("it is forwarded");
    assert_eq!(
        (path(&via.target).as_str(), names(&via.arguments)),
        ("bus.ticks", vec!["symbol", "other"])
    );

    let bare = operation("event paid");
    assert!(
        bare.kind.value == OperationKind::Event && bare.input.is_none() && bare.output.is_none()
    );
    let Some(Input::Parameters(none)) = operation("query ping()").input else {
        panic!()
    };
    assert!(none.is_empty());
    let Some(Input::Parameters(odd)) =
        operation("query f(stream: bool, via: map<string, [T?]>,)").input
    else {
        panic!()
    };
    assert_eq!(ty(&odd[1].ty), "map<string, [T?]>");
}

#[test]
fn apis_have_versions_contracts_and_vias() {
    let ItemKind::Api(api) =
        item("api Orders v2 : proto(\"x.proto\", shop.Orders) { query get }").kind
    else {
        panic!()
    };
    assert_eq!(api.version.expect("a version").value, 2);
    let contract = api.contract.expect("a contract");
    assert_eq!(
        (contract.name.value.as_str(), contract.arguments.len()),
        ("proto", 2)
    );
    let ItemKind::Api(api) = item("api Shop via orders.Orders").kind else {
        panic!()
    };
    assert_eq!(path(&api.via.expect("forwarded")), "orders.Orders");
    let parsed = read("api A\nv2 = 3\nv3 -> b");
    assert_eq!((parsed.diagnostics.len(), parsed.file.items.len()), (0, 3));
}

#[test]
fn edges_chain_and_take_policies() {
    let edge = |text: &str| match item(text).kind {
        ItemKind::Edge(edge) => *edge,
        other => panic!("{other:#?}"),
    };
    let chain = edge("orders -> bus.placed -> billing");
    assert_eq!(
        chain.ends.iter().map(path).collect::<Vec<_>>(),
        ["orders", "bus.placed", "billing"]
    );
    let full = edge("a.B -> c.D : grpc with steady, calm { timeout = 1s, find { retry = none } }");
    assert_eq!(full.protocol.expect("a protocol").value, "grpc");
    assert_eq!(names(&full.policies), ["steady", "calm"]);
    let body = full.body.expect("a body");
    assert!(
        matches!(&body.items[1].kind, ItemKind::Override(part) if part.operation.value == "find")
    );

    for text in [
        "a -> b with x, y\nc -> d",
        "a -> b with x, y, c -> d",
        "a -> b with x, y, service c",
        "a -> b with x, y, c = 1",
    ] {
        let parsed = read(text);
        assert_eq!(parsed.diagnostics, [], "{text}");
        assert_eq!(parsed.file.items.len(), 2, "{text}");
    }
    assert_eq!(
        read("a -> b\nwith -> c\na -> b : grpc\n  with steady")
            .file
            .items
            .len(),
        3
    );
}

#[test]
fn types_and_enums_hold_fields_and_values() {
    let text = "\
type Order @sensitive {
  /// Who.
  id: uuid @tag(1), sizes: [int32] @length(1..64) @length(..5) @length(-3..)
  customer: Customer via customers.Customers.by_ids(customer_id)
  data = restricted
  @accept(PII001, reason = \"x\")
  phone: string
}";
    let ItemKind::Type(order) = item(text).kind else {
        panic!()
    };
    assert_eq!(order.marks[0].name.value, "sensitive");
    assert_eq!(order.body.items.len(), 5);
    let fields: Vec<&Field> = order
        .body
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Field(field) => Some(field.as_ref()),
            _ => None,
        })
        .collect();
    assert_eq!(fields[0].doc.as_ref().expect("documented").value, "Who.");
    let ranges: Vec<_> = fields[1]
        .marks
        .iter()
        .map(|mark| mark.arguments[0].value.value.clone())
        .collect();
    assert_eq!(
        ranges,
        [
            ValueKind::Range(Some(1), Some(64)),
            ValueKind::Range(None, Some(5)),
            ValueKind::Range(Some(-3), None)
        ]
    );
    assert_eq!(
        names(
            &fields[2]
                .via
                .as_ref()
                .expect("resolved elsewhere")
                .arguments
        ),
        ["customer_id"]
    );
    assert_eq!(fields[3].accepts.len(), 1);
    assert_eq!(under(text, fields[3].span), "phone: string");

    let ItemKind::Enum(status) =
        item("enum Status { pending @tag(3), paid\n /// Gone.\n shipped }").kind
    else {
        panic!()
    };
    assert_eq!(status.values.len(), 3);
    assert_eq!(status.values[0].marks.len(), 1);
    assert_eq!(
        status.values[2].doc.as_ref().expect("documented").value,
        "Gone."
    );
    let ItemKind::Roles(roles) = item("roles { customer, clerk\n auditor }").kind else {
        panic!()
    };
    assert_eq!(names(&roles), ["customer", "clerk", "auditor"]);
    let ItemKind::Import(import) = item("import \"a/b.arch\"").kind else {
        panic!()
    };
    assert_eq!(import.value, "a/b.arch");
}

#[test]
fn spans_hold_what_was_written() {
    let text = "/* é */ service orders : worker // c\n\n@accept(A1) a -> b.C : rest /* d */\n";
    let parsed = read(text);
    assert_eq!(
        under(text, parsed.file.items[0].span),
        "service orders : worker"
    );
    assert_eq!(under(text, parsed.file.items[1].span), "a -> b.C : rest");
    assert_eq!(
        under(text, parsed.file.items[1].accepts[0].span),
        "@accept(A1)"
    );
    let ItemKind::Edge(edge) = &parsed.file.items[1].kind else {
        panic!()
    };
    assert_eq!(under(text, edge.ends[1].span()), "b.C");
    assert_eq!(under(text, edge.ends[1][1].span), "C");

    let text = "@accept(X)\n  when = a == b\n@accept(Y) import \"x\"\n@accept(Z)\nroles { a }";
    let written: Vec<_> = read(text)
        .file
        .items
        .iter()
        .map(|item| under(text, item.span).to_owned())
        .collect();
    assert_eq!(written, ["when = a == b", "import \"x\"", "roles { a }"]);
}

#[test]
fn documentation_belongs_to_what_follows() {
    let text = "/// One.\n///   Two.\n@accept(A1, reason = \"x\")\n/// Three.\nservice a {\n  /// Inner.\n  replicas = 2\n}\n//// no\n/* no */\nservice b";
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, []);
    let doc = |item: &Item| item.doc.as_ref().map(|doc| doc.value.clone());
    assert_eq!(
        doc(&parsed.file.items[0]).as_deref(),
        Some("One.\n  Two.\nThree.")
    );
    assert_eq!(doc(&parsed.file.items[1]), None);
    let ItemKind::Node(node) = &parsed.file.items[0].kind else {
        panic!()
    };
    assert_eq!(
        doc(&node.body.as_ref().expect("a body").items[0]).as_deref(),
        Some("Inner.")
    );
    let Some(Input::Parameters(parameters)) =
        operation("query f(\n/// P.\nid: uuid,\n/// Q.\nb: T)").input
    else {
        panic!()
    };
    assert_eq!(parameters[1].doc.as_ref().expect("documented").value, "Q.");

    for lost in [
        "a = 1 /// after\n",
        "service a {\n  b = 1\n  /// last\n}",
        "/// the end",
        "a ->\n/// middle\nb",
    ] {
        let parsed = read(lost);
        assert_eq!(parsed.diagnostics.len(), 1, "{lost}");
        assert!(!parsed.has_errors(), "{lost}");
    }
}

#[test]
fn tabs_and_carriage_returns_are_blanks() {
    let text = "zone\tcore :\tinternal {\r\n\tservice a { title\t=\t\"a\tb\" }\r\n}\r\na\t-> b\r\n";
    let tabs = read(text);
    assert!(tabs.diagnostics.is_empty(), "{:?}", tabs.diagnostics);
    // Tokens stand where they are written, and texts are kept as they are.
    let edge = &tabs.file.items[1];
    let span = edge.span.start as usize..edge.span.end as usize;
    assert_eq!(&text[span], "a\t-> b");
    let blanks = read(
        &text
            .replace("\"a\tb\"", "\"a|b\"")
            .replace(['\t', '\r'], " "),
    );
    let shown = |parsed: &Parsed| format!("{:?}", parsed.file);
    assert_eq!(shown(&tabs).replace("a\\tb", "a|b"), shown(&blanks));
}

#[test]
fn comments_are_handed_out() {
    let parsed = read("\u{FEFF}// a\nservice b /* c\n */ // d\r\n/// e\nservice f");
    let kinds: Vec<_> = parsed
        .trivia
        .iter()
        .map(|comment| (comment.kind, comment.leads_line))
        .collect();
    assert_eq!(
        kinds,
        [
            (CommentKind::Line, true),
            (CommentKind::Block, false),
            (CommentKind::Line, false),
            (CommentKind::Doc, true)
        ]
    );
    assert_eq!(parsed.file.items.len(), 2);
}

#[test]
fn zones_are_alike_wherever_they_stand() {
    let text = "/// Ours.\nzone core : internal {\n  zone deep {}\n  service a, service b\n}\n\n@accept(TMO001, reason = \"x\")\nzone edge : dmz {\n  service c,\n}\nlast -> one\n";
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, []);
    let items = parsed.file.items;
    let spans: Vec<&str> = items.iter().map(|it| under(text, it.span)).collect();
    assert_eq!(
        spans,
        [
            "zone core : internal {\n  zone deep {}\n  service a, service b\n}",
            "zone edge : dmz {\n  service c,\n}",
            "last -> one",
        ]
    );
    assert_eq!(
        items[0].doc.as_ref().map(|it| it.value.as_str()),
        Some("Ours.")
    );
    assert_eq!(items[1].accepts.len(), 1);
    for (item, name, inside) in [(&items[0], "core", 3), (&items[1], "edge", 1)] {
        let ItemKind::Node(zone) = &item.kind else {
            panic!("{item:#?}");
        };
        assert_eq!(zone.keyword.value, Keyword::Zone);
        assert_eq!(under(text, zone.keyword.span), "zone");
        assert_eq!(zone.name.as_ref().map(|it| it.value.as_str()), Some(name));
        let body = zone.body.as_ref().expect("a body");
        assert!(under(text, body.span).starts_with('{'));
        assert!(under(text, body.span).ends_with('}'));
        assert_eq!(body.span.end, item.span.end);
        assert_eq!(body.items.len(), inside);
    }
}

#[test]
fn documentation_at_the_end_of_a_zone_belongs_to_nothing() {
    let parsed = read("zone core {\n  service a\n  /// Lost.\n}\nservice b\n");
    let messages: Vec<&str> = parsed
        .diagnostics
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(messages, ["this documentation belongs to nothing"]);
    assert_eq!(parsed.file.items.len(), 2);
}
