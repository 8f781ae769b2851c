//! Proofs that a service does what its drawing says: one for each attribute of each edge, api and operation.
//!
//! A proof takes the policy that the service really runs with and keeps of it exactly the value that it is about; all
//! that stands beside it is set to what the row says, or to nothing. So it observes its own attribute and no other, and
//! fails exactly when that attribute is not what the drawing says. Callers are proved by their typed clients, calling a
//! scripted peer; callees by raw requests to their public socket, with scripted handlers behind it. Time is tokio's
//! paused clock: a window of a day passes in no time.

mod callee;
mod caller;
mod peer;
mod row;
mod script;

use std::time::Duration;

pub use row::{
    BoxFuture, Callee, Caller, Case, Cast, Edge, Judged, Probe, Row, System, Wire, edge, encode,
    probe, sample, sample_stream, unknown,
};
pub use script::Script;

/// Runs one proof; a panic says what does not hold.
///
/// # Panics
/// When the attribute is not what the row says.
pub fn prove(system: &System, row: Row) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    crate::tls::provider();
    runtime.block_on(async {
        match row {
            Row::Callee { probe, expected } => {
                callee::prove(callee::Subject { system, probe }, expected).await;
            }
            Row::Caller {
                edge,
                operation,
                safety,
                expected,
            } => {
                caller::prove(
                    &caller::Subject {
                        system,
                        edge,
                        operation,
                        safety,
                    },
                    &expected,
                )
                .await;
            }
        }
    });
}

/// Asserts that virtual time passed as it should: timers are exact to the millisecond.
#[track_caller]
fn assert_took(what: &str, took: Duration, expected: Duration) {
    let late = took.saturating_sub(expected);
    assert!(
        took >= expected && late <= Duration::from_millis(5),
        "{what} took {took:?} instead of {expected:?}"
    );
}

/// Makes a test of each row: `proofs! { system; name => row; ... }`.
#[macro_export]
macro_rules! proofs {
    ($system:expr; $($name:ident => $row:expr;)*) => {
        $(#[test]
        #[allow(non_snake_case, reason = "two lines part subject, operation and value in a proof's name")]
        fn $name() {
            $crate::proofs::prove(&$system, $row);
        })*
    };
}

#[cfg(test)]
mod tests;
