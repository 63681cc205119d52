//! What is left over goes, what is somebody's stays, and what is lost is told.

use super::{DOCUMENT, appealed, document, file, folder, hand_in, on_disk, rows};
use crate::codes::appeals::decide;
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::files;
use fugong::files::Sweep;
use fugong::jobs::Job;

on_both!(
    bytes_that_no_row_names_go_and_others_stay,
    a_file_that_was_cut_off_is_nobodys_and_goes,
    files_are_destroyed_with_their_case,
    a_file_whose_bytes_are_gone_or_altered_is_not_served,
    a_file_that_was_forgotten_is_looked_at,
);

async fn sweep(app: &App) {
    Sweep.run(app.deps.clone()).await.unwrap();
}

/// Bytes under a name of ours, as a kill between a row and its bytes, or a destroyed row, leaves them.
fn leave(app: &App, name: Id) -> std::path::PathBuf {
    let text = name.0.simple().to_string();
    let path = folder(app).join(&text[30..]).join(&text);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, b"sealed").unwrap();
    path
}

async fn bytes_that_no_row_names_go_and_others_stay(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    let kept = on_disk(&app);
    let left: Vec<_> = (0..3).map(|_| leave(&app, Id::new())).collect();
    sweep(&app).await;
    assert!(left.iter().all(|path| !path.exists()));
    assert_eq!(on_disk(&app), kept);
    app.drain().await;
    sweep(&app).await;
    assert_eq!(on_disk(&app).len(), 1);
    app.stop().await;
}

async fn a_file_that_was_cut_off_is_nobodys_and_goes(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    let [(id, _, Some(blob))] = rows(&app).await[..] else { panic!("one file") };
    // As if the program had been killed before it said that the bytes are there.
    let back = app.deps.store.write(move |tx| {
        diesel::update(files::table.find(id)).set(files::state.eq("receiving")).execute(tx.conn())?;
        Ok(())
    });
    back.await.unwrap();
    b.get(&format!("/code/appeals/{number}")).await.expect(200).hides("a.pdf");
    b.get(&format!("/code/appeals/{number}/files/{id}")).await.expect(404);
    app.drain().await;
    sweep(&app).await;
    assert_eq!((rows(&app).await.len(), on_disk(&app).len()), (1, 1), "it may still come");
    app.clock.advance(Duration::minutes(61));
    sweep(&app).await;
    assert!(rows(&app).await.is_empty() && on_disk(&app).is_empty(), "{blob}");
    app.stop().await;
}

async fn files_are_destroyed_with_their_case(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    decide(&mut reviewer, &number, &[("action", "uphold"), ("reason", "x"), ("remedy", "y")])
        .await
        .leads_to("/desk");
    app.clock.advance(Duration::days(2000));
    fugong::retention::Daily.run(app.deps.clone()).await.unwrap();
    assert!(rows(&app).await.is_empty(), "the key is gone with the row");
    sweep(&app).await;
    assert!(on_disk(&app).is_empty());
    app.drain().await;
    app.stop().await;
}

async fn a_file_whose_bytes_are_gone_or_altered_is_not_served(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, _) = file(&mut b, &number, 0).await;
    let (address, path) = (format!("/code/appeals/{number}/files/{id}"), on_disk(&app).remove(0));
    let whole = std::fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[3] ^= 1;
    for other in [altered, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        std::fs::write(&path, other).unwrap();
        assert_eq!(b.fetch(&address).await.0.as_u16(), 503);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(b.fetch(&address).await.0.as_u16(), 503);
    sweep(&app).await;
    std::fs::write(&path, whole).unwrap();
    assert_eq!(b.fetch(&address).await.2, DOCUMENT, "put back from a copy it is there again");
    // Lost before it was looked at: the person is told.
    hand_in(&mut b, &number, "b.pdf", &document("b")).await.leads_to("/code/appeals/");
    for other in on_disk(&app).into_iter().filter(|other| *other != path) {
        std::fs::remove_file(other).unwrap();
    }
    app.drain().await;
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("我们的过错");
    app.stop().await;
}

async fn a_file_that_was_forgotten_is_looked_at(app: App) {
    use fugong::db::schema::jobs;
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    let lost = app
        .deps
        .store
        .write(|tx| Ok(diesel::delete(jobs::table.filter(jobs::kind.eq("files.look"))).execute(tx.conn())?));
    assert_eq!(lost.await.unwrap(), 1);
    app.drain().await;
    assert_eq!(file(&mut b, &number, 0).await.1, "received");
    app.clock.advance(Duration::minutes(11));
    sweep(&app).await;
    app.drain().await;
    assert_eq!(file(&mut b, &number, 0).await.1, "ready");
    app.stop().await;
}
