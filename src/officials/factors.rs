//! The two factors: passwords off the async threads and few at a time, one-time codes used once (RFC 6238, 5.2), and
//! recovery codes.

use crate::crypto::{password, token};
use crate::error::{AppError, AppResult};
use crate::threads::Threads;
use crate::web::limits::Client;
use crate::web::turns::{Rules, Turns};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Turns at hashing in this process: few at a time, since each takes 19 MiB and a core for some 20 ms; of one network 64 may
/// wait, 512 in all: more would not be served in time.
static TURNS: LazyLock<Turns> = LazyLock::new(|| {
    Turns::new(Rules { total: 2, share: 2, waiting: (64, 512), patience: Duration::from_secs(5) })
});
/// Where they are hashed; none when the system gave no threads at the start.
static HASHING: LazyLock<Option<Threads>> = LazyLock::new(|| Threads::start("passwords", 2).ok());
/// Shortest password (characters); longer ones need no rule about kinds of characters (NIST SP 800-63B).
const SHORTEST: usize = 12;
/// Recovery codes given at enrolment.
pub(super) const RECOVERY_CODES: usize = 10;

async fn hashing<T: Send + 'static>(
    client: Client,
    work: impl FnOnce() -> T + Send + 'static,
) -> AppResult<T> {
    let turn = TURNS.enter(client.network(), 1).await;
    let turn = turn.map_err(|_| AppError::Unavailable("too many sign-ins at once".into()))?;
    let work = move || {
        // It ends with the work, not with whoever waits for it.
        let _turn = turn;
        work()
    };
    let threads = HASHING.as_ref().ok_or_else(|| AppError::internal("no threads for passwords"))?;
    threads.run(work).await.ok_or_else(|| AppError::internal("a password could not be hashed"))
}

/// Hashes a password that this client sent.
///
/// # Errors
/// [`AppError::Unavailable`] when too many wait; [`AppError::Internal`] when hashing fails.
pub async fn hash(client: Client, password: String) -> AppResult<String> {
    hashing(client, move || password::hash(&password)).await?.map_err(AppError::internal)
}

/// Compares a password with a stored hash. Without one (no such login) the same time is spent.
pub(super) async fn verify(client: Client, password: String, stored: Option<String>) -> AppResult<bool> {
    hashing(client, move || match stored {
        Some(stored) => password::verify(&password, &stored).unwrap_or(false),
        None => {
            password::burn(&password);
            false
        }
    })
    .await
}

/// Passwords that many people have, and those of breaches that are long enough; origin and licence: `data/NOTICE`.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lists = [include_str!("data/common-passwords.txt"), include_str!("data/breached-passwords.txt")];
    lists.iter().flat_map(|list| list.lines()).collect()
});

/// Words that whoever guesses here tries first: the program's, its provinces', an office's. `docs/security.md` lists them.
const OURS: &[&str] = &[
    "fugongtong",
    "fugong",
    "jiankangma",
    "jiankang",
    "fangyi",
    "yiqing",
    "sichuan",
    "guangdong",
    "chengdu",
    "guangzhou",
    "shenzhen",
    "guangan",
    "yuechi",
    "china",
    "zhongguo",
    "administrator",
    "admin",
    "official",
    "password",
    "portal",
    "health",
    "doctor",
    "复工通",
    "复工",
    "返岗",
    "健康码",
    "健康",
    "防疫",
    "疫情",
    "四川",
    "广东",
    "成都",
    "广州",
    "深圳",
    "广安",
    "岳池",
    "中国",
    "管理员",
    "医生",
    "密码",
];

/// Characters that have to be left of a password without the words that anybody would try here.
const OWN_PART: usize = 8;

/// Whether a password (in small letters) is one of those that are tried first: a common one, also with digits and signs
/// before or after it, a piece again and again, or a run of the alphabet. Of which kinds its characters are does not count.
fn is_common(password: &str) -> bool {
    let bare = password.trim_matches(|c: char| !c.is_alphabetic());
    let letters: Vec<char> = password.chars().collect();
    let plain: Vec<char> = password.chars().filter(|c| c.is_alphanumeric()).collect();
    let again = |text: &[char]| {
        let same = |n: usize| text.iter().zip(text.iter().skip(n)).all(|(a, b)| a == b);
        (1..=text.len() / 2).any(same)
    };
    let codes: Vec<i64> = letters.iter().map(|c| i64::from(u32::from(*c))).collect();
    let run = |step: i64| codes.iter().zip(codes.iter().skip(1)).filter(|(a, b)| **b - **a == step).count();
    COMMON.contains(password)
        || COMMON.contains(bare)
        || again(&letters)
        || again(&plain)
        || [1, -1].into_iter().any(|step| run(step) + 3 >= letters.len())
}

/// Whether a password (in small letters) is little more than the sign-in name and words that anybody would try here.
fn is_ours(password: &str, login: &str) -> bool {
    let lists: [&[&str]; 2] = [OURS, &[login]];
    let words = lists.iter().flat_map(|list| list.iter()).filter(|word| !word.is_empty());
    let rest = words.fold(password.to_owned(), |rest, word| rest.replace(*word, ""));
    rest.len() < password.len() && rest.chars().filter(|c| c.is_alphanumeric()).count() < OWN_PART
}

/// What is wrong with a new password: a catalogue code.
pub(super) fn weakness(password: &str, login: &str) -> Option<&'static str> {
    let small = password.to_lowercase();
    if password.chars().count() < SHORTEST || password.len() > password::MAX_BYTES {
        Some("password-short")
    } else if is_common(&small) || is_ours(&small, login) || small.contains(login) {
        Some("password-weak")
    } else {
        None
    }
}

/// A first password that is handed over on paper: four groups of seven letters and digits that cannot be mistaken, more
/// than 128 bits.
pub fn one_time_password() -> String {
    groups(28, 7)
}

/// Codes for the day on which the phone with the second factor is lost: more than 112 bits, so that a plain hash does.
pub(super) fn recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| groups(24, 6)).collect()
}

/// Random characters of an alphabet without look-alikes, in groups; at least 4.8 bits each.
fn groups(length: usize, group: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let letters: Vec<char> = token::random(length)
        .iter()
        .filter_map(|b| ALPHABET.get(usize::from(b % 31)))
        .map(|b| char::from(*b))
        .collect();
    letters.chunks(group).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A recovery code as typed, brought to one form and hashed. It has more than 112 bits of its own, so a plain hash is
/// enough (OWASP ASVS 5.0 6.5.2); those of before 2026-11-29 have 49.
pub(super) fn recovery_hash(typed: &str) -> Vec<u8> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    token::hash(plain.to_ascii_lowercase().as_bytes()).to_vec()
}

/// Bytes of a secret: as long as the hash (RFC 6238, 5.1 and appendix B).
const SECRET: usize = 32;

/// Follows a secret whose app takes SHA-1 whatever it is told, as some do.
const OLD_APP: u8 = 1;

/// A new secret of 256 bits.
pub(super) fn new_secret() -> Vec<u8> {
    token::random(SECRET)
}

/// What a stored secret is used with: SHA-256; SHA-1 where it is of before (20 bytes) or an old app's.
fn totp(stored: &[u8]) -> AppResult<Totp> {
    let (algorithm, secret) = match stored.split_at_checked(SECRET) {
        Some((secret, [])) => (Algorithm::SHA256, secret),
        Some((secret, [OLD_APP])) => (Algorithm::SHA1, secret),
        _ => (Algorithm::SHA1, stored),
    };
    let secret: Box<[u8]> = secret.into();
    let builder = Builder::new().with_algorithm(algorithm).with_secret(Secret::new(secret));
    builder.build().map_err(AppError::internal)
}

/// The secret as it is to be stored, and the step of the code, when a code of the app that was given the secret is right.
/// Some apps ignore the algorithm that stands beside it; whoever has one enrols all the same.
pub(super) fn first_code(
    secret: &[u8],
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<(Vec<u8>, i64)>> {
    for stored in [secret.to_vec(), [secret, &[OLD_APP]].concat()] {
        if let Some(step) = step_of(&stored, typed, now)? {
            return Ok(Some((stored, step)));
        }
    }
    Ok(None)
}

/// The step (30 s since 1970) that a code belongs to, if it is right now, one step early or one late.
pub(super) fn step_of(secret: &[u8], typed: &str, now: DateTime<Utc>) -> AppResult<Option<i64>> {
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now.timestamp()).map_err(AppError::internal)?;
    let step = totp(secret)?.check(&typed, seconds);
    Ok(step.and_then(|s| i64::try_from(s).ok()))
}

/// The secret as people type it into their app, in groups of four.
pub(super) fn secret_text(secret: &[u8]) -> String {
    let text: Vec<char> = Secret::new(secret.into()).to_base32().chars().collect();
    text.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The address that apps read from a QR code.
pub(super) fn secret_uri(secret: &[u8], login: &str, issuer: &str) -> String {
    let secret = Secret::new(secret.into()).to_base32();
    let query = [("secret", secret.as_str()), ("issuer", issuer), ("algorithm", "SHA256")];
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("otpauth://totp/Fugong:{login}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code as an app makes it that is told the algorithm, or takes SHA-1 whatever it is told.
    fn of_app(secret: &[u8], algorithm: Algorithm, at: u64) -> String {
        let app = Builder::new().with_algorithm(algorithm).with_secret(Secret::new(secret.into()));
        app.build().unwrap().generate(at).to_string()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of the eight digits at 59 s and at 1111111109 s.
        let (short, long) = (b"12345678901234567890".to_vec(), b"12345678901234567890123456789012".to_vec());
        for (secret, at, code) in [
            (&short, 59, "287082"),
            (&short, 1_111_111_109, "081804"),
            (&long, 59, "119246"),
            (&long, 1_111_111_109, "084774"),
        ] {
            assert_eq!(totp(secret).unwrap().generate(at).to_string(), code);
        }
    }

    #[test]
    fn an_app_that_takes_the_old_hash_whatever_it_is_told_enrols_and_signs_in() {
        let (secret, now) = (new_secret(), "2020-03-12T02:32:10Z".parse::<DateTime<Utc>>().unwrap());
        let at = u64::try_from(now.timestamp()).unwrap();
        let (new, old) = (of_app(&secret, Algorithm::SHA256, at), of_app(&secret, Algorithm::SHA1, at));
        let (stored, step) = first_code(&secret, &new, now).unwrap().unwrap();
        assert_eq!((&stored, step), (&secret, now.timestamp() / 30));
        assert_eq!(step_of(&stored, &old, now).unwrap(), None, "its app knows better");
        let (stored, _) = first_code(&secret, &old, now).unwrap().unwrap();
        assert_eq!(step_of(&stored, &old, now).unwrap(), Some(step));
        assert_eq!(step_of(&stored, &new, now).unwrap(), None);
        assert_eq!(first_code(&secret, "abc", now).unwrap(), None);
        assert!(secret_uri(&secret, "li", "Fugong").ends_with("&algorithm=SHA256"));
    }

    #[test]
    fn a_code_is_right_within_one_step() {
        let secret = [7u8; 20];
        let now: DateTime<Utc> = "2020-03-12T02:32:10Z".parse().unwrap();
        let at = u64::try_from(now.timestamp()).unwrap();
        let code = totp(&secret).unwrap().generate(at).to_string();
        let step = step_of(&secret, &code, now).unwrap().unwrap();
        assert_eq!(step, now.timestamp() / 30);
        assert_eq!(step_of(&secret, &code, now + chrono::Duration::seconds(30)).unwrap(), Some(step));
        assert_eq!(step_of(&secret, &code, now + chrono::Duration::seconds(90)).unwrap(), None);
        assert_eq!(step_of(&secret, "abc", now).unwrap(), None);
    }

    #[test]
    fn passwords_are_long_and_not_the_name() {
        assert_eq!(weakness("short", "li.jing"), Some("password-short"));
        assert_eq!(weakness("Li.Jing-Li.Jing", "li.jing"), Some("password-weak"));
        assert_eq!(weakness("aaaaaaaaaaaaaaa", "li.jing"), Some("password-weak"));
        for common in [
            "motherfucker",
            "QAZwsxEDCrfv",
            "Password2020!!",
            "!!iloveyou2020",
            "123456789012",
            "20200312-20200312",
            "abcabcabcabcabc",
            "abcdefghijkl",
            "lkjihgfedcba",
            "复工通复工通复工通复工通",
            "Woaini1314!!!",
            "Mailcreated5240",
            "fugong-sichuan-2020",
            "四川复工通健康码2020",
            "li.jing复工通2020",
            "walruskite-walruskite",
            "!!!!!!!!!!!!",
        ] {
            assert_eq!(weakness(common, "li.jing"), Some("password-weak"), "{common}");
        }
        // Of which kinds the characters are does not count.
        for good in [
            "bashful walrus 17 kite",
            "a1b2-c3d4-e5f6-77",
            "u7kd9-x3mq2-wp5rt-hh8ab",
            "836295017463928471",
            "}#~%;[=&!+?^*",
            "health is a bashful walrus",
        ] {
            assert_eq!(weakness(good, "li.jing"), None, "{good}");
        }
        assert_eq!(weakness("北风卷地白草折胡天八月即飞雪", "li.jing"), None);
        assert!(
            COMMON.len() > 20_000 && COMMON.iter().filter(|p| p.chars().count() >= SHORTEST).count() > 3000
        );
        assert_eq!((one_time_password().len(), weakness(&one_time_password(), "li.jing")), (31, None));
        let code = recovery_codes().pop().unwrap();
        assert_eq!(code.len(), 27);
        assert_eq!(recovery_hash(&code), recovery_hash(&format!(" {} ", code.to_uppercase())));
    }
}
