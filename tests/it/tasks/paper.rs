//! Tasks on paper: a number and a QR code in each row, and the result typed in by numbers.

use super::{COUNTY, call, count};
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;

on_both!(a_sheet_has_what_is_needed_and_leaves_an_entry, a_result_is_typed_in_by_its_number);

async fn a_sheet_has_what_is_needed_and_leaves_an_entry(app: App) {
    let (_, number, mut worker, task) = call(&app).await;
    let sheet = worker.get("/desk/tasks/print").await.expect(200);
    let sheet = sheet.shows(&task).shows("赵六").shows("13600008844").shows(&number).shows("<svg");
    sheet.shows("1 打通了").shows("3 号码不对");
    worker.get("/desk/tasks/print?mine=1").await.expect(200).hides("赵六");
    worker.get("/desk/tasks/print?place=510104").await.expect(200).shows("赵六");
    let printed = app.deps.store.read(|c| {
        let of = audit_entries::table.filter(audit_entries::action.eq("task.print"));
        Ok(of.filter(audit_entries::subject_id.is_not_null()).count().get_result::<i64>(c)?)
    });
    assert_eq!(printed.await.unwrap(), 2, "once for each time the telephone was on a sheet");
    app.stop().await;
}

async fn a_result_is_typed_in_by_its_number(app: App) {
    let (_, _, _, task) = call(&app).await;
    let mut worker = app.official(Role::VillageWorker, COUNTY).await;
    worker.get("/desk/tasks/enter").await.expect(200);
    let typed = [("number", task.as_str()), ("result", "4")];
    worker.post("/desk/tasks/enter", &typed).await.expect(422).shows("1 到 3").shows(&task);
    worker.post("/desk/tasks/enter", &[("number", "RW200312-00000000"), ("result", "1")]).await.expect(422);
    let typed = [("number", &*task.to_lowercase()), ("result", "3"), ("note", "是别人的号码")];
    worker.post("/desk/tasks/enter", &typed).await.leads_to("/desk/tasks/enter");
    assert_eq!(
        (count(&app, "call-returned", "done").await, count(&app, "find-returned", "open").await),
        (1, 1)
    );
    worker.get(&format!("/desk/tasks/{task}")).await.expect(200).shows("是别人的号码");
    app.stop().await;
}
