//! Runs a compiled expression. Wrong types are errors, as the specification asks; null is an operand like
//! any other wrong type, except where an operation says what it does with it (`reduce`, `extractFromUVCI`,
//! truthiness).

use serde_json::Value;

use super::compile::{Compiled, Expr, Order, Step};
use super::datetime::{DateTimeError, Millis};
use super::value::{Steps, Val};

/// Why an expression has no value on some data. Messages never repeat the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A value is neither truthy nor falsy where one of the two is asked.
    #[error("an operand of `{0}` is neither truthy nor falsy")]
    NoTruth(&'static str),
    /// Integers are asked.
    #[error("the operands of `{0}` must be integers")]
    NotInteger(&'static str),
    /// Date-times are asked.
    #[error("the operands of `{0}` must be date-times")]
    NotTime(&'static str),
    /// An array is asked.
    #[error("`{0}` works on an array")]
    NotArray(&'static str),
    /// A text is asked.
    #[error("`{0}` works on a text")]
    NotText(&'static str),
    /// A date cannot be read or moved.
    #[error("`{0}`: {1}")]
    Time(&'static str, DateTimeError),
    /// A sum passes 64 bits.
    #[error("the sum is too large")]
    Overflow,
    /// A built value is nested too deep.
    #[error("the value is nested too deep")]
    TooDeep,
    /// The limit of work is reached.
    #[error("the evaluation takes too much work")]
    TooMuchWork,
}

impl Compiled {
    /// Evaluates on data; the result borrows from both.
    ///
    /// # Errors
    /// A value has the wrong type for its operation, a date cannot be read, or a limit is passed.
    pub fn eval<'a>(&'a self, data: &'a Value) -> Result<Val<'a>, EvalError> {
        Run { steps: Steps::new(), item: None }.eval(&self.root, &Val::from(data))
    }

    /// Evaluates on data to which a member `item` is added without copying the rest: how a rule looks at
    /// one entry of a list. A member of the data that is itself called `item` is hidden.
    ///
    /// # Errors
    /// As [`Compiled::eval`].
    pub fn eval_item<'a>(&'a self, data: &'a Value, item: &'a Value) -> Result<Val<'a>, EvalError> {
        Run { steps: Steps::new(), item: Some(item) }.eval(&self.root, &Val::from(data))
    }
}

struct Run<'a> {
    steps: Steps,
    item: Option<&'a Value>,
}

impl<'a> Run<'a> {
    fn eval(&mut self, expr: &'a Expr, data: &Val<'a>) -> Result<Val<'a>, EvalError> {
        self.steps.take(1)?;
        Ok(match expr {
            Expr::Bool(b) => Val::Bool(*b),
            Expr::Int(i) => Val::Int(*i),
            Expr::Str(s) => Val::Str(s),
            Expr::Time(at) => Val::Time(*at),
            Expr::Var(path) => self.var(path, data),
            Expr::List(items) => {
                let built: Result<Vec<_>, _> = items.iter().map(|item| self.eval(item, data)).collect();
                Val::list(built?)?
            }
            Expr::If(parts) => {
                let [guard, then, otherwise] = parts.as_ref();
                let branch = if self.truth(guard, data, "if")? { then } else { otherwise };
                self.eval(branch, data)?
            }
            Expr::And(operands) => self.and(operands, data)?,
            Expr::Not(operand) => Val::Bool(!self.truth(operand, data, "!")?),
            Expr::Equal(pair) => {
                let [a, b] = pair.as_ref();
                let (a, b) = (self.eval(a, data)?, self.eval(b, data)?);
                Val::Bool(a.equals(&b, &mut self.steps)?)
            }
            Expr::In(pair) => self.member(pair, data)?,
            Expr::InConstants(item, list) => self.member_of_constants(item, list, data)?,
            Expr::Plus(pair) => {
                let [a, b] = pair.as_ref();
                let (a, b) = (self.int(a, data, "+")?, self.int(b, data, "+")?);
                Val::Int(a.checked_add(b).ok_or(EvalError::Overflow)?)
            }
            Expr::Compare(order, name, operands) => {
                Val::Bool(self.ordered(operands, *order, |run, e| run.int(e, data, name))?)
            }
            Expr::CompareTimes(order, name, operands) => {
                Val::Bool(self.ordered(operands, *order, |run, e| run.time(e, data, name))?)
            }
            Expr::PlusTime(operand, amount, unit) => {
                let text = self.text(operand, data, "plusTime")?;
                let at = Millis::parse(text).and_then(|at| at.plus(*amount, *unit));
                Val::Time(at.map_err(|e| EvalError::Time("plusTime", e))?)
            }
            Expr::DccDateOfBirth(operand) => {
                let text = self.text(operand, data, "dccDateOfBirth")?;
                Val::Time(Millis::parse_birth_date(text).map_err(|e| EvalError::Time("dccDateOfBirth", e))?)
            }
            Expr::Reduce(parts) => self.reduce(parts, data)?,
            Expr::ExtractFromUvci(operand, index) => match self.eval(operand, data)? {
                Val::Null => Val::Null,
                Val::Str(text) => fragment(text, *index).map_or(Val::Null, Val::Str),
                _ => return Err(EvalError::NotText("extractFromUVCI")),
            },
        })
    }

    /// Plain data is walked by reference: this is the hottest path of all.
    fn var(&self, path: &'a [Step], data: &Val<'a>) -> Val<'a> {
        let Some((first, rest)) = path.split_first() else { return data.clone() };
        if let Some(item) = self.item.filter(|_| first.name.as_ref() == "item") {
            return walk(Some(item), rest);
        }
        match data {
            Val::Object(map) => walk(map.get(first.name.as_ref()), rest),
            Val::Array(items) => walk(first.index.and_then(|i| items.get(i)), rest),
            built => rest.iter().fold(built.step(first), |at, step| at.step(step)),
        }
    }

    fn truth(&mut self, expr: &'a Expr, data: &Val<'a>, name: &'static str) -> Result<bool, EvalError> {
        self.eval(expr, data)?.truth().ok_or(EvalError::NoTruth(name))
    }

    fn int(&mut self, expr: &'a Expr, data: &Val<'a>, name: &'static str) -> Result<i64, EvalError> {
        match self.eval(expr, data)? {
            Val::Int(i) => Ok(i),
            _ => Err(EvalError::NotInteger(name)),
        }
    }

    fn time(&mut self, expr: &'a Expr, data: &Val<'a>, name: &'static str) -> Result<Millis, EvalError> {
        match self.eval(expr, data)? {
            Val::Time(at) => Ok(at),
            _ => Err(EvalError::NotTime(name)),
        }
    }

    fn text(&mut self, expr: &'a Expr, data: &Val<'a>, name: &'static str) -> Result<&'a str, EvalError> {
        match self.eval(expr, data)? {
            Val::Str(text) => Ok(text),
            _ => Err(EvalError::NotText(name)),
        }
    }

    /// The first falsy operand, or the last one; those behind a falsy one are not evaluated.
    fn and(&mut self, operands: &'a [Expr], data: &Val<'a>) -> Result<Val<'a>, EvalError> {
        let mut result = Val::Bool(true);
        for operand in operands {
            result = self.eval(operand, data)?;
            if !result.truth().ok_or(EvalError::NoTruth("and"))? {
                break;
            }
        }
        Ok(result)
    }

    /// Whether each operand lies to the next as `order` says. All operands are evaluated, so that a wrong
    /// type is an error wherever it stands.
    fn ordered<T: Ord>(
        &mut self,
        operands: &'a [Expr],
        order: Order,
        mut eval: impl FnMut(&mut Self, &'a Expr) -> Result<T, EvalError>,
    ) -> Result<bool, EvalError> {
        let mut holds = true;
        let mut previous: Option<T> = None;
        for operand in operands {
            let next = eval(self, operand)?;
            if let Some(previous) = &previous {
                holds &= match order {
                    Order::Less => *previous < next,
                    Order::Greater => *previous > next,
                    Order::AtMost => *previous <= next,
                    Order::AtLeast => *previous >= next,
                };
            }
            previous = Some(next);
        }
        Ok(holds)
    }

    fn member(&mut self, pair: &'a [Expr; 2], data: &Val<'a>) -> Result<Val<'a>, EvalError> {
        let [item, list] = pair;
        let (item, list) = (self.eval(item, data)?, self.eval(list, data)?);
        if let (Val::Str(text), Val::Array(items)) = (&item, &list) {
            // Value sets are lists of texts, some of them long.
            self.steps.take(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
            return Ok(Val::Bool(items.iter().any(|v| matches!(v, Value::String(s) if s == text))));
        }
        for element in list.elements().ok_or(EvalError::NotArray("in"))? {
            if item.equals(&element, &mut self.steps)? {
                return Ok(Val::Bool(true));
            }
        }
        Ok(Val::Bool(false))
    }

    fn member_of_constants(
        &mut self,
        item: &'a Expr,
        list: &'a [Expr],
        data: &Val<'a>,
    ) -> Result<Val<'a>, EvalError> {
        let item = self.eval(item, data)?;
        self.steps.take(u32::try_from(list.len()).unwrap_or(u32::MAX))?;
        Ok(Val::Bool(list.iter().any(|constant| match (constant, &item) {
            (Expr::Str(a), Val::Str(b)) => a.as_ref() == *b,
            (Expr::Int(a), Val::Int(b)) => a == b,
            (Expr::Bool(a), Val::Bool(b)) => a == b,
            _ => false,
        })))
    }

    /// A left fold. The lambda sees `{accumulator, current}` and nothing else; null folds to the initial value.
    fn reduce(&mut self, parts: &'a [Expr; 3], data: &Val<'a>) -> Result<Val<'a>, EvalError> {
        let [operand, lambda, initial] = parts;
        let operand = self.eval(operand, data)?;
        let mut accumulator = self.eval(initial, data)?;
        let items = match &operand {
            Val::Null => return Ok(accumulator),
            other => other.elements().ok_or(EvalError::NotArray("reduce"))?,
        };
        let outside = self.item.take();
        for current in items {
            let scope = Val::fold(accumulator, current)?;
            accumulator = self.eval(lambda, &scope)?;
        }
        self.item = outside;
        Ok(accumulator)
    }
}

fn walk<'a>(from: Option<&'a Value>, path: &'a [Step]) -> Val<'a> {
    let part = |at: &'a Value, step: &Step| match at {
        Value::Object(map) => map.get(step.name.as_ref()),
        Value::Array(items) => step.index.and_then(|i| items.get(i)),
        _ => None,
    };
    path.iter().try_fold(from, |at, step| at.map(|at| part(at, step))).flatten().map_or(Val::Null, Val::from)
}

/// The fragment of a certificate identifier: an optional `URN:UVCI:` is dropped, the rest is cut at `/`,
/// `#` and `:`.
fn fragment(text: &str, index: i64) -> Option<&str> {
    let bare = text.strip_prefix("URN:UVCI:").unwrap_or(text);
    bare.split(['/', '#', ':']).nth(usize::try_from(index).ok()?)
}

#[cfg(test)]
#[path = "eval_tests.rs"]
mod tests;
