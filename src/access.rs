//! Who may do what: an official's right is role × jurisdiction × case state. Roles and jurisdictions are here; the
//! state's part is in the workflow definitions.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),* $(,)?) => {
        /// The role in which an official acts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Role { $($(#[$doc])* $variant),* }

        impl Role {
            /// Every role, in the order of the domain's list.
            pub const ALL: &'static [Role] = &[$(Role::$variant),*];

            /// The stored code; also the catalogue key `role-<code>`.
            pub fn code(self) -> &'static str {
                match self { $(Role::$variant => $code),* }
            }
        }

        impl FromStr for Role {
            type Err = UnknownRole;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                match s { $($code => Ok(Role::$variant),)* _ => Err(UnknownRole) }
            }
        }
    };
}

roles! {
    /// 村社 / 网格员: checks declarations in the community.
    VillageWorker = "village-worker",
    /// 卫生院医生: confirms and issues certificates.
    Doctor = "doctor",
    /// 乡镇 / 街道: completeness of applications.
    TownReviewer = "town-reviewer",
    /// 县卫生健康局.
    HealthReviewer = "health-reviewer",
    /// 县经济和信息化局.
    IndustryReviewer = "industry-reviewer",
    /// 县市场监督管理局.
    MarketReviewer = "market-reviewer",
    /// 县复工复产专窗 (lead desk).
    CountyDesk = "county-desk",
    /// 市州审核.
    PrefectureReviewer = "prefecture-reviewer",
    /// 省级运行.
    ProvinceOperator = "province-operator",
    /// 疾控赋码: orders on codes, always two persons.
    ColourOfficer = "colour-officer",
    /// 申诉复核: never the one who ordered the colour.
    AppealReviewer = "appeal-reviewer",
    /// 信息发布.
    Publisher = "publisher",
    /// 省际互认.
    ExchangeOperator = "exchange-operator",
    /// 审计: reads the log only.
    Auditor = "auditor",
    /// 系统管理: sees no health data.
    Administrator = "administrator",
}

impl Role {
    /// Whether the role's work is that of the province as a whole, so that a right in a part of it would be none:
    /// agreements with other provinces and the record of everything cannot be divided.
    pub fn is_provincial(self) -> bool {
        matches!(self, Self::ExchangeOperator | Self::Auditor)
    }
}

/// A role code that is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown role")]
pub struct UnknownRole;

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The significant digits of a jurisdiction's division code: 51 for Sichuan, 5116 for Guang'an, 511621 for Yuechi,
/// nine digits for a town. An empty prefix is the whole country.
pub fn prefix(division: &str) -> &str {
    let mut prefix = division;
    if prefix.len() == 6 {
        while let Some(shorter) = prefix.strip_suffix("00") {
            prefix = shorter;
        }
    }
    prefix
}

/// Whether a jurisdiction is a whole province, or more.
pub fn is_of_province(division: &str) -> bool {
    prefix(division).len() <= 2
}

/// A `LIKE` pattern for every division inside a jurisdiction; the code is digits only, so nothing needs escaping.
pub fn pattern(division: &str) -> String {
    let digits: String = prefix(division).chars().filter(char::is_ascii_digit).collect();
    format!("{digits}%")
}

/// The first and the last division code that a pattern of [`pattern`] fits, for queries that run often: SQLite plans
/// a `LIKE` anew whenever its pattern differs. Codes have at most twelve digits, and digits sort alike in every
/// collation.
pub fn span(pattern: &str) -> (String, String) {
    let prefix = pattern.trim_end_matches('%');
    (prefix.to_owned(), format!("{prefix:9<12}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.code().parse(), Ok(*role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.code());
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }

    #[test]
    fn a_prefix_is_a_jurisdiction() {
        assert_eq!(prefix("510000"), "51");
        assert_eq!(prefix("511600"), "5116");
        assert_eq!(prefix("511621"), "511621");
        assert_eq!(prefix("511621100"), "511621100");
        assert_eq!(pattern("51%_"), "51%");
        assert_eq!(span("5116%"), ("5116".into(), "511699999999".into()));
        assert_eq!(span("%"), (String::new(), "999999999999".into()));
        assert!(is_of_province("510000") && is_of_province(""));
        assert!(!is_of_province("511600") && !is_of_province("511621100"));
    }
}
