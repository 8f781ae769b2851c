//! Requests to identity providers.

use std::time::Duration;

use crate::error::Error;

/// How long an identity provider may take to answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// A client for requests to `url`, which follows nobody elsewhere.
///
/// # Errors
/// When `url` is none, or the machine's authorities cannot be read.
pub(crate) fn client(what: &str, url: &str) -> Result<(reqwest::Client, reqwest::Url), Error> {
    crate::tls::provider();
    let url: reqwest::Url = url
        .parse()
        .map_err(|error| Error::because(format!("{what} {url}"), error))?;
    let mut client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    if url.scheme() == "http" {
        // Spares loading the machine's authorities, which nobody would ask.
        client = client.tls_certs_only([]);
    }
    let client = client
        .build()
        .map_err(|error| Error::because(format!("setting up the client of {what}"), error))?;
    Ok((client, url))
}
