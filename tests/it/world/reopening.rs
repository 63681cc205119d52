//! Businesses ask to reopen: drafts at every question, a filing, applications at every stage, and the officials who
//! deal with them. Low risk is in [`COUNTY`], medium risk in [`MEDIUM`].

use super::{COUNTY, ELSEWHERE, World};
use crate::harness::browser::Answer;
use chrono::Duration;
use fugong::access::Role;
use fugong::identity::sample::Sampler;
use reqwest::Method;
use serde_json::{Value, json};

/// A county of medium risk, next to [`COUNTY`], and a town of each.
pub const MEDIUM: &str = "511622";
const MEDIUM_TOWN: &str = "511622100";
const TOWN: &str = "511621001";

/// Questions and their answers, in the order of the form.
type Answers = &'static [(&'static str, &'static [(&'static str, &'static str)])];

const PLAN: &str = "每天两次测温和消毒，分批用餐，车间隔断；何晓琴负责。";

pub const SHOP: Answers = &[
    ("operator", &[("operator", "陈㛃𠮷"), ("operator_phone", "138 0013 8111")]),
    ("premises", &[("premises", "hairdresser")]),
    ("place", &[("place-3", TOWN), ("address", "东外街 18 号")]),
    ("headcount", &[("returning", "２")]),
    ("staff", &[("staff", "")]),
];

/// The list of staff is uploaded.
pub const FACTORY: Answers = &[
    ("operator", &[("operator", "蒲国强"), ("operator_phone", "13800138222")]),
    ("industry", &[("industry", "c"), ("scale", "medium")]),
    ("premises", &[("premises", "factory")]),
    ("place", &[("place-3", MEDIUM_TOWN), ("address", "工业园区大道 66 号")]),
    ("lead", &[("lead", "何晓琴"), ("lead_phone", "13800138333")]),
    ("headcount", &[("staff_total", "410"), ("returning", "2")]),
    ("supplies", &[("masks", "60"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")]),
    ("isolation", &[("isolation", "3 号楼 1 层，6 间")]),
    ("prevention", &[("prevention", PLAN)]),
    ("emergency", &[("emergency", PLAN)]),
];

/// Who is on the staff list of the world's factories.
pub const STAFF: &str = "姓名\t证件号码\t手机\t14 天来自\t证明编号\n\
    阿依古丽·买买提江\t360426199101010071\t\t新疆喀什市\n欧阳金丝雀\t11010519491231002X";

/// A whole application of an enterprise in [`MEDIUM`], as programs send it.
fn whole(seed: u64, name: &str) -> Value {
    let uscc = Sampler::new(seed).uscc_for(MEDIUM, false).unwrap();
    let person = |name: &str, document: &str, origin: Option<&str>| json!({"name": name, "document_kind": "id_card", "document": document, "origin": origin});
    json!({"uscc": uscc.as_str(), "name": name, "division": MEDIUM_TOWN, "form": {
        "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "+8613800138222", "industry": "c",
        "scale": "medium", "premises": ["factory"], "address": "工业园区大道 66 号", "lead": "何晓琴",
        "lead_phone": "+8613800138333", "staff_total": 410, "returning": 3, "staff": [
            person("欧阳金丝雀", "11010519491231002X", Some("湖北省武汉市江岸区")),
            person("阿依古丽·买买提江", "360426199101010071", Some("新疆喀什市")),
            person("𠮷㛃", "51162119900307132X", None),
        ], "staff_done": true, "masks": 5600, "disinfectant": 240, "thermometers": 12, "supply_days": 7,
        "isolation": "厂区 3 号楼 1 层，6 间", "prevention": PLAN, "emergency": PLAN, "commitment": true,
    }})
}

impl World {
    /// An application that was made eight days before everything else, so that its limit is over: `overdue`.
    pub(super) async fn long_ago(&mut self) {
        self.app.clock.advance(-Duration::days(8));
        let pioneer = self.app.resident("13800138021").await;
        self.meet("pioneer", pioneer);
        self.publish_risk(MEDIUM, "medium").await;
        self.publish_risk(COUNTY, "low").await;
        self.hire("counter", Role::CountyDesk, MEDIUM).await;
        self.look("pioneer", "/reopening").await;
        self.apply("pioneer", "overdue", 21, "武胜县沿口镇老院子食品厂").await;
        self.hand_in("pioneer", "overdue").await;
        self.app.clock.advance(Duration::days(8));
    }

    /// Publishes a risk class as two operators do.
    async fn publish_risk(&mut self, division: &str, level: &str) {
        for name in ["operator-1", "operator-2"] {
            self.hire(name, Role::ProvinceOperator, "510000").await;
        }
        self.change_risk(division, level, ["3", "1"], "省指挥部第 7 号公告").await;
        self.second("operator-2", "/desk/risks", "confirm", "risk").await;
    }

    /// People: `resident` has every case here, `mover` none; desks `town`, `county`, `health`, `industry`, `market`,
    /// `counter` (of the low-risk county). Things: cases by their state, `agent-…`, `permit-…`.
    pub(super) async fn reopening(&mut self) {
        let pioneer = self.app.resident("13800138021").await;
        self.meet("pioneer", pioneer);
        self.hire("counter", Role::CountyDesk, COUNTY).await;
        self.hire("town", Role::TownReviewer, MEDIUM_TOWN).await;
        for (name, role) in [
            ("county", Role::CountyDesk),
            ("health", Role::HealthReviewer),
            ("industry", Role::IndustryReviewer),
            ("market", Role::MarketReviewer),
        ] {
            self.hire(name, role, MEDIUM).await;
        }
        self.shops().await;
        self.agents().await;
        self.hire("counter", Role::CountyDesk, MEDIUM).await;
        self.factories().await;
        self.reviewed().await;
        self.hire("counter", Role::CountyDesk, COUNTY).await;
        self.app.drain().await;
    }

    /// Opens a draft: `thing` is its number.
    async fn begin(&mut self, thing: &str, uscc: &str, name: &str, place: [&str; 3]) {
        self.look("resident", "/reopening").await;
        let fields = [
            ("uscc", uscc),
            ("name", name),
            ("place-1", place[0]),
            ("place-2", place[1]),
            ("place-3", place[2]),
        ];
        let led = self.send("resident", "/reopening", &fields).await;
        self.keep(thing, led.location().split('/').nth(2).unwrap());
    }

    async fn answer(&mut self, thing: &str, answers: Answers) {
        for (step, fields) in answers {
            let path = format!("/reopening/{{{thing}}}/{step}");
            self.look("resident", &path).await;
            self.send("resident", &path, fields).await;
        }
    }

    /// The number under which a business of that name is claimed, kept as a thing.
    async fn agent(&mut self, thing: &str, name: &str) {
        let page = self.look("resident", "/reopening").await.body;
        let mine = page.split("/reopening/agents/").skip(1).find(|s| s.contains(&format!("\">{name}</a>")));
        let number = mine.expect("a business of that name").split('"').next().unwrap().to_owned();
        self.keep(thing, number);
    }

    /// The counter confirms or rejects a claim.
    async fn decide_agent(&mut self, thing: &str, verb: &str) {
        self.look("counter", &format!("/desk/agents/{{{thing}}}")).await;
        let fields = [("version", "1"), ("do", verb), ("proof", "owner"), ("legal_phone", "13700137000")];
        self.send("counter", &format!("/desk/agents/{{{thing}}}"), &fields).await;
    }

    async fn hand_in(&mut self, who: &str, thing: &str) {
        let page = self.look(who, &format!("/reopening/{{{thing}}}/check")).await;
        let version = page.input("version").expect("the form to submit");
        let fields = [("version", version.as_str()), ("commitment", "yes")];
        self.send(who, &format!("/reopening/{{{thing}}}/submit"), &fields).await.leads_to("/reopening/");
    }

    /// Drafts and filings of shops.
    async fn shops(&mut self) {
        let place = ["511600", COUNTY, TOWN];
        let uscc = |seed| Sampler::new(seed).uscc_for(COUNTY, true).unwrap().as_str().to_owned();
        let barber = "岳池县东外街理发店（陈记）";
        self.begin("filed", &uscc(31), barber, place).await;
        self.answer("filed", SHOP).await;
        self.agent("agent-good", barber).await;
        self.look("resident", "/reopening/agents/{agent-good}").await;
        self.send("resident", "/reopening/agents/{agent-good}/code", &[("do", "send")]).await;
        self.decide_agent("agent-good", "confirm").await;
        self.hand_in("resident", "filed").await;
        self.permit("filed").await;
        self.begin("filing", &uscc(31), barber, place).await;
        self.answer("filing", SHOP).await;
        self.begin("shut", &uscc(31 + 1), "岳池县银河电影院", place).await;
        self.answer("shut", SHOP).await;
        self.answer("shut", &[("premises", &[("premises", "cinema"), ("premises", "bar")])]).await;
        // Nobody has published a class of this place.
        let elsewhere = ["510100", ELSEWHERE, "510104022"];
        self.begin("unknown", &uscc(33), "锦江区春熙路面馆", elsewhere).await;
        self.answer("unknown", SHOP).await;
        self.answer("unknown", &[("place", &[("place-3", "510104022"), ("address", "春熙路 1 号")])]).await;
    }

    /// Claims that wait, and one that was rejected.
    async fn agents(&mut self) {
        self.agent("agent", "岳池县银河电影院").await;
        let uscc = Sampler::new(34).uscc_for(COUNTY, true).unwrap();
        let name = "岳池县九龙街道向阳幼儿用品店";
        self.begin("not-yours", uscc.as_str(), name, ["511600", COUNTY, TOWN]).await;
        self.agent("agent-bad", name).await;
        self.decide_agent("agent-bad", "reject").await;
        let uscc = Sampler::new(35).uscc_for(COUNTY, true).unwrap();
        let name = "岳池县九龙街道老街文具店";
        self.begin("not-his", uscc.as_str(), name, ["511600", COUNTY, TOWN]).await;
        self.agent("agent-other", name).await;
        let path = "/api/v1/desk/agents/{agent-other}/actions/reject";
        self.call("counter", Method::POST, path, &json!({"version": 1})).await;
        // The list of them: somebody looks for one, and keeps a view.
        self.look("counter", "/desk/agents?tab=over&stage=rejected").await;
        self.send("counter", "/desk/agents", &[("q", "文具店")]).await;
        let sought = json!({"q": "文具店"});
        self.call("counter", Method::POST, "/api/v1/desk/agents/search", &sought).await;
        let view = [("do", "save"), ("kind", "individual"), ("view", "个体的")];
        self.send("counter", "/desk/agents/views", &view).await;
    }

    /// An application of an enterprise, made by a program and confirmed at the counter.
    async fn apply(&mut self, who: &str, thing: &str, seed: u64, name: &str) {
        let made = self.call(who, Method::POST, "/api/v1/applications", &whole(seed, name)).await.json();
        self.keep(thing, made["number"].as_str().unwrap());
        if made["agent"]["state"] == "pending" {
            self.keep("claim-number", made["agent"]["number"].as_str().unwrap());
            self.decide_agent("claim-number", "confirm").await;
        }
    }

    /// Factories up to the town: a draft with nothing in it, one with everything, submitted ones, one to correct.
    async fn factories(&mut self) {
        let place = ["511600", MEDIUM, MEDIUM_TOWN];
        let uscc = |seed| Sampler::new(seed).uscc_for(MEDIUM, false).unwrap().as_str().to_owned();
        self.begin("draft", &uscc(41), "武胜县万善镇豆干厂", place).await;
        self.begin("ready", &uscc(42), "四川武胜渠江现代农业机械制造股份有限公司", place).await;
        self.answer("ready", FACTORY).await;
        self.look("resident", "/reopening/{ready}/staff").await;
        self.upload("resident", "/reopening/{ready}/staff/upload", STAFF.as_bytes()).await;
        let page = "/reopening/{ready}/files";
        let files = (page, page, "/api/v1/applications/{ready}/files");
        self.handed_in("resident", "ready-file", files).await;
        self.imports("resident", "ready").await;
        self.agent("claim-number", "四川武胜渠江现代农业机械制造股份有限公司").await;
        self.decide_agent("claim-number", "confirm").await;
        self.apply("resident", "submitted", 43, "武胜县烈面镇绿源农产品有限公司").await;
        let ready = json!({"version": self.version("submitted").await, "commitment": true});
        self.call("resident", Method::POST, "/api/v1/applications/{submitted}/submit", &ready).await;
        self.apply("resident", "correction", 44, "武胜县飞龙镇德安五金厂").await;
        self.hand_in("resident", "correction").await;
        self.rule_on(
            "town",
            "correction",
            "request-correction",
            &[("items", "隔离房间平面图\n食堂分餐安排")],
        )
        .await;
        self.apply("resident", "resubmitted", 45, "武胜县街子镇春蕾服装厂").await;
        self.hand_in("resident", "resubmitted").await;
        self.rule_on("town", "resubmitted", "request-correction", &[("items", "应急预案没有写送医路线")])
            .await;
        let again = json!({"version": self.version("resubmitted").await, "commitment": true});
        self.call("resident", Method::POST, "/api/v1/applications/{resubmitted}/resubmit", &again).await;
        self.apply("resident", "recalled", 46, "武胜县清平镇纸箱厂").await;
        self.hand_in("resident", "recalled").await;
        let version = self.version("recalled").await.to_string();
        self.look("resident", "/reopening/{recalled}").await;
        self.send("resident", "/reopening/{recalled}/actions/withdraw", &[("version", &version)]).await;
        self.apply("resident", "recalled", 46, "武胜县清平镇纸箱厂").await;
        let version = json!({"version": self.version("recalled").await});
        self.call("resident", Method::POST, "/api/v1/applications/{recalled}/withdraw", &version).await;
    }

    /// Factories that were accepted: under review, allowed, refused, suspended.
    async fn reviewed(&mut self) {
        for (thing, seed, name) in [
            (
                "review",
                51,
                "广安鑫源电子科技有限公司武胜分公司（含沿口镇、中心镇和烈面镇三个生产厂区及职工宿舍）",
            ),
            ("decidable", 52, "武胜县宝箴塞镇𠮷祥纺织厂"),
            ("approved", 53, "武胜县石盘镇益民药业有限公司"),
            ("refused", 54, "武胜县礼安镇渝岳汽车配件有限公司"),
            ("suspended", 55, "武胜县华封镇禾丰米粉食品有限公司"),
        ] {
            self.apply("resident", thing, seed, name).await;
            self.hand_in("resident", thing).await;
            self.rule_on("town", thing, "accept", &[]).await;
        }
        self.look("county", "/desk/applications/{review}").await;
        self.send("county", "/desk/applications/{review}/remind", &[]).await;
        let path = "/api/v1/desk/applications/{decidable}/remind";
        self.call("county", Method::POST, path, &json!({})).await;
        let (why, remedy) = (("reason", "测温设备只有 1 个，两个大门都要有"), ("remedy", "再备 1 个"));
        self.rule_on("health", "review", "object", &[why, remedy]).await;
        self.rule_on("industry", "review", "agree", &[]).await;
        for thing in ["decidable", "approved", "suspended"] {
            for department in ["health", "industry", "market"] {
                self.rule_on(department, thing, "agree", &[]).await;
            }
        }
        for department in ["health", "industry", "market"] {
            self.rule_on(department, "refused", "object", &[why, remedy]).await;
        }
        let (why, remedy) = (("reason", "隔离房间与宿舍同层，不合格"), ("remedy", "改到独立楼层后重新申请"));
        self.rule_on("county", "refused", "refuse", &[why, remedy]).await;
        self.rule_on("county", "approved", "approve", &[]).await;
        self.permit("approved").await;
        let version = json!({"version": self.version("suspended").await});
        let path = "/api/v1/desk/applications/{suspended}/actions/approve";
        self.call("county", Method::POST, path, &version).await;
        self.permit("suspended").await;
        let (why, remedy) = (("reason", "出现一名确诊病例"), ("remedy", "终末消毒合格后申请恢复"));
        self.rule_on("county", "suspended", "suspend", &[why, remedy]).await;
        self.look("county", "/desk/applications?tab=unassigned").await;
        let number = self.fill_in("{decidable}@1");
        self.send("county", "/desk/applications/bulk", &[("do", "take"), ("case", &number)]).await;
        self.look("town", "/desk/applications/{submitted}").await;
        self.send("town", "/desk/applications/{submitted}/assign", &[("do", "take")]).await;
    }

    /// The version of a case of `resident`'s.
    async fn version(&mut self, thing: &str) -> i64 {
        let path = self.fill_in(&format!("/api/v1/applications/{{{thing}}}"));
        let case: Value = self.person("resident").api_get(&path).await.expect(200).json();
        case["version"].as_i64().unwrap()
    }

    /// Keeps the number of a case's permit or filing as `permit-<thing>`.
    async fn permit(&mut self, thing: &str) {
        let path = self.fill_in(&format!("/api/v1/applications/{{{thing}}}"));
        let case: Value = self.person("resident").api_get(&path).await.expect(200).json();
        self.keep(&format!("permit-{thing}"), case["permit_number"].as_str().unwrap());
    }

    /// An official decides a case of `resident`'s on its page.
    async fn rule_on(&mut self, who: &str, thing: &str, action: &str, more: &[(&str, &str)]) -> Answer {
        let path = format!("/desk/applications/{{{thing}}}");
        let page = self.look(who, &path).await;
        let version = page.input("version").expect("something to decide");
        let mut fields = vec![("version", version.as_str()), ("action", action)];
        fields.extend(more);
        self.send(who, &path, &fields).await
    }
}
