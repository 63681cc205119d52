//! Where files belong that people hand in ([`crate::files`]): the room of files knows no case.

use super::Slices;
use crate::db::{Conn, Id};
use crate::error::AppResult;

/// Where files of a purpose belong.
#[derive(Debug, Clone, Copy)]
pub struct Handed {
    /// The purpose's stored name.
    pub purpose: &'static str,
    /// Number of a case, and the path of the page on which whoever handed files in sees them; none when it is gone.
    pub case: fn(&mut Conn, Id) -> AppResult<Option<Case>>,
}

/// Number of a case, and the path of its page.
pub type Case = (String, String);

impl Slices {
    /// Where files of a purpose belong.
    #[must_use]
    pub fn handed(self, purpose: &str) -> Option<&'static Handed> {
        self.all().flat_map(|slice| slice.handed).find(|handed| handed.purpose == purpose)
    }
}
