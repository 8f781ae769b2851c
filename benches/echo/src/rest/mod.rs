//! POST with JSON both ways: `/plain` for everybody, `/full` for readers, `/shared` for those whose token is signed with
//! a shared secret.

pub mod bare;
pub mod client;
pub mod generated;
pub mod hand;
pub mod issuer;

use serde::{Deserialize, Serialize};

/// The message, as one would write it by hand.
#[derive(Serialize, Deserialize)]
pub struct Said {
    text: String,
    number: i32,
    words: Vec<String>,
}
