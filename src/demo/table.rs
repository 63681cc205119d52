//! What the demonstration prints when it is ready: addresses and sign-ins.

use super::province::Province;
use super::seed::{DEMO_PASSWORD, residents};
use std::io::Write;

/// Sign-in names of officials, and what they see.
const OFFICIALS: &[(&str, &str)] = &[
    (
        "village, village2, doctor, doctor2",
        "declarations and certificates where people live, a county of low risk",
    ),
    ("town3", "the same: the second official where two records of one person become one"),
    (
        "town, town2, health, industry, market",
        "applications to reopen, in Sichuan of a county of medium risk",
    ),
    ("desk, desk2, prefecture", "the same: decisions of the county and the prefecture"),
    (
        "colour, colour2, colour3",
        "findings that change a code: one enters, another confirms, as with what an appeal sets aside",
    ),
    ("appeals", "appeals against a colour, for somebody who had no part in it"),
    ("operator, operator2", "risk levels of divisions, by two as well"),
    ("exchange, auditor, admin", "agreements with other provinces; the log; staff and offices"),
];

/// Prints the table.
pub(super) fn print(provinces: &[Province], port: u16, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out)?;
    for province in provinces {
        let name =
            if province.deps.config.province == "510000" { "Sichuan   四川" } else { "Guangdong 广东" };
        writeln!(out, "  {name}   {}", province.deps.config.public_url)?;
    }
    writeln!(out, "  Messages and one-time codes   http://127.0.0.1:{}", port.saturating_add(2))?;
    writeln!(out)?;
    writeln!(out, "  Residents sign in with a phone; the code arrives in the messages page:")?;
    for (phone, what) in residents() {
        writeln!(out, "    {phone}   {what}")?;
    }
    writeln!(
        out,
        "  Officials sign in at /desk/sign-in with the password  {DEMO_PASSWORD}  and the one-time code there:"
    )?;
    for (logins, what) in OFFICIALS {
        writeln!(out, "    {logins:<42} {what}")?;
    }
    writeln!(out)?;
    writeln!(out, "  Stop with Ctrl-C. The data stays; --fresh begins again.")?;
    out.flush()
}
