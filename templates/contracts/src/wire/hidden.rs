//! Sensitive values with maps in them, whose keys are as sensitive.

use platform::{FieldError, Problem};

/// The value, or what is wrong with it, told without what a list or map holds it by.
pub fn hidden<T>(value: Result<T, Problem>) -> Result<T, Problem> {
    value.map_err(|mut problem| {
        for FieldError { field, .. } in &mut problem.errors {
            let whole = field.find('[').unwrap_or(field.len());
            field.truncate(whole);
        }
        problem
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_left_out() {
        let told = |field: &str| {
            let failure = hidden::<()>(Err(Problem::invalid_field(field, "is required")));
            failure.unwrap_err().errors.remove(0).field
        };
        assert_eq!(told("pins[12[0]34].left"), "pins");
        assert_eq!(told("safe.codes[a]"), "safe.codes");
        assert_eq!(told("safe.number"), "safe.number");
        assert_eq!(hidden(Ok(1)), Ok(1));
    }
}
