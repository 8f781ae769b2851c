//! Messages that a message must hold, although protobuf lets them be absent.

use platform::Problem;

use super::{Field, field};

/// The value of the field `name`, which must be there.
pub fn required<T: Field<W>, W>(name: &str, wire: Option<W>) -> Result<T, Problem> {
    match wire {
        Some(wire) => field(name, wire),
        None => Err(Problem::invalid_field(name, "is required")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_told() {
        assert_eq!(required("a", Some(1)), Ok(1));
        let problem = required::<i32, i32>("a", None).unwrap_err();
        assert_eq!(problem.errors[0].field, "a");
    }
}
