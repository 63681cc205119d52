//! Keys of programs, what verifies their signatures, and what was used once.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    program_keys (id) {
        id -> DbUuid,
        keyid -> Text,
        kind -> Text,
        name -> Text,
        owner -> Text,
        province -> Nullable<Text>,
        scopes -> Text,
        per_minute -> Integer,
        per_day -> Integer,
        expires_at -> DbTime,
        revoked_at -> Nullable<DbTime>,
        revoked_sealed -> Nullable<Binary>,
        seen_at -> Nullable<DbTime>,
        version -> BigInt,
        created_by -> Nullable<DbUuid>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    program_secrets (id) {
        id -> DbUuid,
        key_id -> DbUuid,
        algorithm -> Text,
        material_sealed -> Binary,
        certificate -> Nullable<Binary>,
        created_at -> DbTime,
        ends_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    program_nonces (key_id, nonce) {
        key_id -> DbUuid,
        nonce -> Text,
        expires_at -> DbTime,
    }
}
