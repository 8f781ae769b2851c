//! Tables of text, columns as wide as they need to be.

use std::fmt;

/// Rows of as many cells as there are titles.
#[derive(Debug)]
pub struct Table<const COLUMNS: usize> {
    indent: usize,
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with a line of titles.
    #[must_use]
    pub fn new(titles: [&str; COLUMNS]) -> Self {
        Self {
            indent: 0,
            rows: vec![titles.map(str::to_owned)],
        }
    }

    /// A table without titles, so many blanks before each line.
    #[must_use]
    pub const fn indented(indent: usize) -> Self {
        Self {
            indent,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        });
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (cell, width) in row.iter().zip(widths) {
                line.push_str(&format!("{cell:width$}  "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["a", "long title", "c"]);
        table.row(["äöü".into(), "x".into(), String::new()]);
        assert_eq!(table.to_string(), "a    long title  c\näöü  x\n");
    }
}
