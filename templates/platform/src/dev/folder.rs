//! What lies in `.dev/`: tokens, keys and certificates for those who call from outside.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Authority, Claims, DEVELOPER, IdentityProvider, Keyring, NOBODY, System, Try};
use crate::error::Error;

/// Below the current folder; not to be committed.
const FOLDER: &str = ".dev";

/// The folder of the running system.
#[derive(Debug)]
pub(super) struct Folder {
    roles: Vec<&'static str>,
    /// The claims that operations judge, by api and operation.
    claims: Vec<(String, Map<String, Value>)>,
}

impl Folder {
    /// Writes tokens, keys and certificates.
    pub fn create(
        system: &System,
        authority: &Authority,
        provider: &IdentityProvider,
        keyring: &Keyring,
    ) -> Result<Self, Error> {
        let folder = Self::of(system);
        folder.add_users(provider);
        folder.write_tokens(provider)?;
        create(&Path::new(FOLDER).join("keys"))?;
        for scheme in keyring.schemes() {
            if let Some(shown) = keyring.shown(scheme, DEVELOPER) {
                write(&key_file(scheme), &shown)?;
            }
        }
        let tls = Path::new(FOLDER).join("tls");
        create(&tls)?;
        write(&tls.join("ca.crt"), authority.certificate())?;
        for actor in &system.services {
            let issued = authority.issue(actor.service)?;
            write(
                &tls.join(format!("{}.crt", actor.service)),
                &issued.certificate,
            )?;
            write(&tls.join(format!("{}.key", actor.service)), &issued.key)?;
        }
        Ok(folder)
    }

    /// Writes a token for each role of each scheme, and one without roles; and the same for each operation that judges
    /// more than the role.
    pub fn write_tokens(&self, provider: &IdentityProvider) -> Result<(), Error> {
        create(&Path::new(FOLDER).join("tokens"))?;
        for scheme in provider.tokens() {
            for role in &self.roles {
                let token = provider.token(scheme, &Claims::role(role))?;
                write(&token_file(provider, scheme, role), &token)?;
                for (operation, extra) in &self.claims {
                    let claims = Claims {
                        extra: extra.clone(),
                        ..Claims::role(role)
                    };
                    let file = token_file(provider, scheme, &format!("{role}-{operation}"));
                    write(&file, &provider.token(scheme, &claims)?)?;
                }
            }
        }
        Ok(())
    }

    /// What lies in it, before any of it is written.
    pub fn of(system: &System) -> Self {
        let roles = system.roles.iter().copied().chain([NOBODY]).collect();
        let tries = system.entries.iter().flat_map(|entry| {
            let judged = |one: &Try| Some((judged_name(entry.api, one.operation), one.judged()?));
            entry.operations.iter().filter_map(judged)
        });
        Self {
            roles,
            claims: tries.collect(),
        }
    }

    /// Lets browsers log in by the names of these tokens.
    pub fn add_users(&self, provider: &IdentityProvider) {
        for role in &self.roles {
            provider.add_user(*role, Claims::role(role));
            for (operation, extra) in &self.claims {
                let claims = Claims {
                    extra: extra.clone(),
                    ..Claims::role(role)
                };
                provider.add_user(format!("{role}-{operation}"), claims);
            }
        }
    }

    /// A fresh token of a role, of the first scheme.
    pub fn token(&self, provider: &IdentityProvider, role: &str) -> Result<String, Error> {
        if !self.roles.contains(&role) {
            return Err(Error::new(format!(
                "there is no role `{role}`; there are {}",
                self.roles.join(", ")
            )));
        }
        let scheme = provider
            .schemes()
            .next()
            .ok_or_else(|| Error::new("the drawing has no jwt scheme"))?;
        provider.token(scheme, &Claims::role(role))
    }
}

/// What an operation's own tokens are called after: `Orders.cancel`.
pub(super) fn judged_name(api: &str, operation: &str) -> String {
    format!("{api}.{operation}")
}

/// The file of a token: `tokens/clerk`, or `tokens/partner-clerk` for a scheme that is not the first.
pub(super) fn token_file(provider: &IdentityProvider, scheme: &str, role: &str) -> PathBuf {
    let first = provider.schemes().next() == Some(scheme);
    let name = if first {
        role.to_owned()
    } else {
        format!("{scheme}-{role}")
    };
    Path::new(FOLDER).join("tokens").join(name)
}

/// The file of the developer's own key, or of name and password.
pub(super) fn key_file(scheme: &str) -> PathBuf {
    Path::new(FOLDER).join("keys").join(scheme)
}

pub(super) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder)
        .map_err(|error| Error::because(format!("creating {}", folder.display()), error))
}

/// Writes a file that only its owner can read, and in one step, so that whoever reads it meanwhile finds it whole.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error| Error::because(format!("writing {}", path.display()), error);
    let new = path.with_added_extension("new");
    fs::write(&new, text).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    fs::rename(&new, path).map_err(failed)
}
