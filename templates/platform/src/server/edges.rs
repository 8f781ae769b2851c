//! The edges that a service calls over, set up from policy and configuration.

use std::sync::{Arc, PoisonError};

use http::Uri;

use super::Host;
use crate::client::{Credential, Edge, Exchange, Target};
use crate::error::Error;
use crate::policy::{Protocol, Tls};
use crate::tls;

impl Host {
    /// Sets up the edge to `api` of `callee`; nothing is connected before its first call.
    ///
    /// # Errors
    /// When it has no policy, no address, or no certificates that it needs.
    pub fn edge(&self, callee: &str, api: &str, protocol: Protocol) -> Result<Edge, Error> {
        let setup = self.setup();
        let missing = || {
            Error::new(format!(
                "{} has no edge to {callee}.{api}",
                setup.policy.service
            ))
        };
        let policy = setup
            .policy
            .edge(callee, api, protocol)
            .ok_or_else(missing)?;
        let scheme = if policy.tls == Tls::Off {
            "http"
        } else {
            "https"
        };
        let target = setup.config.targets.get(callee);
        let addresses = target
            .map(|target| target.addresses(policy.tls))
            .unwrap_or_default();
        let parse = |address: &String| {
            let uri = format!("{scheme}://{address}").parse::<Uri>();
            uri.map_err(|error| Error::because(format!("the address {address} of {callee}"), error))
        };
        let addresses = addresses.iter().map(parse).collect::<Result<_, _>>()?;
        let tls = match (policy.tls, &setup.config.tls) {
            (Tls::Off, _) | (_, None) => None,
            (mode, Some(config)) => Some(Arc::new(tls::client(mode, config)?)),
        };
        let (all, config, clock) = (&setup.policy, &setup.config, setup.clock);
        let credential = Arc::new(Credential::new(policy, all, config, clock)?);
        let exchange = Exchange::new(policy.identity, all, config, clock)?;
        let target = Target {
            addresses,
            tls,
            credential,
            exchange: exchange.map(Arc::new),
        };
        let edge = Edge::new(policy, &target, setup.clock, setup.metrics.edges())
            .map_err(|error| Error::new(error.to_string()))?;
        self.inner
            .edges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(edge.clone());
        Ok(edge)
    }

    /// The edges that were set up.
    pub fn edges(&self) -> Vec<Edge> {
        self.inner
            .edges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
