//! `contracts.lock`: the protobuf numbers of fields and enum values, assigned once and kept.
//!
//! One line a field, sorted, so that two branches that add different fields merge without a conflict, and two that give
//! one number twice are told of:
//! ```text
//! Order.customer = 2
//! Order.discount = 6 gone
//! Order.id = 1
//! ```
//! `gone` keeps the number of a field that the drawing lost: nothing else may ever use it.

use std::fmt::Write as _;
use std::ops::Range;

use ecow::EcoString;
use rustc_hash::FxHashMap as HashMap;

/// The largest number that protobuf allows.
pub const MAX_NUMBER: u32 = (1 << 29) - 1;
/// Numbers that protobuf keeps for itself.
pub const RESERVED: Range<u32> = 19_000..20_000;

/// What stands at the top of the file.
const HEADER: &str = "\
# The numbers of fields and enum values on the wire, assigned once. Commit this file with the drawing;
# a number that was ever used never means anything else (`gone` keeps those of removed fields).
";

/// Whether protobuf allows a number.
#[must_use]
pub fn is_allowed(number: u32) -> bool {
    (1..=MAX_NUMBER).contains(&number) && !RESERVED.contains(&number)
}

/// The numbers of one message or enum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    /// By name, sorted: messages are many and small.
    numbers: Vec<(EcoString, Line)>,
    /// The largest number that was ever used.
    largest: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    number: u32,
    /// Whether the drawing still has it.
    alive: bool,
    /// Where it stands in the text; empty for a new one.
    at: Range<usize>,
}

/// All numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractsLock {
    groups: HashMap<String, Group>,
}

/// Something wrong in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    /// Where.
    pub at: Range<usize>,
    /// The line that it contradicts.
    pub other: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
}

/// Why a number that a drawing asks for (`@tag(7)`) cannot be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The field has another number already.
    Renumbered {
        /// The one it has.
        number: u32,
        /// Where that stands in the lock.
        at: Range<usize>,
    },
    /// Another name has the number.
    Taken {
        /// That name.
        by: String,
    },
}

impl ContractsLock {
    /// Reads the text. All that is wrong is told of at once; what is right is kept.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<LockError>) {
        let mut lock = Self::default();
        let mut errors = Vec::new();
        let mut owners: HashMap<(String, u32), Range<usize>> = HashMap::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let at = start..start + line.trim_end().len();
            start += line.len();
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match read_line(line) {
                Ok((group, name, number, alive)) => {
                    let same_number = owners.insert((group.to_owned(), number), at.clone());
                    let group = lock.groups.entry(group.to_owned()).or_default();
                    group.largest = group.largest.max(number);
                    let same_name = group.insert(name, number, alive, at.clone());
                    if let Some(other) = same_name {
                        let message = format!("`{name}` stands here twice");
                        errors.push(LockError {
                            at,
                            other: Some(other.at),
                            message,
                        });
                    } else if let Some(other) = same_number {
                        let message = format!("the number {number} is given twice");
                        errors.push(LockError {
                            at,
                            other: Some(other),
                            message,
                        });
                    }
                }
                Err(message) => errors.push(LockError {
                    at,
                    other: None,
                    message: message.to_owned(),
                }),
            }
        }
        for group in lock.groups.values_mut() {
            for (_, line) in &mut group.numbers {
                // Alive is what the drawing asks for from here on.
                line.alive = false;
            }
        }
        (lock, errors)
    }

    /// Makes room for so many messages and enums.
    pub fn reserve(&mut self, more: usize) {
        self.groups.reserve(more);
    }

    /// Gives numbers to the names of one message or enum: the one that each has, the one that it asks for, else the next.
    /// A refused name gets its number all the same, so that the rest can be checked.
    pub fn assign(
        &mut self,
        group: impl Into<String>,
        names: &[(&str, Option<u32>)],
    ) -> (Vec<u32>, Vec<(usize, Refused)>) {
        let group = self.groups.entry(group.into()).or_default();
        group.numbers.reserve_exact(names.len());
        let mut refused = Vec::new();
        for (at, (name, wanted)) in names.iter().enumerate() {
            let Some(wanted) = *wanted else { continue };
            match group.line(name) {
                Some(line) if line.number == wanted => {}
                Some(line) => refused.push((
                    at,
                    Refused::Renumbered {
                        number: line.number,
                        at: line.at.clone(),
                    },
                )),
                None => {
                    let mut lines = group.numbers.iter();
                    if let Some((by, _)) = lines.find(|(_, line)| line.number == wanted) {
                        let by = by.to_string();
                        refused.push((at, Refused::Taken { by }));
                    }
                    group.largest = group.largest.max(wanted);
                    group.insert(name, wanted, true, 0..0);
                }
            }
        }
        let numbers = names.iter().map(|(name, _)| group.number(name)).collect();
        (numbers, refused)
    }

    /// The lines of another lock that do not hold in this one, sorted: their fields would get other numbers, or their
    /// numbers other fields.
    #[must_use]
    pub fn lacks(&self, other: &Self) -> Vec<String> {
        let mut lacking = Vec::new();
        for (group, held) in &other.groups {
            let ours = self.groups.get(group);
            for (name, line) in &held.numbers {
                let number = ours.and_then(|ours| ours.line(name)).map(|it| it.number);
                if number != Some(line.number) {
                    lacking.push(format!("{group}.{name} = {}", line.number));
                }
            }
        }
        lacking.sort_unstable();
        lacking
    }

    /// The text with what was assigned in it; numbers that nothing asked for are kept as gone.
    #[must_use]
    pub fn print(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (group, held) in &self.groups {
            for (name, line) in &held.numbers {
                let gone = if line.alive { "" } else { " gone" };
                lines.push(format!("{group}.{name} = {}{gone}", line.number));
            }
        }
        lines.sort_unstable();
        let mut text = HEADER.to_owned();
        for line in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl Group {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.numbers
            .binary_search_by(|(it, _)| it.as_str().cmp(name))
    }

    fn line(&self, name: &str) -> Option<&Line> {
        self.place(name).ok().map(|at| &self.numbers[at].1)
    }

    /// Sets the line of a name, and gives the one that it had.
    fn insert(&mut self, name: &str, number: u32, alive: bool, at: Range<usize>) -> Option<Line> {
        let line = Line { number, alive, at };
        match self.place(name) {
            Ok(at) => Some(std::mem::replace(&mut self.numbers[at].1, line)),
            Err(at) => {
                self.numbers.insert(at, (name.into(), line));
                None
            }
        }
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Ok(at) = self.place(name) {
            let line = &mut self.numbers[at].1;
            line.alive = true;
            return line.number;
        }
        let next = self.largest + 1;
        let number = if RESERVED.contains(&next) {
            RESERVED.end
        } else {
            next
        };
        self.largest = number;
        self.insert(name, number, true, 0..0);
        number
    }
}

/// `Order.total = 5` or `Order.discount = 6 gone`.
fn read_line(line: &str) -> Result<(&str, &str, u32, bool), &'static str> {
    if ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|mark| line.starts_with(mark))
    {
        return Err("this is left over from a merge: keep the lines of both sides");
    }
    let (name, value) = line
        .split_once('=')
        .ok_or("a line reads `Order.total = 5`")?;
    let (group, name) = name
        .trim()
        .rsplit_once('.')
        .ok_or("a line reads `Order.total = 5`")?;
    let (number, alive) = match value.trim().strip_suffix("gone") {
        Some(number) => (number.trim(), false),
        None => (value.trim(), true),
    };
    let number: u32 = number
        .parse()
        .map_err(|_| "a line reads `Order.total = 5`")?;
    if !is_allowed(number) {
        return Err(
            "protobuf allows numbers from 1 to 536870911, those from 19000 to 19999 left out",
        );
    }
    Ok((group, name, number, alive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lock: &ContractsLock) -> Vec<String> {
        lock.print()
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn numbers_follow_the_source_at_first_and_never_change() {
        let (mut lock, errors) = ContractsLock::parse("");
        assert!(errors.is_empty());
        assert_eq!(
            lock.assign("Order", &[("id", None), ("total", None)]).0,
            [1, 2]
        );
        let (mut again, _) = ContractsLock::parse(&lock.print());
        assert_eq!(
            again
                .assign("Order", &[("note", None), ("total", None), ("id", None)])
                .0,
            [3, 2, 1]
        );
    }

    #[test]
    fn removed_fields_keep_their_numbers_and_get_them_back() {
        let (mut lock, _) = ContractsLock::parse("Order.id = 1\nOrder.total = 2\n");
        lock.assign("Order", &[("id", None)]);
        assert_eq!(lines(&lock), ["Order.id = 1", "Order.total = 2 gone"]);
        let (mut later, _) = ContractsLock::parse(&lock.print());
        assert_eq!(
            later
                .assign("Order", &[("id", None), ("note", None), ("total", None)])
                .0,
            [1, 3, 2]
        );
        assert_eq!(
            lines(&later),
            ["Order.id = 1", "Order.note = 3", "Order.total = 2"]
        );
    }

    #[test]
    fn what_another_lock_gave_out_is_missed() {
        let (given, _) = ContractsLock::parse("Note.id = 1 gone\nOrder.id = 1\nOrder.total = 2\n");
        let (same, _) = ContractsLock::parse(
            "Note.id = 1\nOrder.id = 1\nOrder.new = 3\nOrder.total = 2 gone\n",
        );
        assert!(same.lacks(&given).is_empty());
        let (other, _) = ContractsLock::parse("Order.id = 2\nOrder.total = 1\n");
        assert_eq!(
            other.lacks(&given),
            ["Note.id = 1", "Order.id = 1", "Order.total = 2"]
        );
    }

    #[test]
    fn messages_that_are_gone_stay() {
        let (lock, _) = ContractsLock::parse("Gone.id = 1\n");
        assert_eq!(lines(&lock), ["Gone.id = 1 gone"]);
    }

    #[test]
    fn asked_for_numbers_are_given_when_they_are_free() {
        let (mut lock, _) = ContractsLock::parse("Order.id = 1\nOrder.old = 4 gone\n");
        let (numbers, refused) = lock.assign(
            "Order",
            &[("id", Some(1)), ("total", Some(7)), ("note", None)],
        );
        assert_eq!((numbers, refused), (vec![1, 7, 8], vec![]));
        let (_, refused) = lock.assign("Order", &[("id", Some(2)), ("other", Some(4))]);
        assert_eq!(
            refused[0],
            (
                0,
                Refused::Renumbered {
                    number: 1,
                    at: 0..12
                }
            )
        );
        assert_eq!(
            refused[1],
            (
                1,
                Refused::Taken {
                    by: "old".to_owned()
                }
            )
        );
    }

    #[test]
    fn reserved_numbers_are_skipped() {
        let (mut lock, _) = ContractsLock::parse("Order.id = 18999\n");
        assert_eq!(
            lock.assign("Order", &[("id", None), ("total", None)]).0,
            [18_999, 20_000]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_both_places() {
        let text = "Order.id = 1\nOrder.total = 1\nOrder.id = 3\n<<<<<<< ours\nOrder = 5\nOrder.x = 19000\n";
        let (_, errors) = ContractsLock::parse(text);
        let told: Vec<(&str, bool)> = errors
            .iter()
            .map(|it| (&text[it.at.clone()], it.other.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("Order.total = 1", true),
                ("Order.id = 3", true),
                ("<<<<<<< ours", false),
                ("Order = 5", false),
                ("Order.x = 19000", false),
            ]
        );
    }
}
