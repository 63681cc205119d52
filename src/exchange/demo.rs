//! Two provinces in one process that trust each other: what two officers and two exchange desks do in reality, for
//! the demonstration and for tests.

use super::model::{AgreementRow, Partner};
use super::{Exchange, own_entries, store, trust};
use crate::audit::Actor;
use crate::db::Id;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::{Es256Signer, Signer, TrustList, VerificationKey};
use crate::identity::{DivisionCode, divisions};
use chrono::Duration;

/// How long before the list was made its keys already count.
const BEFORE: Duration = Duration::days(365);

/// Makes a pair of roots whose private halves are dropped at once, signs a list with both provinces' keys, stores it in
/// both, and concludes agreements both ways for codes and certificates. Repeating it changes the roots and the list's
/// edition. Gives the public keys of the roots, which both have pinned.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when no key can be made.
pub async fn trust_in_process(a: &Deps, b: &Deps) -> AppResult<Vec<VerificationKey>> {
    let root =
        || Es256Signer::generate().and_then(|der| Es256Signer::from_pkcs8(&der)).map_err(AppError::internal);
    let (first, second) = (root()?, root()?);
    let now = a.clock.now();
    let mut sequence = 0;
    let mut entries = Vec::new();
    for deps in [a, b] {
        let highest = deps.store.read(store::highest_sequence).await?;
        sequence = sequence.max(highest.unwrap_or(0));
        let name = province_name(&deps.config.province).0;
        // What the demonstration holds was signed in the weeks before its start.
        let span = (now - BEFORE, now + Duration::days(730));
        entries.extend(own_entries(&deps.keys, &deps.config.province, &name, &deps.config.public_url, span)?);
    }
    let list = TrustList {
        sequence: u64::try_from(sequence + 1).map_err(AppError::internal)?,
        issued_at: trust::whole_seconds(now),
        next_update: trust::whole_seconds(now + Duration::days(90)),
        entries,
        tombstones: Vec::new(),
    };
    let signers: [&dyn Signer; 2] = [&first, &second];
    let signed = list.sign(&signers).map_err(AppError::internal)?;
    let roots = vec![first.public().clone(), second.public().clone()];
    for (deps, other) in [(a, b), (b, a)] {
        Exchange::of(deps)?.pin_roots(roots.clone());
        trust::reload(deps).await?;
        conclude(deps, other).await?;
        trust::accept_list(deps, signed.clone(), Actor::System).await?;
    }
    Ok(roots)
}

/// Pins the roots of an earlier [`trust_in_process`], so that the list which they signed counts again.
///
/// # Errors
/// Database errors.
pub async fn pin_again(deps: &Deps, roots: &[VerificationKey]) -> AppResult<()> {
    Exchange::of(deps)?.pin_roots(roots.to_vec());
    trust::reload(deps).await.map(drop)
}

/// Chinese and English name of a province, or its code.
pub(super) fn province_name(code: &str) -> (String, String) {
    let found = DivisionCode::parse(code).ok().and_then(|c| divisions().get(c));
    found.map_or((code.to_owned(), code.to_owned()), |d| (d.name.to_owned(), d.name_en.to_owned()))
}

async fn conclude(deps: &Deps, other: &Deps) -> AppResult<()> {
    let now = deps.clock.now();
    let (name, name_en) = province_name(&other.config.province);
    let partner = Partner {
        province: other.config.province.clone(),
        name,
        name_en,
        endpoint: other.config.public_url.clone(),
        phone: "12345".into(),
        active: true,
        created_at: now.into(),
    };
    let known = trust::current(deps).await?;
    let in_force = |kind: &str| {
        known.rows.iter().any(|r| r.province == partner.province && r.kind == kind && !r.is_over(now))
    };
    let document = document_number(&deps.config.province, &partner.province);
    let missing: Vec<AgreementRow> = ["code", "certificate"]
        .into_iter()
        .filter(|kind| !in_force(kind))
        .map(|kind| AgreementRow {
            id: Id::new(),
            province: partner.province.clone(),
            kind: kind.into(),
            direction: "both".into(),
            valid_from: (now - Duration::days(1)).into(),
            valid_to: None,
            document: document.clone(),
        })
        .collect();
    deps.store
        .write(move |tx| {
            store::put_partner(tx, &partner)?;
            missing.iter().try_for_each(|row| store::add_agreement(tx, row))
        })
        .await
}

/// The same number on both sides.
fn document_number(a: &str, b: &str) -> String {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    format!("HR-{}-{}-1", low.get(..2).unwrap_or_default(), high.get(..2).unwrap_or_default())
}
