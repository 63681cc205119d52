//! Who is told what of a step: the messages that the workflow names, each sent once.

use super::step::{At, Moved};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message, Recipient};
use crate::workflow::Effect;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The messages that a step brings, in the order of the workflow.
///
/// # Errors
/// [`AppError::Internal`] for a message that the kind does not know: its list and its workflow differ.
pub fn letters(at: &At, moved: &Moved) -> AppResult<Vec<&'static str>> {
    let named = moved.done.effects.iter().filter_map(|effect| match effect {
        Effect::Notify(name) => Some(name),
        _ => None,
    });
    let known = |name: &String| at.kind.letters.iter().copied().find(|known| known == name);
    named.map(|name| known(name).ok_or_else(|| AppError::internal(format!("no letter {name}")))).collect()
}

/// A message to the person about one version of a case.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its name, a directory below `templates/mail`.
    pub name: &'static str,
    /// The case.
    pub case: Id,
    /// The version that it tells of.
    pub version: i64,
}

impl Letter {
    /// Sends it; the same letter about the same version is sent once.
    ///
    /// # Errors
    /// Database errors.
    pub fn send(
        self,
        tx: &mut Tx<'_>,
        keys: &Keyring,
        to: &Recipient,
        params: Value,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let once = format!("{}:{}:{}", self.name, self.case, self.version);
        notify::send(tx, keys, to, &Message::new(self.name, params).once(once), now)
    }
}
