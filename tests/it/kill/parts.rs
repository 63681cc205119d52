//! Parts that fail while the portal serves: a disk that takes no writes, tables that somebody holds, connections that are
//! all in use. Whoever asks hears so in time, what needs no such part goes on, and all is well soon after its return.

use super::checker;
use super::site::{Person, Site};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use fugong::db::DatabaseUrl;
use fugong::identity::sample::Sampler;
use reqwest::{Client, RequestBuilder, Response};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A call of the database is given up after 8 s; the rest is the machine's.
const ANSWERED: Duration = Duration::from_secs(12);
/// After a part is back.
pub const RECOVERED: Duration = Duration::from_secs(5);

fn client() -> Client {
    crate::harness::client().redirect(reqwest::redirect::Policy::none()).timeout(ANSWERED).build().unwrap()
}

pub async fn sent(what: &str, request: RequestBuilder) -> Response {
    request.send().await.unwrap_or_else(|e| panic!("{what}: {e}"))
}

fn get(site: &Site, path: &str, person: &Person) -> RequestBuilder {
    let asked = client().get(format!("{}{path}", site.base())).bearer_auth(&person.token);
    asked.header("x-forwarded-for", &person.from).header("accept", "text/html")
}

pub fn submission(site: &Site, person: &Person) -> RequestBuilder {
    client()
        .post(format!("{}/api/v1/declarations", site.base()))
        .bearer_auth(&person.token)
        .header("x-forwarded-for", &person.from)
        .header("idempotency-key", person.key.to_string())
        .header("content-type", "application/json")
        .body(person.body.to_string())
}

/// Our fault, said as such.
pub fn is_ours(what: &str, answer: &Response) {
    assert_eq!(answer.status().as_u16(), 503, "{what}");
    for header in ["retry-after", "content-security-policy", "x-request-id"] {
        assert!(answer.headers().contains_key(header), "{what}: {header}");
    }
}

async fn ready(site: &Site) -> u16 {
    let asked = client().get(format!("{}/health/ready", site.base()));
    sent("ready", asked).await.status().as_u16()
}

/// Waits until readiness says so.
pub async fn until_ready_is(site: &Site, wanted: u16, within: Duration) -> Duration {
    let begun = Instant::now();
    while ready(site).await != wanted {
        assert!(begun.elapsed() < within, "ready is not {wanted} after {:?}", begun.elapsed());
        tokio::task::yield_now().await;
    }
    begun.elapsed()
}

/// Submits until it is taken.
async fn until_taken(site: &Site, person: &Person) -> (String, Duration) {
    let begun = Instant::now();
    loop {
        if let Some(number) = site.submit(person).await {
            return (number, begun.elapsed());
        }
        assert!(begun.elapsed() < RECOVERED, "nothing is taken {:?} after the part is back", begun.elapsed());
    }
}

/// No write of the program to any file succeeds, as on a file system that has become read-only; `true` takes it back.
fn writes(site: &Site, allowed: bool) {
    let size = if allowed { "unlimited" } else { "0" };
    let pid = site.pid().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status();
    assert!(set.unwrap().success());
}

#[actix_web::test]
async fn sqlite_on_a_disk_that_takes_no_writes() {
    let mut site = Site::sqlite();
    let people = site.people(0, 3, &mut Sampler::new(1)).await;
    // What is written in vain is an error, not a signal.
    let plain = site.command(&["serve"]);
    let mut program = Command::new("sh");
    program.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]).arg(plain.get_program()).envs(&site.env);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    site.start_as(program).await;
    let first = site.submit(&people[0]).await.expect("all is well");
    assert_eq!(sent("me", get(&site, "/me", &people[1])).await.status().as_u16(), 200);
    writes(&site, false);
    let told = until_ready_is(&site, 503, Duration::from_secs(3)).await;
    is_ours("a submission", &sent("a submission", submission(&site, &people[1])).await);
    let visitor = client().post(format!("{}/sign-in", site.base())).bearer_auth("x".repeat(43));
    let form = visitor.header("content-type", "application/x-www-form-urlencoded").body("phone=13800138000");
    // From elsewhere than who has just asked for readiness without a pause.
    let form = form.header("x-forwarded-for", &people[2].from).header("accept", "text/html");
    is_ours("a sign-in", &sent("a sign-in", form).await);
    for path in ["/", "/sign-in", "/verify", "/me", "/code", "/declarations", "/health/live"] {
        let answer = sent(path, get(&site, path, &people[0])).await;
        assert!(answer.status().as_u16() < 400, "{path}: {}", answer.status());
    }
    writes(&site, true);
    let back = until_ready_is(&site, 200, RECOVERED).await;
    let (second, _) = until_taken(&site, &people[1]).await;
    println!("a disk without writes: told after {told:.1?}, ready {back:.1?} after its return");
    let said = site.stop_and_read();
    assert!(!said.contains("panicked"), "{said}");
    checker::check(&site, &BTreeMap::from([(0, first), (1, second)])).await;
}

/// Started where nothing can be written, it says so.
#[actix_web::test]
async fn sqlite_in_a_folder_that_is_read_only() {
    let site = Site::sqlite();
    let mut command = Command::new("unshare");
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && exec \"$0\" serve";
    command.args(["-rm", "sh", "-c", script]).arg(env!("CARGO_BIN_EXE_fugong")).arg(site.dir());
    command.envs(&site.env).stdin(Stdio::null());
    let (done, said) = site.told(command).await;
    if said.contains("unshare:") || said.contains("mount:") {
        return crate::harness::skipped("no folder can be made read-only here");
    }
    assert!(!done && said.contains("cannot be written to"), "{said}");
}

pub fn postgres(site: &Site) -> PgConnection {
    let DatabaseUrl::Postgres(url) = site.database() else { panic!("PostgreSQL") };
    PgConnection::establish(&url).unwrap()
}

/// Somebody holds the table of declarations; with many who wait for it every connection is in use.
#[actix_web::test]
async fn postgres_with_a_table_that_is_locked() {
    let Some(mut site) = Site::postgres() else { return };
    site.env.insert("FUGONG_POOL_SIZE".into(), "8".into());
    let people = site.people(0, 42, &mut Sampler::new(1)).await;
    site.start().await;
    let mut acknowledged = BTreeMap::new();
    acknowledged.insert(0, site.submit(&people[0]).await.expect("all is well"));
    let mut other = postgres(&site);
    other.batch_execute("BEGIN; LOCK TABLE declarations IN ACCESS EXCLUSIVE MODE").unwrap();
    // One waits, and hears; whoever does not need the table goes on.
    let begun = Instant::now();
    let (waits, beside) = tokio::join!(
        sent("a submission", submission(&site, &people[1])),
        sent("sessions", get(&site, "/me/sessions", &people[2])),
    );
    is_ours("a submission", &waits);
    println!("a locked table: told after {:.1?}", begun.elapsed());
    assert_eq!(beside.status().as_u16(), 200, "the table is not needed");
    assert_eq!(ready(&site).await, 200);
    // Many wait, until no connection is left.
    let begun = Instant::now();
    let all = people[1..41].iter().map(|p| sent("a submission", submission(&site, p)));
    let all = futures_util::future::join_all(all);
    let asked = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answer = sent("sessions", get(&site, "/me/sessions", &people[41])).await;
        (answer.status().as_u16(), begun.elapsed(), ready(&site).await)
    };
    let (all, (beside, after, is_ready)) = tokio::join!(all, asked);
    println!(
        "no connection left: 40 told after {:.1?}, another page {beside} after {after:.1?}, ready {is_ready}",
        begun.elapsed()
    );
    all.iter().for_each(|answer| is_ours("one of many", answer));
    assert!(matches!(beside, 200 | 503), "{beside}");
    other.batch_execute("ROLLBACK").unwrap();
    let back = until_ready_is(&site, 200, RECOVERED).await;
    let (number, taken) = until_taken(&site, &people[1]).await;
    println!("after the lock: ready in {back:.1?}, a submission taken in {taken:.1?}");
    acknowledged.insert(1, number);
    for person in &people[2..41] {
        acknowledged.insert(person.n, site.submit(person).await.expect("taken"));
    }
    site.kill();
    checker::check(&site, &acknowledged).await;
}

/// All connections are cut, as when the server is started anew: one who asks hears it, and of many who come after at once
/// nobody meets one that was lost.
#[actix_web::test]
async fn postgres_that_cuts_all_connections() {
    let Some(mut site) = Site::postgres() else { return };
    site.env.insert("FUGONG_RUN_JOBS".into(), "false".into());
    let people = site.people(0, 10, &mut Sampler::new(1)).await;
    site.start().await;
    let number = site.submit(&people[0]).await.expect("all is well");
    let page = format!("/declarations/{number}");
    assert_eq!(sent("a page", get(&site, &page, &people[0])).await.status().as_u16(), 200);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
               AND backend_type = 'client backend'";
    postgres(&site).batch_execute(cut).unwrap();
    let first = sent("a page", get(&site, &page, &people[0])).await;
    assert!(matches!(first.status().as_u16(), 200 | 503), "{}", first.status());
    let many = (0..40).map(|_| sent("a page", get(&site, &page, &people[0])));
    let many = futures_util::future::join_all(many).await;
    let heard = many.iter().filter(|answer| answer.status().as_u16() != 200).count();
    println!("all connections cut: {heard} of 40 at once heard it after the first");
    assert_eq!(heard, 0, "of 40");
    let mut acknowledged = BTreeMap::from([(0, number)]);
    for person in &people[1..] {
        acknowledged.insert(person.n, site.submit(person).await.expect("all is well"));
    }
    site.kill();
    checker::check(&site, &acknowledged).await;
}

/// The server has no connection left for us, because others hold them all.
#[actix_web::test]
async fn postgres_without_connections() {
    let Some(mut site) = Site::postgres() else { return };
    // Nothing of ours asks by itself meanwhile.
    site.env.insert("FUGONG_RUN_JOBS".into(), "false".into());
    let people = site.people(0, 2, &mut Sampler::new(1)).await;
    site.start().await;
    let first = site.submit(&people[0]).await.expect("all is well");
    let DatabaseUrl::Postgres(url) = site.database() else { panic!("PostgreSQL") };
    let mut others = vec![postgres(&site)];
    let fill = |others: &mut Vec<PgConnection>| {
        while let Ok(conn) = PgConnection::establish(&url) {
            others.push(conn);
        }
    };
    fill(&mut others);
    // Ours are cut off one by one, and each place taken by somebody else.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' \
               AND application_name <> 'other' LIMIT 1";
    others.iter_mut().for_each(|conn| conn.batch_execute("SET application_name = 'other'").unwrap());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        others[0].batch_execute(cut).unwrap();
        let known = others.len();
        fill(&mut others);
        others[known..].iter_mut().for_each(|c| c.batch_execute("SET application_name = 'other'").unwrap());
    }
    let begun = Instant::now();
    is_ours("a submission", &sent("a submission", submission(&site, &people[1])).await);
    let told = begun.elapsed();
    until_ready_is(&site, 503, Duration::from_secs(3)).await;
    drop(others);
    let back = until_ready_is(&site, 200, RECOVERED).await;
    let (second, taken) = until_taken(&site, &people[1]).await;
    println!(
        "no connections: told after {told:.1?}; with them again ready in {back:.1?}, taken in {taken:.1?}"
    );
    site.kill();
    checker::check(&site, &BTreeMap::from([(0, first), (1, second)])).await;
}
