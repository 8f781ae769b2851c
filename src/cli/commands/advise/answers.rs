//! What the user knows: said on the command line, or asked.

use std::io::{self, BufRead};

use crate::cli::Failure;
use crate::cli::output::Output;
use crate::protocol::{Criterion, Known, Requirements, Weight, rank, verdict};
use crate::syntax::nearest;

/// Reads `audience=browser` and the like.
///
/// # Errors
/// Criteria and values that there are not.
pub fn read(set: &[String], must: &[String]) -> Result<Vec<Known>, Failure> {
    let wanted = set.iter().map(|it| (it, Weight::Want, "by --set"));
    let needed = must.iter().map(|it| (it, Weight::Must, "by --must"));
    wanted
        .chain(needed)
        .map(|(text, weight, because)| {
            let mut known = statement(text, because)?;
            known.weight = weight;
            Ok(known)
        })
        .collect()
}

fn statement(text: &str, because: &str) -> Result<Known, Failure> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("`{text}` says nothing: write `audience=browser`").into());
    };
    let Some(criterion) = Criterion::from_name(name.trim()) else {
        let names: Vec<&str> = Criterion::ALL.iter().map(|it| it.name()).collect();
        return Err(match nearest(name.trim(), names.iter().copied()) {
            Some(near) => format!("there is no criterion `{name}`: did you mean `{near}`?").into(),
            None => format!(
                "there is no criterion `{name}`: there are {}",
                names.join(", ")
            )
            .into(),
        });
    };
    Known::new(criterion, value.trim(), because).ok_or_else(|| {
        let values: Vec<&str> = criterion.values().iter().map(|it| it.0).collect();
        format!(
            "`{name}` cannot be `{value}`: it can be {}",
            values.join(", ")
        )
        .into()
    })
}

/// Asks for what would decide, as long as nothing is decided and there are answers.
///
/// # Errors
/// Standard input cannot be read.
pub fn ask(
    subject: &str,
    requirements: &mut Requirements,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut lines = io::stdin().lock().lines();
    output.say(&format!("{subject}: an empty answer ends the questions\n"));
    loop {
        let Some(decisive) = verdict(requirements, &rank(requirements)).decisive else {
            return Ok(());
        };
        let criterion = decisive.criterion;
        output.say(&format!("\n{}\n", criterion.question()));
        for (value, meaning) in criterion.values() {
            output.say(&format!("  {value:16}  {meaning}\n"));
        }
        let known = loop {
            output.say(&format!("{criterion} = "));
            let answer = lines.next().transpose()?.unwrap_or_default();
            match Known::new(criterion, answer.trim(), "you said so") {
                Some(known) => break known,
                None if answer.trim().is_empty() => {
                    output.say("\n");
                    return Ok(());
                }
                None => output.say("that is none of them\n"),
            }
        };
        requirements.say(known);
    }
}
