//! What is done about a person or a business, act by act, and how each act is asked for.

use super::super::site::Person;
use super::office::Who;
use chrono::Datelike;
use fugong::clock::{Clock, china_day};
use fugong::identity::sample::{Sampler, id_number_nth};
use serde_json::{Value, json};
use uuid::Uuid;

/// One thing that somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Declare,
    Check,
    Issue,
    Find,
    Confirm,
    Refuse,
    AskEnd,
    End,
    Appeal,
    Overturn,
    SetAside,
    Dispute,
    Again,
    Uphold,
    Create,
    Agent,
    File,
    Correct,
    Resubmit,
    Accept,
    Health,
    Industry,
    Market,
    Object,
    Approve,
    Deny,
}

/// What happens about a person or, from the sixth on, about a business.
const PATHS: [&[Act]; 9] = {
    use Act::*;
    [
        &[Declare, Check, Issue],
        &[Declare, Check, Issue, Find, Confirm, AskEnd, End],
        &[Declare, Check, Issue, Find, Confirm, Appeal, Overturn, SetAside],
        &[Declare, Check, Issue, Find, Confirm, Appeal, Uphold],
        &[Declare, Check, Issue, Find, Refuse],
        &[Declare, Check, Issue, Find, Confirm, Appeal, Overturn, Dispute, Again],
        &[Create, Agent, File, Accept, Health, Industry, Market, Approve],
        &[Create, Agent, File, Accept, Object, Industry, Market, Deny],
        &[Create, Agent, File, Correct, Resubmit, Accept, Health],
    ]
};
/// The paths from here on are a business's.
const BUSINESS: u64 = 6;

impl Act {
    /// As it is called in the trail that it leaves ([`super::trail`]).
    pub fn trace(self) -> &'static str {
        match self {
            Self::Declare => "declare",
            Self::Check => "check",
            Self::Issue => "issue",
            Self::Find => "find",
            Self::Confirm => "confirm",
            Self::Refuse => "refuse-finding",
            Self::AskEnd => "ask-end",
            Self::End => "end",
            Self::Appeal => "appeal",
            Self::Overturn => "overturn",
            Self::SetAside => "set-aside",
            Self::Dispute => "dispute",
            Self::Again => "overturn-again",
            Self::Uphold => "uphold",
            Self::Create => "create",
            Self::Agent => "agent",
            Self::File => "submit",
            Self::Correct => "request-correction",
            Self::Resubmit => "resubmit",
            Self::Accept => "accept",
            Self::Health | Self::Industry | Self::Market => "agree",
            Self::Object => "object",
            Self::Approve => "approve",
            Self::Deny => "refuse",
        }
    }

    /// Whether it is sent with a key, so that a repetition gets the first answer.
    pub fn has_key(self) -> bool {
        !matches!(
            self,
            Self::Confirm
                | Self::Refuse
                | Self::AskEnd
                | Self::End
                | Self::Overturn
                | Self::SetAside
                | Self::Dispute
                | Self::Again
                | Self::Uphold
        )
    }

    pub fn who(self) -> Who {
        match self {
            Self::Declare | Self::Appeal | Self::Create | Self::File | Self::Resubmit => Who::Owner,
            Self::Check => Who::Worker,
            Self::Issue => Who::Doctor,
            Self::Find | Self::AskEnd => Who::First,
            Self::Confirm | Self::Refuse | Self::End => Who::Second,
            Self::SetAside | Self::Dispute => Who::Third,
            Self::Again => Who::Other,
            Self::Overturn | Self::Uphold => Who::Reviewer,
            Self::Agent | Self::Approve | Self::Deny => Who::Desk,
            Self::Correct | Self::Accept => Who::Town,
            Self::Health | Self::Object => Who::Health,
            Self::Industry => Who::Industry,
            Self::Market => Who::Market,
        }
    }
}

/// The name of the workflow's action for an official's act on a case.
fn action(act: Act) -> &'static str {
    match act {
        Act::Issue => "confirm",
        Act::Again => "overturn",
        _ => act.trace(),
    }
}

#[derive(Debug, Clone)]
pub enum Body {
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

/// A request that can be sent again as it was.
#[derive(Debug, Clone)]
pub struct Request {
    pub act: Act,
    pub path: String,
    pub key: Uuid,
    pub body: Body,
}

/// Somebody with what is to happen.
#[derive(Debug, Clone)]
pub struct Story {
    pub owner: Person,
    k: u64,
    /// Distinguishes the keys of runs.
    seed: u64,
    /// How many of the acts were answered.
    pub done: usize,
    /// Sent and not answered.
    pub doubt: Option<Request>,
    /// Number of the declaration or application.
    pub number: String,
    agent: String,
    appeal: String,
}

/// What has to be looked up before an act: the version of the case, or the identifier of what waits.
pub enum Needs {
    Nothing,
    /// The case at this address of the JSON interface.
    Version(String),
    /// The finding about the person.
    Finding,
    /// The end that waits.
    End,
    /// That the person's code is red: before, there is nothing to appeal against.
    Red,
}

impl Story {
    /// The owner's number among all who sign in.
    pub fn owner_of(k: u64) -> u64 {
        if is_business(k) { 500_000 + k } else { k }
    }

    pub fn new(k: u64, seed: u64, owner: Person) -> Self {
        let empty = String::new;
        Self { owner, k, seed, done: 0, doubt: None, number: empty(), agent: empty(), appeal: empty() }
    }

    pub fn path(&self) -> &'static [Act] {
        PATHS[usize::try_from(self.k % 9).unwrap()]
    }

    pub fn act(&self) -> Option<Act> {
        self.path().get(self.done).copied()
    }

    pub fn needs(&self, act: Act) -> Needs {
        use Act::*;
        match act {
            Check | Issue => Needs::Version(format!("/api/v1/desk/declarations/{}", self.number)),
            File | Resubmit => Needs::Version(format!("/api/v1/applications/{}", self.number)),
            Correct | Accept | Health | Industry | Market | Object | Approve | Deny => {
                Needs::Version(format!("/api/v1/desk/applications/{}", self.number))
            }
            Confirm | Refuse | AskEnd => Needs::Finding,
            End | SetAside | Dispute => Needs::End,
            Appeal => Needs::Red,
            Declare | Find | Overturn | Again | Uphold | Create | Agent => Needs::Nothing,
        }
    }

    /// The request of an act; `found` is what it needed.
    pub fn request(&self, act: Act, found: &str) -> Request {
        let step = u64::try_from(self.done).unwrap();
        let key = Uuid::from_u64_pair(self.seed, self.k * 64 + step);
        let (path, body) = self.ask(act, found, key);
        Request { act, path, key, body }
    }

    fn ask(&self, act: Act, found: &str, key: Uuid) -> (String, Body) {
        use Act::*;
        let version = || json!(found.parse::<i64>().unwrap());
        let texts = |pairs: &[(&'static str, &str)]| {
            Body::Form(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
        };
        match act {
            Declare => ("/api/v1/declarations".into(), Body::Json(self.owner.body.clone())),
            Check | Issue => {
                let path = format!("/api/v1/desk/declarations/{}/actions/{}", self.number, action(act));
                let mut body = json!({"version": version()});
                if act == Issue {
                    body["temperature_tenths"] = json!(366);
                    body["conclusion"] = json!("no-abnormality");
                }
                (path, Body::Json(body))
            }
            Find => ("/desk/records/new".into(), Body::Form(self.finding(key))),
            Confirm => (format!("/desk/records/{found}/decide"), texts(&[("decision", "confirm")])),
            Refuse | Dispute => {
                let list = if act == Dispute { "record-ends" } else { "records" };
                let no = [("decision", "refuse"), ("reason", "当天在外地出差")];
                (format!("/desk/{list}/{found}/decide"), texts(&no))
            }
            AskEnd => (format!("/desk/records/{found}/end"), texts(&[("reason", "核实不在现场")])),
            End | SetAside => {
                (format!("/desk/record-ends/{found}/decide"), texts(&[("decision", "confirm")]))
            }
            Appeal => {
                let key = key.to_string();
                let form = [("cause", "red.close-contact"), ("reason", "那天在成都上班。"), ("_once", &key)];
                ("/code/appeal".into(), texts(&form))
            }
            Overturn | Again | Uphold => {
                let form = [
                    ("action", action(act)),
                    ("reason", "核对了考勤记录。"),
                    ("remedy", "可以申请行政复议。"),
                    ("version", if act == Again { "3" } else { "1" }),
                ];
                (format!("/desk/appeals/{}", self.appeal), texts(&form))
            }
            _ => self.ask_for_a_business(act, found),
        }
    }

    fn ask_for_a_business(&self, act: Act, found: &str) -> (String, Body) {
        use Act::*;
        let version = || json!(found.parse::<i64>().unwrap());
        match act {
            Create => ("/api/v1/applications".into(), Body::Json(self.application())),
            Agent => {
                let body = json!({"version": 1, "proof": "legal-person"});
                (format!("/api/v1/desk/agents/{}/actions/confirm", self.agent), Body::Json(body))
            }
            File | Resubmit => {
                let body = json!({"version": version(), "commitment": true});
                (format!("/api/v1/applications/{}/{}", self.number, action(act)), Body::Json(body))
            }
            _ => {
                let path = format!("/api/v1/desk/applications/{}/actions/{}", self.number, action(act));
                let mut body = json!({"version": version()});
                match act {
                    Correct => body["items"] = json!(["食堂分餐安排"]),
                    Object | Deny => {
                        body["reason"] = json!("隔离房间与宿舍共用通道。");
                        body["remedy"] = json!("另设有独立通道的隔离房间。");
                    }
                    _ => {}
                }
                (path, Body::Json(body))
            }
        }
    }

    fn finding(&self, key: Uuid) -> Vec<(&'static str, String)> {
        let day = china_day(Clock::system().now());
        let document = self.owner.body["document_number"].as_str().unwrap();
        vec![
            ("doc_kind", "id_card".into()),
            ("doc_number", document.into()),
            ("kind", "close_contact".into()),
            ("at-year", day.year().to_string()),
            ("at-month", day.month().to_string()),
            ("at-day", day.day().to_string()),
            ("source", "县疾控中心流调报告".into()),
            ("_once", key.to_string()),
        ]
    }

    fn application(&self) -> Value {
        let uscc = Sampler::new(self.k).uscc_for("511621", false).unwrap();
        let staff = id_number_nth("511621".parse().unwrap(), 700_000 + self.k).unwrap();
        let plan = "每天两次测温，分餐，通风；何晓琴负责。";
        json!({
            "uscc": uscc.as_str(), "name": format!("四川岳池渠江机械{}厂", self.k), "division": "511621001", "form": {
                "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "+8613800138222",
                "industry": "c", "scale": "medium", "premises": ["factory"], "address": "工业园区大道 66 号",
                "lead": "何晓琴", "lead_phone": "+8613800138333", "staff_total": 10, "returning": 1,
                "staff_done": true,
                "staff": [{"name": "𠮷㛃", "document_kind": "id_card", "document": staff.as_str(), "origin": null}],
                "masks": 600, "disinfectant": 24, "thermometers": 2, "supply_days": 7,
                "isolation": "3 号楼 1 层", "prevention": plan, "emergency": plan, "commitment": true,
            },
        })
    }

    /// Keeps what the next acts need of an answer: JSON, or the address that a form led to.
    pub fn learn(&mut self, act: Act, answer: &Value) {
        let text = |at: &str| answer.pointer(at).and_then(Value::as_str).unwrap().to_owned();
        match act {
            Act::Declare => self.number = text("/number"),
            Act::Create => (self.number, self.agent) = (text("/number"), text("/agent/number")),
            Act::Appeal => self.appeal = text("/location").rsplit('/').next().unwrap().to_owned(),
            _ => {}
        }
        self.done += 1;
    }
}

fn is_business(k: u64) -> bool {
    k % 9 >= BUSINESS
}
