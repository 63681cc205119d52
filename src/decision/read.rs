//! What is read of a decision, from a form or from a program's body brought to the form's shape.

use crate::error::FieldError;
use crate::web::form::Form;
use crate::web::text;

/// Characters of a reason, a remedy, a note or an item, at most.
pub const TEXT: usize = 2_000;
/// Items of a list, at most.
pub const ITEMS: usize = 50;

/// A decision that is being read; what is wrong is gathered, so that all of it is told at once.
#[derive(Debug)]
pub struct Reading<'a> {
    form: &'a Form,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    /// Of a form.
    pub fn of(form: &'a Form) -> Self {
        Self { form, errors: Vec::new() }
    }

    /// The version that was seen.
    pub fn version(&mut self) -> i64 {
        let version = self.form.get("version").trim().parse();
        version.unwrap_or_else(|_| {
            self.wrong(FieldError::new("version", "required"));
            0
        })
    }

    /// What was chosen of some codes; empty when it is none of them.
    pub fn chosen(&mut self, field: &str, of: &[&'static str]) -> &'static str {
        let found = of.iter().find(|code| **code == self.form.get(field)).copied();
        found.unwrap_or_else(|| {
            self.wrong(FieldError::new(field, "choose-one"));
            ""
        })
    }

    /// A text that may be left out; empty then.
    pub fn text(&mut self, field: &str) -> String {
        let read = text::some_lines(field, self.form.get(field), TEXT);
        read.map_err(|e| self.wrong(e)).ok().flatten().unwrap_or_default()
    }

    /// A text that has to be there.
    pub fn needed(&mut self, field: &str) -> String {
        let before = self.errors.len();
        let text = self.text(field);
        if text.is_empty() && self.errors.len() == before {
            self.wrong(FieldError::new(field, "required"));
        }
        text
    }

    /// The items of a list, a line or a value each.
    pub fn items(&mut self, field: &str) -> Vec<String> {
        let lines = self.form.all(field).flat_map(str::lines).filter(|line| !line.trim().is_empty());
        let lines: Vec<&str> = lines.collect();
        if lines.len() > ITEMS {
            self.wrong(FieldError::new(field, "items-too-many").with("max", ITEMS));
            return Vec::new();
        }
        let read: Result<Vec<_>, _> = lines.iter().map(|line| text::some_line(field, line, TEXT)).collect();
        read.map_err(|e| self.wrong(e)).unwrap_or_default().into_iter().flatten().collect()
    }

    /// A list that must not be empty.
    pub fn needed_items(&mut self, field: &str) -> Vec<String> {
        let before = self.errors.len();
        let items = self.items(field);
        if items.is_empty() && self.errors.len() == before {
            self.wrong(FieldError::new(field, "required"));
        }
        items
    }

    /// Adds what the slice has found wrong.
    pub fn wrong(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// The decision, if nothing is wrong with it.
    ///
    /// # Errors
    /// Everything that is to be put right, in the order in which it was read.
    pub fn done<T>(self, decision: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() { Ok(decision) } else { Err(self.errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(pairs: &[(&str, &str)], read: impl FnOnce(&mut Reading<'_>)) -> Vec<String> {
        let form = Form::of(pairs);
        let mut reading = Reading::of(&form);
        read(&mut reading);
        let wrong = reading.done(()).err().unwrap_or_default();
        wrong.into_iter().map(|e| format!("{}:{}", e.field, e.code)).collect()
    }

    #[test]
    fn each_has_one_limit_and_nothing_is_cut() {
        let (most, more) = ("长".repeat(TEXT), "长".repeat(TEXT + 1));
        let (list, longer) = ("一\n".repeat(ITEMS), "一\r\n".repeat(ITEMS + 1));
        let form = Form::of(&[("reason", &most), ("items", &list), ("items", " \n")]);
        let mut reading = Reading::of(&form);
        assert_eq!((reading.needed("reason"), reading.items("items").len()), (most, ITEMS));
        assert!(reading.done(()).is_ok());
        assert_eq!(errors(&[("reason", &more)], |r| drop(r.text("reason"))), ["reason:text-too-long"]);
        assert_eq!(errors(&[("items", &longer)], |r| drop(r.items("items"))), ["items:items-too-many"]);
        assert_eq!(errors(&[("items", &more)], |r| drop(r.needed_items("items"))), ["items:text-too-long"]);
    }

    #[test]
    fn what_is_missing_is_told_all_at_once() {
        let all = |r: &mut Reading<'_>| {
            r.version();
            r.chosen("action", &["accept", "refuse"]);
            r.needed("reason");
            r.text("note");
            r.needed_items("items");
        };
        let told = errors(&[("action", "burn"), ("reason", " \u{200b}")], all);
        assert_eq!(told, ["version:required", "action:choose-one", "reason:required", "items:required"]);
        let right = [("version", "3"), ("action", "refuse"), ("reason", "缺体温"), ("items", "体温")];
        assert!(errors(&right, all).is_empty());
    }
}
