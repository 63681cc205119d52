//! The colour of the person whom a declaration is about, as staff see it on the case: with every cause, and whether a
//! certificate can be issued beside it.

use crate::colour::Colours;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::policy::{CertificateEffect, Evaluation, Words};
use crate::web::format;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// The present colour for programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ColourBody {
    /// `green`, `yellow`, `red` or `unknown`.
    pub colour: &'static str,
    /// Every cause, the worst first.
    pub causes: Vec<CauseBody>,
    /// Whether it rests on statements that newer answers, not accepted yet, would replace: the colour without them.
    pub colour_when_accepted: Option<&'static str>,
    /// Whether policy lets a certificate be issued while these causes hold.
    pub certificate_possible: bool,
}

/// A cause of the colour.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CauseBody {
    /// Id of the rule; `/rules/<id>` explains it.
    pub rule: String,
    /// Its short name, in Chinese.
    pub title: String,
    /// Why, in Chinese.
    pub reason: String,
    /// When it ends, if that is known.
    pub until: Option<DateTime<Utc>>,
}

fn possible(colours: &Colours, found: &Evaluation, now: DateTime<Utc>) -> bool {
    colours.effect(found, now) == CertificateEffect::Keep
}

/// For programs.
///
/// # Errors
/// Database errors.
pub(super) fn body(
    conn: &mut Conn,
    colours: &Colours,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<ColourBody> {
    let found = colours.now(conn, person, now)?;
    let causes = found.causes.iter().map(|c| CauseBody {
        rule: c.rule.clone(),
        title: c.title.zh.clone(),
        reason: c.reason.zh.clone(),
        until: c.until,
    });
    Ok(ColourBody {
        colour: found.colour.code(),
        causes: causes.collect(),
        colour_when_accepted: found.held.map(|held| held.then.code()),
        certificate_possible: possible(colours, &found, now),
    })
}

/// For the case page.
///
/// # Errors
/// Database errors.
pub(super) fn view(
    conn: &mut Conn,
    colours: &Colours,
    person: Id,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let found = colours.now(conn, person, now)?;
    let say = |words: &Words| if lang == Lang::En { words.en.clone() } else { words.zh.clone() };
    let causes = found.causes.iter().map(|c| {
        let ends = c.until.map(|until| format::until(lang, until, true));
        json!({
            "title": say(&c.title), "reason": say(&c.reason), "authority": say(&c.authority.name),
            "phone": c.authority.phone, "rule": c.rule,
            "ends": ends.or_else(|| c.ends.as_ref().map(say)),
        })
    });
    Ok(json!({
        "state": found.colour.code(),
        "word": crate::codes::colour_word(lang, found.colour),
        "held": found.held.map(|h| json!({"then": h.then.code(), "word": crate::codes::colour_word(lang, h.then), "waits": h.waits})),
        "causes": causes.collect::<Vec<_>>(),
        "possible": possible(colours, &found, now),
    }))
}
