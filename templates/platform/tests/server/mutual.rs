use std::sync::Arc;

use platform::config::{Pem, TlsConfig};
use platform::policy::{Scheme, ServicePolicy, Tls};
use platform::{Problem, ProblemKind, ServiceConfig, Setup};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};

use super::grpc::Call;
use super::support::*;

/// An authority that vouches for services.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Certificates that name `uri`, for a service on this machine.
    pub fn vouch(&self, uri: &str) -> TlsConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params
            .subject_alt_names
            .push(SanType::URI(uri.try_into().unwrap()));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        TlsConfig {
            certificate: Pem::Text(certificate.pem()),
            key: Pem::Text(key.serialize_pem()),
            authorities: Pem::Text(self.pem.clone()),
        }
    }
}

/// Lets `front` in, by certificate.
fn meshed(tls: Tls) -> ServicePolicy {
    let mut policy = policy_with(tls, |op| op.auth = vec!["mesh"]);
    policy.schemes = vec![Scheme::Mtls { name: "mesh" }];
    policy
        .apis
        .iter_mut()
        .for_each(|api| api.peers = vec!["front"]);
    policy
}

async fn start(authority: &Authority, policy: ServicePolicy, tls: Tls) -> Server {
    let config = ServiceConfig {
        tls: Some(authority.vouch("spiffe://test/shop")),
        ..ServiceConfig::default()
    };
    Server::start_with(Setup::new(policy, config), tls).await
}

/// Asks who is calling, with these certificates.
async fn who(
    server: &Server,
    tls: Tls,
    config: &TlsConfig,
) -> Result<reqwest::Response, reqwest::Error> {
    let mut tls = platform::tls::client(tls, config).unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .build()
        .unwrap();
    client
        .get(format!(
            "https://localhost:{}/orders/who",
            server.address.port()
        ))
        .send()
        .await
}

#[tokio::test]
async fn the_drawing_is_the_allow_list() {
    let authority = Authority::new();
    let server = start(&authority, meshed(Tls::Mutual), Tls::Mutual).await;
    let front = who(
        &server,
        Tls::Mutual,
        &authority.vouch("spiffe://test/front"),
    )
    .await
    .unwrap();
    assert_eq!(front.json::<Order>().await.unwrap().id, "nobody by front");
    for stranger in [
        "spiffe://test/billing",
        "spiffe://other/front",
        "spiffe://test/front/more",
        "https://test/front",
    ] {
        let refused = who(&server, Tls::Mutual, &authority.vouch(stranger))
            .await
            .unwrap();
        assert_eq!(
            problem(refused).await.kind,
            ProblemKind::Forbidden,
            "{stranger}"
        );
    }
    assert_eq!(server.shop.entered(), 1);
}

#[tokio::test]
async fn one_api_is_served_in_several_ways() {
    let authority = Authority::new();
    let mut policy = policy(Tls::Server);
    for api in &mut policy.apis {
        api.tls = vec![Tls::Server, Tls::Mutual];
        api.peers = vec!["front"];
    }
    let mut server = start(&authority, policy, Tls::Server).await;
    let front = authority.vouch("spiffe://test/front");
    let anybody = who(&server, Tls::Server, &front).await.unwrap();
    assert_eq!(
        anybody.json::<Order>().await.unwrap().id,
        "nobody by nobody"
    );
    server.address = server.running.addresses().mutual.unwrap();
    let known = who(&server, Tls::Mutual, &front).await.unwrap();
    assert_eq!(known.json::<Order>().await.unwrap().id, "nobody by front");
    let stranger = authority.vouch("spiffe://test/billing");
    let refused = who(&server, Tls::Mutual, &stranger).await.unwrap();
    assert_eq!(problem(refused).await.kind, ProblemKind::Forbidden);
    assert!(
        who(&server, Tls::Server, &front).await.is_err(),
        "no certificate at all"
    );
    let off = server.running.addresses().off.unwrap();
    assert!(
        tokio::net::TcpStream::connect(off).await.is_err(),
        "nobody draws it"
    );
}

#[tokio::test]
async fn a_stranger_stays_outside_even_where_nothing_else_is_asked() {
    let authority = Authority::new();
    let mut policy = policy(Tls::Mutual);
    policy
        .apis
        .iter_mut()
        .for_each(|api| api.peers = vec!["front"]);
    let server = start(&authority, policy, Tls::Mutual).await;
    let refused = who(
        &server,
        Tls::Mutual,
        &authority.vouch("spiffe://test/billing"),
    )
    .await
    .unwrap();
    assert_eq!(problem(refused).await.kind, ProblemKind::Forbidden);
}

#[tokio::test]
async fn only_our_authority_is_trusted() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = start(&authority, meshed(Tls::Mutual), Tls::Mutual).await;
    let mut forged = other.vouch("spiffe://test/front");
    forged.authorities = authority.vouch("spiffe://test/x").authorities;
    assert!(who(&server, Tls::Mutual, &forged).await.is_err());
    assert!(
        who(&server, Tls::Server, &authority.vouch("spiffe://test/x"))
            .await
            .is_err(),
        "no certificate at all"
    );
}

#[tokio::test]
async fn without_a_certificate_nobody_is_known_on_a_server_side_connection() {
    let authority = Authority::new();
    let server = start(&authority, meshed(Tls::Server), Tls::Server).await;
    let refused = who(
        &server,
        Tls::Server,
        &authority.vouch("spiffe://test/front"),
    )
    .await
    .unwrap();
    assert_eq!(problem(refused).await.kind, ProblemKind::Unauthenticated);
}

#[tokio::test]
async fn a_service_has_no_roles() {
    let authority = Authority::new();
    let mut policy = meshed(Tls::Mutual);
    policy
        .apis
        .iter_mut()
        .flat_map(|api| &mut api.operations)
        .for_each(|op| op.allow = vec!["clerk"]);
    let server = start(&authority, policy, Tls::Mutual).await;
    let refused = who(
        &server,
        Tls::Mutual,
        &authority.vouch("spiffe://test/front"),
    )
    .await
    .unwrap();
    assert_eq!(problem(refused).await.kind, ProblemKind::Forbidden);
}

#[tokio::test]
async fn grpc_knows_the_peer_too() {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};
    let authority = Authority::new();
    let server = start(&authority, meshed(Tls::Mutual), Tls::Mutual).await;
    let call = |uri: &str| {
        let config = authority.vouch(uri);
        let identity = Identity::from_pem(
            config.certificate.read().unwrap(),
            config.key.read().unwrap(),
        );
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&authority.pem))
            .identity(identity);
        Call {
            tls: Some(tls),
            ..Call::default()
        }
    };
    let order = Order {
        id: "who".into(),
        quantity: 0,
    };
    let who: Order = call("spiffe://test/front")
        .send(&server, "/test.Shop/Find", order.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(who.id, "nobody by front");
    let refused: Result<tonic::Response<Order>, _> = call("spiffe://test/billing")
        .send(&server, "/test.Shop/Find", order)
        .await;
    assert_eq!(
        Problem::from(&refused.unwrap_err()).kind,
        ProblemKind::Forbidden
    );
}

#[test]
fn files_that_do_not_fit_are_told() {
    let authority = Authority::new();
    let mut config = authority.vouch("spiffe://test/shop");
    config.key = authority.vouch("spiffe://test/other").key;
    assert!(platform::tls::server(Tls::Mutual, &config).is_err());
    config.key = Pem::File("/nowhere/tls.key".into());
    let error = platform::tls::server(Tls::Mutual, &config).unwrap_err();
    assert!(error.to_string().contains("/nowhere/tls.key"), "{error}");
    let _: Arc<rustls::ServerConfig> =
        platform::tls::server(Tls::Mutual, &authority.vouch("spiffe://test/shop")).unwrap();
}
