//! The services of the process: started, stopped, slowed down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::ports::{Ports, bind};
use super::{Actor, Authority, IdentityProvider, Keyring, System};
use crate::client::EdgeState;
use crate::config::{DrainConfig, Listen, ServiceConfig, TargetConfig, TelemetryConfig, TlsConfig};
use crate::error::Error;
use crate::policy::{ServicePolicy, Tls};
use crate::resilience::BreakerState;
use crate::server::{Delay, Running, Setup, Sockets};
use crate::state::Memory;

/// What stands for the address of a system that does not run here: nothing listens on the discard port.
const ELSEWHERE: &str = "127.0.0.1:9";

/// Seconds that requests under way are given when their service is stopped.
const DRAIN: u64 = 5;

/// All services, running or not; their addresses stay the same.
pub(super) struct Supervisor {
    services: Vec<Member>,
}

struct Member {
    actor: Actor,
    policy: ServicePolicy,
    identity: TlsConfig,
    listen: Listen,
    /// Where those who cannot check a certificate call.
    plain: Option<SocketAddr>,
    config: ServiceConfig,
    delay: Delay,
    /// Stands for all stores of shared state.
    store: Arc<Memory>,
    /// Bound, but not served yet.
    sockets: Option<Sockets>,
    running: Option<Running>,
}

impl Supervisor {
    /// Binds the sockets of all services, so that each can be told where the others are.
    pub async fn new(
        system: &System,
        authority: &Authority,
        ports: &mut Ports,
    ) -> Result<Self, Error> {
        let mut services = Vec::new();
        let store = Arc::new(Memory::default());
        for actor in &system.services {
            let policy = (actor.policy)();
            let serves = |tls| policy.apis.iter().any(|api| api.tls.contains(&tls));
            // What callers from outside use is bound first, so that it has the first ports of a base.
            let entry = system
                .entries
                .iter()
                .any(|entry| entry.service == actor.service);
            let plain = bind_if(entry && serves(Tls::Server), ports).await?;
            let sockets = Sockets {
                off: bind_if(serves(Tls::Off), ports).await?,
                server: bind_if(serves(Tls::Server), ports).await?,
                mutual: bind_if(serves(Tls::Mutual), ports).await?,
                admin: bind_if(true, ports).await?,
                plain,
            };
            services.push(Member {
                actor: *actor,
                policy,
                identity: authority.identity(actor.service)?,
                listen: sockets.addresses(),
                plain: sockets
                    .plain
                    .as_ref()
                    .and_then(|socket| socket.local_addr().ok()),
                config: ServiceConfig::default(),
                delay: Delay::default(),
                store: store.clone(),
                sockets: Some(sockets),
                running: None,
            });
        }
        Ok(Self { services })
    }

    /// Starts all services; the keys of tokens are at `keys`.
    pub fn start_all(
        &mut self,
        provider: &IdentityProvider,
        keys: SocketAddr,
        keyring: &Keyring,
    ) -> Result<(), Error> {
        let targets = self.targets();
        let issuers = provider.issuers(keys);
        let telemetry = TelemetryConfig::from_environment()?;
        for member in &mut self.services {
            member.config = ServiceConfig {
                // Where browsers go, who refuse a certificate of nobody's.
                origin: member.plain.map(|address| format!("http://{address}")),
                listen: member.listen.clone(),
                tls: Some(member.identity.clone()),
                issuers: issuers.clone(),
                targets: targets.clone(),
                telemetry: telemetry.clone(),
                secrets: keyring.secrets(member.actor.service, provider),
                drain: DrainConfig {
                    notice: 0,
                    limit: DRAIN,
                },
                ..ServiceConfig::default()
            };
            let sockets = member
                .sockets
                .take()
                .ok_or_else(|| Error::new("it was started before"))?;
            member.start(sockets)?;
        }
        Ok(())
    }

    /// Stops all services, all at once.
    pub async fn stop_all(&mut self) {
        let running = self
            .services
            .iter_mut()
            .filter_map(|member| member.running.take());
        futures_util::future::join_all(running.map(Running::stop)).await;
    }

    /// Stops one.
    pub async fn stop(&mut self, service: &str) -> Result<String, Error> {
        let running = self.member(service)?.running.take();
        running
            .ok_or_else(|| Error::new(format!("{service} is stopped already")))?
            .stop()
            .await;
        Ok(format!("{service} is stopped"))
    }

    /// Starts one again, where it was before.
    pub async fn start(&mut self, service: &str) -> Result<String, Error> {
        let member = self.member(service)?;
        if member.running.is_some() {
            return Err(Error::new(format!("{service} runs already")));
        }
        let mut sockets = Sockets::bind(&member.listen).await?;
        if let Some(plain) = member.plain {
            sockets.plain = Some(bind(plain).await?);
        }
        member.start(sockets)?;
        Ok(format!("{service} is started"))
    }

    /// Delays each request of one.
    pub fn slow(&mut self, service: &str, by: Duration) -> Result<String, Error> {
        self.member(service)?.delay.set(by);
        Ok(if by.is_zero() {
            format!("{service} is no longer slow")
        } else {
            format!("{service} is slow by {by:?}")
        })
    }

    /// All services in one line.
    pub fn list(&self) -> String {
        let lines = self.services.iter().map(|member| {
            let state = if member.running.is_some() {
                "runs"
            } else {
                "is stopped"
            };
            let delay = member.delay.get();
            let slow = if delay.is_zero() {
                String::new()
            } else {
                format!(", slow by {delay:?}")
            };
            format!("{} {state}{slow}", member.actor.service)
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    /// The breakers of all edges in one line.
    pub fn status(&self) -> String {
        let running = self
            .services
            .iter()
            .filter_map(|member| member.running.as_ref());
        let edges = running
            .flat_map(Running::edges)
            .map(|edge| told(&edge.state()));
        let all = edges.collect::<Vec<_>>().join("; ");
        if all.is_empty() {
            "no service that runs calls another".to_owned()
        } else {
            all
        }
    }

    /// The addresses of a service.
    pub fn addresses(&self, service: &str) -> Option<(&Listen, Option<SocketAddr>)> {
        let member = self
            .services
            .iter()
            .find(|member| member.actor.service == service)?;
        Some((&member.listen, member.plain))
    }

    /// What the drawing decided for a service.
    pub fn policy(&self, service: &str) -> Option<&ServicePolicy> {
        self.services
            .iter()
            .find(|member| member.actor.service == service)
            .map(|member| &member.policy)
    }

    fn member(&mut self, service: &str) -> Result<&mut Member, Error> {
        let names = self
            .services
            .iter()
            .map(|member| member.actor.service)
            .collect::<Vec<_>>()
            .join(", ");
        let found = self
            .services
            .iter_mut()
            .find(|member| member.actor.service == service);
        found.ok_or_else(|| {
            Error::new(format!(
                "there is no service `{service}`; there are {names}"
            ))
        })
    }

    /// Where every service that is called can be found.
    fn targets(&self) -> BTreeMap<String, TargetConfig> {
        let edges = self.services.iter().flat_map(|member| &member.policy.edges);
        let target = |callee: &str| {
            let listen = self
                .addresses(callee)
                .map(|(listen, _)| listen.clone())
                .unwrap_or_default();
            let at = |tls| {
                vec![
                    listen
                        .address(tls)
                        .map_or(ELSEWHERE.to_owned(), |address| address.to_string()),
                ]
            };
            TargetConfig {
                off: at(Tls::Off),
                server: at(Tls::Server),
                mutual: at(Tls::Mutual),
            }
        };
        edges
            .map(|edge| (edge.callee.to_owned(), target(edge.callee)))
            .collect()
    }
}

impl Member {
    fn start(&mut self, sockets: Sockets) -> Result<(), Error> {
        let setup = Setup::new(self.policy.clone(), self.config.clone());
        let setup = setup
            .samples(self.actor.samples)
            .store(self.store.clone())
            .delay(self.delay.clone())
            .reflecting();
        let service = self.actor.service;
        let started = (self.actor.build)(setup).and_then(|built| built.start(sockets));
        self.running =
            Some(started.map_err(|error| Error::because(format!("starting {service}"), error))?);
        Ok(())
    }
}

async fn bind_if(wanted: bool, ports: &mut Ports) -> Result<Option<TcpListener>, Error> {
    if wanted {
        ports.bind().await.map(Some)
    } else {
        Ok(None)
    }
}

/// `front -> orders.Orders : grpc closed`; operations with breakers of their own are told one by one.
fn told(state: &EdgeState) -> String {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (operation, breaker) in &state.breakers {
        let text = match breaker {
            BreakerState::Closed => "closed".to_owned(),
            BreakerState::HalfOpen => "half open".to_owned(),
            BreakerState::Open { retry_after } => {
                format!("open for {:.1} s", retry_after.as_secs_f64())
            }
        };
        match told.iter_mut().find(|(same, _)| *same == text) {
            Some((_, operations)) => operations.push(operation),
            None => told.push((text, vec![operation])),
        }
    }
    let text = match told.as_slice() {
        [] => "no breaker".to_owned(),
        [(text, _)] => text.clone(),
        several => several
            .iter()
            .map(|(text, of)| format!("{text} ({})", of.join(", ")))
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!("{} {text}", state.edge)
}
