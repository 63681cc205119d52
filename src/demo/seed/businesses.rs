//! Businesses that apply to reopen, and the offices that deal with it, so that there are applications at every stage.

use super::portal::{Person, Portal};
use super::residents::{resident, text};
use super::{Home, staff};
use crate::access::Role;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::identity::sample::Sampler;
use reqwest::Method;
use serde_json::{Value, json};

/// How far an application goes in a county that asks for a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The counter has not looked at the right to act yet.
    AtCounter,
    Draft,
    Submitted,
    Correction,
    InReview,
    Objection,
    ReadyToDecide,
    Approved,
    Refused,
}

/// The owner of the known businesses (see the table of residents).
const OWNER: &str = "13800000006";

/// An enterprise: its town, what it does (GB/T 4754 section), where, of which size, how many people, how many return.
struct Enterprise {
    name: &'static str,
    stage: Stage,
    town: &'static str,
    industry: &'static str,
    premises: &'static str,
    scale: &'static str,
    staff: (u32, usize),
}

type Kind = (&'static str, &'static str, &'static str);

const fn firm(
    name: &'static str,
    stage: Stage,
    town: &'static str,
    (industry, premises, scale): Kind,
    staff: (u32, usize),
) -> Enterprise {
    Enterprise { name, stage, town, industry, premises, scale, staff }
}

const ENTERPRISES: &[Enterprise] = &[
    firm("岳池县九龙街道老院子火锅店", Stage::InReview, "511621001", ("h", "restaurant", "small"), (18, 9)),
    firm(
        "岳池县禾丰米粉食品有限公司",
        Stage::ReadyToDecide,
        "511621002",
        ("c", "factory", "small"),
        (64, 12),
    ),
    firm(
        "四川川东兴隆建筑劳务有限公司",
        Stage::InReview,
        "511621108",
        ("e", "construction", "medium"),
        (210, 16),
    ),
    firm(
        "四川岳池渠江现代农业机械制造股份有限公司",
        Stage::Objection,
        "511621001",
        ("c", "factory", "large"),
        (1260, 24),
    ),
    firm("广安鑫源电子科技有限公司", Stage::InReview, "511621002", ("i", "office", "medium"), (130, 11)),
    firm(
        "岳池县伏龙镇阿依古丽·买买提江新疆干果经营部",
        Stage::Submitted,
        "511621124",
        ("f", "shop", "micro"),
        (6, 4),
    ),
    firm("岳池县石垭镇益民大药房", Stage::Approved, "511621113", ("f", "pharmacy", "micro"), (7, 5)),
    firm("岳池县裕民镇向阳幼儿用品店", Stage::Submitted, "511621116", ("f", "shop", "micro"), (3, 2)),
    firm("岳池县罗渡镇德安五金厂", Stage::Correction, "511621115", ("c", "factory", "small"), (38, 8)),
    firm(
        "岳池县新场镇渝岳汽车配件有限公司",
        Stage::Refused,
        "511621118",
        ("c", "factory", "small"),
        (52, 10),
    ),
    firm("岳池县𠮷祥纺织厂", Stage::Draft, "511621101", ("c", "factory", "medium"), (340, 6)),
    firm("岳池县顾县镇豆干食品厂", Stage::Submitted, "511621110", ("c", "factory", "small"), (28, 7)),
    firm(
        "岳池县兴隆镇绿源农产品有限公司",
        Stage::ReadyToDecide,
        "511621108",
        ("a", "farm", "small"),
        (45, 13),
    ),
    firm("岳池县酉溪镇春蕾服装厂", Stage::InReview, "511621106", ("c", "factory", "small"), (88, 15)),
    firm("岳池县顺达客运站", Stage::Submitted, "511621002", ("g", "transport", "medium"), (120, 20)),
    firm("岳池县翠湖宾馆", Stage::InReview, "511621001", ("h", "hotel", "small"), (33, 6)),
    firm("岳池县龙孔镇运通货运有限公司", Stage::AtCounter, "511621103", ("g", "transport", "small"), (41, 7)),
    firm("岳池县九龙街道竹编工艺坊", Stage::AtCounter, "511621001", ("c", "factory", "micro"), (9, 3)),
];

const ORIGINS: &[&str] =
    &["成都市武侯区", "重庆市合川区", "广安市广安区", "凉山州西昌市", "南充市顺庆区", "湖北省利川市"];

/// A shop that only files: its town and what it is.
type Shop = (&'static str, &'static str, &'static str, u32);

const SHOPS: &[Shop] = &[
    ("东坡区张三面馆", "511402001", "restaurant", 3),
    ("东坡区小吴理发店", "511402002", "hairdresser", 2),
    ("东坡区便民超市", "511402102", "shop", 5),
    ("东坡区洛桑藏药铺", "511402109", "pharmacy", 1),
    ("东坡区三苏农家乐", "511402116", "restaurant", 8),
];
const SHOPS_ELSEWHERE: &[Shop] = &[
    ("南山区潮汕牛肉店", "440305", "restaurant", 6),
    ("南山区深湾便利店", "440305", "shop", 2),
    ("南山区阿勒泰干果行", "440305", "shop", 3),
];

/// The shops of a province.
fn shops(home: &Home) -> &'static [Shop] {
    if home.permits.is_some() { SHOPS } else { SHOPS_ELSEWHERE }
}

/// Minutes that all applications take at most; nobody acts more than five times on one.
pub(super) fn planned(home: &Home) -> i64 {
    let times = |rows: usize, minutes: i64| i64::try_from(rows).unwrap_or(100) * minutes;
    let firms = if home.permits.is_some() { ENTERPRISES.len() } else { 0 };
    times(firms, 300 + 90 + 5 * 20) + times(shops(home).len(), 120)
}

/// Lets businesses apply.
pub(super) async fn fill(portal: &Portal, home: &Home) -> AppResult<()> {
    let mut sampler = Sampler::new(home.business().county.parse().unwrap_or(11));
    if home.permits.is_some() {
        for (index, firm) in ENTERPRISES.iter().enumerate() {
            let phone = if index < 3 { owner()? } else { sampler.phone() };
            enterprise(portal, home, &mut sampler, &phone, firm).await?;
        }
    }
    for (index, shop) in shops(home).iter().enumerate() {
        let phone = if index == 0 { owner()? } else { sampler.phone() };
        filing(portal, home, &mut sampler, &phone, shop).await?;
    }
    Ok(())
}

fn owner() -> AppResult<Phone> {
    Phone::parse(OWNER).map_err(|_| AppError::internal("a phone of the demo"))
}

/// An individual business in a county of low risk: effective at once.
async fn filing(
    portal: &Portal,
    home: &Home,
    sampler: &mut Sampler,
    phone: &Phone,
    (name, town, premises, returning): &Shop,
) -> AppResult<()> {
    portal.wait(120);
    let who = resident(portal, phone).await?;
    let county = home.people.county;
    let form = json!({
        "v": 1, "kind": "individual", "operator": sampler.name().as_str(), "operator_phone": phone.as_str(),
        "premises": [premises], "address": format!("湖滨路 {} 号", 8 + 3 * returning), "returning": returning, "staff": [], "staff_done": true,
        "commitment": true,
    });
    let body = new_application(sampler, town, county, true, name, form)?;
    let number = begin(portal, &who, county, Some(Role::CountyDesk), &body).await?;
    submit(portal, &who, &number).await
}

async fn enterprise(
    portal: &Portal,
    home: &Home,
    sampler: &mut Sampler,
    phone: &Phone,
    firm: &Enterprise,
) -> AppResult<()> {
    portal.wait(300);
    let who = resident(portal, phone).await?;
    let (county, stage) = (home.business().county, firm.stage);
    let (total, returning) = firm.staff;
    let staff: Vec<Value> = (0..returning)
        .map(|n| {
            json!({"name": sampler.name().as_str(), "document_kind": "id_card",
                "document": sampler.id_number().as_str(), "origin": ORIGINS.get(n % ORIGINS.len())})
        })
        .collect();
    let form = json!({
        "v": 1, "kind": "enterprise", "operator": sampler.name().as_str(), "operator_phone": phone.as_str(),
        "industry": firm.industry, "scale": firm.scale, "premises": [firm.premises], "address": format!("工业园区大道 {} 号", total % 97 + 1),
        "lead": sampler.name().as_str(), "lead_phone": sampler.phone().as_str(),
        "staff_total": total, "returning": returning, "staff": staff, "staff_done": true,
        "masks": 30 * returning, "disinfectant": 240, "thermometers": 12, "supply_days": 7,
        "isolation": "厂区 3 号楼 1 层，6 间", "prevention": "每天两次测温、消毒，分批用餐，车间隔断。",
        "emergency": "发现发热立即隔离并拨打 12345。", "commitment": true,
    });
    let body = new_application(sampler, firm.town, county, false, firm.name, form)?;
    let counter = (stage != Stage::AtCounter).then_some(Role::TownReviewer);
    let number = begin(portal, &who, county, counter, &body).await?;
    if matches!(stage, Stage::AtCounter | Stage::Draft) {
        return Ok(());
    }
    submit(portal, &who, &number).await?;
    portal.wait(90);
    decide(portal, home, &who, &number, stage).await
}

fn new_application(
    sampler: &mut Sampler,
    town: &str,
    county: &str,
    individual: bool,
    name: &str,
    form: Value,
) -> AppResult<Value> {
    let uscc =
        sampler.uscc_for(county, individual).ok_or_else(|| AppError::internal("a USCC of the demo"))?;
    Ok(json!({"uscc": uscc.as_str(), "name": name, "division": town, "form": form}))
}

/// Makes the draft and has the right to act for the business confirmed at this counter, if any.
async fn begin(
    portal: &Portal,
    who: &Person,
    county: &str,
    counter: Option<Role>,
    body: &Value,
) -> AppResult<String> {
    let made = portal.api(who, Method::POST, "/api/v1/applications", body).await?;
    if let Some(counter) = counter
        && let Some(agent) = made.pointer("/agent/number").and_then(Value::as_str)
        && made.pointer("/agent/state").and_then(Value::as_str) == Some("pending")
    {
        let clerk = staff::sign_in(portal, counter, county).await?;
        let fields = [("do", "confirm"), ("proof", "owner"), ("version", "1")];
        portal.form(&clerk, &format!("/desk/agents/{agent}"), &fields).await?;
    }
    text(&made, "number")
}

/// The application's version of this moment.
async fn version(portal: &Portal, who: &Person, number: &str) -> AppResult<i64> {
    let path = format!("/api/v1/applications/{number}");
    let found = portal.api(who, Method::GET, &path, &Value::Null).await?;
    Ok(found.get("version").and_then(Value::as_i64).unwrap_or(0))
}

async fn submit(portal: &Portal, who: &Person, number: &str) -> AppResult<()> {
    let version = version(portal, who, number).await?;
    let body = json!({"version": version, "commitment": true});
    portal.api(who, Method::POST, &format!("/api/v1/applications/{number}/submit"), &body).await?;
    Ok(())
}

/// What an official does, with reason, remedy and the list of a correction notice where the action asks for them.
struct Act {
    role: Role,
    action: &'static str,
    reason: &'static str,
    remedy: &'static str,
    items: &'static [&'static str],
}

const fn act(role: Role, action: &'static str) -> Act {
    Act { role, action, reason: "", remedy: "", items: &[] }
}

const ACCEPT: Act = act(Role::TownReviewer, "accept");
const AGREE: [Act; 3] = [
    act(Role::HealthReviewer, "agree"),
    act(Role::IndustryReviewer, "agree"),
    act(Role::MarketReviewer, "agree"),
];

async fn decide(portal: &Portal, home: &Home, who: &Person, number: &str, stage: Stage) -> AppResult<()> {
    let mut acts: Vec<Act> = Vec::new();
    match stage {
        Stage::AtCounter | Stage::Draft | Stage::Submitted => {}
        Stage::Correction => acts.push(Act {
            role: Role::TownReviewer,
            action: "request-correction",
            reason: "材料还缺两项。",
            remedy: "",
            items: &["隔离房间平面图", "返岗人员 14 天内行程"],
        }),
        // Acceptance asks the departments at once.
        Stage::InReview => acts.push(ACCEPT),
        Stage::Objection => {
            let [health, ..] = AGREE;
            let reason = "名单中 1 人的证明已撤销，请先移出名单。";
            let remedy = "移出后重新确认名单，我们当天复核。";
            let object = Act { role: Role::MarketReviewer, action: "object", reason, remedy, items: &[] };
            acts.extend([ACCEPT, health, object]);
        }
        Stage::ReadyToDecide | Stage::Approved => {
            acts.push(ACCEPT);
            acts.extend(AGREE);
            if stage == Stage::Approved {
                acts.push(act(Role::CountyDesk, "approve"));
            }
        }
        Stage::Refused => {
            let [_, industry, market] = AGREE;
            let health = Act {
                role: Role::HealthReviewer,
                action: "object",
                reason: "隔离房间与宿舍共用通道。",
                remedy: "另设有独立通道的隔离房间。",
                items: &[],
            };
            acts.extend([ACCEPT, health, industry, market]);
            acts.push(Act {
                role: Role::CountyDesk,
                action: "refuse",
                reason: "隔离房间与宿舍共用通道，不符合要求。",
                remedy: "请另设隔离房间后再申请，可拨打 12345 咨询。",
                items: &[],
            });
        }
    }
    for act in acts {
        portal.wait(20);
        let official = staff::sign_in(portal, act.role, home.business().county).await?;
        let body = json!({
            "version": version(portal, who, number).await?, "reason": act.reason, "remedy": act.remedy, "items": act.items,
        });
        let path = format!("/api/v1/desk/applications/{number}/actions/{}", act.action);
        portal.api(&official, Method::POST, &path, &body).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn enterprises_are_of_every_size_and_several_kinds() {
        let sizes: BTreeSet<&str> = ENTERPRISES.iter().map(|e| e.scale).collect();
        let kinds: BTreeSet<&str> = ENTERPRISES.iter().map(|e| e.industry).collect();
        assert_eq!(sizes.len(), 4, "{sizes:?}");
        assert!(kinds.len() >= 5, "{kinds:?}");
        for e in ENTERPRISES {
            assert!(e.staff.1 > 0 && u32::try_from(e.staff.1).unwrap() <= e.staff.0, "{}", e.name);
        }
    }
}
