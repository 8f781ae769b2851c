//! What archwright generated, with log lines switched on as in production.

use std::net::SocketAddr;

use platform::config::SecretSource;
use platform::{Running, ServiceConfig, Setup, Sockets, telemetry};

use super::issuer::{Issuer, SECRET};
use crate::Failure;

pub async fn serve(issuer: &Issuer) -> Result<(Running, SocketAddr), Failure> {
    let mut config = ServiceConfig::default();
    config.listen.off = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.log.json = Some(true);
    telemetry::init(&config.log)?;
    let keys = format!("http://{}/", issuer.publish().await?);
    config.issuers.entry("staff".to_owned()).or_default().jwks = Some(keys);
    let secret = SecretSource::Text(SECRET.to_owned());
    config.secrets.insert("DESK_SECRET".to_owned(), secret);
    let sockets = Sockets::bind(&config.listen).await?;
    let setup = Setup::new(back::generated::policy::policy(), config);
    let running = back::generated::service(back::app::App::default(), setup)?.start(sockets)?;
    let address = running.addresses().off.ok_or("no address")?;
    Ok((running, address))
}
