//! Who acts for somebody else.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    proxies (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> DbUuid,
        actor_id -> DbUuid,
        person_id -> Nullable<DbUuid>,
        ward_sealed -> Binary,
        relation -> Text,
        way -> Text,
        state -> Text,
        version -> BigInt,
        consent_text -> Text,
        created_at -> DbTime,
        until_at -> DbTime,
        granted_at -> Nullable<DbTime>,
        granted_by -> Nullable<DbUuid>,
        ended_at -> Nullable<DbTime>,
        ended_by -> Nullable<Text>,
        ended_official -> Nullable<DbUuid>,
        by_pin -> Bool,
    }
}
