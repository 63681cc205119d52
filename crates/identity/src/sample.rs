//! Invented people, businesses and numbers for the demonstration and for tests: valid, and the same for the same seed.
//!
//! Nothing here is taken from a person. A valid number can still be somebody's by chance, so what is made here
//! is never sent to a real SMS or mail provider.

use chrono::{Days, NaiveDate};

use super::division::{DivisionCode, DivisionLevel};
use super::document::{DocumentKind, DocumentNumber};
use super::id_number::{IdNumber, Sex};
use super::name::PersonName;
use super::phone::Phone;
use super::register::divisions;
use super::uscc::Uscc;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "罗", "高", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "肖", "蔡",
    "潘", "田", "董", "袁", "于", "余", "叶", "蒋", "杜", "苏", "魏", "程", "吕", "丁", "沈", "任", "姚",
    "卢", "姜", "钟", "谭", "廖", "邹", "熊", "白", "欧阳", "上官", "司马",
];
const GIVEN_MALE: &[&str] = &[
    "伟", "强", "磊", "军", "勇", "杰", "涛", "明", "超", "刚", "平", "辉", "建国", "志强", "文斌", "国庆",
    "小龙", "浩然", "子轩", "俊峰", "德华", "光明", "海涛", "永康", "家豪",
];
const GIVEN_FEMALE: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "燕", "玲", "桂英", "秀兰", "晓红", "雪梅", "春花",
    "婷婷", "佳怡", "雨欣", "梦洁", "慧敏", "小凤", "玉兰", "淑珍", "思雨", "海燕",
];
/// Minority names of the province and its neighbours (Uygur, Yi, Tibetan, Mongol), with the middle dot where it belongs.
const DOTTED: &[&str] = &[
    "阿卜杜拉·买买提江",
    "古丽娜尔·艾合买提",
    "吉克·阿支",
    "沙马·尔古",
    "阿依·木乃",
    "多吉·次仁",
    "卓玛·央金",
    "阿尔斯楞·巴特尔",
    "曲比·阿乌",
    "艾力·吐尔逊",
];
/// Names with characters that old systems lose: outside GB 2312, in extension A, and beyond the basic plane.
const RARE: &[&str] = &["𠮷田宁", "张㛃", "李喆", "王堃", "陈𬭎", "刘𫖯", "赵䶮", "周𬱟", "邓𣲗", "杨玥镕"];
const LATIN: &[&str] = &["Anna Smith", "José García", "Nguyễn Văn An", "Ivan Petrov", "Kim Min-jun"];

/// How many distinct numbers [`id_number_nth`] gives for one division.
pub const ID_NUMBERS_PER_DIVISION: u64 = DAYS * 999;
const DAYS: u64 = 24_000;

/// Identity number number `n` of a division: distinct for every `n` below [`ID_NUMBERS_PER_DIVISION`], so that a
/// large seed needs no list of those already given. Births from 1940 to 2005; `division` of 6 digits or its county.
#[must_use]
pub fn id_number_nth(division: DivisionCode, n: u64) -> Option<IdNumber> {
    // 7,919 and 24,000 have no common factor: every day comes once before any comes twice, in a scattered order.
    let day = n.checked_mul(7_919)? % DAYS;
    let order = 1 + n / DAYS % 999;
    let birth = NaiveDate::from_ymd_opt(1940, 1, 1)?.checked_add_days(Days::new(day))?;
    let code = division.county().unwrap_or(division);
    IdNumber::compose(&code.to_string(), birth, order)
}

/// A deterministic source of samples (SplitMix64). Not for secrets.
#[derive(Debug, Clone)]
pub struct Sampler {
    state: u64,
}

impl Sampler {
    /// A source that gives the same samples for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (0 when the bound is 0). The bias of at most bound/2^64 does not matter here.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next_u64() % bound }
    }

    /// One of the items; none of an empty list.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let bound = u64::try_from(items.len()).ok()?;
        items.get(usize::try_from(self.below(bound)).ok()?)
    }

    fn word(&mut self, items: &[&'static str]) -> &'static str {
        self.pick(items).copied().unwrap_or("安")
    }

    /// A division in which people live, of county level or a prefecture without counties, inside `area`.
    pub fn division(&mut self, area: DivisionCode) -> DivisionCode {
        let open =
            |code: DivisionCode| code.level() != DivisionLevel::Town && divisions().is_selectable(code);
        let inside: Vec<DivisionCode> =
            divisions().iter().map(|d| d.code).filter(|code| area.contains(*code) && open(*code)).collect();
        self.pick(&inside).copied().unwrap_or(area)
    }

    /// Male or female.
    pub const fn sex(&mut self) -> Sex {
        if self.below(2) == 0 { Sex::Male } else { Sex::Female }
    }

    /// A birth date of somebody of working age around 2020: 1955 to 2002.
    pub fn birth_date(&mut self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(1955, 1, 1).unwrap_or_default();
        first.checked_add_days(Days::new(self.below(17_500))).unwrap_or(first)
    }

    /// An identity number of Yuechi County, Sichuan, of any sex and working age.
    pub fn id_number(&mut self) -> IdNumber {
        let (birth, sex) = (self.birth_date(), self.sex());
        self.id_number_for("511621", birth, sex).unwrap_or_else(|| self.id_number())
    }

    /// An identity number for six digits of a division, a birth date and a sex; none if the digits are no division.
    pub fn id_number_for(&mut self, division: &str, birth: NaiveDate, sex: Sex) -> Option<IdNumber> {
        let order = 2 + 2 * self.below(498) + u64::from(sex == Sex::Male);
        IdNumber::compose(division, birth, order)
    }

    /// A document number of the kind.
    pub fn document(&mut self, kind: DocumentKind) -> DocumentNumber {
        let digits = self.below(100_000_000);
        let text = match kind {
            DocumentKind::IdCard => return self.id_number().into(),
            DocumentKind::Passport => format!("E{digits:08}"),
            DocumentKind::HkMacaoPermit => format!("H{digits:08}"),
            DocumentKind::TaiwanPermit => format!("{digits:08}"),
            DocumentKind::ForeignPermanent => format!("USA5100{digits:08}"),
        };
        DocumentNumber::parse_stored(kind, &text).unwrap_or_else(|_| self.id_number().into())
    }

    /// The credit code of an enterprise registered in Sichuan.
    pub fn uscc(&mut self) -> Uscc {
        self.uscc_for("510100", false).unwrap_or_else(|| self.uscc())
    }

    /// A credit code for six digits of a division, of an enterprise or of an individual business.
    pub fn uscc_for(&mut self, division: &str, individual: bool) -> Option<Uscc> {
        let kind = if individual { "92" } else { "91" };
        Uscc::compose(&format!("{kind}{division}MA{:07}", self.below(10_000_000)))
    }

    /// A mainland mobile number.
    pub fn phone(&mut self) -> Phone {
        let (second, rest) = (3 + self.below(7), self.below(1_000_000_000));
        Phone::parse(&format!("1{second}{rest:09}")).unwrap_or_else(|_| self.phone())
    }

    /// A name: mostly Han, now and then with a middle dot, a rare character or in Latin letters.
    pub fn name(&mut self) -> PersonName {
        let sex = self.sex();
        match self.below(100) {
            0..=5 => self.dotted_name(),
            6..=8 => self.rare_name(),
            9 => PersonName(self.word(LATIN).to_owned()),
            _ => self.han_name(sex),
        }
    }

    /// A Han name.
    pub fn han_name(&mut self, sex: Sex) -> PersonName {
        let given = if sex == Sex::Male { GIVEN_MALE } else { GIVEN_FEMALE };
        PersonName(format!("{}{}", self.word(SURNAMES), self.word(given)))
    }

    /// A minority name with a middle dot.
    pub fn dotted_name(&mut self) -> PersonName {
        PersonName(self.word(DOTTED).to_owned())
    }

    /// A name with a character that old systems lose.
    pub fn rare_name(&mut self) -> PersonName {
        PersonName(self.word(RARE).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let (mut one, mut other) = (Sampler::new(7), Sampler::new(7));
        for _ in 0..50 {
            assert_eq!(
                (one.name(), one.id_number(), one.phone()),
                (other.name(), other.id_number(), other.phone())
            );
        }
        assert_ne!(Sampler::new(7).id_number(), Sampler::new(8).id_number());
        // The published first value of SplitMix64 for the seed 0.
        assert_eq!(Sampler::new(0).next_u64(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn every_listed_name_is_a_valid_name() {
        for text in DOTTED.iter().chain(RARE).chain(LATIN) {
            assert_eq!(PersonName::parse(text).unwrap().as_str(), *text);
        }
    }

    #[test]
    fn numbers_fit_what_was_asked() {
        let mut sampler = Sampler::new(1);
        for _ in 0..200 {
            let (birth, sex) = (sampler.birth_date(), sampler.sex());
            let number = sampler.id_number_for("511621", birth, sex).unwrap();
            assert_eq!((number.birth_date(), number.sex(), number.division_prefix()), (birth, sex, "511621"));
            assert!(sampler.uscc_for("511621", true).unwrap().is_individual_business());
            for kind in DocumentKind::ALL {
                assert_eq!(sampler.document(kind).kind(), kind);
            }
        }
        let area = DivisionCode::parse("510000").unwrap();
        assert!(area.contains(sampler.division(area)));
    }

    #[test]
    fn numbered_identities_are_distinct() {
        let division = DivisionCode::parse("511621").unwrap();
        let made: HashSet<_> = (0..60_000).map(|n| id_number_nth(division, n).unwrap()).collect();
        assert_eq!(made.len(), 60_000);
        assert!(id_number_nth(division, ID_NUMBERS_PER_DIVISION - 1).is_some());
    }
}
