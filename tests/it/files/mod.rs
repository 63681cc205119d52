//! Files that people hand in: taken, looked at, opened by whoever may, and gone with their case.

mod attachments;
mod bucket;
mod evidence;
mod full;
mod parts;
mod refused;
mod scanned;
mod swept;

use crate::codes::appeals::{CONTACT, appeal};
use crate::codes::declared_resident;
use crate::codes::ends::red;
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use diesel::prelude::*;
use fugong::config::FilesPlace;
use fugong::db::Id;
use fugong::db::schema::files;
use std::path::PathBuf;

/// The smallest file that passes for a document.
pub const DOCUMENT: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n";

/// A document like it, of its own.
pub fn document(mark: &str) -> Vec<u8> {
    [&DOCUMENT[..9], format!("% {mark}\n").as_bytes(), &DOCUMENT[9..]].concat()
}

/// A resident who has appealed, and the appeal's number.
pub async fn appealed(app: &App) -> (Browser, String) {
    let (mut b, _) = declared_resident(app, "13800000001").await;
    red(app).await;
    let number = appeal(&mut b, CONTACT).await;
    b.get(&format!("/code/appeals/{number}")).await.expect(200);
    (b, number)
}

/// Hands a file in on the page.
pub async fn hand_in(b: &mut Browser, number: &str, name: &str, bytes: &[u8]) -> Answer {
    b.upload(&format!("/code/appeals/{number}/files"), "file", name, bytes).await
}

/// What programs are told of the files of an appeal.
pub async fn listed(b: &mut Browser, number: &str) -> serde_json::Value {
    b.api_get(&format!("/api/v1/appeals/{number}/files")).await.expect(200).json()
}

/// Identifier and state of a file, by its place.
pub async fn file(b: &mut Browser, number: &str, place: usize) -> (String, String) {
    let all = listed(b, number).await;
    let text = |name: &str| all["files"][place][name].as_str().unwrap().to_owned();
    (text("id"), text("state"))
}

/// The folder of the portal's files.
pub fn folder(app: &App) -> PathBuf {
    match app.deps.config.files.clone() {
        Some(FilesPlace::Folder(root)) => root,
        other => panic!("{other:?}"),
    }
}

/// Every file in it.
pub fn on_disk(app: &App) -> Vec<PathBuf> {
    let root = folder(app);
    let inside = |dir: PathBuf| -> Vec<PathBuf> {
        std::fs::read_dir(dir).map(|all| all.map(|e| e.unwrap().path()).collect()).unwrap_or_default()
    };
    inside(root).into_iter().flat_map(inside).collect()
}

/// Rows, and how many of them have bytes.
pub async fn rows(app: &App) -> Vec<(Id, String, Option<Id>)> {
    let all = app.deps.store.read(|c| {
        Ok(files::table.order(files::id).select((files::id, files::state, files::blob)).load(c)?)
    });
    all.await.unwrap()
}
