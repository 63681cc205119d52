//! By system calls: on SQLite a sync of the write-ahead log ends before each answer to a submission.

use super::site::Site;
use fugong::identity::sample::Sampler;
use std::collections::HashMap;
use std::process::{Command, Stdio};

/// Submissions of the traced run, one after the other, so that each answer's own writes are known.
const SUBMISSIONS: u64 = 25;

#[actix_web::test]
async fn a_sync_precedes_each_answer() {
    let may = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    match may {
        Ok(status) if status.success() => {}
        Ok(_) => {
            return crate::harness::skipped(
                "strace may not trace here (ptrace is not permitted): sync trace",
            );
        }
        Err(_) => return crate::harness::skipped("strace is not installed: sync trace"),
    }
    let mut site = Site::sqlite();
    // Background work writes at moments of its own; without it every write belongs to the one submission.
    site.env.insert("FUGONG_RUN_JOBS".into(), "false".into());
    let people = site.people(0, SUBMISSIONS, &mut Sampler::new(1)).await;
    let file = site.dir().join("trace");
    let served = site.command(&["serve"]);
    let mut strace = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-s",
            "16",
            "-e",
            "trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64",
            "-o",
        ])
        .arg(&file)
        .arg(served.get_program())
        .args(served.get_args())
        .envs(&site.env)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    site.ready().await;
    for person in &people {
        site.submit(person).await.expect("an answer");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    let server = text.split_whitespace().next().expect("the server's process number").to_owned();
    assert!(Command::new("kill").args(["-TERM", &server]).status().unwrap().success());
    strace.wait().unwrap();
    let answers = judge(&std::fs::read_to_string(&file).unwrap()).unwrap();
    println!("sync trace: {answers} answers, each after a sync of the write-ahead log");
    assert_eq!(answers, SUBMISSIONS);
}

/// Counts the answers (status 201); an error when one came before its writes were synced.
fn judge(trace: &str) -> Result<u64, String> {
    let (mut answers, mut writes, mut synced) = (0, 0, true);
    let mut syncing: HashMap<&str, bool> = HashMap::new();
    for line in trace.lines() {
        let Some((process, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_sync && call.contains("-wal>") {
            if call.contains("unfinished") {
                syncing.insert(process, true);
            } else {
                synced = call.ends_with("= 0");
            }
        } else if call.starts_with("<... fdatasync resumed") || call.starts_with("<... fsync resumed") {
            if syncing.remove(process).is_some() {
                synced = call.ends_with("= 0");
            }
        } else if (call.starts_with("pwrite64(") || call.starts_with("write(")) && call.contains("-wal>") {
            writes += 1;
            synced = false;
        } else if call.contains("\"HTTP/1.1 201") {
            if writes == 0 || !synced {
                return Err(format!("answer {answers} after {writes} writes, synced: {synced}: {line}"));
            }
            (answers, writes) = (answers + 1, 0);
        }
    }
    Ok(answers)
}

#[test]
fn a_missing_sync_would_be_seen() {
    let write = "7 pwrite64(9</t/k.db-wal>, \"x\"..., 24, 0) = 24\n";
    let sync = "7 fdatasync(9</t/k.db-wal>) = 0\n";
    let answer = "8 sendto(12<socket:[5]>, \"HTTP/1.1 201 Cre\"..., 900, MSG_NOSIGNAL, NULL, 0) = 900\n";
    assert_eq!(judge(&[write, sync, answer, write, sync, answer].concat()), Ok(2));
    assert!(judge(&[write, answer].concat()).is_err(), "no sync");
    assert!(judge(&[write, sync, write, answer].concat()).is_err(), "a write after the sync");
    assert!(judge(&[sync, answer].concat()).is_err(), "nothing was written");
    let begun = "7 fdatasync(9</t/k.db-wal> <unfinished ...>\n";
    let ended = "7 <... fdatasync resumed>) = 0\n";
    assert!(judge(&[write, begun, answer, ended].concat()).is_err(), "the sync ended after the answer");
    assert_eq!(judge(&[write, begun, ended, answer].concat()), Ok(1));
    assert!(judge(&[write, "7 fdatasync(9</t/k.db-wal>) = -1 EIO (I/O error)\n", answer].concat()).is_err());
}
