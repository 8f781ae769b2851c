//! A throw-away certificate authority.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use crate::config::{Pem, TlsConfig};
use crate::error::Error;

/// Vouches for the services of one system as long as the process runs: its key is nowhere but in memory.
pub struct Authority {
    system: String,
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Authority {
    /// A new authority for a system.
    ///
    /// # Errors
    /// When the system's random numbers or the name do not allow it.
    pub fn new(system: &str) -> Result<Self, Error> {
        let failed = |error| Error::because("making a certificate authority", error);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(
            DnType::CommonName,
            format!("{system} development, not to be trusted"),
        );
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self {
            system: system.to_owned(),
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// The authority's own certificate, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate that proves to be `service`, as server and as client, on this machine.
    ///
    /// # Errors
    /// When the name cannot stand in a certificate.
    pub fn issue(&self, service: &str) -> Result<Certificate, Error> {
        let failed = |error| Error::because(format!("issuing a certificate for {service}"), error);
        let name = |text: &str| text.try_into().map_err(failed);
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, service);
        params.subject_alt_names = vec![
            SanType::URI(name(&format!("spiffe://{}/{service}", self.system))?),
            // An underscore may stand in a service's name, not in a host's.
            SanType::DnsName(name(&service.replace('_', "-"))?),
            SanType::DnsName(name("localhost")?),
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?.pem();
        Ok(Certificate {
            certificate,
            key: key.serialize_pem(),
        })
    }

    /// The same, as a service is configured with it.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn identity(&self, service: &str) -> Result<TlsConfig, Error> {
        let issued = self.issue(service)?;
        Ok(TlsConfig {
            certificate: Pem::Text(issued.certificate),
            key: Pem::Text(issued.key),
            authorities: Pem::Text(self.certificate.clone()),
        })
    }
}
