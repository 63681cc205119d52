//! Two residents who declared with a passport after their identity card, from another telephone, so that each has two records: of
//! one of them they were merged by two officials, of the other the merge waits for the second.

use super::known::MERGED;
use super::portal::Portal;
use super::residents::{Declared, Documents, declaration, resident};
use super::{Home, staff};
use crate::access::Role;
use crate::error::{AppError, AppResult};
use crate::identity::sample::Sampler;
use crate::identity::{PersonName, Phone};
use crate::merges;
use reqwest::Method;
use serde_json::json;

/// Minutes that it takes.
pub(super) const PLANNED: i64 = 2 * (40 + 25) + 30;

/// The other telephone, the number of the passport, and the name in it.
const PASSPORTS: [(&str, &str, &str); 2] =
    [("13800000019", "EA2345678", "JIANG WENJING"), ("13800000020", "EB3456789", "QUBI SHIQIE")];

/// Their second declarations, and what a counter makes of them.
pub(super) async fn fill(portal: &Portal, home: &Home, documents: &Documents) -> AppResult<()> {
    for (known, passport) in documents.twice.iter().zip(PASSPORTS) {
        portal.wait(40);
        declare(portal, home, passport).await?;
        portal.wait(25);
        propose(portal, home, (known.1, &known.2), passport).await?;
        if known.0 == MERGED {
            portal.wait(30);
            let town = staff::sign_in(portal, Role::TownReviewer, home.people.county).await?;
            let id = portal.deps.store.read(merges::waiting).await?;
            portal.form(&town, &format!("/desk/merges/{id}/decide"), &[("decision", "confirm")]).await?;
        }
    }
    Ok(())
}

async fn declare(portal: &Portal, home: &Home, (phone, number, name): (&str, &str, &str)) -> AppResult<()> {
    let phone = Phone::parse(phone).map_err(|_| AppError::internal("a phone of the demo"))?;
    let name = PersonName::parse(name).map_err(|_| AppError::internal("a name of the demo"))?;
    let mut sampler = Sampler::new(11);
    let mut body = declaration(portal, home, &mut sampler, (&phone, &name), Declared::default())?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("document_kind".into(), json!("passport"));
        fields.insert("document_number".into(), json!(number));
        fields.insert("sex".into(), json!("female"));
        fields.insert("nationality".into(), json!("中国"));
    }
    let who = resident(portal, &phone).await?;
    portal.api(&who, Method::POST, "/api/v1/declarations", &body).await?;
    Ok(())
}

/// Signed in now: it is proposed with a fresh second factor.
async fn propose(
    portal: &Portal,
    home: &Home,
    (name, card): (&str, &str),
    (_, number, in_passport): (&str, &str, &str),
) -> AppResult<()> {
    let village = staff::sign_in(portal, Role::VillageWorker, home.people.county).await?;
    let fields = [
        ("lead_kind", "id_card"),
        ("lead_number", card),
        ("lead_name", name),
        ("other_kind", "passport"),
        ("other_number", number),
        ("other_name", in_passport),
        ("reason", "本人带着身份证和护照到服务点，两份原件的照片和出生日期一致。"),
        ("seen", "yes"),
        ("do", "propose"),
    ];
    portal.form(&village, "/desk/merges", &fields).await
}
