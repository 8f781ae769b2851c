//! One side of a call: `serve SIDE` prints its address, and the tokens of those who may call, and serves until its input
//! ends; `call grpc-(hand|generated) ADDRESS CALLS` and `call rest ADDRESS PATH TOKEN CALLS` call and end. Each runs on
//! one thread, so that CPU time is what the code takes.

mod grpc;
mod rest;

use std::error::Error;
use std::io::Read;
use std::net::SocketAddr;

pub type Failure = Box<dyn Error + Send + Sync>;

/// Calls under way at once.
pub const AT_ONCE: usize = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", "grpc-hand"] => until_told(grpc::hand::serve().await?, &[]).await,
        ["serve", "grpc-generated"] => {
            let (_running, address) = grpc::generated::serve().await?;
            until_told(address, &[]).await
        }
        ["serve", "rest-bare"] => until_told(rest::bare::serve().await?, &[]).await,
        ["serve", "rest-hand"] => {
            let issuer = rest::issuer::Issuer::new()?;
            until_told(rest::hand::serve(&issuer).await?, &issuer.tokens).await
        }
        ["serve", "rest-generated"] => {
            let issuer = rest::issuer::Issuer::new()?;
            let (_running, address) = rest::generated::serve(&issuer).await?;
            until_told(address, &issuer.tokens).await
        }
        ["call", "grpc-hand", address, calls] => {
            grpc::hand::call(address.parse()?, calls.parse()?).await
        }
        ["call", "grpc-generated", address, calls] => {
            grpc::generated::call(address.parse()?, calls.parse()?).await
        }
        ["call", "rest", address, path, token, calls] => {
            rest::client::call(address.parse()?, path, token, calls.parse()?).await
        }
        _ => Err("serve SIDE or call SIDE ADDRESS ...".into()),
    }
}

async fn until_told(address: SocketAddr, tokens: &[String]) -> Result<(), Failure> {
    println!("{address} {}", tokens.join(" "));
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
