//! The shapes that an operation can have, by which protocols differ.

use crate::syntax::ast::OperationKind;
use crate::words::words;

words! {
    /// Who sends one and who sends many.
    OperationShape {
        Query = "query", Command = "command", QueryStream = "query with a stream of answers",
        CommandStream = "command with a stream of answers", Upload = "stream that is answered once",
        Conversation = "stream that is answered by a stream", Event = "event",
    }
}

impl OperationShape {
    /// The shape of an operation, by its kind and by what comes many at a time.
    #[must_use]
    pub const fn of(kind: OperationKind, input_streams: bool, output_streams: bool) -> Self {
        match (kind, input_streams, output_streams) {
            (OperationKind::Event, ..) => Self::Event,
            (_, true, true) => Self::Conversation,
            (_, true, false) => Self::Upload,
            (OperationKind::Query, false, true) => Self::QueryStream,
            (OperationKind::Command, false, true) => Self::CommandStream,
            (OperationKind::Query, false, false) => Self::Query,
            (OperationKind::Command, false, false) => Self::Command,
        }
    }
}
