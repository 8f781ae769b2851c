//! What values an attribute takes, as data.

use std::fmt;

use super::Proof;

/// The values that an attribute or a named argument takes.
#[derive(Debug)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number, both ends included.
    Integer(u64, u64),
    /// `250ms`, more than nothing.
    Duration,
    /// `64KiB`, more than nothing.
    Size,
    /// `50%`, from above 0% to 100%.
    Percent,
    /// `100/s`, more than nothing.
    Rate,
    /// `"text"`.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A dotted name that is taken as it is (`realm.roles`).
    Path,
    /// A free name or text (`group = billing`).
    Label,
    /// The name of a field of the message at hand.
    Field,
    /// The name of an operation of the edge's api.
    Operation,
    /// An authentication scheme.
    Auth,
    /// A declared role.
    Role,
    /// A store.
    Store,
    /// A zone.
    Zone,
    /// A channel of the same broker.
    Channel,
    /// What a handler may call: operations, apis, channels, stores.
    Target,
    /// A typed expression over the caller's claims and the operation's parameters.
    Condition,
    /// `env("NAME")` or `file("NAME")`.
    Secret,
    /// One or, in brackets, several.
    List(&'static Shape),
    /// A call with arguments.
    Call(&'static Form),
    /// Any of these.
    Either(&'static [Shape]),
}

/// A call as a value: `exponential(attempts = 3, base = 50ms)`.
#[derive(Debug)]
pub struct Form {
    /// What is called.
    pub name: &'static str,
    /// The argument without a name, which comes first.
    pub first: Option<Parameter>,
    /// The named ones.
    pub parameters: &'static [Parameter],
}

/// An argument of a [`Form`].
#[derive(Debug)]
pub struct Parameter {
    /// Its name; of the first argument only for messages.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// Whether it must be written.
    pub required: bool,
    /// What holds when it is unwritten, as it would be written.
    pub default: Option<&'static str>,
    /// One sentence for `explain` and the reference.
    pub meaning: &'static str,
    /// How it is proved.
    pub proof: Proof,
}

impl fmt::Display for Shape {
    /// What it takes, for messages: "a duration like `300ms`".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("`true` or `false`"),
            Self::Integer(min, u64::MAX) => write!(f, "a whole number of at least {min}"),
            Self::Integer(min, max) if min == max => write!(f, "{min}"),
            Self::Integer(min, max) => write!(f, "a whole number from {min} to {max}"),
            Self::Duration => f.write_str("a duration like `300ms`"),
            Self::Size => f.write_str("a size like `64KiB`"),
            Self::Percent => f.write_str("a share of at most 100%, like `20%`"),
            Self::Rate => f.write_str("a rate like `100/s`"),
            Self::Text => f.write_str("a text like `\"...\"`"),
            Self::Word(words) => {
                f.write_str(&alternatives(words.iter().map(|word| format!("`{word}`"))))
            }
            Self::Path => f.write_str("a dotted name like `realm.roles`"),
            Self::Label => f.write_str("a name"),
            Self::Field => f.write_str("the name of a field of the message"),
            Self::Operation => f.write_str("the name of an operation"),
            Self::Auth => f.write_str("the name of an `auth`"),
            Self::Role => f.write_str("the name of a role"),
            Self::Store => f.write_str("the name of a `store`"),
            Self::Zone => f.write_str("the name of a `zone`"),
            Self::Channel => f.write_str("the name of a channel of the same broker"),
            Self::Target => f.write_str("an operation, api, channel or store"),
            Self::Condition => f.write_str("a condition like `caller.region == region`"),
            Self::Secret => f.write_str("`env(\"NAME\")` or `file(\"NAME\")`"),
            Self::List(inner) => write!(f, "{inner}, or several in `[ ]`"),
            Self::Call(form) => write!(f, "`{form}`"),
            Self::Either(shapes) => {
                f.write_str(&alternatives(shapes.iter().map(ToString::to_string)))
            }
        }
    }
}

impl fmt::Display for Form {
    /// How it is written, with an example value for each required argument.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first.iter().map(|it| it.example().to_owned());
        let named = self
            .parameters
            .iter()
            .filter(|it| it.required)
            .map(|it| format!("{} = {}", it.name, it.example()));
        let mut shown: Vec<String> = first.chain(named).collect();
        if self.parameters.iter().any(|it| !it.required) {
            shown.push("...".to_owned());
        }
        write!(f, "{}({})", self.name, shown.join(", "))
    }
}

impl Parameter {
    /// A value as one would write it.
    #[must_use]
    pub const fn example(&self) -> &'static str {
        match self.shape {
            Shape::Duration => "1s",
            Shape::Percent => "50%",
            Shape::Rate => "50/s",
            Shape::Secret => "env(\"NAME\")",
            Shape::Text => "\"...\"",
            Shape::Field => "field",
            _ => "3",
        }
    }
}

/// "a, b or c".
fn alternatives(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    let Some(last) = items.pop() else {
        return String::new();
    };
    if items.is_empty() {
        last
    } else {
        format!("{} or {last}", items.join(", "))
    }
}
