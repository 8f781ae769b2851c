//! Lists, maps and optional values of a form.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Codec;

/// `[C, C, ...]`
pub struct List<C>(PhantomData<C>);

/// `{"key": C, ...}`
pub struct Map<C>(PhantomData<C>);

/// `C`, `null` or absent.
pub struct Maybe<C>(PhantomData<C>);

/// A value about to be written by its codec.
struct Writing<'a, C: Codec>(&'a C::Value);

/// A value just read by its codec.
struct Reading<C: Codec>(C::Value);

impl<C: Codec> Serialize for Writing<'_, C> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        C::serialize(self.0, to)
    }
}

impl<'de, C: Codec> Deserialize<'de> for Reading<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        C::deserialize(from).map(Self)
    }
}

impl<C: Codec> Codec for List<C> {
    type Value = Vec<C::Value>;

    fn serialize<S: Serializer>(value: &Self::Value, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(value.iter().map(Writing::<C>))
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Value, D::Error> {
        let items = Vec::<Reading<C>>::deserialize(from)?;
        Ok(items.into_iter().map(|item| item.0).collect())
    }
}

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

impl<C: Codec> Codec for Maybe<C> {
    type Value = Option<C::Value>;

    fn serialize<S: Serializer>(value: &Self::Value, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Writing::<C>).serialize(to)
    }

    fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Value, D::Error> {
        Ok(Option::<Reading<C>>::deserialize(from)?.map(|value| value.0))
    }
}
