//! What a URL says of how it is reached.

/// Schemes that encrypt nothing, each with the one that does the same encrypted.
const CLEAR: &[(&str, &str)] = &[
    ("http", "https"),
    ("ws", "wss"),
    ("amqp", "amqps"),
    ("redis", "rediss"),
    ("mqtt", "mqtts"),
    ("ldap", "ldaps"),
    ("nats", "tls"),
];

/// The clear-text scheme of a URL and the encrypted one in its place; `None` where it is encrypted, unknown, or stays on
/// the machine.
#[must_use]
pub fn clear_text(url: &str) -> Option<(&'static str, &'static str)> {
    let (scheme, rest) = url.split_once("://")?;
    let pair = CLEAR
        .iter()
        .find(|(clear, _)| scheme.eq_ignore_ascii_case(clear))?;
    (!is_loopback(rest)).then_some(*pair)
}

/// Whether the host of what follows the `//` is this machine.
fn is_loopback(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.starts_with("[::1]") {
        return true;
    }
    let name = host.split(':').next().unwrap_or("");
    let address = name.parse::<std::net::Ipv4Addr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::clear_text;

    #[test]
    fn clear_text_is_known_by_its_scheme_unless_it_stays_here() {
        assert_eq!(clear_text("http://id.example"), Some(("http", "https")));
        assert_eq!(clear_text("WS://live.example/x"), Some(("ws", "wss")));
        assert_eq!(clear_text("amqp://u@queue:5672"), Some(("amqp", "amqps")));
        for url in [
            "https://id.example",
            "http://localhost:8080/realm",
            "http://127.0.0.2",
            "http://[::1]:80",
            "id.example",
            "urn:shop",
        ] {
            assert_eq!(clear_text(url), None, "{url}");
        }
        assert!(clear_text("http://127.0.0.1.evil.example").is_some());
        assert!(clear_text("http://localhost.evil.example").is_some());
    }
}
