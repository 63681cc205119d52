//! A folder that takes nothing: whoever hands something in hears that it is our fault and when to come back, nothing is kept
//! of it and nothing is used up, and the same file is taken once there is room. A disk that is full in the
//! middle of a file is in `kill::handed`.

use super::{DOCUMENT, appealed, document, file, folder, hand_in, listed, on_disk, rows};
use crate::harness::App;
use crate::on_both;
use fugong::files::Sweep;
use fugong::jobs::Job;
use std::path::PathBuf;

on_both!(a_folder_that_takes_nothing_uses_nothing_up);

/// Tries while it is full: more than an account may hand in on a day.
const TRIES: usize = 31;

/// Where a shelf would be made stands something else, so nothing can be written.
fn block(app: &App) -> Vec<PathBuf> {
    let root = folder(app);
    std::fs::create_dir_all(&root).unwrap();
    let shelves: Vec<PathBuf> = (0..=u8::MAX).map(|n| root.join(format!("{n:02x}"))).collect();
    for shelf in shelves.iter().filter(|shelf| !shelf.exists()) {
        std::fs::write(shelf, b"").unwrap();
    }
    shelves.into_iter().filter(|shelf| shelf.is_file()).collect()
}

async fn a_folder_that_takes_nothing_uses_nothing_up(app: App) {
    let (mut b, number) = appealed(&app).await;
    let blocked = block(&app);
    for n in 0..TRIES {
        let answer = hand_in(&mut b, &number, "a.pdf", &document(&format!("{n}"))).await.expect(503);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(rows(&app).await.is_empty(), "no row without bytes");
    }
    assert_eq!(listed(&mut b, &number).await["files"].as_array().unwrap().len(), 0);
    b.get(&format!("/code/appeals/{number}")).await.expect(200).hides("a.pdf");
    for shelf in blocked {
        std::fs::remove_file(shelf).unwrap();
    }
    assert!(on_disk(&app).is_empty());
    // It would be the thirty-second of the day.
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    assert_eq!(file(&mut b, &number, 0).await.1, "ready");
    Sweep.run(app.deps.clone()).await.unwrap();
    assert_eq!((rows(&app).await.len(), on_disk(&app).len()), (1, 1));
    app.stop().await;
}
