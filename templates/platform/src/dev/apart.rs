//! What services need that run as processes of their own on a developer's machine: certificates, and tokens.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::{Authority, System, authorize, folder, keyring, ports, provider};
use crate::auth::password::{Hash, ROUNDS};
use crate::error::Error;
use crate::policy::Secret;
use crate::server::told_to_end;

/// Writes `FOLDER/NAME/tls.crt`, `tls.key` and `ca.crt` for each service and each store that state is kept in, from a
/// new authority whose key is kept nowhere.
pub(super) fn certificates(system: &System, folder: &Path) -> Result<(), Error> {
    let authority = Authority::new(system.name)?;
    folder::create(folder)?;
    folder::write(&folder.join("ca.crt"), authority.certificate())?;
    let states = system
        .services
        .iter()
        .filter_map(|actor| (actor.policy)().state);
    let stores: BTreeSet<_> = states.map(|state| state.store).collect();
    let services = system.services.iter().map(|actor| actor.service);
    for name in services.chain(stores) {
        let issued = authority.issue(name)?;
        let folder = folder.join(name);
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

/// The file of the identity provider's secrets; no service of a drawing has a dot in its name.
const PROVIDER: &str = "identity.provider";

/// Writes for each service keys and passwords that fit together: `FOLDER/SERVICE.env` holds those that are read from
/// variables, and below `FOLDER/SERVICE` lie those that are files.
pub(super) fn secrets(system: &System, folder: &Path) -> Result<(), Error> {
    let (keyring, provider) = (keyring(system)?, provider(system)?);
    folder::create(folder)?;
    let write = |of: &str, texts: Vec<(Secret, String)>| {
        let mut lines = String::new();
        for (secret, text) in texts.into_iter().chain(provider.secrets()) {
            if let (Secret::File(name), true) = (secret, of != PROVIDER) {
                write_file(&folder.join(of), name, &text)?;
            } else {
                lines.push_str(&format!("{}='{text}'\n", secret.name()));
            }
        }
        let path = folder.join(of).with_added_extension("env");
        folder::write(&path, &lines)
    };
    for actor in &system.services {
        write(actor.service, keyring.texts(actor.service))?;
    }
    // What it shares with the services. It takes its own clients at their word.
    if !provider.secrets().is_empty() {
        write(PROVIDER, Vec::new())?;
    }
    println!("the secrets of the services are in {}", folder.display());
    Ok(())
}

/// Writes a secret below `folder`, whatever path the drawing has for it.
fn write_file(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let parts = Path::new(name).components();
    let parts = parts.filter(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(parts.collect::<PathBuf>());
    folder::create(path.parent().unwrap_or(folder))?;
    folder::write(&path, text)
}

/// Prints the hash of the password that stands on the first line of the input.
pub(super) fn password() -> Result<(), Error> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| Error::because("reading the password", error))?;
    let password = line.trim_end_matches(['\r', '\n']);
    println!("{}", Hash::of(password, ROUNDS)?);
    Ok(())
}

/// Runs the identity provider until SIGINT or SIGTERM.
pub(super) async fn identity(system: &System, address: &str) -> Result<(), Error> {
    let provider = provider(system)?;
    folder::Folder::of(system).add_users(&provider);
    let address = address
        .parse()
        .map_err(|error| Error::because(format!("reading the address {address}"), error))?;
    let socket = ports::bind(address).await?;
    let address = socket
        .local_addr()
        .map_err(|error| Error::because("the identity provider", error))?;
    for scheme in provider.schemes() {
        println!("http://{address}/{scheme}/jwks.json");
        println!("{}", authorize::description_url(address, scheme));
    }
    let stop = CancellationToken::new();
    let serving = tokio::spawn(provider.serve_with_tokens(socket, stop.clone()));
    told_to_end().await?;
    stop.cancel();
    serving
        .await
        .map_err(|error| Error::because("the identity provider", error))
}
