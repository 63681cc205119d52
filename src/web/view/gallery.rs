//! Every component with long names, rare characters and errors, written to `target/gallery/` as files to be opened
//! in a browser and looked at; the test itself checks what a look cannot: weight, markup, ids and links.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::tests::page;
use super::*;
use crate::web::qr;

const PAGES: [(&str, &str); 4] = [
    ("gallery/forms.html", include_str!("gallery/forms.html")),
    ("gallery/blocks.html", include_str!("gallery/blocks.html")),
    ("gallery/code.html", include_str!("gallery/code.html")),
    ("gallery/paper.html", include_str!("gallery/paper.html")),
];

fn views() -> Views {
    Views::with(&PAGES)
}

fn code(state: &str) -> Value {
    let text = format!("HC1:{}", "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0".repeat(5));
    let (word, sub) = match state {
        "green" => ("绿码", "可以通行"),
        "yellow" => ("黄码", "先检测，再通行"),
        "red" => ("红码", "请先留在住处"),
        _ => ("暂不能判定", "请按备用方式放行"),
    };
    let mut code = json!({
        "state": state, "word": word, "sub": sub, "now": "2020-03-12T02:32:15Z", "name": "阿***·买***",
        "document": "身份证 6531 **** **** 0024", "until": "3 月 26 日", "until_note": "有效至当天 24:00",
        "qr": qr::svg(&text, "", "阿***·买*** 的健康码，供扫码核验").unwrap(),
        "scan_until": "10:34", "refresh": "/code", "json": "/code/card", "renew": 60,
    });
    if state == "unknown" {
        code["fallback"] = json!({"label": "登记码", "number": "7K4M 92", "note": "工作人员输入此码登记，今天 24:00 前有效"});
    }
    code
}

fn failing_form() -> FormView {
    let mut form = FormView::from_pairs([
        ("place", "达州渠"),
        ("phone", "136 0000 00"),
        ("from-year", "2020"),
        ("from-month", "2"),
        ("from-day", "30"),
        ("s", "2"),
        ("reason", "𠮷田·阿依古丽\u{3007}𫚉 <b>&"),
        ("town", "511621100"),
    ]);
    form.fail("place", "“达州渠”对应不止一个地方，请从列表中选一个");
    form.fail("from", "没有这一天，请检查年、月、日");
    form.fail("way", "选择一种交通方式");
    form.fail("s", "选了症状，就不能再选“以上都没有”");
    form.fail("reason", "理由太短，申请人看不懂哪里要改");
    form.fail("town", "选择一个乡镇");
    form.fail("truth", "请先确认内容属实");
    form.fail("plan", "文件太大，请压缩到 10 MB 以内");
    form
}

fn data(name: &str) -> Value {
    match name {
        "forms.html" => json!({ "form": failing_form() }),
        "code.html" => {
            let cards = ["green", "yellow", "red", "unknown"].map(code);
            json!({ "cards": cards })
        }
        "paper.html" => json!({ "qr": code("green")["qr"] }),
        _ => blocks(),
    }
}

fn blocks() -> Value {
    let now = page(Lang::ZhCn).now;
    let clock = |hours: i64| {
        let left = chrono::TimeDelta::minutes(hours * 60 + 17);
        ClockView::running(Lang::ZhCn, left, now + left, now)
    };
    let paused = ClockView::paused(Lang::ZhCn, chrono::TimeDelta::hours(6), "等申请人补 3 项".into());
    json!({
        "clocks": [clock(-18), clock(4), clock(27), paused],
        "pager": Pager { newer: Some("/office?before=x".into()), older: None, shown: 50, total: Some(100_000) },
        "names": ["岳池县伏龙镇阿依古丽·买买提江新疆干果经营部", "𠮷𫚉㐂个体工商户", "四川岳池渠江现代农业机械制造股份有限公司第二十三分公司九龙街道临时营业点",
                  "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"],
    })
}

fn home() -> Value {
    let card = |kind: &str, state: &str, title: &str, word: &str, tag: &str, lines: &[&str], waits: bool| {
        json!({"kind": kind, "state": state, "title": title, "word": word, "tag": tag, "lines": lines,
            "waits": waits, "href": "/code", "link": "打开"})
    };
    let until = "有效至 3 月 26 日 24:00";
    json!({"cards": [
        card("business", "correction", "岳池县伏龙镇阿依古丽·买买提江新疆干果经营部", "补正中", "warn", &["请在 3 月 26 日 24:00 前补正"], true),
        card("code", "green", "我的码", "绿码", "ok", &[until, "没有发现风险"], false),
        card("certificate", "valid", "返岗证明", "有效", "ok", &["51-QX6S-UA69", until], false),
    ]})
}

/// All pages of the gallery: file name and text.
fn pages() -> Vec<(String, String)> {
    let views = views();
    let mut out = Vec::new();
    for lang in Lang::ALL {
        let mut page = page(lang);
        let mut add = |name: &str, template: &str, page: &PageContext, data: &Value| {
            out.push((format!("{name}-{}.html", lang.tag()), views.render(template, page, data).unwrap()));
        };
        page.path = "/".into();
        add("home", "home.html", &page, &json!({"cards": []}));
        let mut busy = ErrorPage::new(503);
        (busy.retry_after, busy.request_id) = (Some(120), Some("7K4M-92QF".into()));
        add("error-503", "error.html", &page, &json!(busy));
        let mut conflict = ErrorPage::new(409);
        conflict.changes = vec!["10:01 周洋领取了这件案子".into(), "10:02 市场监管局提出问题".into()];
        conflict.remedies =
            vec![Remedy { href: "/office/cases/3118".into(), label: "看案件现在的样子".into() }];
        add("error-409", "error.html", &page, &json!(conflict));
        for name in ["privacy", "accessibility", "about"] {
            add(name, &format!("static/{name}.html"), &page, &json!({}));
        }
        page.principal = PrincipalView::Resident { name: "阿***·买***".into(), acting: None };
        add("home-resident", "home.html", &page, &home());
        page.flash = Some(Flash { kind: "ok", text: "已保存，短信已发到 136 **** 8841。".into() });
        for name in ["forms.html", "code.html", "paper.html"] {
            add(name.trim_end_matches(".html"), &format!("gallery/{name}"), &page, &data(name));
        }
        let item = |href: &str, label: &str| NavItem {
            href: href.into(),
            label: label.into(),
            current: href == "/office",
        };
        page.principal = PrincipalView::Official {
            name: "李敏".into(),
            office: "岳池县复工复产专窗".into(),
            role: "主办".into(),
            identified: true,
            waits_until: None,
            nav: vec![
                item("/office", "待办"),
                item("/office/board", "看板"),
                item("/office/inspections", "检查"),
            ],
        };
        add("blocks", "gallery/blocks.html", &page, &data("blocks.html"));
        page.elder = true;
        add("blocks-elder", "gallery/blocks.html", &page, &data("blocks.html"));
    }
    out
}

/// Values of an attribute in the order of the text.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!(" {name}=\"");
    html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_component_is_sound_and_light() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["fugong.css", "fugong.js", "favicon.svg"] {
        std::fs::write(folder.join(name), asset(name).unwrap().data).unwrap();
    }
    for (name, html) in pages() {
        let files = ["fugong.css", "fugong.js", "favicon.svg"];
        let local = files.iter().fold(html.clone(), |h, f| h.replace(&asset_url(f), f));
        std::fs::write(folder.join(&name), local).unwrap();
        for banned in [" style=", " onclick", " onload", "javascript:", "href=\"\""] {
            assert!(!html.contains(banned), "{name} contains {banned}");
        }
        let ids = attributes(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name} repeats an id: {ids:?}");
        for target in ["for", "aria-labelledby", "aria-describedby"] {
            for list in attributes(&html, target) {
                assert!(
                    list.split(' ').all(|id| unique.contains(&id)),
                    "{name}: {target}={list} leads nowhere"
                );
            }
        }
        for href in attributes(&html, "href").iter().filter_map(|h| h.strip_prefix('#')) {
            assert!(unique.contains(&href), "{name}: #{href} leads nowhere");
        }
        let headings = html.matches("<h1").count();
        let many = ["code", "paper"].iter().any(|p| name.starts_with(p));
        assert!(headings == 1 || many, "{name} has {headings} main headings");
    }
}

#[test]
fn the_home_page_with_all_it_loads_stays_under_60_kilobytes() {
    let html = views().render("home.html", &page(Lang::ZhCn), &home()).unwrap();
    let files: usize =
        ["fugong.css", "fugong.js", "favicon.svg"].map(|f| asset(f).unwrap().data.len()).iter().sum();
    assert!(html.len() + files <= 60 * 1024, "{} + {files} bytes before compression", html.len());
}
