//! What a calling service stands on besides its drawing: an identity provider, and the secrets that it is given.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::peer::Peer;
use super::{Client, Subject};
use crate::client::{self, Credential, Exchange, Target};
use crate::clock::Clock;
use crate::config::ServiceConfig;
use crate::dev::{Claims, IdentityProvider, Keyring};
use crate::error::Error;
use crate::policy::{ClientId, EdgePolicy, Scheme, ServicePolicy};
use crate::resilience::EdgeMetrics;

/// Who issues all tokens here: what callees think of issuers is not the question.
const ISSUER: &str = "https://id.test";

/// The schemes of an identity provider that grants what it is asked for, for those who have them and for `audience`.
fn granting(schemes: &[Scheme], audience: Option<&'static str>) -> Vec<Scheme> {
    let meant = audience.map(|audience| Scheme::Jwt {
        name: "whoever is meant",
        issuer: ISSUER,
        audience,
        algorithms: Vec::new(),
        roles: Vec::new(),
        secret: None,
    });
    let mut schemes: Vec<_> = schemes.iter().cloned().chain(meant).collect();
    for scheme in &mut schemes {
        if let Scheme::Jwt {
            issuer, algorithms, ..
        } = scheme
        {
            *issuer = ISSUER;
            *algorithms = vec!["ES256"];
        }
    }
    schemes
}

/// The surroundings of one calling service.
pub(super) struct Home {
    service: ServicePolicy,
    provider: IdentityProvider,
    pub keyring: Keyring,
    config: ServiceConfig,
}

impl Home {
    /// That of the subject's caller, where tokens for `audience` are granted too.
    pub async fn of(subject: &Subject<'_>, audience: Option<&'static str>) -> Self {
        let built = Self::build(subject, audience).await;
        built.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn build(subject: &Subject<'_>, audience: Option<&'static str>) -> Result<Self, Error> {
        let (caller, service) = (subject.edge.caller, subject.service());
        let failed = |error| Error::because("the identity provider", error);
        let keyring = Keyring::new(&service.schemes, &[caller])?;
        let schemes = granting(&service.schemes, audience);
        let provider = IdentityProvider::new(&schemes, Clock::system())?;
        let provider = provider.with_clients(keyring.clone());
        let socket = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        tokio::spawn(provider.clone().serve(socket, CancellationToken::new()));
        let mut issuers = provider.issuers(address);
        for issuer in issuers.values_mut() {
            issuer.issuer = Some(ISSUER.to_owned());
        }
        let config = ServiceConfig {
            secrets: keyring.secrets(caller, &provider),
            issuers,
            ..ServiceConfig::default()
        };
        Ok(Self {
            service,
            provider,
            keyring,
            config,
        })
    }

    /// The generated client, which calls `peer` with all that `policy` makes it show.
    pub fn client(&self, subject: &Subject<'_>, policy: &EdgePolicy, peer: &Peer) -> Client {
        let built = self.build_client(subject, policy, peer);
        built.unwrap_or_else(|error| panic!("{error}"))
    }

    fn build_client(
        &self,
        subject: &Subject<'_>,
        policy: &EdgePolicy,
        peer: &Peer,
    ) -> Result<Client, Error> {
        let (service, config, clock) = (&self.service, &self.config, Clock::system());
        let target = Target {
            addresses: vec![peer.uri()],
            tls: None,
            credential: Arc::new(Credential::new(policy, service, config, clock)?),
            exchange: Exchange::new(policy.identity, service, config, clock)?.map(Arc::new),
        };
        let edge = client::Edge::new(policy, &target, clock, &EdgeMetrics::default());
        Ok(Client {
            edge: edge.map_err(|error| Error::because("the edge", error))?,
            call: subject.edge.call,
            operation: subject.operation,
        })
    }

    /// A token of the user `ann` from whoever grants tokens to the clients of `scheme`.
    pub fn users_token(&self, scheme: &str) -> String {
        let token = self
            .provider
            .token(self.granter(scheme), &Claims::of("ann", &[]));
        token.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the token in this header says, if whoever grants tokens to the clients of `scheme` has signed it.
    pub fn said(&self, scheme: &str, header: Option<String>) -> Map<String, Value> {
        let token = header.as_deref().and_then(|it| it.strip_prefix("Bearer "));
        let said = token.and_then(|token| self.provider.said(self.granter(scheme), token));
        let (claims, _) =
            said.unwrap_or_else(|| panic!("no token of the provider arrived: {header:?}"));
        claims
    }

    /// The jwt scheme behind an oauth2 scheme.
    fn granter(&self, scheme: &str) -> &'static str {
        let granter = self.oauth2(scheme).map(|(granter, ..)| granter);
        granter.unwrap_or_else(|| panic!("there is no oauth2 scheme {scheme}"))
    }

    /// What tokens of a scheme are for, as they tell it; `None` if they are not granted to clients.
    pub fn scopes(&self, scheme: &str) -> Option<String> {
        self.oauth2(scheme).map(|(_, scopes, _)| scopes.join(" "))
    }

    /// The name under which the provider knows the caller; each service has its own where a secret tells it.
    pub fn client_id(&self, scheme: &str) -> &'static str {
        match self.oauth2(scheme) {
            Some((.., ClientId::Is(id))) => id,
            _ => self.service.service,
        }
    }

    fn oauth2(&self, scheme: &str) -> Option<(&'static str, &[&'static str], ClientId)> {
        self.service.schemes.iter().find_map(|it| match it {
            Scheme::Oauth2 {
                name,
                provider,
                scopes,
                client_id,
                ..
            } if *name == scheme => Some((*provider, scopes.as_slice(), *client_id)),
            _ => None,
        })
    }
}
