//! One side of a call, by hand or generated: `serve (hand|generated)` prints its address and serves until its input ends;
//! `call (hand|generated) ADDRESS CALLS` calls and ends. Each runs on one thread, so that CPU time is what the code takes.

mod generated;
mod hand;

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
        ["serve", "hand"] => serve(hand::serve().await?).await,
        ["serve", "generated"] => {
            let (_running, address) = generated::serve().await?;
            serve(address).await
        }
        ["call", "hand", address, calls] => hand::call(address.parse()?, calls.parse()?).await,
        ["call", "generated", address, calls] => {
            generated::call(address.parse()?, calls.parse()?).await
        }
        _ => Err("serve (hand|generated) or call (hand|generated) ADDRESS CALLS".into()),
    }
}

async fn serve(address: SocketAddr) -> Result<(), Failure> {
    println!("{address}");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
