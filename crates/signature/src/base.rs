//! The text that a signature is over (RFC 9421, 2.5).

use crate::Fault;
use crate::fields::{Bare, Item, List};

/// A message as a signature sees it: its derived components (RFC 9421, 2.2) and its fields, by lower-case name.
pub struct Message<'a> {
    /// A derived component such as `@method`; `None` for one that this message has not.
    pub derived: &'a dyn Fn(&str) -> Option<String>,
    /// The lines of a field, in their order; empty for one that is not there.
    pub field: &'a dyn Fn(&str) -> Vec<String>,
}

impl Message<'_> {
    /// The base of a signature over what a list names.
    ///
    /// # Errors
    /// [`Fault::Component`] for one that is not there, is named twice, has parameters, or is of another kind.
    pub fn base(&self, list: &List) -> Result<String, Fault> {
        let (mut text, mut seen) = (String::new(), Vec::new());
        for item in &list.items {
            let name = name(item)?;
            if seen.contains(&name) {
                return Err(Fault::Component);
            }
            seen.push(name);
            let value = self.value(name)?;
            if !value.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic()) {
                return Err(Fault::Component);
            }
            text.push_str(&format!("\"{name}\": {value}\n"));
        }
        text.push_str(&format!("\"@signature-params\": {}", list.text()));
        Ok(text)
    }

    fn value(&self, name: &str) -> Result<String, Fault> {
        if name.starts_with('@') {
            return (self.derived)(name).ok_or(Fault::Component);
        }
        let lines = (self.field)(name);
        if lines.is_empty() {
            return Err(Fault::Component);
        }
        // RFC 9421, 2.1: each line without the space around it, joined by a comma and a space.
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_matches([' ', '\t'])).collect();
        Ok(lines.join(", "))
    }
}

/// The name of a component. One with parameters (`;sf`, `;key`, `;bs`, `;req`, `;tr`, `;name`) is none that is taken here: each
/// is another way to read a field.
pub(crate) fn name(item: &Item) -> Result<&str, Fault> {
    match &item.bare {
        Bare::String(name) if item.parameters.is_empty() && !name.is_empty() => {
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "@_-!#$%&'*+.^`|~".contains(c);
            if name.chars().all(plain) { Ok(name) } else { Err(Fault::Component) }
        }
        _ => Err(Fault::Component),
    }
}
