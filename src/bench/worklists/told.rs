//! What is sealed to rows.

use super::lists::COUNTY;
use crate::identity::sample::{Sampler, id_number_nth};
use crate::identity::{DivisionCode, Sex};
use crate::policy::{Authority, Cause, Colour, Words};

/// The cause that appeals contest.
pub fn cause() -> Cause {
    let words = |zh: &str, en: &str| Words::new(zh, en);
    Cause {
        rule: "red.close-contact".into(),
        version: 2,
        title: words("密切接触者", "Close contact"),
        colour: Colour::Red,
        reason: words("你被认定为密切接触者。", "You were found to be a close contact."),
        duties: None,
        authority: Authority {
            name: words("岳池县疾控中心", "Yuechi CDC"), phone: "0826-5220000".into()
        },
        since: None,
        until: None,
        ends: None,
        evidence: None,
        by_test: false,
        about: String::new(),
        appealable: true,
        legal_basis: Vec::new(),
    }
}

/// Name and document of whoever claims, as they are sealed.
pub fn stated() -> (String, String) {
    let number = DivisionCode::parse(COUNTY).ok().and_then(|county| id_number_nth(county, 1));
    let name = Sampler::new(1).han_name(number.as_ref().map_or(Sex::Male, |number| number.sex()));
    (name.canonical(), format!("id_card:{}", number.as_ref().map_or("", |number| number.as_str())))
}
