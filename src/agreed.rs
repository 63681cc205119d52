//! The texts under which people give their data, by version, and what a consent is: what was acknowledged or agreed to is
//! recorded with the version that was shown (audit entries `account.notice`, `declaration.submit`, `declaration.correct`). A
//! changed text is a new version; a test holds each version to its words. What was given can be taken back ([`Given`]).

use crate::db::Id;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What is agreed to. The code is the suffix of the catalogue keys `consent-<code>…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The answers of a declaration are handled for the prevention of the epidemic and a certificate.
    Declaration,
    /// What is on the certificate may be sent to the province of the destination, once that is possible.
    Share,
    /// A certificate exists, and whoever it is shown to can check it.
    Certificate,
    /// Messages by e-mail.
    Email,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Declaration, Self::Share, Self::Certificate, Self::Email];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Share => "share",
            Self::Certificate => "certificate",
            Self::Email => "email",
        }
    }

    /// The kind of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What the record calls its object.
    #[must_use]
    pub fn object(self) -> &'static str {
        match self {
            Self::Declaration | Self::Share => "declaration",
            Self::Certificate => "certificate",
            Self::Email => "account",
        }
    }
}

/// A consent that was given.
#[derive(Debug, Clone, Serialize)]
pub struct Given {
    /// To what.
    pub kind: Kind,
    /// The declaration, certificate or account.
    pub id: Id,
    /// Number of the declaration or certificate.
    pub number: Option<String>,
    /// When; unknown for what is older than this note.
    pub at: Option<DateTime<Utc>>,
    /// Version of the text that was shown; empty where it was not noted.
    pub text: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Whether what it was given for is decided already: the effect of a withdrawal differs.
    pub decided: bool,
    /// Whether a certificate rests on it that still counts, and ends with the consent.
    pub certified: bool,
}

impl Given {
    /// Its name in addresses: `<kind>-<identifier>`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.code(), self.id)
    }

    /// What a withdrawal does, as the suffix of the texts that tell of it: nothing for the plain effect of the kind.
    pub fn effect(&self) -> &'static str {
        match (self.decided, self.certified) {
            (false, _) => "",
            (true, true) => "-decided",
            (true, false) => "-kept",
        }
    }
}

/// The privacy notice at the first sign-in (PIPL art. 17).
pub const NOTICE: &str = "notice-2";
/// What a declaration says about its use, the certificate, truth and the destination province (PIPL art. 14, 23, 29).
pub const DECLARATION: &str = "declaration-3";
/// What somebody agrees to who lets another act for them, and what a guardian declares (PIPL art. 14, 29, 31).
pub const PROXY: &str = "proxy-2";

/// The texts of each version, as keys of the catalogue.
pub const TEXTS: &[(&str, &[&str])] = &[
    (NOTICE, &["notice-lead", "notice-what", "notice-why", "notice-who", "notice-keep", "notice-rights"]),
    (
        DECLARATION,
        &["declare-use", "declare-share", "declare-share-hint", "declare-truth", "declare-truth-hint"],
    ),
    (PROXY, &["proxy-may", "proxy-may-not", "proxy-told", "proxy-ends", "proxy-guardian"]),
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
        let known = [
            ("notice-2", "2a61017356e9c660"),
            ("declaration-3", "401b93ee3f870228"),
            ("proxy-2", "1488f3a097e5663e"),
        ];
        assert_eq!(found, known.map(|(v, d)| (v, d.to_owned())));
    }
}
