//! What whole drawings resolve to. What single mistakes are told of stands in `tests/resolve`.

use super::*;
use crate::model::attributes::{Attr, Origin, Value};
use crate::source::Memory;

fn resolved(text: &str) -> Resolution {
    let mut sources = Sources::default();
    let root = sources.add("test.arch", text);
    resolve(&mut sources, root, &Memory::default(), None)
}

fn model(text: &str) -> Model {
    let resolution = resolved(text);
    assert!(
        resolution.diagnostics.is_empty(),
        "{:#?}",
        resolution.diagnostics
    );
    resolution.model.expect("nothing is wrong")
}

#[test]
fn the_whole_system_of_the_language_resolves() {
    model(include_str!("../../../tests/drawings/whole.arch"));
}

#[test]
fn the_examples_resolve() {
    model(include_str!("../../../examples/shop.arch"));
    model(include_str!("../../../examples/sketch.arch"));
}

fn node<'m>(model: &'m Model, name: &str) -> &'m Node {
    model.nodes.iter().find(|it| it.name == name).expect(name)
}

fn operation<'m>(model: &'m Model, name: &str) -> &'m Operation {
    model
        .operations
        .iter()
        .find(|it| it.name == name)
        .expect(name)
}

/// What was written at the place an attribute comes from; `built in` when nowhere.
fn origin(text: &str, attributes: &Attributes, attr: Attr) -> (String, &'static str) {
    let effective = attributes.get(attr).expect("it is set");
    let written = effective.origin.span().map_or("built in", |span| {
        &text[span.start as usize..span.end as usize]
    });
    let kind = match effective.origin {
        Origin::Declared(_) => "declared",
        Origin::Inherited(_) => "inherited",
        Origin::Policy(..) => "policy",
        Origin::Defaults(_) => "defaults",
        Origin::BuiltIn => "built in",
    };
    (written.to_owned(), kind)
}

#[test]
fn the_nearest_value_of_a_caller_wins() {
    let text = "
        defaults { timeout = 1s, bulkhead = 1, throttle = 1/s }
        defaults grpc { timeout = 2s, bulkhead = 2 }
        zone core : internal { defaults { bulkhead = 3 }, service a }
        policy steady { deadline = 4s, throttle = 4/s }
        service b { api B { query one()
            query two() } }
        a -> b : grpc with steady { deadline = 5s
            two { deadline = 6s } }
        b -> a : rest
        client web : browser
        web -> b : rest";
    let model = model(text);
    let edge = &model.edges[0];
    assert_eq!(
        origin(text, &edge.attributes, Attr::Timeout),
        ("timeout = 2s".to_owned(), "defaults")
    );
    assert_eq!(
        origin(text, &edge.attributes, Attr::Bulkhead),
        ("bulkhead = 3".to_owned(), "defaults")
    );
    assert_eq!(
        origin(text, &edge.attributes, Attr::Throttle),
        ("throttle = 4/s".to_owned(), "policy")
    );
    assert_eq!(
        origin(text, &edge.attributes, Attr::Deadline),
        ("deadline = 5s".to_owned(), "declared")
    );
    let two = edge.attributes_of(edge.operations[1].operation);
    assert_eq!(
        origin(text, two, Attr::Deadline),
        ("deadline = 6s".to_owned(), "declared")
    );
    assert_eq!(origin(text, two, Attr::Throttle).1, "policy");
    assert!(edge.operations[0].overrides.is_none());
    // The zone's and grpc's defaults are not for an edge that starts elsewhere and travels otherwise.
    assert_eq!(
        origin(text, &model.edges[1].attributes, Attr::Bulkhead),
        ("bulkhead = 1".to_owned(), "defaults")
    );
    // Nothing of ours holds for what a client does.
    assert!(model.edges[2].attributes.get(Attr::Timeout).is_none());
    assert_eq!(
        origin(text, &model.edges[2].attributes, Attr::Tls),
        ("built in".to_owned(), "built in")
    );
}

#[test]
fn the_nearest_value_of_a_callee_wins() {
    let text = "
        defaults { max_body = 1KiB, rate_limit = 1/s, timeout = 1s }
        zone core : internal {
          defaults { rate_limit = 2/s, timeout = 2s }
          service a { api A { timeout = 3s
            query one() { timeout = 4s }
            query two() } }
        }";
    let model = model(text);
    let one = &operation(&model, "one").attributes;
    let two = &operation(&model, "two").attributes;
    assert_eq!(
        origin(text, one, Attr::Timeout),
        ("timeout = 4s".to_owned(), "declared")
    );
    assert_eq!(
        origin(text, two, Attr::Timeout),
        ("timeout = 3s".to_owned(), "inherited")
    );
    assert_eq!(
        origin(text, two, Attr::RateLimit),
        ("rate_limit = 2/s".to_owned(), "defaults")
    );
    assert_eq!(
        origin(text, two, Attr::MaxBody),
        ("max_body = 1KiB".to_owned(), "defaults")
    );
}

#[test]
fn what_is_built_in_is_safe_and_only_for_what_we_generate() {
    let text = "
        service a
        service b
        service old { existing = true
          api Old { query find() } }
        external bank
        store db : postgres
        store files : s3
        store local : sqlite
        a -> b : rest
        a -> old : rest
        old -> b : rest
        old -> bank : rest
        a -> db
        a -> files
        a -> local";
    let model = model(text);
    let tls: Vec<Option<Tls>> = model.edges.iter().map(|it| it.attributes.tls()).collect();
    use super::super::attributes::Tls;
    let (mutual, server) = (Some(Tls::Mutual), Some(Tls::Server));
    assert_eq!(tls, [mutual, server, server, None, mutual, server, None]);
    let timeouts: Vec<Option<u64>> = model
        .edges
        .iter()
        .map(|it| it.attributes.timeout().map(|it| it.as_secs()))
        .collect();
    assert_eq!(
        timeouts,
        [Some(5), Some(5), None, None, Some(5), Some(5), Some(5)]
    );
    assert_eq!(
        operation(&model, "ping").attributes.max_body(),
        Some(1024 * 1024)
    );
    assert!(operation(&model, "ping").attributes.is(Attr::Public));
    assert_eq!(operation(&model, "find").attributes.iter().count(), 0);
}

#[test]
fn existing_is_handed_down() {
    let old = model("zone legacy : internal { existing = true, service a }");
    assert!(node(&old, "a").existing);
    let mixed = model(
        "system s { existing = true }, service a, service b { existing = false }, store db : postgres",
    );
    assert!(
        node(&mixed, "a").existing && node(&mixed, "db").existing && !node(&mixed, "b").existing
    );
    let data = model(
        "zone vault : restricted { data = restricted, store db : postgres, store open : redis { data = public } }",
    );
    let classes: Vec<_> = data.nodes().map(|(id, _)| data.data_class(id)).collect();
    use super::super::attributes::DataClass;
    assert_eq!(
        classes,
        [Some(DataClass::Restricted), Some(DataClass::Public)]
    );
}

#[test]
fn consumers_take_over_what_their_channel_says() {
    let text = "
        broker bus : kafka { topic news : News { attempts = 3, concurrency = 4 }
          topic dead : News }
        type News { id: uuid }
        service a
        bus.news -> a { concurrency = 8, dlq = dead }";
    let model = model(text);
    let edge = &model.edges[0].attributes;
    assert_eq!(
        origin(text, edge, Attr::Attempts),
        ("attempts = 3".to_owned(), "inherited")
    );
    assert_eq!(
        origin(text, edge, Attr::Concurrency),
        ("concurrency = 8".to_owned(), "declared")
    );
    assert_eq!(edge.value(Attr::Group), Some(&Value::Text("a".to_owned())));
    assert_eq!(edge.dlq().map(|it| model[it].name.as_str()), Some("dead"));
}

#[test]
fn routes_are_derived_and_overridden() {
    let model = model(
        "type Order { id: uuid }
         enum Status { open }
         service orders {
           api Orders { at = \"/shop/\"
             query find(id: uuid, line: uuid?, status: Status?) -> Order
             command place(Order) -> Order
             event paid_late(Order)
             command cancel(id: uuid) { http = delete(\"/orders/{id}\") }
           }
           api Orders v2 { query find(id: uuid) -> Order }
           api OrderLines { query all(tags: [string]) -> [Order] }
         }
         service front
         front -> orders.Orders : rest
         front -> orders.Orders.v2 : rest
         front -> orders.OrderLines : rest",
    );
    let routes: Vec<String> = model
        .operations
        .iter()
        .map(|it| format!("{} {}", it.route.method, it.route.path))
        .collect();
    assert_eq!(
        routes,
        [
            "get /shop/orders/find/{id}",
            "post /shop/orders/place",
            "post /shop/orders/paid-late",
            "delete /shop/orders/{id}",
            "get /v2/orders/find/{id}",
            "get /order-lines/all",
        ]
    );
    assert_eq!(
        model.structs.last().map(|it| it.name.as_str()),
        Some("OrderLinesAllRequest")
    );
    assert!(
        model
            .structs
            .iter()
            .any(|it| it.name == "OrdersV2FindRequest")
    );
}

#[test]
fn a_proxy_writes_nothing_twice() {
    let text = "
        roles { clerk }
        auth staff : jwt { issuer = \"https://id.example\" }
        service orders { api Orders { auth = staff, allow = [clerk]
            command place(id: uuid) { idempotent = key } } }
        service front { api Shop via orders.Orders { rate_limit = 5/s } }
        front -> orders : grpc";
    let model = model(text);
    let place = &model.operations[1];
    assert_eq!(model[place.api].name, "Shop");
    assert_eq!(
        place.via.as_ref().map(|it| it.target),
        Some(CallTarget::Operation(OperationId(0)))
    );
    assert_eq!(origin(text, &place.attributes, Attr::Allow).1, "inherited");
    assert!(matches!(
        place.attributes.idempotent(),
        Some(super::super::attributes::Idempotent::Key(_))
    ));
    let Input::Parameters(request) = place.input else {
        panic!("it has parameters")
    };
    assert_eq!(model[request].name, "ShopPlaceRequest");
    assert_eq!(model[request].owner, Some(model[place.api].node));
}

#[test]
fn numbers_come_from_the_lock() {
    let mut sources = Sources::default();
    let root = sources.add("test.arch", "type Order { id: uuid, note: string }");
    let lock = sources.add("contracts.lock", "Order.note = 1\nOrder.old = 2 gone\n");
    let resolution = resolve(&mut sources, root, &Memory::default(), Some(lock));
    let tags: Vec<u32> = resolution.model.expect("right").structs[0]
        .fields
        .iter()
        .map(|it| it.tag)
        .collect();
    assert_eq!(tags, [3, 1]);
    assert!(
        resolution
            .contracts_lock
            .print()
            .ends_with("Order.id = 3\nOrder.note = 1\nOrder.old = 2 gone\n")
    );
    let torn = sources.add("torn/contracts.lock", "Order.note = 1\nOrder.id = 1\n");
    let resolution = resolve(&mut sources, root, &Memory::default(), Some(torn));
    assert_eq!(resolution.diagnostics[0].code, "ARC058");
    assert_eq!(resolution.diagnostics[0].primary.span.file, torn);
}

#[test]
fn messages_that_may_hold_themselves_are_boxed() {
    let model =
        model("type Tree { left: Tree?, all: [Tree], leaf: Leaf? }, type Leaf { id: uuid }");
    let boxed: Vec<bool> = model.structs[0].fields.iter().map(|it| it.boxed).collect();
    assert_eq!(boxed, [true, false, false]);
}

#[test]
fn files_are_read_once_and_circles_are_shown() {
    let memory = Memory::new([
        (
            "shop/a.arch",
            "import \"lib/b.arch\"\nimport \"lib/c.arch\"\nsystem shop",
        ),
        ("shop/lib/b.arch", "import \"c.arch\"\nservice b"),
        ("shop/lib/c.arch", "service c"),
        ("x.arch", "import \"y.arch\""),
        ("y.arch", "import \"./x.arch\""),
        ("./dot.arch", "import \"back.arch\""),
        ("back.arch", "import \"dot.arch\""),
        (
            "twice.arch",
            "import \"shop/lib/c.arch\"\nimport \"shop/lib/c.arch\"",
        ),
        ("gone.arch", "import \"nowhere.arch\""),
    ]);
    let codes = |root: &str| {
        let mut sources = Sources::default();
        let id = crate::source::load(&mut sources, &memory, Path::new(root)).expect("it is there");
        let resolution = resolve(&mut sources, id, &memory, None);
        let codes: Vec<&str> = resolution.diagnostics.iter().map(|it| it.code).collect();
        (
            codes,
            resolution.model.map(|it| it.nodes.len()),
            resolution.files.len(),
        )
    };
    use std::path::Path;
    assert_eq!(codes("shop/a.arch"), (vec![], Some(2), 3));
    assert_eq!(codes("x.arch"), (vec!["ARC020"], None, 2));
    assert_eq!(codes("./dot.arch"), (vec!["ARC020"], None, 2));
    assert_eq!(codes("twice.arch"), (vec!["ARC021"], None, 2));
    assert_eq!(codes("gone.arch"), (vec!["ARC007"], None, 1));
}

#[test]
fn unwritten_arguments_are_those_of_the_schema() {
    let text = "
        policy a { retry = exponential(attempts = 2), breaker = errors(50%) }
        policy b { retry = exponential(attempts = 2, base = 50ms, jitter = full), breaker = errors(50%, window = 10s, min_calls = 20, probes = 3) }
        service s { api A { rate_limit = limit(5/s)
            command one(id: uuid) { idempotent = by(id) }
            command two(id: uuid) { rate_limit = limit(5/s, per = global), idempotent = by(id, window = 24h) } } }";
    let model = model(text);
    let values = |attributes: &Attributes| {
        attributes
            .iter()
            .map(|(attr, it)| (attr, it.value.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        values(&model.policies[0].attributes),
        values(&model.policies[1].attributes)
    );
    assert_eq!(
        values(&model.operations[0].attributes),
        values(&model.operations[1].attributes)
    );
}
