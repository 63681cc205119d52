//! Calls of the database without their types: several hundred closures go the same way to a connection and back, and that way is
//! compiled once, not once for each (`docs/performance.md`, "Building and testing"). It costs two small allocations a call.

use super::Tx;
use super::conn::Conn;
use crate::error::{AppError, AppResult};
use std::any::Any;

/// What a closure has given, whatever that is.
pub(super) type Answer = Box<dyn Any + Send>;
/// What is read on a connection.
pub(super) type Reading = Box<dyn FnOnce(&mut Conn) -> AppResult<Answer> + Send>;
/// What is written in a transaction.
pub(super) type Writing = Box<dyn FnOnce(&mut Tx<'_>) -> AppResult<Answer> + Send>;

/// A read whose answer is a `T`.
pub(super) fn reading<T, F>(f: F) -> Reading
where
    T: Send + 'static,
    F: FnOnce(&mut Conn) -> AppResult<T> + Send + 'static,
{
    Box::new(move |conn| Ok(Box::new(f(conn)?)))
}

/// A transaction whose answer is a `T`.
pub(super) fn writing<T, F>(f: F) -> Writing
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
{
    Box::new(move |tx| Ok(Box::new(f(tx)?)))
}

/// The answer of a call that was made for this type.
pub(super) fn answer<T: 'static>(given: AppResult<Answer>) -> AppResult<T> {
    let of_type = given?.downcast::<T>();
    of_type.map(|answer| *answer).map_err(|_| AppError::internal("an answer of another call"))
}
