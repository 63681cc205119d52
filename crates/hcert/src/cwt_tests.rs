//! Tests of the claims' frame.

use super::*;
use crate::documents::{Colour, Conclusion, Holder};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn holder() -> Holder {
    Holder { masked_name: "张*".into(), document_last_four: "002X".into() }
}

fn shown() -> Claims {
    Claims {
        issuer: Some("CN-51".into()),
        issued_at: Some(at(1_800_000_000)),
        not_before: None,
        expires: Some(at(1_800_000_120)),
        id: Some(vec![7; 16]),
        status: None,
        document: Document::HealthCode(HealthCodeClaim {
            holder: holder(),
            colour: Colour::Red,
            valid_until: at(1_800_100_000),
        }),
    }
}

fn certificate() -> Claims {
    Claims {
        expires: Some(at(1_800_600_000)),
        status: Some(StatusReference { index: 131_071, uri: "https://a.example/1".into() }),
        document: Document::ReturnCertificate(ReturnCertificateClaim {
            holder: holder(),
            number: "FG-1".into(),
            conclusion: Conclusion::FitWithMonitoring,
            issued: at(1_799_999_000),
            expires: at(1_800_600_000),
            destination: "510107".into(),
            temperature: None,
        }),
        ..shown()
    }
}

#[test]
fn own_claims_return_as_they_were() {
    for claims in [shown(), certificate()] {
        assert_eq!(Claims::read(&claims.to_payload().unwrap()), Ok(claims));
    }
}

#[test]
fn the_frame_of_own_documents_has_its_rules() {
    let refused = |claims: Claims| claims.to_payload().err();
    let later = |seconds: i64| Some(at(1_800_000_000 + seconds));
    assert_eq!(refused(shown()), None);
    assert_eq!(refused(Claims { issuer: Some("51".into()), ..shown() }), Some(CwtError::Claim("iss")));
    assert_eq!(refused(Claims { issuer: None, ..shown() }), Some(CwtError::Missing("iss")));
    assert_eq!(refused(Claims { id: Some(vec![0; 15]), ..shown() }), Some(CwtError::Claim("cti")));
    assert_eq!(refused(Claims { expires: later(0), ..shown() }), Some(CwtError::Claim("exp")));
    assert_eq!(refused(Claims { expires: later(300), ..shown() }), None);
    assert_eq!(refused(Claims { expires: later(301), ..shown() }), Some(CwtError::Missing("status")));
    assert_eq!(refused(Claims { status: None, ..certificate() }), Some(CwtError::Missing("status")));
    let outlives = Claims { expires: later(600_001), ..certificate() };
    assert_eq!(refused(outlives), Some(CwtError::Claim("exp")));
    let script = StatusReference { index: 0, uri: "javascript:1".into() };
    assert_eq!(refused(Claims { status: Some(script), ..shown() }), Some(CwtError::Claim("status")));
    let early = Claims { issued_at: Some(at(1_799_998_999)), ..certificate() };
    assert_eq!(refused(early), Some(CwtError::Schema(SchemaError::Field("issued"))));
}

/// A payload with the given hcert value and, before it, extra claims.
fn foreign(extra: &str, count: u8, hcert: &str) -> Result<Claims, CwtError> {
    let payload = format!("{:02x}{extra}390103{hcert}", 0xa0 + count + 1);
    Claims::read(&hex::decode(payload).unwrap())
}

/// A test certificate with little in it.
const EU_TEST: &str = "a101a2636e616da0617481a0";

#[test]
fn foreign_times_may_be_odd() {
    let times =
        |extra: &str, count| foreign(extra, count, EU_TEST).map(|claims| (claims.issued_at, claims.expires));
    let end = Some(at(1_619_827_200));
    assert_eq!(times("041a608c9a00", 1), Ok((None, end)), "iat may be missing");
    assert_eq!(times("04c11a608c9a00", 1), Ok((None, end)), "tag 1");
    assert_eq!(times("04fb41d8232680000000", 1), Ok((None, end)), "double");
    assert_eq!(times("041a608c9a0006f6", 2), Ok((None, end)), "null");
    assert_eq!(times("", 0), Err(CwtError::Missing("exp")));
    assert_eq!(times("046131", 1), Err(CwtError::Claim("exp")));
    assert_eq!(times("041a608c9a00041a608c9a00", 2), Err(CwtError::Shape), "twice");
}

#[test]
fn foreign_claims_are_shown_as_they_are() {
    let shown = foreign("0162415404fb41d82326802000001863820102", 3, EU_TEST).unwrap();
    let expected = serde_json::json!({
        "iss": "AT", "exp": 1_619_827_200.5, "99": [1, 2], "hcert": {"1": {"nam": {}, "t": [{}]}},
    });
    assert_eq!(shown.to_json(), expected);
}

#[test]
fn a_document_is_one_thing() {
    let exp = "041a608c9a00";
    assert!(matches!(foreign(exp, 1, EU_TEST).unwrap().document, Document::Eu(_)));
    assert_eq!(foreign(exp, 1, "a0"), Err(CwtError::Schema(SchemaError::Missing("hcert.1"))));
    assert_eq!(foreign(exp, 1, "80"), Err(CwtError::Claim("hcert")));
    // -101 beside 1: an own document must be alone, and its frame is incomplete.
    assert!(foreign(exp, 1, "a201a2636e616da0617481a03864a0").is_err());
    assert_eq!(foreign(exp, 1, "a101a1636e616da0"), Err(CwtError::Schema(SchemaError::Missing("v, t or r"))));
    assert_eq!(foreign(exp, 1, "a10180"), Err(CwtError::Schema(SchemaError::Shape)));
}

#[test]
fn an_unknown_claim_in_an_own_document_is_refused() {
    let payload = shown().to_payload().unwrap();
    let mut extended = payload.clone();
    extended[0] += 1;
    extended.extend([0x18, 0x40, 0x00]);
    assert_eq!(Claims::read(&extended), Err(CwtError::Unknown));
}

proptest! {
    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..200, to: u8) {
        let mut payload = certificate().to_payload().unwrap();
        let at = at % payload.len();
        payload[at] = to;
        let _ = Claims::read(&payload);
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Claims::read(&bytes);
    }
}
