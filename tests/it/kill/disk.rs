//! A disk that is full and a sync that fails, for a moment: what was answered is there, what was not is said to be our
//! fault and is taken when it is sent again. The errors are those of the system calls of the thread that writes.

use super::checker;
use super::parts::{is_ours, sent, submission};
use super::site::Site;
use fugong::identity::sample::Sampler;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

#[actix_web::test]
async fn a_sync_that_fails() {
    fails("fsync,fdatasync", "EIO", 12).await;
}

#[actix_web::test]
async fn a_disk_that_is_full() {
    fails("pwrite64", "ENOSPC", 600).await;
}

/// Three calls in a row fail, the first after so many.
async fn fails(call: &str, error: &str, after: u32) {
    let mut tracer = Command::new("strace");
    // The tracer is nobody's parent, so the program can be killed as always.
    tracer.args(["-D", "-f", "-o", "/dev/null"]);
    let may = tracer.arg("true").stderr(Stdio::null()).status();
    if !may.is_ok_and(|status| status.success()) {
        return crate::harness::skipped("strace is not installed or may not trace here: a disk that fails");
    }
    let mut site = Site::sqlite();
    site.env.insert("FUGONG_RUN_JOBS".into(), "false".into());
    let people = site.people(0, 60, &mut Sampler::new(1)).await;
    let served = site.command(&["serve"]);
    let mut tracer = Command::new("strace");
    let inject = format!("inject={call}:error={error}:when={}..{}", after + 1, after + 3);
    tracer.args(["-D", "-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
    tracer.arg(served.get_program()).args(served.get_args()).envs(&site.env);
    tracer.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    site.start_as(tracer).await;
    let (mut acknowledged, mut refused, mut since) = (BTreeMap::new(), Vec::new(), 0);
    for person in &people {
        let answer = sent("a submission", submission(&site, person)).await;
        if answer.status().as_u16() == 201 {
            let made: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            acknowledged.insert(person.n, made["number"].as_str().unwrap().to_owned());
            since += u32::from(!refused.is_empty());
        } else {
            is_ours("a submission", &answer);
            refused.push(person);
        }
        if since == 5 {
            break;
        }
    }
    println!("{call} {error}: {} acknowledged, {} refused", acknowledged.len(), refused.len());
    assert!(!refused.is_empty() && since == 5, "it did not fail, or did not come back");
    for person in &refused {
        acknowledged.insert(person.n, site.submit(person).await.expect("it works again"));
    }
    site.kill();
    checker::check(&site, &acknowledged).await;
}
