//! Loopback ports.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::error::Error;

/// Hands out loopback ports: free ones, or one after the other from a base on.
#[derive(Debug, Default)]
pub(super) struct Ports {
    next: Option<u16>,
}

/// Reads `--port-base N`.
pub(super) fn from_arguments(arguments: &[&str]) -> Result<Ports, Error> {
    let mut ports = Ports::default();
    let mut arguments = arguments.iter().copied();
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            Some(("--port-base", value)) => Some(value),
            _ if argument == "--port-base" => arguments.next(),
            _ => {
                return Err(Error::new(format!(
                    "unknown argument `{argument}`; there are --port-base N, certificates FOLDER and identity ADDRESS"
                )));
            }
        };
        let base = value.and_then(|value| value.parse().ok());
        ports.next = Some(base.ok_or_else(|| Error::new("--port-base wants a port number"))?);
    }
    Ok(ports)
}

impl Ports {
    /// Binds the next port.
    pub async fn bind(&mut self) -> Result<TcpListener, Error> {
        let port = self.next.unwrap_or(0);
        if let Some(next) = &mut self.next {
            *next = next
                .checked_add(1)
                .ok_or_else(|| Error::new("there are no more ports"))?;
        }
        bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
    }
}

/// Binds a certain address.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::because(format!("listening on {address}"), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(arguments: &[&str]) -> Result<Option<u16>, Error> {
        from_arguments(arguments).map(|ports| ports.next)
    }

    #[test]
    fn a_base_is_read() {
        assert_eq!(base(&[]).expect("is fine"), None);
        assert_eq!(base(&["--port-base", "7000"]).expect("is fine"), Some(7000));
        assert_eq!(base(&["--port-base=7000"]).expect("is fine"), Some(7000));
        for wrong in [
            &["--port-base"][..],
            &["--port-base", "x"],
            &["--ports"],
            &["7000"],
        ] {
            base(wrong).expect_err("is told");
        }
    }
}
