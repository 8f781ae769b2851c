//! No rule grows much faster than the drawing: each rule alone at two sizes, tenfold apart.

use archwright::lint::{self, Date, Options};
use archwright::model::Model;
use archwright::model::resolve::resolve;
use archwright::source::{Memory, Sources};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

use crate::{goal, topology::Topology};

const SMALL: usize = 1_000;
const LARGE: usize = 10 * SMALL;

/// How much more a rule may take for ten times as much: linear work, with room for sorting and for caches that it
/// falls out of.
const MOST: f64 = 20.0;

/// From here on it is no noise: quadratic work takes a hundred times as long. It fails the run.
const TOO_MUCH: f64 = 40.0;

/// What cannot be told from noise, in milliseconds: a rule counts as having taken no less.
const FLOOR: f64 = 0.5;

/// The fastest of so many runs is what a rule takes.
const RUNS: usize = 5;

/// Measures and prints.
pub fn bench() -> Result<(), String> {
    let small = Drawing::new(SMALL)?;
    let large = Drawing::new(LARGE)?;
    println!("each rule alone (CPU milliseconds), {SMALL} and {LARGE} services");
    let mut rows: Vec<(f64, f64, &str, &str)> = lint::rules()
        .iter()
        .map(|rule| {
            let (few, many) = (small.cost(rule.code), large.cost(rule.code));
            (few, many, rule.code, rule.name)
        })
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (mut steep, mut worst) = (0, 0.0_f64);
    let (mut few, mut many) = (0.0, 0.0);
    for (at_few, at_many, code, name) in &rows {
        let growth = at_many.max(FLOOR) / at_few.max(FLOOR);
        let is_steep = growth > MOST;
        steep += usize::from(is_steep);
        worst = worst.max(growth);
        few += at_few;
        many += at_many;
        if *at_many >= FLOOR || is_steep {
            let verdict = if is_steep { "   TOO STEEP" } else { "" };
            println!("  {code} {name:<42} {at_few:>9.2} {at_many:>9.2}   x {growth:>5.1}{verdict}");
        }
    }
    println!("  all {} rules {few:>45.2} {many:>9.2}", rows.len());
    goal(
        &format!("rules that take more than {MOST} times as long for ten times as much"),
        steep as f64,
        0.0,
    );
    if worst > TOO_MUCH {
        return Err(format!(
            "a rule takes {worst:.0} times as long for ten times as much"
        ));
    }
    Ok(())
}

/// A resolved drawing, with what judging it takes when no rule runs.
struct Drawing {
    model: Model,
    sources: Sources,
    bare: f64,
}

impl Drawing {
    fn new(services: usize) -> Result<Self, String> {
        let mut sources = Sources::default();
        let root = sources.add("bench.arch", Topology::new(services).furnished());
        let resolution = resolve(&mut sources, root, &Memory::default(), None);
        let Some(model) = resolution.model else {
            let first = resolution.diagnostics.first();
            return Err(first.map_or_else(String::new, |it| it.message.clone()));
        };
        let mut drawing = Self {
            model,
            sources,
            bare: 0.0,
        };
        let nothing = Options {
            ignore: lint::rules().iter().map(|it| it.code.to_owned()).collect(),
            ..Options::on(Date::today())
        };
        drawing.bare = drawing.fastest(&nothing);
        Ok(drawing)
    }

    /// What one rule takes, in milliseconds.
    fn cost(&self, code: &str) -> f64 {
        let alone = Options {
            select: vec![code.to_owned()],
            ..Options::on(Date::today())
        };
        (self.fastest(&alone) - self.bare).max(0.0)
    }

    fn fastest(&self, options: &Options) -> f64 {
        let run = || {
            let before = cpu();
            let findings = lint::run(&self.model, &self.sources, options);
            let after = cpu();
            drop(findings);
            after - before
        };
        (0..RUNS).map(|_| run()).fold(f64::MAX, f64::min)
    }
}

/// CPU time of this thread so far, in milliseconds. What the system says of its usage is counted in ticks of its clock,
/// which are longer than most rules take.
fn cpu() -> f64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0.0, |time| time.num_nanoseconds() as f64 / 1e6)
}
