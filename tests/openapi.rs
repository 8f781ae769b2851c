//! OpenAPI documents: well formed by OpenAPI's own schema, and each sample valid by the schema that stands beside it.

#[path = "openapi/model.rs"]
mod model;

use archwright::generate::{openapi, sample};
use archwright::model::resolve::resolve;
use archwright::model::types::{Check, Scalar, TypeRef};
use archwright::model::{ApiId, Method, OperationKind};
use archwright::source::{Memory, Sources};
use jsonschema::Validator;
use model::Builder;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The schema of OpenAPI 3.1 documents as the OpenAPI Initiative publishes it.
const OPENAPI: &str = include_str!("openapi/oas-3.1.json");

fn well_formed(document: &Value) -> Result<(), String> {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
        let schema: Value = serde_json::from_str(OPENAPI).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    });
    let mut errors: Vec<String> = VALIDATOR
        .iter_errors(document)
        .map(|it| format!("{}: {it}", it.instance_path()))
        .collect();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if let Err(error) = jsonschema::meta::validate(schema) {
            errors.push(format!("schema {name}: {error}"));
        }
    }
    for reference in references(document) {
        if document
            .pointer(reference.trim_start_matches('#'))
            .is_none()
        {
            errors.push(format!("{reference} leads nowhere"));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("\n"))
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => {
            let own = object
                .get("$ref")
                .and_then(Value::as_str)
                .map(str::to_owned);
            own.into_iter()
                .chain(object.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// A validator of one schema of the document, its references resolved, formats judged.
fn schema_at(document: &Value, pointer: &str) -> Validator {
    let mut schema = document
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer}"))
        .clone();
    schema["components"] = document["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn shop() -> (model::Built, Value) {
    let mut it = Builder::new("shop", "Online shop");
    let status = it.enumeration("Status", &["pending", "paid"]);
    let item = it.message(
        "Item",
        vec![
            it.field("sku", Scalar::String, vec![]),
            it.field(
                "quantity",
                Scalar::Int32,
                vec![Check::Min("1".into()), Check::Max("100".into())],
            ),
        ],
    );
    let place = it.message(
        "PlaceOrder",
        vec![
            it.field(
                "customer",
                Scalar::String,
                vec![Check::Length {
                    min: 1,
                    max: Some(64),
                }],
            ),
            it.field_of("items", TypeRef::List(Box::new(item)), vec![]),
        ],
    );
    let order = it.message(
        "Order",
        vec![
            it.field("id", Scalar::Uuid, vec![]),
            it.field_of("status", status.clone(), vec![]),
            it.field("total", Scalar::Decimal, vec![]),
        ],
    );
    let find = it.parameters(
        "ShopOrderRequest",
        vec![it.field("id", Scalar::Uuid, vec![])],
    );
    let list = it.parameters(
        "ShopListRequest",
        vec![
            it.field_of("status", TypeRef::Optional(Box::new(status)), vec![]),
            it.field("limit", Scalar::Int32, vec![Check::Max("100".into())]),
        ],
    );
    it.operation(
        "order",
        OperationKind::Query,
        find,
        Some(order.clone()),
        Method::Get,
        "/v1/shop/order/{id}",
    );
    it.operation(
        "list",
        OperationKind::Query,
        list,
        Some(TypeRef::List(Box::new(order.clone()))),
        Method::Get,
        "/v1/shop/list",
    );
    it.operation(
        "place",
        OperationKind::Command,
        it.whole(place.clone()),
        Some(order),
        Method::Post,
        "/v1/shop/place",
    );
    it.operation(
        "told",
        OperationKind::Event,
        it.whole(place),
        None,
        Method::Post,
        "/v1/shop/told",
    );
    it.operation(
        "reset",
        OperationKind::Command,
        archwright::model::Input::None,
        None,
        Method::Post,
        "/v1/shop/reset",
    );
    it.secure("place", "staff", &["customer"], true);
    let built = it.build();
    let document = openapi::document(&built.model, ApiId(0));
    (built, document)
}

#[test]
fn the_document_is_openapi() {
    let (_, document) = shop();
    well_formed(&document).unwrap();
}

#[test]
fn the_documents_of_the_examples_are_openapi() {
    for text in [
        include_str!("../examples/shop.arch"),
        include_str!("../examples/sketch.arch"),
    ] {
        for document in documents(text) {
            well_formed(&document).unwrap();
        }
    }
}

/// The documents of all apis of a drawing.
fn documents(text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let root = sources.add("test.arch", text);
    let resolution = resolve(&mut sources, root, &Memory::default(), None);
    let model = resolution
        .model
        .unwrap_or_else(|| panic!("{:#?}", resolution.diagnostics));
    model
        .apis()
        .map(|(id, _)| openapi::document(&model, id))
        .collect()
}

#[test]
fn a_public_operation_asks_for_nobody() {
    let document = documents(
        r#"roles { customer }
           auth staff : jwt { issuer = "https://id.example", audience = "a", algorithms = [ES256], roles = roles }
           service front { api Shop { auth = staff, allow = [customer]
               query open { public = true }
               query closed } }"#,
    )
    .remove(0);
    let open = &document["paths"]["/shop/open"]["get"];
    assert_eq!(open["security"], json!([]));
    assert!(open["responses"].get("401").is_none() && open.get("x-roles").is_none());
    let closed = &document["paths"]["/shop/closed"]["get"];
    assert_eq!(closed["security"], json!([{ "staff": [] }]));
    assert_eq!(closed["x-roles"], json!(["customer"]));
}

#[test]
fn what_stands_in_the_path_leaves_the_body() {
    let document = documents(
        r#"type Thing { id: uuid, name: string }
           service front { api Shop {
               command rename(id: uuid, name: string) { http = put("/things/{id}") }
               command store(Thing) { http = post("/things/{id}") }
               command drop(id: uuid, why: string?) { http = delete("/things/{id}") } } }"#,
    )
    .remove(0);
    let thing = &document["paths"]["/things/{id}"];
    for method in ["put", "post"] {
        let schema = &thing[method]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(schema["required"], json!(["name"]), "{method}");
        assert!(schema["properties"].get("id").is_none(), "{method}");
        assert_eq!(thing[method]["parameters"][0]["in"], "path", "{method}");
    }
    assert!(thing["delete"].get("requestBody").is_none());
    assert_eq!(thing["delete"]["parameters"][1]["in"], "query");
    assert_eq!(thing["delete"]["parameters"][1]["required"], false);
    well_formed(&document).unwrap();
}

#[test]
fn a_broken_document_is_seen() {
    let (_, mut document) = shop();
    document["paths"]["/v1/shop/place"]["post"]["requestBody"]["required"] = json!("yes");
    assert!(well_formed(&document).is_err());
    let (_, mut document) = shop();
    document["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .remove("Item");
    assert!(well_formed(&document).is_err());
}

#[test]
fn parameters_stand_where_they_travel() {
    let (_, document) = shop();
    let place = |path: &str| -> Vec<(String, String, bool)> {
        document["paths"][path]["get"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["name"].as_str().unwrap().to_owned(),
                    it["in"].as_str().unwrap().to_owned(),
                    it["required"].as_bool().unwrap(),
                )
            })
            .collect()
    };
    assert_eq!(
        place("/v1/shop/order/{id}"),
        [("id".to_owned(), "path".to_owned(), true)]
    );
    assert_eq!(
        place("/v1/shop/list"),
        [
            ("status".to_owned(), "query".to_owned(), false),
            ("limit".to_owned(), "query".to_owned(), true)
        ]
    );
    let post = &document["paths"]["/v1/shop/place"]["post"];
    assert_eq!(
        post["parameters"][0]["$ref"],
        "#/components/parameters/Idempotency-Key"
    );
    assert_eq!(
        post["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/PlaceOrder"
    );
}

#[test]
fn each_operation_names_its_statuses_and_who_may() {
    let (_, document) = shop();
    let statuses = |path: &str, method: &str| -> Vec<String> {
        document["paths"][path][method]["responses"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let place = statuses("/v1/shop/place", "post");
    for status in [
        "200", "400", "401", "403", "409", "413", "415", "429", "503", "504",
    ] {
        assert!(place.iter().any(|it| it == status), "{status} in {place:?}");
    }
    assert_eq!(statuses("/v1/shop/told", "post")[0], "202");
    assert_eq!(statuses("/v1/shop/reset", "post")[0], "204");
    assert!(!statuses("/v1/shop/reset", "post").contains(&"415".to_owned()));
    assert!(!statuses("/v1/shop/reset", "post").contains(&"401".to_owned()));
    assert_eq!(
        document["paths"]["/v1/shop/place"]["post"]["security"],
        json!([{ "staff": [] }])
    );
    assert_eq!(
        document["paths"]["/v1/shop/reset"]["post"]["security"],
        json!([])
    );
    assert_eq!(
        document["components"]["securitySchemes"]["staff"]["scheme"],
        "bearer"
    );
}

#[test]
fn what_the_schema_lets_in() {
    let (_, document) = shop();
    let place = schema_at(&document, "/components/schemas/PlaceOrder");
    let body = |quantity: Value| json!({ "customer": "ann", "items": [{ "sku": "a", "quantity": quantity }] });
    assert!(place.is_valid(&body(json!(1))));
    assert!(place.is_valid(&body(json!(100.0))));
    assert!(place.is_valid(&json!({ "customer": "\u{0}", "items": [], "more": 1 })));
    for refused in [
        body(json!(0)),
        body(json!(101)),
        body(json!("1")),
        body(json!(1.5)),
        json!({ "items": [] }),
        json!(["ann", []]),
    ] {
        assert!(!place.is_valid(&refused), "{refused}");
    }
}

#[test]
fn a_message_that_holds_itself_has_a_finite_sample() {
    let mut it = Builder::new("s", "S");
    let node = it.reserve("Node");
    let optional = it.field_of("next", TypeRef::Optional(Box::new(node.clone())), vec![]);
    let children = it.field_of("children", TypeRef::List(Box::new(node.clone())), vec![]);
    let named = it.field_of("named", TypeRef::Map(Box::new(node.clone())), vec![]);
    it.fill(&node, vec![optional, children, named]);
    let endless = it.reserve("Endless");
    let itself = it.field_of("itself", endless.clone(), vec![]);
    it.fill(&endless, vec![itself]);
    let least = it.reserve("Least");
    let two = it.field_of(
        "two",
        TypeRef::List(Box::new(least.clone())),
        vec![Check::Length { min: 2, max: None }],
    );
    it.fill(&least, vec![two]);
    let model = it.build().model;
    assert_eq!(
        sample::value(&model, &node).unwrap(),
        json!({ "children": [], "named": {} })
    );
    assert!(matches!(
        sample::value(&model, &endless),
        Err(sample::Unsampleable::Endless(_))
    ));
    assert!(matches!(
        sample::value(&model, &least),
        Err(sample::Unsampleable::Endless(_))
    ));
}

#[test]
fn a_sample_never_grows_without_bound() {
    let mut it = Builder::new("s", "S");
    let mut ty = it.message("Leaf", vec![it.field("x", Scalar::Bool, vec![])]);
    for level in 0..40 {
        let (left, right) = (
            it.field_of("left", ty.clone(), vec![]),
            it.field_of("right", ty.clone(), vec![]),
        );
        ty = it.message(&format!("Level{level}"), vec![left, right]);
    }
    let model = it.build().model;
    assert_eq!(
        sample::value(&model, &ty),
        Err(sample::Unsampleable::TooLarge)
    );
}

#[test]
fn marks_that_contradict_each_other_have_no_sample() {
    for (scalar, checks) in [
        (
            Scalar::Int32,
            vec![Check::Min("5".into()), Check::Max("4".into())],
        ),
        (
            Scalar::Decimal,
            vec![Check::Min("0.2".into()), Check::Max("0.1".into())],
        ),
        (
            Scalar::String,
            vec![Check::Length {
                min: 3,
                max: Some(2),
            }],
        ),
        (
            Scalar::String,
            vec![
                Check::Email,
                Check::Length {
                    min: 0,
                    max: Some(3),
                },
            ],
        ),
        (
            Scalar::String,
            vec![Check::Pattern("^a$".into()), Check::Pattern("^b$".into())],
        ),
    ] {
        let it = Builder::new("s", "S");
        let field = it.field("x", scalar, checks.clone());
        let model = it.build().model;
        assert_eq!(
            sample::field(&model, &field),
            Err(sample::Unsampleable::Marks("x".into())),
            "{checks:?}"
        );
    }
}

#[test]
fn texts_keep_to_their_marks() {
    let sampled = |checks: Vec<Check>| {
        let it = Builder::new("s", "S");
        let field = it.field("customer", Scalar::String, checks);
        sample::field(&it.build().model, &field).unwrap()
    };
    assert_eq!(sampled(vec![]), "customer");
    assert_eq!(
        sampled(vec![Check::Length {
            min: 0,
            max: Some(4)
        }]),
        "cust"
    );
    assert_eq!(
        sampled(vec![Check::Length { min: 10, max: None }]),
        "customerxx"
    );
    assert_eq!(
        sampled(vec![
            Check::Pattern("^[A-Z]{3}-[0-9]{2,}$".into()),
            Check::Length {
                min: 9,
                max: Some(9)
            }
        ]),
        "AAA-11111"
    );
    assert_eq!(sampled(vec![Check::Email]), "someone@example.com");
    assert_eq!(sampled(vec![Check::Url]), "https://example.com/");
}

fn checks_of(scalar: Scalar) -> BoxedStrategy<Vec<Check>> {
    let bound = || {
        (-50_i32..50, 0_i32..50).prop_map(|(a, more)| {
            vec![
                Check::Min(a.to_string()),
                Check::Max((a + more).to_string()),
            ]
        })
    };
    let halves = || {
        (-50_i32..50, 0_i32..50).prop_map(|(a, more)| {
            vec![
                Check::Min(format!("{}.25", a)),
                Check::Max(format!("{}.5", a + more + 1)),
            ]
        })
    };
    let length = || {
        (0_u64..12, 0_u64..40, any::<bool>()).prop_map(|(min, more, open)| {
            vec![Check::Length {
                min,
                max: (!open).then_some(min + more),
            }]
        })
    };
    match scalar {
        Scalar::Int32 | Scalar::Int64 => prop_oneof![Just(vec![]), bound()].boxed(),
        Scalar::Float64 | Scalar::Decimal => prop_oneof![Just(vec![]), bound(), halves()].boxed(),
        Scalar::Bytes => prop_oneof![Just(vec![]), length()].boxed(),
        Scalar::String => prop_oneof![
            Just(vec![]),
            length(),
            Just(vec![Check::Email]),
            Just(vec![Check::Url]),
            (20_u64..200).prop_map(|min| vec![
                Check::Email,
                Check::Length {
                    min,
                    max: Some(min)
                }
            ]),
            (20_u64..200).prop_map(|min| vec![
                Check::Url,
                Check::Length {
                    min,
                    max: Some(min)
                }
            ]),
            Just(vec![Check::Pattern("^[A-Z]{2}[0-9]{3,9}(-x)?$".into())]),
        ]
        .boxed(),
        _ => Just(vec![]).boxed(),
    }
}

fn marked() -> impl Strategy<Value = (TypeRef, Vec<Check>)> {
    let leaf = prop::sample::select(Scalar::ALL).prop_flat_map(|scalar| {
        checks_of(scalar).prop_map(move |checks| (TypeRef::Scalar(scalar), checks))
    });
    leaf.prop_recursive(3, 8, 1, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|(ty, checks)| (TypeRef::Optional(Box::new(ty)), checks)),
            inner.clone().prop_map(|(ty, checks)| {
                let checks = checks
                    .into_iter()
                    .filter(|it| !matches!(it, Check::Length { .. }))
                    .collect();
                (TypeRef::List(Box::new(ty)), checks)
            }),
            inner.prop_map(|(ty, checks)| {
                let checks = checks
                    .into_iter()
                    .filter(|it| !matches!(it, Check::Length { .. }))
                    .collect();
                (TypeRef::Map(Box::new(ty)), checks)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_sample_is_valid_by_its_schema(fields in prop::collection::vec(marked(), 1..6)) {
        let mut it = Builder::new("s", "S");
        let fields = fields.into_iter().enumerate().map(|(at, (ty, checks))| it.field_of(&format!("field{at}"), ty, checks)).collect();
        let message = it.message("Message", fields);
        let input = it.whole(message.clone());
        it.operation("do", OperationKind::Command, input, Some(message), Method::Post, "/do");
        let model = it.build().model;
        let document = openapi::document(&model, ApiId(0));
        prop_assert_eq!(well_formed(&document), Ok(()));
        let sample = sample::input(&model, archwright::model::OperationId(0)).unwrap().unwrap();
        let validator = schema_at(&document, "/components/schemas/Message");
        prop_assert!(validator.is_valid(&sample), "{}\n{}", sample, document["components"]["schemas"]["Message"]);
        prop_assert_eq!(&document["paths"]["/do"]["post"]["requestBody"]["content"]["application/json"]["example"], &sample);
    }
}
