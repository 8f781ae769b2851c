//! The whole system in one process, for development. Nothing of this is in a service's own binary.
//!
//! Every service runs on its own loopback ports, with real TLS from a throw-away authority and tokens from a small
//! identity provider. What it offers is printed as commands to paste into a shell, each with the answer it will give.

mod apart;
mod authorize;
mod ca;
mod console;
mod folder;
mod grant;
mod identity;
mod keyring;
mod logins;
mod ports;
mod print;
mod realm;
mod supervisor;

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

pub use ca::{Authority, Certificate};
pub use identity::{Claims, IdentityProvider, LIFETIME};
pub use keyring::Keyring;

use crate::clock::Clock;
use crate::config::LogConfig;
use crate::error::Error;
use crate::policy::{Protocol, ServicePolicy};
use crate::server::{Service, Setup};
use crate::telemetry;
use console::{Command, Console};
use folder::Folder;
use ports::Ports;
use supervisor::Supervisor;

/// How often the tokens below `.dev/` are made anew: well before they end.
const REFRESH: Duration = Duration::from_secs(LIFETIME.as_secs() / 2);

/// The name of the token that has no roles.
pub(crate) const NOBODY: &str = "nobody";

/// Whose the keys and passwords below `.dev/` are.
const DEVELOPER: &str = "developer";

/// A system, as the generated `dev` package lists it.
#[derive(Clone, Debug)]
pub struct System {
    /// Its name in the drawing.
    pub name: &'static str,
    /// The roles that the drawing declares.
    pub roles: &'static [&'static str],
    /// Its services.
    pub services: Vec<Actor>,
    /// The apis that callers from outside use.
    pub entries: Vec<Entry>,
}

/// A service to run.
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    /// Its name in the drawing.
    pub service: &'static str,
    /// What the drawing decided for it.
    pub policy: fn() -> ServicePolicy,
    /// Makes it, with the owner's handlers.
    pub build: fn(Setup) -> Result<Service, Error>,
    /// What operations that nobody has written yet answer (`Orders.find`, JSON).
    pub samples: &'static [(&'static str, &'static str)],
}

/// An api that callers from outside use.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The service that offers it.
    pub service: &'static str,
    /// Its name in the drawing.
    pub api: &'static str,
    /// How it is called.
    pub protocol: Protocol,
    /// For gRPC, its file below `contracts/proto`.
    pub proto: &'static str,
    /// What it offers.
    pub operations: &'static [Try],
}

/// A request to try an operation with.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    /// Its name in the drawing.
    pub operation: &'static str,
    /// What it does; empty when the drawing does not say.
    pub doc: &'static str,
    /// The HTTP method; empty for gRPC.
    pub method: &'static str,
    /// The path, with `{name}` for fields of the request.
    pub path: &'static str,
    /// Whether it takes a stream.
    pub takes_stream: bool,
    /// Whether it answers one.
    pub answers_stream: bool,
    /// A valid request, or message of one, as JSON; `null` when it takes none.
    pub request: &'static str,
    /// What the caller's token must say beside its role, as a JSON object.
    pub claims: &'static str,
    /// Whether a token that does not say that is refused.
    pub asks_claims: bool,
    /// The HTTP status of its answer.
    pub status: u16,
}

impl Try {
    /// The claims, if the operation judges any.
    fn judged(&self) -> Option<Map<String, Value>> {
        let claims: Map<String, Value> = serde_json::from_str(self.claims).unwrap_or_default();
        (!claims.is_empty()).then_some(claims)
    }
}

/// Runs the system until `quit`, SIGINT or SIGTERM.
///
/// Options: `--port-base N` takes the ports N, N + 1, ... instead of free ones. Where the services run as processes of
/// their own, `certificates FOLDER` makes what they need to know each other by, `secrets FOLDER` a file of variables for
/// each that needs secrets, `identity ADDRESS` is the identity provider alone, and `password` hashes the line that it is
/// given.
#[must_use]
pub fn main(system: System) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match *arguments {
        ["certificates", folder] => apart::certificates(&system, folder.as_ref()),
        ["secrets", folder] => apart::secrets(&system, folder.as_ref()),
        ["password"] => apart::password(),
        ["identity", address] => blocking(apart::identity(&system, address)),
        _ => ports::from_arguments(&arguments).and_then(|ports| blocking(run(system, ports))),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn blocking(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::because("starting the runtime", error))?;
    let ended = runtime.block_on(work);
    // The thread that reads the console may wait for a line for ever.
    runtime.shutdown_background();
    ended
}

/// What each service enforces.
fn policies(system: &System) -> Vec<ServicePolicy> {
    let actors = system.services.iter();
    actors.map(|actor| (actor.policy)()).collect()
}

/// An identity provider for the tokens that the services of a system check.
fn provider(system: &System) -> Result<IdentityProvider, Error> {
    let policies = policies(system);
    let schemes = policies.iter().flat_map(|policy| &policy.schemes);
    IdentityProvider::new(schemes, Clock::system())
}

/// Keys and passwords for all services, and for whoever tries them out.
fn keyring(system: &System) -> Result<Keyring, Error> {
    let policies = policies(system);
    let services = system.services.iter().map(|actor| actor.service);
    let names: Vec<&str> = services.chain([DEVELOPER]).collect();
    let schemes = policies.iter().flat_map(|policy| &policy.schemes);
    Keyring::new(schemes, &names)
}

async fn run(system: System, mut ports: Ports) -> Result<(), Error> {
    telemetry::init(&LogConfig {
        // Refusals are the point of half the commands.
        filter: "warn,audit=off".to_owned(),
        json: Some(false),
    })?;
    let authority = Authority::new(system.name)?;
    let keyring = keyring(&system)?;
    let provider = provider(&system)?.with_clients(keyring.clone());
    let folder = Folder::create(&system, &authority, &provider, &keyring)?;

    let mut supervisor = Supervisor::new(&system, &authority, &mut ports).await?;
    let socket = ports.bind().await?;
    let keys = socket
        .local_addr()
        .map_err(|error| Error::because("the identity provider", error))?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(provider.clone().serve(socket, stop.clone()));
    supervisor.start_all(&provider, keys, &keyring)?;
    print::everything(&system, &supervisor, &provider, &keyring);

    let mut console = Console::open()?;
    let mut refresh = tokio::time::interval(REFRESH);
    loop {
        tokio::select! {
            command = console.next() => {
                if matches!(command, Ok(Command::Quit)) {
                    break;
                }
                let answer = match command {
                    Ok(command) => obey(command, &mut supervisor, &provider, &folder).await,
                    Err(error) => Err(error),
                };
                match answer {
                    Ok(line) => println!("{line}"),
                    Err(error) => println!("{error}"),
                }
            }
            _ = refresh.tick() => folder.write_tokens(&provider)?,
        }
    }
    supervisor.stop_all().await;
    stop.cancel();
    serving
        .await
        .map_err(|error| Error::because("the identity provider", error))
}

/// Does what a line on the console asks for; the line to answer with.
async fn obey(
    command: Command,
    supervisor: &mut Supervisor,
    provider: &IdentityProvider,
    folder: &Folder,
) -> Result<String, Error> {
    match command {
        Command::Help => Ok(console::HELP.to_owned()),
        Command::List => Ok(supervisor.list()),
        Command::Status => Ok(supervisor.status()),
        Command::Stop(service) => supervisor.stop(&service).await,
        Command::Start(service) => supervisor.start(&service).await,
        Command::Slow(service, by) => supervisor.slow(&service, by),
        Command::Token(role) => folder.token(provider, &role),
        Command::Rotate => {
            provider.rotate()?;
            folder.write_tokens(provider)?;
            Ok(
                "tokens are signed with a new key; those signed with the one before stay valid"
                    .to_owned(),
            )
        }
        Command::Quit => Ok(String::new()),
    }
}
