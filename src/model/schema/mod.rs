//! The one attribute table: for each attribute and place its value, side, built-in default, meaning and proof.
//!
//! The checker, "did you mean", completion, `explain`, the reference page and the proofs all read these rows. What an
//! attribute *is* stands nowhere else.

mod forms;
mod shape;
mod table;

pub use shape::{Form, Parameter, Shape};
pub use table::TABLE;

use std::sync::LazyLock;

use super::attributes::{Attr, Value};
use super::words;
use crate::protocol::Protocol;

words! {
    /// Where an attribute can be written.
    Place {
        System = "system", Zone = "zone", Client = "client", External = "external", Service = "service",
        Store = "store", Broker = "broker", Queue = "queue", Topic = "topic", Channel = "channel",
        Schedule = "schedule", Jwt = "jwt auth", Oauth2 = "oauth2 auth", Session = "session auth",
        ApiKey = "api_key auth", Basic = "basic auth", Mtls = "mtls auth", Policy = "policy",
        Defaults = "defaults", Api = "api", Operation = "operation", Call = "calling edge",
        Webhook = "webhook edge", StoreLink = "edge to a store", Publish = "publishing edge",
        Consume = "consuming edge", Override = "operation of an edge", Type = "type",
    }
    /// Whose business an attribute is. Nobody can weaken what is another's.
    Side {
        Caller = "caller", Callee = "callee", Link = "link", Channel = "channel", Webhook = "webhook",
        Fact = "fact", Structure = "structure",
    }
    /// How it is shown that an attribute holds: a scripted peer observes it (`Behaviour`), it decides what is compiled,
    /// published or deployed and is checked there (`Configuration`), or it has no effect at run time (`None`).
    Proof {
        Behaviour = "behaviour", Configuration = "configuration", None = "none",
    }
}

/// One row: what an attribute means at some places.
#[derive(Debug)]
pub struct Row {
    /// The attribute.
    pub attr: Attr,
    /// Where it can be written with this meaning.
    pub places: &'static [Place],
    /// Whose it is.
    pub side: Side,
    /// What values it takes.
    pub shape: Shape,
    /// The value when it is unset on what we generate; `None`: unset stays unset.
    pub default: Option<Value>,
    /// Protocols for which it means anything; empty: all.
    pub protocols: &'static [Protocol],
    /// One sentence for `explain` and the reference.
    pub meaning: &'static str,
    /// How it is proved.
    pub proof: Proof,
}

/// The row of an attribute at a place; `None` when it cannot be written there.
#[must_use]
pub fn row(attr: Attr, place: Place) -> Option<&'static Row> {
    rows(attr).find(|row| row.places.contains(&place))
}

/// All rows of an attribute: more than one where it means different things on different sides.
pub fn rows(attr: Attr) -> impl Iterator<Item = &'static Row> {
    BY_ATTRIBUTE[attr as usize].iter().copied()
}

/// The rows of each attribute: they are asked for with every attribute of a drawing.
static BY_ATTRIBUTE: LazyLock<Vec<Vec<&'static Row>>> = LazyLock::new(|| {
    let mut rows = vec![Vec::new(); Attr::ALL.len()];
    for row in TABLE {
        rows[row.attr as usize].push(row);
    }
    rows
});

/// What can be written at a place, in the order of the table.
pub fn at(place: Place) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(move |row| row.places.contains(&place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_a_row() {
        for attr in Attr::ALL {
            assert!(rows(*attr).next().is_some(), "`{attr}` has no row");
        }
    }

    #[test]
    fn an_attribute_means_one_thing_at_a_place() {
        for place in Place::ALL {
            for row in at(*place) {
                let same = at(*place).filter(|it| it.attr == row.attr).count();
                // `defaults` speaks for edges that start there and for apis served there at once.
                assert!(
                    same == 1 || *place == Place::Defaults,
                    "`{}` twice at {place}",
                    row.attr
                );
            }
        }
    }

    #[test]
    fn meanings_are_sentences() {
        for row in TABLE {
            assert!(row.meaning.ends_with('.'), "{}: {}", row.attr, row.meaning);
            assert!(
                !row.meaning.trim_end_matches('.').contains(". "),
                "{} says more than one sentence",
                row.attr
            );
        }
    }
}
