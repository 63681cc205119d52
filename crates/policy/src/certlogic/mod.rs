//! CertLogic 1.3.3, the rule language of the EU certificates: a small, strict subset of JsonLogic.
//!
//! Why an own language at all: a policy rule must be data that the public can read, that cannot do
//! anything but look at facts, and whose cost is bounded. An expression is JSON; [`validate`] says what is
//! wrong with it and where, [`compile`] turns it into a tree, and [`Compiled::eval`] runs that tree on
//! borrowed data without copying it. Evaluation never panics: depth and work have limits.
//!
//! Where the specification is silent (equality of anything but strings and integers, for instance) the
//! choice made here is said at the place it is made and listed in `docs/policy.md`.

mod compile;
mod datetime;
mod eval;
#[cfg(test)]
mod suite;
mod validate;
mod value;

pub use compile::{Compiled, compile};
pub use datetime::{DateTimeError, Millis, Unit};
pub use eval::EvalError;
pub use validate::{Issue, validate};
pub use value::Val;

use serde_json::Value;

/// Greatest nesting of an expression, and of a value that an expression builds.
pub const MAX_DEPTH: usize = 128;
/// Greatest number of nodes of one expression.
pub const MAX_NODES: usize = 50_000;
/// Greatest number of steps of one evaluation. A step is a node evaluated, an element compared or copied.
pub const MAX_STEPS: u32 = 1_000_000;

/// Evaluates a compiled expression on data and gives the result as JSON; a date-time becomes a string such
/// as `2021-05-04T00:00:00.000Z`.
///
/// # Errors
/// A value has the wrong type for its operation, a date cannot be read, or a limit is passed.
pub fn eval(expression: &Compiled, data: &Value) -> Result<Value, EvalError> {
    expression.eval(data)?.to_json()
}
