//! Risk levels of the demonstration, derived from figures of 2020: cumulative confirmed cases of each prefecture of
//! Sichuan on 20 February 2020 (`confirmed-2020-02-20.csv`, origin in `data/NOTICE`). The thresholds are the
//! demonstration's own; a real portal gets its levels from the authorities.

use super::Home;
use super::portal::Portal;
use crate::audit::Actor;
use crate::codes::set_risk;
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::policy::Risk;
use chrono::Duration;

const FIGURES: &str = include_str!("data/confirmed-2020-02-20.csv");
/// From so many confirmed cases on a prefecture is of medium risk …
const MEDIUM: u32 = 30;
/// … and from so many of high risk.
const HIGH: u32 = 100;

/// Sets a level for every prefecture with a figure, and low for the rest of the province.
pub(super) async fn fill(portal: &Portal, home: &Home) -> AppResult<()> {
    let mut levels = vec![(home.province.to_owned(), Risk::Low)];
    levels.extend(figures().filter(|(code, _)| code.get(..2) == home.province.get(..2)).map(
        |(code, confirmed)| {
            let level = match confirmed {
                c if c >= HIGH => Risk::High,
                c if c >= MEDIUM => Risk::Medium,
                _ => Risk::Low,
            };
            (code.to_owned(), level)
        },
    ));
    let (keys, now) = (portal.deps.keys.clone(), portal.deps.clock.now());
    // Long before the first declaration, so that whoever was there before it was in a risk area, too.
    let since = now - Duration::days(30);
    portal
        .deps
        .store
        .write(move |tx| {
            for (division, level) in levels {
                let code = DivisionCode::parse(&division)
                    .map_err(|_| AppError::internal("a division of the demo"))?;
                let source = "2020 年 2 月 20 日各市州累计确诊病例数（演示）";
                set_risk(tx, &keys, Actor::Console, code, level, since, source, now)?;
            }
            Ok(())
        })
        .await
}

fn figures() -> impl Iterator<Item = (&'static str, u32)> {
    FIGURES.lines().skip(1).filter_map(|line| {
        let (code, confirmed) = line.split_once(',')?;
        Some((code, confirmed.trim().parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_figures_are_read() {
        let all: Vec<_> = super::figures().collect();
        assert_eq!(all.len(), 21, "one figure for each prefecture of Sichuan");
        assert!(all.contains(&("511600", 30)));
    }
}
