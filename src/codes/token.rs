//! The signed text behind the picture: sub-claim -101 of an HCERT document.

use super::model::CardHolder;
use crate::crypto::{Keyring, SigningUsage, token};
use crate::error::{AppError, AppResult};
use crate::hcert::{Claims, Document, HealthCodeClaim, Holder, StatusReference, issue};
use crate::policy::Colour;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A signed code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `HC1:…`.
    pub text: String,
    /// When it ends.
    pub expires: DateTime<Utc>,
}

/// What a code says, and for how long.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// Province of issue, six digits.
    pub province: &'a str,
    /// Whose code.
    pub holder: &'a CardHolder,
    /// Green, yellow or red.
    pub colour: Colour,
    /// Until when the colour holds unless something changes.
    pub valid_until: DateTime<Utc>,
    /// Begin of the token.
    pub issued: DateTime<Utc>,
    /// Longest life of the token; it never outlives the colour.
    pub life: TimeDelta,
    /// Where a printed code's state is looked up.
    pub status: Option<StatusReference>,
}

/// Signs a health code with the current code key; "unknown" is never signed and gives none.
///
/// # Errors
/// [`AppError::Internal`] when the statement breaks the schema or the key cannot sign.
pub fn sign_code(keys: &Keyring, statement: Statement<'_>) -> AppResult<Option<Signed>> {
    use crate::hcert::Colour as Shown;
    let colour = match statement.colour {
        Colour::Unknown => return Ok(None),
        Colour::Green => Shown::Green,
        Colour::Yellow => Shown::Yellow,
        Colour::Red => Shown::Red,
    };
    let issued = statement.issued.trunc_subsecs(0);
    let valid_until = statement.valid_until.trunc_subsecs(0);
    let expires = (issued + statement.life).trunc_subsecs(0).min(valid_until);
    if expires <= issued {
        return Ok(None);
    }
    let claims = Claims {
        issuer: Some(format!("CN-{}", statement.province.get(..2).unwrap_or_default())),
        issued_at: Some(issued),
        not_before: None,
        expires: Some(expires),
        id: Some(token::random(16)),
        status: statement.status,
        document: Document::HealthCode(HealthCodeClaim {
            holder: Holder {
                masked_name: statement.holder.name.clone(),
                document_last_four: statement.holder.last_four.clone(),
            },
            colour,
            valid_until,
        }),
    };
    let key = keys.signing_key(SigningUsage::Code)?;
    let text = issue(&claims, &*key).map_err(AppError::internal)?;
    Ok(Some(Signed { text, expires }))
}
