//! Records of persons that were found to be one person's.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    person_merges (id) {
        id -> DbUuid,
        number -> Text,
        lead_id -> DbUuid,
        other_id -> DbUuid,
        undoes -> Nullable<DbUuid>,
        state -> Text,
        division -> Text,
        reason_sealed -> Binary,
        entered_by -> DbUuid,
        office_id -> DbUuid,
        created_at -> DbTime,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        refusal_sealed -> Nullable<Binary>,
        undone_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    person_merge_rows (merge_id, place, row_id) {
        merge_id -> DbUuid,
        place -> Text,
        row_id -> DbUuid,
    }
}
