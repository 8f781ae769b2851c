//! The serving side, through its sockets.

mod access;
mod audit;
mod auth;
mod caching;
mod coding;
mod cors;
mod credentials;
mod drain;
mod grpc;
mod idempotency;
mod limits;
mod mutual;
mod rest;
#[cfg(feature = "dev")]
mod session;
mod shared_secret;
mod streams;
mod support;
mod web;
