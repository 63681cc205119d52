//! For what a fresh second factor is asked, in words: by the address of the act.

use super::i18n::{Lang, t};
use crate::deps::Deps;

/// An act: how its address begins and ends, and the text that names it.
pub type Act = (&'static str, &'static str, &'static str);

/// The acts of a portal; the first that fits an address counts.
#[derive(Debug, Default)]
pub struct Acts(pub Vec<Act>);

impl Acts {
    fn what(&self, lang: Lang, address: &str) -> Option<String> {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let fits = |(begin, end, _): &&Act| path.starts_with(begin) && path.ends_with(end);
        self.0.iter().find(fits).map(|(_, _, key)| t(lang, key, &[]))
    }
}

/// What is done at an address, for the page that asks first; `None` where nobody has named it.
pub fn what(deps: &Deps, lang: Lang, address: &str) -> Option<String> {
    deps.part::<Acts>().ok()?.what(lang, address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::SLICES;

    #[test]
    fn every_page_that_asks_says_for_what() {
        let acts = SLICES.acts();
        for row in SLICES.routes().table().iter().filter(|row| row.fresh.is_some()) {
            let page = !row.path.starts_with("/api/");
            assert!(!page || acts.what(Lang::ZhCn, row.path).is_some(), "{} {}", row.method, row.path);
        }
    }

    #[test]
    fn an_act_is_named_by_its_address() {
        let acts = SLICES.acts();
        let what = |path| acts.what(Lang::ZhCn, path).unwrap_or_default();
        assert_eq!(what("/desk/records/0190e4c1/decide?x=1"), "复核关于健康码的认定");
        assert_eq!(what("/desk/records/new"), "录入关于健康码的认定");
        assert_eq!(what("/desk/risks"), "提出风险等级的改动");
        assert_eq!(what("/desk/declarations/new"), "录入纸质的健康申报");
        assert_eq!(what("/desk/declarations/SB200312-7K3M9QX2"), "办理申报");
        assert_eq!(what("/desk/codes"), "");
    }
}
