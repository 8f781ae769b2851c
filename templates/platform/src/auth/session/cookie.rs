//! The cookies of a session: they come back over TLS alone, from pages of this very host, and no script can read them
//! (RFC 6265bis; the prefix makes browsers see to it).

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// One cookie, by name.
#[derive(Debug)]
pub(super) struct Cookie(String);

impl Cookie {
    /// The one that carries the sessions of a scheme.
    pub(super) fn session(scheme: &str) -> Self {
        Self(format!("__Host-{scheme}"))
    }

    /// The one that carries a login of it while the user is at the provider.
    pub(super) fn login(scheme: &str) -> Self {
        Self(format!("__Host-{scheme}-login"))
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// What it carries, if it came.
    pub(super) fn read<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let lines = headers.get_all(COOKIE).iter();
        let pairs = lines.filter_map(|line| line.to_str().ok());
        pairs
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.0).then_some(value))
    }

    /// The header that sets it for so long.
    pub(super) fn set(&self, value: &str, age: Duration) -> HeaderValue {
        let seconds = age.as_secs();
        let line = format!(
            "{}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}",
            self.0
        );
        // Names and values are visible characters, so that the line always is a header's.
        let mut line = HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""));
        line.set_sensitive(true);
        line
    }

    /// The header that takes it away.
    pub(super) fn clear(&self) -> HeaderValue {
        self.set("", Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; x__Host-web=2"));
        headers.append(COOKIE, HeaderValue::from_static("b;__Host-web=it=is"));
        assert_eq!(Cookie::session("web").read(&headers), Some("it=is"));
        assert_eq!(Cookie::login("web").read(&headers), None);
    }

    #[test]
    fn is_kept_from_scripts_plain_text_and_other_sites() {
        let set = Cookie::session("web").set("v", Duration::from_secs(60));
        assert_eq!(
            set,
            "__Host-web=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"
        );
        assert!(set.is_sensitive());
    }
}
