//! The whole system in one process, for development. Nothing of this is in a service's own binary.

mod ca;
mod identity;

pub use ca::{Authority, Certificate};
pub use identity::{Claims, IdentityProvider, LIFETIME};
