//! What `Archive` does.
//!
//! Until an operation is written it answers 501, in development a marked sample. To write one, put its function into
//! the block below:
//!
//! ```ignore
//! async fn find(&self, ctx: FindContext, request: contracts::archive::ArchiveFindRequest) -> Result<contracts::Note, Problem> { ... }
//! async fn keep(&self, ctx: KeepContext, request: contracts::Note) -> Result<contracts::Note, Problem> { ... }
//! ```

use crate::app::App;
use crate::generated::api_archive::Archive;

impl Archive for App {}
