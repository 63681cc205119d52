//! The values an evaluation works on. They borrow from the data and from the rule, so that reading a fact
//! costs no copy; only arrays and the little object that a `reduce` shows its lambda are built, and those
//! are shared.

use std::rc::Rc;

use serde_json::{Map, Number, Value};

use super::compile::Step;
use super::datetime::Millis;
use super::eval::EvalError;
use super::validate::integer;
use super::{MAX_DEPTH, MAX_STEPS};

/// A value during evaluation. `'a` is the life of the data and of the compiled expression.
#[derive(Clone, Debug)]
pub enum Val<'a> {
    /// Nothing: also what a missing path gives.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number of the data that is not a 64-bit integer: it can be passed on, but not calculated with.
    Number(&'a Number),
    /// A text.
    Str(&'a str),
    /// A date-time, which only `plusTime` and `dccDateOfBirth` make.
    Time(Millis),
    /// An array of the data.
    Array(&'a [Value]),
    /// An object of the data.
    Object(&'a Map<String, Value>),
    /// An array that the expression built.
    List(Rc<List<'a>>),
    /// What the lambda of a `reduce` sees.
    Fold(Rc<Fold<'a>>),
}

/// An array built by an expression, with its depth, so that no chain of folds nests without end.
#[derive(Debug)]
pub struct List<'a> {
    pub(super) items: Vec<Val<'a>>,
    depth: usize,
}

/// The object `{accumulator, current}` of a `reduce`.
#[derive(Debug)]
pub struct Fold<'a> {
    pub(super) accumulator: Val<'a>,
    pub(super) current: Val<'a>,
    depth: usize,
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Number(n) => integer(n).map_or(Self::Number(n), Self::Int),
            Value::String(s) => Self::Str(s),
            Value::Array(items) => Self::Array(items),
            Value::Object(map) => Self::Object(map),
        }
    }
}

impl<'a> Val<'a> {
    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Fold(fold) => fold.depth,
            _ => 0,
        }
    }

    pub(super) fn list(items: Vec<Self>) -> Result<Self, EvalError> {
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            Err(EvalError::TooDeep)
        } else {
            Ok(Self::List(Rc::new(List { items, depth })))
        }
    }

    pub(super) fn fold(accumulator: Self, current: Self) -> Result<Self, EvalError> {
        let depth = 1 + accumulator.depth().max(current.depth());
        if depth > MAX_DEPTH {
            return Err(EvalError::TooDeep);
        }
        Ok(Self::Fold(Rc::new(Fold { accumulator, current, depth })))
    }

    /// `Some(true)` for a truthy value, `Some(false)` for a falsy one, `None` for one that is neither: a
    /// date-time, or a number that is no integer.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => Some(false),
            Self::Bool(b) => Some(*b),
            Self::Int(i) => Some(*i != 0),
            Self::Str(s) => Some(!s.is_empty()),
            Self::Array(items) => Some(!items.is_empty()),
            Self::Object(map) => Some(!map.is_empty()),
            Self::List(list) => Some(!list.items.is_empty()),
            Self::Fold(_) => Some(true),
            Self::Time(_) | Self::Number(_) => None,
        }
    }

    /// One step of a path; whatever has no such part gives null.
    pub(super) fn step(&self, step: &Step) -> Self {
        match self {
            Self::Object(map) => map.get(step.name.as_ref()).map_or(Self::Null, Self::from),
            Self::Array(items) => step.index.and_then(|i| items.get(i)).map_or(Self::Null, Self::from),
            Self::List(list) => step.index.and_then(|i| list.items.get(i)).cloned().unwrap_or(Self::Null),
            Self::Fold(fold) => match step.name.as_ref() {
                "accumulator" => fold.accumulator.clone(),
                "current" => fold.current.clone(),
                _ => Self::Null,
            },
            _ => Self::Null,
        }
    }

    /// The elements, if this is an array.
    pub(super) fn elements(&self) -> Option<Elements<'_, 'a>> {
        match self {
            Self::Array(items) => Some(Elements::Data(items.iter())),
            Self::List(list) => Some(Elements::Built(list.items.iter())),
            _ => None,
        }
    }

    /// Whether two values are equal, of the same type and by structure. The specification promises this for
    /// strings and integers only; for the rest this is the meaning that does not depend on identity.
    pub(super) fn equals(&self, other: &Self, steps: &mut Steps) -> Result<bool, EvalError> {
        steps.take(1)?;
        Ok(match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.as_f64() == b.as_f64(),
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, value) in *a {
                    let Some(twin) = b.get(key) else { return Ok(false) };
                    if !Self::from(value).equals(&Self::from(twin), steps)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Self::Fold(fold), Self::Object(map)) | (Self::Object(map), Self::Fold(fold)) => {
                let (accumulator, current) = (map.get("accumulator"), map.get("current"));
                let (Some(accumulator), Some(current), 2) = (accumulator, current, map.len()) else {
                    return Ok(false);
                };
                fold.accumulator.equals(&Self::from(accumulator), steps)?
                    && fold.current.equals(&Self::from(current), steps)?
            }
            (Self::Fold(a), Self::Fold(b)) => {
                a.accumulator.equals(&b.accumulator, steps)? && a.current.equals(&b.current, steps)?
            }
            (a, b) => match (a.elements(), b.elements()) {
                (Some(a), Some(b)) => equal_elements(a, b, steps)?,
                _ => false,
            },
        })
    }

    /// The value as JSON; a date-time becomes a string such as `2021-05-04T00:00:00.000Z`.
    ///
    /// # Errors
    /// The value, written out, is larger than the limit of work allows.
    pub fn to_json(&self) -> Result<Value, EvalError> {
        self.write(&mut Steps::new())
    }

    fn write(&self, steps: &mut Steps) -> Result<Value, EvalError> {
        steps.take(1)?;
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(i) => Value::from(*i),
            Self::Number(n) => Value::Number((*n).clone()),
            Self::Str(s) => {
                steps.take(u32::try_from(s.len() / 16).unwrap_or(u32::MAX))?;
                Value::from(*s)
            }
            Self::Time(at) => Value::from(at.to_string()),
            Self::Object(map) => {
                let entry = |(k, v): (&String, &'a Value)| Ok((k.clone(), Self::from(v).write(steps)?));
                Value::Object(map.iter().map(entry).collect::<Result<_, EvalError>>()?)
            }
            Self::Fold(fold) => serde_json::json!({
                "accumulator": fold.accumulator.write(steps)?,
                "current": fold.current.write(steps)?,
            }),
            Self::Array(_) | Self::List(_) => {
                let items = self.elements().into_iter().flatten();
                Value::Array(items.map(|item| item.write(steps)).collect::<Result<_, _>>()?)
            }
        })
    }
}

fn equal_elements<'a>(
    a: Elements<'_, 'a>,
    b: Elements<'_, 'a>,
    steps: &mut Steps,
) -> Result<bool, EvalError> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (x, y) in a.zip(b) {
        if !x.equals(&y, steps)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The elements of either kind of array.
pub(super) enum Elements<'v, 'a> {
    Data(std::slice::Iter<'a, Value>),
    Built(std::slice::Iter<'v, Val<'a>>),
}

impl<'a> Iterator for Elements<'_, 'a> {
    type Item = Val<'a>;

    fn next(&mut self) -> Option<Val<'a>> {
        match self {
            Self::Data(items) => items.next().map(Val::from),
            Self::Built(items) => items.next().cloned(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Data(items) => items.size_hint(),
            Self::Built(items) => items.size_hint(),
        }
    }
}

impl ExactSizeIterator for Elements<'_, '_> {}

/// The work an evaluation may still do.
pub(super) struct Steps(u32);

impl Steps {
    pub(super) fn new() -> Self {
        Self(MAX_STEPS)
    }

    pub(super) fn take(&mut self, steps: u32) -> Result<(), EvalError> {
        self.0 = self.0.checked_sub(steps).ok_or(EvalError::TooMuchWork)?;
        Ok(())
    }
}
