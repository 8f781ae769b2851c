//! Certificates, key and authorities of a service, read again when their files change: whoever renews them need not
//! restart anything.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, DistinguishedName, SignatureScheme};

use super::{chain, key, provider, roots};
use crate::config::{Pem, TlsConfig};
use crate::error::Error;
use crate::watched::Watched;

/// What a service shows and whom it trusts, as its files say now.
#[derive(Debug)]
pub(super) struct Credentials(Watched<Current>);

#[derive(Debug)]
struct Current {
    own: Arc<CertifiedKey>,
    callers: Arc<dyn ClientCertVerifier>,
    callees: Arc<dyn ServerCertVerifier>,
}

impl Credentials {
    /// Reads them.
    ///
    /// # Errors
    /// When a certificate, key or authority cannot be read or does not fit together.
    pub(super) fn new(config: &TlsConfig, every: Duration) -> Result<Arc<Self>, Error> {
        let config = config.clone();
        let pems = [&config.certificate, &config.key, &config.authorities];
        let files: Vec<PathBuf> = pems.into_iter().filter_map(file).collect();
        let read = move || Current::read(&config);
        Ok(Arc::new(Self(Watched::new(
            "certificates",
            files,
            every,
            read,
        )?)))
    }

    /// As the files say, or said when they last fitted together.
    fn current(&self) -> Arc<Current> {
        self.0.current()
    }
}

fn file(pem: &Pem) -> Option<PathBuf> {
    match pem {
        Pem::File(path) => Some(path.clone()),
        Pem::Text(_) => None,
    }
}

impl Current {
    fn read(config: &TlsConfig) -> Result<Self, Error> {
        let provider = provider();
        let own = CertifiedKey::from_der(chain(&config.certificate)?, key(&config.key)?, &provider)
            .map_err(|error| Error::because("using the certificate", error))?;
        let authorities = Arc::new(roots(&config.authorities)?);
        let failed = |error| Error::because("setting the authorities up", error);
        let callers =
            WebPkiClientVerifier::builder_with_provider(authorities.clone(), provider.clone());
        let callees = WebPkiServerVerifier::builder_with_provider(authorities, provider);
        Ok(Self {
            own: Arc::new(own),
            callers: callers.build().map_err(failed)?,
            callees: callees.build().map_err(failed)?,
        })
    }
}

impl ResolvesServerCert for Credentials {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().own.clone())
    }
}

impl ResolvesClientCert for Credentials {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.current().own.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ServerCertVerifier for Credentials {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        status: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let callees = &self.current().callees;
        callees.verify_server_cert(certificate, above, name, status, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let callees = &self.current().callees;
        callees.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let callees = &self.current().callees;
        callees.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.current().callees.supported_verify_schemes()
    }
}

impl ClientCertVerifier for Credentials {
    /// None: they are hints for callers with several certificates, and would be those of the start for ever.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let callers = &self.current().callers;
        callers.verify_client_cert(certificate, above, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let callers = &self.current().callers;
        callers.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let callers = &self.current().callers;
        callers.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.current().callers.supported_verify_schemes()
    }
}

#[cfg(all(test, feature = "dev"))]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::super::{client_with, server_with};
    use super::*;
    use crate::dev::Authority;
    use crate::policy::Tls;
    use crate::watched::EVERY;

    /// A folder that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, authority: &Authority) -> TlsConfig {
            let issued = authority.issue("orders").unwrap();
            let file = |name: &str, text: &str| {
                let path = self.0.join(name);
                let before = fs::metadata(&path).and_then(|it| it.modified()).ok();
                // Clocks of file systems tick slowly: it has to be seen that something changed.
                loop {
                    fs::write(&path, text).unwrap();
                    if fs::metadata(&path).unwrap().modified().ok() != before {
                        break Pem::File(path);
                    }
                }
            };
            TlsConfig {
                certificate: file("tls.crt", &issued.certificate),
                key: file("tls.key", &issued.key),
                authorities: file("ca.crt", authority.certificate()),
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all::<&Path>(&self.0);
        }
    }

    async fn shake(server: &Arc<Credentials>, client: &TlsConfig) -> bool {
        let server = TlsAcceptor::from(server_with(Tls::Mutual, server).unwrap());
        let client = Credentials::new(client, EVERY).unwrap();
        let client = TlsConnector::from(Arc::new(client_with(Tls::Mutual, &client).unwrap()));
        let (one, other) = tokio::io::duplex(65_536);
        let name = ServerName::try_from("orders").unwrap();
        let (connected, accepted) = tokio::join!(client.connect(name, one), server.accept(other));
        connected.is_ok() && accepted.is_ok()
    }

    #[tokio::test]
    async fn changed_files_are_read_again() {
        let (old, new) = (
            Authority::new("shop").unwrap(),
            Authority::new("shop").unwrap(),
        );
        let folder = Folder::new("credentials");
        let server = Credentials::new(&folder.write(&old), Duration::ZERO).unwrap();
        let (of_old, of_new) = (
            old.identity("front").unwrap(),
            new.identity("front").unwrap(),
        );
        assert!(shake(&server, &of_old).await);
        assert!(!shake(&server, &of_new).await);
        folder.write(&new);
        assert!(shake(&server, &of_new).await);
        assert!(!shake(&server, &of_old).await);
    }

    #[tokio::test]
    async fn what_does_not_fit_together_is_not_used() {
        let authority = Authority::new("shop").unwrap();
        let folder = Folder::new("misfits");
        let config = folder.write(&authority);
        let server = Credentials::new(&config, Duration::ZERO).unwrap();
        let caller = authority.identity("front").unwrap();
        fs::write(folder.0.join("tls.key"), "half a k").unwrap();
        assert!(shake(&server, &caller).await);
        folder.write(&authority);
        assert!(shake(&server, &caller).await);
    }
}
