//! Requests out of paths, query strings and bodies, with every failure told by its field.

use std::borrow::Cow;

use serde::de::value::{Error as ValueError, MapDeserializer, UnitDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use super::objects::Objects;
use crate::problem::Problem;

/// A request out of its parameters, all of which are texts.
pub(super) fn parameters<T: DeserializeOwned>(
    path: &[(&str, &str)],
    query: Option<&str>,
) -> Result<T, Problem> {
    let path = path
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)));
    let query = query.unwrap_or_default();
    if !is_encoded_text(query) {
        return Err(Problem::invalid_input(
            "the query string is not percent-encoded UTF-8",
        ));
    }
    let pairs: Vec<_> = path
        .chain(form_urlencoded::parse(query.as_bytes()))
        .collect();
    let entries = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), Text(value)));
    located(MapDeserializer::<_, ValueError>::new(entries))
}

/// Whether a query string decodes without loss: each `%` has its two digits, and what they spell is UTF-8.
fn is_encoded_text(query: &str) -> bool {
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            match (digit(), digit()) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => return false,
            }
        } else {
            byte
        };
        bytes.push(byte);
    }
    std::str::from_utf8(&bytes).is_ok()
}

/// A request out of its body.
pub(super) fn body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // The path to a failure costs time, so it is sought only once there is one.
    whole(body).or_else(|error| {
        if error.is_syntax() || error.is_eof() {
            return Err(Problem::invalid_input(format!(
                "the body is not JSON: {error}"
            )));
        }
        located(&mut serde_json::Deserializer::from_slice(body))
    })
}

fn whole<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let mut from = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Objects(&mut from))?;
    from.end()?;
    Ok(value)
}

/// A request whose path holds some of the fields, and the body the others.
pub(super) fn path_and_body<T: DeserializeOwned>(
    path: &[(&str, &str)],
    body: &[u8],
) -> Result<T, Problem> {
    let mut fields: Map<String, Value> = self::body(body)?;
    // What the path says stands, whatever the body says.
    path.iter().for_each(|(name, _)| drop(fields.remove(*name)));
    let texts = path
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Field::Text(value)));
    let values = fields
        .into_iter()
        .map(|(name, value)| (name, Field::Json(value)));
    located(MapDeserializer::<_, serde_json::Error>::new(
        texts.chain(values),
    ))
}

/// A request without fields.
pub(super) fn nothing<T: DeserializeOwned>() -> Result<T, Problem> {
    located(UnitDeserializer::<ValueError>::new())
}

fn located<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Objects(from)).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { path };
        let (field, message) = told(place, &error.into_inner().to_string());
        Problem::invalid_field(field, message)
    })
}

/// The field that a failure of serde at `place` is about, and what is wrong with it, without the value that was sent: a
/// secret must not come back from where it did not fit.
fn told(place: String, failure: &str) -> (String, String) {
    let quoted = |prefix: &str| failure.strip_prefix(prefix)?.split('`').next();
    let inside = |name: &str| match place.as_str() {
        "" => name.to_owned(),
        place if place.ends_with(name) => place.to_owned(),
        place => format!("{place}.{name}"),
    };
    if let Some(name) = quoted("missing field `") {
        return (inside(name), "is required".to_owned());
    }
    if let Some(name) = quoted("duplicate field `") {
        return (inside(name), "is given twice".to_owned());
    }
    // Where in the body it is, the field says.
    let failure = failure
        .rsplit_once(" at line ")
        .map_or(failure, |(it, _)| it);
    if !failure.starts_with("invalid ") {
        return (place, failure.to_owned());
    }
    // What is expected is our text and stands last; what stands before it may be anything.
    let message = match failure.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") || expected == "a map" => {
            "must be an object".to_owned()
        }
        Some((_, expected)) => format!("must be {expected}"),
        None => "has a wrong form".to_owned(),
    };
    (place, message)
}

/// One parameter: a text that is read as whatever its field is.
struct Text<'a>(&'a str);

macro_rules! parse {
    ($($method:ident $visit:ident $what:literal,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            let parsed = self.0.parse().map_err(|_| E::custom(concat!("must be ", $what)))?;
            visitor.$visit(parsed)
        })*
    };
}

/// The deserializer of one text, for any kind of error.
struct Parsed<'a, E>(&'a str, std::marker::PhantomData<E>);

impl<'de, 'a, E: serde::de::Error> IntoDeserializer<'de, E> for Text<'a> {
    type Deserializer = Parsed<'a, E>;

    fn into_deserializer(self) -> Parsed<'a, E> {
        Parsed(self.0, std::marker::PhantomData)
    }
}

impl<'de, E: serde::de::Error> Deserializer<'de> for Parsed<'_, E> {
    type Error = E;

    parse! {
        deserialize_bool visit_bool "true or false",
        deserialize_i8 visit_i8 "a whole number from -128 to 127",
        deserialize_i16 visit_i16 "a whole number from -32768 to 32767",
        deserialize_i32 visit_i32 "a whole number of 32 bits",
        deserialize_i64 visit_i64 "a whole number of 64 bits",
        deserialize_u8 visit_u8 "a whole number from 0 to 255",
        deserialize_u16 visit_u16 "a whole number from 0 to 65535",
        deserialize_u32 visit_u32 "a whole number of 32 bits, not negative",
        deserialize_u64 visit_u64 "a whole number of 64 bits, not negative",
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(E::custom("must be a number")),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A field of a request that is split between its path and its body.
enum Field<'a> {
    Text(&'a str),
    Json(Value),
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for Field<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! either {
    ($($method:ident($($argument:ident: $kind:ty),*),)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, serde_json::Error> {
            match self {
                Self::Text(text) => Parsed(text, std::marker::PhantomData).$method($($argument,)* visitor),
                Self::Json(value) => value.$method($($argument,)* visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = serde_json::Error;

    either! {
        deserialize_any(), deserialize_bool(), deserialize_i8(), deserialize_i16(), deserialize_i32(),
        deserialize_i64(), deserialize_i128(), deserialize_u8(), deserialize_u16(), deserialize_u32(),
        deserialize_u64(), deserialize_u128(), deserialize_f32(), deserialize_f64(), deserialize_char(),
        deserialize_str(), deserialize_string(), deserialize_bytes(), deserialize_byte_buf(), deserialize_option(),
        deserialize_unit(), deserialize_unit_struct(name: &'static str), deserialize_newtype_struct(name: &'static str),
        deserialize_seq(), deserialize_tuple(length: usize),
        deserialize_tuple_struct(name: &'static str, length: usize), deserialize_map(),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]), deserialize_identifier(),
        deserialize_ignored_any(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Listing {
        id: String,
        limit: Option<i32>,
        open: Option<bool>,
    }

    fn failure<T: std::fmt::Debug>(result: Result<T, Problem>) -> (String, String) {
        let mut problem = result.unwrap_err();
        let error = problem.errors.remove(0);
        (error.field, error.message)
    }

    #[test]
    fn parameters_come_from_path_and_query() {
        let listing: Listing =
            parameters(&[("id", "a b")], Some("limit=5&more=1&open=true")).unwrap();
        assert_eq!(
            listing,
            Listing {
                id: "a b".into(),
                limit: Some(5),
                open: Some(true)
            }
        );
        let listing: Listing = parameters(&[], Some("id=%C3%A4+b")).unwrap();
        assert_eq!(
            listing,
            Listing {
                id: "ä b".into(),
                limit: None,
                open: None
            }
        );
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let wrong = failure(parameters::<Listing>(&[("id", "a")], Some("limit=many")));
        assert_eq!(
            wrong,
            ("limit".into(), "must be a whole number of 32 bits".into())
        );
        let missing = failure(parameters::<Listing>(&[], None));
        assert_eq!(missing, ("id".into(), "is required".into()));
        let twice = failure(parameters::<Listing>(&[("id", "a")], Some("id=b")));
        assert_eq!(twice, ("id".into(), "is given twice".into()));
    }

    #[test]
    fn a_query_is_never_read_with_loss() {
        for wrong in ["id=%zz", "id=%", "id=%a", "id=%ff", "more=%C3%28"] {
            assert!(
                parameters::<Listing>(&[("id", "a")], Some(wrong)).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_message_is_an_object() {
        for wrong in [r#"["eu", []]"#, r#"{"region":"eu","items":[[1]]}"#] {
            assert!(body::<Place>(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(path_and_body::<Place>(&[("region", "eu")], br#"{"items":[[1]]}"#).is_err());
    }

    #[test]
    fn nothing_is_read_from_nothing() {
        assert_eq!(nothing(), Ok(()));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Place {
        region: String,
        items: Vec<Item>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Item {
        quantity: i32,
    }

    #[test]
    fn a_wrong_field_of_a_body_is_named() {
        let wrong = failure(body::<Place>(
            br#"{"region":"eu","items":[{"quantity":1},{"quantity":"secret, expected or not"}]}"#,
        ));
        assert_eq!(wrong, ("items[1].quantity".into(), "must be i32".into()));
        let problem = body::<Place>(b"{").unwrap_err();
        assert!(problem.errors.is_empty());
        assert!(body::<Place>(b"[]").is_err());
    }

    #[test]
    fn the_path_wins_over_the_body() {
        let json = br#"{"region":"us","items":[{"quantity":1}]}"#;
        let place: Place = path_and_body(&[("region", "eu")], json).unwrap();
        assert_eq!(
            place,
            Place {
                region: "eu".into(),
                items: vec![Item { quantity: 1 }]
            }
        );
        let (field, _) = failure(path_and_body::<Place>(
            &[("region", "eu")],
            br#"{"items":[{}]}"#,
        ));
        assert_eq!(field, "items[0].quantity");
    }
}
