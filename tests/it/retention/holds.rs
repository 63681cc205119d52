//! A hold stops what it names, and only that, for as long as it stands.

use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{audit_entries, identity_claims, persons, retention_holds};
use fugong::db::{Conn, Id, Ts};

on_both!(
    a_hold_stops_what_it_names,
    a_hold_that_nobody_confirms_lapses,
    nobody_decides_about_a_hold_on_what_is_theirs,
);

/// Two claims of one account, with their numbers.
async fn claims(app: &App, account: Id) {
    let now = Ts::from(app.clock.now());
    let write = app.deps.store.write(move |tx| {
        let person = Id::new();
        diesel::insert_into(persons::table)
            .values((
                (persons::id.eq(person), persons::doc_kind.eq("id_card"), persons::doc_sealed.eq(vec![1u8])),
                (persons::doc_blind.eq(vec![2u8]), persons::name_sealed.eq(vec![1u8])),
                (persons::name_blind.eq(vec![1u8]), persons::level.eq("self_stated"), persons::version.eq(1)),
                (persons::created_at.eq(now), persons::updated_at.eq(now)),
            ))
            .execute(tx.conn())?;
        for number in ["RL200312-AAAAAAAA", "RL200312-BBBBBBBB"] {
            diesel::insert_into(identity_claims::table)
                .values((
                    (identity_claims::id.eq(Id::new()), identity_claims::number.eq(number)),
                    (identity_claims::account_id.eq(account), identity_claims::person_id.eq(person)),
                    (identity_claims::name_sealed.eq(vec![1u8]), identity_claims::doc_sealed.eq(vec![1u8])),
                    (identity_claims::division.eq("511621"), identity_claims::state.eq("rejected")),
                    (identity_claims::created_at.eq(now), identity_claims::version.eq(1)),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    write.await.unwrap();
}

async fn numbers(app: &App) -> Vec<String> {
    let read = |c: &mut Conn| Ok(identity_claims::table.select(identity_claims::number).load::<String>(c)?);
    app.deps.store.read(read).await.unwrap()
}

/// How often the record says that somebody looked at a hold.
async fn looks(app: &App) -> i64 {
    let read = |c: &mut Conn| {
        Ok(audit_entries::table.filter(audit_entries::action.eq("hold.view")).count().get_result(c)?)
    };
    app.deps.store.read(read).await.unwrap()
}

const HOLD: [(&str, &str); 5] = [
    ("number", " rl200312-aaaaaaaa"),
    ("reason", "行政复议"),
    ("until-year", "2020"),
    ("until-month", "12"),
    ("until-day", "31"),
];

async fn a_hold_stops_what_it_names(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    claims(&app, account).await;
    let mut first = app.official(Role::ProvinceOperator, "510000").await;
    first.get("/desk/holds").await.expect(200);
    let mut wrong = HOLD.to_vec();
    wrong[0].1 = "RL200312-CCCCCCCC";
    first.post("/desk/holds", &wrong).await.expect(422).shows("没有这个编号的案件").shows("行政复议");
    first.post("/desk/holds", &HOLD).await.expect(303);
    let id =
        app.deps.store.read(|c| Ok(retention_holds::table.select(retention_holds::id).first::<Id>(c)?));
    let hold = format!("/desk/holds/{}", id.await.unwrap());
    let confirm = format!("{hold}/confirm");
    first.post(&confirm, &[]).await.expect(409);
    let mut second = app.official(Role::ProvinceOperator, "510000").await;
    let list = second.get("/desk/holds").await.expect(200).shows(&format!("href=\"{hold}\""));
    list.shows("待另一人确认").hides("行政复议");
    second.get(&hold).await.expect(200).shows("行政复议").shows("理由成立请确认");
    // Nothing by one click: what it is about, an express choice, and a reason for an end.
    second
        .post(&confirm, &[])
        .await
        .expect(200)
        .shows("录入人")
        .shows("行政复议")
        .shows("理由成立")
        .hides(" checked");
    second.post(&confirm, &[("asked", "yes")]).await.expect(422).shows("请选择确认还是退回");
    let no = [("asked", "yes"), ("decision", "end")];
    second.post(&confirm, &no).await.expect(422).shows("请写理由");
    first.post(&confirm, &[("asked", "yes"), ("decision", "confirm")]).await.expect(409);
    second.post(&confirm, &[("asked", "yes"), ("decision", "confirm")]).await.expect(303);
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get("/desk/holds").await.expect(200).shows(&format!("href=\"{hold}\"")).hides("name=\"whole\"");
    auditor.get("/desk/holds?tab=over").await.expect(200).hides(&hold);
    app.clock.advance(Duration::days(200));
    app.tick().await;
    assert_eq!(numbers(&app).await, ["RL200312-AAAAAAAA"]);
    assert_eq!(looks(&app).await, 4, "each page with the reason, and none that was refused");
    app.clock.advance(Duration::days(120));
    app.tick().await;
    assert_eq!(numbers(&app).await, Vec::<String>::new(), "31 December is over");
    app.stop().await;
}

async fn a_hold_that_nobody_confirms_lapses(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    claims(&app, account).await;
    app.clock.advance(Duration::days(182));
    let mut first = app.official(Role::ProvinceOperator, "510000").await;
    first.get("/desk/holds").await.expect(200);
    first.post("/desk/holds", &HOLD).await.expect(303);
    app.clock.advance(Duration::days(4));
    app.tick().await;
    assert_eq!(numbers(&app).await, ["RL200312-AAAAAAAA"], "it counts at once");
    let hold = format!("href=\"/desk/holds/{}\"", newest(&app).await);
    let mut earlier = app.official(Role::ProvinceOperator, "510000").await;
    earlier.get("/desk/holds").await.expect(200).shows(&hold);
    earlier.get("/desk/holds?tab=over").await.expect(200).hides(&hold);
    app.clock.advance(Duration::days(4));
    app.tick().await;
    assert_eq!(numbers(&app).await, Vec::<String>::new(), "a week is over");
    let mut later = app.official(Role::ProvinceOperator, "510000").await;
    later.get("/desk/holds").await.expect(200).hides(&hold);
    later.get("/desk/holds?tab=over").await.expect(200).shows(&hold);
    let (zero, one) = (later.api_get("/desk/holds").await, later.api_get("/desk/holds?tab=over").await);
    let (zero, one) = (zero.expect(200).json(), one.expect(200).json());
    assert_eq!((&zero["counts"]["open"]["count"], zero["rows"].as_array().unwrap().len()), (&0.into(), 0));
    assert_eq!(one["rows"][0]["standing"], "lapsed");
    app.stop().await;
}

/// The newest hold.
async fn newest(app: &App) -> Id {
    let order = retention_holds::created_at.desc();
    let id = app
        .deps
        .store
        .read(move |c| Ok(retention_holds::table.order(order).select(retention_holds::id).first::<Id>(c)?));
    id.await.unwrap()
}

/// By the telephone of the account that filed an application, acts for its business or made a claim: such cases have no
/// person.
async fn nobody_decides_about_a_hold_on_what_is_theirs(app: App) {
    let (applicant, partner) = ("13800138000", "13900139000");
    let (mut b, account) = app.resident_with(applicant).await;
    crate::reopening::risk(&app, "medium").await;
    let number = crate::reopening::submitted(&app, &mut b, 61).await;
    let mut other = app.resident(partner).await;
    crate::reopening::begin(&mut other, &crate::reopening::uscc(false, 61), "同一家企业").await;
    claims(&app, account).await;
    let confirm = [("asked", "yes"), ("decision", "confirm")];
    let end = [("asked", "yes"), ("decision", "end"), ("reason", "不再需要")];
    for (case, phones) in
        [(number.as_str(), vec![applicant, partner]), ("RL200312-AAAAAAAA", vec![applicant])]
    {
        app.clock.advance(Duration::seconds(1));
        let mut hold = HOLD.to_vec();
        hold[0].1 = case;
        let mut stranger = app.official(Role::ProvinceOperator, "510000").await;
        stranger.get("/desk/holds").await.expect(200);
        stranger.post("/desk/holds", &hold).await.leads_to("/desk/holds");
        let path = format!("/desk/holds/{}", newest(&app).await);
        for phone in phones {
            let mut own = app.official_with_phone(Role::ProvinceOperator, "510000", phone).await;
            own.get("/desk/holds").await.expect(200);
            own.post("/desk/holds", &hold).await.expect(409).shows("与你本人有关");
            own.post(&format!("{path}/confirm"), &confirm).await.expect(409).shows("与你本人有关");
            own.post(&format!("{path}/end"), &end).await.expect(409).shows("与你本人有关");
        }
        let mut second = app.official(Role::ProvinceOperator, "510000").await;
        second.get("/desk/holds").await.expect(200);
        second.post(&format!("{path}/confirm"), &confirm).await.leads_to("/desk/holds");
        stranger.post(&format!("{path}/end"), &end).await.leads_to("/desk/holds");
    }
    app.stop().await;
}
