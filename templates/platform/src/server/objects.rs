//! Messages are JSON objects. Derived code would also take an array for one (`["a", 1]`), field by field, which no
//! contract says: here it is not asked to.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

/// A deserializer, visitor, access or seed under which, at any depth, a message is read from an object only.
#[derive(Debug)]
pub struct Objects<T>(pub T);

macro_rules! forward {
    ($($method:ident($($argument:ident: $kind:ty),*) as $asked:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$asked($($argument,)* Objects(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    forward! {
        deserialize_any() as deserialize_any,
        deserialize_bool() as deserialize_bool,
        deserialize_i8() as deserialize_i8,
        deserialize_i16() as deserialize_i16,
        deserialize_i32() as deserialize_i32,
        deserialize_i64() as deserialize_i64,
        deserialize_i128() as deserialize_i128,
        deserialize_u8() as deserialize_u8,
        deserialize_u16() as deserialize_u16,
        deserialize_u32() as deserialize_u32,
        deserialize_u64() as deserialize_u64,
        deserialize_u128() as deserialize_u128,
        deserialize_f32() as deserialize_f32,
        deserialize_f64() as deserialize_f64,
        deserialize_char() as deserialize_char,
        deserialize_str() as deserialize_str,
        deserialize_string() as deserialize_string,
        deserialize_bytes() as deserialize_bytes,
        deserialize_byte_buf() as deserialize_byte_buf,
        deserialize_option() as deserialize_option,
        deserialize_unit() as deserialize_unit,
        deserialize_unit_struct(name: &'static str) as deserialize_unit_struct,
        deserialize_newtype_struct(name: &'static str) as deserialize_newtype_struct,
        deserialize_seq() as deserialize_seq,
        deserialize_tuple(length: usize) as deserialize_tuple,
        deserialize_tuple_struct(name: &'static str, length: usize) as deserialize_tuple_struct,
        deserialize_map() as deserialize_map,
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) as deserialize_enum,
        deserialize_identifier() as deserialize_identifier,
        deserialize_ignored_any() as deserialize_ignored_any,
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Objects(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident $kind:ty,)*) => {
        $(fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool bool, visit_i8 i8, visit_i16 i16, visit_i32 i32, visit_i64 i64, visit_i128 i128, visit_u8 u8,
        visit_u16 u16, visit_u32 u32, visit_u64 u64, visit_u128 u128, visit_f32 f32, visit_f64 f64, visit_char char,
        visit_str &str, visit_borrowed_str &'de str, visit_string String, visit_bytes &[u8],
        visit_borrowed_bytes &'de [u8], visit_byte_buf Vec<u8>,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(from))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(from))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(variant)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(from))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        one: Inner,
        #[serde(default)]
        perhaps: Option<Inner>,
        #[serde(default)]
        many: Vec<Inner>,
        #[serde(default)]
        named: BTreeMap<String, Inner>,
        #[serde(default)]
        any: serde_json::Value,
    }

    fn read(json: &str) -> Option<Outer> {
        Outer::deserialize(Objects(&mut serde_json::Deserializer::from_str(json))).ok()
    }

    #[test]
    fn objects_are_read() {
        let json = r#"{"one":{"a":"x"},"perhaps":{"a":"y"},"many":[{"a":"z"}],"named":{"k":{"a":"w"}},"any":[1,{"b":null}]}"#;
        let read = read(json).unwrap();
        let inner = |a: &str| Inner { a: a.to_owned() };
        assert_eq!(read.one, inner("x"));
        assert_eq!(read.perhaps, Some(inner("y")));
        assert_eq!(read.many, [inner("z")]);
        assert_eq!(read.named, BTreeMap::from([("k".to_owned(), inner("w"))]));
        assert_eq!(read.any, serde_json::json!([1, { "b": null }]));
    }

    #[test]
    fn an_array_is_no_message() {
        for json in [
            r#"[{"a":"x"}]"#,
            r#"{"one":["x"]}"#,
            r#"{"one":{"a":"x"},"perhaps":["y"]}"#,
            r#"{"one":{"a":"x"},"many":[["z"]]}"#,
            r#"{"one":{"a":"x"},"named":{"k":["w"]}}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
