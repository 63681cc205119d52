//! Reopening over HTTP: the filing that takes effect at once, the permit with its correction notice and departments, the
//! refusal, the clock, and who may not. Here are the steps that many tests go; they are used by other areas, too.

mod deciding;
mod desk;
mod filing;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::schema::{businesses, division_risks, outbox};
use fugong::db::{Id, Ts};
use fugong::identity::sample::Sampler;
use serde_json::Value;

pub const TOWN: &str = "511621001";
pub const COUNTY: &str = "511621";

pub async fn risk(app: &App, level: &'static str) {
    let now = app.clock.now();
    let done = app.deps.store.write(move |tx| {
        diesel::insert_into(division_risks::table)
            .values((
                division_risks::id.eq(Id::new()),
                division_risks::division.eq(COUNTY),
                division_risks::level.eq(level),
                division_risks::since.eq(Ts::from(now)),
                division_risks::source.eq("test"),
            ))
            .execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
}

pub fn uscc(individual: bool, seed: u64) -> String {
    Sampler::new(seed).uscc_for(COUNTY, individual).unwrap().as_str().to_owned()
}

/// Claims a business and gives the number of the draft.
pub async fn begin(b: &mut Browser, uscc: &str, name: &str) -> String {
    b.get("/reopening").await.expect(200).shows("新的申请");
    let fields =
        [("uscc", uscc), ("name", name), ("place-1", "511600"), ("place-2", COUNTY), ("place-3", TOWN)];
    let led = b.post("/reopening", &fields).await.leads_to("/reopening/QY");
    led.location().split('/').nth(2).unwrap().to_owned()
}

pub async fn answer(b: &mut Browser, number: &str, step: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/reopening/{number}/{step}");
    b.get(&path).await.expect(200);
    b.post(&path, fields).await
}

pub async fn confirm(app: &App, b: &mut Browser) {
    let agent = b.get("/reopening").await;
    let at = agent.body.find("/reopening/agents/DL").unwrap();
    let number = agent.body[at + "/reopening/agents/".len()..][..17].to_owned();
    // People go to the nearest counter: every one of the province serves whoever names the number.
    let mut desk = app.official(Role::CountyDesk, "512021").await;
    desk.get("/desk/agents").await.expect(200).hides(&number);
    let page = desk.get(&format!("/desk/agents/{number}")).await.expect(200).shows(&number);
    let version = page.input("version").unwrap();
    let path = format!("/desk/agents/{number}");
    desk.post(&path, &[("version", &version), ("do", "confirm"), ("proof", "")]).await.expect(422);
    desk.post(&path, &[("version", &version), ("do", "confirm"), ("proof", "legal-person")])
        .await
        .leads_to("/desk/agents");
}

pub async fn submit(b: &mut Browser, number: &str) -> Answer {
    let page = b.get(&format!("/reopening/{number}/check")).await.expect(200);
    let version = page.input("version").unwrap();
    b.post(&format!("/reopening/{number}/submit"), &[("version", &version), ("commitment", "yes")]).await
}

/// A small business of that name whose filing counts.
pub async fn filed(app: &App, b: &mut Browser, seed: u64, name: &str) -> String {
    let number = shop_named(b, seed, name).await;
    confirm(app, b).await;
    submit(b, &number).await.expect(303);
    number
}

async fn shop(b: &mut Browser, seed: u64) -> String {
    shop_named(b, seed, "岳池县东外街理发店（陈记）").await
}

pub async fn shop_named(b: &mut Browser, seed: u64, name: &str) -> String {
    let number = begin(b, &uscc(true, seed), name).await;
    answer(b, &number, "operator", &[("operator", "陈㛃𠮷"), ("operator_phone", "138 0013 8111")])
        .await
        .expect(303);
    answer(b, &number, "premises", &[("premises", "hairdresser")]).await.expect(303);
    answer(b, &number, "place", &[("place-3", TOWN), ("address", "东外街 18 号")]).await.expect(303);
    answer(b, &number, "headcount", &[("returning", "２")]).await.expect(303);
    answer(b, &number, "staff", &[("staff", "")]).await.leads_to(&format!("/reopening/{number}/check"));
    number
}

pub async fn factory(b: &mut Browser, seed: u64) -> String {
    let number = begin(b, &uscc(false, seed), "四川岳池渠江现代农业机械制造股份有限公司").await;
    let plan = "每天两次测温，分餐，通风；何晓琴负责。";
    answer(b, &number, "operator", &[("operator", "蒲国强"), ("operator_phone", "13800138222")])
        .await
        .expect(303);
    answer(b, &number, "industry", &[("industry", "c"), ("scale", "medium")]).await.expect(303);
    answer(b, &number, "premises", &[("premises", "factory")]).await.expect(303);
    answer(b, &number, "place", &[("place-3", TOWN), ("address", "工业园区大道 66 号")]).await.expect(303);
    answer(b, &number, "lead", &[("lead", "何晓琴"), ("lead_phone", "13800138333")]).await.expect(303);
    answer(b, &number, "headcount", &[("staff_total", "10"), ("returning", "2")]).await.expect(303);
    let list = "阿依古丽·买买提江\t11010519491231002X\t\t新疆喀什市\n欧阳㛃\t360426199101010071";
    answer(b, &number, "staff", &[("staff", list)]).await.expect(303);
    let few = [("masks", "1"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")];
    answer(b, &number, "supplies", &few).await.expect(422).shows("至少要 6 只").shows("出错：");
    let enough = [("masks", "60"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")];
    answer(b, &number, "supplies", &enough).await.expect(303);
    answer(b, &number, "isolation", &[("isolation", "3 号楼 1 层，6 间")]).await.expect(303);
    answer(b, &number, "prevention", &[("prevention", plan)]).await.expect(303);
    answer(b, &number, "emergency", &[("emergency", plan)])
        .await
        .leads_to(&format!("/reopening/{number}/check"));
    number
}

/// A case of a confirmed agent that has been submitted.
pub async fn submitted(app: &App, b: &mut Browser, seed: u64) -> String {
    let number = factory(b, seed).await;
    confirm(app, b).await;
    submit(b, &number).await.leads_to(&format!("/reopening/{number}/receipt"));
    number
}

pub async fn version(desk: &mut Browser, number: &str) -> String {
    let page = desk.get(&format!("/desk/applications/{number}")).await.expect(200);
    if let Some(version) = page.input("version") {
        return version;
    }
    // Without anything to decide there is no form.
    let case = desk.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(200).json();
    case["version"].to_string()
}

pub async fn decide(desk: &mut Browser, number: &str, action: &str, more: &[(&str, &str)]) -> Answer {
    let version = version(desk, number).await;
    let mut fields = vec![("version", version.as_str()), ("action", action)];
    fields.extend(more);
    desk.post(&format!("/desk/applications/{number}"), &fields).await
}

pub async fn state(b: &mut Browser, number: &str) -> Value {
    b.api_get(&format!("/api/v1/applications/{number}")).await.expect(200).json()
}

pub async fn agreed(app: &App, number: &str) {
    for role in [Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer] {
        let mut department = app.official(role, COUNTY).await;
        decide(&mut department, number, "agree", &[]).await.expect(303);
    }
}

pub async fn sent(app: &App, message: &'static str) -> i64 {
    let count = app
        .deps
        .store
        .read(move |conn| Ok(outbox::table.filter(outbox::message.eq(message)).count().get_result(conn)?));
    count.await.unwrap()
}

/// The legal person's telephone of every business is on file, as an earlier counter has seen it.
pub async fn legal_phone(app: &App) {
    let keys = app.deps.keys.clone();
    let known = app.deps.store.write(move |tx| {
        for id in businesses::table.select(businesses::id).load::<Id>(tx.conn())? {
            let place = FieldContext::new("businesses", "legal_phone_sealed", id.0);
            let sealed = keys.seal_str(&place, "+8613700137000")?;
            diesel::update(businesses::table.find(id))
                .set(businesses::legal_phone_sealed.eq(Some(sealed)))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    known.await.unwrap();
}
