//! The engine and the layouts: what is escaped, what is kept, what a page always has.

use serde_json::json;

use super::*;

/// A page of the reference deployment at the moment of the drawings.
pub(super) fn page(lang: Lang) -> PageContext {
    let province = match lang {
        Lang::ZhCn => ["四川省", "四川", "四川省应对疫情应急指挥部"],
        Lang::En => ["Sichuan Province", "Sichuan", "the Sichuan epidemic response headquarters"],
    };
    let now = chrono::DateTime::parse_from_rfc3339("2020-03-12T02:32:15Z").unwrap().to_utc();
    let province = Province {
        code: "510000".into(),
        name: province[0].into(),
        short: province[1].into(),
        hotline: "12345".into(),
        organiser: province[2].into(),
    };
    let mut page = PageContext::visitor(lang, province, "/declare/places", now);
    page.csrf = "token-of-the-session".into();
    page.once = "0190e4c1-0000-7000-8000-000000000001".into();
    page.nonce = "nonce-of-the-answer".into();
    page
}

/// The house's templates and one more page, `page.html`.
fn with_page(text: &str) -> Views {
    let mut templates: Vec<(String, String)> = Files::iter()
        .map(|path| {
            (path.to_string(), String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap())
        })
        .collect();
    templates.push(("page.html".into(), text.into()));
    templates.push(("mail.txt".into(), "{{ t(key=\"accessibility-tell-text\", hotline=name) }}".into()));
    Views::from_templates(templates).unwrap()
}

fn render(text: &str, data: &serde_json::Value) -> String {
    with_page(text).render("page.html", &page(Lang::ZhCn), data).unwrap()
}

#[test]
fn every_page_has_its_language_title_and_a_way_past_the_header() {
    let html = render(
        "{% extends \"layout.html\" %}{% block title %}标题{% endblock %}{% block content %}<h1>内容</h1>{% endblock %}",
        &json!({}),
    );
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"), "{html}");
    assert!(html.contains("<title>标题 - 复工通</title>"));
    assert!(
        html.contains("<a class=\"skip\" href=\"#main\">")
            && html.contains("<main id=\"main\" tabindex=\"-1\">")
    );
    assert!(html.contains("nonce=\"nonce-of-the-answer\" defer></script>"));
    assert!(html.contains("name=\"_csrf\" value=\"token-of-the-session\""));
    assert!(!html.contains(" style=") && !html.contains(" onclick="));
}

#[test]
fn values_are_escaped_and_markup_of_texts_is_not() {
    let name = "<script>alert('x')</script>";
    let html = render(
        "{{ t(key=\"accessibility-tell-text\", hotline=name) }}|{{ th(key=\"accessibility-tell-text\", hotline=name) }}",
        &json!({"name": name}),
    );
    let (plain, marked) = html.split_once('|').unwrap();
    assert!(plain.contains("&lt;p&gt;") && !plain.contains('<'));
    assert!(marked.contains(">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</a>"), "{marked}");
}

#[test]
fn masked_numbers_stay_on_one_line_on_a_page_only() {
    let shown = json!({"name": "136 **** 8841，1101 **** **** 002X"});
    assert_eq!(render("{{ name }}", &shown), "136\u{a0}****\u{a0}8841，1101\u{a0}****\u{a0}****\u{a0}002X");
    let views = with_page("");
    let sms = views.render_bare("mail.txt", Lang::En, &shown).unwrap();
    assert!(sms.contains("136 **** 8841"), "{sms}");
}

#[test]
fn messages_escape_nothing() {
    let views = with_page("");
    let text = views.render_bare("mail.txt", Lang::ZhCn, &json!({"name": "A&B"})).unwrap();
    assert!(text.starts_with("<p>打 <a href=\"tel:A&B\">A&B</a>"), "{text}");
}

#[test]
fn data_cannot_take_the_place_of_the_page() {
    let html = render("{{ page.csrf }}{{ lang }}", &json!({"page": {"csrf": "forged"}, "lang": "en"}));
    assert_eq!(html, "token-of-the-sessionzh-CN");
}

#[test]
fn an_error_marks_title_summary_and_field_and_keeps_the_answer() {
    let mut form = FormView::from_pairs([("place", "达州\"渠"), ("s", "2"), ("s", "none")]);
    form.fail("place", "“达州渠”对应不止一个地方");
    let html = render(
        "{% extends \"layout-step.html\" %}{% block title %}去过的地方{% endblock %}{% block content %}\
         {% <f.post action=\"/declare/places\"> %}{{ <f.text name=\"place\" label=\"到过哪里\" hint=\"县名\" /> }}\
         {{ <f.checks name=\"s\" legend=\"症状\" none_label=\"都没有\" choices={[{\"value\": \"1\", \"label\": \"发热\"}, {\"value\": \"2\", \"label\": \"咳嗽\"}]} /> }}\
         {% </f.post> %}{% endblock %}",
        &json!({"form": form}),
    );
    assert!(html.contains("<title>出错：去过的地方 - 复工通</title>"));
    assert!(html.contains("<a href=\"#place\">“达州渠”对应不止一个地方</a>"));
    assert!(html.contains("id=\"place\" name=\"place\" value=\"达州&quot;渠\""), "{html}");
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"place-h place-e\""));
    assert!(html.contains("value=\"2\" checked"), "{html}");
    assert!(html.contains("value=\"none\" data-none checked"));
    assert!(!html.contains("value=\"1\" checked"));
    let (summary, first_label) = (html.find("class=\"errs\"").unwrap(), html.find("<label").unwrap());
    assert!(summary < first_label);
}

#[test]
fn every_error_page_shows_a_way_on_in_both_languages() {
    let views = Views::embedded().unwrap();
    for lang in Lang::ALL {
        for status in [400, 403, 404, 409, 413, 415, 418, 422, 429, 500, 502, 503, 200] {
            let html = views.render("error.html", &page(lang), &ErrorPage::new(status)).unwrap();
            assert!(html.contains("href=\"tel:12345\"") && html.contains("<a href=\"/\">"), "{status}");
            assert!(!html.contains(">error-"), "{status}: a text is missing");
        }
    }
    let refused = ErrorPage { refused: true, ..ErrorPage::new(409) };
    let html = views.render("error.html", &page(Lang::En), &refused).unwrap();
    assert!(html.contains("This cannot be done now") && !html.contains("Someone else was first"));
    let mut busy = ErrorPage::new(503);
    busy.retry_after = Some(120);
    let html = views.render("error.html", &page(Lang::En), &busy).unwrap();
    assert!(html.contains("You can try again in 2 minutes."));
}

#[test]
fn a_missing_variable_is_an_error_that_tells_no_data() {
    let views = with_page("{{ nothing }}");
    let error =
        views.render("page.html", &page(Lang::ZhCn), &json!({"secret": "51300119900101001X"})).unwrap_err();
    assert_eq!(error.to_string(), "the template page.html could not be rendered");
    assert!(!format!("{error:?}").contains("51300119900101001X"));
}

#[test]
fn filters_follow_the_language() {
    let text = "{{ at | datetime }}|{{ at | when }}|{{ day | date }}|{{ day | date(year=true) }}|{{ end | until }}|{{ end | deadline }}|{{ n | number }}|{{ 4980 | duration }}|{{ today() }}";
    let data =
        json!({"at": "2020-03-12T02:06:00Z", "day": "2019-12-31", "end": "2020-03-26T16:00:00Z", "n": 5600});
    assert_eq!(
        render(text, &data),
        "3 月 12 日 10:06|今天 10:06|2019 年 12 月 31 日|2019 年 12 月 31 日|3 月 26 日 24:00|3 月 26 日（星期四）24:00|5,600|1 小时 23 分钟|今天 3 月 12 日，星期四"
    );
    assert_eq!(
        with_page(text).render("page.html", &page(Lang::En), &data).unwrap(),
        "12 March, 10:06|today, 10:06|31 December 2019|31 December 2019|26 March, 24:00|Thursday 26 March, 24:00|5,600|1 hour 23 minutes|Today, Thursday, 12 March"
    );
}
