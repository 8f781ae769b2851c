//! Many messages, one after another.

use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};

use crate::problem::Problem;

/// What an operation takes or answers where the drawing says `stream`: messages as they come, until there are no more
/// or until a problem ends them.
///
/// Nothing is fetched before it is asked for, on either side of a connection: who reads slowly slows the sender down.
/// Dropping it tells the other side that nobody reads any more.
pub type Streaming<T> = BoxStream<'static, Result<T, Problem>>;

/// The stream with `change` made to each of its messages.
pub fn each<T: 'static, U: 'static>(
    messages: Streaming<T>,
    change: impl FnMut(T) -> U + Send + 'static,
) -> Streaming<U> {
    messages.map_ok(change).boxed()
}
