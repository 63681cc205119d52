//! Free text of forms and JSON bodies that others read: what [`crate::identity::line`] and [`crate::identity::lines`] take,
//! with the field that is wrong. Every such field is read here, so that no text shows otherwise than it is stored.

use crate::error::FieldError;
use crate::identity::{self, TextError};

fn fault(field: &str, error: TextError, max: usize) -> FieldError {
    let fault = FieldError::new(field, error.code());
    if error == TextError::TooLong { fault.with("max", max) } else { fault }
}

/// A line of 1 to `max` characters.
///
/// # Errors
/// `required`, `text-too-long`, `text-unseen`.
pub fn line(field: &str, typed: &str, max: usize) -> Result<String, FieldError> {
    identity::line(typed, max).map_err(|e| fault(field, e, max))
}

/// A text of several lines, 1 to `max` characters.
///
/// # Errors
/// As [`line()`].
pub fn lines(field: &str, typed: &str, max: usize) -> Result<String, FieldError> {
    identity::lines(typed, max).map_err(|e| fault(field, e, max))
}

/// As [`line()`]; `None` when nothing is written.
///
/// # Errors
/// `text-too-long`, `text-unseen`.
pub fn some_line(field: &str, typed: &str, max: usize) -> Result<Option<String>, FieldError> {
    some(identity::line(typed, max)).map_err(|e| fault(field, e, max))
}

/// As [`lines`]; `None` when nothing is written.
///
/// # Errors
/// `text-too-long`, `text-unseen`.
pub fn some_lines(field: &str, typed: &str, max: usize) -> Result<Option<String>, FieldError> {
    some(identity::lines(typed, max)).map_err(|e| fault(field, e, max))
}

fn some(read: Result<String, TextError>) -> Result<Option<String>, TextError> {
    match read {
        Err(TextError::Empty) => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let e = line("source", "公告\u{7}", 200).unwrap_err();
        assert_eq!((e.field.as_str(), e.code.as_str()), ("source", "text-unseen"));
        let e = lines("reason", "长长长", 2).unwrap_err();
        assert_eq!((e.code.as_str(), e.args), ("text-too-long", vec![("max".to_owned(), "2".to_owned())]));
        assert_eq!(some_line("place", " \u{200b}", 9).unwrap(), None);
        assert_eq!(some_lines("remedy", "一\n二", 9).unwrap().as_deref(), Some("一\n二"));
    }
}
