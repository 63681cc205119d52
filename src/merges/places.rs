//! Every column that names a person, and what a merge does with it.

/// Tables with the column that names a person: what is written over to the leading record. The key of each is `id`.
pub const PLACES: &[(&str, &str)] = &[
    ("declarations", "person_id"),
    ("declaration_versions", "person_id"),
    ("certificates", "person_id"),
    ("health_records", "person_id"),
    ("code_changes", "person_id"),
    ("code_prints", "person_id"),
    ("code_appeals", "person_id"),
    ("code_waivers", "person_id"),
    ("disclosures", "person_id"),
    ("identity_claims", "person_id"),
    ("proxies", "person_id"),
    ("proxies", "actor_id"),
    ("tasks", "person_id"),
    ("slips", "person_id"),
    ("second_waits", "person_id"),
    ("retention_holds", "person_id"),
    ("persons", "merged_into"),
];

/// Those that are not simply written over, and why.
pub const LEFT: &[(&str, &str, &str)] = &[
    (
        "accounts",
        "person_id",
        "a person has one account: the leading record's, or the other's where it has none",
    ),
    (
        "person_pins",
        "person_id",
        "a person has one PIN: the leading record's, or the other's where it has none",
    ),
    ("code_states", "person_id", "a code is worked out anew from everything that is known of both"),
    ("person_merges", "lead_id", "the merge itself"),
    ("person_merges", "other_id", "the merge itself"),
    ("audit_entries", "subject_id", "the record of acts is never rewritten: it is asked for under both"),
];

#[cfg(test)]
mod tests {
    use super::{LEFT, PLACES};
    use crate::accounts::PERSON_NEEDED;
    use crate::web::i18n;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Tables and columns that point to a person, as the migrations have them.
    fn pointing() -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
        for migration in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(migration.unwrap().path().join("up.sql")).unwrap();
            let mut table = "";
            for line in text.lines() {
                let mut words = line.split_whitespace();
                if let (Some("CREATE" | "ALTER"), Some("TABLE"), Some(name)) =
                    (words.next(), words.next(), words.next())
                {
                    table = name;
                }
                if line.contains("REFERENCES persons") {
                    let column = line.split("ADD COLUMN").last().unwrap().split_whitespace().next().unwrap();
                    found.insert((table.to_owned(), column.to_owned()));
                }
            }
        }
        found
    }

    #[test]
    fn whatever_points_to_a_person_is_written_over_or_says_why_not() {
        let left = LEFT.iter().map(|(table, column, _)| (*table, *column));
        let said: BTreeSet<_> = PLACES.iter().copied().chain(left).collect();
        let all = pointing();
        assert!(all.len() > 15, "{all:?}");
        for (table, column) in &all {
            assert!(said.contains(&(table.as_str(), column.as_str())), "{table}.{column}");
        }
    }

    #[test]
    fn a_person_outlives_whatever_points_to_them() {
        for (table, column) in pointing() {
            // These go with their declaration, which the person outlives.
            let with_another = table == "declaration_versions";
            assert!(with_another || PERSON_NEEDED.contains(&format!("FROM {table} x ")), "{table}.{column}");
        }
    }

    #[test]
    fn each_place_is_named_to_whoever_confirms() {
        for (table, column) in PLACES {
            let key = format!("merge-rests-{table}-{column}").replace('_', "-");
            assert!(i18n::has(&key), "{key}");
        }
    }
}
