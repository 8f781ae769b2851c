//! One word changed on an inner edge: the handlers stay as they are and callers see no difference.

use std::fs;

use super::support::{Answer, Dev, Workspace, root, scratch};

const ORDER: &str = r#"{"customer":"ada","items":[{"sku":"book","quantity":2}]}"#;

/// What a caller sees of an answer: its status, its problem's code, and its body where that is not a matter of chance.
#[derive(Debug, PartialEq)]
struct Seen {
    what: &'static str,
    status: u16,
    problem: Option<String>,
    body: serde_json::Value,
}

/// The calls of the issue: query, command, repeated command with a key, invalid input, refused role, passed deadline.
fn calls(dev: &mut Dev, entry: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut call = |dev: &Dev, what, role: &str, arguments: &str| {
        let token = format!(r#"-H "Authorization: Bearer $(cat .dev/tokens/{role})""#);
        let answer = Answer::parse(&dev.shell(&format!("curl -sS -i {token} {arguments}")));
        let mut body = answer.json();
        // Made by the handler at random, and a sentence that may name the protocol.
        let id = body.as_object_mut().and_then(|body| {
            body.remove("detail");
            body.remove("id")
        });
        seen.push(Seen {
            what,
            status: answer.status,
            problem: answer.problem(),
            body,
        });
        id.and_then(|id| Some(id.as_str()?.to_owned()))
    };
    let place = format!("-H 'Content-Type: application/json' {entry}/v1/shop/place");
    let with_key = format!("-H 'Idempotency-Key: once' -d '{ORDER}' {place}");
    let id = call(dev, "command", "customer", &format!("-d '{ORDER}' {place}"))
        .expect("an order has an id");
    let found = call(
        dev,
        "query",
        "clerk",
        &format!("{entry}/v1/shop/order/{id}"),
    );
    assert_eq!(found.as_ref(), Some(&id), "what was placed is found");
    let first = call(dev, "command with a key", "customer", &with_key);
    let second = call(dev, "the same again", "customer", &with_key);
    assert!(first.is_some(), "a command with a key is answered");
    assert_eq!(first, second, "the second time answers what the first did");
    call(
        dev,
        "another payload, same key",
        "customer",
        &with_key.replace("ada", "bob"),
    );
    call(
        dev,
        "not found",
        "clerk",
        &format!("{entry}/v1/shop/order/00000000-0000-4000-8000-00000000ffff"),
    );
    call(
        dev,
        "invalid input",
        "customer",
        &format!("-d '{}' {place}", ORDER.replace(":2", ":1000")),
    );
    call(
        dev,
        "refused role",
        "clerk",
        &format!("-d '{ORDER}' {place}"),
    );
    dev.console("slow orders 2s");
    call(
        dev,
        "deadline passed",
        "customer",
        &format!("-H 'X-Request-Timeout-Ms: 500' -d '{ORDER}' {place}"),
    );
    dev.console("slow orders 0");
    seen
}

/// The plain address of the gateway, from what `dev` prints.
fn entry(dev: &Dev) -> String {
    let address = |line: &String| {
        let rest = &line[line.find("http://127.0.0.1:")?..];
        let end = rest["http://".len()..]
            .find(['/', ' ', '"', '\''])
            .map_or(rest.len(), |at| at + "http://".len());
        Some(rest[..end].to_owned())
    };
    dev.banner
        .iter()
        .filter(|line| line.starts_with("front.Shop"))
        .find_map(address)
        .expect("dev prints the gateway's address")
}

/// While nobody has written `orders`, its samples are known as such at the gateway too, which forwards to it.
fn samples_are_marked(workspace: &Workspace) {
    let dev = Dev::start(workspace, &workspace.build("shop-dev"));
    let find = dev
        .banner
        .iter()
        .filter_map(|line| line.strip_prefix("  $ "))
        .find(|command| command.contains("/order/"))
        .expect("a printed command finds an order");
    let answer = Answer::parse(&dev.shell(find));
    assert_eq!(answer.status, 200, "{answer:#?}");
    assert_eq!(answer.header("x-sample"), Some("true"), "{answer:#?}");
}

#[test]
fn grpc_becomes_rest_and_nobody_notices() {
    let folder = scratch().join("drawings/protocol-change");
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let drawing = folder.join("shop.arch");
    let grpc = fs::read_to_string(root().join("examples/shop.arch")).expect("the example is there");
    let rest = grpc.replace(
        "front  -> orders.Orders : grpc with steady",
        "front  -> orders.Orders : rest with steady",
    );
    assert_ne!(grpc, rest, "the drawing has the edge");

    fs::write(&drawing, &grpc).expect("the scratch folder is writable");
    let workspace = Workspace::generate("protocol-change", &drawing);
    samples_are_marked(&workspace);
    workspace.overlay(&root().join("examples/shop"));
    let theirs = |workspace: &Workspace| {
        let mut files = workspace.files("services");
        files.retain(|path, _| {
            !path
                .components()
                .any(|part| part.as_os_str() == "generated")
        });
        files.retain(|path, _| path.file_name().is_some_and(|name| name != "Cargo.toml"));
        files
    };
    let before = theirs(&workspace);
    let mut dev = Dev::start(&workspace, &workspace.build("shop-dev"));
    let address = entry(&dev);
    let by_grpc = calls(&mut dev, &address);
    drop(dev);

    fs::write(&drawing, &rest).expect("the scratch folder is writable");
    workspace.regenerate(&drawing);
    assert_eq!(
        before,
        theirs(&workspace),
        "the owner's files are byte for byte the same"
    );
    let mut dev = Dev::start(&workspace, &workspace.build("shop-dev"));
    let address = entry(&dev);
    let by_rest = calls(&mut dev, &address);

    assert_eq!(by_grpc, by_rest);
    let codes: Vec<_> = by_grpc
        .iter()
        .map(|seen| (seen.what, seen.status, seen.problem.as_deref()))
        .collect();
    assert_eq!(
        codes,
        [
            ("command", 200, None),
            ("query", 200, None),
            ("command with a key", 200, None),
            ("the same again", 200, None),
            (
                "another payload, same key",
                409,
                Some("idempotency-key-reused")
            ),
            ("not found", 404, Some("not-found")),
            ("invalid input", 400, Some("invalid-input")),
            ("refused role", 403, Some("forbidden")),
            ("deadline passed", 504, Some("deadline-exceeded")),
        ]
    );
}
