//! The forms with free text: who sends each, what else it says, and which of its fields are read by others.

use crate::world::front::KEY;
use crate::world::{COUNTY, PERSONAL};

pub const TOWN: &str = "511621001";

/// A form: who sends it, the page on which it stands, where it goes, what it says, and its fields of free text.
pub type Sent = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

pub const FORMS: &[Sent] = &[
    (
        "somebody",
        "/reopening",
        "/reopening",
        &[
            ("uscc", "{code}"),
            ("name", "某店"),
            ("place-1", "511600"),
            ("place-2", COUNTY),
            ("place-3", TOWN),
        ],
        &["name"],
    ),
    (
        "resident",
        "/reopening/{ready}/place",
        "/reopening/{ready}/place",
        &[("place-3", "511622100"), ("address", "东外街 18 号")],
        &["address"],
    ),
    (
        "resident",
        "/reopening/{ready}/staff",
        "/reopening/{ready}/staff",
        &[("staff", "阿依古丽·买买提江\t360426199101010071\t\t新疆喀什市")],
        &["staff"],
    ),
    (
        "resident",
        "/reopening/{ready}/isolation",
        "/reopening/{ready}/isolation",
        &[("isolation", "3 号楼")],
        &["isolation"],
    ),
    (
        "resident",
        "/reopening/{ready}/prevention",
        "/reopening/{ready}/prevention",
        &[("prevention", "测温")],
        &["prevention"],
    ),
    (
        "resident",
        "/reopening/{ready}/emergency",
        "/reopening/{ready}/emergency",
        &[("emergency", "送医")],
        &["emergency"],
    ),
    (
        "town",
        "/desk/applications/{submitted}",
        "/desk/applications/{submitted}",
        &[
            ("version", "1"),
            ("action", "request-correction"),
            ("items", "一"),
            ("reason", "二"),
            ("remedy", "三"),
        ],
        &["items", "reason", "remedy"],
    ),
    (
        "counter",
        "/desk/agents/{agent}",
        "/desk/agents/{agent}",
        &[("version", "1"), ("do", "confirm"), ("proof", "owner"), ("name", "某店")],
        &["name"],
    ),
    (
        "counter",
        "/desk/agents/{agent-good}",
        "/desk/agents/{agent-good}",
        &[("version", "2"), ("do", "rename"), ("name", "某店"), ("reason", "变更登记")],
        &["name", "reason"],
    ),
    (
        "doctor",
        "/desk/certificates/{certificate}",
        "/desk/certificates/{certificate}/revoke",
        &[("version", "1"), ("reason", "一"), ("remedy", "二")],
        &["reason", "remedy"],
    ),
    (
        "worker",
        "/desk/declarations/{declaration}",
        "/desk/declarations/{declaration}",
        &[("version", "1"), ("action", "return"), ("items", "一"), ("reason", "二"), ("note", "三")],
        &["items", "reason", "note"],
    ),
    (
        "worker",
        "/desk/declarations/{declaration}",
        "/desk/declarations/{declaration}",
        &[("version", "1"), ("action", "reject"), ("reason", "一"), ("remedy", "二")],
        &["remedy"],
    ),
    (
        "reviewer",
        "/desk/appeals/{appeal}",
        "/desk/appeals/{appeal}/comments",
        &[("audience", "internal"), ("comment", "一")],
        &["comment"],
    ),
    ("cough", "/code", "/code/appeal", &[("cause", "yellow.self-report"), ("reason", "没有")], &["reason"]),
    (
        "reviewer",
        "/desk/appeals/{appeal}",
        "/desk/appeals/{appeal}",
        &[("version", "1"), ("action", "uphold"), ("reason", "一"), ("remedy", "二")],
        &["reason", "remedy"],
    ),
    (
        "reviewer",
        "/desk/appeals",
        "/desk/appeals/views",
        &[("do", "save"), ("tab", "open"), ("view", "一")],
        &["view"],
    ),
    ("colour-1", "/desk/records/new", "/desk/records/new", FINDING, &["place", "source"]),
    (
        "colour-1",
        "/desk/records/{counting}/end",
        "/desk/records/{counting}/end",
        &[("reason", "核实")],
        &["reason"],
    ),
    (
        "colour-2",
        "/desk/records/{record}/decide",
        "/desk/records/{record}/decide",
        &[("decision", "refuse"), ("reason", "重复")],
        &["reason"],
    ),
    (
        "colour-2",
        "/desk/record-ends/{record-end}/decide",
        "/desk/record-ends/{record-end}/decide",
        &[("decision", "refuse"), ("reason", "不足")],
        &["reason"],
    ),
    ("operator-1", "/desk/risks", "/desk/risks", RISK, &["source"]),
    (
        "operator-2",
        "/desk/risks/{risk}/decide",
        "/desk/risks/{risk}/decide",
        &[("decision", "refuse"), ("reason", "重复")],
        &["reason"],
    ),
    ("admin", "/admin/offices/new", "/admin/offices/new", OFFICE, &["name", "name_en", "phone"]),
    ("admin", "/admin/keys/new", "/admin/keys/new", KEY, &["name", "owner"]),
    (
        "admin",
        "/admin/officials/new",
        "/admin/officials/new",
        &[("login", "another"), ("name", "曹敏")],
        &["name"],
    ),
    (
        "admin",
        "/admin/officials/{newcomer}",
        "/admin/officials/{newcomer}",
        &[("action", "disable"), ("asked", "yes"), ("sure", "yes"), ("reason", "调离")],
        &["reason"],
    ),
    (
        "holder-1",
        "/desk/holds",
        "/desk/holds",
        &[
            ("number", "{declaration}"),
            ("reason", "行政复议"),
            ("until-year", "2020"),
            ("until-month", "6"),
            ("until-day", "30"),
        ],
        &["reason"],
    ),
    (
        "holder-1",
        "/desk/holds",
        "/desk/holds/{hold}/end",
        &[("asked", "yes"), ("decision", "end"), ("reason", "终结")],
        &["reason"],
    ),
    (
        "exchange",
        "/desk/exchange/agreements/new",
        "/desk/exchange/agreements/new",
        &[
            ("province", "440000"),
            ("kinds", "certificate"),
            ("direction", "both"),
            ("from-year", "2020"),
            ("from-month", "5"),
            ("from-day", "1"),
            ("document", "川粤互认 3 号"),
        ],
        &["document"],
    ),
];

pub const FINDING: &[(&str, &str)] = &[
    ("doc_kind", "id_card"),
    ("doc_number", PERSONAL[5]),
    ("kind", "contact_of_contact"),
    ("at-year", "2020"),
    ("at-month", "3"),
    ("at-day", "6"),
    ("place", "九龙街道"),
    ("source", "流调报告"),
];

pub const RISK: &[(&str, &str)] = &[
    ("division", "511402"),
    ("level", "low"),
    ("since-year", "2020"),
    ("since-month", "3"),
    ("since-day", "12"),
    ("until-year", "2021"),
    ("until-month", "1"),
    ("until-day", "31"),
    ("source", "省指挥部公告"),
];

pub const OFFICE: &[(&str, &str)] = &[
    ("name", "岳池县石垭镇卫生院"),
    ("name_en", "Shiya Town Health Centre"),
    ("kind", "health-centre"),
    ("phone", "0826-5270121"),
    ("division-1", "511600"),
    ("division-2", COUNTY),
];
