//! A bounded run of all targets in the test suite: the same altered samples every time, so that a failure comes again.
//! What fails is named with its input in base64.

use super::*;
use crate::counting::most;
use crate::hcert::examples::Example;
use crate::identity::sample::Sampler;
use crate::web::qr::Qr;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Altered inputs of each target.
const RUNS: u64 = 400;
/// Where the altering begins.
const SEED: u64 = 0x2020_0312;
const KIB: usize = 1024;
/// What a document may cost at most, whatever it says.
const MEMORY: usize = 2048 * KIB;

/// Numbers that are the same on every machine.
struct Numbers(Sampler);

impl Numbers {
    fn new() -> Self {
        Self(Sampler::new(SEED))
    }

    /// Below `end`; 0 when there is nothing below it.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.below(u64::try_from(end).unwrap())).unwrap()
    }

    fn byte(&mut self) -> u8 {
        // Those at which lengths, signs and types change are likelier than others.
        const EDGES: [u8; 12] = [0, 1, 0x17, 0x18, 0x1f, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xf9, 0xff];
        let any = self.0.next_u64().to_le_bytes()[0];
        if self.below(2) == 0 { EDGES[self.below(EDGES.len())] } else { any }
    }
}

/// One to four changes: a bit, a byte, a run of bytes put in, taken out, repeated, or from another sample; cut off.
fn altered(samples: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = samples[numbers.below(samples.len())].clone();
    for _ in 0..=numbers.below(4) {
        let start = numbers.below(data.len() + 1);
        let end = (start + 1 + numbers.below(16)).min(data.len());
        let run = start.min(end)..end;
        match numbers.below(7) {
            0 if start < data.len() => data[start] ^= 1 << numbers.below(8),
            1 if start < data.len() => data[start] = numbers.byte(),
            2 => {
                let more: Vec<u8> = (0..=numbers.below(8)).map(|_| numbers.byte()).collect();
                data.splice(start..start, more);
            }
            3 => drop(data.drain(run)),
            4 => {
                let again = data[run].repeat(1 + numbers.below(40));
                data.splice(start..start, again);
            }
            5 => {
                let other = &samples[numbers.below(samples.len())];
                let from = numbers.below(other.len() + 1);
                let part = other[from..(from + numbers.below(64)).min(other.len())].to_vec();
                data.splice(run, part);
            }
            6 => data.truncate(start),
            _ => {}
        }
    }
    data
}

/// Runs a target on its samples and on altered ones.
fn bounded(name: &str, memory: usize) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let samples = samples(name);
    let mut numbers = Numbers::new();
    // What is made once stays.
    target(&samples[0]);
    let changed = (0..RUNS).map(|_| altered(&samples, &mut numbers)).collect::<Vec<_>>();
    for data in samples.iter().chain(&changed) {
        let (ended, held) = most(|| catch_unwind(AssertUnwindSafe(|| target(data))));
        assert!(ended.is_ok(), "{name} breaks on {}", STANDARD.encode(data));
        assert!(held < memory, "{name} takes {held} bytes for {}", STANDARD.encode(data));
    }
}

macro_rules! targets {
    ($($name:ident: $memory:expr),* $(,)?) => {
        const BOUNDED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                bounded(stringify!($name), $memory);
            }
        )*
    };
}

targets! {
    base45: MEMORY,
    cbor: MEMORY,
    claims: MEMORY,
    cookies: MEMORY,
    cursor: MEMORY,
    document: MEMORY,
    forwarded: MEMORY,
    identity: MEMORY,
    languages: MEMORY,
    message: MEMORY,
    picture: MEMORY,
    settings: MEMORY,
    signature: MEMORY,
    staff_list: 8 * MEMORY,
    status_list: MEMORY,
    trust_list: MEMORY,
    zlib: MEMORY,
}

/// Each target is run here and is a program of the fuzzer.
#[test]
fn no_target_is_left_out() {
    let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(BOUNDED, known);
    let programs =
        include_str!("Cargo.toml").lines().filter_map(|l| l.strip_prefix("name = \"")?.strip_suffix('"'));
    assert_eq!(programs.skip(1).collect::<Vec<_>>(), known);
}

/// With its pixels a picture goes through libraries; what breaks there is no code, and costs no more than others.
#[test]
fn small_pictures_with_their_pixels() {
    let samples = samples("picture");
    assert!(samples.iter().all(|sample| exchange::read_small_picture(sample.clone()).is_ok()));
    let mut numbers = Numbers::new();
    for _ in 0..RUNS / 4 {
        let data = altered(&samples, &mut numbers);
        let (_, held) = most(|| catch_unwind(|| exchange::read_small_picture(data.clone())).is_ok());
        assert!(held < 8192 * KIB, "{held} bytes for {}", STANDARD.encode(&data));
    }
}

fn documents() -> Vec<Example> {
    published().unwrap().examples
}

fn bytes<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// What is genuine, or nearly so.
fn samples(name: &str) -> Vec<Vec<u8>> {
    let texts = || documents().into_iter().map(|e| e.text);
    let messages = || texts().filter_map(|text| open(&text).ok()).collect::<Vec<_>>();
    match name {
        "base45" => texts().map(|text| text.as_bytes()[4..].to_vec()).collect(),
        "document" => texts().flat_map(|t| [t.clone().into(), format!("看：{t}\n谢谢").into()]).collect(),
        "message" => messages(),
        "claims" => messages().iter().filter_map(|m| Some(Sign1::read(m).ok()?.payload().to_vec())).collect(),
        "zlib" => {
            let packed = texts().filter_map(|text| text45::decode(&text.as_bytes()[4..]).ok());
            packed.chain([stream::deflate(&[7; 3000]), stream::store(b"stored").unwrap()]).collect()
        }
        "cbor" => messages().into_iter().chain(lists()).collect(),
        "trust_list" => lists().into_iter().take(3).collect(),
        "status_list" => lists().into_iter().skip(3).collect(),
        "picture" => pictures(),
        "staff_list" => staff_lists(),
        "identity" => identities(),
        _ => of_the_web(name),
    }
}

/// The trust list signed, its content, its JSON view; the status list signed, and its content.
fn lists() -> Vec<Vec<u8>> {
    let set = published().unwrap();
    let (trust, status) =
        (STANDARD.decode(&set.trust_list).unwrap(), STANDARD.decode(&set.status_list).unwrap());
    let (trusted, known) =
        (Sign::read(&trust).unwrap().payload().to_vec(), Sign1::read(&status).unwrap().payload().to_vec());
    vec![trust, trusted, serde_json::to_vec(&set.trust_list_view).unwrap(), status, known]
}

/// A code as PNG, in grey and in colours, and as JPEG.
fn pictures() -> Vec<Vec<u8>> {
    let png = Qr::new(&documents()[1].text).unwrap().png(3).unwrap();
    let picture = image::load_from_memory(&png).unwrap();
    let as_file = |picture: image::DynamicImage, format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let colours = as_file(picture.to_rgba8().into(), image::ImageFormat::Png);
    let photo = as_file(picture.to_rgb8().into(), image::ImageFormat::Jpeg);
    vec![png, colours, photo]
}

fn staff_lists() -> Vec<Vec<u8>> {
    let list =
        "姓名,身份证号,手机,来自,证明编号\n欧阳㛃,11010519491231002X,13800138000,\"广安市，岳池县\",\n";
    let tabs =
        "张伟\t11010519491231002X\t'+8613800138000\n阿依古丽·买买提\t11010519491231002X\t\t\"四川, 成都\"\n";
    let utf16 = format!("\u{feff}{list}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![list.into(), tabs.into(), utf16, encoding_rs::GB18030.encode(list).0.into_owned()]
}

fn identities() -> Vec<Vec<u8>> {
    let mut sampler = Sampler::new(SEED);
    let mut found = bytes([
        "五一一六二一",
        "511621001",
        "成都",
        "Li Wei <li.wei@example.com>",
        "mailto:a@例子.中国",
        "C12345678",
        "01234567",
        "+852 5123 4567",
        "(0826) 522-0000",
        "欧阳\u{3000}锋",
        "Aygül Memet",
    ]);
    for _ in 0..8 {
        found.push(sampler.id_number().as_str().into());
        found.push(sampler.phone().as_str().into());
        found.push(sampler.name().as_str().into());
        found.push(sampler.uscc().as_str().into());
        found.extend(DocumentKind::ALL.map(|kind| sampler.document(kind).number().into()));
    }
    found
}

fn of_the_web(name: &str) -> Vec<Vec<u8>> {
    match name {
        "cookies" => bytes([
            "a=1; fugong=\"x\"; fugong=y",
            "fugong=\nfugong = z;;=;",
            "__Host-fugong=eyJh; theme=dark",
        ]),
        "forwarded" => bytes([
            "198.51.100.9, 10.8.3.2",
            "\"[2001:db8::1]:443\"\nunknown, 10.0.0.7",
            "fe80::1%eth0, ::ffff:10.0.0.1",
        ]),
        "languages" => bytes(["zh-CN,zh;q=0.9,en;q=0.8,*;q=0", "en-GB", "de;q=1.5, zh-Hant-TW;q=.7"]),
        "cursor" => {
            let key = (moment(), uuid::Uuid::from_u128(7));
            let other = paging::cursor(&(3_i64, "农")).unwrap();
            vec![paging::cursor(&key).unwrap().into(), other.into(), b"bnVsbA".to_vec()]
        }
        "settings" => bytes([
            "FUGONG_PROVINCE=510000\nDATABASE_URL=postgres://a:b@db.example/x?sslmode=verify-full\nFUGONG_PUBLIC_URL=https://a.example\n",
            "FUGONG_LISTEN=0.0.0.0:8080\nFUGONG_TRUSTED_PROXIES=10.0.0.1, 10.8.0.0/16, fd00::/8\nREDIS_URL=rediss://r.example\n",
            "SMTP_URL=smtps://u:p@m.example\nSMS_URL=https://s.example\nFUGONG_RETRY=10s,1m,2h\nFUGONG_POOL_SIZE='16'\n",
            "10.8.0.0/16",
        ]),
        "signature" => bytes([
            "sig=(\"@method\" \"@target-uri\" \"content-digest\");created=1618884473;keyid=\"client-1\";nonce=\"n-000001\"\nsig=:YWJj:\nsha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
            "a=(1 -2.5 \"b\\\"\" token ?0 :aGk=:;x=1;y);z, b=?1\na=:YWJj:\nsha-512=:YWJj:, sha-256=:YWJj:",
            "sig=(\"date\" \"@path\" \"@query\");alg=\"ed25519\";created=1;expires=2;keyid=\"k\";nonce=\"12345678\"\nsig=:AAAA:",
        ]),
        _ => Vec::new(),
    }
}
