//! What the demonstration prints when it is ready: addresses and sign-ins.

use super::province::Province;
use super::seed::{DEMO_PASSWORD, residents};
use std::io::Write;

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
    writeln!(
        out,
        "    village, doctor, town, health, industry, market, desk, prefecture, exchange, auditor, admin"
    )?;
    writeln!(out)?;
    writeln!(out, "  Stop with Ctrl-C. The data stays; --fresh begins again.")?;
    out.flush()
}
