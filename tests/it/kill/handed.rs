//! Files and tables under the kill: a file that was acknowledged is there, whole and once; a list whose import was
//! acknowledged is taken to its last row, each row once, whichever of its steps was cut off. What was not answered is sent
//! again and leaves nothing behind: neither bytes without a row nor a row without bytes.

use super::colours::leases_pass;
use super::parts::is_ours;
use super::setting;
use super::site::{Person, Site, count};
use crate::files::document;
use crate::harness::client;
use crate::import::people;
use fugong::identity::sample::{Sampler, id_number_nth};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Rows of a list: three steps.
const ROWS: usize = 600;
/// Files of an application.
const FILES: usize = 4;
/// A kill comes within this after the first request: some before the answers, some in the steps after them.
const WITHIN: u64 = 1_200_000;

#[actix_web::test]
async fn sqlite() {
    run("sqlite", || Some(Site::sqlite())).await;
}

#[actix_web::test]
async fn postgres() {
    run("postgres", Site::postgres).await;
}

/// Bytes of a file, several sealed pieces, and how long a file may become meanwhile: it ends inside of the second piece.
const LARGE: usize = 300_000;
const ROOM: &str = "100000";

/// A disk that is full in the middle of a file. The program writes to no other large file: its database is PostgreSQL.
#[actix_web::test]
async fn a_disk_that_is_full_in_the_middle_of_a_file() {
    let Some(mut site) = Site::postgres() else { return };
    let folder = site.dir().join("handed");
    std::fs::create_dir_all(&folder).unwrap();
    site.env.insert("FUGONG_FILES".into(), folder.to_string_lossy().into_owned());
    let owner = site.people(0, 1, &mut Sampler::new(1)).await.remove(0);
    // What is written in vain is an error, not a signal.
    let mut program = Command::new("sh");
    program.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]).arg(env!("CARGO_BIN_EXE_fugong"));
    program.envs(&site.env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    site.start_as(program).await;
    let case = Case::of(&site, owner, 0).await;
    let path = format!("/api/v1/applications/{}/files", case.number);
    let large = document(&"x".repeat(LARGE));
    let store = site.store();
    room(&site, ROOM);
    for _ in 0..3 {
        let refused = case.sent(&path, &[], "平面图.pdf", &large).await.expect("an answer");
        is_ours("a file", &refused);
        assert!(everything(&folder).is_empty(), "no half file");
        let rows = store.read(|conn| Ok(count(conn, "SELECT count(*) AS n FROM files"))).await.unwrap();
        assert_eq!(rows, 0, "no row without bytes");
        assert_eq!(case.read(&path).await["files"], json!([]), "nobody is told of it");
    }
    // What is small enough has room.
    assert!(case.file(0).await);
    room(&site, "unlimited");
    case.hand_in(&path, &[], "平面图.pdf", &large).await.expect("the same file is taken");
    let all_ready = |said: &Value| {
        let files = said["files"].as_array().unwrap();
        files.len() == 2 && files.iter().all(|file| file["state"] == "ready")
    };
    let files = case.until(&path, all_ready).await["files"].as_array().unwrap().clone();
    let taken = files.iter().find(|file| file["name"] == "平面图.pdf").unwrap();
    let one = case.get(&format!("{path}/{}", taken["id"].as_str().unwrap())).await;
    assert_eq!(one.bytes().await.unwrap(), large);
    assert_eq!(everything(&folder).len(), 2);
    store.close().await;
    site.kill();
}

/// So long may a file of the program become.
fn room(site: &Site, size: &str) {
    let pid = site.pid().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status();
    assert!(set.unwrap().success());
}

async fn run(name: &str, new: impl Fn() -> Option<Site>) {
    let rounds = setting("FUGONG_KILL_ROUNDS").unwrap_or(4);
    let seed = setting("FUGONG_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0xf11e);
    println!(
        "files and tables under the kill on {name}: FUGONG_KILL_SEED={seed} FUGONG_KILL_ROUNDS={rounds}"
    );
    let Some(mut site) = new() else { return };
    let folder = site.dir().join("handed");
    std::fs::create_dir_all(&folder).unwrap();
    site.env.insert("FUGONG_FILES".into(), folder.to_string_lossy().into_owned());
    let mut sampler = Sampler::new(seed);
    let mut told = Told::default();
    for (n, owner) in (0..).zip(site.people(0, rounds, &mut sampler).await) {
        let case = Case::begin(&mut site, owner, n).await;
        let moment = Duration::from_micros(sampler.below(WITHIN));
        let database = site.has_server() && n % 2 == 1;
        case.round(&mut site, (moment, database), &mut told).await;
    }
    site.kill();
    look_at_bytes(&mut site, &folder).await;
    println!("files and tables under the kill on {name}: {told:?}");
}

/// What a whole run has seen.
#[derive(Debug, Default)]
struct Told {
    lists: usize,
    lists_in_doubt: usize,
    files: usize,
    files_in_doubt: usize,
}

/// A draft with what is sent to it.
struct Case {
    client: Client,
    base: String,
    owner: Person,
    number: String,
}

impl Case {
    async fn begin(site: &mut Site, owner: Person, n: u64) -> Self {
        leases_pass(site).await;
        site.start().await;
        Self::of(site, owner, n).await
    }

    /// At a site that serves.
    async fn of(site: &Site, owner: Person, n: u64) -> Self {
        let client = client().timeout(Duration::from_secs(30)).build().unwrap();
        let mut case = Self { client, base: site.base(), owner, number: String::new() };
        let uscc = Sampler::new(900_000 + n).uscc_for("511621", false).unwrap();
        let made = case.json(Method::POST, "/api/v1/applications", &draft(n, uscc.as_str())).await;
        let made = made.expect("the server runs");
        case.number = made["number"].as_str().unwrap().to_owned();
        case
    }

    /// Everything is sent at once, the program is killed, and what was in doubt is sent again.
    async fn round(&self, site: &mut Site, (moment, database): (Duration, bool), told: &mut Told) {
        let sent =
            async { tokio::join!(self.list(), self.file(0), self.file(1), self.file(2), self.file(3)) };
        let killed = async {
            tokio::time::sleep(moment).await;
            site.kill_with(database);
        };
        let ((list, a, b, c, d), ()) = tokio::join!(sent, killed);
        let files = [a, b, c, d];
        told.lists += usize::from(list.is_some());
        told.files += files.iter().filter(|known| **known).count();
        leases_pass(site).await;
        site.start().await;
        let list = match list {
            Some(id) => id,
            None => {
                told.lists_in_doubt += 1;
                self.list().await.expect("the server runs")
            }
        };
        for (k, _) in files.iter().enumerate().filter(|(_, known)| !**known) {
            told.files_in_doubt += 1;
            assert!(self.file(k).await, "the server runs");
        }
        self.is_whole(&list).await;
    }

    /// Sends the list; its import's identifier, if there was an answer.
    async fn list(&self) -> Option<String> {
        let path = format!("/api/v1/applications/{}/imports", self.number);
        let list = people(u64::try_from(ROWS).unwrap());
        let said = self.hand_in(&path, &[("mode", "right")], "名单.csv", list.as_bytes()).await?;
        Some(said["id"].as_str().unwrap().to_owned())
    }

    /// Hands in a file; whether there was an answer.
    async fn file(&self, k: usize) -> bool {
        let path = format!("/api/v1/applications/{}/files", self.number);
        self.hand_in(&path, &[], &format!("平面图{k}.pdf"), &self.bytes(k)).await.is_some()
    }

    fn bytes(&self, k: usize) -> Vec<u8> {
        document(&format!("{} {k}", self.number))
    }

    /// The import ends with every row taken once, and each file is there once as it was handed in.
    async fn is_whole(&self, import: &str) {
        let path = format!("/api/v1/applications/{}/imports/{import}", self.number);
        let done = self.until(&path, |said| said["state"] == "done").await;
        assert_eq!((&done["taken"], &done["wrong"]), (&json!(ROWS), &json!(0)));
        let case = self.read(&format!("/api/v1/applications/{}", self.number)).await;
        let staff = case["form"]["staff"].as_array().unwrap();
        let mut numbers: Vec<&str> = staff.iter().map(|row| row["document"].as_str().unwrap()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!((staff.len(), numbers.len()), (ROWS, ROWS));
        let path = format!("/api/v1/applications/{}/files", self.number);
        let ready = |said: &Value| {
            said["files"].as_array().is_some_and(|all| all.iter().all(|file| file["state"] == "ready"))
        };
        let files = self.until(&path, ready).await["files"].as_array().unwrap().clone();
        assert_eq!(files.len(), FILES, "{files:?}");
        for k in 0..FILES {
            let name = format!("平面图{k}.pdf");
            let file = files.iter().find(|file| file["name"] == name.as_str()).unwrap();
            let one = self.get(&format!("{path}/{}", file["id"].as_str().unwrap())).await;
            assert_eq!(one.bytes().await.unwrap(), self.bytes(k));
        }
    }

    /// Asks until it is so: the background work comes to it by itself.
    async fn until(&self, path: &str, so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.asked(Method::GET, path).send().await.unwrap();
            // A machine on which everything else is tested, too, says now and then that it has no room at this moment.
            let said = match answer.status().as_u16() {
                503 => Value::Null,
                status => {
                    assert_eq!(status, 200, "{path}");
                    answer.json().await.unwrap()
                }
            };
            if said != Value::Null && so(&said) {
                return said;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{path}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn read(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        let answer = self.asked(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer
    }

    fn asked(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.owner.token);
        request.header("x-forwarded-for", &self.owner.from).header("accept", "application/json")
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Option<Value> {
        let request = self.asked(method, path).header("content-type", "application/json");
        answered(request.body(body.to_string()).send().await.ok()?).await
    }

    async fn hand_in(&self, path: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Option<Value> {
        answered(self.sent(path, fields, name, file).await?).await
    }

    async fn sent(&self, path: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Option<Response> {
        let part = |(n, v): &(&str, &str)| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n")
        };
        let before: String = fields.iter().map(part).collect();
        let head = format!(
            "{before}--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--X--\r\n"].concat();
        let request =
            self.asked(Method::POST, path).header("content-type", "multipart/form-data; boundary=X");
        request.body(body).send().await.ok()
    }
}

/// What a successful answer says; between the kill of the database and that of the program it may be 5xx: in doubt as well.
async fn answered(answer: Response) -> Option<Value> {
    let status = answer.status();
    let text = answer.text().await.ok()?;
    if status.is_server_error() {
        return None;
    }
    assert_eq!(status.as_u16(), 201, "{text}");
    Some(serde_json::from_str(&text).unwrap())
}

/// The sweep of a start leaves no bytes that no row names, and every file that can be opened has its own.
async fn look_at_bytes(site: &mut Site, folder: &Path) {
    leases_pass(site).await;
    site.start().await;
    let store = site.store();
    let begun = Instant::now();
    loop {
        let counted = store.read(|conn| {
            let ready = count(conn, "SELECT count(*) AS n FROM files WHERE state = 'ready'");
            Ok((ready, count(conn, "SELECT count(*) AS n FROM files WHERE blob IS NOT NULL")))
        });
        let (ready, named) = counted.await.unwrap();
        let there = i64::try_from(on_disk(folder).len()).unwrap();
        if ready > 0 && (ready..=named).contains(&there) {
            break;
        }
        let waited = begun.elapsed();
        assert!(
            waited < Duration::from_secs(60),
            "{there} on the disk, {named} named, {ready} can be opened"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    store.close().await;
    site.kill();
}

/// What stands under a name of its own; what was being written is removed an hour later.
fn on_disk(folder: &Path) -> Vec<PathBuf> {
    everything(folder).into_iter().filter(|file| file.extension().is_none()).collect()
}

/// Whatever stands on the shelves.
fn everything(folder: &Path) -> Vec<PathBuf> {
    let inside = |dir: PathBuf| -> Vec<PathBuf> {
        std::fs::read_dir(dir).map(|all| all.map(|e| e.unwrap().path()).collect()).unwrap_or_default()
    };
    inside(folder.to_owned()).into_iter().flat_map(inside).collect()
}

/// An application with one person on its list, whose place another list takes.
fn draft(n: u64, uscc: &str) -> Value {
    let plan = "每天两次测温，分餐，通风；何晓琴负责。";
    let staff = id_number_nth("511621".parse().unwrap(), 800_000 + n).unwrap();
    json!({
        "uscc": uscc, "name": format!("四川岳池渠江纺织{n}厂"), "division": "511621001", "form": {
            "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "+8613800138222",
            "industry": "c", "scale": "medium", "premises": ["factory"], "address": "工业园区大道 66 号",
            "lead": "何晓琴", "lead_phone": "+8613800138333", "staff_total": 9999, "returning": 1,
            "staff_done": true,
            "staff": [{"name": "𠮷㛃", "document_kind": "id_card", "document": staff.as_str(), "origin": null}],
            "masks": 600, "disinfectant": 24, "thermometers": 2, "supply_days": 7,
            "isolation": "3 号楼 1 层", "prevention": plan, "emergency": plan, "commitment": true,
        },
    })
}
