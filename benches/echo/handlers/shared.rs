//! Answers what was said.

use crate::app::App;
use crate::generated::api_shared::{Shared, SharedContext};
use contracts::Said;
use platform::Problem;

impl Shared for App {
    async fn shared(&self, _: SharedContext, request: Said) -> Result<Said, Problem> {
        Ok(request)
    }
}
