//! Calls that cost the caller as little as can be: what is sent is made once.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{AT_ONCE, Failure};

const BODY: &str = r#"{"text":"what is said","number":42,"words":["one","two","three"]}"#;

/// What clients and the proxies before a service send.
const HEADERS: &str = "host: localhost\r\nuser-agent: bench\r\naccept: */*\r\n\
    traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\ncontent-type: application/json\r\n";

pub async fn call(
    address: SocketAddr,
    path: &str,
    token: &str,
    calls: usize,
) -> Result<(), Failure> {
    let token = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    let length = BODY.len();
    let request =
        format!("POST {path} HTTP/1.1\r\n{HEADERS}{token}content-length: {length}\r\n\r\n{BODY}");
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let request = request.clone();
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut answer = Vec::new();
            for _ in 0..calls / AT_ONCE {
                stream.write_all(request.as_bytes()).await?;
                answer.clear();
                while !answer.ends_with(BODY.as_bytes()) {
                    let told = stream.read_buf(&mut answer).await?;
                    if told == 0 || !answer.starts_with(b"HTTP/1.1 200 OK\r\n") {
                        return Err(String::from_utf8_lossy(&answer).into());
                    }
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
