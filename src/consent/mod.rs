//! The texts under which people give their data, by version: what was acknowledged or agreed to is recorded with the
//! version that was shown (audit entries `account.notice`, `declaration.submit`, `declaration.correct`). A changed text
//! is a new version; a test holds each version to its words. What was given can be taken back at any time ([`Given`]):
//! PIPL art. 15, the withdrawal does not undo what was done before, and art. 16, nobody is refused anything else for it.

mod given;
mod pages;

pub use given::{Given, Kind, all, data};
pub use pages::views;

use crate::web::route::{Routes, Who};

/// The routes.
pub fn routes(r: &mut Routes) {
    r.get("/me/consents/{consent}", Who::Resident, pages::ask);
    r.post("/me/consents/{consent}", Who::Resident, pages::withdraw);
}

/// The privacy notice at the first sign-in (PIPL art. 17).
pub const NOTICE: &str = "notice-2";
/// What a declaration says about its use, the certificate, truth and the destination province (PIPL art. 14, 23, 29).
pub const DECLARATION: &str = "declaration-3";

/// The texts of each version, as keys of the catalogue.
pub const TEXTS: &[(&str, &[&str])] = &[
    (NOTICE, &["notice-lead", "notice-what", "notice-why", "notice-who", "notice-keep", "notice-rights"]),
    (
        DECLARATION,
        &["declare-use", "declare-share", "declare-share-hint", "declare-truth", "declare-truth-hint"],
    ),
];

#[cfg(test)]
mod tests {
    use super::TEXTS;
    use crate::web::i18n::{Arg, Lang, t};
    use sha2::{Digest, Sha256};

    /// The first 16 hexadecimal digits of the hash of a version's texts in both languages.
    fn digest(keys: &[&str]) -> String {
        let mut hash = Sha256::new();
        let args: [(&str, Arg<'_>); 2] = [("organiser", "省".into()), ("hotline", "12345".into())];
        for (lang, key) in Lang::ALL.iter().flat_map(|l| keys.iter().map(move |k| (*l, *k))) {
            hash.update(t(lang, key, &args));
            hash.update([0]);
        }
        hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// Has a text changed? Then give the version the next number, and write its new digest here.
    #[test]
    fn a_version_is_its_words() {
        let found: Vec<(&str, String)> = TEXTS.iter().map(|(v, keys)| (*v, digest(keys))).collect();
        let known = [("notice-2", "2a61017356e9c660"), ("declaration-3", "401b93ee3f870228")];
        assert_eq!(found, known.map(|(v, d)| (v, d.to_owned())));
    }
}
