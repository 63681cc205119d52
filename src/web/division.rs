//! Choosing a division by cascade: what the component `f.division` shows, what it sends, and the list that the
//! script asks for. Without a script the button `cascade=<name>` posts the form to be shown again one level deeper.

use super::ctx::Ctx;
use super::form::Form;
use super::i18n::{Lang, t};
use super::view::{Choice, FormView};
use crate::error::{AppResult, FieldError};
use crate::identity::{Division, DivisionCode, divisions};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Province, prefecture, county, town.
pub const DEPTH: usize = 4;

/// One select of the cascade.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Level {
    /// Its label.
    pub label: String,
    /// The chosen code; empty if none.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct Parent {
    parent: String,
}

/// `GET /divisions?parent=…`: what the script asks for.
pub(crate) async fn children(ctx: Ctx, query: web::Query<Parent>) -> AppResult<HttpResponse> {
    let parent = DivisionCode::parse(&query.parent).ok();
    let choices = parent.map(|p| choices(ctx.lang, divisions().children(p))).unwrap_or_default();
    // Divisions change once a year; the language is in the cookie, so only this browser may keep the list.
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, max-age=86400"))
        .json(json!({"choices": choices})))
}

fn choices(lang: Lang, list: Vec<&Division>) -> Vec<Choice> {
    list.into_iter().map(|d| Choice::new(d.code.to_string(), name(lang, d))).collect()
}

fn name(lang: Lang, division: &Division) -> String {
    let own = if lang == Lang::En { division.name_en } else { division.name };
    own.to_owned()
}

/// The selects of a field as far as the form has been filled, `depth` of them.
pub fn levels(lang: Lang, form: &FormView, field: &str, depth: usize) -> Vec<Level> {
    let labels = [
        t(lang, "division-province", &[]),
        t(lang, "division-prefecture", &[]),
        t(lang, "division-county", &[]),
        t(lang, "division-town", &[]),
    ];
    let mut offered: Vec<&Division> = divisions().provinces();
    let mut levels = Vec::new();
    for (index, label) in labels.into_iter().take(depth).enumerate() {
        let typed = form.get(&format!("{field}-{}", index + 1));
        let chosen = offered.iter().find(|d| d.code.to_string() == typed).map(|d| d.code);
        let value = chosen.map(|c| c.to_string()).unwrap_or_default();
        levels.push(Level { label, value, choices: choices(lang, std::mem::take(&mut offered)) });
        offered = chosen.map(|c| divisions().children(c)).unwrap_or_default();
    }
    levels
}

/// Fills the selects with a code and everything above it.
#[must_use]
pub fn fill(mut form: FormView, field: &str, code: DivisionCode) -> FormView {
    let mut path: Vec<DivisionCode> = vec![code];
    while let Some(parent) = path.last().and_then(|c| divisions().get(*c)).and_then(|d| d.parent) {
        path.push(parent);
    }
    for (index, code) in path.into_iter().rev().enumerate() {
        form = form.with(&format!("{field}-{}", index + 1), code.to_string());
    }
    form
}

/// The division that was chosen: the deepest one whose parents were chosen too, or the code in the field itself (JSON).
///
/// # Errors
/// `required` when nothing was chosen, `division-unknown`, `division-no-county` when a county is still to be chosen;
/// with `town` `division-incomplete` when a town is, where there are any.
pub fn parse(form: &Form, field: &str, town: bool) -> Result<DivisionCode, FieldError> {
    let fail = |code: &str| FieldError::new(field, code);
    let found = match form.text(field) {
        Some(code) => Some(DivisionCode::parse(code).map_err(|_| fail("division-unknown"))?),
        None => chosen(form, field),
    };
    let code = found.ok_or_else(|| fail("required"))?;
    if divisions().get(code).is_none() {
        return Err(fail("division-unknown"));
    }
    let (deep_enough, asked) = match town {
        true => (divisions().children(code).is_empty(), "division-incomplete"),
        false => (divisions().is_selectable(code), "division-no-county"),
    };
    if deep_enough { Ok(code) } else { Err(fail(asked)) }
}

fn chosen(form: &Form, field: &str) -> Option<DivisionCode> {
    let mut offered: Vec<&Division> = divisions().provinces();
    let mut found = None;
    for index in 1..=DEPTH {
        let name = format!("{field}-{index}");
        let typed = form.text(&name)?;
        // A select that was filled for another parent says nothing: without a script it is still on the page.
        let Some(next) = offered.iter().find(|d| d.code.to_string() == typed) else { return found };
        found = Some(next.code);
        offered = divisions().children(next.code);
        if !form.has(&format!("{field}-{}", index + 1))
            || form.text(&format!("{field}-{}", index + 1)).is_none()
        {
            return found;
        }
    }
    found
}

/// A division's full name, for people; the code itself if the register has lost it.
pub fn full_name(lang: Lang, code: &str) -> String {
    let parsed = DivisionCode::parse(code).ok();
    let found = parsed
        .and_then(|c| if lang == Lang::En { divisions().full_name_en(c) } else { divisions().full_name(c) });
    found.unwrap_or_else(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn the_deepest_choice_counts_and_stale_selects_do_not() {
        let county = form("d-1=510000&d-2=511600&d-3=511621");
        assert_eq!(parse(&county, "d", false).unwrap().to_string(), "511621");
        let stale = form("d-1=110000&d-2=511600&d-3=511621");
        assert_eq!(parse(&stale, "d", false).unwrap_err().code, "division-no-county");
        assert_eq!(parse(&form("d-1="), "d", false).unwrap_err().code, "required");
        assert_eq!(parse(&form("d-1=510000"), "d", false).unwrap_err().code, "division-no-county");
        assert_eq!(parse(&county, "d", true).unwrap_err().code, "division-incomplete", "it has towns");
        assert_eq!(parse(&form("d=511621"), "d", false).unwrap().to_string(), "511621");
        assert_eq!(parse(&form("d=999999"), "d", false).unwrap_err().code, "division-unknown");
    }

    #[test]
    fn a_filled_cascade_reads_back() {
        let code = DivisionCode::parse("511621").unwrap();
        let view = fill(FormView::new(), "d", code);
        let levels = levels(Lang::ZhCn, &view, "d", 4);
        let values: Vec<&str> = levels.iter().map(|l| l.value.as_str()).collect();
        assert_eq!(values, ["510000", "511600", "511621", ""]);
        assert!(!levels[3].choices.is_empty(), "Yuechi has towns");
    }
}
