//! What the handlers of `archive` share.

/// The state of the service; one for all requests.
#[derive(Debug, Default)]
pub struct App {}
