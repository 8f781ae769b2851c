//! The secrets that a service needs, and where it reads them from.

use std::collections::BTreeSet;

use super::names::Service;
use crate::generate::callers;
use crate::model::attributes::{self, Attr, Value};
use crate::model::{Auth, AuthId, AuthScheme, Model};

/// The header that carries an API key when nobody says.
pub const HEADER: &str = "X-Api-Key";

/// Where a secret is read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret<'m> {
    /// The variable, or the file.
    pub name: std::borrow::Cow<'m, str>,
    /// Whether it is a file.
    pub file: bool,
}

/// Where a service that is called reads what it accepts.
pub fn accepted(auth: &Auth) -> Option<Secret<'_>> {
    match auth.scheme {
        AuthScheme::ApiKey => Some(read(auth, Attr::Keys)),
        AuthScheme::Basic => Some(read(auth, Attr::Users)),
        _ => None,
    }
}

/// Where a service that calls reads what it shows.
pub fn shown(auth: &Auth) -> Option<Secret<'_>> {
    match auth.scheme {
        AuthScheme::ApiKey => Some(read(auth, Attr::Key)),
        AuthScheme::Basic => Some(read(auth, Attr::Login)),
        _ => None,
    }
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
    let served = service
        .apis
        .iter()
        .flat_map(|api| &model[api.id].operations)
        .flat_map(|id| model[*id].attributes.auths().unwrap_or_default());
    let served: BTreeSet<AuthId> = served.collect();
    let called = service
        .clients
        .iter()
        .filter_map(|client| callers::shown(model, &model[client.edge]));
    let called: BTreeSet<AuthId> = called.collect();
    let accepted = served.iter().filter_map(|id| accepted(&model[*id]));
    let shown = called.iter().filter_map(|id| shown(&model[*id]));
    accepted.chain(shown).collect()
}
