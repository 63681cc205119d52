//! How fast documents are verified, beside the limit: the bare signature check of the same library, measured in
//! the same run, since absolute times are noise on a shared machine.

use super::cose::Sign1;
use super::trusted::KeySource;
use super::verify::{self, Verdict, VerifyOptions};
use super::{Agreements, KeyId, StatusLookup, VerificationKey};
use chrono::{DateTime, Utc};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Verifications a second on the calling thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerifyRate {
    /// The signature check alone: the limit.
    pub bare: f64,
    /// Text to verdict.
    pub whole: f64,
}

impl VerifyRate {
    /// Which fraction of the limit is reached; the aim is 0.85.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.whole / self.bare
    }
}

/// Everything that one verification needs.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// A valid document.
    pub text: &'a str,
    /// Keys.
    pub keys: &'a dyn KeySource,
    /// Status lists.
    pub status: Option<&'a dyn StatusLookup>,
    /// Agreements.
    pub agreements: &'a Agreements,
    /// Moment at which it is valid.
    pub now: DateTime<Utc>,
}

/// Measure for about `time`, in alternating slices so that a change of the machine's speed affects both sides; the
/// best slice of each side counts. None if the document is not valid: then there is nothing to measure.
#[must_use]
pub fn bench_verify(subject: &Subject<'_>, time: Duration) -> Option<VerifyRate> {
    let message = verify::open(subject.text).ok()?;
    let signed = Sign1::read(&message).ok()?;
    let id = KeyId::from_slice(signed.kid.as_deref()?)?;
    let to_be_signed = signed.to_be_signed();
    let key = subject.keys.keys(id).iter().find(|key| signed.verifies(&key.key, &to_be_signed))?;
    let whole = || {
        let (keys, status) = (subject.keys, subject.status);
        let answer = verify::verify(
            black_box(subject.text),
            keys,
            status,
            subject.agreements,
            subject.now,
            &VerifyOptions::ONLINE,
        );
        answer.verdict == Verdict::Valid
    };
    if !whole() {
        return None;
    }
    let bare = || bare_check(&key.key, black_box(&to_be_signed), &signed);
    const SLICES: u32 = 10;
    let slice = time / (SLICES * 2);
    let mut rate = VerifyRate { bare: 0.0, whole: 0.0 };
    for _ in 0..SLICES {
        rate.bare = rate.bare.max(per_second(slice, bare));
        rate.whole = rate.whole.max(per_second(slice, whole));
    }
    Some(rate)
}

fn bare_check(key: &VerificationKey, to_be_signed: &[u8], signed: &Sign1<'_>) -> bool {
    signed.verifies(key, to_be_signed)
}

fn per_second(time: Duration, work: impl Fn() -> bool) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    loop {
        for _ in 0..16 {
            black_box(work());
        }
        count += 16;
        let spent = start.elapsed();
        if spent >= time {
            return f64::from(count) / spent.as_secs_f64();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StatusList, StatusView, TrustStore, examples};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    /// Prints the rates; a debug build says nothing about speed, so only sense is asserted there.
    #[test]
    fn rates_are_measured_side_by_side() {
        let set = examples::published().unwrap();
        let store = TrustStore::from_list(set.trust_list_view).unwrap();
        let mut view = StatusView::default();
        view.insert(StatusList::open(&STANDARD.decode(&set.status_list).unwrap(), &store, set.now).unwrap());
        for name in ["code-shown", "certificate"] {
            let text = &set.examples.iter().find(|example| example.name == name).unwrap().text;
            let subject = Subject {
                text,
                keys: &store,
                status: Some(&view),
                agreements: &set.agreements,
                now: set.now,
            };
            let milliseconds = if cfg!(debug_assertions) { 100 } else { 4000 };
            let rate = bench_verify(&subject, Duration::from_millis(milliseconds)).unwrap();
            eprintln!("{name}: {rate:?}, ratio {:.3}", rate.ratio());
            assert!(rate.bare > 0.0 && rate.whole > 0.0);
            let expired = Subject { now: set.now + chrono::TimeDelta::days(30), ..subject };
            assert_eq!(bench_verify(&expired, Duration::ZERO), None);
        }
    }
}
