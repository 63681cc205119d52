//! A log that cannot be written: its disk is full, its reader has ended, or nobody reads. What is asked is done and answered.

use super::parts::{sent, submission};
use super::site::Site;
use fugong::identity::sample::Sampler;
use std::fs::File;
use std::io::PipeReader;
use std::process::Stdio;

/// Two lines each, of some 250 bytes: a pipe holds 64 KiB.
const REQUESTS: usize = 400;

/// Starts a portal that logs every request to there, and asks it for pages, readiness and a change, again and again.
async fn answers(to: Stdio, requests: usize) {
    let mut site = Site::sqlite();
    let people = site.people(0, 3, &mut Sampler::new(7)).await;
    site.env.insert("RUST_LOG".into(), "info".into());
    let mut program = site.command(&["serve"]);
    program.stderr(to);
    site.start_as(program).await;
    let client = crate::harness::client().build().unwrap();
    for n in 0..requests {
        for path in ["/health/live", "/health/ready", "/permits"] {
            let asked = client
                .get(format!("{}{path}", site.base()))
                .header("x-forwarded-for", format!("198.18.{}.1", n % 250));
            assert_eq!(sent(path, asked).await.status().as_u16(), 200, "{path}");
        }
    }
    for person in &people {
        assert_eq!(sent("a declaration", submission(&site, person)).await.status().as_u16(), 201);
    }
    site.kill();
}

#[actix_web::test]
async fn on_a_full_disk() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    answers(full.into(), 5).await;
}

#[actix_web::test]
async fn into_a_pipe_whose_reader_has_ended() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    answers(writer.into(), 5).await;
}

#[actix_web::test]
async fn into_a_pipe_that_nobody_empties() {
    let (held, writer): (PipeReader, _) = std::io::pipe().unwrap();
    answers(writer.into(), REQUESTS).await;
    drop(held);
}
