//! Residents and officials: who they are, how they sign in, what they may do.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    sessions (id) {
        id -> Binary,
        public_id -> DbUuid,
        kind -> Text,
        subject -> DbUuid,
        assignment_id -> Nullable<DbUuid>,
        csrf -> Binary,
        device -> Text,
        created_at -> DbTime,
        last_seen_at -> DbTime,
        expires_at -> DbTime,
        stepped_up_at -> Nullable<DbTime>,
        acting_for -> Nullable<DbUuid>,
        acting_since -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    persons (id) {
        id -> DbUuid,
        doc_kind -> Text,
        doc_sealed -> Binary,
        doc_blind -> Binary,
        name_sealed -> Binary,
        name_blind -> Binary,
        sex -> Nullable<Text>,
        birth_date_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        phone_blind -> Nullable<Binary>,
        division -> Nullable<Text>,
        level -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
        merged_into -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    accounts (id) {
        id -> DbUuid,
        phone_sealed -> Binary,
        phone_blind -> Binary,
        email_sealed -> Nullable<Binary>,
        person_id -> Nullable<DbUuid>,
        lang -> Text,
        elder -> Bool,
        notice_at -> Nullable<DbTime>,
        created_at -> DbTime,
        last_signin_at -> DbTime,
        notice_text -> Text,
        email_at -> Nullable<DbTime>,
        detached -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    signin_codes (phone_blind, step) {
        phone_blind -> Binary,
        step -> DbUuid,
        code_hash -> Binary,
        created_at -> DbTime,
        expires_at -> DbTime,
        attempts -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    identity_claims (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> DbUuid,
        person_id -> DbUuid,
        name_sealed -> Binary,
        doc_sealed -> Binary,
        division -> Text,
        state -> Text,
        created_at -> DbTime,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    offices (id) {
        id -> DbUuid,
        name -> Text,
        name_en -> Text,
        kind -> Text,
        division -> Text,
        phone -> Text,
        active -> Bool,
        version -> BigInt,
        created_at -> DbTime,
        duty -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    officials (id) {
        id -> DbUuid,
        login -> Text,
        name -> Text,
        email_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        doc_sealed -> Nullable<Binary>,
        doc_blind -> Nullable<Binary>,
        password_hash -> Text,
        must_change -> Bool,
        totp_sealed -> Nullable<Binary>,
        totp_last_step -> BigInt,
        active -> Bool,
        failed -> Integer,
        locked_until -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        last_signin_at -> Nullable<DbTime>,
        grave_from -> Nullable<DbTime>,
        grave_by -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    official_acts (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        action -> Text,
        reason_sealed -> Binary,
        acted_by -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    recovery_codes (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        code_hash -> Binary,
        used_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    assignments (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        office_id -> DbUuid,
        role -> Text,
        division -> Text,
        valid_from -> DbTime,
        valid_to -> Nullable<DbTime>,
        substitute_for -> Nullable<DbUuid>,
        created_by -> Nullable<DbUuid>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    official_absences (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        substitute_id -> DbUuid,
        from_at -> DbTime,
        to_at -> DbTime,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    saved_views (id) {
        id -> DbUuid,
        list -> Text,
        name -> Text,
        place -> Text,
        official_id -> DbUuid,
        office_id -> Nullable<DbUuid>,
        created_at -> DbTime,
    }
}
