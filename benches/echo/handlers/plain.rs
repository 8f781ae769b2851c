//! Answers what was said.

use crate::app::App;
use crate::generated::api_plain::{Plain, PlainContext};
use contracts::Said;
use platform::Problem;

impl Plain for App {
    async fn plain(&self, _: PlainContext, request: Said) -> Result<Said, Problem> {
        Ok(request)
    }
}
