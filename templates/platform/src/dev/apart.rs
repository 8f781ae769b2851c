//! What services need that run as processes of their own on a developer's machine: certificates, and tokens.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{Authority, System, folder, ports, provider};
use crate::error::Error;
use crate::server::told_to_end;

/// Writes `FOLDER/SERVICE/tls.crt`, `tls.key` and `ca.crt` for each service, from a new authority whose key is kept
/// nowhere.
pub(super) fn certificates(system: &System, folder: &Path) -> Result<(), Error> {
    let authority = Authority::new(system.name)?;
    folder::create(folder)?;
    folder::write(&folder.join("ca.crt"), authority.certificate())?;
    for actor in &system.services {
        let issued = authority.issue(actor.service)?;
        let folder = folder.join(actor.service);
        folder::create(&folder)?;
        folder::write(&folder.join("tls.crt"), &issued.certificate)?;
        folder::write(&folder.join("tls.key"), &issued.key)?;
        folder::write(&folder.join("ca.crt"), authority.certificate())?;
    }
    println!(
        "certificates of {} services are in {}",
        system.services.len(),
        folder.display()
    );
    Ok(())
}

/// Runs the identity provider until SIGINT or SIGTERM.
pub(super) async fn identity(system: &System, address: &str) -> Result<(), Error> {
    let provider = provider(system)?;
    let address = address
        .parse()
        .map_err(|error| Error::because(format!("reading the address {address}"), error))?;
    let socket = ports::bind(address).await?;
    let address = socket
        .local_addr()
        .map_err(|error| Error::because("the identity provider", error))?;
    for scheme in provider.schemes() {
        println!("http://{address}/{scheme}/jwks.json");
    }
    let stop = CancellationToken::new();
    let serving = tokio::spawn(provider.serve_with_tokens(socket, stop.clone()));
    told_to_end().await?;
    stop.cancel();
    serving
        .await
        .map_err(|error| Error::because("the identity provider", error))
}
