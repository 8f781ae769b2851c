//! Connections between services: who they are and whom they trust.

mod credentials;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use self::credentials::Credentials;
use crate::config::{Pem, TlsConfig};
use crate::error::Error;
use crate::policy::Tls;
use crate::watched::EVERY;

/// The protocols that a listener offers, the better first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The one implementation of cryptography in the process; made the process's default at its first use.
pub fn provider() -> Arc<CryptoProvider> {
    // Losing the race against another first use is fine: it installs the same one.
    let _ = aws_lc_rs::default_provider().install_default();
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

/// What a listener presents and, where both sides prove who they are, demands. Changed files are read again.
///
/// # Errors
/// When a certificate, key or authority cannot be read or does not fit together.
pub fn server(mode: Tls, config: &TlsConfig) -> Result<Arc<ServerConfig>, Error> {
    server_with(mode, &Credentials::new(config, EVERY)?)
}

fn server_with(mode: Tls, credentials: &Arc<Credentials>) -> Result<Arc<ServerConfig>, Error> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::because("setting TLS up", error))?;
    let builder = if mode == Tls::Mutual {
        builder.with_client_cert_verifier(credentials.clone())
    } else {
        builder.with_no_client_auth()
    };
    let mut server = builder.with_cert_resolver(credentials.clone());
    if mode == Tls::Mutual {
        // A session that is taken up again does not show its certificate again, however its authority has changed.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
    server.alpn_protocols = ALPN.map(<[u8]>::to_vec).into();
    Ok(Arc::new(server))
}

/// What a caller presents (on a mutual connection alone) and demands of the services that it calls. Changed files are
/// read again.
///
/// The application protocols are left to the client that uses it.
///
/// # Errors
/// When a certificate, key or authority cannot be read or does not fit together.
pub fn client(mode: Tls, config: &TlsConfig) -> Result<ClientConfig, Error> {
    client_with(mode, &Credentials::new(config, EVERY)?)
}

fn client_with(mode: Tls, credentials: &Arc<Credentials>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::because("setting TLS up", error))?
        // Not dangerous: they ask the same verifier, with the authorities of now.
        .dangerous()
        .with_custom_certificate_verifier(credentials.clone());
    Ok(if mode == Tls::Mutual {
        builder.with_client_cert_resolver(credentials.clone())
    } else {
        builder.with_no_client_auth()
    })
}

/// The service of `system` that a certificate names: by the URI `spiffe://system/service`, or else by a DNS name that
/// is the service's own.
pub fn service_of(certificate: &CertificateDer<'_>, system: &str) -> Option<Arc<str>> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let by_uri = certificate.valid_uri_names().find_map(|uri| {
        let service = uri
            .strip_prefix("spiffe://")?
            .strip_prefix(system)?
            .strip_prefix('/')?;
        (!service.is_empty() && !service.contains('/')).then_some(service)
    });
    by_uri
        .or_else(|| {
            certificate
                .valid_dns_names()
                .find(|name| !name.contains('.'))
        })
        .map(Arc::from)
}

fn chain(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = pem.read()?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(Error::new(format!("no certificate in {pem:?}"))),
        Err(error) => Err(Error::because(
            format!("reading the certificates of {pem:?}"),
            error,
        )),
    }
}

fn key(pem: &Pem) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(pem.read()?.as_bytes())
        .map_err(|error| Error::because(format!("reading the key of {pem:?}"), error))
}

fn roots(pem: &Pem) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(pem)? {
        roots.add(certificate).map_err(|error| {
            Error::because(format!("trusting the authorities of {pem:?}"), error)
        })?;
    }
    Ok(roots)
}
