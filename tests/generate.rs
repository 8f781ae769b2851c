//! What is generated from drawings.

mod common;

use std::collections::BTreeMap;

use archwright::generate::{self, Failure};
use common::{model, planned};

const SHOP: &str = include_str!("../examples/shop.arch");
const SKETCH: &str = include_str!("../examples/sketch.arch");

/// Every type, mark, kind of operation and policy that is generated.
const MATRIX: &str = include_str!("generate/matrix.arch");

/// The messages with which a drawing is refused.
fn refused(text: &str) -> Vec<String> {
    match generate::plan(&model(text)) {
        Err(Failure::Refused(found)) => found.into_iter().map(|it| it.message).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_examples_give_each_path_once() {
    for drawing in [SHOP, SKETCH] {
        let files = planned(drawing);
        let by_path: BTreeMap<&str, &[u8]> = files
            .iter()
            .map(|file| (&*file.path, &*file.bytes))
            .collect();
        assert_eq!(by_path.len(), files.len());
        assert!(by_path.contains_key("services/orders/src/generated/policy.rs"));
    }
}

/// Rendering parses every file of Rust and TOML before it gives it back.
#[test]
fn everything_at_once_is_generated() {
    let files = planned(MATRIX);
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    };
    let store = text("contracts/proto/matrix/store.proto");
    assert!(
        store.contains("message ThingsListResponse {\n  repeated .matrix.Everything items = 1;\n}")
    );
    assert!(store.contains("rpc Seen(.matrix.Seen) returns (google.protobuf.Empty);"));
    let types = text("contracts/src/types.rs");
    assert!(types.contains("pub left: Option<Box<Tree>>,"));
    assert!(types.contains(".field(\"password\", &\"[redacted]\")"));
    let policy = text("services/store/src/generated/policy.rs");
    assert!(policy.contains(
        "throttle: Some(Rate { permits: 10, per: Duration::from_secs(1) }), // the edge"
    ));
    assert!(policy.contains("retry: None, // `submit` on the edge"));
    let things = text("services/store/src/generated/api_things.rs");
    assert!(things.contains("pub type KeepContext = Context<KeepClients>;"));
    assert!(things.contains("pub type ListContext = Context<super::Clients>;"));
    assert!(
        things.contains("pub type MoodContext = Context;"),
        "it calls nothing"
    );
}

/// What stands further out holds inside, unless the edge or the operation says otherwise; each value tells where it is from.
#[test]
fn values_reach_the_policy_from_wherever_they_are_written() {
    let files = planned(
        r#"
        defaults { timeout = 2s, max_body = 2KiB, cors = ["https://www.example.com"], cache = 10s }
        defaults grpc { timeout = 300ms }
        client web : browser
        service front {
            api Shop { at = "/shop"
                query order(id: uuid) -> Order { http = get("/orders/{id}"), cache = 1m }
                query orders() -> [Order] { http = post("/orders/search") }
                command change(id: uuid) { http = patch("/orders/{id}") }
            }
        }
        service back {
            api Back {
                query find(id: uuid) -> Order
                query list() -> [Order]
                command drop(id: uuid)
            }
        }
        type Order { id: uuid }
        web -> front : rest
        front -> back : grpc {
            only = [find, drop]
            fallback = cached(5s)
            find { timeout = 100ms, fallback = cached(9s) }
        }
        "#,
    );
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    };
    let policy = text("services/front/src/generated/policy.rs");
    for line in [
        "cors: vec![\"https://www.example.com\"], // defaults",
        "max_body: Some(2048), // defaults",
        "cache: Some(Duration::from_secs(60)), // operation order",
        "timeout: Some(Duration::from_millis(300)), // defaults",
        "timeout: Some(Duration::from_millis(100)), // `find` on the edge",
        "fallback: Some(Duration::from_secs(9)), // `find` on the edge",
    ] {
        assert!(policy.contains(line), "no `{line}` in\n{policy}");
    }
    let calls: Vec<&str> = policy.split("CallPolicy {").skip(1).collect();
    assert_eq!(calls.len(), 2, "`list` is not called");
    assert!(
        calls[1].contains("fallback: None,\n"),
        "nothing stands in for a command"
    );
    assert_eq!(
        policy.matches("cache: None,\n").count(),
        2,
        "what is asked by POST or changes something is not kept"
    );
    let server = text("services/front/src/generated/server_shop_rest.rs");
    for route in [
        r#"get("order", "/shop/orders/{id}")"#,
        r#"post("orders", "/shop/orders/search")"#,
        r#"patch("change", "/shop/orders/{id}")"#,
    ] {
        assert!(server.contains(route), "no {route} in\n{server}");
    }
}

/// What is refused and can be said in another way is told so.
#[test]
fn a_refusal_says_what_to_write_instead() {
    let drawing = "client web : browser\nweb -> front : rest\nservice front { api Shop { cors = [\"https://www.example.com/\"], query one() -> string } }";
    let Err(Failure::Refused(found)) = generate::plan(&model(drawing)) else {
        panic!("it is not refused");
    };
    let helps = found[0].help.join(" ");
    assert!(helps.contains("`https://www.example.com`"), "{helps}");
}

/// Answered streams are kept by nobody, so that no key finds them again, and sent ones have no field.
#[test]
fn what_knows_repetitions_of_streams_is_refused_with_another_way() {
    let text = r#"
        service a
        service b { replicas = 1
            api B { public = true
                command pour(stream Part) -> string { idempotent = key }
                command fill(stream Part) -> string { idempotent = by(data) }
                command run(name: string) -> stream Part { idempotent = by(name) }
                command again(name: string) -> stream Part { idempotent = true }
            }
        }
        type Part { data: bytes }
        a -> b : grpc { timeout = 1s }
    "#;
    let Err(Failure::Refused(found)) = generate::plan(&model(text)) else {
        panic!("it is not refused");
    };
    let helps: Vec<String> = found.iter().map(|it| it.help.concat()).collect();
    assert_eq!(helps.len(), 2, "{found:?}");
    assert!(
        helps[0].starts_with("write `idempotent = key`"),
        "{helps:?}"
    );
    assert!(helps[1].contains("`idempotent = true`"), "{helps:?}");
}

/// A field that holds lists of lists, or an answer that is no message, has its messages in protobuf and its form in JSON.
#[test]
fn what_protobuf_cannot_nest_stands_in_messages_of_its_own() {
    let files = planned(MATRIX);
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    };
    let types = text("contracts/proto/matrix/types.proto");
    for message in [
        "message SheetCellsList {\n  repeated string items = 1;\n}",
        "message SheetMarksItem {\n  optional int32 value = 1;\n}",
        "message SheetDeepList {\n  repeated SheetDeepListList items = 1;\n}",
        "message SheetKindsMap {\n  map<string, Kind> value = 1;\n}",
    ] {
        assert!(types.contains(message), "no {message} in\n{types}");
    }
    assert!(types.contains("  repeated SheetCellsList cells = 1;\n"));
    assert!(types.contains("  map<string, SheetKnownItem> known = 4;\n"));
    let answers = text("contracts/proto/matrix/store.proto");
    assert!(answers.contains("message ThingsTotalResponse {\n  string value = 1;\n}"));
    let front = text("services/front/src/generated/server_things_rest.rs");
    assert!(front.contains(".map(contracts::json::Bare::<contracts::json::List<contracts::json::List<contracts::json::Decimal>>>)"));
    let handlers = text("services/store/src/generated/api_things.rs");
    assert!(handlers.contains("Result<Vec<Vec<rust_decimal::Decimal>>, Problem>"));
}

/// Neither logs nor refusals show sensitive values, nor the keys beside them, whatever they travel as.
#[test]
fn sensitive_values_are_shown_nowhere() {
    let files = planned(MATRIX);
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    };
    let build = text("contracts/build.rs");
    for message in ["Vault", "VaultRowsList", "Sealed", "Inner"] {
        assert!(
            build.contains(&format!("\".matrix.{message}\",\n")),
            "{build}"
        );
    }
    assert!(!build.contains("matrix.Safe"), "its holder hides it");
    let wire = text("contracts/src/wire/types.rs");
    assert!(wire.contains("impl std::fmt::Debug for proto::matrix::VaultRowsList {"));
    assert!(wire.contains("pins: hidden(field(\"pins\", wire.pins))?,"));
    assert!(wire.contains("inner: hidden(required(\"inner\", wire.inner))?,"));
    assert!(wire.contains("open: field(\"open\", wire.open)?,"));
    let rules = text("contracts/src/rules.rs");
    assert!(rules.contains("fields.hidden(\"pins\", |fields| {"));
    assert!(rules.contains("fields.field(\"open\", |fields| {"));
    let types = text("contracts/src/types.rs");
    assert!(types.contains("#[serde(with = \"json::Hidden::<json::Map::<json::Int64>>\")]"));
}

/// Path, protobuf package and document of a later version are its own; messages may be shared.
#[test]
fn a_second_version_of_an_api_lives_beside_the_first() {
    let files = planned(MATRIX);
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    };
    let first = text("contracts/proto/matrix/counter.proto");
    assert!(first.contains("message CountsTotalResponse {\n  int32 value = 1;\n}"));
    let second = text("contracts/proto/matrix/counter_v2.proto");
    assert!(second.contains("package matrix.counter.v2;") && second.contains("service Counts {"));
    assert!(second.contains("message CountsTotalResponse {\n  int64 value = 1;\n}"));
    let served = text("services/counter/src/generated/mod.rs");
    assert!(served.contains(" + api_counts_v2::CountsV2 + "));
    let policy = text("services/counter/src/generated/policy.rs");
    assert!(policy.contains("api: \"CountsV2\","));
    let rest = text("services/counter/src/generated/server_counts_v2_rest.rs");
    assert!(rest.contains(r#"rest::get("total", "/v2/counts/total")"#));
    let grpc = text("services/counter/src/generated/server_counts_v2_grpc.rs");
    assert!(grpc.contains(r#"("total", "/matrix.counter.v2.Counts/Total")"#));
    let caller = text("services/store/src/generated/mod.rs");
    assert!(caller.contains(r#"host.edge("counter", "CountsV2", Protocol::Grpc)?"#));
    let document = text("contracts/openapi/counter.counts_v2.json");
    assert!(document.contains(r#""version": "v2""#));
}

#[test]
fn a_version_and_an_api_that_is_called_like_it_are_refused() {
    let told = refused(
        r#"
        service back {
            api Orders v2 { query find() -> int32 }
            api OrdersV2 { query find() -> int32 }
        }
        service front
        front -> back.Orders.v2 : grpc
        front -> back.OrdersV2 : grpc
        "#,
    );
    assert_eq!(
        told,
        ["two apis of `back` would be `OrdersV2` in generated code"]
    );
}

/// Two messages that generated names make one are told of at both places.
#[test]
fn names_made_for_what_stands_inside_collide_with_nobody() {
    let told = refused(
        r#"
        service a
        service b {
            api B { public = true
                query one() -> Grid
            }
        }
        a -> b : grpc { timeout = 1s }
        type Grid { cells: [[string]], other: GridCellsList? }
        type GridCellsList { x: string }
        "#,
    );
    let wanted = "two things would be `GridCellsList` in one protobuf package";
    assert_eq!(told, [wanted]);
}

#[test]
fn the_same_drawing_gives_the_same_files() {
    assert_eq!(planned(SHOP), planned(SHOP));
}

/// `: grpc` to `: rest` on an inner edge: what handlers see stays byte for byte as it was.
#[test]
fn the_protocol_of_an_edge_is_not_seen_by_handlers() {
    let before = planned(SHOP);
    let after = planned(&SHOP.replace("orders.Orders : grpc", "orders.Orders : rest"));
    let text = |files: &[archwright::workspace::Planned], path: &str| {
        let file = files
            .iter()
            .find(|file| file.path == path)
            .unwrap_or_else(|| panic!("no {path}"));
        String::from_utf8(file.bytes.clone()).unwrap()
    };
    for path in [
        "services/orders/src/handlers/orders.rs",
        "services/orders/src/generated/api_orders.rs",
        "services/front/src/generated/api_shop.rs",
        "contracts/src/types.rs",
        "contracts/src/rules.rs",
    ] {
        assert_eq!(text(&before, path), text(&after, path), "{path}");
    }
    assert!(
        after
            .iter()
            .any(|file| file.path == "services/orders/src/generated/server_orders_rest.rs")
    );
    assert!(!after.iter().any(|file| file.path.ends_with("_grpc.rs")));
    assert!(!after.iter().any(|file| file.path.ends_with(".proto")));
}

#[test]
fn what_cannot_be_generated_is_refused_at_its_place() {
    let drawing = "
        client web : browser
        service front { api Shop { query ticks(symbol: string) -> stream Tick, query order(id: uuid) -> Tick
            command pour(stream Tick) -> stream Tick { idempotent = key } } }
        broker bus : kafka { topic placed : Tick }
        type Tick { symbol: string }
        web -> front : websocket
        front -> bus.placed
    ";
    assert_eq!(
        refused(drawing),
        [
            "not generated yet: repetitions known by key or field, of an operation that answers a stream",
            "not generated yet: websocket",
            "not generated yet: kafka"
        ]
    );
}

#[test]
fn what_runs_already_is_not_refused() {
    let drawing = "
        client web : browser
        service front { api Shop { query order(id: uuid) -> Tick } }
        service legacy { existing = true }
        broker bus : kafka { topic placed : Tick }
        type Tick { symbol: string }
        web -> front : rest
        legacy -> bus.placed
    ";
    assert!(!planned(drawing).is_empty());
}

#[test]
fn names_that_protobuf_cannot_tell_apart_are_refused() {
    let drawing = "
        client cli : cli
        service front {
            type Shop { a: string }
            api Shop { query one() -> Shop }
        }
        cli -> front : grpc
    ";
    assert_eq!(
        refused(drawing),
        ["two things would be `Shop` in one protobuf package"]
    );
}

/// Those whose configuration names certificates, and no others, are given them where they are deployed.
#[test]
fn certificates_are_mounted_where_they_are_read() {
    let plain = "service front {\n  api Front { public = true\n    query find() -> string\n  }\n}\n\
                 service caller\nstore db : postgres\ncaller -> front : rest { tls = off }\nfront -> db\n";
    for (drawing, front) in [(plain, false), (SKETCH, true)] {
        let files = planned(drawing);
        let holds = |path: &str, part: &str| {
            let file = files.iter().find(|file| file.path == path);
            let file = file.unwrap_or_else(|| panic!("no {path}"));
            String::from_utf8_lossy(&file.bytes).contains(part)
        };
        assert_eq!(holds("services/front/config/default.toml", "[tls]"), front);
        assert_eq!(
            holds("deploy/kubernetes/front.yaml", "secretName: front-tls"),
            front
        );
        assert_eq!(
            holds("deploy/compose.yaml", "./tls/front:/etc/tls:ro"),
            front
        );
    }
}

/// Secrets that are files are given to those who read them, and to nobody else.
#[test]
fn secrets_in_files_are_mounted_where_they_are_read() {
    let drawing = r#"
        auth keys : api_key { keys = file("partners"), key = file("/etc/own/key"), rotate = 90d }
        auth old : basic { users = env("USERS"), login = file("a/login"), rotate = 90d }
        service back { api Back { auth = [keys, old]
            query find() -> string } }
        service front
        service other
        front -> back : rest { auth = keys }
        other -> back : rest { auth = old }
    "#;
    let files = planned(drawing);
    let holds = |path: &str, part: &str| {
        let file = files.iter().find(|file| file.path == path);
        let text = String::from_utf8_lossy(&file.unwrap_or_else(|| panic!("no {path}")).bytes);
        assert!(text.contains(part), "{part} is not in\n{text}");
    };
    for part in [
        "{ source: back.partners, target: partners }",
        "back.partners: { file: \"./secrets/back/partners\" }",
        "{ source: front.etc.own.key, target: \"/etc/own/key\" }",
        "front.etc.own.key: { file: \"./secrets/front/etc/own/key\" }",
        "{ source: other.a.login, target: a/login }",
        "{ path: \"./secrets/back.env\", required: false }",
    ] {
        holds("deploy/compose.yaml", part);
    }
    let back = "deploy/kubernetes/back.yaml";
    holds(back, "mountPath: /run/secrets, readOnly: true }");
    holds(back, "secretName: back-files");
    holds(back, "- { key: partners, path: partners }");
    holds(back, "- secretRef: { name: back-secrets }");
    let front = "deploy/kubernetes/front.yaml";
    holds(
        front,
        "mountPath: \"/etc/own/key\", subPath: etc/own/key, readOnly: true }",
    );
    holds(front, "- { key: etc.own.key, path: etc/own/key }");
    let foreign = files.iter().find(|file| file.path == front).unwrap();
    let foreign = String::from_utf8_lossy(&foreign.bytes);
    assert!(!foreign.contains("/run/secrets") && !foreign.contains("front-secrets"));
}
