//! Offices and officials of the demonstration: one of every role, with a shared password and second factors that the
//! sandbox page shows.

use super::DEMO_PASSWORD;
use super::portal::{Person, Portal};
use crate::access::Role;
use crate::audit::Actor;
use crate::crypto::{FieldContext, password, token};
use crate::db::schema::{assignments, officials};
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, DocumentNumber, divisions, sample};
use crate::officials::{
    NewAssignment, NewOffice, NewOfficial, OfficeDuty, OfficeKind, add_office, add_official, assign,
};
use crate::web::session::SessionKind;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;
use totp_rs::{Algorithm, Builder};

/// One official: sign-in name, name, role, kind of office, name and English name of the office after the division's.
struct Post {
    login: &'static str,
    name: &'static str,
    role: Role,
    kind: OfficeKind,
    office: &'static str,
    office_en: &'static str,
}

const fn post(
    login: &'static str,
    name: &'static str,
    role: Role,
    kind: OfficeKind,
    office: &'static str,
    office_en: &'static str,
) -> Post {
    Post { login, name, role, kind, office, office_en }
}

const POSTS: &[Post] = &[
    post(
        "village",
        "唐勇",
        Role::VillageWorker,
        OfficeKind::Village,
        "社区服务中心",
        "Community Service Centre",
    ),
    post("doctor", "何晓琴", Role::Doctor, OfficeKind::HealthCentre, "卫生院", "Health Centre"),
    post(
        "village2",
        "吴桂花",
        Role::VillageWorker,
        OfficeKind::County,
        "社区工作专班",
        "Community Work Team",
    ),
    post("doctor2", "冯德安", Role::Doctor, OfficeKind::County, "人民医院", "People’s Hospital"),
    post("town2", "谭学军", Role::TownReviewer, OfficeKind::County, "乡镇联络组", "Township Liaison Team"),
    post("town", "蒲国强", Role::TownReviewer, OfficeKind::Town, "复工服务站", "Return-to-work Station"),
    post("health", "郑丽", Role::HealthReviewer, OfficeKind::County, "卫生健康局", "Health Bureau"),
    post("industry", "向明", Role::IndustryReviewer, OfficeKind::County, "经济和信息化局", "Industry Bureau"),
    post(
        "market",
        "罗敏",
        Role::MarketReviewer,
        OfficeKind::County,
        "市场监督管理局",
        "Market Supervision Bureau",
    ),
    post("desk", "李敏", Role::CountyDesk, OfficeKind::County, "复工复产专窗", "Reopening Desk"),
    post("desk2", "周洋", Role::CountyDesk, OfficeKind::County, "复工复产专窗", "Reopening Desk"),
    post(
        "prefecture",
        "欧阳文博",
        Role::PrefectureReviewer,
        OfficeKind::Prefecture,
        "复工复产专班",
        "Reopening Office",
    ),
    post(
        "colour",
        "吉克阿木",
        Role::ColourOfficer,
        OfficeKind::County,
        "疾病预防控制中心",
        "Disease Control Centre",
    ),
    post(
        "colour2",
        "黎明霞",
        Role::ColourOfficer,
        OfficeKind::County,
        "疾病预防控制中心",
        "Disease Control Centre",
    ),
    post(
        "colour3",
        "任晓燕",
        Role::ColourOfficer,
        OfficeKind::County,
        "疾病预防控制中心",
        "Disease Control Centre",
    ),
    post(
        "appeals",
        "白玛央金",
        Role::AppealReviewer,
        OfficeKind::County,
        "申诉复核办公室",
        "Appeals Review Office",
    ),
    post(
        "operator",
        "陈建国",
        Role::ProvinceOperator,
        OfficeKind::Province,
        "应急指挥部",
        "Emergency Command",
    ),
    post(
        "operator2",
        "刘洋",
        Role::ProvinceOperator,
        OfficeKind::Province,
        "应急指挥部",
        "Emergency Command",
    ),
    post(
        "exchange",
        "王思远",
        Role::ExchangeOperator,
        OfficeKind::Province,
        "省际互认办公室",
        "Mutual Recognition Office",
    ),
    post("auditor", "赵静", Role::Auditor, OfficeKind::Province, "审计处", "Audit Office"),
    post("admin", "孙伟", Role::Administrator, OfficeKind::Province, "信息中心", "Information Centre"),
];

/// The desk of the county of low risk, where a filing is enough.
const LOW_DESK: &Post =
    &post("desk3", "宋玉兰", Role::CountyDesk, OfficeKind::County, "复工复产专窗", "Reopening Desk");
/// Who looks at what counters there propose: two records of one person, say.
const LOW_TOWN: &Post =
    &post("town3", "江红梅", Role::TownReviewer, OfficeKind::County, "乡镇联络组", "Township Liaison Team");

/// Where a post sits: village, town, county, prefecture or province, where applications are worked on or where people
/// live.
fn seat<'a>(post: &Post, home: &'a super::Home) -> (&'static str, &'a super::Place) {
    let business = matches!(
        post.role,
        Role::TownReviewer
            | Role::HealthReviewer
            | Role::IndustryReviewer
            | Role::MarketReviewer
            | Role::CountyDesk
            | Role::PrefectureReviewer
    );
    let place = if business { home.business() } else { &home.people };
    let division = match post.kind {
        OfficeKind::Village | OfficeKind::HealthCentre | OfficeKind::Town => place.town,
        OfficeKind::County => place.county,
        OfficeKind::Prefecture => place.prefecture,
        OfficeKind::Province => home.province,
    };
    (division, place)
}

/// Makes offices, officials and their rights.
pub(super) async fn fill(deps: &App, home: &'static super::Home, now: DateTime<Utc>) -> AppResult<()> {
    let hash = tokio::task::spawn_blocking(|| password::hash(DEMO_PASSWORD))
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)?;
    let keys = deps.keys.clone();
    deps.store
        .write(move |tx| {
            let seats = POSTS.iter().map(|post| (post, seat(post, home)));
            let low = [LOW_DESK, LOW_TOWN].map(|post| (post, (home.people.county, &home.people)));
            let low = low.into_iter().filter(|_| home.permits.is_some());
            let mut offices = HashMap::new();
            for (post, (division, place)) in seats.chain(low) {
                let key = (post.office, division);
                let office = match offices.get(&key) {
                    Some(office) => *office,
                    None => open(tx, post, division, place.phone, now)?,
                };
                offices.insert(key, office);
                let id = make(tx, &keys, post, office, division, &hash, now)?;
                let secret = token::random(32);
                let context = FieldContext::new("officials", "totp_sealed", id.0);
                diesel::update(officials::table.find(id))
                    .set(officials::totp_sealed.eq(Some(keys.seal(&context, &secret)?)))
                    .execute(tx.conn())?;
            }
            answering(tx, home, now)
        })
        .await
}

/// The offices that answer for colours where a county has none of its own.
fn answering(tx: &mut Tx<'_>, home: &super::Home, now: DateTime<Utc>) -> AppResult<()> {
    let prefectures = home.permits.iter().chain([&home.people]).map(|place| (place.prefecture, place.phone));
    // 12320 is the public-health hotline of the whole country.
    for (division, phone) in prefectures.chain([(home.province, "12320")]) {
        let kind = if division == home.province { OfficeKind::Province } else { OfficeKind::Prefecture };
        let office = Office { kind, duty: Some(OfficeDuty::DiseaseControl), ..CONTROL };
        add(tx, &office, division, phone, now)?;
    }
    Ok(())
}

/// An office, by its name after the division's.
#[derive(Clone, Copy)]
struct Office {
    name: &'static str,
    name_en: &'static str,
    kind: OfficeKind,
    duty: Option<OfficeDuty>,
}

const CONTROL: Office = Office {
    name: "疾病预防控制中心",
    name_en: "Disease Control Centre",
    kind: OfficeKind::County,
    duty: Some(OfficeDuty::DiseaseControl),
};

fn open(tx: &mut Tx<'_>, post: &Post, division: &str, phone: &str, now: DateTime<Utc>) -> AppResult<Id> {
    let duty = match post.role {
        Role::ColourOfficer => Some(OfficeDuty::DiseaseControl),
        Role::HealthReviewer => Some(OfficeDuty::Health),
        _ => None,
    };
    let office = Office { name: post.office, name_en: post.office_en, kind: post.kind, duty };
    add(tx, &office, division, phone, now)
}

fn add(tx: &mut Tx<'_>, office: &Office, division: &str, phone: &str, now: DateTime<Utc>) -> AppResult<Id> {
    let code = DivisionCode::parse(division).map_err(|_| AppError::internal("a division of the demo"))?;
    let named = divisions().get(code);
    let (zh, en) = named.map_or(("", ""), |d| (d.name, d.name_en));
    let office = NewOffice {
        name: format!("{zh}{}", office.name),
        name_en: format!("{en} {}", office.name_en),
        kind: office.kind,
        duty: office.duty,
        division: code,
        phone: phone.to_owned(),
    };
    add_office(tx, Actor::Console, &office, now)
}

fn make(
    tx: &mut Tx<'_>,
    keys: &crate::crypto::Keyring,
    post: &Post,
    office: Id,
    division: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let code = DivisionCode::parse(division).map_err(|_| AppError::internal("a division of the demo"))?;
    let official = NewOfficial {
        login: post.login.to_owned(),
        name: post.name.to_owned(),
        password_hash: hash.to_owned(),
        must_change: false,
        email: None,
        phone: None,
        document: document(code, post.login)?,
    };
    let official = add_official(tx, keys, Actor::Console, &official, now)?;
    let right = NewAssignment {
        official,
        office,
        role: post.role,
        division: code,
        from: now,
        to: None,
        substitute_for: None,
        created_by: None,
    };
    assign(tx, Actor::Console, &right, now)?;
    Ok(official)
}

/// A document of an official who does not exist: the same for the same sign-in name.
fn document(division: DivisionCode, login: &str) -> AppResult<DocumentNumber> {
    let number = login.bytes().fold(7_u64, |n, b| n.wrapping_mul(31).wrapping_add(u64::from(b)));
    let card = sample::id_number_nth(division, number % sample::ID_NUMBERS_PER_DIVISION);
    card.map(DocumentNumber::from)
        .ok_or_else(|| AppError::internal("no document for an official of the demo"))
}

/// The six digits of a second factor at a moment (RFC 6238: SHA-1, 30 s).
pub(in crate::demo) fn totp_now(secret: &[u8], now: DateTime<Utc>) -> Option<String> {
    let totp = Builder::new().with_algorithm(Algorithm::SHA256).with_secret(secret.to_vec()).build().ok()?;
    Some(totp.generate(u64::try_from(now.timestamp()).ok()?).to_string())
}

/// Signs in an official who acts in a role with this jurisdiction. The village worker, the doctor and the reviewer of the
/// town have a colleague each for the whole county.
pub(super) async fn sign_in(portal: &Portal, role: Role, division: &str) -> AppResult<Person> {
    let all = all(portal, role, division).await?;
    all.into_iter().next().ok_or_else(|| AppError::internal("no such official in the demo"))
}

/// Signs in everybody who acts in a role with this jurisdiction.
pub(super) async fn all(portal: &Portal, role: Role, division: &str) -> AppResult<Vec<Person>> {
    let (wanted, role) = (division.to_owned(), role.code());
    let found: Vec<(Id, Id)> = portal
        .deps
        .store
        .read(move |conn| {
            Ok(assignments::table
                .filter(assignments::role.eq(role))
                .filter(assignments::division.eq(wanted))
                .order(assignments::id)
                .select((assignments::official_id, assignments::id))
                .load(conn)?)
        })
        .await?;
    let mut people = Vec::new();
    for (official, assignment) in found {
        people.push(portal.sign_in(SessionKind::Official, official, Some(assignment)).await?);
    }
    Ok(people)
}
