//! How long things are kept.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    retention_runs (id) {
        id -> DbUuid,
        kind -> Text,
        day -> Text,
        rule_version -> Integer,
        cut_off -> DbTime,
        state -> Text,
        step -> BigInt,
        position -> Nullable<Text>,
        salt -> Binary,
        peaks -> DbJson,
        count -> BigInt,
        oldest -> Nullable<DbTime>,
        newest -> Nullable<DbTime>,
        started_at -> DbTime,
        finished_at -> Nullable<DbTime>,
        record -> Nullable<Text>,
        kid -> Nullable<Binary>,
        signature -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    retention_holds (id) {
        id -> DbUuid,
        number -> Text,
        kind -> Text,
        object_id -> DbUuid,
        person_id -> Nullable<DbUuid>,
        reason_sealed -> Binary,
        state -> Text,
        until -> DbTime,
        review_at -> DbTime,
        entered_by -> DbUuid,
        office_id -> DbUuid,
        created_at -> DbTime,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    hold_ends (hold_id) {
        hold_id -> DbUuid,
        reason_sealed -> Binary,
    }
}
