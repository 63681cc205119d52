//! Filtering by place.

use crate::access;
use crate::identity::{Division, DivisionCode, divisions};
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;

/// The divisions one level below a jurisdiction, to choose from.
pub fn below(who: &OfficialPrincipal, lang: Lang) -> Vec<Choice> {
    let Ok(code) = DivisionCode::parse(&who.division) else { return Vec::new() };
    let name = |d: &Division| if lang == Lang::En { d.name_en } else { d.name }.to_owned();
    divisions().children(code).into_iter().map(|d| Choice::new(d.code.to_string(), name(d))).collect()
}

/// The pattern of a jurisdiction, or of a division that was chosen inside of it.
pub fn within_reach(who: &OfficialPrincipal, chosen: Option<&str>) -> String {
    chosen.filter(|division| who.covers(division)).map_or_else(|| who.pattern(), access::pattern)
}
