//! The one schema over both databases. Column types are those of [`super::types`], so that PostgreSQL keeps its
//! native uuid, timestamptz and jsonb; `tests/it/schema_parity.rs` holds the two migration trees against it. Here are
//! the tables of the machinery; the areas have files of their own.
#![allow(missing_docs)]

mod acting;
mod business;
mod colours;
mod counter;
mod handed;
mod health;
mod keeping;
mod merges;
mod neighbours;
mod people;
mod programs;
mod record;
mod second;
mod wanted;

pub use acting::*;
pub use business::*;
pub use colours::*;
pub use counter::*;
pub use handed::*;
pub use health::*;
pub use keeping::*;
pub use merges::*;
pub use neighbours::*;
pub use people::*;
pub use programs::*;
pub use record::*;
pub use second::*;
pub use wanted::*;

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    rate_counters (bucket, window_start) {
        bucket -> Binary,
        window_start -> DbTime,
        hits -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    idempotency_keys (scope, key) {
        scope -> Binary,
        key -> DbUuid,
        digest -> Binary,
        response_sealed -> Binary,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    jobs (id) {
        id -> DbUuid,
        kind -> Text,
        dedup -> Nullable<Text>,
        payload_sealed -> Binary,
        state -> Text,
        run_at -> DbTime,
        attempts -> Integer,
        locked_until -> Nullable<DbTime>,
        last_error -> Nullable<Text>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    outbox (id) {
        id -> DbUuid,
        channel -> Text,
        lane -> Text,
        message -> Text,
        lang -> Text,
        dedup -> Nullable<Text>,
        recipient_sealed -> Binary,
        params_sealed -> Binary,
        state -> Text,
        run_at -> DbTime,
        attempts -> Integer,
        locked_until -> Nullable<DbTime>,
        last_error -> Nullable<Text>,
        provider_ref -> Nullable<Text>,
        created_at -> DbTime,
        sent_at -> Nullable<DbTime>,
        list_id -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    inbox (id) {
        id -> DbUuid,
        account_id -> DbUuid,
        message -> Text,
        params_sealed -> Binary,
        created_at -> DbTime,
        read_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    case_events (id) {
        id -> DbUuid,
        case_kind -> Text,
        case_id -> DbUuid,
        seq -> Integer,
        at -> DbTime,
        actor_kind -> Text,
        actor_id -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        action -> Text,
        from_state -> Text,
        to_state -> Text,
        version -> BigInt,
        note_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    case_comments (id) {
        id -> DbUuid,
        case_kind -> Text,
        case_id -> DbUuid,
        at -> DbTime,
        official_id -> DbUuid,
        office_id -> DbUuid,
        audience -> Text,
        text_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    search_walks (name) {
        name -> Text,
        form -> Text,
        position -> Nullable<DbUuid>,
        done -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    spent_steps (id) {
        id -> DbUuid,
        expires_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    sign_in_tries (bucket) {
        bucket -> Binary,
        tried -> Integer,
        tried_at -> DbTime,
        next_at -> Nullable<DbTime>,
        known_until -> Nullable<DbTime>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    sessions,
    sign_in_tries,
    spent_steps,
    rate_counters,
    idempotency_keys,
    audit_lanes,
    audit_entries,
    audit_chunks,
    audit_heads,
    jobs,
    outbox,
    inbox,
    case_events,
    case_comments,
    persons,
    accounts,
    signin_codes,
    identity_claims,
    proxies,
    person_merge_rows,
    offices,
    officials,
    official_acts,
    official_absences,
    saved_views,
    hold_ends,
    recovery_codes,
    assignments,
    declarations,
    declaration_versions,
    status_lists,
    status_chunks,
    status_indexes,
    certificates,
    division_risks,
    risk_changes,
    risk_previews,
    health_records,
    record_ends,
    code_states,
    code_changes,
    code_prints,
    code_appeals,
    code_waivers,
    businesses,
    business_agents,
    business_names,
    business_staff,
    applications,
    application_reviews,
    partners,
    agreements,
    trust_lists,
    disclosures,
    retention_runs,
    retention_holds,
    search_walks,
    live_events,
    program_keys,
    program_secrets,
    program_nonces,
    files,
    second_waits,
    subscriptions,
    subscription_news,
    subscription_items,
    tasks,
);

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    live_events (id) {
        id -> DbUuid,
        topic -> DbUuid,
        kind -> Text,
        body_sealed -> Binary,
        created_at -> DbTime,
    }
}
