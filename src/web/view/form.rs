//! What a form shows: everything that was typed, and what is wrong with it.
//!
//! A page that has a form passes a [`FormView`] as the variable `form`. The field components read value and error by
//! the field's name, the layout puts the error summary first and `出错：` / `Error:` before the title, and nothing
//! typed is ever lost. Errors are sentences in the page's language that say what to do.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// One error of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FormError)]
pub struct FieldError {
    /// The field's name, which is also the id that the summary links to.
    pub field: String,
    /// Stable code of what is wrong; `invalid` where only the sentence says it.
    pub code: String,
    /// What is wrong and how to put it right.
    pub message: String,
}

/// The variable `form`: values and errors by field name.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct FormView {
    /// The first value of each field.
    value: BTreeMap<String, String>,
    /// All values of each field, for checkboxes.
    list: BTreeMap<String, Vec<String>>,
    /// The first error of each field.
    error: BTreeMap<String, String>,
    /// All errors, in the order of the fields.
    errors: Vec<FieldError>,
}

impl FormView {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        FormView::default()
    }

    /// The form as it was sent: pairs of name and value, names may repeat.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut form = FormView::new();
        for (name, value) in pairs {
            form.add(name, value);
        }
        form
    }

    /// Adds a value; a repeated name keeps all of them.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        self.value.entry(name.clone()).or_insert_with(|| value.clone());
        self.list.entry(name).or_default().push(value);
    }

    /// Sets a field to one value, for a form that is shown filled.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.value.remove(name);
        self.list.remove(name);
        self.add(name, value);
        self
    }

    /// Sets the three fields of a date.
    #[must_use]
    pub fn with_date(self, name: &str, day: NaiveDate) -> Self {
        use chrono::Datelike;
        self.with(&format!("{name}-year"), day.year().to_string())
            .with(&format!("{name}-month"), day.month().to_string())
            .with(&format!("{name}-day"), day.day().to_string())
    }

    /// Drops a field, such as a password that must not be sent back.
    pub fn forget(&mut self, name: &str) {
        self.value.remove(name);
        self.list.remove(name);
    }

    /// The first value of a field, empty if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.value.get(name).map_or("", String::as_str)
    }

    /// All values of a field.
    #[must_use]
    pub fn all(&self, name: &str) -> &[String] {
        self.list.get(name).map_or(&[], Vec::as_slice)
    }

    /// Adds an error; the summary keeps the order of the calls.
    pub fn fail(&mut self, field: &str, message: impl Into<String>) {
        self.fail_as(field, "invalid", message);
    }

    /// The same with a code for programs.
    pub fn fail_as(&mut self, field: &str, code: &str, message: impl Into<String>) {
        let message = message.into();
        self.error.entry(field.to_owned()).or_insert_with(|| message.clone());
        self.errors.push(FieldError { field: field.to_owned(), code: code.to_owned(), message });
    }

    /// All errors, in order.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Reads the three fields `<name>-year`, `-month`, `-day` of the component `f.date`; all empty is `None`.
    /// Full-width digits and spaces are accepted.
    ///
    /// # Errors
    /// [`DateError`], whose `key()` is a text for the field.
    pub fn date(&self, name: &str) -> Result<Option<NaiveDate>, DateError> {
        let part = |suffix: &str| -> String {
            let typed = self.get(&format!("{name}-{suffix}"));
            typed.nfkc().filter(|c| !c.is_whitespace()).collect()
        };
        let (year, month, day) = (part("year"), part("month"), part("day"));
        match [&year, &month, &day].iter().filter(|p| p.is_empty()).count() {
            3 => return Ok(None),
            0 => {}
            _ => return Err(DateError::Incomplete),
        }
        let year = year.parse::<i32>().map_err(|_| DateError::NotANumber)?;
        let month = month.parse::<u32>().map_err(|_| DateError::NotANumber)?;
        let day = day.parse::<u32>().map_err(|_| DateError::NotANumber)?;
        let day =
            NaiveDate::from_ymd_opt(year, month, day).filter(|day| crate::clock::is_plausible_day(*day));
        day.map(Some).ok_or(DateError::NoSuchDay)
    }
}

/// What is wrong with a typed date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// One or two of year, month and day are missing.
    #[error("the date is incomplete")]
    Incomplete,
    /// Something else than digits.
    #[error("the date contains something else than digits")]
    NotANumber,
    /// Such as 30 February, or a year outside 1900-2100.
    #[error("there is no such day")]
    NoSuchDay,
}

impl DateError {
    /// The text for the field.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            DateError::Incomplete => "date-incomplete",
            DateError::NotANumber => "date-not-a-number",
            DateError::NoSuchDay => "date-no-such-day",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(year: &str, month: &str, day: &str) -> Result<Option<NaiveDate>, DateError> {
        FormView::from_pairs([("d-year", year), ("d-month", month), ("d-day", day)]).date("d")
    }

    #[test]
    fn dates_are_read_as_people_type_them() {
        let day = NaiveDate::from_ymd_opt(2020, 3, 2);
        assert_eq!(typed("2020", "3", "2"), Ok(day));
        assert_eq!(typed(" ２０２０", "０３", "2 "), Ok(day));
        assert_eq!(typed("", " ", ""), Ok(None));
        assert_eq!(typed("2020", "", "2"), Err(DateError::Incomplete));
        assert_eq!(typed("2020", "三", "2"), Err(DateError::NotANumber));
        assert_eq!(typed("2020", "-3", "2"), Err(DateError::NotANumber));
        assert_eq!(typed("2021", "2", "29"), Err(DateError::NoSuchDay));
        assert_eq!(typed("20", "2", "28"), Err(DateError::NoSuchDay));
    }

    #[test]
    fn nothing_typed_is_lost_and_the_first_error_stands_at_the_field() {
        let mut form = FormView::from_pairs([("s", "1"), ("s", "2"), ("name", "")]);
        form.fail("name", "first");
        form.fail("name", "second");
        assert_eq!(form.all("s"), ["1", "2"]);
        let json = serde_json::to_value(&form).unwrap();
        assert_eq!(json["value"]["name"], "");
        assert_eq!(json["error"]["name"], "first");
        assert_eq!(json["errors"].as_array().unwrap().len(), 2);
        form.forget("s");
        assert!(form.all("s").is_empty());
    }
}
