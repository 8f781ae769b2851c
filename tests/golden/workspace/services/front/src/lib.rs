//! The service `front`.

pub mod app;
#[rustfmt::skip]
pub mod generated;
