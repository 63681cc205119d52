//! What people have asked to be told, and what there is to tell.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    subscriptions (id) {
        id -> DbUuid,
        subscriber -> DbUuid,
        account_id -> Nullable<DbUuid>,
        address_sealed -> Nullable<Binary>,
        address_blind -> Nullable<Binary>,
        topic -> Text,
        division -> Text,
        channel -> Text,
        lang -> Text,
        digest -> Text,
        token_hash -> Binary,
        token_sealed -> Binary,
        created_at -> DbTime,
        confirmed_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    subscription_news (id) {
        id -> DbUuid,
        topic -> Text,
        division -> Text,
        subject -> Text,
        args -> DbJson,
        position -> Nullable<DbUuid>,
        done -> Bool,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    subscription_items (id) {
        id -> DbUuid,
        subscription_id -> DbUuid,
        news_id -> DbUuid,
        due_at -> DbTime,
    }
}
