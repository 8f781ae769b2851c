//! Maps of a form.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serializer};

use super::Codec;
use super::element::{Reading, Writing};

/// `{"key": C, ...}`
pub struct Map<C>(PhantomData<C>);

impl<C: Codec> Codec for Map<C> {
    type Value = BTreeMap<String, C::Value>;

    fn serialize<S: Serializer>(value: &Self::Value, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(value.iter().map(|(key, value)| (key, Writing::<C>(value))))
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Value, D::Error> {
        let entries = BTreeMap::<String, Reading<C>>::deserialize(from)?;
        Ok(entries
            .into_iter()
            .map(|(key, value)| (key, value.0))
            .collect())
    }
}
