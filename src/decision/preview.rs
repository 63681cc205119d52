//! What people will read of a decision, shown before it is made.

use crate::db::Tx;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::notify::{self, Lane, Told};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::t;
use serde::Serialize;
use std::sync::mpsc;
use utoipa::ToSchema;

/// The end of a rehearsal.
const REHEARSED: &str = "rehearsed";

/// What stands for what is drawn only when it is done.
const OPEN: &str = "……";

/// What people would be told, as pages show it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Foreseen {
    /// A message each.
    pub messages: Vec<Letter>,
    /// Whether a number stands open in one of them.
    pub open: bool,
}

/// A message that would leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ForeseenLetter)]
pub struct Letter {
    /// The language it is in, by its tag.
    pub lang: &'static str,
    /// The ways by which it goes, in the words of the page's language.
    pub ways: String,
    /// The SMS; nothing where none goes.
    pub sms: Option<String>,
    /// Subject of e-mail and inbox, and the text; nothing where neither gets it.
    pub letter: Option<(String, String)>,
}

/// Whether a form asks to see beforehand what people will read.
pub fn previews(form: &Form) -> bool {
    form.has("preview")
}

/// Does `work`, listens to what it tells, and takes it back.
pub(super) async fn rehearsed(
    deps: &App,
    work: impl FnOnce(&mut Tx<'_>) -> AppResult<Vec<String>> + Send + 'static,
) -> AppResult<(Vec<Told>, Vec<String>)> {
    let (say, said) = mpsc::channel();
    let done = deps
        .store
        .write(move |tx| {
            tx.rehearse();
            let drawn = work(tx)?;
            say.send((tx.overheard(), drawn)).map_err(AppError::internal)?;
            Err::<(), _>(AppError::conflict(REHEARSED))
        })
        .await;
    match done {
        Err(AppError::Conflict(code)) if code == REHEARSED => said.try_recv().map_err(AppError::internal),
        Err(e) => Err(e),
        Ok(()) => Err(AppError::internal("a rehearsal was kept")),
    }
}

impl Foreseen {
    /// The texts of what would be told, with what is drawn later left open.
    pub(super) fn of(deps: &App, ctx: &Ctx, told: &[Told], drawn: &[String]) -> AppResult<Self> {
        let mut foreseen = Self::default();
        for one in told {
            let mut letter = letter(deps, ctx, one)?;
            let texts = letter.sms.iter_mut().chain(letter.letter.iter_mut().flat_map(|(s, t)| [s, t]));
            for text in texts {
                for number in drawn.iter().filter(|n| !n.is_empty()) {
                    foreseen.open |= text.contains(number.as_str());
                    *text = text.replace(number.as_str(), OPEN);
                }
            }
            // Two who read the same in the same language are shown once.
            if !letter.ways.is_empty() && !foreseen.messages.contains(&letter) {
                foreseen.messages.push(letter);
            }
        }
        Ok(foreseen)
    }
}

fn letter(deps: &App, ctx: &Ctx, told: &Told) -> AppResult<Letter> {
    let Told { to, message } = told;
    let text = notify::preview(deps, to.lang, message.name, &message.params, ctx.now)?;
    let inbox = to.account.is_some() && message.lane != Lane::Urgent;
    let (by_sms, by_mail) = (to.phone.is_some() && !text.sms.is_empty(), to.email.is_some());
    let ways = [(by_sms, "preview-by-sms"), (by_mail, "preview-by-mail"), (inbox, "preview-by-inbox")];
    let ways: Vec<String> =
        ways.iter().filter(|(goes, _)| *goes).map(|(_, key)| t(ctx.lang, key, &[])).collect();
    Ok(Letter {
        lang: to.lang.tag(),
        ways: ways.join(&t(ctx.lang, "list-comma", &[])),
        sms: by_sms.then_some(text.sms),
        letter: (by_mail || inbox).then_some((text.subject, text.text)),
    })
}
