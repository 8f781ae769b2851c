//! Throw-away API keys, passwords and client secrets, for services and for whoever tries them out.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::IdentityProvider;
use crate::auth::password::Hash;
use crate::config::SecretSource;
use crate::error::Error;
use crate::policy::{ClientId, Scheme, Secret};

/// Rounds of the passwords' hashes: the fewest that are accepted, so that a start is quick.
const ROUNDS: NonZeroU32 = NonZeroU32::new(100_000).expect("is not zero");

/// What everybody shows, and what the services that check it are given.
#[derive(Clone, Default)]
pub struct Keyring {
    schemes: Vec<Scheme>,
    /// By scheme and whose it is: a key, or a password.
    shown: BTreeMap<(&'static str, String), String>,
    /// Lists of what is accepted, by the names of their secrets.
    accepted: BTreeMap<&'static str, String>,
}

impl Keyring {
    /// Makes something to show for each of `names`, for each scheme that takes keys or passwords.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new<'a>(
        schemes: impl IntoIterator<Item = &'a Scheme>,
        names: &[&str],
    ) -> Result<Self, Error> {
        let mut keyring = Self::default();
        for scheme in schemes {
            let accepted = match *scheme {
                Scheme::ApiKey { keys, .. } => keys,
                Scheme::Basic { users, .. } => users,
                // It accepts nothing by itself, but its clients have secrets.
                Scheme::Oauth2 { client_secret, .. } | Scheme::Session { client_secret, .. } => {
                    client_secret
                }
                Scheme::Jwt { .. } | Scheme::Mtls { .. } => continue,
            };
            if keyring.scheme(scheme.name()).is_some() {
                continue;
            }
            let mut list = Vec::new();
            for name in names {
                let shown = random()?;
                list.push(match scheme {
                    Scheme::Basic { .. } => format!("{name}:{}", Hash::of(&shown, ROUNDS)?),
                    _ => format!("{name}:{shown}"),
                });
                let place = (scheme.name(), (*name).to_owned());
                keyring.shown.insert(place, shown);
            }
            if !is_client(scheme) {
                keyring.accepted.insert(accepted.name(), list.join(" "));
            }
            keyring.schemes.push(scheme.clone());
        }
        Ok(keyring)
    }

    /// The schemes that take keys or passwords.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        let schemes = self.schemes.iter();
        let schemes = schemes.filter(|scheme| !is_client(scheme));
        schemes.map(Scheme::name)
    }

    /// Whether an oauth2 or session scheme of this provider has a client of this name and secret.
    pub(super) fn is_client(&self, provider_name: &str, id: &str, secret: &str) -> bool {
        self.shown.iter().any(|((scheme, who), shown)| {
            let Some(
                Scheme::Oauth2 {
                    provider,
                    client_id,
                    ..
                }
                | Scheme::Session {
                    provider,
                    client_id,
                    ..
                },
            ) = self.scheme(scheme)
            else {
                return false;
            };
            let named = match client_id {
                ClientId::Is(name) => *name == id,
                ClientId::In(_) => who == id,
            };
            *provider == provider_name && named && shown == secret
        })
    }

    /// The scheme of this name.
    pub(crate) fn scheme(&self, name: &str) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| scheme.name() == name)
    }

    /// The key of `who`, or its password as `who:password`.
    #[must_use]
    pub fn shown(&self, scheme: &str, who: &str) -> Option<String> {
        let shown = self
            .shown
            .iter()
            .find(|((of, whose), _)| *of == scheme && whose == who);
        let (_, shown) = shown?;
        Some(match self.scheme(scheme)? {
            Scheme::Basic { .. } => format!("{who}:{shown}"),
            _ => shown.clone(),
        })
    }

    /// The header by which that is shown, and its value.
    #[must_use]
    pub fn header(&self, scheme: &str, shown: &str) -> Option<(&'static str, String)> {
        Some(match self.scheme(scheme)? {
            Scheme::ApiKey { header, .. } => (*header, shown.to_owned()),
            _ => ("authorization", format!("Basic {}", STANDARD.encode(shown))),
        })
    }

    /// The secrets that a service finds: the lists of what it accepts, what it shows itself, and what a provider shares
    /// with it.
    #[must_use]
    pub fn secrets(
        &self,
        service: &str,
        provider: &IdentityProvider,
    ) -> BTreeMap<String, SecretSource> {
        let texts = self.texts(service).into_iter();
        texts
            .chain(provider.secrets())
            .map(|(secret, text)| (secret.name().to_owned(), SecretSource::Text(text)))
            .collect()
    }

    /// The same as text.
    pub(crate) fn texts(&self, service: &str) -> Vec<(Secret, String)> {
        let mut texts = Vec::new();
        for scheme in &self.schemes {
            let (accepted, own) = match *scheme {
                Scheme::ApiKey { keys, key, .. } => (Some(keys), key),
                Scheme::Basic { users, login, .. } => (Some(users), login),
                Scheme::Oauth2 {
                    client_id,
                    client_secret,
                    ..
                }
                | Scheme::Session {
                    client_id,
                    client_secret,
                    ..
                } => {
                    if let ClientId::In(secret) = client_id {
                        texts.push((secret, service.to_owned()));
                    }
                    (None, client_secret)
                }
                Scheme::Jwt { .. } | Scheme::Mtls { .. } => continue,
            };
            let list = accepted.and_then(|it| Some((it, self.accepted.get(it.name())?.clone())));
            texts.extend(list);
            texts.extend(self.shown(scheme.name(), service).map(|shown| (own, shown)));
        }
        texts
    }
}

/// Whether what is shown by a scheme is shown to an identity provider, by one of its clients.
fn is_client(scheme: &Scheme) -> bool {
    matches!(scheme, Scheme::Oauth2 { .. } | Scheme::Session { .. })
}

/// 32 random bytes in hexadecimal digits.
pub(super) fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|error| Error::because("making a key", error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
