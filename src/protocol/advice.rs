//! The selection guide in short: which protocols fit a call, best first.

use super::{OperationShape, Protocol};

/// Protocols that can carry at least one of the shapes, best first.
///
/// `browser`: pages call it. `inside`: both ends are services of the drawing. Without shapes nothing is known of the
/// callee, and all protocols could be meant.
#[must_use]
pub fn advise(browser: bool, inside: bool, shapes: &[OperationShape]) -> Vec<Protocol> {
    let mut fitting: Vec<Protocol> = Protocol::ALL
        .iter()
        .copied()
        .filter(|protocol| shapes.is_empty() || shapes.iter().any(|shape| protocol.carries(*shape)))
        .filter(|protocol| !browser || protocol.facts().browser)
        // Between our own services a webhook gives nothing that a broker or a call does not give better.
        .filter(|protocol| !(inside && protocol.facts().signed))
        .collect();
    fitting.sort_by_key(|protocol| {
        let carried = shapes
            .iter()
            .filter(|shape| protocol.carries(**shape))
            .count();
        let favoured = inside && *protocol == Protocol::Grpc;
        (shapes.len() - carried, !favoured)
    });
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_inside_are_advised_grpc() {
        assert_eq!(
            advise(false, true, &[OperationShape::Query])[0],
            Protocol::Grpc
        );
    }

    #[test]
    fn browsers_are_advised_rest_for_calls_and_what_pushes_for_streams() {
        assert_eq!(
            advise(
                true,
                false,
                &[OperationShape::Query, OperationShape::Command]
            )[0],
            Protocol::Rest
        );
        let streams = advise(true, false, &[OperationShape::Conversation]);
        assert_eq!(streams, [Protocol::Websocket]);
    }

    #[test]
    fn nothing_is_advised_that_carries_nothing() {
        assert!(!advise(false, false, &[OperationShape::Upload]).contains(&Protocol::Rest));
    }
}
