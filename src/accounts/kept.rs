//! How long claims, sign-in codes, accounts and persons are kept.

use super::recusal::Recusal;
use super::store_claims;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::kept::{Kind, Owner, PLAIN, Part};
use crate::web::principal::OfficialPrincipal;

/// A claim at the counter, and the code sent to a phone.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "claim",
        table: "identity_claims",
        clock: "COALESCE(t.decided_at, t.created_at)",
        owner: Owner { account: Some("t.account_id"), person: None },
        number: Some("t.number"),
        ..PLAIN
    },
    Kind {
        name: "sign-in-code",
        table: "signin_codes",
        key: &["phone_blind", "step"],
        clock: "t.expires_at",
        ..PLAIN
    },
];

/// Whether a claim is an official's: by the account that claims, by the person of the document, or by who stands for them.
pub(super) fn is_party(
    conn: &mut Conn,
    keys: &Keyring,
    by: &OfficialPrincipal,
    claim: Id,
) -> AppResult<bool> {
    match store_claims::still_there(conn, claim)? {
        Some(claim) => Recusal::of(keys, by)?.is_of(conn, &claim),
        None => Ok(false),
    }
}

/// Accounts and persons go when nothing is left that needs them: these come after all other kinds.
pub const LAST: &[Kind] = &[
    Kind {
        name: "account",
        table: "accounts",
        clock: "t.last_signin_at",
        unless: ACCOUNT_NEEDED,
        parts: &[
            Part { table: "inbox", column: "account_id" },
            Part { table: "subscriptions", column: "account_id" },
            Part { table: "identity_claims", column: "account_id" },
            Part { table: "business_agents", column: "account_id" },
            Part { table: "sessions", column: "subject" },
        ],
        owner: Owner { account: Some("t.id"), person: Some("t.person_id") },
        on_request: Some("1 = 1"),
        forgets: Some("t.id"),
        ..PLAIN
    },
    Kind {
        name: "person",
        table: "persons",
        clock: "t.updated_at",
        unless: PERSON_NEEDED,
        parts: &[Part { table: "code_states", column: "person_id" }],
        owner: Owner { account: None, person: Some("COALESCE(t.merged_into, t.id)") },
        forgets: Some("t.id"),
        ..PLAIN
    },
];

const ACCOUNT_NEEDED: &str = "EXISTS (SELECT 1 FROM declarations x WHERE x.account_id = t.id) \
    OR EXISTS (SELECT 1 FROM proxies x WHERE x.account_id = t.id) \
    OR EXISTS (SELECT 1 FROM certificates x WHERE x.account_id = t.id) \
    OR EXISTS (SELECT 1 FROM applications x WHERE x.account_id = t.id) \
    OR EXISTS (SELECT 1 FROM code_appeals x WHERE x.account_id = t.id) \
    OR EXISTS (SELECT 1 FROM identity_claims x WHERE x.account_id = t.id AND x.state = 'open')";

/// A record that points to another one stays as long as anything needs that one, which in turn stays until it has gone.
pub const PERSON_NEEDED: &str = "EXISTS (SELECT 1 FROM persons x WHERE x.merged_into = t.id) \
    OR EXISTS (SELECT 1 FROM person_merges x WHERE x.lead_id = t.id OR x.other_id = t.id) \
    OR EXISTS (SELECT 1 FROM person_pins x WHERE x.person_id IN (t.id, COALESCE(t.merged_into, t.id))) \
    OR EXISTS (SELECT 1 FROM proxies x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM proxies x WHERE x.actor_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM accounts x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM declarations x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM certificates x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM identity_claims x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM health_records x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM code_changes x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM code_prints x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM code_appeals x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM code_waivers x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM disclosures x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM tasks x WHERE x.person_id = COALESCE(t.merged_into, t.id)) \
    OR EXISTS (SELECT 1 FROM code_states x WHERE x.person_id = COALESCE(t.merged_into, t.id) \
    AND x.colour IN ('red', 'yellow'))";
