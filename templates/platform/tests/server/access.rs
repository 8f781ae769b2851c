//! Who may ask for what: conditions over claims and parameters.

use std::time::Duration;

use platform::policy::{Idempotent, OperationPolicy, Tls, When};
use platform::{Caller, Problem, ProblemKind, ServiceConfig, Setup};
use serde_json::{Value, json};

use super::auth::{Issuer, Key, claims, claims_with, server_with};
use super::grpc::Call;
use super::support::*;

/// Orders are named after the region that they belong to.
fn own_region(operation: &mut OperationPolicy) {
    if matches!(operation.operation, "find" | "told") {
        operation.when = Some(When::new(|caller: Caller<'_>, order: &Order| {
            caller.claim::<&str>("region") == Some(order.id.as_str())
        }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_judges_claims_and_parameters() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server_with(&issuer, own_region).await;
    let token = |region: Value| key.sign(&claims_with("region", region));
    let cases = [
        (token(json!("eu")), true),
        (token(json!("us")), false),
        (token(json!(["eu"])), false),
        (key.sign(&claims()), false),
    ];
    for (token, let_in) in cases {
        let rest = client()
            .get(server.url("/orders/eu"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        let order = Order {
            id: "eu".to_owned(),
            quantity: 0,
        };
        let call = Call {
            token: Some(token),
            ..Call::default()
        };
        let grpc: Result<tonic::Response<Order>, _> =
            call.send(&server, "/test.Shop/Find", order).await;
        if let_in {
            assert_eq!(rest.status(), 200);
            assert!(grpc.is_ok());
            continue;
        }
        let (rest, grpc) = (problem(rest).await, Problem::from(&grpc.unwrap_err()));
        assert_eq!(rest.kind, ProblemKind::Forbidden);
        assert_eq!(rest, grpc, "the same on both protocols");
        assert!(!format!("{rest:?}").contains("eu"), "{rest:?}");
    }
    assert_eq!(server.shop.entered(), 2, "no handler saw what was refused");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_valid_is_told_before_it_is_judged() {
    let (issuer, key) = (Issuer::default(), Key::new("one"));
    issuer.publish(&[&key]);
    let server = server_with(&issuer, own_region).await;
    let asked = client()
        .get(server.url("/orders/eu?quantity=-1"))
        .bearer_auth(key.sign(&claims()));
    let problem = problem(asked.send().await.unwrap()).await;
    assert_eq!(problem.kind, ProblemKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_not_repeated_to_whom_the_condition_refuses() {
    let open = policy_with(Tls::Off, |operation| {
        if operation.operation == "place" {
            let window = Duration::from_secs(60);
            operation.idempotent = Some(Idempotent::Key { window });
            operation.when = Some(When::new(|_: Caller<'_>, order: &Order| {
                order.quantity < 10
            }));
        }
    });
    let server = Server::start(open).await;
    let ask = async |quantity| {
        let asked = place(&server, json("a", quantity)).header("idempotency-key", "one");
        asked.send().await.unwrap().status()
    };
    assert_eq!(ask(1).await, 200);
    assert_eq!(ask(10).await, 403);
    assert_eq!(ask(1).await, 200);
    assert_eq!(server.shop.entered(), 1);
}

#[tokio::test]
async fn a_condition_for_other_requests_does_not_start() {
    let policy = policy_with(Tls::Off, |operation| {
        operation.when = Some(When::new(|_: Caller<'_>, _: &u8| true));
    });
    let setup = Setup::new(policy, ServiceConfig::default());
    let error = service(Shop::default(), setup).unwrap_err();
    assert!(
        error.to_string().contains("judges other requests"),
        "{error}"
    );
}
