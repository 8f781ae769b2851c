//! What stands in for a call that failed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::advance;

use super::{Answer, Subject};
use crate::clock::Clock;
use crate::context::{Scope, User};

/// The last good answer stands in for the same user until it is too old, and for nobody else.
pub(super) async fn fallback(subject: &Subject<'_>, expected: Duration) {
    let good = (subject.edge.answer)(subject.operation);
    let script = move |number| match number {
        0 => Answer::Good(good.clone()),
        _ => Answer::Ill,
    };
    let rig = subject
        .rig(|real, call| call.fallback = real.fallback, script)
        .await;
    let call = async |user: &str| rig.client.call_for(&scope(user)).await.code;
    assert_eq!(call("ann").await, "ok", "a call while the callee is well");
    advance(expected.mul_f64(0.9)).await;
    assert_eq!(call("ann").await, "ok", "a call of the same user, later");
    assert_eq!(call("bob").await, "unavailable", "a call of another user");
    advance(expected.mul_f64(0.2)).await;
    assert_eq!(
        call("ann").await,
        "unavailable",
        "a call {expected:?} later"
    );
    assert_eq!(rig.peer.count(), 4, "calls that arrived");
}

fn scope(user: &str) -> Arc<Scope> {
    let user = User {
        subject: user.to_owned(),
        roles: Vec::new(),
        claims: serde_json::Map::new(),
        token: format!("the-token-of-{user}"),
    };
    Arc::new(Scope {
        user: Some(Arc::new(user)),
        ..Scope::background(Clock::system())
    })
}
