//! How messages leave: by an SMTP server, an SMS gateway, or into the folder and the pages of a demonstration.

mod mail;
mod sandbox;
mod sms;

pub use mail::Mailer;
pub use sandbox::{Sandbox, SentMessage};
pub use sms::Sms;

use std::time::Duration;

/// An e-mail as it is to be read.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Without marks.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Where whoever gets it stops getting such, with one request (RFC 8058); none where it is not a matter of choice.
    pub unsubscribe: Option<String>,
}

/// E-mails that are handed over at the same time.
pub const MAIL_CONNECTIONS: usize = mail::CONNECTIONS;
/// How long a gateway may take for one SMS.
pub const SMS_TIMEOUT: Duration = sms::TIMEOUT;

/// Why a provider did not take a message; codes only, never an address or an answer's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// The provider is away or overloaded, or we are not let in: worth another attempt, and a count against it.
    Provider(&'static str),
    /// The provider answered that this recipient cannot get it now (a full or busy mailbox, one that lets strangers wait):
    /// worth another attempt, and no count against the provider.
    Later(&'static str),
    /// The provider answered that this message will never go: an address that does not exist, a refused text.
    Refused(&'static str),
    /// This message cannot be given to any provider, and none was asked: it says nothing about the provider.
    Unfit(&'static str),
}
