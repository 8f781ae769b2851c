//! What the handlers of `front` share.

/// The state of the service; one for all requests.
#[derive(Debug, Default)]
pub struct App {}
