//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::lint::Profile;

/// Draw a cloud system as text, lint its topology, generate it as a Rust workspace that runs.
#[derive(Debug, Parser)]
#[command(
    name = "archwright",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 all well, 1 findings (or a workspace that is not current), 2 something could not be read or understood."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs; the documentation of their arguments is their help.
#[derive(Debug, Subcommand)]
pub enum Command {
    Lint(Lint),
    Fmt(Fmt),
    Explain(Explain),
    Rules(Rules),
    Advise(Advise),
    Patterns(Patterns),
    Generate(Generate),
    Status(Status),
    Reference(Reference),
}

/// Judge drawings
///
/// Folders are searched for `.arch` files. Each file with a `system` is a drawing of its own; files that others import
/// are judged as part of these.
///
/// Exit status: 0 nothing to object to, 1 findings as grave as the profile or --deny lets none be, 2 something could not
/// be read or understood.
#[derive(Args, Debug)]
pub struct Lint {
    /// Files and folders
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Let findings of this level fail the run too
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub deny: Option<Deny>,
    /// Only these rules: codes, names, or areas such as TMO
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    pub select: Vec<String>,
    /// All but these rules
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    pub ignore: Vec<String>,
    /// Judge by this profile, whatever the drawings ask for
    #[arg(long, value_parser = profile, value_name = "PROFILE")]
    pub profile: Option<Profile>,
    /// Show every place of findings that hold for many
    #[arg(long)]
    pub all: bool,
    /// Tell also what could not be judged, and which facts would be needed
    #[arg(long)]
    pub explain: bool,
    /// The drawings are parts: what edges mention and no file declares stands elsewhere, and is unknown
    #[arg(long)]
    pub partial: bool,
    /// Mend what can be mended unseen, in place; comments and layout stay
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: also what a person should look at
    #[arg(long)]
    pub r#unsafe: bool,
    /// Write nothing; show what --fix would change, and fail if anything would
    #[arg(long)]
    pub diff: bool,
    /// Leave out findings that this file holds; entries that nothing raises any more are findings
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to a baseline instead of telling them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff", "baseline"])]
    pub write_baseline: Option<PathBuf>,
    /// The day that `until` of @accept is compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<String>,
}

/// Reads the word of a profile.
fn profile(word: &str) -> Result<Profile, String> {
    let known = Profile::ALL.into_iter().find(|it| it.name() == word);
    known.ok_or_else(|| "profiles are baseline, strict and advisory".to_owned())
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, shown on pull requests
    Github,
    /// JUnit XML, for CI servers
    Junit,
    /// A table in Markdown, for a comment on a pull request
    Markdown,
}

/// Levels below error that can be made to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings fail the run
    Warning,
    /// Warnings and infos fail the run
    Info,
}

/// Bring drawings into their canonical form
///
/// `-` reads standard input and writes standard output.
#[derive(Args, Debug)]
pub struct Fmt {
    /// Files and folders, or `-`
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; show what would change, and fail if anything would
    #[arg(long)]
    pub check: bool,
}

/// Explain a code, or an edge with where each of its values comes from
///
/// `explain TMO001` tells what a rule finds, why that is bad, and what to write instead. `explain shop.arch front orders`
/// shows everything that holds for an edge, and the line that says so.
#[derive(Args, Debug)]
pub struct Explain {
    /// The code or name of a rule, or a drawing
    #[arg(value_name = "CODE|FILE")]
    pub subject: String,
    /// Where the edge starts
    #[arg(requires = "to")]
    pub from: Option<String>,
    /// Where the edge goes: `orders`, `orders.Orders`, `bus.placed`
    pub to: Option<String>,
}

/// List the rules
#[derive(Args, Debug)]
pub struct Rules {
    /// How they are written
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub format: TableFormat,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Choose protocols by the selection guide
///
/// Without FROM and TO, one line for each edge and channel of the drawing. With them, what speaks for and against each
/// protocol, and where the guide says so. Without a drawing, what `--set` and `--ask` alone lead to.
#[derive(Args, Debug)]
pub struct Advise {
    /// The drawing
    pub file: Option<PathBuf>,
    /// Where the edge starts
    #[arg(requires = "to")]
    pub from: Option<String>,
    /// Where the edge goes: `orders`, `orders.Orders`, `bus.placed`
    pub to: Option<String>,
    /// What is wanted besides what is drawn: `timeliness=realtime`
    #[arg(long, value_delimiter = ',', value_name = "CRITERION=VALUE")]
    pub set: Vec<String>,
    /// The same, counting twice
    #[arg(long, value_delimiter = ',', value_name = "CRITERION=VALUE")]
    pub must: Vec<String>,
    /// Ask for what would decide a tie
    #[arg(long)]
    pub ask: bool,
    /// Put clear choices into the undecided edges of the drawing
    #[arg(long)]
    pub write: bool,
    /// Print the summary table of the guide
    #[arg(long, conflicts_with_all = ["file", "set", "must", "ask", "write"])]
    pub table: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub format: TableFormat,
}

/// Tell which architecture patterns a drawing has, how completely, and what is missing
///
/// The six patterns of the article's section 7. What a drawing wants to be is declared by `pattern = ...` on its system
/// or a zone; then the linter asks for what the pattern needs.
#[derive(Args, Debug)]
pub struct Patterns {
    /// The drawing
    pub file: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = TableFormat::Human)]
    pub format: TableFormat,
}

/// Write the workspace that a drawing describes
///
/// The drawing is judged first, and errors stop it. Files that you own are never touched again once they exist;
/// generated files that you edited stop everything before the first write.
#[derive(Args, Debug)]
pub struct Generate {
    /// The drawing
    pub file: PathBuf,
    /// Where to [default: a folder named after the system]
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
    /// Write nothing; show the difference, and fail if there is one
    #[arg(long, conflicts_with_all = ["dry_run", "force"])]
    pub check: bool,
    /// Write nothing; list what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Replace what stands in the way, and keep it beside as `.orig`; give out lost field numbers anew
    #[arg(long)]
    pub force: bool,
}

/// List the operations of a workspace that nobody has written yet
#[derive(Args, Debug)]
pub struct Status {
    /// The workspace
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

/// Write the reference of the language and of all rules, as Markdown
#[derive(Args, Debug)]
pub struct Reference {
    /// Where to; pages that are no part of it any more are removed
    #[arg(short, long, value_name = "FOLDER", default_value = "docs/reference")]
    pub output: PathBuf,
    /// Write nothing; name the pages that differ, and fail if any does
    #[arg(long)]
    pub check: bool,
}
