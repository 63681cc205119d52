//! What the pages of officials' sign-in and account do, for the description of all calls.

use crate::web::described::{Call, form, free, id, leads, page};

pub(super) const CALLS: &[Call] = &[
    page("/desk/sign-in", "Asks an official for sign-in name and password"),
    form(
        "/desk/sign-in",
        "Checks sign-in name and password",
        &[free("login").needed(), free("password").needed(), free("next")],
    ),
    page("/desk/sign-in/totp", "Asks for the second factor"),
    form("/desk/sign-in/totp", "Signs in with the second factor", &[free("code").needed()]),
    page("/desk/sign-in/enrol", "Shows a new second factor, to be set up with a password of one's own"),
    form(
        "/desk/sign-in/enrol",
        "Sets up password and second factor",
        &[free("login"), free("password").needed(), free("repeat").needed(), free("code").needed()],
    ),
    page("/desk/sign-in/choose", "Asks for which post somebody signs in"),
    form("/desk/sign-in/choose", "Signs in for a post", &[id("assignment").needed()]),
    page("/desk", "What the official's role can do here"),
    leads("/office", "Leads to the desk of the official's role"),
    page("/desk/step-up", "Asks for a fresh second factor"),
    form(
        "/desk/step-up",
        "Takes a fresh second factor, and goes on with what was to be done",
        &[free("code"), free("next"), free("fresh-code"), free("fresh-to")],
    )
    .may_show(),
    page("/desk/switch", "The posts of an official"),
    form("/desk/switch", "Changes to another post", &[id("assignment").needed()]),
    page("/desk/account", "The official's own account: sessions, password, who they are"),
    form(
        "/desk/account/password",
        "Changes the password",
        &[free("login"), free("old").needed(), free("password").needed(), free("repeat").needed()],
    ),
    form("/desk/account/sessions/end-others", "Ends the official's other sessions", &[]),
    form("/desk/account/sessions/{id}/end", "Ends a session of the official", &[]),
    form("/desk/sign-out", "Ends the session of an official", &[]),
];
