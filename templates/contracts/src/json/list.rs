//! Lists of a form.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serializer};

use super::Codec;
use super::element::{Reading, Writing};

/// `[C, C, ...]`
pub struct List<C>(PhantomData<C>);

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
