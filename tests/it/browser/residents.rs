//! How to reach the pages of declarations, certificates, messages, verification, exchange and the record.

use super::pages::{VERSION, Visit, error, open, sent};

const STEPS: &[Visit] = &[
    open("beginner", "/declare/identity"),
    open("drafter", "/declare/identity"),
    refused("/declare/identity", "/declare/identity"),
    open("drafter", "/declare/address"),
    refused("/declare/address", "/declare/address"),
    open("drafter", "/declare/reach"),
    sent("drafter", "/declare/reach", "/declare/reach", &[("phone", "123")], 422),
    open("drafter", "/declare/today"),
    sent("drafter", "/declare/today", "/declare/today", &[("temperature", "99")], 422),
    open("drafter", "/declare/exposure"),
    refused("/declare/exposure", "/declare/exposure"),
    open("drafter", "/declare/travel"),
    refused("/declare/travel", "/declare/travel"),
    open("drafter", "/declare/places"),
    sent("drafter", "/declare/places", "/declare/places", &[("do", "add"), ("stay-from-year", "2019")], 422),
    open("drafter", "/declare/protection"),
    sent("drafter", "/declare/protection", "/declare/protection", &[("test", "negative")], 422),
    open("drafter", "/declare/destination?change=1"),
    refused("/declare/destination", "/declare/destination"),
];

/// A step sent without an answer.
const fn refused(path: &'static str, to: &'static str) -> Visit {
    sent("drafter", path, to, &[("change", "")], 422)
}

pub(super) const TABLE: &[(&str, &[Visit])] = &[
    (
        "declarations/start.html",
        &[
            open("beginner", "/declare"),
            open("drafter", "/declare"),
            open("returned", "/declare"),
            open("resident", "/declare"),
        ],
    ),
    ("declarations/step.html", STEPS),
    (
        "declarations/check.html",
        &[
            open("drafter", "/declare/check"),
            open("returned", "/declare/check"),
            open("late", "/declare/check"),
        ],
    ),
    ("declarations/counter.html", &[open("second", "{counter}"), open("beginner", "/declare/counter")]),
    (
        "declarations/list.html",
        &[
            open("beginner", "/declarations"),
            open("drafter", "/declarations"),
            open("resident", "/declarations"),
        ],
    ),
    (
        "declarations/one.html",
        &[
            open("resident", "/declarations/{declaration}"),
            open("resident", "/declarations/{first}"),
            open("returned", "/declarations/{returned}"),
            open("rejected", "/declarations/{rejected}"),
            open("withdrawn", "/declarations/{withdrawn}"),
        ],
    ),
    (
        "declarations/days.html",
        &[
            open("worker", "/desk/declarations/days"),
            open("operator-1", "/desk/declarations/days?days=7"),
            open("operator-1", "/desk/declarations/days?days=90&by=county"),
        ],
    ),
    (
        "declarations/case.html",
        &[
            open("worker", "/desk/declarations/{declaration}"),
            open("doctor", "/desk/declarations/{declaration}"),
            open("doctor", "/desk/declarations/{returned}"),
            open("doctor", "/desk/declarations/{first}"),
            open("worker", "/desk/declarations/{entered}"),
            open("doctor", "/desk/declarations/{rejected}"),
            sent(
                "worker",
                "/desk/declarations/{declaration}",
                "/desk/declarations/{declaration}",
                &[("version", "2"), ("action", "return")],
                422,
            ),
            sent(
                "worker",
                "/desk/declarations/{declaration}",
                "/desk/declarations/{declaration}",
                &[
                    ("version", VERSION),
                    ("action", "return"),
                    ("reason", "地址不全"),
                    ("items", "补上门牌号"),
                    ("preview", "1"),
                ],
                200,
            ),
            sent(
                "doctor",
                "/desk/declarations/{declaration}",
                "/desk/declarations/{declaration}",
                &[("version", "2"), ("action", "confirm"), ("temperature", "55")],
                422,
            ),
            sent("worker", "/desk/declarations/{declaration}", "/desk/declarations/{declaration}", &[], 422),
        ],
    ),
    (
        "declarations/entry.html",
        &[
            open("worker", "/desk/declarations/new"),
            sent(
                "worker",
                "/desk/declarations/new",
                "/desk/declarations/new",
                &[("document_kind", "passport"), ("travelled", "yes"), ("test", "negative")],
                422,
            ),
        ],
    ),
    ("certificates/list.html", &[open("beginner", "/certificates"), open("resident", "/certificates")]),
    (
        "certificates/one.html",
        &[
            open("resident", "/certificates/{certificate}"),
            open("resident", "/certificates/{old-certificate}"),
            open("revoked", "/certificates/{revoked}"),
            open("expired", "/certificates/{expired}"),
        ],
    ),
    (
        "certificates/print.html",
        &[
            open("resident", "/certificates/{certificate}/print"),
            open("worker", "/desk/certificates/{certificate}/print"),
        ],
    ),
    (
        "certificates/desk-one.html",
        &[
            open("worker", "/desk/certificates/{certificate}"),
            open("doctor", "/desk/certificates/{certificate}"),
            open("doctor", "/desk/certificates/{revoked}"),
            sent(
                "doctor",
                "/desk/certificates/{certificate}",
                "/desk/certificates/{certificate}/revoke",
                &[("version", "1")],
                422,
            ),
        ],
    ),
    ("notify/list.html", &[open("beginner", "/me/messages"), open("resident", "/me/messages")]),
    (
        "notify/message.html",
        &[open("resident", "/me/messages/{message}"), open("resident", "/me/messages/{read-message}")],
    ),
    (
        "verify/form.html",
        &[
            open("visitor", "/verify"),
            open("worker", "/verify"),
            sent("visitor", "/verify", "/verify", &[("text", " ")], 422),
        ],
    ),
    (
        "verify/result.html",
        &[
            sent("visitor", "/verify", "/verify", &[("text", "{certificate-text}")], 200),
            sent("worker", "/verify", "/verify", &[("text", "{revoked-text}")], 200),
            sent("visitor", "/verify", "/verify", &[("text", "HC1:NCF")], 200),
        ],
    ),
    ("verify/scan.html", &[open("visitor", "/verify/scan")]),
    ("verify/recognition.html", &[open("visitor", "/recognition")]),
    ("exchange/desk.html", &[open("exchange", "/desk/exchange")]),
    (
        "exchange/partner.html",
        &[
            open("exchange", "/desk/exchange/partners/new"),
            sent(
                "exchange",
                "/desk/exchange/partners/new",
                "/desk/exchange/partners/new",
                &[("endpoint", "ftp://x"), ("phone", "x")],
                422,
            ),
        ],
    ),
    (
        "exchange/agreement.html",
        &[
            open("exchange", "/desk/exchange/agreements/new"),
            sent(
                "exchange",
                "/desk/exchange/agreements/new",
                "/desk/exchange/agreements/new",
                &[("from-year", "2020"), ("from-month", "3"), ("from-day", "1")],
                422,
            ),
            sent(
                "exchange",
                "/desk/exchange/agreements/new",
                "/desk/exchange/agreements/new",
                &[("from-year", "2020"), ("from-month", "2"), ("from-day", "30")],
                422,
            ),
        ],
    ),
    ("exchange/end.html", &[open("exchange", "/desk/exchange/agreements/{agreement}/end")]),
    (
        "audit/list.html",
        &[
            open("auditor", "/audit"),
            open("auditor", "/audit?action=declaration.&from=2020-03-12&actor=resident"),
            open("auditor", "/audit?to=2020-03-01"),
            error("auditor", "/audit?from=yesterday&object=1&action=declaration.", 422),
        ],
    ),
    (
        "audit/entry.html",
        &[open("auditor", "/audit/entries/{entry}"), open("auditor", "/audit/entries/{new-entry}")],
    ),
    ("audit/verify.html", &[sent("auditor", "/audit", "/audit/verify", &[("version", "1")], 200)]),
    (
        "audit/receipt.html",
        &[
            open("visitor", "/receipts/check"),
            sent("visitor", "/receipts/check", "/receipts/check", &[("receipt", "{receipt}")], 200),
            sent("visitor", "/receipts/check", "/receipts/check", &[("receipt", "{new-receipt}")], 200),
            sent("visitor", "/receipts/check", "/receipts/check", &[("receipt", "{receipt-lost}")], 200),
            sent("visitor", "/receipts/check", "/receipts/check", &[("receipt", "a.b.c")], 422),
        ],
    ),
];
