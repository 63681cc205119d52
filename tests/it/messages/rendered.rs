//! Every message in both languages and by every way.

use crate::harness::App;
use fugong::app::Deps;
use fugong::notify;
use fugong::web::i18n::Lang;
use serde_json::{Value, json};

/// Every message there is, in both languages, with a rare name wherever a text is asked for: a template that cannot
/// be rendered would only be noticed when a person waits for it.
#[actix_web::test]
async fn every_message_can_be_rendered_in_both_languages() {
    let app = App::sqlite().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/mail");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !path.is_dir() || name == "footer" {
            continue;
        }
        let files: Vec<String> = std::fs::read_dir(&path)
            .unwrap()
            .map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap())
            .collect();
        let params = parameters(&files.concat());
        for lang in Lang::ALL {
            for file in
                ["subject.txt", "body.txt", "body.html", "sms.txt"].iter().filter(|f| path.join(f).exists())
            {
                let mut data = params.clone();
                if name == "code-changed" {
                    let both = json!({"zh": "理由", "en": "reason"});
                    data = json!({"old": "green", "new": "red", "reason": both, "authority": both, "phone": "12345",
                        "until": "2020-03-12T02:32:00Z", "papers": 1, "test": true,
                        "declare_until": "2020-03-12T02:32:00Z", "url": "https://x"});
                }
                if name == "consent-withdrawn" {
                    data["what"] = json!("share");
                }
                if let Some(because) = data.get_mut("because") {
                    let both = json!({"zh": "理由", "en": "reason"});
                    *because = json!([{"reason": both, "authority": both, "phone": "12345", "until": "2020-03-12T02:32:00Z"}]);
                }
                data["portal"] = json!({"name": "四川省", "short": "四川", "url": "https://x", "hotline": "12345", "organiser": "x"});
                data["province"] = json!("四川");
                data["now"] = json!("2020-03-12T02:32:00Z");
                let text = app.deps.views.render_bare(&format!("mail/{name}/{file}"), lang, &data);
                let text = text
                    .unwrap_or_else(|e| panic!("{name}/{file}: {e}: {:?}", std::error::Error::source(&e)));
                assert!(!text.contains("mail-"), "{name}/{file}: a text is missing in {text}");
                assert!(!text.trim().is_empty(), "{name}/{file} is empty");
                if *file == "sms.txt" {
                    is_short(&app.deps, lang, &name, data);
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 8, "only {checked} were rendered");
    app.stop().await;
}

/// A Chinese SMS is one part (70 characters with the signature), an English one at most three, with numbers as long as
/// they come: many people pay for each part, and old phones show the parts apart.
fn is_short(deps: &Deps, lang: Lang, name: &str, mut data: Value) {
    for (field, value) in [
        ("number", "FG200312-7K3M9QX2"),
        ("permit", "XK200312-7K3M9QX2"),
        ("phone", "0825-5333333"),
        ("code", "482913"),
        ("business", "遂宁市船山区永兴镇王记麻辣烫店"),
        ("reason", "differs"),
    ] {
        if data[field].is_string() {
            data[field] = json!(value);
        }
    }
    let text = deps.views.render_bare(&format!("mail/{name}/sms.txt"), lang, &data).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sms = if text.starts_with('【') { text } else { format!("【四川复工通】{text}") };
    let most = if lang == Lang::ZhCn { 1 } else { 3 };
    assert!(notify::sms_parts(&sms) <= most, "{name}: {} characters: {sms}", sms.chars().count());
}

/// A value for each variable that templates print or pass on: a list where one is walked through, a number where
/// one is compared, a moment where one is formatted, else a name that is hard to print.
fn parameters(text: &str) -> Value {
    let mut params = serde_json::Map::new();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for inside in text
        .split("{{")
        .skip(1)
        .map(|t| t.split("}}").next().unwrap())
        .chain(text.split("{%").skip(1).map(|t| t.split("%}").next().unwrap()))
    {
        let plain = inside.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        for word in plain
            .split(|c: char| !name(c) && c != '.')
            .filter(|w| w.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            let word = word.split('.').next().unwrap();
            let moment = ["datetime", "date", "when", "until", "time", "deadline", "limit"]
                .iter()
                .any(|f| plain.contains(&format!("| {f}")));
            let number = ["count", "days", "minutes", "score"].contains(&word);
            let list = text.contains(&format!("in {word}"));
            let value = match (list, number, moment) {
                (true, ..) => json!(["𠮷", "阿依古丽·买买提江"]),
                (_, true, _) => json!(3),
                (.., true) => json!("2020-03-12T02:32:00Z"),
                _ => json!("𠮷㛃·买买提江"),
            };
            params.entry(word).or_insert(value);
        }
    }
    Value::Object(params)
}
