//! What the record calls things, in words: every action that the program writes, grouped as the filter offers it.

use crate::web::i18n::{Lang, has, t};
use crate::web::view::Choice;
use serde::Serialize;
use utoipa::ToSchema;

/// Every action, by the group in which the filter offers it; catalogue keys `audit-group-<group>`, `audit-do-<action>`
/// with hyphens for dots.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("case", &["case.comment", "case.comments"]),
    (
        "declaration",
        &[
            "declaration.submit",
            "declaration.correct",
            "declaration.withdraw",
            "declaration.draft.save",
            "declaration.draft.correct",
            "declaration.draft.discard",
            "declaration.list",
            "declaration.view",
            "declaration.assign",
            "declaration.receipt",
            "declaration.check",
            "declaration.return",
            "declaration.confirm",
            "declaration.reject",
            "declaration.change",
            "declaration.expire",
            "declaration.call",
        ],
    ),
    (
        "certificate",
        &[
            "certificate.issue",
            "certificate.list",
            "certificate.view",
            "certificate.revoke",
            "certificate.supersede",
            "certificate.suspend",
            "certificate.resume",
            "certificate.withdraw",
        ],
    ),
    ("code", &["code.change", "code.lookup", "code.print", "code.print-view", "code.print-end"]),
    (
        "record",
        &[
            "records.list",
            "record.view",
            "record.find",
            "record.enter",
            "record.confirm",
            "record.refuse",
            "record.expire",
            "record.end-enter",
            "record.end-confirm",
            "record.end-refuse",
            "record.end-expire",
        ],
    ),
    ("risk", &["risk.view", "risk.enter", "risk.confirm", "risk.refuse", "risk.expire", "risk.set"]),
    ("second", &["second.list"]),
    (
        "appeal",
        &[
            "appeal.submit",
            "appeal.withdraw",
            "appeal.list",
            "appeal.view",
            "appeal.assign",
            "appeal.uphold",
            "appeal.overturn",
            "appeal.propose",
            "appeal.confirm",
            "appeal.dispute",
        ],
    ),
    ("import", &["import.begin", "import.stop", "import.go-on", "import.done", "import.fail"]),
    ("file", &["file.add", "file.remove", "file.ready", "file.refuse", "file.view"]),
    (
        "reopening",
        &[
            "worklist.view",
            "reopening.view",
            "reopening.staff-look",
            "reopening.act",
            "reopening.assign",
            "reopening.remind",
            "reopening.draft",
            "reopening.save-step",
            "business.claim",
            "business.agent-code",
            "business.agent-confirm",
            "business.agent-decide",
            "business.rename",
            "agents.view",
            "agent.view",
        ],
    ),
    (
        "account",
        &[
            "account.create",
            "account.sign-in",
            "account.notice",
            "account.phone",
            "account.email",
            "account.export",
            "consent.withdraw",
            "session.end",
            "session.end-all",
            "person.create",
            "person.attach",
            "person.detach",
            "person.update",
            "message.read",
            "claim.open",
            "claim.view",
            "claim.confirm",
            "claim.reject",
            "claim.mismatch",
            "claims.view",
            "claims.search",
        ],
    ),
    ("slip", &["slip.give", "slip.view"]),
    ("pin", &["pin.set", "pin.withdraw", "pin.try"]),
    (
        "merge",
        &[
            "merge.look",
            "merge.enter",
            "merge.undo-enter",
            "merge.view",
            "merge.confirm",
            "merge.refuse",
            "merge.expire",
            "merge.moved",
            "merge.parted",
        ],
    ),
    (
        "proxy",
        &[
            "proxy.ask",
            "proxy.code",
            "proxy.grant",
            "proxy.refuse",
            "proxy.end",
            "proxy.begin",
            "proxy.leave",
            "proxy.view",
            "proxy.search",
            "proxy.mismatch",
        ],
    ),
    (
        "official",
        &[
            "official.sign-in",
            "official.sign-in-failed",
            "official.sign-in-pressed",
            "official.second-factor",
            "official.step-up",
            "official.switch",
            "official.password",
            "official.absence",
            "official.absence-end",
            "official.enrol",
            "official.recovery-code",
            "official.create",
            "official.identify",
            "official.enable",
            "official.disable",
            "official.reset",
            "official.vouch",
            "assignment.create",
            "assignment.end",
            "office.create",
            "office.update",
        ],
    ),
    (
        "exchange",
        &[
            "exchange.verify",
            "exchange.partner.put",
            "exchange.agreement.add",
            "exchange.agreement.end",
            "exchange.trust-list",
        ],
    ),
    (
        "task",
        &[
            "task.list",
            "task.view",
            "task.print",
            "task.take",
            "task.give",
            "task.hand",
            "task.done",
            "task.close",
        ],
    ),
    ("key", &["key.create", "key.rotate", "key.revoke"]),
    (
        "subscription",
        &[
            "subscription.ask",
            "subscription.confirm",
            "subscription.set",
            "subscription.stop",
            "subscription.bounce",
        ],
    ),
    ("retention", &["retention.destroy", "retention.delete", "retention.finish"]),
    ("hold", &["hold.list", "hold.view", "hold.enter", "hold.confirm", "hold.end"]),
    ("list", &["list.export", "list.view-save", "list.view-remove"]),
    ("audit", &["audit.restored", "audit.view", "audit.entry.view", "audit.verify", "audit.export"]),
];

/// An action in words; the code itself for one that has none.
pub(super) fn action(lang: Lang, action: &str) -> String {
    worded(lang, "audit-do-", action)
}

/// A kind of object in words.
pub(super) fn kind(lang: Lang, kind: &str) -> String {
    worded(lang, "audit-kind-", kind)
}

fn worded(lang: Lang, prefix: &str, code: &str) -> String {
    let key = format!("{prefix}{}", code.replace(['.', '_'], "-"));
    if has(&key) { t(lang, &key, &[]) } else { code.to_owned() }
}

/// Actions that belong together, as the filter offers them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionGroup {
    label: String,
    actions: Vec<Choice>,
}

/// The groups with their actions, as the filter offers them.
pub(super) fn choices(lang: Lang) -> Vec<ActionGroup> {
    let group = |(group, actions): &(&str, &[&str])| ActionGroup {
        label: t(lang, &format!("audit-group-{group}"), &[]),
        actions: actions.iter().map(|code| Choice::new(*code, action(lang, code))).collect(),
    };
    GROUPS.iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }

    /// The first text in quotes that looks like an action, in what follows `Entry::new(` (or the `entry(` of a case) up to the
    /// end of the statement.
    fn written(source: &str) -> Vec<String> {
        let calls = source.split("Entry::new(").skip(1).chain(source.split(".entry(").skip(1));
        calls
            .filter_map(|call| {
                let arguments = call.split(';').next()?;
                let code = arguments.split('"').nth(1)?;
                let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '-';
                (code.contains('.') && code.chars().all(plain)).then(|| code.to_owned())
            })
            .collect()
    }

    #[test]
    fn every_action_that_the_program_writes_has_a_word() {
        let mut all = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let known: BTreeSet<&str> = GROUPS.iter().flat_map(|(_, actions)| actions.iter().copied()).collect();
        let found: BTreeSet<String> = all.iter().flat_map(|source| written(source)).collect();
        assert!(found.len() > 60, "the sources are read: {}", found.len());
        // Rows of the load test, and the test's own.
        let missing: Vec<&String> = found
            .iter()
            .filter(|code| {
                !known.contains(code.as_str()) && !["bench.write", "test.entry"].contains(&code.as_str())
            })
            .collect();
        assert!(missing.is_empty(), "add to GROUPS and to audit-words.ftl in both languages: {missing:?}");
        for lang in [Lang::ZhCn, Lang::En] {
            for code in &known {
                assert_ne!(action(lang, code), **code, "no word for {code}");
            }
        }
    }
}
