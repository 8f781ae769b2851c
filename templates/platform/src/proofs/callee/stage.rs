//! The service under proof, running, with everything that it needs around it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::row::Cast;
use super::super::script::Script;
use super::Subject;
use crate::clock::Clock;
use crate::config::{Listen, ServiceConfig, TargetConfig};
use crate::dev::{Authority, IdentityProvider, Keyring};
use crate::error::Error;
use crate::policy::{
    ApiPolicy, CallPolicy, EdgePolicy, Identity, OperationPolicy, Scheme, ServicePolicy, Tls,
};
use crate::server::{Running, Setup, Sockets};
use crate::state;

/// Who has keys and passwords, beside the services.
const USERS: [&str; 2] = ["ann", "bob"];

/// What a stage is to be like.
#[derive(Clone, Copy, Default)]
pub(super) struct Props {
    /// How the api's connections are protected; as the service really does when unset.
    pub tls: Option<Tls>,
    /// A scheme, and the algorithm that its tokens are signed with; the first that it accepts when unset.
    pub algorithm: Option<(&'static str, &'static str)>,
    /// Where roles stand in a token is the question; else a path is made up where there is none.
    pub roles: bool,
    /// What the wall shows moves with the paused clock, so that tokens end.
    pub moves: bool,
    /// Two instances of the service run, with the state that it really has.
    pub twice: bool,
}

/// Services with scripted handlers, an identity provider and an authority.
pub(super) struct Stage {
    pub script: Script,
    pub authority: Authority,
    pub provider: IdentityProvider,
    pub keyring: Keyring,
    /// Where the service under proof listens, for each way of protecting connections.
    pub listen: Listen,
    /// Where its second instance listens.
    pub second: Option<Listen>,
    _running: Vec<Running>,
}

impl Subject<'_> {
    /// The service's policy as it really runs with it.
    pub(super) fn policy(&self) -> ServicePolicy {
        (self.cast(self.probe.service).policy)()
    }

    /// The service under proof, with a policy that does nothing but what `keep` takes over from the real one for the
    /// operation, and those behind it.
    pub(super) async fn stage(
        &self,
        props: Props,
        keep: impl Fn(&OperationPolicy, &mut OperationPolicy),
    ) -> Stage {
        let policy = self.isolated(props, keep);
        let staged = self.run(policy, props).await;
        staged.unwrap_or_else(|error| panic!("{} does not start: {error}", self.probe.service))
    }

    fn cast(&self, service: &str) -> Cast {
        let cast = self
            .system
            .services
            .iter()
            .find(|cast| cast.service == service);
        *cast.unwrap_or_else(|| panic!("the system has no service {service}"))
    }

    fn isolated(
        &self,
        props: Props,
        keep: impl Fn(&OperationPolicy, &mut OperationPolicy),
    ) -> ServicePolicy {
        let probe = self.probe;
        let real = self.policy();
        let mut isolated = neutral(real);
        for scheme in &mut isolated.schemes {
            complete(scheme, props);
        }
        let is_probed = |api: &ApiPolicy| (api.api, api.protocol) == (probe.api, probe.protocol);
        let real = self.policy();
        isolated.state = real.state.filter(|_| props.twice);
        let real = real.api(probe.api, probe.protocol);
        let api = isolated.apis.iter_mut().find(|api| is_probed(api));
        let (Some(real), Some(api)) = (real, api) else {
            panic!(
                "{} has no policy for {} over {:?}",
                probe.service, probe.api, probe.protocol
            )
        };
        api.tls = props.tls.map_or(real.tls.clone(), |tls| vec![tls]);
        api.peers = probe.peers.to_vec();
        let operation = api
            .operations
            .iter_mut()
            .find(|operation| operation.operation == probe.operation);
        let (Some(real), Some(operation)) = (real.operation(probe.operation), operation) else {
            panic!(
                "{} has no policy for {}.{}",
                probe.service, probe.api, probe.operation
            )
        };
        keep(real, operation);
        isolated
    }

    async fn run(&self, policy: ServicePolicy, props: Props) -> Result<Stage, Error> {
        let script = Script::default();
        let authority = Authority::new(self.system.name)?;
        let clock = match props.moves {
            true => Clock::virtual_from(SystemTime::now()),
            false => Clock::system(),
        };
        let services = self.system.services.iter().map(|cast| cast.service);
        let names: Vec<&str> = services.chain(USERS).collect();
        let keyring = Keyring::new(&policy.schemes, &names)?;
        let provider = provider(&policy.schemes, props.algorithm, clock)?;
        let provider = provider.with_clients(keyring.clone());
        let keys = bind().await?;
        let keys_at = address(&keys)?;
        tokio::spawn(provider.clone().serve(keys, CancellationToken::new()));

        let store = state::proved(Clock::virtual_from(clock.wall()))?;
        let behind = self.behind(&policy);
        let mut policies = vec![policy; if props.twice { 2 } else { 1 }];
        policies.extend(behind);
        let mut sockets = Vec::new();
        let mut targets = BTreeMap::new();
        for policy in &policies {
            let bound = Sockets {
                off: Some(bind().await?),
                server: Some(bind().await?),
                mutual: Some(bind().await?),
                ..Sockets::default()
            };
            let off = bound
                .addresses()
                .off
                .map(|address| address.to_string())
                .into_iter()
                .collect();
            targets.insert(
                policy.service.to_owned(),
                TargetConfig {
                    off,
                    ..TargetConfig::default()
                },
            );
            sockets.push(bound);
        }
        // What is not one of our services is never called; it only must have an address.
        for edge in policies.iter().flat_map(|policy| &policy.edges) {
            let nowhere = || TargetConfig {
                off: vec!["127.0.0.1:9".to_owned()],
                ..TargetConfig::default()
            };
            targets
                .entry(edge.callee.to_owned())
                .or_insert_with(nowhere);
        }
        let listen = sockets[0].addresses();
        let second = props.twice.then(|| sockets[1].addresses());
        let mut running = Vec::new();
        for (policy, sockets) in policies.into_iter().zip(sockets) {
            let config = ServiceConfig {
                tls: Some(authority.identity(policy.service)?),
                issuers: provider.issuers(keys_at),
                targets: targets.clone(),
                secrets: keyring.secrets(policy.service, &provider),
                ..ServiceConfig::default()
            };
            let build = self.cast(policy.service).build;
            let setup = Setup::new(policy, config).clock(clock).store(store.clone());
            let service = build(script.clone(), setup)?;
            running.push(service.start(sockets)?);
        }
        Ok(Stage {
            script,
            authority,
            provider,
            keyring,
            listen,
            second,
            _running: running,
        })
    }

    /// Neutral policies of all services that the one of `policy` calls, and those that these call.
    fn behind(&self, policy: &ServicePolicy) -> Vec<ServicePolicy> {
        let mut known = BTreeSet::from([policy.service]);
        let mut found: Vec<ServicePolicy> = Vec::new();
        let mut next: Vec<&str> = policy.edges.iter().map(|edge| edge.callee).collect();
        while let Some(callee) = next.pop() {
            let ours = self
                .system
                .services
                .iter()
                .find(|cast| cast.service == callee);
            if let Some(cast) = ours.filter(|cast| known.insert(cast.service)) {
                let mut policy = neutral((cast.policy)());
                policy
                    .apis
                    .iter_mut()
                    .for_each(|api| api.tls = vec![Tls::Off]);
                next.extend(policy.edges.iter().map(|edge| edge.callee));
                found.push(policy);
            }
        }
        found
    }
}

/// A policy that enforces nothing.
fn neutral(policy: ServicePolicy) -> ServicePolicy {
    let operation = |operation: OperationPolicy| OperationPolicy {
        auth: Vec::new(),
        allow: Vec::new(),
        when: None,
        audited: false,
        rate_limit: None,
        timeout: None,
        max_body: None,
        idempotent: None,
        cache: None,
        ..operation
    };
    let api = |api: ApiPolicy| ApiPolicy {
        operations: api.operations.into_iter().map(operation).collect(),
        ..api
    };
    let call = |call: CallPolicy| CallPolicy::new(call.operation, call.safety);
    let edge = |edge: EdgePolicy| EdgePolicy {
        tls: Tls::Off,
        auth: None,
        identity: Identity::None,
        operations: edge.operations.into_iter().map(call).collect(),
        ..edge
    };
    ServicePolicy {
        apis: policy.apis.into_iter().map(api).collect(),
        edges: policy.edges.into_iter().map(edge).collect(),
        shed: None,
        state: None,
        ..policy
    }
}

/// Gives a scheme an algorithm and a path of roles if it has none, unless that is the question.
pub(super) fn complete(scheme: &mut Scheme, props: Props) {
    if let Scheme::Jwt {
        name,
        algorithms,
        roles,
        secret,
        ..
    } = scheme
    {
        let asked = props.algorithm.is_some_and(|(scheme, _)| scheme == *name);
        if algorithms.is_empty() && !asked {
            algorithms.push(if secret.is_some() { "HS256" } else { "ES256" });
        }
        if roles.is_empty() && !props.roles {
            roles.push("roles");
        }
    }
}

/// An identity provider that signs tokens of a scheme with a certain algorithm, where one is asked for.
fn provider(
    schemes: &[Scheme],
    algorithm: Option<(&'static str, &'static str)>,
    clock: Clock,
) -> Result<IdentityProvider, Error> {
    let mut schemes = schemes.to_vec();
    for scheme in &mut schemes {
        if let Scheme::Jwt {
            name, algorithms, ..
        } = scheme
            && let Some((_, algorithm)) = algorithm.filter(|(asked, _)| asked == name)
        {
            *algorithms = vec![algorithm];
        }
    }
    IdentityProvider::new(&schemes, clock)
}

async fn bind() -> Result<TcpListener, Error> {
    TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| Error::because("binding a port", error))
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener
        .local_addr()
        .map_err(|error| Error::because("asking for an address", error))
}
