//! What staff do for people at a counter.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    slips (id) {
        id -> DbUuid,
        number -> Text,
        act -> Text,
        about_id -> DbUuid,
        person_id -> Nullable<DbUuid>,
        division -> Text,
        office_id -> DbUuid,
        official_id -> DbUuid,
        content_sealed -> Binary,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    person_pins (person_id) {
        person_id -> DbUuid,
        given -> DbUuid,
        pin_hash -> Binary,
        wrong -> Integer,
        set_at -> DbTime,
        set_by -> DbUuid,
        until_at -> DbTime,
    }
}
