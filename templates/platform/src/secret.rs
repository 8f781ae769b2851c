//! Secrets: the drawing names where each is read from, and configuration may name a file instead.

use std::path::{Path, PathBuf};

use crate::config::{SecretSource, ServiceConfig};
use crate::error::Error;
use crate::policy::Secret;
use crate::watched::{EVERY, Watched};

/// Where files that are named without a folder lie, as containers are given them.
const FOLDER: &str = "/run/secrets";

impl ServiceConfig {
    /// What `parse` makes of a secret, again each time its file changes. `what` it is, in the plural, is told in the log.
    ///
    /// # Errors
    /// When there is no such secret, or `parse` cannot read it.
    pub(crate) fn secret<T>(
        &self,
        what: &str,
        secret: Secret,
        parse: impl Fn(&str) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Watched<T>, Error> {
        let mut configured = self.secrets.iter();
        let configured = configured.find(|(key, _)| key.eq_ignore_ascii_case(secret.name()));
        let source = match (configured, secret) {
            (Some((_, source)), _) => source.clone(),
            (None, Secret::Env(name)) => {
                let text = std::env::var(name).ok().filter(|text| !text.is_empty());
                SecretSource::Text(text.ok_or_else(|| {
                    Error::new(format!("{what}: the variable {name} has to be set"))
                })?)
            }
            (None, Secret::File(name)) => SecretSource::File(Path::new(FOLDER).join(name)),
        };
        let files = match &source {
            SecretSource::File(path) => vec![path.clone()],
            SecretSource::Text(_) => Vec::new(),
        };
        let told = what.to_owned();
        let read = move || {
            let text = match &source {
                SecretSource::File(path) => read(path)?,
                SecretSource::Text(text) => text.clone(),
            };
            parse(&text).map_err(|error| Error::because(&told, error))
        };
        Watched::new(what, files, EVERY, read)
    }
}

fn read(path: &PathBuf) -> Result<String, Error> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::because(format!("reading {}", path.display()), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, Error> {
        match text.trim() {
            "bad" => Err(Error::new("it cannot be used")),
            text => Ok(text.to_owned()),
        }
    }

    #[test]
    fn a_missing_secret_is_told_by_name() {
        let config = ServiceConfig::default();
        let error = config
            .secret("keys of partner", Secret::Env("NO_SUCH_KEYS"), parse)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "keys of partner: the variable NO_SUCH_KEYS has to be set"
        );
        let error = config
            .secret("keys of partner", Secret::File("no_such_keys"), parse)
            .unwrap_err();
        assert!(error.to_string().contains("/run/secrets/no_such_keys"));
    }

    #[test]
    fn configuration_names_a_file_instead() {
        let path = std::env::temp_dir().join(format!("secret-{}", std::process::id()));
        std::fs::write(&path, "from a file\n").unwrap();
        let mut config = ServiceConfig::default();
        let source = SecretSource::from(path.display().to_string());
        config.secrets.insert("partner_keys".to_owned(), source);
        let secret = config.secret("keys", Secret::Env("PARTNER_KEYS"), parse);
        assert_eq!(*secret.unwrap().current(), "from a file");
        std::fs::write(&path, "bad").unwrap();
        let error = config
            .secret("keys", Secret::Env("PARTNER_KEYS"), parse)
            .unwrap_err();
        assert_eq!(error.to_string(), "keys: it cannot be used");
        std::fs::remove_file(&path).unwrap();
    }
}
