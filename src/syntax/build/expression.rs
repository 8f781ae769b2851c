//! The expressions of `when`: a flat row of operands and operators becomes a tree.

use std::iter::Peekable;

use pest::iterators::{Pair, Pairs};

use super::{Builder, Rule};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind};
use crate::syntax::scan::MAX_DEPTH;

/// How tightly `not` binds: tighter than `and`, looser than a comparison.
const NOT: u8 = 3;

fn power(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::In => 5,
        _ => 4,
    }
}

fn operator(word: &str) -> BinaryOperator {
    match word {
        "or" => BinaryOperator::Or,
        "and" => BinaryOperator::And,
        "==" => BinaryOperator::Equal,
        "!=" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessOrEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterOrEqual,
        _ => BinaryOperator::In,
    }
}

type Row<'t> = Peekable<Pairs<'t, Rule>>;

impl<'t> Builder<'t> {
    pub(super) fn expression(&mut self, pair: Pair<'t, Rule>) -> Option<Expression> {
        let span = self.span(&pair);
        let row = pair.into_inner();
        let length = row
            .clone()
            .filter(|part| matches!(part.as_rule(), Rule::operator | Rule::negation))
            .count();
        if length > MAX_DEPTH {
            let message = format!(
                "this expression has {length} operators, and {MAX_DEPTH} is the most that is read"
            );
            self.error(
                Diagnostic::error("ARC003", message, span)
                    .help("a decision of that size belongs in the handler; a long `or` is better said with `in [...]`"),
            );
            return None;
        }
        let mut expression = self.climb(&mut row.peekable(), 0)?;
        // Parentheses belong to what they stand around.
        expression.span = span;
        Some(expression)
    }

    /// Reads what binds at least as tightly as `least`.
    fn climb(&mut self, row: &mut Row<'t>, least: u8) -> Option<Expression> {
        let first = row.next()?;
        let mut left = if first.as_rule() == Rule::negation {
            let start = self.span(&first);
            let negated = self.climb(row, NOT)?;
            Expression {
                span: start.to(negated.span),
                kind: ExpressionKind::Not(Box::new(negated)),
            }
        } else {
            self.operand(first)?
        };
        let mut compared = false;
        while let Some(next) = row.peek().cloned() {
            let operator = operator(next.as_str().trim_ascii_end());
            let power = power(operator);
            if power < least {
                break;
            }
            if power > NOT && std::mem::replace(&mut compared, true) {
                let place = self.span(&next);
                self.error(
                    Diagnostic::error("ARC001", "comparisons do not chain", place)
                        .help("write `a < b and b < c`, or put one of them in parentheses"),
                );
            }
            row.next();
            let right = self.climb(row, power + 1)?;
            left = Expression {
                span: left.span.to(right.span),
                kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)),
            };
            if power < NOT {
                compared = false;
            }
        }
        Some(left)
    }

    fn operand(&mut self, pair: Pair<'t, Rule>) -> Option<Expression> {
        if pair.as_rule() == Rule::expression {
            return self.expression(pair);
        }
        let value = self.value(pair)?;
        Some(Expression {
            span: value.span,
            kind: ExpressionKind::Value(value.value),
        })
    }
}
