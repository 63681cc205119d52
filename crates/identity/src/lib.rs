//! Identity types that can only hold valid values: document numbers, USCC, phones, names, divisions.
//!
//! What a person typed is parsed once, at the edge, into one of these types; nothing behind the edge checks
//! again. The types enforce three rules that must not depend on a caller remembering them: bad input gives a
//! specific error whose text never repeats the input, `Debug` shows only the masked form (logs and panics can
//! not leak a person), and each personal type has one canonical spelling for the blind index.
//! None of the personal types implements `Display`: a template asks for `as_str()` or `masked()` by name.

/// Declares an error enum with a sentence for logs and a stable code for the message catalogues.
macro_rules! parse_errors {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $code:literal, $text:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum $name {
            $($(#[$vmeta])* #[error($text)] $variant,)+
        }
        impl $name {
            /// Every code of this type, so that a test can check that the catalogues hold all of them.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// Stable code, unique in the program, usable as the suffix of a Fluent message id.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

/// Gives a text newtype its string conversions and a `Debug` that shows the masked form only.
macro_rules! masked_text {
    ($name:ident, $error:ident, $parse:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                Self::$parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }
    };
}

mod division;
mod document;
mod email;
mod id_number;
mod name;
mod phone;
mod register;
pub mod sample;
mod text;
mod uscc;

pub use division::{DivisionCode, DivisionCodeError, DivisionLevel, Jurisdiction};
pub use document::{DocumentKind, DocumentNumber, DocumentNumberError};
pub use email::{EmailAddress, EmailAddressError};
pub use id_number::{IdNumber, IdNumberError, Sex};
pub use name::{PersonName, PersonNameError};
pub use phone::{Phone, PhoneError};
pub use register::{Division, Divisions, divisions};
pub use text::{TextError, is_unseen, line, lines, seen};
pub use uscc::{Uscc, UsccError};

/// The codes of every parse error in this module, for the test that the message catalogues are complete.
pub const ERROR_CODES: &[&[&str]] = &[
    IdNumberError::CODES,
    DocumentNumberError::CODES,
    UsccError::CODES,
    PhoneError::CODES,
    PersonNameError::CODES,
    EmailAddressError::CODES,
    DivisionCodeError::CODES,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn error_codes_are_unique_and_valid_message_ids() {
        let mut seen = HashSet::new();
        for code in ERROR_CODES.iter().copied().flatten() {
            assert!(seen.insert(code), "{code} twice");
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{code}");
        }
    }
}
