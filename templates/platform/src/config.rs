//! Where a service runs: addresses, certificates, issuers. Never policy.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::policy::Tls;
use crate::telemetry;

/// Everything that may differ between the places a service runs in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceConfig {
    /// How browsers reach the service, `https://www.shop.example`: where a provider sends users back, and whose pages may
    /// change things with a session's cookie. As the request says when absent.
    pub origin: Option<String>,
    /// The addresses that it listens on.
    pub listen: Listen,
    /// Who it is, and whom it trusts.
    pub tls: Option<TlsConfig>,
    /// Where tokens come from, by the name of the scheme.
    pub issuers: BTreeMap<String, IssuerConfig>,
    /// Where the services that it calls are, by their names.
    pub targets: BTreeMap<String, TargetConfig>,
    /// Where the stores are that it keeps state in, by their names.
    pub stores: BTreeMap<String, StoreConfig>,
    /// Files that secrets are read from instead of the places that the drawing names, by the names that it has for them;
    /// upper and lower case are the same.
    pub secrets: BTreeMap<String, SecretSource>,
    /// How log lines look.
    pub log: LogConfig,
    /// Who is told how it is doing.
    pub telemetry: TelemetryConfig,
    /// How a stop goes.
    pub drain: DrainConfig,
}

/// The addresses to listen on: one for each way of protecting connections, and one for the platform's own needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    pub off: Option<SocketAddr>,
    pub server: Option<SocketAddr>,
    pub mutual: Option<SocketAddr>,
    /// `/healthz`, `/readyz` and `/metrics`, in plain text.
    pub admin: Option<SocketAddr>,
}

impl Listen {
    /// The address for connections protected like this.
    pub fn address(&self, tls: Tls) -> Option<SocketAddr> {
        match tls {
            Tls::Off => self.off,
            Tls::Server => self.server,
            Tls::Mutual => self.mutual,
        }
    }
}

/// Certificates, all in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The service's own certificate and those above it.
    pub certificate: Pem,
    /// The key of that certificate.
    pub key: Pem,
    /// The authorities that vouch for the other services.
    pub authorities: Pem,
}

/// PEM in a file, or, where it begins with `-----BEGIN`, the text itself.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub enum Pem {
    File(PathBuf),
    Text(String),
}

impl From<String> for Pem {
    fn from(text: String) -> Self {
        if text.trim_start().starts_with("-----BEGIN") {
            Self::Text(text)
        } else {
            Self::File(text.into())
        }
    }
}

impl Pem {
    /// The text.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self) -> Result<String, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| Error::because(format!("reading {}", path.display()), error)),
        }
    }
}

/// Tells a file's name, never the text: it may be a key.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Text(_) => f.write_str("(text)"),
        }
    }
}

/// Where a secret is; configuration names files alone.
#[derive(Clone, Deserialize)]
#[serde(from = "PathBuf")]
pub enum SecretSource {
    File(PathBuf),
    Text(String),
}

impl<P: Into<PathBuf>> From<P> for SecretSource {
    fn from(path: P) -> Self {
        Self::File(path.into())
    }
}

/// Tells a file's name, never the text.
impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Text(_) => f.write_str("(text)"),
        }
    }
}

/// Where the tokens of a scheme come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IssuerConfig {
    /// The issuer that tokens must name; the drawing's when absent.
    pub issuer: Option<String>,
    /// The address of its key set; `/.well-known/jwks.json` under the issuer when absent.
    pub jwks: Option<String>,
    /// The address of its token endpoint; found by what the issuer publishes of itself when absent.
    pub token: Option<String>,
    /// The address of its description (OpenID Connect), which tells where users log in;
    /// `/.well-known/openid-configuration` under the issuer when absent.
    pub discovery: Option<String>,
}

/// Where a called service is: `host:port`, by how the connection is protected.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetConfig {
    pub off: Vec<String>,
    pub server: Vec<String>,
    pub mutual: Vec<String>,
}

impl TargetConfig {
    /// The addresses for connections protected like this.
    pub fn addresses(&self, tls: Tls) -> &[String] {
        match tls {
            Tls::Off => &self.off,
            Tls::Server => &self.server,
            Tls::Mutual => &self.mutual,
        }
    }
}

/// Where a store is, and how a service signs on to it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `host:port`.
    pub address: String,
    /// The name to sign on with; the store's default user when absent.
    pub username: Option<String>,
    /// The password itself, from the environment (`APP_STORES__SHARED__PASSWORD`).
    pub password: Option<Password>,
    /// The file that holds the password, instead.
    pub password_file: Option<PathBuf>,
    /// The number of the database in the store.
    pub database: i64,
}

impl StoreConfig {
    /// The password, if there is one.
    ///
    /// # Errors
    /// When its file cannot be read, or it is no text.
    pub fn password(&self) -> Result<Option<String>, Error> {
        let Some(path) = &self.password_file else {
            return self.password.as_ref().map(Password::text).transpose();
        };
        let read = std::fs::read_to_string(path)
            .map_err(|error| Error::because(format!("reading {}", path.display()), error))?;
        Ok(Some(read.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// A password, which is never written anywhere.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Password {
    Text(String),
    /// What the environment's reader took for a number, or the like.
    Other(IgnoredAny),
}

impl Password {
    fn text(&self) -> Result<String, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Other(_) => Err(Error::new(
                "a password that looks like a number has to stand in quotes, or in a file",
            )),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(password)")
    }
}

/// How log lines look.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`: `info`, `info,shop_orders=debug`.
    pub filter: String,
    /// One JSON object a line rather than text; as long as nothing is said, unless a terminal shows them.
    pub json: Option<bool>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".into(),
            json: None,
        }
    }
}

/// Who is told how the service is doing. The variables of OpenTelemetry's specification say the same: `OTEL_SDK_DISABLED`,
/// `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`,
/// `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`, `OTEL_METRIC_EXPORT_INTERVAL`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// The collector that traces and metrics are sent to by OTLP over HTTP: `http://collector:4318`. Without it, nothing is
    /// recorded; `/metrics` tells the numbers all the same.
    pub otlp: Option<String>,
    /// What the collector wants to see, such as a token.
    pub headers: Headers,
    /// What is said of the service beside its name, system, version and instance: `deployment.environment.name`, ...
    pub resource: BTreeMap<String, String>,
    /// The share of traces that are recorded, 0 to 1, of those that begin here; for the others, the caller has decided.
    pub ratio: f64,
    /// Seconds between two exports of the metrics.
    pub metrics_interval: u64,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            otlp: None,
            headers: Headers::default(),
            resource: BTreeMap::new(),
            ratio: 1.0,
            metrics_interval: 60,
        }
    }
}

impl TelemetryConfig {
    /// What OpenTelemetry's variables alone say.
    ///
    /// # Errors
    /// When they ask for what is not offered.
    pub fn from_environment() -> Result<Self, Error> {
        let standard = telemetry::environment(|name| std::env::var(name).ok())?;
        let config: ServiceConfig = Figment::from(Serialized::defaults(standard))
            .extract()
            .map_err(|error| Error::because("reading the environment", error))?;
        Ok(config.telemetry)
    }
}

/// Headers by name; their values may be secrets.
#[derive(Clone, Default, Deserialize)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// Each header, and its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Tells the names only.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// How a stop goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DrainConfig {
    /// Seconds between the first sign of the stop (`/readyz` fails) and refusing connections, so that balancers notice.
    pub notice: u64,
    /// Seconds that requests under way are given to end.
    pub limit: u64,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            notice: 0,
            limit: 20,
        }
    }
}

impl DrainConfig {
    /// [`DrainConfig::notice`] as a duration.
    pub fn notice(&self) -> Duration {
        Duration::from_secs(self.notice)
    }

    /// [`DrainConfig::limit`] as a duration.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.limit)
    }
}

impl ServiceConfig {
    /// The service's `defaults` (TOML), overlaid by the file that the variable `CONFIG` names, by OpenTelemetry's variables and by
    /// those such as `APP_LISTEN__MUTUAL=0.0.0.0:8443`.
    ///
    /// # Errors
    /// When a value is unknown or does not fit; the message names it.
    pub fn load(defaults: &str) -> Result<Self, Error> {
        let mut figment = Figment::from(Toml::string(defaults));
        if let Some(path) = std::env::var_os("CONFIG") {
            figment = figment.merge(Toml::file_exact(PathBuf::from(path)));
        }
        let standard = telemetry::environment(|name| std::env::var(name).ok())?;
        let figment = figment.merge(Serialized::defaults(standard));
        let figment = figment.merge(Env::prefixed("APP_").split("__"));
        figment
            .extract()
            .map_err(|error| Error::because("reading the configuration", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: &str = r#"
        [listen]
        mutual = "127.0.0.1:8443"
        [tls]
        certificate = "/etc/tls/tls.crt"
        key = "-----BEGIN PRIVATE KEY-----"
        authorities = "/etc/tls/ca.crt"
        [targets.orders]
        mutual = ["orders:8443"]
        [stores.shared]
        address = "shared:6379"
        password = "hunter2"
    "#;

    #[test]
    fn defaults_are_read() {
        let config = ServiceConfig::load(DEFAULTS).unwrap();
        assert_eq!(
            config.listen.address(Tls::Mutual),
            Some("127.0.0.1:8443".parse().unwrap())
        );
        assert_eq!(
            config.targets["orders"].addresses(Tls::Mutual),
            ["orders:8443"]
        );
        assert_eq!(config.drain.limit(), Duration::from_secs(20));
        let shared = &config.stores["shared"];
        assert_eq!(shared.password().unwrap().as_deref(), Some("hunter2"));
        let told = format!("{config:?}");
        assert!(!told.contains("PRIVATE") && !told.contains("hunter2"));
    }

    #[test]
    fn a_typo_is_told() {
        let error = ServiceConfig::load("[listen]\nmutaul = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("mutaul"), "{error}");
    }
}
