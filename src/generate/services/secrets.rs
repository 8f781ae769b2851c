//! The secrets that a service needs, and where it reads them from.

use std::collections::BTreeSet;

use super::names::Service;
use super::schemes;
use crate::generate::callers;
use crate::model::attributes::{self, Attr, Value};
use crate::model::{Auth, AuthId, AuthScheme, Model};

/// The header that carries an API key when nobody says.
pub const HEADER: &str = "X-Api-Key";

/// Where files lie that are named without a folder.
pub const FOLDER: &str = "/run/secrets";

/// Where a secret is read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret<'m> {
    /// The variable, or the file.
    pub name: std::borrow::Cow<'m, str>,
    /// Whether it is a file.
    pub file: bool,
}

/// A secret that a container is given as a file.
#[derive(Clone, Debug)]
pub struct SecretFile {
    /// The parts of the name in the drawing.
    parts: Vec<String>,
    /// Whether that is a whole path; others lie below [`FOLDER`].
    pub whole: bool,
}

impl SecretFile {
    fn new(name: &str) -> Self {
        let parts = name.split('/').filter(|it| !matches!(*it, "" | "." | ".."));
        Self {
            parts: parts.map(str::to_owned).collect(),
            whole: name.starts_with('/'),
        }
    }

    /// Where it is read.
    pub fn path(&self) -> String {
        match self.whole {
            true => format!("/{}", self.relative()),
            false => format!("{FOLDER}/{}", self.relative()),
        }
    }

    /// Where it lies in the folder that holds all of a service's.
    pub fn relative(&self) -> String {
        self.parts.join("/")
    }

    /// Its name where names have no parts.
    pub fn key(&self) -> String {
        self.parts.join(".")
    }
}

/// Where a service that is called reads what it accepts.
pub fn accepted(auth: &Auth) -> Option<Secret<'_>> {
    match auth.scheme {
        AuthScheme::ApiKey => Some(read(auth, Attr::Keys)),
        AuthScheme::Basic => Some(read(auth, Attr::Users)),
        AuthScheme::Jwt if is_shared(auth) => Some(read(auth, Attr::Secret)),
        _ => None,
    }
}

/// Whether an algorithm signs and checks with the same secret.
pub fn is_symmetric(algorithm: &str) -> bool {
    algorithm.starts_with("HS")
}

/// Whether the tokens of a scheme are signed with a secret that those who check them share.
pub fn is_shared(auth: &Auth) -> bool {
    let mut algorithms = auth.attributes.texts(Attr::Algorithms).iter();
    algorithms.any(|it| is_symmetric(it))
}

/// Where a service that calls reads what it shows, to those whom it calls or to who grants it tokens for them.
pub fn shown(auth: &Auth) -> Option<Secret<'_>> {
    match auth.scheme {
        AuthScheme::ApiKey => Some(read(auth, Attr::Key)),
        AuthScheme::Basic => Some(read(auth, Attr::Login)),
        AuthScheme::Oauth2 | AuthScheme::Session => Some(read(auth, Attr::ClientSecret)),
        _ => None,
    }
}

/// The name under which who grants tokens knows a service that calls: as it stands in the drawing, or where it is read from.
pub fn client_id(auth: &Auth) -> Result<&str, Secret<'_>> {
    let written = auth.attributes.text(Attr::ClientId);
    written.ok_or_else(|| read(auth, Attr::ClientId))
}

/// As the drawing says, or the variable that is named after the scheme and the attribute.
fn read(auth: &Auth, attr: Attr) -> Secret<'_> {
    let (name, file) = match auth.attributes.value(attr) {
        Some(Value::Secret(attributes::Secret::Env(name))) => (name.into(), false),
        Some(Value::Secret(attributes::Secret::File(name))) => (name.into(), true),
        _ => {
            let name = format!("{}_{attr}", auth.name).to_uppercase();
            (name.into(), false)
        }
    };
    Secret { name, file }
}

/// All secrets of a service: of the schemes that its operations accept, and of those that it shows.
pub fn of<'m>(model: &'m Model, service: &Service) -> BTreeSet<Secret<'m>> {
    let served = schemes::accepted(model, service);
    let verified = served.iter().filter_map(|id| callers::provider(model, *id));
    let verified: BTreeSet<AuthId> = verified.chain(served.iter().copied()).collect();
    // A service is a client, too, of who lets its users log in.
    let sessions = served.iter().copied();
    let sessions = sessions.filter(|id| model[*id].scheme == AuthScheme::Session);
    let mut called = clients(model, service);
    called.extend(sessions);
    let accepted = verified.iter().filter_map(|id| accepted(&model[*id]));
    let shown = called.iter().filter_map(|id| shown(&model[*id]));
    let named = called.iter().map(|id| &model[*id]);
    let named = named.filter(|it| matches!(it.scheme, AuthScheme::Oauth2 | AuthScheme::Session));
    let named = named.filter_map(|auth| client_id(auth).err());
    accepted.chain(shown).chain(named).collect()
}

/// The schemes that a service shows something of where it calls.
pub fn clients(model: &Model, service: &Service) -> BTreeSet<AuthId> {
    let edges = service.clients.iter().map(|client| &model[client.edge]);
    let clients = edges.flat_map(|edge| {
        let exchange = callers::exchange(model, edge).map(|it| it.client);
        callers::shown(model, edge).into_iter().chain(exchange)
    });
    clients.collect()
}

/// Whether a service reads any from variables.
pub fn has_variables(model: &Model, service: &Service) -> bool {
    of(model, service).iter().any(|it| !it.file)
}

/// Those of a service that are files.
pub fn files(model: &Model, service: &Service) -> Vec<SecretFile> {
    let files = of(model, service).into_iter().filter(|it| it.file);
    files.map(|it| SecretFile::new(&it.name)).collect()
}
