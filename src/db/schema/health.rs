//! Declarations, certificates and the lists of their standing.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    declarations (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> Nullable<DbUuid>,
        person_id -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        answers_sealed -> Binary,
        step -> Text,
        division -> Text,
        destination_division -> Nullable<Text>,
        concern -> Bool,
        entered_by -> Nullable<DbUuid>,
        conclusion -> Nullable<Text>,
        temperature_tenths -> Nullable<Integer>,
        created_at -> DbTime,
        updated_at -> DbTime,
        submitted_at -> Nullable<DbTime>,
        checked_at -> Nullable<DbTime>,
        checked_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        receipt_sealed -> Nullable<Binary>,
        consent_text -> Text,
        consent_withdrawn_at -> Nullable<DbTime>,
        share_withdrawn_at -> Nullable<DbTime>,
        proxy_id -> Nullable<DbUuid>,
        assignee -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    declaration_versions (id) {
        id -> DbUuid,
        declaration_id -> DbUuid,
        person_id -> DbUuid,
        version -> BigInt,
        submitted_at -> DbTime,
        accepted_at -> Nullable<DbTime>,
        answers_sealed -> Binary,
        entered_by -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_lists (id) {
        id -> BigInt,
        usage -> Text,
        size -> Integer,
        taken -> Integer,
        version -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_chunks (list_id, chunk) {
        list_id -> BigInt,
        chunk -> Integer,
        bits -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_indexes (list_id, idx) {
        list_id -> BigInt,
        idx -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    certificates (id) {
        id -> DbUuid,
        number -> Text,
        declaration_id -> DbUuid,
        person_id -> DbUuid,
        account_id -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        division -> Text,
        destination_division -> Nullable<Text>,
        conclusion -> Text,
        temperature_tenths -> Integer,
        token_sealed -> Binary,
        kid -> Binary,
        status_list -> BigInt,
        status_index -> Integer,
        office_id -> DbUuid,
        official_id -> DbUuid,
        issued_at -> DbTime,
        expires_at -> DbTime,
        ended_at -> Nullable<DbTime>,
        ended_by -> Nullable<DbUuid>,
        end_reason_sealed -> Nullable<Binary>,
        suspended_at -> Nullable<DbTime>,
        causes_sealed -> Nullable<Binary>,
        withdrawn_at -> Nullable<DbTime>,
    }
}
