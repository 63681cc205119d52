//! E-mail: SMTP, a folder of files, or the sandbox.

use super::sandbox::{Sandbox, SentMessage};
use super::{Mail, SendError};
use crate::circuit::Circuit;
use crate::config::{Config, MailTransport};
use crate::db::Id;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart};
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// How long one send may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Connections to the server.
pub(super) const CONNECTIONS: usize = 8;

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    File(AsyncFileTransport<Tokio1Executor>),
    Memory(Sandbox),
}

/// How e-mail leaves.
pub struct Mailer {
    way: Way,
    from: Mailbox,
    /// The server's breaker.
    pub circuit: Circuit,
    /// How long one send may take, all of it: lettre's own time-out covers connecting only.
    pub timeout: Duration,
}

impl Mailer {
    /// The transport that the configuration names.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the settings cannot be used; never repeats them.
    pub fn new(config: &Config) -> AppResult<Self> {
        let from = config
            .mail_from
            .parse()
            .map_err(|_| AppError::Unavailable("FUGONG_MAIL_FROM: not an e-mail address".into()))?;
        let way = match &config.mail {
            MailTransport::Memory => Way::Memory(Sandbox::default()),
            MailTransport::File(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|e| AppError::Unavailable(format!("FUGONG_MAIL_DIR: {e}")))?;
                Way::File(AsyncFileTransport::new(folder))
            }
            MailTransport::Smtp { url } => Way::Smtp(smtp_transport(url)?),
        };
        Ok(Self { way, from, circuit: Circuit::default(), timeout: TIMEOUT })
    }

    /// Hands an e-mail over. The message id is made of the reference, so that a repetition can be known as one.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(
        &self,
        reference: Id,
        to: &str,
        name: &str,
        mail: Mail,
        now: DateTime<Utc>,
    ) -> Result<(), SendError> {
        if let Way::Memory(sandbox) = &self.way {
            let (subject, html) = (Some(mail.subject), Some(mail.html));
            let (message, to) = (name.to_owned(), to.to_owned());
            let (text, unsubscribe) = (mail.text, mail.unsubscribe);
            sandbox.keep(SentMessage { reference, message, to, subject, text, html, unsubscribe, at: now });
            return Ok(());
        }
        let message = self.compose(reference, to, mail)?;
        let sending = async {
            match &self.way {
                Way::Smtp(transport) => transport.send(message).await.map(|_| ()).map_err(|e| smtp_error(&e)),
                Way::File(transport) => {
                    transport.send(message).await.map(|_| ()).map_err(|_| SendError::Provider("mail-file"))
                }
                Way::Memory(_) => Ok(()),
            }
        };
        tokio::time::timeout(self.timeout, sending)
            .await
            .unwrap_or(Err(SendError::Provider("mail-timed-out")))
    }

    fn compose(&self, reference: Id, to: &str, mail: Mail) -> Result<Message, SendError> {
        let to: Address = to.parse().map_err(|_| SendError::Unfit("mail-address"))?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{reference}@{}>", self.from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".into()));
        stopped_at(builder, mail.unsubscribe)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|_| SendError::Unfit("mail-form"))
    }

    /// What the sandbox holds, oldest first; nothing with another transport.
    pub fn sent(&self) -> Vec<SentMessage> {
        match &self.way {
            Way::Memory(sandbox) => sandbox.sent(),
            _ => Vec::new(),
        }
    }

    /// Empties the sandbox.
    pub fn clear(&self) {
        if let Way::Memory(sandbox) = &self.way {
            sandbox.clear();
        }
    }
}

/// Says how a mail program stops such e-mail by itself (RFC 2369, 3.2; RFC 8058, 3.1).
fn stopped_at(builder: MessageBuilder, address: Option<String>) -> MessageBuilder {
    let Some(address) = address else { return builder };
    let raw =
        |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    builder
        .raw_header(raw("List-Unsubscribe", format!("<{address}>")))
        .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()))
}

fn smtp_transport(url: &str) -> AppResult<AsyncSmtpTransport<Tokio1Executor>> {
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(|_| AppError::Unavailable("SMTP_URL cannot be used".into()))?;
    let connections = u32::try_from(CONNECTIONS).unwrap_or(8);
    let pool = PoolConfig::new().max_size(connections).idle_timeout(Duration::from_secs(60));
    Ok(builder.timeout(Some(Duration::from_secs(10))).pool_config(pool).build())
}

/// A permanent answer is about this message, unless it is about us: not signed in, not allowed to send (5.7 and 53x).
fn smtp_error(error: &smtp::Error) -> SendError {
    match error.status().map(|code| code.to_string()) {
        Some(code) if error.is_permanent() && !code.starts_with("53") && !code.starts_with("50") => {
            SendError::Refused("mail-refused")
        }
        // About the mailbox; all other answers that are not final are about the server (RFC 5321, 4.2.3).
        Some(code) if code == "450" => SendError::Later("mail-later"),
        Some(_) => SendError::Provider("mail-status"),
        None if error.is_timeout() => SendError::Provider("mail-timed-out"),
        None => SendError::Provider("mail-connection"),
    }
}
