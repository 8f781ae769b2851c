use std::time::Duration;

use platform::Clock;
use platform::limiter::Pace;
use platform::state::{Claim, Claimed, Memory, Redis, Store};
use tokio::time::sleep;

use super::server::Server;

const MINUTE: Duration = Duration::from_secs(60);

/// Runs a part of the suite over each backend.
async fn each<F: Future<Output = ()>>(part: impl Fn(&'static dyn Store) -> F) {
    part(Box::leak(Box::new(Memory::new(Clock::system())))).await;
    let server = Server::start();
    let redis = Redis::at(&server.address.to_string(), None).unwrap();
    redis.open();
    sleep(Duration::from_millis(200)).await;
    part(Box::leak(Box::new(redis))).await;
}

fn claim<'a>(key: &'a str, request: &'a str, owner: &'a str) -> Claim<'a> {
    Claim {
        key,
        request,
        owner,
    }
}

#[tokio::test]
async fn a_burst_is_let_in_and_then_the_rate() {
    each(|store| async move {
        // Slow enough that none comes back while the burst is taken, on however busy a machine.
        let pace = Pace::new(1, MINUTE, 20);
        for number in 0..20 {
            assert_eq!(store.take("a", pace).await, Ok(Ok(())), "number {number}");
        }
        let wait = store.take("a", pace).await.unwrap().unwrap_err();
        assert!(
            (Duration::from_secs(30)..=MINUTE).contains(&wait),
            "{wait:?}"
        );
        assert_eq!(
            store.take("b", pace).await,
            Ok(Ok(())),
            "each key has its own"
        );

        let quick = Pace::new(10, Duration::from_secs(1), 1);
        assert_eq!(store.take("c", quick).await, Ok(Ok(())));
        let wait = store.take("c", quick).await.unwrap().unwrap_err();
        sleep(wait).await;
        assert_eq!(
            store.take("c", quick).await,
            Ok(Ok(())),
            "after the wait that was told"
        );
    })
    .await;
}

#[tokio::test]
async fn those_who_come_at_once_share_one_count() {
    each(|store| async move {
        let pace = Pace::new(1, MINUTE, 20);
        let takes = (0..100).map(|_| store.take("a", pace));
        let taken = futures_util::future::join_all(takes).await;
        let let_in = taken.iter().filter(|it| **it == Ok(Ok(()))).count();
        assert_eq!(let_in, 20, "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn work_is_claimed_once_and_its_answer_given_to_the_others() {
    each(|store| async move {
        let (first, second) = (claim("a", "r", "first"), claim("a", "r", "second"));
        assert_eq!(store.claim(first, MINUTE).await, Ok(Claimed::Yours));
        assert_eq!(store.claim(second, MINUTE).await, Ok(Claimed::Running));
        let other = claim("a", "another request", "third");
        assert_eq!(store.claim(other, MINUTE).await, Ok(Claimed::Other));
        store.finish(first, b"answer\0", MINUTE).await.unwrap();
        let done = Claimed::Done(b"answer\0".to_vec());
        assert_eq!(store.claim(second, MINUTE).await, Ok(done.clone()));
        assert_eq!(store.claim(other, MINUTE).await, Ok(Claimed::Other));
        store.release(first).await.unwrap();
        assert_eq!(
            store.claim(second, MINUTE).await,
            Ok(done),
            "an answer stays"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_given_up_is_free() {
    each(|store| async move {
        let (first, second) = (claim("a", "r", "first"), claim("a", "r", "second"));
        store.claim(first, MINUTE).await.unwrap();
        store.release(second).await.unwrap();
        assert_eq!(
            store.claim(second, MINUTE).await,
            Ok(Claimed::Running),
            "nobody gives up what another holds"
        );
        store.release(first).await.unwrap();
        assert_eq!(store.claim(second, MINUTE).await, Ok(Claimed::Yours));
    })
    .await;
}

#[tokio::test]
async fn leases_and_windows_end() {
    each(|store| async move {
        let short = Duration::from_millis(50);
        let (first, second) = (claim("a", "r", "first"), claim("a", "r", "second"));
        store.claim(first, short).await.unwrap();
        sleep(short * 2).await;
        assert_eq!(store.claim(second, MINUTE).await, Ok(Claimed::Yours));
        store.finish(first, b"late", MINUTE).await.unwrap();
        assert_eq!(
            store.claim(first, MINUTE).await,
            Ok(Claimed::Running),
            "who is too late answers for nobody"
        );
        store.finish(second, b"in time", short).await.unwrap();
        sleep(short * 2).await;
        let another = claim("a", "another request", "third");
        assert_eq!(store.claim(another, MINUTE).await, Ok(Claimed::Yours));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_even_where_the_claim_was_forgotten() {
    each(|store| async move {
        let first = claim("never claimed", "r", "first");
        store.finish(first, b"answer", MINUTE).await.unwrap();
        let second = claim("never claimed", "r", "second");
        assert_eq!(
            store.claim(second, MINUTE).await,
            Ok(Claimed::Done(b"answer".to_vec()))
        );
    })
    .await;
}

#[tokio::test]
async fn a_value_is_kept_until_its_time_is_over_or_it_is_erased() {
    each(|store| async move {
        let value = &b"\0any bytes\xff"[..];
        assert_eq!(store.read("v").await, Ok(None));
        assert_eq!(store.replace("v", value, MINUTE).await, Ok(false));
        assert_eq!(
            store.read("v").await,
            Ok(None),
            "there was nothing to replace"
        );
        store.write("v", b"first", MINUTE).await.unwrap();
        assert_eq!(store.replace("v", value, MINUTE).await, Ok(true));
        assert_eq!(store.read("v").await, Ok(Some(value.to_vec())));
        store.erase("v").await.unwrap();
        assert_eq!(store.read("v").await, Ok(None));
        assert_eq!(store.replace("v", value, MINUTE).await, Ok(false));

        store
            .write("short", b"v", Duration::from_millis(50))
            .await
            .unwrap();
        sleep(Duration::from_millis(100)).await;
        assert_eq!(store.read("short").await, Ok(None));
        assert_eq!(store.replace("short", b"v", MINUTE).await, Ok(false));
    })
    .await;
}
