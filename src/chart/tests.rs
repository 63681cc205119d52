//! Drawings are sound XML and stay inside their frame, whatever they are made of; drawing, table, CSV and JSON say the same.

use super::samples::{figures, hard_names};
use super::words::width;
use super::*;
use crate::web::csv::cell;
use crate::web::i18n::Lang;
use crate::web::view::{Views, asset};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

mod xml;
use xml::{Element, read};

fn num(value: f64) -> Option<Num> {
    Some(Num::new(value).unwrap())
}

/// A figure of days with one series.
fn small(kind: Kind, values: &[Option<Num>]) -> Figure {
    let rows = (1..=values.len())
        .map(|n| Row::new(&format!("2020-03-0{n}"), &format!("3 月 {n} 日"), &format!("3/{n}")));
    let figure = Figure::new(kind, "small", "件数")
        .unwrap()
        .text("一句话。")
        .rows("日期", "", rows.collect())
        .unwrap();
    figure.series("n", "收到", values.to_vec()).unwrap()
}

fn paths(svg: &str, class: &str) -> Vec<String> {
    let (all, found) = (read(svg), |e: &Element| e.attribute("class") == Some(class));
    all.iter().filter(|e| found(e)).filter_map(|e| e.attribute("d").map(str::to_owned)).collect()
}

#[test]
fn a_line_goes_where_it_was_worked_out_by_hand() {
    // Ticks 0, 5, 10; the widest label, "10", is 2 × 0.58 × 13 = 15.08 wide, so the plot begins at 23.08 and ends at 334:
    // each of two rows has 155.46. Zero lies at 186, ten at 10.
    let svg = small(Kind::Line, &[num(0.0), num(10.0)]).svg(Lang::ZhCn);
    assert_eq!(paths(&svg, "s s1"), ["M100.8 186 256.3 10"]);
    assert_eq!(paths(&svg, "grid"), ["M23.1 186H334M23.1 98H334M23.1 10H334"]);
    // Three rows of 103.64: the missing one parts the line, and both ends are points.
    let svg = small(Kind::Line, &[num(0.0), None, num(10.0)]).svg(Lang::ZhCn);
    assert_eq!(paths(&svg, "s s1"), [""; 0]);
    assert_eq!(paths(&svg, "gapb"), ["M126.7 10h103.6v176H126.7z"]);
    assert_eq!(
        paths(&svg, "c1"),
        ["M71.9 186a3 3 0 1 0 6 0a3 3 0 1 0-6 0zM279.2 10a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"]
    );
}

#[test]
fn columns_stand_on_zero_and_on_each_other() {
    // 0.76 of 155.46 is 118.15 wide; five is half of the height of 176.
    let figure = small(Kind::Columns { stacked: false }, &[num(5.0), num(10.0)]);
    let svg = figure.svg(Lang::ZhCn);
    assert_eq!(paths(&svg, "b"), ["M41.7 98h118.1v88H41.7zM197.2 10h118.1v176H197.2z"]);
    // 4 and -2 with 6 and -3 on them: ticks -5, 0, 5, 10, of 58.7 each.
    let rows = |figure: Figure| figure.series("m", "发证", vec![num(6.0), num(-3.0)]).unwrap();
    let svg = rows(small(Kind::Columns { stacked: true }, &[num(4.0), num(-2.0)])).svg(Lang::ZhCn);
    let both = paths(&svg, "b");
    assert!(both[0].contains("v46.9") && both[0].contains(" 127.3h"), "{both:?}");
    assert!(both[1].contains(" 10h") && both[1].contains("v70.4") && both[1].contains("v35.2"), "{both:?}");
}

#[test]
fn a_funnel_is_as_wide_as_its_part_of_the_largest() {
    let svg = small(Kind::Funnel, &[num(200.0), num(50.0), num(0.0)]).svg(Lang::En);
    assert_eq!(paths(&svg, "fb"), ["M1 23h338v18H1zM127.8 72h84.5v18H127.8zM170 121h0v18H170z"]);
}

#[test]
fn missing_is_not_zero() {
    for lang in Lang::ALL {
        let missing = crate::web::i18n::t(lang, "chart-missing", &[]);
        let figure = small(Kind::Bars { stacked: false }, &[num(0.0), None]);
        let view = figure.view(lang, "", "");
        let cells: Vec<_> =
            view.rows.iter().map(|row| (row.cells[0].text.as_str(), row.cells[0].missing)).collect();
        assert_eq!(cells, [("0", false), (missing.as_str(), true)]);
        assert!(figure.svg(lang).contains(&missing));
        assert_eq!(figure.json()["rows"][1]["values"]["n"], serde_json::Value::Null);
        assert!(
            String::from_utf8(figure.csv().unwrap()).unwrap().ends_with("2020-03-01,0\r\n2020-03-02,\r\n")
        );
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let new = |name: &str| Figure::new(Kind::Line, name, "x").map(|_| ());
    assert_eq!(
        [new("Name"), new("1"), new("a b"), new("a-1")],
        [Err(Refused::Name), Err(Refused::Name), Err(Refused::Name), Ok(())]
    );
    let figure = || small(Kind::Line, &[num(1.0)]);
    assert_eq!(figure().series("x", "x", Vec::new()).unwrap_err(), Refused::Length);
    let many = (0..5).try_fold(figure(), |f, _| f.series("x", "x", vec![None])).unwrap();
    assert_eq!(many.series("x", "x", vec![None]).unwrap_err(), Refused::Many);
    let rows = vec![Row::new("a", "a", "a"); 401];
    assert_eq!(Figure::new(Kind::Line, "x", "x").unwrap().rows("k", "l", rows).unwrap_err(), Refused::Many);
}

#[test]
fn no_name_becomes_markup_or_turns_around_what_follows() {
    let figure = Figure::new(Kind::Dots, "x", "<b>&\"").unwrap().rows("k", "l", hard_names()).unwrap();
    let figure = figure.series("s", "<i>", vec![num(1.0); 6]).unwrap();
    let svg = figure.svg(Lang::ZhCn);
    assert!(!svg.contains("<b>") && !svg.contains("<script") && !svg.contains('\u{202e}'));
    assert!(svg.contains("&lt;script&gt;&amp;&quot;&#39;") && svg.contains("turned around"));
}

/// What the reader of a file does with cells that were made no formula.
fn plain(text: &str) -> String {
    match text.strip_prefix('\'') {
        // Only what was given one has one taken away: two that somebody wrote stay two.
        Some(rest) if cell(rest) != rest => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// Values by row and series, as each of the outputs has them, in the digits of programs.
fn said(figure: &Figure, lang: Lang) -> [Vec<Vec<Option<String>>>; 3] {
    let view = figure.view(lang, "", "");
    let digits = |text: &str| text.replace(',', "");
    let table = view
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|cell| (!cell.missing).then(|| digits(&cell.text))).collect());
    let csv = String::from_utf8(figure.csv().unwrap()).unwrap();
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let names = if figure.label_head.is_empty() { 1 } else { 2 };
    let records: Vec<_> = reader.records().map(|record| record.unwrap()).collect();
    let heads: Vec<String> = records[0].iter().skip(names).map(plain).collect();
    assert_eq!(heads, view.heads[1..], "the same headings");
    let file = records[1..].iter().map(|record| {
        record.iter().skip(names).map(|value| (!value.is_empty()).then(|| value.to_owned())).collect()
    });
    let json = figure.json();
    let keys: Vec<String> =
        json["series"].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap().to_owned()).collect();
    let value =
        |value: &serde_json::Value| value.as_f64().map(|n| Num::new(n).unwrap().plain(figure.decimals));
    let program = json["rows"].as_array().unwrap().iter();
    let program = program.map(|row| keys.iter().map(|key| value(&row["values"][key])).collect());
    [table.collect(), file.collect(), program.collect()]
}

#[test]
fn table_csv_json_and_drawing_say_the_same() {
    for lang in Lang::ALL {
        for figure in figures(lang) {
            let [table, file, program] = said(&figure, lang);
            assert!(table == file && file == program, "{}", figure.name());
            // In the drawing each row that can be pointed at says its values.
            let svg = figure.svg(lang);
            let titles: Vec<String> =
                read(&svg).iter().filter(|e| e.name == "title").map(|e| e.text.clone()).collect();
            for (number, row) in figure.rows.iter().enumerate() {
                let title = frame::row_title(&figure, lang, number);
                let begins = format!("{}: ", row.label);
                let found = titles.iter().filter(|t| t.starts_with(&begins)).count();
                // Two counties may have one name.
                let namesakes = figure.rows.iter().filter(|other| other.label == row.label).count();
                assert!(
                    found == 0 || found == namesakes && titles.contains(&title),
                    "{}: {title}",
                    figure.name()
                );
                for written in figure.series.iter().filter_map(|series| figure.written(series, number)) {
                    assert!(title.contains(&written));
                }
            }
            let pointed = matches!(figure.kind, Kind::Bars { .. } | Kind::Dots | Kind::Map { .. });
            assert!(!pointed || titles.len() > figure.rows.len(), "{}", figure.name());
        }
    }
}

/// Everything that has a place lies in the frame, texts by the width that they are taken to have.
fn inside(svg: &str) -> Result<(), String> {
    let all = read(svg);
    let frame: Vec<f64> =
        all[0].attribute("viewBox").unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
    let fits = |x: f64, y: f64| x >= -0.1 && y >= -0.1 && x <= frame[2] + 0.1 && y <= frame[3] + 0.1;
    for element in &all {
        if let Some(d) =
            element.attribute("d").filter(|_| element.name == "path" && !element.inside("pattern"))
        {
            let shrink = if element.inside("g") { 0.34 } else { 1.0 };
            for (x, y) in xml::places(d) {
                if !fits(x * shrink, y * shrink) {
                    return Err(format!("{x} {y} of {d}"));
                }
            }
        }
        if element.name == "text" {
            let at = |name| element.attribute(name).unwrap().parse::<f64>().unwrap();
            let small = element.attribute("class").is_some_and(|class| class.contains("min"));
            let wide = width(&element.text) * if small { 0.54 } else { 1.0 };
            let class = element.attribute("class").unwrap_or_default();
            let ends = class.split(' ').any(|c| c == "ae");
            let middle = class.split(' ').any(|c| c == "am") || svg.contains("class=\"chart map\"");
            let left = at("x")
                - if ends {
                    wide
                } else if middle {
                    wide / 2.0
                } else {
                    0.0
                };
            if !fits(left, at("y")) || !fits(left + wide, at("y")) {
                return Err(format!("{} at {left} to {}", element.text, left + wide));
            }
        }
    }
    Ok(())
}

#[test]
fn every_sample_is_sound_small_and_inside_its_frame() {
    for lang in Lang::ALL {
        for figure in figures(lang) {
            let view = figure.view(lang, "/x.csv", "/x.json");
            inside(&view.svg).unwrap_or_else(|e| panic!("{}: {e}", view.name));
            let most = if view.name == "map-counties" { 46_000 } else { 15_360 };
            assert!(view.svg.len() <= most, "{}: {} bytes", view.name, view.svg.len());
            for banned in [" style=", "<script", "<style", " onload", "javascript:"] {
                assert!(!view.svg.contains(banned), "{} contains {banned}", view.name);
            }
            let ids: Vec<_> =
                read(&view.svg).iter().filter_map(|e| e.attribute("id").map(str::to_owned)).collect();
            assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
            assert!(ids.iter().all(|id| id.starts_with(&view.name)), "{ids:?}");
            for item in &view.key {
                read(&item.swatch);
                let pattern = item.swatch.split("url(#").nth(1).map(|rest| rest.split(')').next().unwrap());
                assert!(
                    pattern.is_none_or(|id| ids.iter().any(|known| known == id)),
                    "{pattern:?} of {ids:?}"
                );
            }
        }
    }
}

#[test]
fn snapshots_of_each_kind() {
    let kinds = [
        "line",
        "columns-two",
        "columns-below",
        "bars",
        "bars-stacked",
        "dots-two",
        "funnel",
        "multiples-2",
        "map-nanchong",
        "line-none",
    ];
    for figure in figures(Lang::ZhCn).iter().filter(|figure| kinds.contains(&figure.name())) {
        insta::assert_snapshot!(figure.name(), figure.svg(Lang::ZhCn).replace("><", ">\n<"));
    }
}

/// `target/gallery/figures-<language>.html`: all samples, to be looked at in light and dark, printed, on a phone.
#[test]
fn gallery_of_figures() {
    const PAGE: &str = "<!DOCTYPE html><html lang=\"{{ lang }}\"><head><meta charset=\"utf-8\"><title>figures</title>\
        <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"fugong.css\"></head>\
        <body class=\"wide\"><main><div class=\"wrap\"><h1>figures</h1>{% for figure in figures %}\
        {{ <chart.figure figure={figure} /> }}{% endfor %}</div></main></body></html>";
    let views = Views::with(&[("gallery/figures.html", PAGE)]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("fugong.css"), asset("fugong.css").unwrap().data).unwrap();
    for lang in Lang::ALL {
        let figures: Vec<_> = figures(lang).iter().map(|f| f.view(lang, "/days.csv", "/days.json")).collect();
        let html = views
            .render_bare("gallery/figures.html", lang, &serde_json::json!({"figures": figures}))
            .unwrap();
        // The component's own markup is sound, too: what is void in HTML is closed for the reader.
        let body = html.split("<h1>").nth(1).unwrap().split("</div></main>").next().unwrap();
        read(&format!("<div><h1>{}</div>", body.replace("<details open>", "<details open=\"\">")));
        assert_eq!(html.matches("<table").count(), figures.iter().filter(|f| !f.empty).count());
        std::fs::write(folder.join(format!("figures-{}.html", lang.tag())), html).unwrap();
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    let code = |text: &str| text.parse().unwrap();
    let map = Kind::Map {
        area: code("510000"),
        level: Level::Prefectures,
        breaks: Breaks::Quantiles,
        highlight: None,
    };
    prop_oneof![
        Just(Kind::Line),
        any::<bool>().prop_map(|stacked| Kind::Columns { stacked }),
        any::<bool>().prop_map(|stacked| Kind::Bars { stacked }),
        Just(Kind::Dots),
        Just(Kind::Funnel),
        Just(Kind::Multiples),
        Just(map),
    ]
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        Just(Some(0.0)),
        (-20..20_i32).prop_map(|n| Some(f64::from(n))),
        (-1e15..1e15_f64).prop_map(Some),
        (-1e-3..1e-3_f64).prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn whatever_is_drawn_is_sound_and_stays_inside(
        kind in kind(), rows in 0..60_usize, series in 0..6_usize, decimals in 0..4_u8,
        values in proptest::collection::vec(value(), 360), name in "\\PC{0,30}", english: bool,
    ) {
        let series = match kind { Kind::Map { .. } => series.min(1), Kind::Funnel => series.min(2), _ => series };
        let row = |n: usize| Row::new(&format!("51{:02}00", n % 40), &format!("{name}{n}"), &name);
        let figure = Figure::new(kind, "any", &name).unwrap().decimals(decimals).text(&name);
        let mut figure = figure.rows(&name, &name, (0..rows).map(row).collect()).unwrap();
        for number in 0..series {
            let part = values.iter().skip(number * rows).take(rows);
            let part = part.map(|value| value.map(|v| Num::new(v).unwrap())).collect();
            figure = figure.series(&format!("s{number}"), &format!("{name}{number}"), part).unwrap();
        }
        let lang = if english { Lang::En } else { Lang::ZhCn };
        let outside = inside(&figure.svg(lang));
        prop_assert!(outside.is_ok(), "{:?}", outside);
        let [table, file, program] = said(&figure, lang);
        prop_assert_eq!(&table, &file);
        prop_assert_eq!(&file, &program);
        for item in figure.view(lang, "", "").key {
            read(&item.swatch);
        }
    }
}
