//! How to reach the pages of officials' sign-in and of the administrator.

use super::pages::{CODE, Template, open, sent};
use crate::world::front::KEY;
use crate::world::merges::NAMES;
use crate::world::officials::CHOSEN;
use crate::world::pins::ENTERED;

/// See [`super::pages`].
pub(super) const TABLE: &[Template] = &[
    (
        "officials/sign-in.html",
        &[
            open("visitor", "/desk/sign-in"),
            sent("visitor", "/desk/sign-in", "/desk/sign-in", &[("login", "nobody"), ("password", "x")], 422),
        ],
    ),
    ("register/list.html", &[open("visitor", "/permits"), open("visitor", "/permits?q=x")]),
    ("retention/list.html", &[open("visitor", "/retention")]),
    ("retention/run.html", &[open("visitor", "/retention/{retention-run}")]),
    ("retention/mine.html", &[open("resident", "/me/kept")]),
    (
        "retention/delete.html",
        &[open("resident", "/me/kept/delete?kind=account"), open("resident", "/me/kept/delete?kind=draft")],
    ),
    ("consent/withdraw.html", &[open("resident", "/me/consents/{consent}")]),
    ("proxies/list.html", &[open("resident", "/me/for"), open("mover", "/me/for")]),
    (
        "proxies/new.html",
        &[
            open("resident", "/me/for/new"),
            sent("resident", "/me/for/new", "/me/for/new", &[("name", "")], 422),
        ],
    ),
    (
        "proxies/asked.html",
        &[
            open("resident", "/me/for/asked/{proxy-asked}"),
            sent(
                "resident",
                "/me/for/asked/{proxy-asked}",
                "/me/for/asked/{proxy-asked}",
                &[("do", "agree"), ("code", "1")],
                422,
            ),
            open("cough", "/me/for/asked/{proxy}"),
        ],
    ),
    (
        "proxies/desk/start.html",
        &[
            open("proxy-desk", "/desk/proxies"),
            sent("proxy-desk", "/desk/proxies", "/desk/proxies", &[("number", "JR1")], 422),
        ],
    ),
    (
        "proxies/desk/one.html",
        &[
            open("proxy-desk", "/desk/proxies/{proxy-waits}"),
            sent(
                "proxy-desk",
                "/desk/proxies/{proxy-waits}",
                "/desk/proxies/{proxy-waits}",
                &[("do", "confirm"), ("version", "1")],
                422,
            ),
        ],
    ),
    (
        "pins/start.html",
        &[
            open("proxy-desk", "/desk/pins"),
            sent("proxy-desk", "/desk/pins", "/desk/pins", &[("do", "give"), ("doc_number", "1")], 422),
        ],
    ),
    (
        "pins/given.html",
        &[sent(
            "proxy-desk",
            "/desk/pins",
            "/desk/pins",
            &[
                ("do", "give"),
                ("doc_kind", "id_card"),
                ("doc_number", "{entered-card}"),
                ("name", ENTERED),
                ("seen", "yes"),
            ],
            200,
        )],
    ),
    (
        "merges/start.html",
        &[
            open("proxy-desk", "/desk/merges"),
            sent("proxy-desk", "/desk/merges", "/desk/merges", &[("lead_number", "1")], 422),
            sent("proxy-desk", "/desk/merges", "/desk/merges/undo", &[("number", "HB1")], 422),
            sent(
                "proxy-desk",
                "/desk/merges",
                "/desk/merges",
                &[
                    ("lead_kind", "id_card"),
                    ("lead_number", "{merge-card}"),
                    ("lead_name", NAMES.0),
                    ("other_kind", "passport"),
                    ("other_number", "E51162103"),
                    ("other_name", NAMES.1),
                ],
                200,
            ),
        ],
    ),
    ("slips/one.html", &[open("proxy-desk", "/desk/receipts/{slip}")]),
    (
        "retention/holds.html",
        &[
            open("holder-1", "/desk/holds"),
            open("holder-1", "/desk/holds?tab=over"),
            sent("holder-1", "/desk/holds", "/desk/holds", &[("number", "FG1")], 422),
        ],
    ),
    (
        "retention/one-hold.html",
        &[open("holder-1", "/desk/holds/{hold}"), open("holder-2", "/desk/holds/{hold}")],
    ),
    (
        "retention/hold.html",
        &[
            sent("holder-2", "/desk/holds", "/desk/holds/{hold}/confirm", &[], 200),
            sent("holder-2", "/desk/holds", "/desk/holds/{hold}/confirm", &[("asked", "yes")], 422),
        ],
    ),
    (
        "officials/totp.html",
        &[
            open("half", "/desk/sign-in/totp"),
            sent("half", "/desk/sign-in/totp", "/desk/sign-in/totp", &[("code", "00000")], 422),
        ],
    ),
    (
        "officials/enrol.html",
        &[
            open("newcomer", "/desk/sign-in/enrol"),
            sent(
                "newcomer",
                "/desk/sign-in/enrol",
                "/desk/sign-in/enrol",
                &[("password", "short"), ("repeat", "other"), ("code", "12")],
                422,
            ),
        ],
    ),
    (
        "officials/recovery.html",
        &[sent(
            "newcomer",
            "/desk/sign-in/enrol",
            "/desk/sign-in/enrol",
            &[("password", CHOSEN), ("repeat", CHOSEN), ("code", CODE)],
            200,
        )
        .and("twin")],
    ),
    (
        "officials/choose.html",
        &[
            open("chooser", "/desk/sign-in/choose"),
            sent("chooser", "/desk/sign-in/choose", "/desk/sign-in/choose", &[], 422),
            open("deputy", "/desk/switch"),
        ],
    ),
    ("officials/desk.html", &[open("publisher", "/desk"), open("deputy", "/desk")]),
    (
        "officials/account.html",
        &[
            open("rover", "/desk/account"),
            sent("rover", "/desk/account", "/desk/account/password", &[("password", "short")], 422),
        ],
    ),
    (
        "case/absences.html",
        &[
            open("away", "/desk/account/absences"),
            open("rover", "/desk/account/absences"),
            sent("away", "/desk/account/absences", "/desk/account/absences", &[("from-day", "1")], 422),
        ],
    ),
    (
        "officials/step-up.html",
        &[
            open("deputy", "/desk/step-up?next=/desk"),
            sent("deputy", "/desk/step-up", "/desk/step-up", &[("code", "00000")], 422),
        ],
    ),
    ("admin/offices.html", &[open("admin", "/admin/offices")]),
    (
        "admin/office.html",
        &[
            open("admin", "/admin/offices/new"),
            open("admin", "/admin/offices/{office}"),
            sent("admin", "/admin/offices/new", "/admin/offices/new", &[("name", "")], 422),
        ],
    ),
    (
        "admin/officials.html",
        &[open("admin", "/admin/officials"), open("admin", "/admin/officials?q=nobody")],
    ),
    (
        "admin/official-new.html",
        &[
            open("admin", "/admin/officials/new"),
            sent(
                "admin",
                "/admin/officials/new",
                "/admin/officials/new",
                &[
                    ("login", "李静"),
                    ("from-year", "x"),
                    ("to-year", "2020"),
                    ("to-month", "2"),
                    ("to-day", "1"),
                ],
                422,
            ),
            sent(
                "admin",
                "/admin/officials/new",
                "/admin/officials/new",
                &[
                    ("login", "luo.yan"),
                    ("name", "罗燕"),
                    ("doc_kind", "id_card"),
                    ("doc_number", "11010519491231002X"),
                    ("phone", "13900139008"),
                    ("role", "county-desk"),
                    ("office", "{office}"),
                    ("division-1", "511600"),
                    ("division-2", "511621"),
                    ("preview", "1"),
                ],
                200,
            ),
        ],
    ),
    (
        "admin/official.html",
        &[
            open("admin", "/admin/officials/{deputy}"),
            open("admin", "/admin/officials/{disabled}"),
            open("admin", "/admin/officials/{locked}"),
            sent(
                "admin",
                "/admin/officials/{deputy}",
                "/admin/officials/{deputy}",
                &[
                    ("action", "assign"),
                    ("role", "doctor"),
                    ("office", "{office}"),
                    ("division-1", "511600"),
                    ("substitute", "nobody"),
                ],
                422,
            ),
            sent(
                "admin",
                "/admin/officials/{deputy}",
                "/admin/officials/{deputy}",
                &[("action", "assign")],
                422,
            ),
        ],
    ),
    (
        "admin/act.html",
        &[
            sent(
                "admin",
                "/admin/officials/{deputy}",
                "/admin/officials/{deputy}",
                &[("action", "disable")],
                200,
            ),
            sent(
                "admin",
                "/admin/officials/{deputy}",
                "/admin/officials/{deputy}",
                &[("action", "disable"), ("asked", "yes"), ("preview", "1")],
                200,
            ),
            sent(
                "admin",
                "/admin/officials/{deputy}",
                "/admin/officials/{deputy}",
                &[("action", "reset"), ("asked", "yes")],
                422,
            ),
        ],
    ),
    ("front/keys.html", &[open("admin", "/admin/keys")]),
    (
        "front/key-new.html",
        &[
            open("admin", "/admin/keys/new"),
            sent("admin", "/admin/keys/new", "/admin/keys/new", &[("kind", "partner"), ("name", "")], 422),
        ],
    ),
    (
        "front/key.html",
        &[
            open("admin", "/admin/keys/{key}"),
            open("admin", "/admin/keys/{revoked-key}"),
            sent(
                "admin",
                "/admin/keys/{key}",
                "/admin/keys/{key}",
                &[("action", "revoke"), ("version", "2")],
                422,
            ),
        ],
    ),
    ("front/secret.html", &[sent("admin", "/admin/keys/new", "/admin/keys/new", KEY, 200)]),
    (
        "admin/password.html",
        &[sent(
            "admin",
            "/admin/officials/{forgetful}",
            "/admin/officials/{forgetful}",
            &[("action", "reset"), ("asked", "yes"), ("sure", "yes"), ("reason", "忘记密码")],
            200,
        )],
    ),
];
