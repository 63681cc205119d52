//! Tests of the strict schema of the two own documents.

use super::*;
use crate::cbor;
use proptest::prelude::*;

fn holder() -> Holder {
    Holder { masked_name: "张*三".into(), document_last_four: "002X".into() }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn code() -> HealthCodeClaim {
    HealthCodeClaim { holder: holder(), colour: Colour::Yellow, valid_until: at(1_800_000_000) }
}

fn certificate() -> ReturnCertificateClaim {
    ReturnCertificateClaim {
        holder: holder(),
        number: "FG-5116-0081-4427".into(),
        conclusion: Conclusion::NoAbnormality,
        issued: at(1_700_000_000),
        expires: at(1_700_600_000),
        destination: "330212".into(),
        temperature: Some(365),
    }
}

fn written(claim: &ReturnCertificateClaim) -> Vec<u8> {
    let mut writer = Writer::default();
    claim.write(&mut writer).unwrap();
    writer.finish()
}

#[test]
fn documents_return_as_they_were() {
    let mut writer = Writer::default();
    code().write(&mut writer);
    assert_eq!(HealthCodeClaim::read(&cbor::read(&writer.finish()).unwrap()), Ok(code()));
    for temperature in [None, Some(300), Some(450)] {
        let claim = ReturnCertificateClaim { temperature, ..certificate() };
        assert_eq!(ReturnCertificateClaim::read(&cbor::read(&written(&claim)).unwrap()), Ok(claim));
    }
}

#[test]
fn each_field_has_its_rule() {
    let with_name = |name: &str| Holder { masked_name: name.into(), ..holder() }.check().is_ok();
    assert!(with_name("欧阳*"));
    assert!(with_name("𠮷*"), "beyond the basic plane");
    assert!(with_name(&"*".repeat(100)));
    for bad in ["", "张三", "张*\n", &"*".repeat(101)] {
        assert!(!with_name(bad), "{bad:?}");
    }
    let with_four = |four: &str| Holder { document_last_four: four.into(), ..holder() }.check().is_ok();
    assert!(with_four("1234"));
    for bad in ["", "123", "12345", "002x", "００２Ｘ"] {
        assert!(!with_four(bad), "{bad:?}");
    }
    let breaks = |change: &dyn Fn(&mut ReturnCertificateClaim)| {
        let mut claim = certificate();
        change(&mut claim);
        claim.check().err()
    };
    assert_eq!(breaks(&|_| ()), None);
    assert_eq!(breaks(&|claim| claim.number = "fg-1".into()), Some(SchemaError::Field("number")));
    assert_eq!(breaks(&|claim| claim.expires = claim.issued), Some(SchemaError::Field("expires")));
    assert_eq!(breaks(&|claim| claim.destination = "033021".into()), Some(SchemaError::Field("destination")));
    assert_eq!(breaks(&|claim| claim.destination = "3302".into()), Some(SchemaError::Field("destination")));
    assert_eq!(breaks(&|claim| claim.temperature = Some(451)), Some(SchemaError::Field("temperature")));
    let finer = DateTime::from_timestamp(1_700_000_000, 1).unwrap();
    assert_eq!(breaks(&|claim| claim.issued = finer), Some(SchemaError::Field("issued")));
}

#[test]
fn unknown_missing_and_mistyped_fields_are_refused_on_receipt() {
    let read = |bytes: &str| HealthCodeClaim::read(&cbor::read(&hex::decode(bytes).unwrap()).unwrap());
    let name = "0163e5bca0"; // 1: "张"
    assert_eq!(read("a0"), Err(SchemaError::Missing("colour")));
    assert_eq!(read("80"), Err(SchemaError::Shape));
    assert_eq!(read(&format!("a1{name}")), Err(SchemaError::Missing("colour")));
    let holder_and_colour = "01612a02643030325803020";
    assert_eq!(read(&format!("a4{holder_and_colour}44101")), Err(SchemaError::Field("valid_until")), "bytes");
    let fields = "01612a02643030325803020401";
    assert!(read(&format!("a4{fields}")).is_ok());
    assert_eq!(read(&format!("a5{fields}0500")), Err(SchemaError::Shape), "unknown key");
    assert_eq!(read(&format!("a5{fields}0401")), Err(SchemaError::Shape), "repeated key");
    assert_eq!(read("a401612a02643030325803040401"), Err(SchemaError::Field("colour")));
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(
        tenths in proptest::option::of(290_u16..460), number in "[0-9A-Z-]{0,34}", division in "[0-9]{6}|[0-9]{9}",
    ) {
        let claim = ReturnCertificateClaim { temperature: tenths, number, destination: division, ..certificate() };
        if claim.check().is_ok() {
            let bytes = written(&claim);
            let read = ReturnCertificateClaim::read(&cbor::read(&bytes).unwrap());
            prop_assert_eq!(read.as_ref().map(written), Ok(bytes));
            prop_assert_eq!(read, Ok(claim));
        }
    }
}
