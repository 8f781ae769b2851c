//! Generated workspaces, tried as their owners would: built from the lock that came with them, tested, started, called.

mod dev;
mod mutations;
mod protocol_change;
mod shop;
mod support;
