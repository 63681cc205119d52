//! Residents who declare, and the village worker and the doctor who deal with it, so that there are cases at every
//! stage.

use super::portal::{Person, Portal};
use super::{Home, staff};
use crate::access::Role;
use crate::accounts::ensure_account;
use crate::clock::china_day;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use crate::identity::sample::Sampler;
use crate::identity::{DivisionCode, PersonName, Phone, divisions};
use crate::web::i18n::Lang;
use crate::web::session::SessionKind;
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

/// How far a declaration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Received.
    Submitted,
    /// Checked in the community.
    Checked,
    /// Certificate issued.
    Issued,
    /// Returned for correction.
    Returned,
    /// Rejected with reason and remedy.
    Rejected,
    /// Withdrawn by the resident.
    Withdrawn,
}

/// A resident of the demonstration whom a newcomer can sign in as.
pub(super) struct Known {
    pub(super) phone: &'static str,
    pub(super) what: &'static str,
    name: &'static str,
    stage: Option<Stage>,
    symptoms: &'static [&'static str],
}

const fn known(
    phone: &'static str,
    what: &'static str,
    name: &'static str,
    stage: Option<Stage>,
    symptoms: &'static [&'static str],
) -> Known {
    Known { phone, what, name, stage, symptoms }
}

/// The same in both provinces.
pub(super) const KNOWN: &[Known] = &[
    known("13800000001", "nothing declared yet: no colour, and why", "", None, &[]),
    known(
        "13800000002",
        "green code, certificate issued; a long name",
        "阿依古丽·买买提江",
        Some(Stage::Issued),
        &[],
    ),
    known("13800000003", "yellow code: a cough was declared", "欧阳雪", Some(Stage::Checked), &["cough"]),
    known("13800000004", "declaration returned for correction", "陈建国", Some(Stage::Returned), &[]),
    known("13800000005", "just submitted; a name with a rare character", "𠮷㛃", Some(Stage::Submitted), &[]),
    known("13800000006", "green code; owner of businesses that reopen", "蒲春燕", Some(Stage::Issued), &[]),
    known(
        CONTACT,
        "red code: close contact, by two officers; an appeal waits",
        "罗小梅",
        Some(Stage::Checked),
        &[],
    ),
    known("13800000008", "no colour: the declaration was withdrawn", "郑晓东", Some(Stage::Withdrawn), &[]),
];

/// The one about whom there is a finding.
pub(super) const CONTACT: &str = "13800000007";

/// Every sixth declaration of the crowd stops at each of these stages.
const STAGES: [Stage; 12] = [
    Stage::Issued,
    Stage::Submitted,
    Stage::Issued,
    Stage::Checked,
    Stage::Issued,
    Stage::Submitted,
    Stage::Issued,
    Stage::Returned,
    Stage::Issued,
    Stage::Checked,
    Stage::Rejected,
    Stage::Withdrawn,
];

/// The two officials of this journey, signed in.
struct Desk {
    village: Person,
    doctor: Person,
}

/// Lets the known residents and `crowd` others declare; gives the document of the one about whom there is a finding.
pub(super) async fn fill(portal: &Portal, home: &Home, crowd: usize) -> AppResult<String> {
    let mut sampler =
        Sampler::new(u64::from(home.province.len() == 6) + home.people.county.parse().unwrap_or(7));
    for number in 0..crowd {
        let stage = STAGES.get(number % STAGES.len()).copied().unwrap_or(Stage::Submitted);
        let name = if number % 9 == 4 { sampler.dotted_name() } else { sampler.name() };
        let phone = sampler.phone();
        let mut declared = Declared::default();
        if number % 11 == 3 {
            declared.symptoms = &["cough"];
        }
        // Some come from the county of medium risk.
        declared.travelled = number % 13 == 7;
        // Beside a yellow or red code no certificate is issued: the case waits for its doctor.
        let stage = match stage {
            Stage::Issued if declared.travelled || !declared.symptoms.is_empty() => Stage::Checked,
            stage => stage,
        };
        one(portal, home, &mut sampler, (&phone, &name), Some(stage), declared).await?;
    }
    let mut contact = String::new();
    for k in KNOWN {
        let phone = Phone::parse(k.phone).map_err(|_| AppError::internal("a phone of the demo"))?;
        let name = PersonName::parse(if k.name.is_empty() { "王" } else { k.name })
            .map_err(|_| AppError::internal("a name of the demo"))?;
        let declared = Declared { symptoms: k.symptoms, travelled: false };
        let document = one(portal, home, &mut sampler, (&phone, &name), k.stage, declared).await?;
        if k.phone == CONTACT {
            contact = document;
        }
    }
    Ok(contact)
}

/// What differs between declarations.
#[derive(Default)]
struct Declared {
    symptoms: &'static [&'static str],
    travelled: bool,
}

async fn one(
    portal: &Portal,
    home: &Home,
    sampler: &mut Sampler,
    (phone, name): (&Phone, &PersonName),
    stage: Option<Stage>,
    declared: Declared,
) -> AppResult<String> {
    portal.deps.clock.advance(Duration::minutes(47));
    let who = resident(portal, phone).await?;
    let Some(stage) = stage else { return Ok(String::new()) };
    let body = declaration(portal, home, sampler, (phone, name), declared)?;
    let document = text(&body, "document_number")?;
    let made = portal.api(&who, Method::POST, "/api/v1/declarations", &body).await?;
    let number = text(&made, "number")?;
    let version = made.get("version").and_then(Value::as_i64).unwrap_or(1);
    if stage == Stage::Withdrawn {
        let path = format!("/api/v1/declarations/{number}/withdraw");
        portal.api(&who, Method::POST, &path, &json!({"version": version})).await?;
        return Ok(document);
    }
    portal.deps.clock.advance(Duration::minutes(21));
    decide(portal, home, &number, version, stage).await?;
    Ok(document)
}

/// Signs a resident in; the account is made at the first time.
pub(super) async fn resident(portal: &Portal, phone: &Phone) -> AppResult<Person> {
    let (keys, now, phone) = (portal.deps.keys.clone(), portal.deps.clock.now(), phone.clone());
    let account: Id = portal
        .deps
        .store
        .write(move |tx| {
            let account = ensure_account(tx, &keys, &phone, Lang::ZhCn, now)?;
            crate::accounts::accept_notice(tx, account, now)?;
            Ok(account)
        })
        .await?;
    portal.sign_in(SessionKind::Resident, account, None).await
}

fn declaration(
    portal: &Portal,
    home: &Home,
    sampler: &mut Sampler,
    (phone, name): (&Phone, &PersonName),
    declared: Declared,
) -> AppResult<Value> {
    let town = town(sampler, home)?;
    let today = china_day(portal.deps.clock.now());
    let tomorrow = today + Duration::days(1);
    let travel = match &home.permits {
        Some(place) if declared.travelled => {
            json!([{"division": place.county, "from": today - Duration::days(4),
            "to": today - Duration::days(2), "transport": "coach"}])
        }
        _ => json!([]),
    };
    let away = if home.province == "510000" { "440305" } else { "510107" };
    Ok(json!({
        "name": name.as_str(),
        "document_kind": "id_card",
        "document_number": sampler.id_number().as_str(),
        "household": {"division": home.people.county, "address": "人民路 12 号"},
        "present": {"division": town, "address": format!("建设街 {} 号", sampler.below(90) + 1)},
        "phone": phone.national(),
        "conditions": [],
        "temperature_tenths": 364 + i64::try_from(sampler.below(6)).unwrap_or(0),
        "symptoms": declared.symptoms,
        "contact": false,
        "travel": travel,
        "coresidents": "well",
        "isolation": false,
        "diagnosed": false,
        "vaccination": "none",
        "test": "none",
        "destination": {"division": away, "employer": "粤川电子有限公司", "transport": "train", "day": tomorrow},
        "truth": true,
        "share": true,
    }))
}

/// A town of the home county where the register has towns, else the county.
fn town(sampler: &mut Sampler, home: &Home) -> AppResult<String> {
    let county =
        DivisionCode::parse(home.people.county).map_err(|_| AppError::internal("a division of the demo"))?;
    // Two of three live where the demonstration's village worker and doctor are.
    if sampler.below(3) < 2 {
        return Ok(home.people.town.to_owned());
    }
    let towns = divisions().children(county);
    Ok(sampler.pick(&towns).map_or_else(|| home.people.town.to_owned(), |d| d.code.to_string()))
}

async fn decide(portal: &Portal, home: &Home, number: &str, version: i64, stage: Stage) -> AppResult<()> {
    if stage == Stage::Submitted {
        return Ok(());
    }
    let desk = Desk {
        village: staff::sign_in(portal, Role::VillageWorker, home.people.county).await?,
        doctor: staff::sign_in(portal, Role::Doctor, home.people.county).await?,
    };
    let path = format!("/desk/declarations/{number}");
    let act = async |who: &Person, version: i64, fields: &[(&str, &str)]| {
        let version = version.to_string();
        let mut all = vec![("version", version.as_str())];
        all.extend_from_slice(fields);
        portal.form(who, &path, &all).await
    };
    match stage {
        Stage::Returned => {
            let fields = [
                ("action", "return"),
                ("reason", "有两处看不清。"),
                ("items", "请补充现住址的门牌号\n请写明乘坐的车次"),
            ];
            act(&desk.village, version, &fields).await
        }
        Stage::Rejected => {
            let reason = ("reason", "你填写的体温与现场测量不一致。");
            let remedy = ("remedy", "请到九龙街道卫生院重新测量，再申报一次。");
            act(&desk.doctor, version, &[("action", "reject"), reason, remedy]).await
        }
        _ => {
            act(&desk.village, version, &[("action", "check")]).await?;
            if stage == Stage::Issued {
                let fields =
                    [("action", "confirm"), ("temperature", "36.5"), ("conclusion", "no-abnormality")];
                act(&desk.doctor, version + 1, &fields).await?;
            }
            Ok(())
        }
    }
}

/// A text field of an answer.
pub(super) fn text(value: &Value, field: &str) -> AppResult<String> {
    value
        .get(field)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| AppError::Internal(format!("no {field} in an answer of the portal")))
}
