//! What archwright generated.

use std::net::SocketAddr;
use std::sync::Arc;

use contracts::Said;
use front::generated::client_back_echo::BackEchoClient;
use platform::config::SecretSource;
use platform::policy::Protocol;
use platform::{Clock, Host, Running, Scope, ServiceConfig, Setup, Sockets};
use tokio::task::JoinSet;

use crate::rest::issuer::SECRET;
use crate::{AT_ONCE, Failure};

pub async fn serve() -> Result<(Running, SocketAddr), Failure> {
    let mut config = ServiceConfig::default();
    config.listen.off = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    // Another of its apis checks tokens with it.
    let secret = SecretSource::Text(SECRET.to_owned());
    config.secrets.insert("DESK_SECRET".to_owned(), secret);
    let sockets = Sockets::bind(&config.listen).await?;
    let setup = Setup::new(back::generated::policy::policy(), config);
    let running = back::generated::service(back::app::App::default(), setup)?.start(sockets)?;
    let address = running.addresses().off.ok_or("no address")?;
    Ok((running, address))
}

pub async fn call(address: SocketAddr, calls: usize) -> Result<(), Failure> {
    let mut config = ServiceConfig::default();
    config.targets.entry("back".to_owned()).or_default().off = vec![address.to_string()];
    let host = Host::new(Setup::new(front::generated::policy::policy(), config))?;
    let edge = host.edge("back", "Echo", Protocol::Grpc)?;
    let said = Said {
        text: "what is said".to_owned(),
        number: 42,
        words: vec!["one".to_owned(), "two".to_owned(), "three".to_owned()],
    };
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (edge, said) = (edge.clone(), said.clone());
        tasks.spawn(async move {
            for _ in 0..calls / AT_ONCE {
                // Each call is for a request of its own, as in a service.
                let scope = Arc::new(Scope::background(Clock::system()));
                let client = BackEchoClient::new(edge.bind(&scope));
                let answer = client
                    .echo(said.clone())
                    .await
                    .map_err(|problem| problem.to_string())?;
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
