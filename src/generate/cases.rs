//! Callers and requests of which a condition holds, and of which it does not: what proofs send, and `dev` prints.
//!
//! They are found by trying. Each value that the condition reads takes the values that the drawing suggests for it: its
//! sample, a different one, what it is compared with, what is next to that. Where no two such cases are found (two fields
//! whose own checks never let them be alike, say), there are none, and the condition has no proof.

mod evaluate;
mod values;

use serde_json::{Map, Value};

use super::requests;
use crate::model::condition::{Condition, Operand};
use crate::model::{Model, OperationId};

/// Most assignments that are tried.
const TRIES: usize = 50_000;

/// A caller and its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What the caller's token says of what the condition reads.
    pub claims: Map<String, Value>,
    /// The request; `null` when the operation takes none.
    pub request: Value,
}

/// Of one the condition holds, of the other it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cases {
    /// It holds.
    pub holds: Case,
    /// It does not.
    pub fails: Case,
}

/// The cases of an operation's condition; `None` where it has none, or none are found.
pub fn cases(model: &Model, operation: OperationId) -> Option<Cases> {
    let condition = Condition::of(model, operation)?;
    let request = requests::request(model, operation).ok()?;
    let mut variables: Vec<Operand> = Vec::new();
    for operand in condition.operands() {
        if !matches!(operand, Operand::Literal(_)) && !variables.contains(operand) {
            variables.push(operand.clone());
        }
    }
    // Claims last, which vary first: parameters stay as they are where they can.
    variables.sort_by_key(|it| matches!(it, Operand::Claim(..)));
    let search = Search {
        model,
        condition: &condition,
        values: values::of(model, &condition, &variables, &request),
        variables,
    };
    let start = Case {
        claims: Map::new(),
        request,
    };
    let holds = search.find(start.clone(), true)?;
    let fails = search.find(holds.clone(), false);
    let fails = fails.or_else(|| search.find(start, false))?;
    Some(Cases { holds, fails })
}

/// Whether the request of which the condition holds is refused when the caller's token says nothing of what it reads.
pub fn asks_claims(model: &Model, operation: OperationId) -> bool {
    let (Some(condition), Some(cases)) = (Condition::of(model, operation), cases(model, operation))
    else {
        return false;
    };
    // Every token says whose it is.
    let asks_who = condition
        .operands()
        .iter()
        .any(|it| matches!(it, Operand::Claim(name, _) if name == "sub"));
    let silent = Case {
        claims: Map::new(),
        request: cases.holds.request,
    };
    !asks_who && !evaluate::holds(model, &condition, &silent)
}

struct Search<'m> {
    model: &'m Model,
    condition: &'m Condition,
    variables: Vec<Operand>,
    /// What each variable is tried with, the likeliest first; `null` leaves it out.
    values: Vec<Vec<Value>>,
}

impl Search<'_> {
    /// The first case in which the condition holds, or not; the last variables vary first.
    fn find(&self, start: Case, wanted: bool) -> Option<Case> {
        if self.variables.is_empty() {
            return (evaluate::holds(self.model, self.condition, &start) == wanted)
                .then_some(start);
        }
        let mut at = vec![0; self.variables.len()];
        for _ in 0..TRIES {
            if let Some(case) = self.case(&start, &at)
                && evaluate::holds(self.model, self.condition, &case) == wanted
            {
                return Some(case);
            }
            let mut place = self.variables.len();
            loop {
                place = place.checked_sub(1)?;
                at[place] += 1;
                if at[place] < self.values[place].len() {
                    break;
                }
                at[place] = 0;
            }
        }
        None
    }

    fn case(&self, start: &Case, at: &[usize]) -> Option<Case> {
        let mut case = start.clone();
        for ((variable, values), at) in self.variables.iter().zip(&self.values).zip(at) {
            let value = values.get(*at)?.clone();
            match variable {
                Operand::Claim(name, _) => {
                    case.claims.remove(name);
                    if !value.is_null() {
                        case.claims.insert(name.clone(), value);
                    }
                }
                parameter => evaluate::put(self.model, parameter, &mut case.request, value)?,
            }
        }
        Some(case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::fixture;

    /// Every operation of a drawing that has a condition has cases.
    #[test]
    fn every_form_of_a_condition_has_cases() {
        let model = fixture::model(include_str!("cases/forms.arch"));
        let mut judged = 0;
        for at in 0..model.operations.len() {
            let id = OperationId(at as u32);
            let Some(condition) = Condition::of(&model, id) else {
                continue;
            };
            judged += 1;
            let name = &model[id].name;
            let cases = cases(&model, id).unwrap_or_else(|| panic!("{name} has no cases"));
            assert!(evaluate::holds(&model, &condition, &cases.holds), "{name}");
            assert!(!evaluate::holds(&model, &condition, &cases.fails), "{name}");
        }
        assert!(judged > 20, "{judged}");
    }
}
