//! Conditions over a caller and its request, as the drawing's `when` says them.

use std::any::{Any, TypeId};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;

use crate::context::User;

/// Judges a caller and a request.
type Judge = dyn Fn(Caller<'_>, &dyn Any) -> bool + Send + Sync;

/// What must hold of the caller's claims and of the request, compiled from the drawing.
#[derive(Clone)]
pub struct When {
    /// The type of the requests that it judges.
    pub request: TypeId,
    /// Whether it holds; of a request of another type it does not.
    pub holds: Arc<Judge>,
}

impl When {
    /// What `holds` says.
    pub fn new<Q: 'static>(holds: impl Fn(Caller<'_>, &Q) -> bool + Send + Sync + 'static) -> Self {
        let judge = move |caller: Caller<'_>, request: &dyn Any| {
            request
                .downcast_ref()
                .is_some_and(|request| holds(caller, request))
        };
        Self {
            request: TypeId::of::<Q>(),
            holds: Arc::new(judge),
        }
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("When").finish_non_exhaustive()
    }
}

/// Who calls, as conditions see it: what its token says, or nobody.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a>(Option<&'a User>);

impl<'a> Caller<'a> {
    /// The caller for whom `user` was proved.
    pub fn new(user: Option<&'a User>) -> Self {
        Self(user)
    }

    /// A claim; `None` where there is no user, or its token does not say, or says something else than a `T`.
    pub fn claim<T: Deserialize<'a>>(self, name: &str) -> Option<T> {
        T::deserialize(self.0?.claims.get(name)?).ok()
    }

    /// A claim that is a text of a certain form.
    pub fn parsed<T: FromStr>(self, name: &str) -> Option<T> {
        self.claim::<&str>(name)?.parse().ok()
    }

    /// A claim that is a list of texts of a certain form.
    pub fn parsed_list<T: FromStr>(self, name: &str) -> Option<Vec<T>> {
        let texts = self.claim::<Vec<&str>>(name)?;
        texts.into_iter().map(|text| text.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use serde_json::json;

    use super::*;

    fn user() -> User {
        let claims = json!({ "region": "eu", "level": 3, "teams": ["a", "b"], "from": "::1", "hosts": ["::1", "x"] });
        User {
            subject: "ann".to_owned(),
            roles: vec![],
            claims: claims.as_object().cloned().unwrap_or_default(),
            token: String::new(),
        }
    }

    #[test]
    fn claims_have_types() {
        let user = user();
        let caller = Caller::new(Some(&user));
        assert_eq!(caller.claim::<&str>("region"), Some("eu"));
        assert_eq!(caller.claim::<i64>("level"), Some(3));
        assert_eq!(caller.claim::<Vec<&str>>("teams"), Some(vec!["a", "b"]));
        assert_eq!(
            caller.parsed::<IpAddr>("from").map(|it| it.is_loopback()),
            Some(true)
        );
        assert_eq!(caller.parsed::<IpAddr>("region"), None);
        assert_eq!(caller.parsed_list::<IpAddr>("hosts"), None);
        assert_eq!(caller.claim::<&str>("level"), None);
        assert_eq!(caller.claim::<&str>("other"), None);
        assert_eq!(Caller::new(None).claim::<&str>("region"), None);
    }

    #[test]
    fn a_request_of_another_type_is_refused() {
        let when = When::new(|_: Caller<'_>, quantity: &i32| *quantity < 10);
        let holds = |request: &dyn Any| (when.holds)(Caller::new(None), request);
        assert!(holds(&9_i32));
        assert!(!holds(&10_i32));
        assert!(!holds(&9_i64));
        assert_eq!(when.request, TypeId::of::<i32>());
    }
}
