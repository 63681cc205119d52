//! What pages of a code show, and what a program reads at the same addresses.

use super::model::{CardHolder, Told};
use super::plain::Fact;
use super::words::{colour_word, pick};
use crate::policy::{Cause, Colour, Evaluation, LegalBasis, UnknownReason};
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A reason of a colour, in the language of the page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeReason)]
pub struct ReasonView {
    /// Id of the rule; `/rules/<id>` explains it.
    pub rule: String,
    /// Its version.
    pub version: String,
    /// The colour that it makes.
    pub colour: &'static str,
    /// What it is, in a few words.
    pub title: String,
    /// In plain words.
    pub reason: String,
    /// What ends it.
    pub ends: Option<String>,
    /// What the person has to do while it lasts, and may do.
    pub duties: Option<String>,
    /// Who answers for it.
    pub authority: String,
    /// Telephone.
    pub phone: String,
    /// What it rests on.
    pub evidence: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// When it ends, if that is known.
    pub until: Option<DateTime<Utc>>,
    /// The law, a line each.
    pub legal: Vec<String>,
}

impl ReasonView {
    /// A cause in the page's language.
    #[must_use]
    pub fn of(lang: Lang, cause: &Cause) -> Self {
        let picked = |words| pick(words, lang).to_owned();
        Self {
            rule: cause.rule.clone(),
            version: cause.version.to_string(),
            colour: cause.colour.code(),
            title: picked(&cause.title),
            reason: picked(&cause.reason),
            ends: cause.ends.as_ref().map(picked),
            duties: cause.duties.as_ref().map(picked),
            authority: picked(&cause.authority.name),
            phone: cause.authority.phone.clone(),
            evidence: cause.evidence.as_ref().map(picked),
            since: cause.since,
            until: cause.until,
            legal: legal(lang, &cause.legal_basis),
        }
    }

    /// Causes in the page's language.
    pub(super) fn all<'a>(lang: Lang, causes: impl IntoIterator<Item = &'a Cause>) -> Vec<Self> {
        causes.into_iter().map(|cause| Self::of(lang, cause)).collect()
    }
}

/// What a rule rests on, a line each. Only a number is an article; other places in a text are named as they are.
pub(super) fn legal(lang: Lang, basis: &[LegalBasis]) -> Vec<String> {
    let line = |l: &LegalBasis| {
        let title = if lang == Lang::En { &l.en } else { &l.zh };
        let numbered = l.article.chars().all(|c| c.is_ascii_digit());
        let key = if numbered { "code-cause-law" } else { "code-cause-law-place" };
        t(lang, key, &[("title", title.as_str().into()), ("article", l.article.as_str().into())])
    };
    basis.iter().map(line).collect()
}

/// The colour of this moment with what it rests on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresentCode)]
pub struct PresentView {
    /// `green`, `yellow`, `red` or `unknown`.
    pub state: &'static str,
    /// The same as a word.
    pub word: String,
    /// What made it yellow or red.
    pub causes: Vec<ReasonView>,
}

impl PresentView {
    /// The colour of this moment, for whoever reviews it.
    #[must_use]
    pub fn of(lang: Lang, evaluation: &Evaluation) -> Self {
        Self {
            state: evaluation.colour.code(),
            word: colour_word(lang, evaluation.colour),
            causes: ReasonView::all(lang, &evaluation.causes),
        }
    }
}

/// What is told beside a code.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = CodeStory)]
pub(super) struct StoryView {
    /// `green`, `yellow`, `red` or `unknown`.
    pub state: &'static str,
    /// The reason that is told first.
    pub reason: String,
    /// Who answers for it.
    pub authority: Option<String>,
    /// Telephone.
    pub phone: String,
    /// Until when green holds unless something changes.
    pub valid_until: Option<DateTime<Utc>>,
    /// When the causes end by themselves, where that is known.
    pub clears_at: Option<DateTime<Utc>>,
    /// Whether a declaration is what is missing.
    pub declare: bool,
    /// Since when the colour has held.
    pub since: Option<DateTime<Utc>>,
    /// What makes it yellow or red.
    pub causes: Vec<ReasonView>,
    /// Whether a test of the person's own ends one of the causes.
    pub testable: bool,
    /// When the declaration ends that counts now.
    pub declared_until: Option<DateTime<Utc>>,
    /// Whether a new declaration is needed before the causes end, so that the colour is green then.
    pub declare_again: bool,
}

impl StoryView {
    /// Of a code.
    pub fn of(lang: Lang, told: &Told<'_>, now: DateTime<Utc>) -> Self {
        let main = told.main_cause();
        let reason = main.map(|c| &c.reason).or(told.unknown.map(|u| &u.text));
        let declare = told.unknown.is_some_and(|u| {
            matches!(u.reason, UnknownReason::NoDeclaration | UnknownReason::DeclarationExpired)
        });
        Self {
            state: told.colour.code(),
            reason: reason.map(|words| pick(words, lang).to_owned()).unwrap_or_default(),
            authority: main.map(|c| pick(&c.authority.name, lang).to_owned()),
            phone: main.map_or("12345", |c| c.authority.phone.as_str()).to_owned(),
            valid_until: told.valid_until,
            clears_at: told.clears_at,
            declare,
            since: Some(told.since.0),
            causes: ReasonView::all(lang, told.causes),
            testable: told.ends_by_test(),
            declared_until: told.declared_ahead(now),
            declare_again: told.declares_again(now),
        }
    }

    /// Where nothing can be said now, with why.
    pub fn unknown(reason: &str, declare: bool) -> Self {
        let state = Colour::Unknown.code();
        Self { state, reason: reason.to_owned(), declare, phone: "12345".to_owned(), ..Self::default() }
    }
}

/// What a gate looks at where there is no code to scan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeFallback)]
pub(super) struct FallbackView {
    /// What the number is.
    pub label: String,
    /// The last four characters of the document, or the hotline.
    pub number: String,
    /// What to do.
    pub note: String,
}

/// The card with the code, as it is held up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeCard)]
pub(super) struct CardView {
    /// `green`, `yellow`, `red` or `unknown`.
    pub state: &'static str,
    /// The same as a word.
    pub word: String,
    /// What that means, in a few words.
    pub sub: String,
    /// The moment of the answer.
    pub now: DateTime<Utc>,
    /// Masked name.
    pub name: String,
    /// Kind and masked number of the document.
    pub document: String,
    /// The QR code as SVG; its text is what `/api/v1/code` gives. Empty where there is none.
    pub qr: String,
    /// What a gate looks at instead of a code.
    pub fallback: Option<FallbackView>,
    /// The day until which the colour holds.
    pub until: Option<String>,
    /// What ends then.
    pub until_note: Option<String>,
    /// The time until which the QR code can be scanned.
    pub scan_until: Option<String>,
    /// Where a new one is shown.
    pub refresh: Option<&'static str>,
    /// Where the script of the page gets the card alone.
    pub json: Option<&'static str>,
    /// The entity tag of what is shown.
    pub tag: Option<String>,
    /// Seconds after which the next is to be asked for.
    pub renew: Option<i64>,
}

impl CardView {
    /// A card without a colour, for somebody of whom nothing can be said now.
    pub fn bare(lang: Lang, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            state: Colour::Unknown.code(),
            word: colour_word(lang, Colour::Unknown),
            sub: t(lang, "code-sub-unknown", &[]),
            now,
            name: name.to_owned(),
            document: String::new(),
            qr: String::new(),
            fallback: Some(FallbackView {
                label: t(lang, "code-fall-plain", &[]),
                number: "12345".to_owned(),
                note: t(lang, "code-fall-note", &[]),
            }),
            until: None,
            until_note: None,
            scan_until: None,
            refresh: None,
            json: None,
            tag: None,
            renew: None,
        }
    }
}

/// The last declaration, where the page speaks of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeDeclaration)]
pub(super) struct LastView {
    /// Its number.
    pub number: String,
    /// Whether it can be corrected.
    pub correctable: bool,
    /// When it was withdrawn.
    pub withdrawn: Option<DateTime<Utc>>,
}

/// Answers of the person that somebody has still to accept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeAwaitedDeclaration)]
pub(super) struct AwaitedView {
    /// Number of the declaration.
    pub number: String,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// The office that decides.
    pub office: String,
    /// Its telephone; may be empty.
    pub phone: String,
}

/// An appeal that is not decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeOpenAppeal)]
pub(super) struct OpenAppealView {
    /// Its number.
    pub number: String,
    /// By when it is decided.
    pub due: Option<DateTime<Utc>>,
    /// Whether that is over.
    pub late: bool,
}

/// What waits to be decided by somebody and bears on the colour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePending)]
pub(super) struct PendingView {
    /// Answers that are to be accepted.
    pub declaration: Option<AwaitedView>,
    /// The word of the colour without the statements that newer answers would replace.
    pub then: Option<String>,
    /// Whether there are such statements, and nobody is asked any more.
    pub gone: bool,
    /// Appeals.
    pub appeals: Vec<OpenAppealView>,
}

/// The page of the resident's own code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthCodePage)]
pub(super) struct CodePage {
    pub card: CardView,
    pub code: StoryView,
    pub last: Option<LastView>,
    pub pending: Option<PendingView>,
}

/// A fact as the rules read it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeRawFact)]
pub(super) struct RawFact {
    /// Where it stands.
    pub path: String,
    /// What it is.
    pub value: String,
}

/// A change of the colour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeChange)]
pub(super) struct ChangeView {
    /// From what to what, in words.
    pub title: String,
    /// When, in words.
    pub note: String,
}

/// The page that explains a colour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeWhyPage)]
pub(super) struct WhyPage {
    pub code: StoryView,
    /// The colour as a word.
    pub word: String,
    /// The facts that the rules read, in plain words.
    pub facts: Vec<Fact>,
    /// The same as the rules read them.
    pub raw: Vec<RawFact>,
    /// The rules that made the colour.
    pub causes: Vec<ReasonView>,
    /// What the causes are that were set aside.
    pub waived: Vec<String>,
    /// Changes of the colour, the newest first.
    pub changes: Vec<ChangeView>,
    /// Digest of all rules.
    pub digest: String,
    /// When the colour was worked out.
    pub evaluated_at: DateTime<Utc>,
}

/// Kind and masked number of the document.
pub fn document(lang: Lang, holder: &CardHolder) -> String {
    let kind = t(lang, &format!("code-doc-{}", holder.document_kind.as_str().replace('_', "-")), &[]);
    format!("{kind} {}", holder.document)
}

/// When a colour changed from what to what, in words.
pub(super) fn change(
    lang: Lang,
    (at, from, to): (DateTime<Utc>, &str, &str),
    now: DateTime<Utc>,
) -> ChangeView {
    let word = |colour: &str| t(lang, &format!("code-word-{colour}"), &[]);
    ChangeView {
        title: t(lang, "code-change", &[("old", word(from).into()), ("new", word(to).into())]),
        note: format::when(lang, at, now),
    }
}
