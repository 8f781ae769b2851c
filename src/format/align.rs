//! Lines to text, with the cells of neighbours that are alike put into columns.

use super::WIDTH;
use super::print::{indentation, width};

/// Which lines are put into columns with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Stands by itself.
    Alone,
    /// A comment on lines of its own.
    Comment,
    /// `name = value`
    Attribute,
    /// `from -> to : protocol`
    Edge,
    /// `query name(...) -> Type ...`
    Operation,
    /// `kind name : variant`, of one kind.
    Node(crate::syntax::ast::Keyword),
    /// `type` and `enum`, with their blocks.
    Type,
}

/// One line of the result, or several that stay together.
pub(super) struct Line {
    pub level: usize,
    pub shape: Shape,
    /// Columns are padded to those of the neighbours, all but the last.
    pub cells: Vec<String>,
    /// Comments at its end.
    pub tail: String,
    pub blank_before: bool,
}

/// Cells whose widths differ by more are not worth a column.
const RAGGED: usize = 12;

/// The text of all lines.
pub(super) fn render(lines: &[Line]) -> String {
    let mut widths = vec![Vec::new(); lines.len()];
    let mut run: Vec<usize> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let joins = run.last().is_some_and(|last| {
            let last = &lines[*last];
            line.level == last.level && (line.shape == last.shape || line.shape == Shape::Comment)
        });
        if !joins || line.blank_before || line.shape == Shape::Alone {
            align_run(lines, &run, &mut widths);
            run.clear();
        }
        // A comment between two lines does not part them.
        if line.shape != Shape::Comment {
            run.push(at);
        }
    }
    align_run(lines, &run, &mut widths);

    let mut out = String::new();
    for (line, columns) in lines.iter().zip(&widths) {
        if line.blank_before {
            out.push('\n');
        }
        out.push_str(&indentation(line.level));
        for (at, cell) in line.cells.iter().enumerate() {
            out.push_str(cell);
            if at + 1 < line.cells.len() {
                let column = columns.get(at).copied().unwrap_or(0);
                out.push_str(&" ".repeat(column.saturating_sub(width(cell)) + 1));
            }
        }
        out.push_str(&line.tail);
        out.push('\n');
    }
    out
}

/// Sets the widths of the columns of some lines.
fn align_run(lines: &[Line], run: &[usize], widths: &mut [Vec<usize>]) {
    let lines: Vec<&Line> = run.iter().map(|at| &lines[*at]).collect();
    for (at, columns) in run.iter().zip(columns(&lines)) {
        widths[*at] = columns;
    }
}

/// For each line the widths of its columns; none where padding would make a line too long.
fn columns(run: &[&Line]) -> Vec<Vec<usize>> {
    let mut widths = vec![Vec::new(); run.len()];
    align(run, 0, &mut widths);
    let fits = run.iter().zip(&widths).all(|(line, columns)| {
        let last = line.cells.last().map_or(0, |cell| width(cell));
        2 * line.level + columns.iter().map(|column| column + 1).sum::<usize>() + last <= WIDTH
    });
    if !fits {
        widths.iter_mut().for_each(Vec::clear);
    }
    widths
}

/// Sets the widths of one column and, where it lines up, of those after it.
fn align(run: &[&Line], column: usize, widths: &mut [Vec<usize>]) {
    let cell = |line: &Line| (column + 1 < line.cells.len()).then(|| width(&line.cells[column]));
    if run.iter().all(|line| cell(line).is_none()) {
        return;
    }
    let mut start = 0;
    while start < run.len() {
        // The narrowest and the widest cell of the lines so far; lines that end before the column go along.
        let (mut narrow, mut wide) = (usize::MAX, 0);
        let mut end = start;
        for line in &run[start..] {
            if let Some(cell) = cell(line) {
                let range = (narrow.min(cell), wide.max(cell));
                if range.1 - range.0 > RAGGED {
                    break;
                }
                (narrow, wide) = range;
            }
            end += 1;
        }
        for (line, widths) in run[start..end].iter().zip(&mut widths[start..end]) {
            if cell(line).is_some() {
                widths.push(wide);
            }
        }
        align(&run[start..end], column + 1, &mut widths[start..end]);
        start = end;
    }
}
