//! A login under way, while the user is at the provider.
//!
//! All of it follows from one secret in the browser's cookie: whoever begins logins and never ends them takes no memory
//! here. What comes back from the provider counts in that browser alone (`state`), and once; the code is worth nothing
//! to others (PKCE, RFC 7636), and the token is the one of this login (`nonce`).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::random;
use crate::error::Error;
use crate::problem::Problem;

/// Longest path that is come back to.
const LONGEST: usize = 1024;

pub(super) struct Login {
    secret: [u8; 32],
    /// Where the user goes on afterwards.
    pub(super) return_to: String,
}

impl Login {
    /// Begins one that ends at a path of this site, `/` where none is asked for.
    ///
    /// # Errors
    /// When that leads elsewhere, or there are no random numbers.
    pub(super) fn begin(return_to: Option<&str>) -> Result<Self, Problem> {
        let return_to = return_to.unwrap_or("/");
        if !is_local(return_to) {
            return Err(Problem::invalid_field(
                "return_to",
                "must be a path of this site",
            ));
        }
        let secret = random().map_err(|error: Error| Problem::internal(error.to_string()))?;
        Ok(Self {
            secret,
            return_to: return_to.to_owned(),
        })
    }

    /// What the cookie carries.
    pub(super) fn cookie(&self) -> String {
        let secret = URL_SAFE_NO_PAD.encode(self.secret);
        format!("{secret}.{}", URL_SAFE_NO_PAD.encode(&self.return_to))
    }

    /// The login that a cookie carries.
    pub(super) fn resume(cookie: &str) -> Option<Self> {
        let (secret, return_to) = cookie.split_once('.')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
        let return_to = String::from_utf8(URL_SAFE_NO_PAD.decode(return_to).ok()?).ok()?;
        Some(Self {
            secret: secret.try_into().ok()?,
            return_to: Some(return_to).filter(|path| is_local(path))?,
        })
    }

    /// What the provider sends back, which ties its answer to this browser.
    pub(super) fn state(&self) -> String {
        self.derived(&format!("state {}", self.return_to))
    }

    /// What the provider writes into the token.
    pub(super) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What redeems the code.
    pub(super) fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// What the provider checks that by.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier().as_bytes()))
    }

    fn derived(&self, purpose: &str) -> String {
        let key = Key::new(HMAC_SHA256, &self.secret);
        URL_SAFE_NO_PAD.encode(sign(&key, purpose.as_bytes()))
    }
}

/// Whether a browser that is sent there stays on this site. A second slash begins a host, and a backslash counts as one.
fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= LONGEST
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_come_back_to() {
        for path in ["/", "/orders?id=1#top", "/a//b"] {
            assert_eq!(Login::begin(Some(path)).unwrap().return_to, path);
        }
        let elsewhere = [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nset-cookie: a=b",
        ];
        for path in elsewhere {
            assert!(Login::begin(Some(path)).is_err(), "{path:?}");
            let cookie = Login {
                secret: [1; 32],
                return_to: path.to_owned(),
            };
            assert!(Login::resume(&cookie.cookie()).is_none(), "{path:?}");
        }
    }

    #[test]
    fn follows_from_its_cookie_and_nothing_else_does() {
        let login = Login::begin(Some("/orders")).unwrap();
        let same = Login::resume(&login.cookie()).unwrap();
        assert_eq!(same.state(), login.state());
        assert_eq!(same.verifier(), login.verifier());
        assert_eq!(same.return_to, "/orders");
        let other = Login::begin(Some("/orders")).unwrap();
        assert_ne!(other.state(), login.state());
        // The same secret with another path is another login.
        let (secret, _) = login.cookie().split_once('.').map(own).unwrap();
        let path = URL_SAFE_NO_PAD.encode("/elsewhere");
        let moved = Login::resume(&format!("{secret}.{path}")).unwrap();
        assert_ne!(moved.state(), login.state());
        for broken in ["", ".", "a.b", &login.cookie()[1..]] {
            assert!(Login::resume(broken).is_none(), "{broken:?}");
        }
        // RFC 7636 asks for 43 characters or more.
        assert!(login.verifier().len() >= 43);
        assert_ne!(login.challenge(), login.verifier());
    }

    fn own((a, b): (&str, &str)) -> (String, String) {
        (a.to_owned(), b.to_owned())
    }
}
