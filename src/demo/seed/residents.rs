//! Residents who declare, and the village worker and the doctor who deal with it, so that there are cases at every
//! stage.

use super::known::{CONTACT, KNOWN, MERGED, TWICE};
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
use std::ops::Range;

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

/// The documents of those about whom more happens.
#[derive(Default)]
pub(super) struct Documents {
    /// Of the close contact …
    pub(super) contact: String,
    /// … and of somebody about whom a finding waits.
    pub(super) other: String,
    /// Of those who have a second record: telephone, name and identity card.
    pub(super) twice: Vec<(&'static str, &'static str, String)>,
}

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

/// Minutes that `crowd` declarations and those of the known residents take at most.
pub(super) fn planned(crowd: usize) -> i64 {
    i64::try_from(crowd + KNOWN.len()).unwrap_or(1000) * (47 + 21)
}

/// Names as they really come: long ones, Yi, Tibetan and Uygur ones, of foreigners.
const LONG_NAMES: &[&str] = &[
    "阿卜杜热合曼·阿卜杜克里木江",
    "洛桑丹增·江白益西",
    "木乃约布·莫阿依",
    "María Fernanda Rodríguez González",
];

const STREETS: &[&str] =
    &["建设街", "人民路", "滨江大道", "学府路", "文化巷", "环城北路", "农贸街", "湖滨路", "三苏祠路"];

/// Where people go, and to whom.
const EMPLOYERS: &[(&str, &str)] = &[
    ("440305", "粤川电子有限公司"),
    ("440306", "深圳市宝安区恒达精密五金有限公司"),
    ("440106", "广州天河金穗物业管理有限公司"),
    ("310115", "上海临港新片区装备制造股份有限公司"),
    ("330106", "杭州西湖云栖餐饮店"),
    ("110105", "北京朝阳安心家政服务中心"),
    ("500103", "重庆解放碑百货"),
    ("350203", "厦门远洋渔业合作社"),
    ("450103", "南宁青秀第三建筑工程队"),
    ("520102", "贵阳南明快递转运中心"),
    ("530102", "昆明五华鲜花批发行"),
    ("513401", "西昌航天幼儿园"),
];

/// What people go for who do not work.
const PURPOSES: &[&str] = &["study", "family", "medical", "home"];

/// The two officials of this journey, signed in.
struct Desk {
    village: Person,
    doctor: Person,
}

/// Lets some of the crowd declare, by their places in it; the document of the last one.
pub(super) async fn some(portal: &Portal, home: &Home, of_crowd: Range<usize>) -> AppResult<String> {
    let seed = home.people.county.parse().unwrap_or(7) + u64::try_from(of_crowd.start).unwrap_or(0);
    let mut sampler = Sampler::new(seed + 1);
    let mut last = String::new();
    for number in of_crowd {
        let stage = STAGES.get(number % STAGES.len()).copied().unwrap_or(Stage::Submitted);
        let name = match number % 24 {
            4 | 13 => sampler.dotted_name(),
            9 => long_name(&mut sampler)?,
            _ => sampler.name(),
        };
        let phone = sampler.phone();
        let mut declared = Declared { number, ..Declared::default() };
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
        last = one(portal, home, &mut sampler, (&phone, &name), Some(stage), declared).await?;
    }
    Ok(last)
}

/// Lets the known residents declare, after the first of the crowd.
pub(super) async fn fill(portal: &Portal, home: &Home, first: usize) -> AppResult<Documents> {
    let mut documents = Documents { other: some(portal, home, 0..first).await?, ..Documents::default() };
    let mut sampler = Sampler::new(home.people.county.parse().unwrap_or(7));
    for k in KNOWN {
        let phone = Phone::parse(k.phone).map_err(|_| AppError::internal("a phone of the demo"))?;
        let name = PersonName::parse(if k.name.is_empty() { "王" } else { k.name })
            .map_err(|_| AppError::internal("a name of the demo"))?;
        let declared = Declared { symptoms: k.symptoms, ..Declared::default() };
        let document = one(portal, home, &mut sampler, (&phone, &name), k.stage, declared).await?;
        match k.phone {
            CONTACT => documents.contact = document,
            MERGED | TWICE => documents.twice.push((k.phone, k.name, document)),
            _ => {}
        }
    }
    Ok(documents)
}

/// What differs between declarations.
#[derive(Default)]
pub(super) struct Declared {
    symptoms: &'static [&'static str],
    travelled: bool,
    /// Its place in the crowd, by which the rest differs.
    number: usize,
}

fn long_name(sampler: &mut Sampler) -> AppResult<PersonName> {
    let name = sampler.pick(LONG_NAMES).copied().unwrap_or_default();
    PersonName::parse(name).map_err(|_| AppError::internal("a name of the demo"))
}

/// An identity number of any county of the province; every twelfth of somebody over seventy.
fn id_number(sampler: &mut Sampler, home: &Home, number: usize) -> AppResult<String> {
    let province =
        DivisionCode::parse(home.province).map_err(|_| AppError::internal("a division of the demo"))?;
    let (born_in, sex) = (sampler.division(province), sampler.sex());
    let birth = match number % 12 {
        5 => sampler.birth_date() - Duration::days(15 * 365),
        _ => sampler.birth_date(),
    };
    let made = sampler.id_number_for(&born_in.to_string(), birth, sex);
    Ok(made.unwrap_or_else(|| sampler.id_number()).as_str().to_owned())
}

/// Where and what for: two of three work, in one of a dozen places.
fn destination(sampler: &mut Sampler, home: &Home, number: usize, day: chrono::NaiveDate) -> Value {
    let elsewhere: Vec<_> =
        EMPLOYERS.iter().filter(|(to, _)| to.get(..2) != home.province.get(..2)).collect();
    let fallback = ("310115", "上海临港新片区装备制造股份有限公司");
    let (division, employer) = sampler.pick(&elsewhere).map_or(fallback, |to| **to);
    let transport = sampler.pick(&["train", "train", "coach", "flight", "car"]).copied().unwrap_or("train");
    let day = day + Duration::days(i64::try_from(number % 4).unwrap_or(0));
    match PURPOSES.get(number % 12).filter(|_| number > 0) {
        Some(purpose) => {
            json!({"division": division, "purpose": purpose, "employer": "", "transport": transport, "day": day})
        }
        None => json!({"division": division, "employer": employer, "transport": transport, "day": day}),
    }
}

async fn one(
    portal: &Portal,
    home: &Home,
    sampler: &mut Sampler,
    (phone, name): (&Phone, &PersonName),
    stage: Option<Stage>,
    declared: Declared,
) -> AppResult<String> {
    portal.wait(47);
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
    portal.wait(21);
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

/// A declaration as it is sent, with an identity card of its own.
pub(super) fn declaration(
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
    let number = declared.number;
    let conditions: &[&str] = match number % 17 {
        6 => &["hypertension"],
        11 => &["diabetes", "heart"],
        _ => &[],
    };
    let mut street = || sampler.pick(STREETS).copied().unwrap_or("人民路");
    let (home_street, street) = (street(), street());
    let (document, vaccination) = (id_number(sampler, home, number)?, ["none", "none", "full", "partial"]);
    Ok(json!({
        "name": name.as_str(),
        "document_kind": "id_card",
        "document_number": document,
        "household": {"division": home.people.county, "address": format!("{home_street} {} 号", 3 + number)},
        "present": {"division": town, "address": format!("{street} {} 号", sampler.below(90) + 1)},
        "phone": phone.national(),
        "conditions": conditions,
        "temperature_tenths": 364 + i64::try_from(sampler.below(6)).unwrap_or(0),
        "symptoms": declared.symptoms,
        "contact": false,
        "travel": travel,
        "coresidents": "well",
        "isolation": false,
        "diagnosed": false,
        "vaccination": vaccination.get(number % 4).copied().unwrap_or("none"),
        "test": "none",
        "destination": destination(sampler, home, number, tomorrow),
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
