//! What `Notes` does.
//!
//! There is nothing to write: each operation is answered by the generated code.

use crate::app::App;
use crate::generated::api_notes::Notes;

impl Notes for App {}
