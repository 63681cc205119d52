//! Comments on a case: between the officials of its offices, or to the person, on whose page they stand and who is told.
//!
//! A comment decides nothing: the case stays where it is and its version does not move, so that nobody's decision or
//! correction is overtaken by one. Who has found the case for whoever asks makes the [`Commented`] of it.

use super::step::At;
use super::store::{self, Comment};
use crate::audit;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Reading, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::notify::{self, Message, Recipient};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::principal::{OfficialPrincipal, UNIDENTIFIED};
use crate::web::view::Choice;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

/// For whom a comment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Officials of the case's offices.
    Internal,
    /// The person, too.
    Person,
}

impl Audience {
    /// The stored code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Person => "person",
        }
    }
}

/// A comment that is to be written.
#[derive(Debug, Clone)]
pub struct NewComment {
    audience: Audience,
    text: String,
}

impl NewComment {
    /// Reads the form. Nothing is chosen beforehand: what is meant for a colleague must not reach the person by oversight.
    ///
    /// # Errors
    /// What is to be put right.
    pub fn read(form: &Form) -> Result<Self, Vec<FieldError>> {
        let mut reading = Reading::of(form);
        let audience = match reading.chosen("audience", &["internal", "person"]) {
            "person" => Audience::Person,
            _ => Audience::Internal,
        };
        let text = reading.needed("comment");
        reading.done(Self { audience, text })
    }
}

/// A comment as a program sends it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// `internal`: for officials of the case's offices; `person`: to the person, too, who is told.
    #[schema(max_length = 10)]
    pub audience: String,
    /// What is said, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub text: String,
}

impl CommentInput {
    /// As the form is read.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with what is to be put right.
    pub fn read(&self) -> AppResult<NewComment> {
        let pairs = [("audience", &self.audience), ("comment", &self.text)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.clone()));
        NewComment::read(&Form::from_pairs(pairs.to_vec())).map_err(|errors| {
            AppError::Invalid(errors.into_iter().map(|e| e.renamed("comment", "text")).collect())
        })
    }
}

/// A comment for programs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommentBody {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// `internal` or `person`.
    pub audience: String,
    /// The office for which it was written.
    pub office: String,
    /// The official who wrote it; left out for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What is said.
    pub text: String,
}

/// The comments of a case for programs, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommentsBody {
    /// Number of the case.
    pub number: String,
    /// The comments.
    pub comments: Vec<CommentBody>,
}

/// A case that an official may comment on.
pub struct Commented {
    /// How it stands.
    pub at: At,
    /// Its number.
    pub number: String,
    /// Whether it is the official's own: then what colleagues write to each other about it is not for them.
    pub own: bool,
    /// How its person is reached.
    pub to: Recipient,
    /// The person's page of it, as a path.
    pub page: String,
}

/// Whether a case is an official's own, as comments ask it: of whom nobody has written down who they are could be its person,
/// so what colleagues write to each other is not for them.
///
/// # Errors
/// Every other error.
pub fn unless_own(own: AppResult<bool>) -> AppResult<bool> {
    match own {
        Err(AppError::Conflict(code)) if code == UNIDENTIFIED => Ok(true),
        own => own,
    }
}

/// Writes a comment, once; the person is told of one that is for them.
///
/// # Errors
/// Those of `find`; [`AppError::Conflict`] `refused-self-decision` in the official's own case.
pub async fn comment(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    (new, sent): (NewComment, &Sent),
    find: impl FnOnce(&mut Tx<'_>) -> AppResult<Commented> + Send + 'static,
) -> AppResult<()> {
    let (parts, who, now) = (deps.clone(), by.clone(), ctx.now);
    let work = move |tx: &mut Tx<'_>| {
        let case = find(tx)?;
        if case.own {
            return Err(AppError::conflict("refused-self-decision"));
        }
        let id = store::add(tx, &parts.keys, &case.at, &who, (new.audience, &new.text), now)?;
        let detail = json!({"number": case.number, "audience": new.audience.code()});
        audit::append(tx, now, case.at.entry(&who, "case.comment").detail(detail))?;
        if new.audience == Audience::Internal {
            return Ok(());
        }
        let url = format!("{}{}", parts.config.public_url, case.page);
        let params = json!({
            "number": case.number, "text": new.text, "url": url, "office": who.office_name(false),
            "office_en": who.office_name(true), "phone": who.office_phone,
        });
        let message = Message::new("case-comment", params).once(format!("case-comment:{id}"));
        notify::send(tx, &parts.keys, &case.to, &message, now)
    };
    Act::of(deps, ctx, by, "case.comment").once(sent, work).await
}

/// What an official may read of the comments on a case.
const fn for_official(own: bool) -> &'static [Audience] {
    if own { &[Audience::Person] } else { &[Audience::Internal, Audience::Person] }
}

/// A comment as a page shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShownComment)]
pub struct CommentView {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The office; for officials also who wrote it.
    pub who: String,
    /// What is said.
    pub text: String,
    /// For whom it is, in words; for officials only.
    pub audience: Option<String>,
    /// Whether it is for officials only.
    pub internal: bool,
}

/// The comments as an official's page shows them, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShownComments)]
pub struct CommentsView {
    /// The comments.
    pub list: Vec<CommentView>,
    /// To whom one can be written; to nobody in the official's own case.
    pub choices: Vec<Choice>,
}

/// The comments as an official's page shows them; in the official's own case only what the person reads, and nothing to
/// write.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn comments_at_desk(
    conn: &mut Conn,
    keys: &Keyring,
    (case, own): (Id, bool),
    lang: Lang,
) -> AppResult<CommentsView> {
    let list = store::comments(conn, keys, case, for_official(own))?;
    let codes: &[&str] = if own { &[] } else { &["internal", "person"] };
    let choice = |code: &&str| {
        let mut choice = Choice::text(lang, code, &format!("comment-to-{code}"));
        choice.hint = t(lang, &format!("comment-to-{code}-hint"), &[]);
        choice
    };
    Ok(CommentsView {
        list: list.into_iter().map(|one| shown(one, lang, true)).collect(),
        choices: codes.iter().map(choice).collect(),
    })
}

/// The comments as the person's page shows them: without what is for colleagues, and without names.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn comments_to_person(
    conn: &mut Conn,
    keys: &Keyring,
    case: Id,
    lang: Lang,
) -> AppResult<Vec<CommentView>> {
    let list = store::comments(conn, keys, case, &[Audience::Person])?;
    Ok(list.into_iter().map(|one| shown(one, lang, false)).collect())
}

fn shown(one: Comment, lang: Lang, names: bool) -> CommentView {
    let (zh, en) = one.office;
    let office = if lang == Lang::En { en } else { zh };
    CommentView {
        at: one.at,
        who: if names { format!("{office} {}", one.official) } else { office },
        audience: names.then(|| t(lang, &format!("comment-to-{}", one.audience), &[])),
        internal: one.audience == "internal",
        text: one.text,
    }
}

/// The comments for an official's program; the look is in the record.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn comments_for_official(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    case: &Commented,
    by: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<CommentsBody> {
    let list = store::comments(tx.conn(), keys, case.at.id, for_official(case.own))?;
    audit::append(tx, now, case.at.entry(by, "case.comments"))?;
    let comments = list.into_iter().map(|one| body(one, true)).collect();
    Ok(CommentsBody { number: case.number.clone(), comments })
}

/// The comments to the person, for their program and the copy of their data.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn comments_copied(conn: &mut Conn, keys: &Keyring, case: Id) -> AppResult<Vec<CommentBody>> {
    let list = store::comments(conn, keys, case, &[Audience::Person])?;
    Ok(list.into_iter().map(|one| body(one, false)).collect())
}

fn body(one: Comment, names: bool) -> CommentBody {
    let by = names.then_some(one.official);
    CommentBody { at: one.at, audience: one.audience, office: one.office.0, by, text: one.text }
}
