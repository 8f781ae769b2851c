//! The OpenAPI files of the apis that are served over REST. Generated from the drawing, do not edit.

/// The api `front.Notes`.
pub const FRONT_NOTES: &str = include_str!("../openapi/front.notes.json");
