//! Other provinces, and who was told what.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    partners (province) {
        province -> Text,
        name -> Text,
        name_en -> Text,
        endpoint -> Text,
        phone -> Text,
        active -> Bool,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    agreements (id) {
        id -> DbUuid,
        province -> Text,
        kind -> Text,
        direction -> Text,
        valid_from -> DbTime,
        valid_to -> Nullable<DbTime>,
        document -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    trust_lists (sequence) {
        sequence -> BigInt,
        issued_at -> DbTime,
        next_update -> DbTime,
        list -> Binary,
        accepted_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    disclosures (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        at -> DbTime,
        recipient -> Text,
        purpose -> Text,
        kind -> Text,
    }
}
