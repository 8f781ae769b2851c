//! One connection to the store, which all requests of the process share; made anew when it is lost.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, IntoConnectionInfo, RedisConnectionInfo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::{StoreConfig, TlsConfig};
use crate::error::Error;
use crate::policy::Tls;
use crate::tls;

/// How long connecting may take. Requests do not wait for it longer than for an answer.
const CONNECT: Duration = Duration::from_secs(3);

/// A connection on its way, or made; whoever holds one of these has the same.
type Dialled = Shared<BoxFuture<'static, Result<MultiplexedConnection, String>>>;

/// The way to the store.
pub(super) struct Line {
    target: Target,
    dialled: Mutex<Option<Dialled>>,
}

/// Where the store is, and how we prove who we are.
#[derive(Clone)]
struct Target {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    login: RedisConnectionInfo,
}

impl Line {
    /// The way to a configured store, protected as its policy says.
    ///
    /// # Errors
    /// When the address, the password or the certificates cannot be used.
    pub(super) fn new(
        store: &StoreConfig,
        mode: Tls,
        own: Option<&TlsConfig>,
    ) -> Result<Self, Error> {
        let mut line = Self::plain(&store.address)?;
        let mut login = line.target.login.clone().set_db(store.database);
        if let Some(username) = &store.username {
            login = login.set_username(username);
        }
        if let Some(password) = store.password()? {
            login = login.set_password(password);
        }
        line.target.login = login;
        if mode != Tls::Off {
            let own = own.ok_or_else(|| Error::new("no certificates are configured"))?;
            let wrong =
                |error| Error::because(format!("the address {} of a store", store.address), error);
            let name = ServerName::try_from(line.target.host.clone()).map_err(wrong)?;
            let connector = TlsConnector::from(Arc::new(tls::client(mode, own)?));
            line.target.tls = Some((connector, name));
        }
        Ok(line)
    }

    /// The way to `host:port`, in plain text and without a password.
    ///
    /// # Errors
    /// When there is no port.
    pub(super) fn plain(address: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(format!(
                "the address `{address}` of a store is no host:port"
            ))
        };
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let port = port.parse().map_err(|_| wrong())?;
        let login = (host.as_str(), port)
            .into_connection_info()
            .map_err(|error| Error::because("preparing a connection", error))?;
        Ok(Self {
            target: Target {
                login: login.redis_settings().clone(),
                host,
                port,
                tls: None,
            },
            dialled: Mutex::new(None),
        })
    }

    /// Starts to connect, unless that was done.
    pub(super) fn dial(&self) -> Dialled {
        let mut dialled = self.dialled();
        dialled
            .get_or_insert_with(|| {
                let target = self.target.clone();
                let connecting = async move {
                    timeout(CONNECT, target.connect())
                        .await
                        .unwrap_or_else(|_| Err("no connection in time".to_owned()))
                };
                let connecting = connecting.boxed().shared();
                // Goes on when those who wait for it have left.
                tokio::spawn(connecting.clone());
                connecting
            })
            .clone()
    }

    /// The connection.
    pub(super) async fn connected(&self) -> Result<MultiplexedConnection, String> {
        self.dial().await
    }

    /// Lets the next call connect anew; a connection that is still on its way is waited for.
    pub(super) fn hang_up(&self) {
        let mut dialled = self.dialled();
        if dialled.as_ref().is_some_and(|it| it.peek().is_some()) {
            *dialled = None;
        }
    }

    fn dialled(&self) -> MutexGuard<'_, Option<Dialled>> {
        self.dialled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells where it goes; the password is nobody's business.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({}:{})", self.target.host, self.target.port)
    }
}

impl Target {
    async fn connect(self) -> Result<MultiplexedConnection, String> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        match self.tls {
            None => greet(&self.login, stream).await,
            Some((connector, name)) => {
                let stream = connector
                    .connect(name, stream)
                    .await
                    .map_err(|error| error.to_string())?;
                greet(&self.login, stream).await
            }
        }
    }
}

async fn greet(
    login: &RedisConnectionInfo,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<MultiplexedConnection, String> {
    // Requests have their own bounds.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let (connection, driver) = MultiplexedConnection::new_with_config(login, stream, config)
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(driver);
    Ok(connection)
}
