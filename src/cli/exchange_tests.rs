use super::*;
use crate::hcert::{Roots, TrustStore, VerificationKey};
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    exchange: ExchangeArgs,
}

fn fugong(words: &[&str]) -> Result<String, ExchangeError> {
    let line = Line::parse_from(std::iter::once("exchange").chain(words.iter().copied()));
    let mut out = Vec::new();
    run(&line.exchange, "2027-01-15T08:00:00Z".parse().unwrap(), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn two_officers_sign_one_after_the_other() {
    let dir = std::env::temp_dir().join(format!("fugong-exchange-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir(&dir).unwrap();
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let set = crate::hcert::examples::published().unwrap();
    std::fs::write(path("list.json"), serde_json::to_vec(&set.trust_list_view).unwrap()).unwrap();
    for officer in ["a", "b"] {
        fugong(&["root-key", "--out", &path(officer)]).unwrap();
    }
    assert!(matches!(fugong(&["root-key", "--out", &path("a")]), Err(ExchangeError::File { .. })));
    let sign = |input: &str, root: &str, out: &str| {
        fugong(&["sign-list", "--in", &path(input), "--root", &path(root), "--out", &path(out)])
    };
    sign("list.json", "a", "once").unwrap();
    sign("once", "b", "twice").unwrap();
    let key = |name: &str| VerificationKey::from_file(&std::fs::read(path(name)).unwrap()).unwrap();
    let roots = Roots { keys: vec![key("a.pub"), key("b.pub")], threshold: 2 };
    let open = |name: &str| TrustStore::open(&std::fs::read(path(name)).unwrap(), &roots, None, set.now);
    assert!(open("once").is_err());
    assert_eq!(open("twice").unwrap().list(), &set.trust_list_view);
    assert!(sign("a", "b", "nonsense").is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path("a")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
