//! Messages kept in memory instead of being sent: for the demonstration's sandbox page and for tests.

use crate::db::Id;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The sandbox keeps this many messages; older ones are dropped.
const KEPT: usize = 2000;

/// A message as it would have gone out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The outbox row: the reference by which a provider knows a repetition.
    pub reference: Id,
    /// Name of the message's template directory.
    pub message: String,
    /// Telephone number or e-mail address.
    pub to: String,
    /// Subject of an e-mail.
    pub subject: Option<String>,
    /// Text of the SMS, or the e-mail's plain text.
    pub text: String,
    /// The e-mail's HTML.
    pub html: Option<String>,
    /// Where a program stops such e-mail.
    pub unsubscribe: Option<String>,
    /// When it was handed over.
    pub at: DateTime<Utc>,
}

/// The last messages, oldest first. Cheap to clone; clones share.
#[derive(Debug, Clone, Default)]
pub struct Sandbox(Arc<Mutex<VecDeque<SentMessage>>>);

impl Sandbox {
    /// Keeps a message.
    pub fn keep(&self, message: SentMessage) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(message);
    }

    /// What was kept, oldest first.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
