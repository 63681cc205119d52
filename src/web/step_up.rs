//! For what a fresh second factor is asked, in words: by the address of the act.

use super::i18n::{Lang, t};

/// Beginnings and ends of addresses, and the text that names the act; the first that fits counts.
const ACTS: [(&str, &str, &str); 22] = [
    ("/desk/account/password", "", "stepup-for-password"),
    ("/desk/account/sessions/", "", "stepup-for-sessions"),
    ("/desk/certificates/", "revoke", "stepup-for-revoke"),
    ("/desk/records/new", "", "stepup-for-record"),
    ("/desk/records/", "decide", "stepup-for-record-decide"),
    ("/desk/records/", "end", "stepup-for-record-end"),
    ("/desk/record-ends/", "decide", "stepup-for-record-end-decide"),
    ("/desk/risks/", "decide", "stepup-for-risk-decide"),
    ("/desk/risks", "", "stepup-for-risk"),
    ("/desk/appeals/", "", "stepup-for-appeal"),
    ("/desk/declarations/new", "", "stepup-for-entry"),
    ("/desk/declarations/", "", "stepup-for-declaration"),
    ("/desk/applications/", "", "stepup-for-application"),
    ("/desk/claims/", "", "stepup-for-claim"),
    ("/desk/agents/", "", "stepup-for-agent"),
    ("/desk/holds/", "confirm", "stepup-for-hold-confirm"),
    ("/desk/holds/", "end", "stepup-for-hold-end"),
    ("/desk/holds", "", "stepup-for-hold"),
    ("/desk/exchange/", "", "stepup-for-exchange"),
    ("/audit/export.csv", "", "stepup-for-export"),
    ("/admin/officials", "", "stepup-for-official"),
    ("/admin/offices", "", "stepup-for-office"),
];

/// What is done at an address, for the page that asks first; `None` where nobody has named it.
pub fn what(lang: Lang, address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let fits = |(begin, end, _): &&(&str, &str, &str)| path.starts_with(begin) && path.ends_with(end);
    ACTS.iter().find(fits).map(|(_, _, key)| t(lang, key, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_that_asks_says_for_what() {
        for row in crate::router::routes().table().iter().filter(|row| row.fresh.is_some()) {
            let page = !row.path.starts_with("/api/");
            assert!(!page || what(Lang::ZhCn, row.path).is_some(), "{} {}", row.method, row.path);
        }
    }

    #[test]
    fn an_act_is_named_by_its_address() {
        let what = |path| what(Lang::ZhCn, path).unwrap_or_default();
        assert_eq!(what("/desk/records/0190e4c1/decide?x=1"), "复核关于健康码的认定");
        assert_eq!(what("/desk/records/new"), "录入关于健康码的认定");
        assert_eq!(what("/desk/risks"), "提出风险等级的改动");
        assert_eq!(what("/desk/declarations/new"), "录入纸质的健康申报");
        assert_eq!(what("/desk/declarations/SB200312-7K3M9QX2"), "办理申报");
        assert_eq!(what("/desk/codes"), "");
    }
}
