//! The administrator's lists of officials and offices: what stands in them, filters, orders, pages; the same by page and
//! by JSON.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Ts;
use fugong::db::schema::officials;
use serde_json::Value;

on_both!(officials_with_post_and_last_sign_in, orders_go_on_over_pages, offices_with_their_staff);

fn as_program(app: &App, browser: &Browser) -> Browser {
    let mut program = app.browser();
    program.bearer = browser.cookies().values().next().cloned();
    program
}

/// Sets name and last sign-in of an official.
async fn known_as(app: &App, id: fugong::db::Id, name: &'static str, days_ago: Option<i64>) {
    let at = days_ago.map(|days| Ts::from(app.clock.now() - Duration::days(days)));
    let set = app.deps.store.write(move |tx| {
        diesel::update(officials::table.find(id))
            .set((officials::name.eq(name), officials::last_signin_at.eq(at)))
            .execute(tx.conn())?;
        Ok(())
    });
    set.await.unwrap();
}

async fn officials_with_post_and_last_sign_in(app: App) {
    let mut admin = app.official(Role::Administrator, "511621").await;
    let doctor = app.official_full(Role::Doctor, "511621").await;
    let clerk = app.official_full(Role::CountyDesk, "511621").await;
    let elsewhere = app.official_full(Role::Doctor, "511622").await;
    known_as(&app, doctor.official, "何晓琴", Some(1)).await;
    known_as(&app, clerk.official, "李_敏", None).await;
    let page = admin.get("/admin/officials").await.expect(200);
    let page = page.shows("何晓琴").shows("医生").shows("3 月 11 日 10:32").shows("还没有登录过");
    page.hides(&elsewhere.login).shows("aria-sort=\"ascending\"");
    // Part of a name, a role, a state; a character that SQL would take for any is one.
    for (query, found) in [
        ("?q=%E6%99%93%E7%90%B4", true),
        ("?q=%E4%BD%95%E6%99%93&role=doctor&state=active", true),
        ("?role=county-desk", false),
        ("?state=disabled", false),
        ("?q=%25", false),
        ("?q=_", false),
        ("?sort=last-sign-in&role=doctor", true),
    ] {
        let page = admin.get(&format!("/admin/officials{query}")).await.expect(200);
        if found {
            page.shows("何晓琴")
        } else {
            page.hides("何晓琴")
        };
    }
    for wrong in ["?role=king", "?state=x", "?sort=colour"] {
        admin.get(&format!("/admin/officials{wrong}")).await.expect(422);
    }
    admin.get("/admin/officials?after=zzz").await.expect(400);
    let mut program = as_program(&app, &admin);
    let list = program.api_get("/api/v1/admin/officials?q=%E4%BD%95%E6%99%93").await.expect(200).json();
    let one = &list["officials"][0];
    assert_eq!((&one["name"], &one["state"]), (&Value::from("何晓琴"), &Value::from("active")));
    assert_eq!(
        (&one["posts"][0]["role"], &one["posts"][0]["division"]),
        (&"doctor".into(), &"511621".into())
    );
    assert_eq!(one["last_signin_at"], "2020-03-11T02:32:00Z");
    assert!(one["posts"][0]["office"].as_str().is_some_and(|office| !office.is_empty()));
    app.stop().await;
}

/// Every page by every order: each official once, in the order asked for, by JSON and by the page's own links.
async fn orders_go_on_over_pages(app: App) {
    let mut admin = app.official(Role::Administrator, "511621").await;
    for n in 0..104 {
        let staff = app.official_full(Role::Doctor, "511621").await;
        let name = ["张三", "李四", "王五", "Anna", "阿依"][n % 5];
        known_as(&app, staff.official, name, (n % 3 > 0).then_some(i64::try_from(n % 7).unwrap())).await;
    }
    let mut program = as_program(&app, &admin);
    for sort in ["login", "name", "last-sign-in"] {
        let (mut rows, mut after, mut pages) = (Vec::<Value>::new(), String::new(), 0);
        loop {
            let path = format!("/api/v1/admin/officials?sort={sort}&after={after}");
            let page = program.api_get(&path).await.expect(200).json();
            rows.extend(page["officials"].as_array().unwrap().iter().cloned());
            pages += 1;
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!((rows.len(), pages), (105, 3), "{sort}");
        let logins: std::collections::HashSet<_> = rows.iter().map(|r| r["login"].to_string()).collect();
        assert_eq!(logins.len(), 105, "{sort}");
        let key = |row: &Value| match sort {
            "login" => (0, row["login"].to_string()),
            "name" => (0, row["name"].to_string()),
            _ => match row["last_signin_at"].as_str() {
                Some(at) => {
                    (-at.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp(), String::new())
                }
                None => (i64::MAX, String::new()),
            },
        };
        let keys: Vec<_> = rows.iter().map(key).collect();
        if sort != "name" {
            assert!(keys.is_sorted(), "{sort}: {keys:?}");
        } else {
            // In which order a database puts scripts is its own; equal names stand together.
            let runs = keys.chunk_by(|a, b| a == b).count();
            let distinct: std::collections::HashSet<_> = keys.iter().collect();
            assert_eq!(runs, distinct.len(), "{keys:?}");
        }
    }
    let first = admin.get("/admin/officials?sort=name").await.expect(200);
    let older = first.body.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&");
    assert!(older.contains("sort=name"), "{older}");
    admin.get(&older).await.expect(200);
    app.stop().await;
}

async fn offices_with_their_staff(app: App) {
    let mut admin = app.official(Role::Administrator, "511621").await;
    let doctor = app.official_full(Role::Doctor, "511621").await;
    let mut program = as_program(&app, &admin);
    let list = program.api_get("/api/v1/admin/offices?sort=name").await.expect(200).json();
    let offices = list["offices"].as_array().unwrap();
    let own = offices.iter().find(|o| o["id"] == doctor.office.to_string()).unwrap();
    assert_eq!((&own["staff"], &own["active"]), (&Value::from(1), &Value::from(true)));
    let one = program.api_get(&format!("/api/v1/admin/offices/{}", doctor.office)).await.expect(200).json();
    assert_eq!(one["staff"], 1);
    let name = own["name"].as_str().unwrap();
    let part: String = name.chars().skip(1).take(3).collect();
    let query = serde_urlencoded::to_string([("q", part.as_str()), ("sort", "name")]).unwrap();
    admin.get(&format!("/admin/offices?{query}")).await.expect(200).shows(name).shows("1 人");
    admin.get("/admin/offices?kind=village&q=%25").await.expect(200).shows("没有找到单位");
    admin.get("/admin/offices?kind=palace").await.expect(422);
    admin.get("/admin/offices?sort=phone").await.expect(422);
    app.stop().await;
}
