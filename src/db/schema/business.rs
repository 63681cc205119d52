//! Businesses, who acts for them, their cases.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    businesses (id) {
        id -> DbUuid,
        uscc -> Text,
        name -> Text,
        kind -> Text,
        division -> Text,
        industry -> Nullable<Text>,
        scale -> Nullable<Text>,
        legal_person_sealed -> Nullable<Binary>,
        legal_phone_sealed -> Nullable<Binary>,
        legal_phone_blind -> Nullable<Binary>,
        version -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    business_agents (id) {
        id -> DbUuid,
        business_id -> DbUuid,
        account_id -> DbUuid,
        number -> Text,
        state -> Text,
        created_at -> DbTime,
        confirmed_at -> Nullable<DbTime>,
        confirmed_by -> Nullable<DbUuid>,
        how -> Nullable<Text>,
        version -> BigInt,
        claimed_name -> Text,
        claimed_division -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    business_names (id) {
        id -> DbUuid,
        business_id -> DbUuid,
        former -> Text,
        reason_sealed -> Binary,
        changed_by -> DbUuid,
        office_id -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    business_staff (id) {
        id -> DbUuid,
        business_id -> DbUuid,
        row_number -> Integer,
        name_sealed -> Binary,
        doc_sealed -> Binary,
        doc_blind -> Binary,
        phone_sealed -> Nullable<Binary>,
        origin -> Nullable<Text>,
        certificate_number -> Nullable<Text>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    applications (id) {
        id -> DbUuid,
        number -> Text,
        business_id -> DbUuid,
        account_id -> DbUuid,
        kind -> Text,
        state -> Text,
        version -> BigInt,
        division -> Text,
        risk_level -> Text,
        review_level -> Text,
        step -> Text,
        form_sealed -> Binary,
        returning_staff -> Integer,
        corrections -> Integer,
        clock -> DbJson,
        due_at -> Nullable<DbTime>,
        assignee -> Nullable<DbUuid>,
        permit_number -> Nullable<Text>,
        permit_until -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        created_at -> DbTime,
        updated_at -> DbTime,
        submitted_at -> Nullable<DbTime>,
        asked_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    application_reviews (id) {
        id -> DbUuid,
        application_id -> DbUuid,
        department -> Text,
        round -> Integer,
        state -> Text,
        opinion_sealed -> Nullable<Binary>,
        asked_at -> DbTime,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        reminded_at -> Nullable<DbTime>,
    }
}
