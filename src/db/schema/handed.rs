//! Files that people hand in.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    files (id) {
        id -> DbUuid,
        purpose -> Text,
        case_id -> DbUuid,
        account_id -> DbUuid,
        state -> Text,
        reason -> Nullable<Text>,
        kind -> Text,
        size -> BigInt,
        digest -> Binary,
        shelf -> Integer,
        blob -> Nullable<DbUuid>,
        making -> Nullable<DbUuid>,
        name_sealed -> Binary,
        key_sealed -> Nullable<Binary>,
        created_at -> DbTime,
        changed_at -> DbTime,
    }
}
