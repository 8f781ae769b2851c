//! A handler of axum and nothing else.

use std::net::SocketAddr;

use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use tokio::net::TcpListener;

use super::Said;
use crate::Failure;

pub async fn serve() -> Result<SocketAddr, Failure> {
    let router = Router::new().route(
        "/plain",
        post(|Json(said): Json<Said>| async { Json(said) }),
    );
    start(router).await
}

/// Serves on an address of its own from now on.
pub async fn start(router: Router) -> Result<SocketAddr, Failure> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    // A socket that cannot do this still works.
    let socket = socket.tap_io(|stream| drop(stream.set_nodelay(true)));
    tokio::spawn(async { axum::serve(socket, router).await });
    Ok(address)
}
