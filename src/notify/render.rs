//! From a message's templates and parameters to the words that people read.

use super::Channel;
use crate::carrier::Mail;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::i18n::{self, Lang};
use crate::web::page;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A message in all its forms, for a preview before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// Subject of the e-mail.
    pub subject: String,
    /// Plain text of the e-mail, without the footer.
    pub text: String,
    /// HTML of the e-mail.
    pub html: String,
    /// The SMS with its signature; empty where the message has none.
    pub sms: String,
    /// How many parts the SMS is sent in.
    pub sms_parts: usize,
}

/// How many parts an SMS with Chinese characters takes: one up to 70 UTF-16 code units, else parts of 67 (the rest is
/// the header that joins them; 3GPP TS 23.040, 9.2.3.24.1). A character of two units is not cut in two.
pub fn sms_parts(text: &str) -> usize {
    if text.encode_utf16().count() <= 70 {
        return usize::from(!text.is_empty());
    }
    let (mut parts, mut used) = (1, 0);
    for units in text.chars().map(char::len_utf16) {
        if used + units > 67 {
            parts += 1;
            used = 0;
        }
        used += units;
    }
    parts
}

/// Renders a message in every form, as decision forms show it before it is sent.
///
/// # Errors
/// [`AppError::Internal`] when a template is missing or lacks a parameter.
pub fn preview(
    deps: &Deps,
    lang: Lang,
    message: &str,
    params: &Value,
    now: DateTime<Utc>,
) -> AppResult<Rendered> {
    let data = data(deps, lang, params, now);
    let sms = if deps.views.has(&path(message, "sms.txt")) {
        sms_text(deps, lang, message, &data)?
    } else {
        String::new()
    };
    Ok(Rendered {
        subject: subject(deps, lang, message, &data)?,
        text: text(deps, lang, message, "body.txt", &data)?,
        html: text(deps, lang, message, "body.html", &data)?,
        sms_parts: sms_parts(&sms),
        sms,
    })
}

/// Subject and text of a message as the portal's own inbox shows it.
///
/// # Errors
/// As [`preview`].
pub fn render_inbox(
    deps: &Deps,
    lang: Lang,
    message: &str,
    params: &Value,
    now: DateTime<Utc>,
) -> AppResult<(String, String)> {
    let data = data(deps, lang, params, now);
    Ok((subject(deps, lang, message, &data)?, text(deps, lang, message, "body.txt", &data)?))
}

/// Whether a message has what its channel needs.
pub(super) fn has(deps: &Deps, channel: Channel, message: &str) -> bool {
    let files: &[&str] = match channel {
        Channel::Sms => &["sms.txt"],
        Channel::Email => &["subject.txt", "body.txt", "body.html"],
    };
    files.iter().all(|file| deps.views.has(&path(message, file)))
}

pub(super) fn mail(
    deps: &Deps,
    lang: Lang,
    message: &str,
    params: &Value,
    now: DateTime<Utc>,
) -> AppResult<Mail> {
    let data = data(deps, lang, params, now);
    let footer = text(deps, lang, "footer", "body.txt", &data)?;
    Ok(Mail {
        subject: subject(deps, lang, message, &data)?,
        text: format!("{}\n\n-- \n{footer}\n", text(deps, lang, message, "body.txt", &data)?),
        html: text(deps, lang, message, "body.html", &data)?,
        unsubscribe: unsubscribe(deps, params),
    })
}

/// The parameter `unsubscribe` is a path of the portal; an empty one is none.
fn unsubscribe(deps: &Deps, params: &Value) -> Option<String> {
    let path = params.get("unsubscribe")?.as_str().filter(|path| path.starts_with('/'))?;
    Some(format!("{}{path}", deps.config.public_url))
}

pub(super) fn sms(
    deps: &Deps,
    lang: Lang,
    message: &str,
    params: &Value,
    now: DateTime<Utc>,
) -> AppResult<String> {
    sms_text(deps, lang, message, &data(deps, lang, params, now))
}

fn path(message: &str, file: &str) -> String {
    format!("mail/{message}/{file}")
}

/// The parameters with `portal {name, short, url, hotline, organiser}`, `province` (its short name) and `now` added.
fn data(deps: &Deps, lang: Lang, params: &Value, now: DateTime<Utc>) -> Value {
    let mut map = params.as_object().cloned().unwrap_or_else(Map::new);
    let province = page::province(deps, lang);
    let portal = json!({
        "name": province.name,
        "short": province.short.clone(),
        "url": deps.config.public_url,
        "hotline": province.hotline,
        "organiser": province.organiser,
    });
    // Not over a parameter of this name: a message may be about another province.
    map.entry("province").or_insert_with(|| json!(province.short));
    map.insert("portal".into(), portal);
    map.insert("now".into(), json!(now));
    Value::Object(map)
}

fn text(deps: &Deps, lang: Lang, message: &str, file: &str, data: &Value) -> AppResult<String> {
    let rendered = deps.views.render_bare(&path(message, file), lang, data);
    rendered.map(|t| t.trim().to_owned()).map_err(|e| {
        use std::error::Error;
        let cause = e.source().map(ToString::to_string).unwrap_or_default();
        AppError::internal(format!("{e}: {cause}"))
    })
}

/// A subject is one line, whatever its parameters hold.
fn subject(deps: &Deps, lang: Lang, message: &str, data: &Value) -> AppResult<String> {
    Ok(one_line(&text(deps, lang, message, "subject.txt", data)?))
}

/// An SMS is one line behind the sender's signature, which carriers demand in front.
fn sms_text(deps: &Deps, lang: Lang, message: &str, data: &Value) -> AppResult<String> {
    let body = one_line(&text(deps, lang, message, "sms.txt", data)?);
    if body.starts_with('【') {
        return Ok(body);
    }
    let short = page::province(deps, Lang::ZhCn).short;
    Ok(format!("{}{body}", i18n::t(Lang::ZhCn, "mail-signature", &[("province", short.into())])))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_follow_the_standard() {
        for (text, parts) in [
            (String::new(), 0),
            ("好".repeat(70), 1),
            ("好".repeat(71), 2),
            ("好".repeat(134), 2),
            ("好".repeat(135), 3),
            // 𠮷 has two units; the 67th place cannot hold one, so a part takes 33 of them.
            ("𠮷".repeat(35), 1),
            ("𠮷".repeat(36), 2),
            ("𠮷".repeat(66), 2),
            ("𠮷".repeat(67), 3),
            (format!("a{}", "𠮷".repeat(66)), 2),
        ] {
            assert_eq!(sms_parts(&text), parts, "{} characters", text.chars().count());
        }
        assert_eq!(sms_parts("【四川复工通】验证码 482913，5 分钟内有效。请勿告诉他人。"), 1);
    }

    proptest! {
        #[test]
        fn enough_parts_and_not_more_than_needed(text in "[a好𠮷]{0,400}") {
            let (units, parts) = (text.encode_utf16().count(), sms_parts(&text));
            if parts > 1 {
                prop_assert!(units > 70 && units <= parts * 67);
                prop_assert!(units > (parts - 1) * 66, "each part but the last is full");
            } else {
                prop_assert!(units <= 70);
            }
        }
    }
}
