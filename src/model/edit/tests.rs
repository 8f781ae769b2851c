use super::*;
use crate::model::resolve::resolve;
use crate::source::Memory;

/// A drawing after an edit, which has to resolve again.
fn after(text: &str, edit: impl Fn(&Model, Editor<'_>) -> Edits) -> String {
    let mut sources = Sources::default();
    let root = sources.add("a.arch", text);
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let model = resolution
        .model
        .unwrap_or_else(|| panic!("{text}\n{:?}", resolution.diagnostics));
    let edits = edit(&model, Editor::new(&model, &sources)).expect("edits");
    let mut changed = text.to_owned();
    for edit in edits.iter().rev() {
        let range = edit.span.start as usize..edit.span.end as usize;
        changed.replace_range(range, &edit.replacement);
    }
    let mut sources = Sources::default();
    let root = sources.add("a.arch", changed.clone());
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    assert!(
        resolution.model.is_some(),
        "{changed}\n{:?}",
        resolution.diagnostics
    );
    changed
}

fn edge(text: &str, edit: impl Fn(Editor<'_>, EdgeId) -> Edits) -> String {
    let nodes = "service a\nservice b\n";
    let changed = after(&format!("{nodes}{text}"), |_, editor| {
        edit(editor, EdgeId(0))
    });
    changed.strip_prefix(nodes).expect("the nodes").to_owned()
}

#[test]
fn an_attribute_finds_its_place() {
    let set = |text| edge(text, |editor, id| editor.set(id, Attr::Timeout, "2s"));
    assert_eq!(set("a -> b : grpc\n"), "a -> b : grpc { timeout = 2s }\n");
    assert_eq!(
        set("a -> b : grpc // why\n"),
        "a -> b : grpc { timeout = 2s } // why\n"
    );
    assert_eq!(
        set("a -> b : grpc {}\n"),
        "a -> b : grpc { timeout = 2s }\n"
    );
    assert_eq!(
        set("a -> b : grpc { retry = none /* never */ }\n"),
        "a -> b : grpc { retry = none /* never */, timeout = 2s }\n"
    );
    assert_eq!(
        set("a -> b : grpc {\n  retry = none // never\n}\n"),
        "a -> b : grpc {\n  retry = none // never\n  timeout = 2s\n}\n"
    );
    assert_eq!(
        set("a -> b : grpc {\n  timeout = 9s // long\n}\n"),
        "a -> b : grpc {\n  timeout = 2s // long\n}\n"
    );
    assert_eq!(
        set("a -> b : grpc { // slow\n  retry = none }\n"),
        "a -> b : grpc { // slow\n  retry = none, timeout = 2s }\n"
    );
}

#[test]
fn an_attribute_goes() {
    let unset = |text| edge(text, |editor, id| editor.unset(id, Attr::Retry));
    assert_eq!(unset("a -> b : grpc { retry = none }\n"), "a -> b : grpc\n");
    assert_eq!(
        unset("a -> b : grpc { retry = none, timeout = 2s }\n"),
        "a -> b : grpc { timeout = 2s }\n"
    );
    assert_eq!(
        unset("a -> b : grpc { timeout = 2s, retry = none }\n"),
        "a -> b : grpc { timeout = 2s }\n"
    );
    assert_eq!(
        unset("a -> b : grpc {\n  // never\n  retry = none\n  timeout = 2s\n}\n"),
        "a -> b : grpc {\n  // never\n  timeout = 2s\n}\n"
    );
    assert_eq!(
        unset("a -> b : grpc {\n  retry = none, timeout = 2s // both\n}\n"),
        "a -> b : grpc {\n  timeout = 2s // both\n}\n"
    );
    assert_eq!(
        unset("a -> b : grpc {\n  retry = none // never\n  timeout = 2s\n}\n"),
        "a -> b : grpc {\n   // never\n  timeout = 2s\n}\n"
    );
}

#[test]
fn arguments_are_set_and_dropped() {
    let text = "a -> b : grpc { retry = exponential(attempts = 3, jitter = none) }\n";
    let line = |model: &Model| model.edges[0].attributes.span(Attr::Retry).expect("a line");
    let nodes = "service a\nservice b\n";
    let run = |edit: &dyn Fn(&Model, Editor<'_>) -> Edits| {
        let changed = after(&format!("{nodes}{text}"), edit);
        changed.strip_prefix(nodes).expect("the nodes").to_owned()
    };
    assert_eq!(
        run(&|model, editor| editor.argument(line(model), "jitter", "full")),
        "a -> b : grpc { retry = exponential(attempts = 3, jitter = full) }\n"
    );
    assert_eq!(
        run(&|model, editor| editor.argument(line(model), "max", "2s")),
        "a -> b : grpc { retry = exponential(attempts = 3, jitter = none, max = 2s) }\n"
    );
    assert_eq!(
        run(&|model, editor| editor.drop_argument(line(model), "attempts")),
        "a -> b : grpc { retry = exponential(jitter = none) }\n"
    );
    assert_eq!(
        run(&|model, editor| editor.replace(line(model), "none")),
        "a -> b : grpc { retry = none }\n"
    );
}

#[test]
fn one_operation_gets_braces_of_its_own() {
    let text = "service a\nservice b {\n  api B { public = true\n    command go()\n  }\n}\na -> b : grpc { timeout = 2s }\n";
    let changed = after(text, |_, editor| {
        editor.set_for(EdgeId(0), OperationId(0), Attr::Retry, "none")
    });
    assert!(changed.ends_with("a -> b : grpc { timeout = 2s, go { retry = none } }\n"));
}

#[test]
fn attributes_stand_before_operations() {
    let set = |text: &str| {
        after(text, |_, editor| {
            editor.set(ApiId(0), Attr::RateLimit, "50/s")
        })
    };
    let edge = "service a\na -> b : grpc\n";
    assert_eq!(
        set(&format!(
            "service b {{\n  api B {{ public = true\n    query x() -> string\n  }}\n}}\n{edge}"
        )),
        format!(
            "service b {{\n  api B {{ rate_limit = 50/s, public = true\n    query x() -> string\n  }}\n}}\n{edge}"
        )
    );
    assert_eq!(
        set(&format!(
            "service b {{\n  api B {{\n    public = true\n    query x() -> string {{ timeout = 1s }}\n  }}\n}}\n{edge}"
        )),
        format!(
            "service b {{\n  api B {{\n    rate_limit = 50/s\n    public = true\n    query x() -> string {{ timeout = 1s }}\n  }}\n}}\n{edge}"
        )
    );
}

#[test]
fn a_chain_is_taken_apart_for_a_body() {
    let text = "service a\nservice b\nbroker bus : kafka\n\na -> bus.placed -> b\n";
    let changed = after(text, |_, editor| {
        editor.set(EdgeId(1), Attr::Concurrency, "4")
    });
    assert!(
        changed.ends_with("\na -> bus.placed\nbus.placed -> b { concurrency = 4 }\n"),
        "{changed}"
    );
    let commented = "service a\nservice b\nbroker bus : kafka\na -> bus.placed /* ! */ -> b\n";
    let mut sources = Sources::default();
    let root = sources.add("a.arch", commented);
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let model = resolution.model.expect("a model");
    let editor = Editor::new(&model, &sources);
    assert_eq!(editor.set(EdgeId(1), Attr::Concurrency, "4"), None);
}

#[test]
fn items_are_added_and_removed() {
    let text = "service a\nservice b\nbroker jobs : rabbitmq { queue emails : Note }\na -> jobs.emails -> b\ntype Note { text: string }\n";
    let changed = after(text, |_, editor| {
        editor.add_after(ChannelId(0), "queue emails_dead : Note")
    });
    assert!(
        changed.contains("{ queue emails : Note, queue emails_dead : Note }"),
        "{changed}"
    );
    let text = "service a\n\n/// Old.\n@accept(TOP006, reason = \"later\")\nservice b { replicas = 2 }\nservice c\na -> c : grpc\n";
    let changed = after(text, |_, editor| editor.remove(NodeId(1)));
    assert_eq!(changed, "service a\n\nservice c\na -> c : grpc\n");
}

#[test]
fn what_is_not_written_cannot_be_edited() {
    let mut sources = Sources::default();
    let root = sources.add("a.arch", "service a\nservice b\na -> b : grpc\n");
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let model = resolution.model.expect("a model");
    let editor = Editor::new(&model, &sources);
    assert!(model.apis[0].built_in);
    assert_eq!(editor.set(ApiId(0), Attr::Timeout, "1s"), None);
    assert_eq!(editor.set(OperationId(0), Attr::Timeout, "1s"), None);
    assert_eq!(editor.set(Element::System, Attr::Owner, "\"us\""), None);
    assert_eq!(editor.unset(EdgeId(0), Attr::Timeout), None);
}
