//! Tests of the CBOR reader and writer, with the examples of RFC 8949 appendix A.

use super::*;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn examples_of_rfc_8949() {
    let text = |text: &'static str| Value::Text(Cow::Borrowed(text));
    let cases: [(&str, Value<'_>); 18] = [
        ("17", Value::Integer(23)),
        ("1818", Value::Integer(24)),
        ("1b000000e8d4a51000", Value::Integer(1_000_000_000_000)),
        ("3903e7", Value::Integer(-1000)),
        ("f93c00", Value::Float(1.0)),
        ("f90001", Value::Float(5.960_464_477_539_063e-8)),
        ("f9c400", Value::Float(-4.0)),
        ("fa47c35000", Value::Float(100_000.0)),
        ("fb3ff199999999999a", Value::Float(1.1)),
        ("f97c00", Value::Float(f64::INFINITY)),
        ("f4", Value::Bool(false)),
        ("f7", Value::Null),
        ("f8ff", Value::Simple(255)),
        ("62c3bc", text("ü")),
        ("5f42010243030405ff", Value::Bytes(Cow::Owned(vec![1, 2, 3, 4, 5]))),
        ("7f657374726561646d696e67ff", text("streaming")),
        ("9f018202039f0405ffff", {
            let list = |numbers: &[i64]| Value::Array(numbers.iter().copied().map(Value::Integer).collect());
            Value::Array(vec![Value::Integer(1), list(&[2, 3]), list(&[4, 5])])
        }),
        ("bf6346756ef563416d7421ff", {
            Value::Map(vec![(text("Fun"), Value::Bool(true)), (text("Amt"), Value::Integer(-2))])
        }),
    ];
    for (bytes, value) in cases {
        assert_eq!(read(&hex(bytes)).as_ref(), Ok(&value), "{bytes}");
    }
    assert_eq!(read(&hex("c11a514b67b0")), Ok(Value::Tag(1, Box::new(Value::Integer(1_363_896_240)))));
}

#[test]
fn refusals() {
    let cases = [
        ("", CborError::Truncated),
        ("18", CborError::Truncated),
        ("1c", CborError::Malformed),
        ("ff", CborError::Malformed),
        ("0000", CborError::Trailing),
        ("1bffffffffffffffff", CborError::Integer),
        ("61ff", CborError::Utf8),
        ("5f6161ff", CborError::Malformed),
        ("5f5f4101ffff", CborError::Malformed),
        ("bf01ff", CborError::Malformed),
        ("f818", CborError::Malformed),
        ("9bffffffffffffffff", CborError::Truncated),
        ("5bffffffffffffffff00", CborError::Truncated),
        ("df00", CborError::Malformed),
    ];
    for (bytes, error) in cases {
        assert_eq!(read(&hex(bytes)), Err(error), "{bytes}");
    }
}

#[test]
fn depth_and_items_are_bounded() {
    let nested = |levels: usize, head: u8| {
        let mut bytes = vec![head; levels];
        bytes.push(0);
        bytes
    };
    assert!(read(&nested(16, 0x81)).is_ok());
    assert_eq!(read(&nested(17, 0x81)), Err(CborError::Depth));
    assert_eq!(read(&nested(60_000, 0xc6)), Err(CborError::Depth));
    assert_eq!(read(&nested(60_000, 0x9f)), Err(CborError::Depth));
    let mut wide = vec![0x99, 0x40, 0x00];
    wide.extend([0; 0x4000]);
    assert_eq!(read(&wide), Err(CborError::Items));
}

#[test]
fn duplicates_are_found() {
    assert!(read(&hex("a201000100")).unwrap().has_duplicate_keys());
    assert!(!read(&hex("a201000200")).unwrap().has_duplicate_keys());
}

proptest! {
    #[test]
    fn integers_return(number: i64) {
        let mut writer = Writer::default();
        writer.integer(number);
        let out = writer.finish();
        prop_assert_eq!(read(&out), Ok(Value::Integer(number)));
    }

    #[test]
    fn strings_return(text: String, bytes: Vec<u8>) {
        let mut writer = Writer::default();
        writer.map(1).text(&text).bytes(&bytes);
        let out = writer.finish();
        let read = read(&out).unwrap();
        prop_assert_eq!(read.get_text(&text).and_then(Value::bytes), Some(bytes.as_slice()));
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }
}
