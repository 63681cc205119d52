//! Turns a sound expression into a tree that is quick to run: operators become variants, paths are split,
//! dates that are written out are read once, and a membership test in written-out constants is marked.

use serde_json::{Map, Value};

use super::datetime::{Millis, Unit};
use super::validate::{Issue, integer, validate};

/// An expression ready to be evaluated, any number of times and from any thread.
#[derive(Debug)]
pub struct Compiled {
    pub(super) root: Expr,
    paths: Vec<String>,
}

impl Compiled {
    /// The data paths that the expression reads, sorted, each once. Paths inside the lambda of a `reduce`
    /// are about its accumulator and current item, so they are not among them.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }
}

/// How two values are to lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    Greater,
    AtMost,
    AtLeast,
}

/// One step of a path: a name, and the index it means where an array is met.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: Box<str>,
    pub(super) index: Option<usize>,
}

/// A node of the tree. Operators have the names of the specification in the comments.
#[derive(Debug)]
pub(super) enum Expr {
    Bool(bool),
    Int(i64),
    Str(Box<str>),
    /// A date-time known when the rule was compiled.
    Time(Millis),
    List(Box<[Expr]>),
    Var(Box<[Step]>),
    If(Box<[Expr; 3]>),
    And(Box<[Expr]>),
    /// `!`
    Not(Box<Expr>),
    /// `===`
    Equal(Box<[Expr; 2]>),
    In(Box<[Expr; 2]>),
    /// `in` where every item is a written-out boolean, integer or string.
    InConstants(Box<Expr>, Box<[Expr]>),
    /// `+`
    Plus(Box<[Expr; 2]>),
    /// `<` `>` `<=` `>=`, with the operator's name for messages
    Compare(Order, &'static str, Box<[Expr]>),
    /// `before` `after` `not-after` `not-before`
    CompareTimes(Order, &'static str, Box<[Expr]>),
    PlusTime(Box<Expr>, i64, Unit),
    Reduce(Box<[Expr; 3]>),
    ExtractFromUvci(Box<Expr>, i64),
    DccDateOfBirth(Box<Expr>),
}

/// Compiles an expression.
///
/// # Errors
/// Everything that [`validate`] finds wrong with it.
pub fn compile(expression: &Value) -> Result<Compiled, Vec<Issue>> {
    let issues = validate(expression);
    if !issues.is_empty() {
        return Err(issues);
    }
    // After validation nothing is left that could fail; should that ever be untrue it becomes an issue and not a panic.
    let odd = || vec![Issue { pointer: String::new(), message: "the expression cannot be compiled".into() }];
    let root = expr(expression).ok_or_else(odd)?;
    let mut paths = Vec::new();
    collect_paths(expression, &mut paths);
    paths.sort();
    paths.dedup();
    Ok(Compiled { root, paths })
}

fn expr(value: &Value) -> Option<Expr> {
    match value {
        Value::Null => None,
        Value::Bool(b) => Some(Expr::Bool(*b)),
        Value::Number(n) => integer(n).map(Expr::Int),
        Value::String(s) => Some(Expr::Str(s.as_str().into())),
        Value::Array(items) => exprs(items).map(Expr::List),
        Value::Object(map) => operation(map),
    }
}

fn exprs(items: &[Value]) -> Option<Box<[Expr]>> {
    items.iter().map(expr).collect()
}

fn boxed<const N: usize>(items: &[Value]) -> Option<Box<[Expr; N]>> {
    exprs(items)?.try_into().ok()
}

fn first(items: &[Value]) -> Option<Box<Expr>> {
    items.first().and_then(expr).map(Box::new)
}

fn operation(map: &Map<String, Value>) -> Option<Expr> {
    let (operator, operands) = map.iter().next()?;
    if operator == "var" {
        return operands.as_str().map(path);
    }
    let items = operands.as_array()?;
    Some(match operator.as_str() {
        "if" => Expr::If(boxed(items)?),
        "and" => Expr::And(exprs(items)?),
        "!" => Expr::Not(first(items)?),
        "===" => Expr::Equal(boxed(items)?),
        "in" => member(items)?,
        "+" => Expr::Plus(boxed(items)?),
        "<" => Expr::Compare(Order::Less, "<", exprs(items)?),
        ">" => Expr::Compare(Order::Greater, ">", exprs(items)?),
        "<=" => Expr::Compare(Order::AtMost, "<=", exprs(items)?),
        ">=" => Expr::Compare(Order::AtLeast, ">=", exprs(items)?),
        "before" => Expr::CompareTimes(Order::Less, "before", exprs(items)?),
        "after" => Expr::CompareTimes(Order::Greater, "after", exprs(items)?),
        "not-after" => Expr::CompareTimes(Order::AtMost, "not-after", exprs(items)?),
        "not-before" => Expr::CompareTimes(Order::AtLeast, "not-before", exprs(items)?),
        "plusTime" => plus_time(items)?,
        "reduce" => Expr::Reduce(boxed(items)?),
        "extractFromUVCI" => {
            Expr::ExtractFromUvci(first(items)?, items.get(1)?.as_number().and_then(integer)?)
        }
        "dccDateOfBirth" => Expr::DccDateOfBirth(first(items)?),
        _ => return None,
    })
}

fn path(path: &str) -> Expr {
    let step = |name: &str| Step { name: name.into(), index: index(name) };
    Expr::Var(if path.is_empty() { Box::default() } else { path.split('.').map(step).collect() })
}

/// An index is digits and nothing else: `+1` and `1x` are names.
fn index(name: &str) -> Option<usize> {
    name.bytes().all(|b| b.is_ascii_digit()).then(|| name.parse().ok()).flatten()
}

fn member(items: &[Value]) -> Option<Expr> {
    let mut operands = exprs(items)?.into_iter();
    let (item, list) = (operands.next()?, operands.next()?);
    let constant = |e: &Expr| matches!(e, Expr::Bool(_) | Expr::Int(_) | Expr::Str(_));
    Some(match list {
        Expr::List(list) if list.iter().all(constant) => Expr::InConstants(Box::new(item), list),
        list => Expr::In(Box::new([item, list])),
    })
}

fn plus_time(items: &[Value]) -> Option<Expr> {
    let operand = first(items)?;
    let amount = items.get(1)?.as_number().and_then(integer)?;
    let unit = items.get(2)?.as_str().and_then(Unit::parse)?;
    if let Expr::Str(text) = operand.as_ref()
        && let Ok(at) = Millis::parse(text).and_then(|at| at.plus(amount, unit))
    {
        return Some(Expr::Time(at));
    }
    Some(Expr::PlusTime(operand, amount, unit))
}

fn collect_paths(value: &Value, paths: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_paths(item, paths)),
        Value::Object(map) => {
            for (operator, operands) in map {
                match (operator.as_str(), operands) {
                    ("var", Value::String(path)) => paths.push(path.clone()),
                    ("reduce", Value::Array(items)) => {
                        // Operand 2 is the lambda: it sees other data.
                        items
                            .iter()
                            .enumerate()
                            .filter(|(i, _)| *i != 1)
                            .for_each(|(_, v)| collect_paths(v, paths));
                    }
                    _ => collect_paths(operands, paths),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_paths_read_are_known() {
        let rule = json!({"and": [{"var": "b.c"}, {"in": [{"var": "a"}, [1, 2]]},
            {"reduce": [{"var": "list"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, {"var": "a"}]}]});
        assert_eq!(compile(&rule).unwrap().paths(), ["a", "b.c", "list"]);
    }

    #[test]
    fn faults_stop_compilation() {
        assert_eq!(compile(&json!({"and": [1]})).unwrap_err().len(), 1);
    }

    #[test]
    fn a_date_written_out_is_read_once_and_a_bad_one_is_left_to_fail_when_run() {
        assert!(matches!(compile(&json!({"plusTime": ["2021", 1, "day"]})).unwrap().root, Expr::Time(_)));
        assert!(matches!(
            compile(&json!({"plusTime": ["soon", 1, "day"]})).unwrap().root,
            Expr::PlusTime(..)
        ));
    }
}
