//! The decoders of what comes from outside as functions of bytes, each with what always has to hold: nothing panics,
//! what is written and read again is the same, and nothing that was altered is taken for genuine.
//!
//! The tests run each of them on some hundred altered samples (`bounded`), a fuzzer as long as one likes: `fuzz/README.md`.

use crate::config::{AddressRange, Config};
use crate::hcert::cose::{self, Sign, Sign1};
use crate::hcert::examples::{ExampleSet, published};
use crate::hcert::trusted::Authority;
use crate::hcert::verify::{MAX_TEXT, open, verify_message};
use crate::hcert::{
    Claims, Es256Signer, KeyIndex, Roots, Signer, StatusList, TrustList, TrustStore, TrustedKey, Usage,
    Verdict, VerificationKey, VerifyOptions, answer, base45 as text45, cbor as items, issue, status, trust,
    zlib as stream,
};
use crate::identity::{
    DivisionCode, DocumentKind, DocumentNumber, EmailAddress, IdNumber, PersonName, Phone, Uscc, divisions,
    line, lines,
};
use crate::web::i18n::Lang;
use crate::web::{cookies as jar, paging};
use crate::{exchange, plain, reopening, web};
use actix_web::http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

/// A decoder under its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("base45", base45),
    ("cbor", cbor),
    ("claims", claims),
    ("cookies", cookies),
    ("cursor", cursor),
    ("document", document),
    ("forwarded", forwarded),
    ("identity", identity),
    ("languages", languages),
    ("message", message),
    ("picture", picture),
    ("settings", settings),
    ("signature", signature),
    ("staff_list", staff_list),
    ("status_list", status_list),
    ("trust_list", trust_list),
    ("zlib", zlib),
];

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    for (_, target) in TARGETS.iter().filter(|(known, _)| *known == name) {
        target(data);
    }
}

fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// RFC 9285: one text for one content.
pub fn base45(data: &[u8]) {
    assert_eq!(text45::decode(text45::encode(data).as_bytes()).as_deref(), Ok(data));
    if let Ok(bytes) = text45::decode(data) {
        assert_eq!(text45::encode(&bytes).as_bytes(), data);
    }
}

/// RFC 1950: never more than the bound.
pub fn zlib(data: &[u8]) {
    if let Ok(bytes) = stream::inflate(data, 4096) {
        assert!(bytes.len() <= 4096);
    }
    assert_eq!(stream::inflate(&stream::deflate(data), data.len()).as_deref(), Ok(data));
}

/// RFC 8949, and the envelopes of RFC 9052.
pub fn cbor(data: &[u8]) {
    let _ = items::read(data);
    if let Ok(message) = Sign1::read(data) {
        assert!(message.to_be_signed().len() >= message.payload().len());
    }
    if let Ok(message) = Sign::read(data) {
        let again = Sign::read(&message.to_bytes()).map(|m| m.payload().to_vec());
        assert_eq!(again.as_deref(), Ok(message.payload()));
    }
}

/// The published documents, the keys that made them, and what the valid ones say.
struct Known {
    set: ExampleSet,
    store: TrustStore,
    roots: Roots,
    genuine: Vec<Claims>,
}

static KNOWN: LazyLock<Option<Known>> = LazyLock::new(|| {
    let set = published().ok()?;
    let store = TrustStore::from_list(set.trust_list_view.clone()).ok()?;
    let root = |text: &String| VerificationKey::from_spki(&STANDARD.decode(text).ok()?).ok();
    let keys = set.roots.iter().map(root).collect::<Option<Vec<_>>>()?;
    let of = |e: &crate::hcert::examples::Example| {
        let bytes = open(&e.text).ok()?;
        Claims::read(Sign1::read(&bytes).ok()?.payload()).ok()
    };
    let genuine = set.examples.iter().filter(|e| e.verdict != "bad_signature").filter_map(of).collect();
    Some(Known { set, store, roots: Roots { keys, threshold: 2 }, genuine })
});

/// Whatever was altered on the way: a document that is valid says what a genuine one says. No status list is at hand.
fn judge(message: &[u8]) {
    let Some(known) = KNOWN.as_ref() else { return };
    let (agreements, now) = (&known.set.agreements, known.set.now);
    let answer = verify_message(message, &known.store, None, agreements, now, &VerifyOptions::ONLINE);
    let _ = answer::to_json(&answer);
    if answer.verdict == Verdict::Valid {
        assert!(answer.claims.is_some_and(|claims| known.genuine.contains(&claims)));
    }
}

/// A text that somebody pasted.
pub fn document(data: &[u8]) {
    let pasted = text(data);
    let found = exchange::find(&pasted);
    if let Ok(bytes) = open(&found) {
        let again = issue::to_text(&bytes);
        assert!(again.len() > MAX_TEXT || open(&again).as_ref() == Ok(&bytes));
        judge(&bytes);
    }
}

/// What is inside the text: COSE_Sign1.
pub fn message(data: &[u8]) {
    judge(data);
}

/// What was signed, as if its issuer had signed this. Our own documents are read back as they were written.
pub fn claims(data: &[u8]) {
    let Ok(claims) = Claims::read(data) else { return };
    let _ = claims.to_json();
    if let Ok(payload) = claims.to_payload() {
        assert_eq!(Claims::read(&payload).as_ref(), Ok(&claims));
    }
}

/// Two keys that live as long as the process, to sign what nobody in his senses would.
static SIGNERS: LazyLock<Option<[Es256Signer; 2]>> = LazyLock::new(|| {
    let make = || Es256Signer::from_pkcs8(&Es256Signer::generate().ok()?).ok();
    Some([make()?, make()?])
});

fn moment() -> DateTime<Utc> {
    KNOWN.as_ref().map_or(DateTime::UNIX_EPOCH, |known| known.set.now)
}

/// A signed trust list; a list as if two officers had signed it; its JSON view.
pub fn trust_list(data: &[u8]) {
    if let Some(known) = KNOWN.as_ref()
        && let Ok(store) = TrustStore::open(data, &known.roots, None, known.set.now)
    {
        assert_eq!(store.list(), &known.set.trust_list_view);
    }
    if let Some([first, second]) = SIGNERS.as_ref() {
        let mut message = Sign::new(data.to_vec(), trust::TYPE);
        let signed = message.add_signature(first).is_ok() && message.add_signature(second).is_ok();
        let roots = Roots { keys: vec![first.public().clone(), second.public().clone()], threshold: 2 };
        if signed && let Ok(store) = TrustStore::open(&message.to_bytes(), &roots, None, moment()) {
            assert_eq!(store.list().to_message().map(|m| m.payload().to_vec()).as_deref(), Ok(data));
        }
    }
    if let Ok(list) = serde_json::from_slice::<TrustList>(data) {
        let _ = TrustStore::from_list(list);
    }
}

/// A signed status list, and a list as if the issuer had signed it.
pub fn status_list(data: &[u8]) {
    if let Some(known) = KNOWN.as_ref() {
        let _ = StatusList::open(data, &known.store, known.set.now);
    }
    let Some([signer, _]) = SIGNERS.as_ref() else { return };
    let mut keys = KeyIndex::default();
    let key = signer.public().clone();
    let usage = vec![Usage::Status];
    keys.insert(
        signer.key_id(),
        TrustedKey { authority: Authority::Any, key, usage, not_before: None, not_after: None },
    );
    let Ok(signed) = cose::sign1(data, Some(status::TYPE), signer) else { return };
    if let Ok(list) = StatusList::open(&signed, &keys, moment()) {
        let again = status::sign(&list.header, &list.bits.compress(), signer);
        let again = again.and_then(|bytes| StatusList::open(&bytes, &keys, moment()));
        assert_eq!(again.map(|l| (l.header, l.bits)), Ok((list.header, list.bits)));
    }
}

/// A picture of a code. What the libraries make of its pixels is left to the tests: some of it panics, which the portal
/// answers as a picture without a code, and which would end a fuzzer.
pub fn picture(data: &[u8]) {
    exchange::picture_without_its_pixels(data);
}

/// A list of staff, in whatever encoding.
pub fn staff_list(data: &[u8]) {
    let Some(text) = reopening::staff_text(data) else { return };
    let read = |text: &str| reopening::staff_rows(text, day(), 2000);
    if let Ok(rows) = read(&text)
        && !rows.is_empty()
    {
        assert_eq!(read(&reopening::staff_as_text(&rows)).map(|again| again.len()), Ok(rows.len()));
    }
}

fn day() -> NaiveDate {
    moment().date_naive()
}

/// What people are called and have: numbers, telephones, names, addresses, divisions.
pub fn identity(data: &[u8]) {
    let typed = text(data);
    if let Ok(phone) = Phone::parse(&typed) {
        assert_eq!(Phone::parse(phone.as_str()).as_ref(), Ok(&phone));
    }
    if let Ok(name) = PersonName::parse(&typed) {
        assert_eq!(PersonName::parse(name.as_str()).as_ref(), Ok(&name));
        assert!(name.masked().contains('*'));
    }
    if let Ok(code) = Uscc::parse(&typed) {
        assert_eq!(Uscc::parse(code.as_str()).as_ref(), Ok(&code));
    }
    if let Ok(number) = IdNumber::parse(&typed, day()) {
        assert_eq!(IdNumber::parse_stored(number.as_str()).as_ref(), Ok(&number));
    }
    if let Ok(address) = EmailAddress::parse(&typed) {
        assert_eq!(EmailAddress::parse(address.as_str()).as_ref(), Ok(&address));
    }
    for kind in DocumentKind::ALL {
        if let Ok(number) = DocumentNumber::parse(kind, &typed, day()) {
            assert_eq!(DocumentNumber::parse_stored(kind, number.number()).as_ref(), Ok(&number));
        }
    }
    if let Ok(code) = DivisionCode::parse(&typed) {
        assert_eq!(DivisionCode::parse(&code.to_string()), Ok(code));
        let _ = (divisions().get(code), divisions().full_name(code), divisions().is_selectable(code));
    }
    let _ = divisions().search(&typed, None, 20);
    for read in [line, lines] {
        if let Ok(taken) = read(&typed, 100) {
            assert_eq!(read(&taken, 100).as_ref(), Ok(&taken));
        }
    }
}

/// The environment of `fugong serve`, a setting a line. Settings that name files are left out, since a fuzzer shall not
/// look around on the machine on which it runs.
pub fn settings(data: &[u8]) {
    let Ok(text) = plain::text(data) else { return };
    let names_a_file = |name: &str| {
        ["FILE", "_DIR", "_KEYS", "_HEADS", "_ROOTS", "_CERT", "_KEY", "_CA"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let settings =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| !names_a_file(name));
    let read = Config::from_map(&settings.map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    assert!(read.is_err(), "folders are missing");
    let _ = text.parse::<AddressRange>();
}

fn headers(name: HeaderName, data: &[u8]) -> HeaderMap {
    let values = data.split(|b| *b == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    let mut headers = HeaderMap::new();
    values.for_each(|value| headers.append(name.clone(), value));
    headers
}

/// Cookies, a line of the header each.
pub fn cookies(data: &[u8]) {
    let headers = headers(COOKIE, data);
    let values = jar::values(&headers, "fugong");
    assert!(values.len() <= 4);
    assert_eq!(jar::first(&headers, "fugong"), values.into_iter().find(|v| !v.is_empty()));
    let _ = crate::crypto::token::from_base64url(&text(data));
}

/// Whom the proxies of this portal saw, a line of the header each.
pub fn forwarded(data: &[u8]) {
    let Ok(ours) = "10.0.0.0/8".parse::<AddressRange>() else { return };
    let headers = headers(HeaderName::from_static("x-forwarded-for"), data);
    let (proxy, stranger) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
    let _ = web::client_behind(&headers, proxy, std::slice::from_ref(&ours));
    assert_eq!(
        web::client_behind(&headers, stranger, &[ours]),
        stranger,
        "a stranger's list is not believed"
    );
}

/// Where a list goes on.
pub fn cursor(data: &[u8]) {
    if let Ok(key) = paging::read_cursor::<(DateTime<Utc>, uuid::Uuid)>(&text(data)) {
        let again = paging::cursor(&key).and_then(|text| paging::read_cursor(&text));
        assert_eq!(again.ok(), Some(key));
    }
    let _ = paging::read_cursor::<(i64, String)>(&text(data));
}

/// `Accept-Language`.
pub fn languages(data: &[u8]) {
    let _ = Lang::negotiate(Some(&text(data)), Some(&text(data)));
}

#[cfg(test)]
mod bounded;

/// Signature fields of a request (RFC 9421, 8941, 9530), one a line: what is read of a list is written and read again the same.
pub fn signature(data: &[u8]) {
    use crate::signature::{Claim, Digest, Member, Message, dictionary};
    let all = text(data);
    let mut lines = all.lines();
    let (input, signed) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let _ = Digest::read(lines.next().unwrap_or_default());
    for (_, member) in dictionary(input).unwrap_or_default() {
        if let Member::List(list) = member {
            let again = dictionary(&format!("s={}", list.text())).and_then(|mut read| read.pop());
            assert_eq!(again.map(|(_, member)| member), Some(Member::List(list)));
        }
    }
    let (derived, field) = (|name: &str| Some(name.to_owned()), |name: &str| vec![name.to_owned()]);
    if let Ok(claim) = Claim::read(Some(input), Some(signed)) {
        let _ = claim.covers_request(true, true);
        let base = claim.base(&Message { derived: &derived, field: &field }).unwrap_or_default();
        assert!(base.lines().all(|line| line.starts_with('"')));
    }
}
