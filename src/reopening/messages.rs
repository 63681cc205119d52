//! Who is told what about a case. The applicant hears of every step; officials hear of what waits for them.

use super::model::{Application, Note};
use super::{store_business, store_opinions};
use crate::access::Role;
use crate::accounts;
use crate::case::{Letter, substitutes};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{assignments, officials};
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::identity::DivisionCode;
use crate::notify::{self, Message, Recipient};
use crate::web::i18n::Lang;
use crate::web::page;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How messages name the province and the portal.
#[derive(Debug, Clone)]
pub struct Sender {
    zh: String,
    en: String,
    url: String,
}

impl Sender {
    /// The sender of a deployment.
    pub fn of(deps: &Deps) -> Self {
        let short = |lang| page::province(deps, lang).short;
        Self { zh: short(Lang::ZhCn), en: short(Lang::En), url: deps.config.public_url.clone() }
    }

    /// The province's short name in a language.
    pub fn province(&self, lang: Lang) -> &str {
        if lang == Lang::En { &self.en } else { &self.zh }
    }

    /// Address of a page of the portal.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// Messages for the applicant; the name is also the directory under `templates/mail`.
const APPLICANT: &[&str] = &[
    "reopening-received",
    "correction-notice",
    "reopening-accepted",
    "reopening-deemed-accepted",
    "reopening-refused",
    "filing-effective",
    "prefecture-asked",
    "reopening-approved",
    "rectification-ordered",
    "rectification-confirmed",
    "reopening-suspended",
    "suspension-lifted",
    "reopening-revoked",
    "reopening-closed",
];

/// Messages for officials, with the roles that they wait for.
const OFFICIALS: &[(&str, &[Role])] = &[
    ("departments-asked", &[Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer]),
    ("prefecture-asked", &[Role::PrefectureReviewer]),
    ("rectification-reported", &[Role::TownReviewer, Role::CountyDesk]),
];

/// What the templates of a message about a case show.
pub fn params(
    sender: &Sender,
    lang: Lang,
    business: &str,
    app: &Application,
    note: &Note,
    path: &str,
) -> Value {
    json!({
        "province": sender.province(lang),
        "number": app.number,
        "business": business,
        "due": app.due_at,
        "permit": app.permit_number,
        "permit_until": app.permit_until,
        "reason": note.reason,
        "remedy": note.remedy,
        "items": note.items,
        "until": note.until,
        "url": sender.link(path),
    })
}

/// Sends the message of a workflow's effect to everybody whom it is for.
///
/// # Errors
/// Database or crypto errors.
pub fn about(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    app: &Application,
    name: &'static str,
    note: &Note,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let business = store_business::business(tx.conn(), app.business_id)?.name;
    if APPLICANT.contains(&name) {
        let to = accounts::recipient(tx.conn(), keys, app.account_id)?;
        let path = format!("/reopening/{}", app.number);
        let params = params(sender, to.lang, &business, app, note, &path);
        Letter { name, case: app.id, version: app.version }.send(tx, keys, &to, params, now)?;
    }
    if let Some((name, roles)) = OFFICIALS.iter().find(|(n, _)| *n == name) {
        officials_of(tx, keys, sender, app, &business, (name, due_stamp(app)), roles, now)?;
    }
    Ok(())
}

/// Tells the reviewers of the present stage and the next office above them that a limit runs out or has run out.
///
/// # Errors
/// Database or crypto errors.
pub fn deadline(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    app: &Application,
    name: &'static str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let business = store_business::business(tx.conn(), app.business_id)?.name;
    let mut roles: Vec<Role> = match app.state.as_str() {
        "submitted" => vec![Role::TownReviewer, Role::CountyDesk],
        "prefecture-review" => vec![Role::PrefectureReviewer, Role::ProvinceOperator],
        _ => vec![Role::CountyDesk, Role::PrefectureReviewer],
    };
    for review in store_opinions::opinions(tx.conn(), app.id)?.iter().filter(|r| r.state == "pending") {
        roles.extend(review.department.parse::<Role>().ok());
    }
    officials_of(tx, keys, sender, app, &business, (name, due_stamp(app)), &roles, now)
}

/// Reminds departments that have not answered; once a day, whatever asks for it.
///
/// # Errors
/// Database or crypto errors.
pub fn remind(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    app: &Application,
    departments: &[Role],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let business = store_business::business(tx.conn(), app.business_id)?.name;
    let day = crate::clock::china_day(now).to_string();
    officials_of(tx, keys, sender, app, &business, ("department-reminded", day), departments, now)
}

/// A message about a limit is sent once for that limit.
fn due_stamp(app: &Application) -> String {
    app.due_at.map_or(0, |d| d.0.timestamp()).to_string()
}

#[allow(clippy::too_many_arguments)]
fn officials_of(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    app: &Application,
    business: &str,
    (name, stamp): (&'static str, String),
    roles: &[Role],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let path = format!("/desk/applications/{}", app.number);
    let params = params(sender, Lang::ZhCn, business, app, &Note::default(), &path);
    for (id, email) in in_charge(tx.conn(), keys, &app.division, roles, now)? {
        let to = Recipient { email: Some(email), ..Recipient::default() };
        let once = format!("{name}:{}:{stamp}:{id}", app.id);
        notify::send(tx, keys, &to, &Message::new(name, params.clone()).once(once), now)?;
    }
    Ok(())
}

/// Officials in one of the roles whose jurisdiction holds the place, with their e-mail address.
fn in_charge(
    conn: &mut Conn,
    keys: &Keyring,
    division: &str,
    roles: &[Role],
    now: DateTime<Utc>,
) -> AppResult<Vec<(Id, String)>> {
    let Ok(code) = DivisionCode::parse(division) else { return Ok(Vec::new()) };
    let places = [Some(code), code.county(), code.prefecture(), Some(code.province())];
    let places: Vec<String> = places.into_iter().flatten().map(|c| c.to_string()).collect();
    let roles: Vec<&str> = roles.iter().map(|r| r.code()).collect();
    let now = Ts::from(now);
    let rows: Vec<(Id, Option<Vec<u8>>)> = assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .filter(assignments::role.eq_any(roles))
        .filter(assignments::division.eq_any(places))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .filter(officials::active.eq(true))
        .select((officials::id, officials::email_sealed))
        .distinct()
        .load(conn)?;
    let there: Vec<Id> = rows.iter().map(|(id, _)| *id).collect();
    let away = substitutes(conn, &there, now.0)?;
    let mut found = BTreeMap::new();
    for (id, sealed) in rows.into_iter().filter(|(id, _)| !away.contains_key(id)) {
        found.insert(id, sealed);
    }
    // Whoever is away is not reminded; who stands in is, also where another of their rights would not be asked.
    for id in away.into_values().filter(|id| !found.contains_key(id)).collect::<Vec<_>>() {
        let email = officials::table.find(id).filter(officials::active.eq(true));
        let email: Option<Option<Vec<u8>>> = email.select(officials::email_sealed).first(conn).optional()?;
        found.extend(email.map(|sealed| (id, sealed)));
    }
    let open = |(id, sealed): (Id, Option<Vec<u8>>)| -> AppResult<Option<(Id, String)>> {
        let place = FieldContext::new("officials", "email_sealed", id.0);
        let email = sealed.map(|sealed| keys.open_str(&place, &sealed).map(|text| text.to_string()));
        Ok(email.transpose()?.map(|email| (id, email)))
    };
    found.into_iter().filter_map(|row| open(row).transpose()).collect()
}

/// What the message with the code by which the legal person confirms an agent shows beside the code.
pub fn agent_code(sender: &Sender, business: &str, agent: &str) -> Map<String, Value> {
    let shown = [("province", sender.province(Lang::ZhCn)), ("business", business), ("number", agent)];
    shown.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
}

/// Tells the agent how the claim was decided.
///
/// # Errors
/// Database or crypto errors.
#[allow(clippy::too_many_arguments)]
pub fn agent_decided(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    account: Id,
    business: &str,
    agent: &str,
    confirmed: bool,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let name = if confirmed { "agent-confirmed" } else { "agent-rejected" };
    let to = accounts::recipient(tx.conn(), keys, account)?;
    let params = json!({
        "province": sender.province(to.lang),
        "business": business,
        "number": agent,
        "url": sender.link(&format!("/reopening/agents/{agent}")),
    });
    notify::send(tx, keys, &to, &Message::new(name, params).once(format!("{name}:{agent}")), now)
}

/// Tells one who acts for a business that a counter has corrected its name: the former one, the present one, and why.
///
/// # Errors
/// Database or crypto errors.
pub fn renamed(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    (account, agent): (Id, &str),
    (former, name, reason): (&str, &str, &str),
    once: String,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let to = accounts::recipient(tx.conn(), keys, account)?;
    let params = json!({
        "province": sender.province(to.lang),
        "former": former,
        "business": name,
        "reason": reason,
        "number": agent,
        "url": sender.link(&format!("/reopening/agents/{agent}")),
    });
    notify::send(tx, keys, &to, &Message::new("business-renamed", params).once(once), now)
}
