//! Hashes of passwords: PBKDF2 with HMAC-SHA-256 (RFC 8018), written as
//! `$pbkdf2-sha256$i=600000,l=32$SALT$HASH` (the PHC string format).

use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive, verify};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::error::Error;

/// Rounds of new hashes, as OWASP's Password Storage Cheat Sheet asks for this function.
pub(crate) const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("is not zero");

/// Fewest rounds of a hash that is accepted: with less, a stolen list is read too soon.
const FEWEST: u32 = 100_000;

/// Bytes of a new hash's salt (NIST SP 800-132 asks for 16).
const SALT: usize = 16;

/// Bytes of a new hash.
const LENGTH: usize = 32;

/// The hash of a password.
#[derive(Clone)]
pub(crate) struct Hash {
    rounds: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Hash {
    /// Hashes a password with a new salt.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(crate) fn of(password: &str, rounds: NonZeroU32) -> Result<Self, Error> {
        let mut salt = vec![0; SALT];
        rand::fill(&mut salt).map_err(|error| Error::because("salting a password", error))?;
        let mut hash = vec![0; LENGTH];
        derive(
            PBKDF2_HMAC_SHA256,
            rounds,
            &salt,
            password.as_bytes(),
            &mut hash,
        );
        Ok(Self { rounds, salt, hash })
    }

    /// Reads a hash; none when the text is no such hash, or too weak a one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$pbkdf2-sha256$")?.split('$');
        let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let mut rounds = None;
        for parameter in parameters.split(',') {
            match parameter.split_once('=')? {
                ("i", number) => rounds = number.parse::<NonZeroU32>().ok(),
                ("l", _) => {}
                _ => return None,
            }
        }
        let read = |text| STANDARD_NO_PAD.decode(text).ok();
        let found = Self {
            rounds: rounds.filter(|rounds| rounds.get() >= FEWEST)?,
            salt: read(salt)?,
            hash: read(hash)?,
        };
        (parts.next().is_none() && found.salt.len() >= 8 && found.hash.len() >= 16).then_some(found)
    }

    /// Whether it is the hash of this password: takes long on purpose, and as long for every password.
    pub(crate) fn verify(&self, password: &str) -> bool {
        verify(
            PBKDF2_HMAC_SHA256,
            self.rounds,
            &self.salt,
            password.as_bytes(),
            &self.hash,
        )
        .is_ok()
    }

    /// How long checking it takes.
    pub(crate) fn rounds(&self) -> NonZeroU32 {
        self.rounds
    }
}

/// As [`Hash::parse`] reads it.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "$pbkdf2-sha256$i={},l={}${}${}",
            self.rounds,
            self.hash.len(),
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(&self.hash)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_and_knows_its_password() {
        let rounds = NonZeroU32::new(FEWEST).unwrap();
        let hash = Hash::of("correct horse", rounds).unwrap();
        let read = Hash::parse(&hash.to_string()).unwrap();
        assert!(read.verify("correct horse"));
        assert!(!read.verify("correct horse "));
        assert_ne!(
            hash.to_string(),
            Hash::of("correct horse", rounds).unwrap().to_string()
        );
    }

    /// Python: `hashlib.pbkdf2_hmac("sha256", b"password", b"saltsaltsalt", 100000)`.
    #[test]
    fn it_is_the_function_that_everybody_has() {
        let text = "$pbkdf2-sha256$i=100000,l=32$c2FsdHNhbHRzYWx0$wyvekEmwpBIVGGQvSbHeGwvM4WecHc8na5nfjKgce4g";
        assert!(Hash::parse(text).unwrap().verify("password"));
    }

    #[test]
    fn other_texts_are_no_hashes() {
        for text in [
            "password",
            "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
            "$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA",
            "$pbkdf2-sha256$i=100000$$",
            "$pbkdf2-sha256$i=100000$c2FsdHNhbHRzYWx0",
            "$pbkdf2-sha256$i=100000$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdA$more",
        ] {
            assert!(Hash::parse(text).is_none(), "{text}");
        }
    }
}
