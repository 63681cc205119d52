//! Reference numbers that people read out on the telephone: `SB200312-7K3M9QX2`.
//!
//! Random and not counted: a counter row would make every submission of a province wait for the one before it, and
//! a guessable number would tell how many there are. The alphabet is Crockford's base 32, without I, L, O and U.
//!
//! No two kinds share a prefix, so that they are told apart on the telephone: `SB` declaration, `FG` return-to-work
//! certificate, `QY` application of a business, `BA` filing, `XK` permit, `DL` agent, `SS` appeal, `RL` claim, `ZH` legal hold,
//! `RW` task of an official.
//! `JR` who acts for somebody of the family, `HZ` receipt on paper, `HB` merge of two records of one person.
//! (Applications were `FG` too once; a number is looked up whole, so those are still found.)

use crate::clock::china_day;
use crate::crypto::token;
use crate::db::Conn;
use crate::db::hot::fetch;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Integer, Text};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What has numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// A declaration.
    Declaration,
    /// A return-to-work certificate.
    Certificate,
    /// A business's application.
    Application,
    /// The filing that a business gets.
    Filing,
    /// The permit that a business gets.
    Permit,
    /// The right of an agent.
    Agent,
    /// An appeal.
    Appeal,
    /// An identity claim.
    Claim,
    /// A legal hold.
    Hold,
    /// A task of an official.
    Task,
    /// Who acts for somebody else.
    Proxy,
    /// A receipt on paper.
    Slip,
    /// A merge of two records of one person, or its undoing.
    Merge,
}

impl Numbered {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Declaration => "SB",
            Self::Certificate => "FG",
            Self::Application => "QY",
            Self::Filing => "BA",
            Self::Permit => "XK",
            Self::Agent => "DL",
            Self::Appeal => "SS",
            Self::Claim => "RL",
            Self::Hold => "ZH",
            Self::Task => "RW",
            Self::Proxy => "JR",
            Self::Slip => "HZ",
            Self::Merge => "HB",
        }
    }

    /// Whether one of the kind has this number already.
    fn is_taken(self, conn: &mut Conn, number: &str) -> QueryResult<bool> {
        macro_rules! among {
            ($sql:literal) => {
                fetch!(conn, (Integer,), $sql, Text => number)
            };
        }
        let found: Vec<(i32,)> = match self {
            Self::Declaration => among!("SELECT 1 FROM declarations WHERE number = ?"),
            Self::Certificate => among!("SELECT 1 FROM certificates WHERE number = ?"),
            Self::Application => among!("SELECT 1 FROM applications WHERE number = ?"),
            Self::Filing | Self::Permit => among!("SELECT 1 FROM applications WHERE permit_number = ?"),
            Self::Agent => among!("SELECT 1 FROM business_agents WHERE number = ?"),
            Self::Appeal => among!("SELECT 1 FROM code_appeals WHERE number = ?"),
            Self::Claim => among!("SELECT 1 FROM identity_claims WHERE number = ?"),
            Self::Hold => among!("SELECT 1 FROM retention_holds WHERE number = ?"),
            Self::Task => among!("SELECT 1 FROM tasks WHERE number = ?"),
            Self::Proxy => among!("SELECT 1 FROM proxies WHERE number = ?"),
            Self::Slip => among!("SELECT 1 FROM slips WHERE number = ?"),
            Self::Merge => among!("SELECT 1 FROM person_merges WHERE number = ?"),
        }?;
        Ok(!found.is_empty())
    }
}

/// Draws before somebody looks why the random numbers are not random.
const DRAWS: u32 = 16;

/// A new number that nobody has: prefix, day in China, hyphen, 40 random bits, drawn again while it is taken. Among a
/// million numbers of one day two are alike with probability 0.36, among the half million certificates of a busy day
/// with 0.1. Two transactions that draw the same one before either is committed meet the column's unique constraint.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when all draws were taken.
pub fn new(conn: &mut Conn, what: Numbered, now: DateTime<Utc>) -> AppResult<String> {
    let head = format!("{}{}", what.prefix(), china_day(now).format("%y%m%d"));
    for _ in 0..DRAWS {
        let number = format!("{head}-{}", foreseen(&head).unwrap_or_else(tail));
        if !what.is_taken(conn, &number)? {
            return Ok(number);
        }
    }
    Err(AppError::internal("no free number was drawn"))
}

fn tail() -> String {
    let letter = |b: &u8| ALPHABET.get(usize::from(b % 32)).copied().map(char::from);
    token::random(8).iter().filter_map(letter).collect()
}

/// What the next draws of a prefix and day are, where a test has said it.
static FORESEEN: Mutex<BTreeMap<String, VecDeque<String>>> = Mutex::new(BTreeMap::new());

/// Lets the next draws for a prefix and day (`SB200312`) be these, so that a test can make two alike. Builds for use have
/// no such thing.
#[cfg(debug_assertions)]
pub fn foresee(head: &str, tails: &[&str]) {
    if let Ok(mut foreseen) = FORESEEN.lock() {
        foreseen.insert(head.to_owned(), tails.iter().map(|tail| (*tail).to_owned()).collect());
    }
}

fn foreseen(head: &str) -> Option<String> {
    if cfg!(debug_assertions) { FORESEEN.lock().ok()?.get_mut(head)?.pop_front() } else { None }
}

/// A number as typed, brought to its written form: upper case, full-width folded, without spaces, with O, I and L
/// read as the digits that they look like.
pub fn normalise(typed: &str) -> String {
    use crate::identity::is_unseen;
    use unicode_normalization::UnicodeNormalization;
    let plain: String =
        typed.nfkc().filter(|c| !c.is_whitespace() && !is_unseen(*c)).flat_map(char::to_uppercase).collect();
    match plain.split_once('-') {
        Some((head, tail)) => {
            let tail: String = tail
                .chars()
                .map(|c| match c {
                    'O' => '0',
                    'I' | 'L' => '1',
                    other => other,
                })
                .collect();
            format!("{head}-{tail}")
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_day_and_are_read_as_typed() {
        let (a, b) = (format!("SB200313-{}", tail()), format!("SB200313-{}", tail()));
        assert_ne!(a, b);
        assert_eq!(a.len(), 17, "{a}");
        assert_eq!(normalise(" sb200313-oiL23 ４ab"), "SB200313-011234AB");
        assert_eq!(normalise(&format!("\u{202a}{a}\u{200b}\u{202c}")), a);
        assert_eq!(normalise(&a), a);
    }
}
