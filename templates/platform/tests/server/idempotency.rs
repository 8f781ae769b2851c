use std::time::Duration;

use platform::ProblemKind;
use platform::policy::{Idempotent, Tls};

use tonic::Response;

use super::grpc::Call;
use super::support::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn keyed() -> Server {
    Server::start(policy_with(Tls::Off, |op| {
        op.idempotent = Some(Idempotent::Key { window: DAY })
    }))
    .await
}

fn attempt(server: &Server, key: &str, id: &str) -> reqwest::RequestBuilder {
    place(server, json(id, 1)).header("idempotency-key", key)
}

#[tokio::test(start_paused = true)]
async fn a_repeat_gets_the_first_answer_within_the_window() {
    let server = keyed().await;
    let first = attempt(&server, "k", "a").send().await.unwrap();
    assert!(!first.headers().contains_key("idempotency-replayed"));
    tokio::time::advance(DAY - Duration::from_secs(60)).await;
    let repeat = attempt(&server, "k", "a").send().await.unwrap();
    assert_eq!(repeat.headers()["idempotency-replayed"], "true");
    assert_eq!(repeat.json::<Order>().await.unwrap().id, "a");
    assert_eq!(server.shop.entered(), 1);
    attempt(&server, "other", "a").send().await.unwrap();
    assert_eq!(server.shop.entered(), 2);
    tokio::time::advance(Duration::from_secs(61)).await;
    attempt(&server, "k", "a").send().await.unwrap();
    assert_eq!(server.shop.entered(), 3);
}

/// Its messages are not read again, so that the key alone says that it is one.
#[tokio::test]
async fn a_stream_that_is_sent_again_gets_the_first_answer() {
    let server = keyed().await;
    let upload = async |key, id: &str| -> Response<Order> {
        let order = Order {
            id: id.into(),
            quantity: 1,
        };
        let call = Call {
            key: Some(key),
            ..Call::default()
        };
        call.send(&server, "/test.Shop/Upload", order)
            .await
            .unwrap()
    };
    let first = upload("k", "a").await;
    assert!(first.metadata().get("idempotency-replayed").is_none());
    let repeat = upload("k", "b").await;
    assert_eq!(
        repeat.metadata().get("idempotency-replayed").unwrap(),
        "true"
    );
    assert_eq!(repeat.into_inner().id, "a");
    assert_eq!(server.shop.entered(), 1);
    assert_eq!(upload("other", "b").await.into_inner().id, "b");
    assert_eq!(server.shop.entered(), 2);
}

#[tokio::test]
async fn an_answer_with_a_sample_in_it_says_so_each_time() {
    let server = keyed().await;
    for _ in 0..2 {
        let sampled = attempt(&server, "k", "sampled").send().await.unwrap();
        assert_eq!(sampled.headers()["x-sample"], "true");
        let order = Order {
            id: "sampled".into(),
            quantity: 1,
        };
        let call = Call {
            key: Some("grpc"),
            ..Call::default()
        };
        let sampled: Response<Order> = call.send(&server, "/test.Shop/Place", order).await.unwrap();
        assert_eq!(sampled.metadata().get("x-sample").unwrap(), "true");
    }
    assert_eq!(server.shop.entered(), 2);
    let other = attempt(&server, "l", "a").send().await.unwrap();
    assert!(!other.headers().contains_key("x-sample"));
}

#[tokio::test(start_paused = true)]
async fn repeats_meanwhile_share_one_run() {
    let server = keyed().await;
    let send = || tokio::spawn(attempt(&server, "k", "slow").send());
    let attempts = [send(), send(), send()];
    let mut replayed = 0;
    for attempt in attempts {
        let answer = attempt.await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        replayed += usize::from(answer.headers().contains_key("idempotency-replayed"));
    }
    assert_eq!((server.shop.entered(), replayed), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_for_the_next_attempt_when_its_caller_has_left() {
    let server = keyed().await;
    let late = attempt(&server, "k", "slow")
        .header("x-request-timeout-ms", "100")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(late).await.kind, ProblemKind::DeadlineExceeded);
    let second = attempt(&server, "k", "slow").send().await.unwrap();
    assert_eq!(second.headers()["idempotency-replayed"], "true");
    assert_eq!(server.shop.entered(), 1);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let server = keyed().await;
    attempt(&server, "k", "a").send().await.unwrap();
    let reused = problem(attempt(&server, "k", "b").send().await.unwrap()).await;
    assert_eq!(
        (reused.kind, reused.code.as_ref()),
        (ProblemKind::Conflict, "idempotency-key-reused")
    );
}

#[tokio::test]
async fn definite_failures_are_repeated_and_others_tried_again() {
    let server = keyed().await;
    for _ in 0..2 {
        assert_eq!(
            attempt(&server, "m", "missing")
                .send()
                .await
                .unwrap()
                .status(),
            404
        );
    }
    assert_eq!(server.shop.entered(), 1);
    for _ in 0..2 {
        assert_eq!(
            attempt(&server, "b", "broken")
                .send()
                .await
                .unwrap()
                .status(),
            500
        );
    }
    assert_eq!(server.shop.entered(), 3);
}

#[tokio::test]
async fn keys_have_a_form() {
    let server = keyed().await;
    let long = "k".repeat(256);
    for wrong in ["", "ä", long.as_str()] {
        let refused = problem(attempt(&server, wrong, "a").send().await.unwrap()).await;
        assert_eq!(refused.errors[0].field, "Idempotency-Key", "{wrong}");
    }
    assert_eq!(
        place(&server, json("a", 1)).send().await.unwrap().status(),
        200,
        "the key is optional"
    );
}

#[tokio::test]
async fn a_field_can_tell_requests_apart() {
    let by = Idempotent::By {
        field: "id",
        window: DAY,
    };
    let server = Server::start(policy_with(Tls::Off, |op| op.idempotent = Some(by))).await;
    for replayed in [false, true] {
        let answer = place(&server, json("a", 1)).send().await.unwrap();
        assert_eq!(
            answer.headers().contains_key("idempotency-replayed"),
            replayed
        );
    }
    place(&server, json("b", 1)).send().await.unwrap();
    assert_eq!(server.shop.entered(), 2);
}

#[tokio::test]
async fn the_protocols_share_their_answers() {
    let server = keyed().await;
    attempt(&server, "k", "a").send().await.unwrap();
    let call = super::grpc::Call {
        key: Some("k"),
        ..super::grpc::Call::default()
    };
    let answer: tonic::Response<Order> = call
        .send(
            &server,
            "/test.Shop/Place",
            Order {
                id: "a".into(),
                quantity: 1,
            },
        )
        .await
        .unwrap();
    assert!(answer.metadata().contains_key("idempotency-replayed"));
    assert_eq!(server.shop.entered(), 1);
}
