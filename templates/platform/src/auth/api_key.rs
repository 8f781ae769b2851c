//! API keys: each caller has its own, and is known by the name that the key is listed under.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use http::HeaderMap;
use http::header::HeaderName;

use crate::config::ServiceConfig;
use crate::context::Credential;
use crate::error::Error;
use crate::policy::Secret;
use crate::problem::Problem;
use crate::watched::Watched;

/// Fewest characters of a key: 24 random bytes in base64, 16 in hexadecimal digits. Such a key cannot be guessed, so
/// that a hash without salt or delay suffices.
const SHORTEST: usize = 32;

/// Verifies the keys of one scheme.
#[derive(Debug)]
pub(super) struct ApiKeys {
    scheme: &'static str,
    pub(super) header: HeaderName,
    keys: Watched<Vec<Key>>,
}

/// A key that is accepted; itself it is kept nowhere.
struct Key {
    name: Arc<str>,
    hash: [u8; SHA256_OUTPUT_LEN],
}

impl ApiKeys {
    /// The keys that the secret lists; see [`parse`].
    ///
    /// # Errors
    /// When there is no such secret, or it cannot be read.
    pub(super) fn new(
        scheme: &'static str,
        header: &'static str,
        keys: Secret,
        config: &ServiceConfig,
    ) -> Result<Self, Error> {
        Ok(Self {
            scheme,
            header: header_name(scheme, header)?,
            keys: config.secret(&format!("keys of {scheme}"), keys, parse)?,
        })
    }

    /// Whose key came; none when none did.
    ///
    /// # Errors
    /// When what came is no key of the list.
    pub(super) fn presented(&self, headers: &HeaderMap) -> Result<Option<Credential>, Problem> {
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let shown = digest(&SHA256, value.as_bytes());
        let keys = self.keys.current();
        // All of them are compared, so that the time taken tells nothing.
        let mut found = None;
        for key in keys.iter() {
            if verify_slices_are_equal(shown.as_ref(), &key.hash).is_ok() {
                found = Some(&key.name);
            }
        }
        let name = found
            .filter(|_| values.next().is_none())
            .ok_or_else(|| Problem::unauthenticated("the API key is not accepted"))?;
        Ok(Some(Credential {
            scheme: self.scheme,
            name: Arc::clone(name),
        }))
    }
}

/// The header of a scheme's keys.
///
/// # Errors
/// When no header can be called that.
pub(crate) fn header_name(scheme: &str, header: &str) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(header.as_bytes())
        .map_err(|error| Error::because(format!("auth {scheme}: the header {header}"), error))
}

/// Reads a list of `name:key` or `name:sha256:HASH` (the key's SHA-256 in hexadecimal digits), with commas or white
/// space between them. A name may stand in it several times: while a key is replaced, the old and the new one are both
/// accepted.
fn parse(text: &str) -> Result<Vec<Key>, Error> {
    let entries = text.split(|c: char| c == ',' || c.is_whitespace());
    let entries = entries.filter(|entry| !entry.is_empty()).enumerate();
    let keys: Vec<Key> = entries
        .map(|(number, entry)| {
            let (name, key) = entry.split_once(':').ok_or_else(|| {
                Error::new(format!("entry {} is not of the form name:key", number + 1))
            })?;
            if name.is_empty() {
                return Err(Error::new(format!("entry {} has no name", number + 1)));
            }
            let hash = match key.strip_prefix("sha256:") {
                Some(digits) => hexadecimal(digits).ok_or_else(|| {
                    Error::new(format!(
                        "the hash of `{name}` has not 64 hexadecimal digits"
                    ))
                })?,
                None if key.len() < SHORTEST => {
                    return Err(Error::new(format!(
                        "the key of `{name}` has less than {SHORTEST} characters"
                    )));
                }
                None => hash_of(key),
            };
            Ok(Key {
                name: name.into(),
                hash,
            })
        })
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(Error::new("there is no key in it"));
    }
    Ok(keys)
}

fn hash_of(key: &str) -> [u8; SHA256_OUTPUT_LEN] {
    let mut hash = [0; SHA256_OUTPUT_LEN];
    hash.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
    hash
}

fn hexadecimal(digits: &str) -> Option<[u8; SHA256_OUTPUT_LEN]> {
    if digits.len() != 2 * SHA256_OUTPUT_LEN || !digits.is_ascii() {
        return None;
    }
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretSource;

    const FRONT: &str = "front-key-0123456789-0123456789-0123456789";
    const OLD: &str = "old-key-0123456789-0123456789-0123456789";

    fn keys(text: &str) -> Result<ApiKeys, Error> {
        let mut config = ServiceConfig::default();
        let text = SecretSource::Text(text.to_owned());
        config.secrets.insert("keys".to_owned(), text);
        ApiKeys::new("partner", "X-Api-Key", Secret::Env("KEYS"), &config)
    }

    fn presented(keys: &ApiKeys, shown: &[&str]) -> Result<Option<String>, Problem> {
        let mut headers = HeaderMap::new();
        for key in shown {
            headers.append("x-api-key", key.parse().unwrap());
        }
        let found = keys.presented(&headers)?;
        Ok(found.map(|credential| credential.name.to_string()))
    }

    #[test]
    fn a_key_is_known_by_itself_or_by_its_hash() {
        let digits: String = hash_of(FRONT).iter().map(|b| format!("{b:02X}")).collect();
        for list in [
            format!("front:{FRONT}, back:{OLD}"),
            format!("back:{OLD}\nfront:sha256:{digits}\n"),
            format!("front:{OLD} front:{FRONT}"),
        ] {
            let keys = keys(&list).unwrap();
            assert_eq!(presented(&keys, &[FRONT]), Ok(Some("front".into())));
            assert_eq!(presented(&keys, &[]), Ok(None));
            for wrong in [
                &["front"][..],
                &[&FRONT[1..]],
                &[&digits],
                &[FRONT, FRONT],
                &[""],
            ] {
                let refused = presented(&keys, wrong).unwrap_err();
                assert_eq!(refused.code, "unauthenticated", "{wrong:?}");
            }
            assert!(!format!("{keys:?}").contains("0123456789"));
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_without_its_keys() {
        for (list, told) in [
            ("", "there is no key in it"),
            (
                "front:short",
                "the key of `front` has less than 32 characters",
            ),
            ("a:b,secret", "the key of `a` has less than 32 characters"),
            ("secret", "entry 1 is not of the form name:key"),
            (":secret", "entry 1 has no name"),
            (
                "front:sha256:secret",
                "the hash of `front` has not 64 hexadecimal digits",
            ),
        ] {
            let error = keys(list).unwrap_err().to_string();
            assert_eq!(error, format!("keys of partner: {told}"));
        }
    }
}
