//! What is wrong with a piece of text that is no item, said so that a person can mend it.
//!
//! The grammar reads the piece once more, this time with pest's record of what it looked for at the furthest place it
//! came to. Mistakes that people make often are told apart first, because there the furthest place misleads.

use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::InputLocation;

use super::build::Junk;
use super::grammar::{Grammar, Rule};
use super::nearest::nearest;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// How each kind of declaration is written; the first word decides.
const FORMS: [(&str, &str); 26] = [
    ("system", "system shop { title = \"Online shop\" }"),
    ("zone", "zone core : internal { ... }"),
    ("client", "client web : browser"),
    ("external", "external stripe"),
    ("service", "service orders : worker { ... }"),
    ("store", "store orders_db : postgres"),
    (
        "broker",
        "broker bus : kafka { topic placed : OrderPlaced }",
    ),
    ("auth", "auth staff : jwt { ... }"),
    ("policy", "policy steady { timeout = 300ms }"),
    ("defaults", "defaults grpc { timeout = 1s }"),
    ("queue", "queue emails : SendEmail { attempts = 5 }"),
    ("topic", "topic placed : OrderPlaced { retention = 7d }"),
    ("channel", "channel rooms : Said"),
    (
        "schedule",
        "schedule nightly { every = 24h, calls = [...] }",
    ),
    ("lint", "lint { TMO001 = off }"),
    ("limits", "limits { fanout = 3 }"),
    ("claims", "claims { region: string }"),
    ("api", "api Orders { query find(id: uuid) -> Order }"),
    ("query", "query find(id: uuid) -> Order { timeout = 2s }"),
    ("command", "command place(PlaceOrder) -> Order"),
    ("event", "event paid(PaymentSettled)"),
    ("type", "type Order { id: uuid, total: decimal }"),
    ("enum", "enum Status { pending, paid }"),
    ("roles", "roles { customer, clerk }"),
    ("import", "import \"common.arch\""),
    ("when", "when = caller.region == region"),
];

/// Says what is wrong with a piece of junk; `text` is without comments.
pub(super) fn explain(text: &str, junk: &Junk) -> Diagnostic {
    let piece = &text[junk.from as usize..junk.span.end as usize];
    let (start, length, message, help) = if junk.names {
        among_names(piece, (junk.span.start - junk.from) as usize)
    } else {
        let furthest = furthest(piece);
        let problem = Problem {
            piece,
            at: furthest.at,
            found: found(&piece[furthest.at..]),
            before: piece[..furthest.at].trim_ascii_end(),
            word: word(piece),
        };
        problem
            .habit()
            .or_else(|| problem.nothing_between())
            .unwrap_or_else(|| problem.expected(&furthest))
    };
    let start = junk.from + start as u32;
    let place = Span {
        start,
        end: start + length as u32,
        ..junk.span
    };
    let error = Diagnostic::error("ARC001", message, place);
    match help {
        Some(help) => error.help(help),
        None => error,
    }
}

/// Junk in an enum or among roles.
fn among_names(piece: &str, at: usize) -> Told {
    let found = found(&piece[at..]);
    let help = match found {
        "=" | ":" => {
            "names stand alone here; the number of an enum value is written `pending @tag(1)`"
        }
        _ => "write names with commas between them: `{ pending, paid }`",
    };
    (
        at,
        found.len(),
        format!("`{found}` cannot stand among names"),
        Some(help.to_owned()),
    )
}

/// Where in the piece, how many bytes, the message, the help.
type Told = (usize, usize, String, Option<String>);

struct Problem<'t> {
    piece: &'t str,
    /// Where reading stopped.
    at: usize,
    /// The token there; empty at the end of the line.
    found: &'t str,
    /// What was read, without the blanks after it.
    before: &'t str,
    /// The first word; empty if the piece starts with something else.
    word: &'t str,
}

impl Problem<'_> {
    /// Spellings that other languages have taught people.
    fn habit(&self) -> Option<Told> {
        let here = |message: &str, help: &str| {
            Some((
                self.at,
                self.found.len(),
                message.to_owned(),
                Some(help.to_owned()),
            ))
        };
        let rest = &self.piece[self.at..];
        let starts = |signs: &[&str]| signs.iter().any(|sign| rest.starts_with(sign));
        if rest.starts_with(';') {
            return here(
                "nothing ends with a semicolon",
                "attributes stand one a line, or with commas on one line",
            );
        }
        if rest.starts_with('#') {
            return here("`#` starts nothing", "a comment starts with `//`");
        }
        if rest.starts_with('\'') {
            return here("a text stands in double quotes", "write `\"...\"`");
        }
        if starts(&["=>", "-->", "~>", "<-", "<->", "→"]) {
            return here(
                "arrows are written `->`",
                "write `from -> to`; the arrow follows the request",
            );
        }
        if rest.starts_with('>') && self.before.len() == self.at && self.before.ends_with('=') {
            let help = "write `from -> to`; the arrow follows the request".to_owned();
            return Some((
                self.at - 1,
                2,
                "arrows are written `->`".to_owned(),
                Some(help),
            ));
        }
        if self.word == "when" && starts(&["&&", "||", "!"]) && !starts(&["!="]) {
            return here(
                "expressions are written in words",
                "write `and`, `or`, `not`",
            );
        }
        if rest.starts_with('=') && self.before.ends_with('=') {
            return here(
                "an attribute is set with one `=`",
                "write `name = value`; only `when` compares, with `==`",
            );
        }
        if self.word == "when" && rest.starts_with('=') {
            return here(
                "a comparison is written `==`",
                "write `when = caller.region == region`",
            );
        }
        if self.word != "when" && self.before.contains('=') {
            if starts(&["and ", "or "]) {
                return here(
                    "only `when` takes an expression",
                    "several values stand in a list: `allow = [customer, clerk]`",
                );
            }
            if starts(&["==", "!=", "<", ">", "in ", "&&", "||"]) {
                return here(
                    "only `when` takes an expression",
                    "write `when = caller.region == region`",
                );
            }
        }
        if self
            .before
            .ends_with(|letter: char| letter.is_ascii_digit())
            && starts_word(rest)
        {
            let number = last_token(self.before);
            let help = format!("write `{number}{}`", self.found);
            let message = "a unit follows its number at once".to_owned();
            return Some((self.at, self.found.len(), message, Some(help)));
        }
        if rest.starts_with('@') && self.at == 0 {
            return here(
                "a mark follows what it marks",
                "write it after the type, on the same line: `email: string @sensitive`; only `@accept` stands before",
            );
        }
        if rest.starts_with('(') && self.before.ends_with(is_word) && self.at > self.before.len() {
            return here(
                "a call's parenthesis follows its name at once",
                "remove the blank before `(`",
            );
        }
        self.hyphen().or_else(|| self.colon())
    }

    /// `orders-db`
    fn hyphen(&self) -> Option<Told> {
        let rest = &self.piece[self.at..];
        if !rest.starts_with('-') || !starts_word(&rest[1..]) || self.at != self.before.len() {
            return None;
        }
        let start = self.at - last_token(self.before).len();
        let length = rest
            .find(|letter: char| !is_word(letter) && letter != '-')
            .unwrap_or(rest.len());
        let name = &self.piece[start..self.at + length];
        let help = format!("write `{}`", name.replace('-', "_"));
        Some((
            start,
            name.len(),
            "names take no hyphens".to_owned(),
            Some(help),
        ))
    }

    /// `timeout: 300ms`
    fn colon(&self) -> Option<Told> {
        let name = self.before.strip_suffix(':')?;
        let is_value = self
            .found
            .starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '"' | '-'));
        if name.trim_ascii_end() != self.word || !is_value {
            return None;
        }
        let help = format!(
            "write `{} = {}`; the colon says what something is",
            self.word, self.found
        );
        Some((
            name.len(),
            1,
            "a value is given with `=`".to_owned(),
            Some(help),
        ))
    }

    /// `serivce orders`, `id uuid`, `timeout 300ms`: a first word that is no keyword, and nothing that says what the
    /// second is to it.
    fn nothing_between(&self) -> Option<Told> {
        let word = self.word;
        if word.is_empty() || self.before != word || FORMS.iter().any(|(kind, _)| *kind == word) {
            return None;
        }
        let found = self.found;
        let message = format!("nothing stands between `{word}` and `{found}`");
        if found
            .starts_with(|letter: char| letter.is_ascii_digit() || letter == '"' || letter == '[')
        {
            return Some((
                self.at,
                found.len(),
                message,
                Some(format!("write `{word} = {found}`")),
            ));
        }
        if !starts_word(found) {
            return None;
        }
        if let Some(kind) = nearest(word, FORMS.iter().map(|(kind, _)| *kind)) {
            let message = format!("there is no kind `{word}`");
            return Some((
                0,
                word.len(),
                message,
                Some(format!("did you mean `{kind}`?")),
            ));
        }
        let help = format!(
            "a field is written `{word}: {found}`, an attribute `{word} = {found}`, an edge `{word} -> {found}`"
        );
        Some((0, self.at + found.len(), message, Some(help)))
    }

    /// What the grammar looked for where it stopped.
    fn expected(&self, furthest: &Furthest) -> Told {
        let form = FORMS
            .iter()
            .find(|(kind, _)| *kind == self.word)
            .map(|(_, form)| *form);
        let mut wanted = furthest.wanted.clone();
        if self.before == self.word && form.is_some() {
            // After a keyword the grammar would also take what makes an attribute or an edge of it.
            wanted = match self.word {
                "import" => vec!["a text"],
                "when" => vec!["`=`"],
                "roles" | "lint" | "limits" | "claims" => vec!["`{`"],
                "defaults" => vec!["a protocol", "`{`"],
                _ => vec!["a name"],
            };
        }
        if self.before.len() == self.at && self.before.ends_with(is_word) && wanted.len() > 1 {
            // The name that ends here could have been longer.
            wanted.retain(|wanted| *wanted != "a name");
        }
        let found = match self.found {
            "" => "the line ends".to_owned(),
            found => format!("found `{found}`"),
        };
        let message = match wanted.as_slice() {
            [] if self.found.is_empty() => "this is not complete".to_owned(),
            [] => format!("`{}` cannot stand here", self.found),
            wanted => format!("expected {}, {found}", one_of(wanted)),
        };
        let help = form.map(|form| format!("write `{form}`"));
        // At the end of a line there is nothing to point at but the last thing that was read.
        match self.found {
            "" if !self.before.is_empty() => {
                let last = self.before.len() - last_token(self.before).len();
                (last, self.before.len() - last, message, help)
            }
            found => (self.at, found.len(), message, help),
        }
    }
}

struct Furthest {
    at: usize,
    wanted: Vec<&'static str>,
}

/// pest keeps its record only while a switch of the whole process is on.
static RECORDING: Mutex<()> = Mutex::new(());

fn furthest(piece: &str) -> Furthest {
    let result = {
        let _recording = RECORDING.lock().unwrap_or_else(PoisonError::into_inner);
        pest::set_error_detail(true);
        let result = Grammar::parse(Rule::alone, piece);
        pest::set_error_detail(false);
        result
    };
    let Err(error) = result else {
        // An item after all, but cut short by what stood before it.
        return Furthest {
            at: 0,
            wanted: Vec::new(),
        };
    };
    let Some(attempts) = error.parse_attempts() else {
        let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
        return Furthest {
            at,
            wanted: Vec::new(),
        };
    };
    let mut at = attempts.max_position.min(piece.len());
    at += blanks(&piece[at..]);
    let rules: Vec<Rule> = attempts
        .call_stacks()
        .iter()
        .flat_map(|stack| [stack.deepest.get_rule().copied(), stack.parent])
        .flatten()
        .collect();
    let has = |wanted: &[Rule]| wanted.iter().any(|rule| rules.contains(rule));
    let tokens = attempts.expected_tokens();
    let expects = |token: &str| tokens.iter().any(|it| it.to_string() == token);
    let mut wanted = Vec::new();
    // Where a `?` could stand, a type has ended.
    if has(&[Rule::number, Rule::string, Rule::reference]) {
        wanted.push("a value");
    } else if has(&[Rule::type_ref, Rule::map, Rule::list_type]) && !expects("?") {
        wanted.push("a type");
    } else if has(&[Rule::name, Rule::path, Rule::policy]) {
        wanted.push("a name");
    }
    for (token, shown) in [
        ("=", "`=`"),
        (":", "`:`"),
        ("->", "`->`"),
        (",", "`,`"),
        (")", "`)`"),
        ("]", "`]`"),
        (">", "`>`"),
        ("{", "`{`"),
    ] {
        if expects(token) {
            wanted.push(shown);
        }
    }
    Furthest { at, wanted }
}

fn one_of(wanted: &[&str]) -> String {
    match wanted {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn starts_word(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_ascii_start().len()
}

fn word(text: &str) -> &str {
    let end = text
        .find(|letter: char| !is_word(letter))
        .unwrap_or(text.len());
    &text[..end]
}

/// The token at the start of the text: a word, a text, an arrow or one sign.
fn found(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    if line.starts_with(is_word) {
        let end = line
            .find(|letter: char| !is_word(letter) && !matches!(letter, '.' | '%' | '/'))
            .unwrap_or(line.len());
        return &line[..end];
    }
    if let Some(inside) = line.strip_prefix('"') {
        return inside.find('"').map_or(line, |end| &line[..end + 2]);
    }
    for sign in [
        "-->", "<->", "->", "=>", "==", "!=", "<=", ">=", "<-", "&&", "||", "~>",
    ] {
        if line.starts_with(sign) {
            return &line[..sign.len()];
        }
    }
    &line[..line.chars().next().map_or(0, char::len_utf8)]
}

fn last_token(text: &str) -> &str {
    let words = text.trim_end_matches(is_word);
    if words.len() < text.len() {
        return &text[words.len()..];
    }
    &text[text.len() - text.chars().next_back().map_or(0, char::len_utf8)..]
}
