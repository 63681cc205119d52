//! Places that can be subscribed to: the province, its prefectures and its counties.

use crate::access;
use crate::deps::Deps;
use crate::identity::{Division, DivisionCode, divisions};
use crate::web::division::full_name;
use crate::web::i18n::{Lang, t};
use crate::web::view::Choice;

/// All of them, the counties under their prefectures.
pub(super) fn choices(deps: &Deps, lang: Lang) -> Vec<Choice> {
    let mut choices = vec![Choice::text(lang, "", "subscriptions-whole")];
    let Ok(province) = DivisionCode::parse(&deps.config.province) else { return choices };
    let name = |d: &Division| if lang == Lang::En { d.name_en } else { d.name };
    for prefecture in divisions().children(province) {
        choices.push(Choice::new(prefecture.code.to_string(), name(prefecture)));
        for county in
            divisions().children(prefecture.code).into_iter().filter(|d| d.code.to_string().len() == 6)
        {
            let label = format!("{} · {}", name(prefecture), name(county));
            choices.push(Choice::new(county.code.to_string(), label));
        }
    }
    choices
}

/// What was chosen, if it can be: empty for the whole province.
pub(super) fn chosen(deps: &Deps, typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() || typed == deps.config.province {
        return Some(String::new());
    }
    let code = DivisionCode::parse(typed).ok().filter(|code| divisions().get(*code).is_some())?;
    let inside = code.to_string().starts_with(access::prefix(&deps.config.province));
    (inside && code.to_string().len() == 6).then(|| code.to_string())
}

/// Its name.
pub(super) fn name(lang: Lang, division: &str) -> String {
    if division.is_empty() { t(lang, "subscriptions-whole", &[]) } else { full_name(lang, division) }
}

/// The places of subscriptions that news of a place concern: those around it; and, by the pattern, those inside of it.
pub(super) fn around(division: &str) -> (Vec<String>, String) {
    let mut around = vec![String::new()];
    if let Ok(code) = DivisionCode::parse(division) {
        around.extend(divisions().ancestors(code).iter().map(|d| d.code.to_string()));
        around.push(code.to_string());
    }
    (around, access::pattern(division))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_concern_the_places_around_and_inside() {
        let (around, inside) = around("511621");
        assert!(["", "511600", "511621"].iter().all(|place| around.iter().any(|a| a == place)), "{around:?}");
        assert!(!around.iter().any(|a| a == "511622"));
        assert_eq!(inside, "511621%");
        assert_eq!(super::around("511600").1, "5116%", "a county of a prefecture is told of the prefecture");
        assert_eq!(super::around("").1, "%", "everybody is told of what concerns the province");
    }
}
