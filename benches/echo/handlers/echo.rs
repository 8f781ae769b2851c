//! Answers what was said.

use crate::app::App;
use crate::generated::api_echo::{Echo, EchoContext};
use contracts::Said;
use platform::Problem;

impl Echo for App {
    async fn echo(&self, _: EchoContext, request: Said) -> Result<Said, Problem> {
        Ok(request)
    }
}
