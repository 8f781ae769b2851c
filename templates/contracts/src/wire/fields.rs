//! Values of fields between messages and their protobuf forms.

use std::collections::BTreeMap;

use platform::{FieldError, Problem};

/// A value that `W` carries in protobuf.
pub trait Field<W>: Sized {
    /// Its protobuf form.
    fn into_wire(self) -> W;

    /// What the protobuf form carries, or what is wrong with it.
    fn from_wire(wire: W) -> Result<Self, Problem>;
}

/// The value of the field `name`.
pub fn field<T: Field<W>, W>(name: &str, wire: W) -> Result<T, Problem> {
    T::from_wire(wire).map_err(|problem| within(name, problem))
}

/// The problem as seen from the message that holds the field.
fn within(name: &str, mut problem: Problem) -> Problem {
    for FieldError { field, .. } in &mut problem.errors {
        let dot = if field.is_empty() || field.starts_with('[') {
            ""
        } else {
            "."
        };
        *field = format!("{name}{dot}{field}");
    }
    problem
}

/// Values that are their own protobuf form.
macro_rules! plain {
    ($($plain:ty),*) => {$(
        impl Field<$plain> for $plain {
            fn into_wire(self) -> $plain {
                self
            }

            fn from_wire(wire: $plain) -> Result<Self, Problem> {
                Ok(wire)
            }
        }
    )*};
}

plain! { bool, u8, i32, i64, f64, String }

impl<T: Field<W>, W> Field<Vec<W>> for Vec<T> {
    fn into_wire(self) -> Vec<W> {
        self.into_iter().map(T::into_wire).collect()
    }

    fn from_wire(wire: Vec<W>) -> Result<Self, Problem> {
        wire.into_iter()
            .enumerate()
            .map(|(index, item)| {
                T::from_wire(item).map_err(|problem| within(&format!("[{index}]"), problem))
            })
            .collect()
    }
}

impl<T: Field<W>, W> Field<BTreeMap<String, W>> for BTreeMap<String, T> {
    fn into_wire(self) -> BTreeMap<String, W> {
        self.into_iter()
            .map(|(key, value)| (key, value.into_wire()))
            .collect()
    }

    fn from_wire(wire: BTreeMap<String, W>) -> Result<Self, Problem> {
        wire.into_iter()
            .map(|(key, value)| {
                let value = field(&format!("[{key}]"), value)?;
                Ok((key, value))
            })
            .collect()
    }
}

impl<T: Field<W>, W> Field<Option<W>> for Option<T> {
    fn into_wire(self) -> Option<W> {
        self.map(T::into_wire)
    }

    fn from_wire(wire: Option<W>) -> Result<Self, Problem> {
        wire.map(T::from_wire).transpose()
    }
}

impl<T: Field<W>, W> Field<Box<W>> for Box<T> {
    fn into_wire(self) -> Box<W> {
        Box::new((*self).into_wire())
    }

    fn from_wire(wire: Box<W>) -> Result<Self, Problem> {
        T::from_wire(*wire).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Never;

    impl Field<i32> for Never {
        fn into_wire(self) -> i32 {
            0
        }

        fn from_wire(_: i32) -> Result<Self, Problem> {
            Err(Problem::invalid_field("", "must not be"))
        }
    }

    fn told<T: std::fmt::Debug>(result: Result<T, Problem>) -> String {
        result.unwrap_err().errors[0].field.clone()
    }

    #[test]
    fn problems_name_the_whole_path() {
        assert_eq!(told(field::<Never, _>("a", 1)), "a");
        assert_eq!(told(field::<Vec<Never>, _>("a", vec![1])), "a[0]");
        let map = BTreeMap::from([("k".to_owned(), vec![1])]);
        assert_eq!(
            told(field::<BTreeMap<String, Vec<Never>>, _>("a", map)),
            "a[k][0]"
        );
    }
}
