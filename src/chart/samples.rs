//! Figures of every kind and in every state that is hard to draw, for tests and for looking at.

use super::*;
use crate::identity::{Division, DivisionCode, divisions};
use crate::web::i18n::Lang;

/// A figure over names, with values by series; NaN stands for a missing one.
fn figure(kind: Kind, name: &str, rows: Vec<Row>, series: &[(&str, Vec<f64>)], decimals: u8) -> Figure {
    let title = format!("{name} <四川 & “Sichuan”>");
    let figure = Figure::new(kind, name, &title).unwrap().decimals(decimals).text("按天计，单位：件。");
    let mut figure = figure.rows("key", "名称", rows).unwrap();
    for (number, (label, values)) in series.iter().enumerate() {
        let values = values.iter().map(|v| (!v.is_nan()).then(|| Num::new(*v).unwrap())).collect();
        figure = figure.series(&format!("s{number}"), label, values).unwrap();
    }
    figure
}

fn days(count: u32) -> Vec<Row> {
    let first: chrono::NaiveDate = "2020-02-01".parse().unwrap();
    let day = |n| first + chrono::Days::new(u64::from(n));
    let row = |n| {
        let day = day(n);
        Row::new(
            &day.to_string(),
            &day.format("%-m 月 %-d 日").to_string(),
            &day.format("%-m/%-d").to_string(),
        )
    };
    (0..count).map(row).collect()
}

fn wave(count: u32, height: f64, shift: f64) -> Vec<f64> {
    (0..count).map(|n| ((f64::from(n) / 5.0 + shift).sin() * height + height).round()).collect()
}

fn names(names: &[&str]) -> Vec<Row> {
    names.iter().map(|name| Row::new(name, name, name)).collect()
}

/// A row for a division; prefectures have short names.
fn place(division: &Division, lang: Lang) -> Row {
    let name = if lang == Lang::En { division.name_en } else { division.name };
    let short = if lang == Lang::En { name } else { name.trim_end_matches('市') };
    let short = short.split('藏').next().unwrap().split('彝').next().unwrap();
    Row::new(&division.code.to_string(), name, short)
}

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn map(lang: Lang, name: &str, area: &str, level: Level, highlight: Option<&str>) -> Figure {
    let prefectures = divisions().children(code("510000"));
    let parts: Vec<&Division> = match level {
        Level::Prefectures => prefectures,
        Level::Counties if area.ends_with("0000") => {
            prefectures.iter().flat_map(|p| divisions().children(p.code)).collect()
        }
        Level::Counties => divisions().children(code(area)),
    };
    let rows: Vec<Row> = parts.iter().map(|division| place(division, lang)).collect();
    let value = |n: usize| match n % 7 {
        3 => f64::NAN,
        0 => 0.0,
        k => f64::from(u32::try_from(n * k * k).unwrap()),
    };
    let values = (0..rows.len()).map(value).collect();
    let kind =
        Kind::Map { area: code(area), level, breaks: Breaks::Quantiles, highlight: highlight.map(code) };
    figure(kind, name, rows, &[("件数", values)], 0)
}

/// Names that are long, rare, hostile.
pub fn hard_names() -> Vec<Row> {
    names(&[
        "阿坝藏族羌族自治州若尔盖县",
        "Ngawa Tibetan and Qiang Autonomous Prefecture",
        "𠮷田·买买提",
        "<script>&\"'",
        "\u{202e}turned\u{202c} around",
        "短",
    ])
}

/// One of each.
pub fn figures(lang: Lang) -> Vec<Figure> {
    [lines(), columns(), bars(), steps(lang), maps(lang)].concat()
}

/// Thirty days of which some have no value.
fn gaps(values: Vec<f64>, missing: &[usize]) -> Vec<f64> {
    values.into_iter().enumerate().map(|(n, v)| if missing.contains(&n) { f64::NAN } else { v }).collect()
}

/// Two series over thirty days; four days have no value of either.
fn received_and_issued() -> [(&'static str, Vec<f64>); 2] {
    let received = gaps(wave(30, 20.0, 0.0), &[0, 7, 8, 9, 11, 29]);
    [("收到", received), ("发证", gaps(wave(30, 9.0, 1.0), &[7, 8, 9, 20]))]
}

fn lines() -> Vec<Figure> {
    let one = vec![Row::new("a", "只有一行", "一")];
    let six = [("一", 0.0), ("二", 1.0), ("三", 2.0), ("四", 3.0), ("五", 4.0), ("六", 5.0)];
    let changes = vec![-3.5, -1.0, 0.0, 2.0, 4.5, -2.5, 1.0, 0.5, 0.0, 1.0];
    vec![
        figure(Kind::Line, "line", days(30), &received_and_issued(), 0),
        figure(Kind::Line, "line-six", days(90), &six.map(|(name, by)| (name, wave(90, 30.0, by))), 0),
        figure(Kind::Line, "line-negative", days(10), &[("变化", changes)], 1),
        figure(Kind::Line, "line-one", one, &[("值", vec![5.0])], 0),
        figure(Kind::Line, "line-missing", days(5), &[("值", vec![f64::NAN; 5])], 0),
        figure(Kind::Line, "line-large", days(4), &[("值", vec![1e12, 2.5e11, 0.0, 9.9e11])], 0),
        figure(Kind::Line, "line-none", Vec::new(), &[("值", Vec::new())], 0),
    ]
}

fn columns() -> Vec<Figure> {
    let two = [("收到", wave(8, 9.0, 0.0)), ("发证", wave(8, 5.0, 2.0))];
    let parts = [("待核对", 40.0, 0.5), ("已发证", 20.0, 2.0), ("已退回", 9.0, 3.0), ("已终止", 4.0, 4.0)];
    let below = [("甲", vec![3.0, -2.0, f64::NAN, 0.0]), ("乙", vec![1.0, -1.0, f64::NAN, 4.0])];
    let (beside, stacked) = (Kind::Columns { stacked: false }, Kind::Columns { stacked: true });
    let parts = parts.map(|(name, height, by)| (name, wave(90, height, by)));
    vec![
        figure(beside.clone(), "columns", days(30), &received_and_issued()[..1], 0),
        figure(beside, "columns-two", days(8), &two, 0),
        figure(stacked.clone(), "columns-stacked", days(90), &parts, 0),
        figure(stacked, "columns-below", days(4), &below, 0),
    ]
}

fn bars() -> Vec<Figure> {
    let nan = f64::NAN;
    let (beside, stacked) = (Kind::Bars { stacked: false }, Kind::Bars { stacked: true });
    let changes = [("变化", vec![-12.0, 8.0, 3.0, 0.0, nan, -1.0]), ("去年", vec![4.0; 6])];
    let parts = ["甲", "乙", "丙", "丁", "戊", "己"].map(|n| (n, vec![30.0, 12.0, 5.0, 0.0, nan, 40.0]));
    let median = ("中位数", vec![2.5, 1.0, 0.0, 4.0, nan, 3.5]);
    let two = [median.clone(), ("九成", vec![5.0, 3.0, 0.5, 9.0, 2.0, 7.5])];
    vec![
        figure(beside.clone(), "bars", hard_names(), &[("件数", vec![120.0, 80.0, 3.0, 0.0, nan, 1.0])], 0),
        figure(beside, "bars-below", hard_names(), &changes, 0),
        figure(stacked, "bars-stacked", hard_names(), &parts, 0),
        figure(Kind::Dots, "dots", hard_names(), &[median], 1),
        figure(Kind::Dots, "dots-two", hard_names(), &two, 1),
    ]
}

fn steps(lang: Lang) -> Vec<Figure> {
    let long = "医生已确认并且在名单上写了很长很长很长的结论";
    let steps = names(&["已申报", "社区已核对", long, "已发返岗证明", "已到岗"]);
    let left = ("件数", vec![12_000.0, 9500.0, 8000.0, 7900.0, f64::NAN]);
    let part = ("占比", vec![100.0, 79.0, 67.0, 66.0, f64::NAN]);
    vec![
        figure(Kind::Funnel, "funnel", steps, &[left, part], 0),
        figure(Kind::Funnel, "funnel-zero", names(&["甲", "乙"]), &[("件数", vec![0.0, -1.0])], 0),
        multiples(lang, 21),
        multiples(lang, 2),
    ]
}

fn maps(lang: Lang) -> Vec<Figure> {
    let (area, level, breaks) = (code("440000"), Level::Prefectures, Breaks::Quantiles);
    let nowhere = Kind::Map { area, level, breaks, highlight: None };
    vec![
        map(lang, "map-prefectures", "510000", Level::Prefectures, Some("511600")),
        map(lang, "map-counties", "510000", Level::Counties, Some("511621")),
        map(lang, "map-chengdu", "510100", Level::Counties, None),
        map(lang, "map-nanchong", "511300", Level::Counties, Some("511303")),
        figure(nowhere, "map-nowhere", names(&["只有一行"]), &[("值", vec![1.0])], 0),
    ]
}

fn multiples(lang: Lang, count: usize) -> Figure {
    let parts = divisions().children(code("510000"));
    let series: Vec<(String, Vec<f64>)> = parts
        .iter()
        .take(count)
        .enumerate()
        .map(|(n, division)| {
            let mut values = wave(30, 20.0 / (1.0 + f64::from(u32::try_from(n).unwrap())), 0.3);
            values[n % 30] = f64::NAN;
            let name = if lang == Lang::En { division.name_en } else { division.name };
            (name.to_owned(), values)
        })
        .collect();
    let series: Vec<(&str, Vec<f64>)> = series.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    figure(Kind::Multiples, &format!("multiples-{count}"), days(30), &series, 0)
}
