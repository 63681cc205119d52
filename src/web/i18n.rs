//! Texts for people, in the page's language.
//!
//! Every text lives in a Fluent catalogue under `locales/<language>/<slice>.ftl`, embedded at compile time and
//! parsed once. Chinese is the language of the house: a text that is missing in English falls back to it, a text
//! that is missing altogether shows its key and is logged (a test keeps both from happening).

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize, Serializer};
use unic_langid::LanguageIdentifier;

use super::format;

/// A language that the portal speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    ZhCn,
    /// English.
    En,
}

impl Lang {
    /// All languages, the default first.
    pub const ALL: [Lang; 2] = [Lang::ZhCn, Lang::En];

    /// The BCP 47 tag, as in `<html lang>`, the cookie and the name of the catalogue's folder.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::ZhCn => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The other language, for the switch in the header.
    #[must_use]
    pub const fn other(self) -> Lang {
        match self {
            Lang::ZhCn => Lang::En,
            Lang::En => Lang::ZhCn,
        }
    }

    /// Reads one language tag by its primary subtag: `zh`, `zh-CN`, `zh-Hant-TW`, `en`, `en-GB`; `yue`, `cmn` and the
    /// other languages that are written in Chinese are read by whoever reads Chinese (BCP 47, ISO 639-3 macrolanguage zho).
    #[must_use]
    pub fn parse(tag: &str) -> Option<Lang> {
        const CHINESE: [&str; 9] = ["zh", "cmn", "yue", "wuu", "nan", "hak", "hsn", "gan", "lzh"];
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if CHINESE.iter().any(|code| primary.eq_ignore_ascii_case(code)) {
            Some(Lang::ZhCn)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Lang::En)
        } else {
            None
        }
    }

    /// The language of an `Accept-Language` header (RFC 9110, 12.5.4) that the portal speaks and that weighs most, of
    /// equal ones the first; `None` if there is none. `*` stands for each that is not named. A language with weight 0 is
    /// refused by the reader and never chosen; a weight that is none counts as 0.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Lang> {
        let ranges: Vec<(&str, f32)> = header.split(',').take(100).map(range).collect();
        let named = |lang| ranges.iter().any(|(tag, _)| Lang::parse(tag) == Some(lang));
        let any = Lang::ALL.into_iter().find(|lang| !named(*lang));
        let mut best: Option<(Lang, f32)> = None;
        for (tag, weight) in ranges.iter().copied() {
            let Some(lang) = (if tag == "*" { any } else { Lang::parse(tag) }) else { continue };
            if weight > 0.0 && best.is_none_or(|(_, w)| weight > w) {
                best = Some((lang, weight));
            }
        }
        best.map(|(lang, _)| lang)
    }

    /// The language of a request: what the person chose (cookie), else what the browser asks for, else Chinese.
    #[must_use]
    pub fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Lang {
        cookie
            .and_then(Lang::parse)
            .or_else(|| accept_language.and_then(Lang::from_accept_language))
            .unwrap_or_default()
    }
}

/// A language range and its weight, from 0 to 1.
fn range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight =
        parts.find_map(|p| p.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q")));
    let weight = weight.map_or(Some(1.0), |(_, q)| q.trim().parse::<f32>().ok());
    (tag, weight.filter(|w| (0.0..=1.0).contains(w)).unwrap_or(0.0))
}

impl Serialize for Lang {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tag = String::deserialize(deserializer)?;
        Lang::parse(&tag).ok_or_else(|| serde::de::Error::custom("not a language of the portal"))
    }
}

/// Value of a variable in a text. `"name".into()`, `3.into()`; numbers are grouped (5,600) and choose plurals,
/// so years and numbers of cases are passed as strings.
pub type Arg<'a> = FluentValue<'a>;

/// Why the catalogues could not be read; only a broken build can cause it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CatalogueError {
    /// A file is not UTF-8 or not valid Fluent.
    #[error("the catalogue {file} cannot be read: {reason}")]
    Syntax {
        /// Path below `locales/`.
        file: String,
        /// The parser's words.
        reason: String,
    },
    /// A key stands in two files of one language.
    #[error("the catalogue {file} repeats a key: {reason}")]
    Duplicate {
        /// Path below `locales/`.
        file: String,
        /// Which key.
        reason: String,
    },
}

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

struct Catalogues {
    zh_cn: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

static CATALOGUES: LazyLock<Result<Catalogues, CatalogueError>> =
    LazyLock::new(|| Ok(Catalogues { zh_cn: load(Lang::ZhCn)?, en: load(Lang::En)? }));

fn load(lang: Lang) -> Result<FluentBundle<FluentResource>, CatalogueError> {
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks would end up in SMS, CSV and copied text; names are set off by the layout instead.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(n) => Some(format::decimal(n.value)),
        _ => None,
    }));
    let folder = format!("{}/", lang.tag());
    for file in Files::iter().filter(|f| f.starts_with(&folder) && f.ends_with(".ftl")) {
        let syntax = |reason: String| CatalogueError::Syntax { file: file.to_string(), reason };
        let Some(embedded) = Files::get(&file) else { continue };
        let text = String::from_utf8(embedded.data.into_owned()).map_err(|e| syntax(e.to_string()))?;
        let resource = FluentResource::try_new(text).map_err(|(_, e)| syntax(format!("{e:?}")))?;
        bundle
            .add_resource(resource)
            .map_err(|e| CatalogueError::Duplicate { file: file.to_string(), reason: format!("{e:?}") })?;
    }
    Ok(bundle)
}

/// Reads the catalogues now, so that a broken one stops the start and not the first page.
///
/// # Errors
/// [`CatalogueError`] names the file.
pub fn check() -> Result<(), CatalogueError> {
    match &*CATALOGUES {
        Ok(_) => Ok(()),
        Err(e) => Err(e.clone()),
    }
}

fn lookup(lang: Lang, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let catalogues = CATALOGUES.as_ref().ok()?;
    let bundle = match lang {
        Lang::ZhCn => &catalogues.zh_cn,
        Lang::En => &catalogues.en,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors);
    if !errors.is_empty() {
        tracing::error!(key, lang = lang.tag(), "a text misses a variable");
    }
    Some(text.into_owned())
}

/// The text of a key with ready-made Fluent arguments; see [`t`].
#[must_use]
pub fn text(lang: Lang, key: &str, args: &FluentArgs<'_>) -> String {
    lookup(lang, key, args).or_else(|| lookup(Lang::default(), key, args)).unwrap_or_else(|| {
        tracing::error!(key, "a text is missing from every catalogue");
        key.to_owned()
    })
}

/// The text of a key in a language: `t(lang, "clock-left", &[("time", left.into())])`.
#[must_use]
pub fn t(lang: Lang, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
    text(lang, key, &args)
}

/// Whether the default language has the key; for keys that are put together at run time.
#[must_use]
pub fn has(key: &str) -> bool {
    CATALOGUES.as_ref().is_ok_and(|c| c.zh_cn.has_message(key))
}

/// Today's date in words for a page head: `3 月 12 日，星期四`.
#[must_use]
pub fn today(lang: Lang, now: DateTime<Utc>) -> String {
    let day = format::local(now).date();
    t(
        lang,
        "today-line",
        &[("date", format::date(lang, day, false).into()), ("weekday", format::weekday(lang, day).into())],
    )
}

#[cfg(test)]
#[path = "i18n_tests.rs"]
mod tests;
