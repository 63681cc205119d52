//! What may be handed in, for what, and how much of it: the one table.

use super::kind::Kind;

/// What a file is handed in for. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What shows that a cause of a colour does not hold.
    Evidence,
    /// What a business adds to its application.
    Attachment,
}

/// Bounds of a purpose.
#[derive(Debug)]
pub struct Terms {
    /// The purpose.
    pub purpose: Purpose,
    /// Its name in the database.
    pub name: &'static str,
    /// Files of one case.
    pub count: usize,
    /// Bytes of one file as it is sent.
    pub each: usize,
    /// Bytes of all files of a case.
    pub whole: i64,
    /// Files that one account hands in within 24 hours, also those that are refused or taken back.
    pub a_day: i32,
    /// What kinds.
    pub kinds: &'static [Kind],
}

const MIB: usize = 1 << 20;
const ALL: &[Kind] = &[Kind::Pdf, Kind::Png, Kind::Jpeg];

/// Every purpose.
pub const TABLE: [Terms; 2] = [
    Terms {
        purpose: Purpose::Evidence,
        name: "evidence",
        count: 5,
        each: LARGEST,
        whole: 25 << 20,
        a_day: 30,
        kinds: ALL,
    },
    Terms {
        purpose: Purpose::Attachment,
        name: "attachment",
        count: 10,
        each: LARGEST,
        whole: 50 << 20,
        a_day: 60,
        kinds: ALL,
    },
];

/// The largest file of any purpose: with it a network may have one body at a time on the way ([`crate::web::intake`]).
pub const LARGEST: usize = 5 * MIB;

impl Purpose {
    /// Its bounds.
    #[must_use]
    pub fn terms(self) -> &'static Terms {
        let [evidence, attachment] = &TABLE;
        match self {
            Self::Evidence => evidence,
            Self::Attachment => attachment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_its_own_line_and_a_case_holds_what_it_may() {
        for terms in &TABLE {
            assert_eq!(terms.purpose.terms().name, terms.name);
            assert!(terms.each <= LARGEST && terms.count > 0 && !terms.kinds.is_empty());
            assert!(terms.whole >= i64::try_from(terms.each).unwrap());
        }
    }
}
