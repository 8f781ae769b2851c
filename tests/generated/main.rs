//! Generated workspaces, tried as their owners would: built from the lock that came with them, tested, started, called.

mod dev;
#[path = "../hostile/drawing.rs"]
mod drawing;
mod drawings;
mod mutations;
mod pairs;
mod protocol_change;
mod shop;
mod support;
