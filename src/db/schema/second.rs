//! What waits for a second official.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    second_waits (id) {
        id -> DbUuid,
        kind -> Text,
        holder_id -> DbUuid,
        person_id -> Nullable<DbUuid>,
        division -> Text,
        roles -> Text,
        detail -> DbJson,
        state -> Text,
        entered_by -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        entered_at -> DbTime,
        expires_at -> DbTime,
        warned_at -> Nullable<DbTime>,
        ended_at -> Nullable<DbTime>,
    }
}
