//! What one would write with tonic.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Response, Status};

use crate::{AT_ONCE, Failure};

pub mod echo {
    tonic::include_proto!("echo");

    pub mod back {
        tonic::include_proto!("echo.back");
    }
}

use echo::Said;
use echo::back::echo_client::EchoClient;
use echo::back::echo_server::{Echo, EchoServer};

struct Handler;

#[tonic::async_trait]
impl Echo for Handler {
    async fn echo(&self, request: Request<Said>) -> Result<Response<Said>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

pub async fn serve() -> Result<SocketAddr, Failure> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    let sockets = TcpListenerStream::new(socket)
        .map(|socket| socket.and_then(|socket| socket.set_nodelay(true).map(|()| socket)));
    tokio::spawn(
        Server::builder()
            .timeout(Duration::from_secs(30))
            .add_service(EchoServer::new(Handler))
            .serve_with_incoming(sockets),
    );
    Ok(address)
}

pub async fn call(address: SocketAddr, calls: usize) -> Result<(), Failure> {
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .timeout(Duration::from_secs(5))
        .connect()
        .await?;
    let said = Said {
        text: "what is said".to_owned(),
        number: 42,
        words: vec!["one".to_owned(), "two".to_owned(), "three".to_owned()],
    };
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (mut client, said) = (EchoClient::new(channel.clone()), said.clone());
        tasks.spawn(async move {
            for _ in 0..calls / AT_ONCE {
                let answer = client.echo(said.clone()).await?.into_inner();
                if answer != said {
                    return Err("another answer than what was said".into());
                }
            }
            Ok::<(), Failure>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
