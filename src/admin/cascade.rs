//! Choosing a division of any level below the administrator's own: a jurisdiction may be a whole prefecture.

use crate::identity::{DivisionCode, divisions};
use crate::web::division::Level;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::view::{Choice, FormView};

const LABELS: [&str; 3] = ["admin-level-1", "admin-level-2", "admin-level-3"];

/// The selects of the component `f.division`, as far as the form has been filled.
pub(super) fn levels(lang: Lang, view: &FormView, field: &str, own: &str) -> Vec<Level> {
    let mut parent = DivisionCode::parse(own).ok();
    LABELS
        .iter()
        .enumerate()
        .map(|(index, key)| {
            let below = parent.map(|p| divisions().children(p)).unwrap_or_default();
            let typed = view.get(&format!("{field}-{}", index + 1));
            parent = below.iter().map(|d| d.code).find(|c| c.to_string() == typed);
            let choices: Vec<Choice> = below
                .iter()
                .map(|d| Choice::new(d.code.to_string(), if lang == Lang::En { d.name_en } else { d.name }))
                .collect();
            let value = parent.map(|p| p.to_string()).unwrap_or_default();
            Level { label: t(lang, key, &[]), value, choices }
        })
        .collect()
}

/// The deepest division chosen whose parents were chosen too; the administrator's own when nothing was chosen.
pub(super) fn chosen(form: &Form, field: &str, own: &str) -> Option<DivisionCode> {
    let mut found = DivisionCode::parse(own).ok()?;
    for index in 1..=LABELS.len() {
        let typed = form.get(&format!("{field}-{index}"));
        match divisions().children(found).iter().find(|d| d.code.to_string() == typed) {
            Some(next) => found = next.code,
            None => break,
        }
    }
    Some(found)
}

/// Fills the selects with a code and everything between it and the administrator's own division.
pub(super) fn fill(mut view: FormView, field: &str, code: &str, own: &str) -> FormView {
    let mut path = Vec::new();
    let mut at = DivisionCode::parse(code).ok().filter(|c| c.to_string() != own);
    while let Some(code) = at {
        path.push(code);
        let parent = divisions().get(code).and_then(|d| d.parent);
        at = parent.filter(|p| p.to_string() != own);
    }
    for (index, code) in path.into_iter().rev().enumerate() {
        view = view.with(&format!("{field}-{}", index + 1), code.to_string());
    }
    view
}
