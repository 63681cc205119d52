//! Trust between the two provinces of the demonstration, and the root keys that both have pinned: public keys in a
//! file beside the data, so that the trust list holds after a restart and a verifier of somebody else can check it.

use super::province::Province;
use crate::exchange;
use crate::hcert::VerificationKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};

/// One key a line: SubjectPublicKeyInfo in base64.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("roots")
}

/// Makes the provinces trust each other: by the roots of the last start, or by new ones where a province begins
/// again.
///
/// # Errors
/// One line, when the trust list or the file cannot be made.
pub(super) async fn agree(provinces: &[Province], folder: &Path) -> Result<(), String> {
    let [a, b, ..] = provinces else { return Ok(()) };
    let kept = if a.empty || b.empty { None } else { read(&file(folder)) };
    let Some(keys) = kept else {
        let keys = exchange::trust_in_process(&a.deps, &b.deps).await.map_err(|e| e.to_string())?;
        let lines: String = keys.iter().map(|key| STANDARD.encode(key.spki()) + "\n").collect();
        return std::fs::write(file(folder), lines).map_err(|e| format!("{}: {e}", file(folder).display()));
    };
    for province in [a, b] {
        exchange::pin_again(&province.deps, &keys).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// The keys of a file; none if it is not there or something else.
fn read(path: &Path) -> Option<Vec<VerificationKey>> {
    let text = std::fs::read_to_string(path).ok()?;
    let keys = text.lines().map(|line| VerificationKey::from_file(line.as_bytes()).ok());
    keys.collect::<Option<Vec<_>>>().filter(|keys| keys.len() >= exchange::THRESHOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_two_keys_is_none() {
        let folder = std::env::temp_dir().join(format!("fugong-roots-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        assert!(read(&file(&folder)).is_none());
        let set = crate::hcert::examples::published().unwrap();
        for (text, count) in
            [(set.roots.join("\n"), Some(2)), (set.roots[0].clone(), None), ("x".into(), None)]
        {
            std::fs::write(file(&folder), &text).unwrap();
            assert_eq!(read(&file(&folder)).map(|keys| keys.len()), count, "{text}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
