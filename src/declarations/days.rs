//! How many declarations are received, by day and place: figures of an official's own jurisdiction. They count, and name
//! nobody; who works elsewhere has them of nowhere, since the condition is in the query.

use super::days_figures::{Counts, Place, figures};
use super::store_days::{self, Digits};
use crate::access::Role;
use crate::chart::Figure;
use crate::clock::{china_day, end_of_day, start_of_day};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, DivisionLevel, divisions};
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{answer, page};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

role_set! {
    /// Who sees how many: those who work with declarations, and those who answer for the place.
    Counting = [VillageWorker, Doctor, HealthReviewer, PrefectureReviewer, ProvinceOperator];
}

/// The same for the table of routes.
pub(super) const COUNTING: &[Role] = <Counting as crate::web::guard::Roles>::ROLES;

/// How many days are shown, the present one included; each has a text `desk-days-last`.
const RANGES: [u16; 4] = [7, 14, 30, 90];
/// What is shown to whoever has not chosen.
const USUAL: u16 = 30;

/// What is asked for.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct Query {
    /// One of [`RANGES`].
    days: String,
    /// `county`: a province by its counties.
    by: String,
    /// Of which figure the CSV is: `received`, `places`, `each`.
    figure: String,
}

/// The same, checked.
pub(super) struct Asked {
    pub days: u16,
    pub counties: bool,
}

impl Query {
    fn checked(&self) -> AppResult<Asked> {
        let days = match self.days.as_str() {
            "" => Some(USUAL),
            typed => typed.parse().ok().filter(|days| RANGES.contains(days)),
        };
        let days = days.ok_or_else(|| AppError::field("days", "choose-one"))?;
        match self.by.as_str() {
            "" | "prefecture" => Ok(Asked { days, counties: false }),
            "county" => Ok(Asked { days, counties: true }),
            _ => Err(AppError::field("by", "choose-one")),
        }
    }
}

/// The parts of a jurisdiction, and how many digits tell them apart.
fn places(division: &str, asked: &Asked, lang: Lang) -> (Digits, Vec<Place>) {
    let Ok(code) = DivisionCode::parse(division) else { return (Digits::Prefecture, Vec::new()) };
    let below = |code| divisions().children(code);
    let (digits, counties) = match code.level() {
        DivisionLevel::Province if asked.counties => (Digits::County, true),
        DivisionLevel::Province => (Digits::Prefecture, false),
        DivisionLevel::Prefecture => (Digits::County, false),
        DivisionLevel::County | DivisionLevel::Town => (Digits::Town, false),
    };
    let mut places = Vec::new();
    for part in below(code) {
        if counties {
            let inside = below(part.code);
            places.extend(inside.into_iter().map(|county| Place::of(county, Some(part), lang)));
        } else {
            places.push(Place::of(part, None, lang));
        }
    }
    (digits, places)
}

/// Counts day by day: no read holds its thread for longer than a day takes.
async fn count(
    deps: &App,
    who: &OfficialPrincipal,
    asked: &Asked,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Counts> {
    let (digits, places) = places(&who.division, asked, lang);
    let today = china_day(now);
    let first = today.checked_sub_days(Days::new(u64::from(asked.days) - 1)).unwrap_or(today);
    let mut counts = Counts::new(places);
    for day in first.iter_days().take_while(|day| *day <= today) {
        let (pattern, span) = (who.pattern(), (start_of_day(day), end_of_day(day)));
        let found = deps.store.read(move |conn| store_days::counted(conn, &pattern, digits, span)).await?;
        counts.add(day, found);
    }
    Ok(counts)
}

/// The figures that somebody asks for.
async fn made(deps: &App, who: &OfficialPrincipal, ctx: &Ctx, asked: &Asked) -> AppResult<Vec<Figure>> {
    let counts = count(deps, who, asked, ctx.lang, ctx.now).await?;
    figures(ctx.lang, ctx.now, &who.division, asked.counties, &counts)
}

/// `GET /desk/declarations/days`
pub(super) async fn show(
    ctx: Ctx,
    deps: App,
    who: Official<Counting>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let asked = query.checked()?;
    let made = made(&deps, &who, &ctx, &asked).await?;
    let choice = |days: &u16| {
        Choice::new(days.to_string(), t(ctx.lang, "desk-days-last", &[("days", i64::from(*days).into())]))
    };
    let is_province = crate::access::is_of_province(&who.division);
    let by = ["prefecture", "county"].map(|by| Choice::text(ctx.lang, by, &format!("desk-days-by-{by}")));
    let chosen = if asked.counties { "county" } else { "prefecture" };
    let form = FormView::new().with("days", asked.days.to_string()).with("by", chosen);
    let address = |ending: &str, figure: &str| {
        let mut pairs = vec![("days", asked.days.to_string())];
        pairs.extend(asked.counties.then(|| ("by", "county".to_owned())));
        pairs.extend((!figure.is_empty()).then(|| ("figure", figure.to_owned())));
        format!("/desk/declarations/days.{ending}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    };
    let views: Vec<_> =
        made.iter().map(|f| f.view(ctx.lang, &address("csv", f.name()), &address("json", ""))).collect();
    let data = json!({
        "figures": views, "form": form, "ranges": RANGES.iter().map(choice).collect::<Vec<_>>(),
        "bys": is_province.then_some(by), "office": who.office_name(ctx.english()),
    });
    page(&deps, &ctx, "declarations/days.html", &data)
}

/// `GET /desk/declarations/days.json`: all figures at once.
pub(super) async fn json(
    ctx: Ctx,
    deps: App,
    who: Official<Counting>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let asked = query.checked()?;
    let figures: Vec<Value> = made(&deps, &who, &ctx, &asked).await?.iter().map(Figure::json).collect();
    Ok(answer(&json!({"division": who.division, "days": asked.days, "as_of": ctx.now, "figures": figures})))
}

/// `GET /desk/declarations/days.csv`: one figure, that of the days unless another is named.
pub(super) async fn csv(
    ctx: Ctx,
    deps: App,
    who: Official<Counting>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let asked = query.checked()?;
    let wanted = if query.figure.is_empty() { super::days_figures::RECEIVED } else { &query.figure };
    let made = made(&deps, &who, &ctx, &asked).await?;
    let figure = made.iter().find(|f| f.name() == wanted);
    let figure = figure.ok_or_else(|| AppError::field("figure", "choose-one"))?;
    let name = file_name(figure, china_day(ctx.now));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .body(figure.csv()?))
}

fn file_name(figure: &Figure, today: NaiveDate) -> String {
    format!("declarations-{}-{today}.csv", figure.name())
}
