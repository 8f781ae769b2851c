//! The service `archive`.

pub mod app;
#[rustfmt::skip]
pub mod generated;
