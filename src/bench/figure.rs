//! A figure beside its limit, and the table of a run.

use super::Options;
use super::load::Measured;
use super::system::Machine;
use serde::Serialize;
use std::fmt::Write;

/// What a figure is measured against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// What it is.
    pub name: String,
    /// Its value, in the figure's unit.
    pub value: f64,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The ratio is to be at least this.
    Ratio(f64),
    /// The value is to be at least this.
    AtLeast(f64),
    /// The value is to be at most this.
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub path: String,
    /// The value.
    pub value: f64,
    /// `/s`, `/s a core`, `ms`, `MiB`.
    pub unit: &'static str,
    /// Half of the answers came within this many milliseconds.
    pub p50_ms: Option<f64>,
    /// 99 of 100 answers came within this many milliseconds.
    pub p99_ms: Option<f64>,
    /// Processor time of the server for one operation, in milliseconds, without the load generator's.
    pub cpu_ms: Option<f64>,
    /// The limit of the same run.
    pub limit: Option<Limit>,
    /// Value by limit.
    pub ratio: Option<f64>,
    /// What is to be reached.
    pub target: Option<Target>,
    /// Whether it was reached.
    pub met: Option<bool>,
    /// What else there is to say.
    pub note: Option<String>,
}

impl Figure {
    /// A value without more.
    pub fn new(path: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let path = path.into();
        let (p50_ms, p99_ms, cpu_ms, limit) = (None, None, None, None);
        let (ratio, target, met, note) = (None, None, None, None);
        Self { path, value, unit, p50_ms, p99_ms, cpu_ms, limit, ratio, target, met, note }
    }

    /// A rate under load.
    pub fn load(path: impl Into<String>, measured: &Measured) -> Self {
        Self {
            p50_ms: Some(measured.percentile(50)),
            p99_ms: Some(measured.percentile(99)),
            cpu_ms: Some(measured.cpu_ms()),
            ..Self::new(path, measured.rate(), "/s")
        }
    }

    /// Beside a limit.
    #[must_use]
    pub fn beside(mut self, name: impl Into<String>, value: f64) -> Self {
        self.ratio = (value > 0.0).then_some(self.value / value);
        self.limit = Some(Limit { name: name.into(), value });
        self.judged()
    }

    /// With what is to be reached.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self.judged()
    }

    /// With a remark.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn judged(mut self) -> Self {
        self.met = match self.target {
            None => None,
            Some(Target::Ratio(least)) => self.ratio.map(|r| r >= least),
            Some(Target::AtLeast(least)) => Some(self.value >= least),
            Some(Target::AtMost(most)) => Some(self.value <= most),
        };
        self
    }

    fn cells(&self) -> [String; 9] {
        let ms = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.2}"));
        let target = match self.target {
            None => String::new(),
            Some(Target::Ratio(r)) => format!("≥ {r:.2}"),
            Some(Target::AtLeast(v)) => format!("≥ {}", plain(v)),
            Some(Target::AtMost(v)) => format!("≤ {}", plain(v)),
        };
        let met = match self.met {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        };
        [
            self.path.clone(),
            format!("{} {}", plain(self.value), self.unit),
            ms(self.p50_ms),
            ms(self.p99_ms),
            self.cpu_ms.map_or_else(String::new, |v| format!("{v:.3}")),
            self.limit.as_ref().map_or_else(String::new, |l| format!("{} ({})", plain(l.value), l.name)),
            self.ratio.map_or_else(String::new, |r| format!("{r:.2}")),
            target,
            met.to_owned(),
        ]
    }
}

/// Three digits that say something.
fn plain(v: f64) -> String {
    if v >= 100.0 {
        format!("{v:.0}")
    } else if v >= 10.0 {
        format!("{v:.1}")
    } else {
        format!("{v:.2}")
    }
}

const HEADS: [&str; 9] =
    ["path", "measured", "p50 ms", "p99 ms", "CPU ms", "limit", "ratio", "to reach", "reached"];

/// The table of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// Seconds a measurement.
    pub seconds: f64,
    /// Persons in the database.
    pub persons: u32,
    /// Connections of the load generator.
    pub connections: usize,
    /// Lines.
    pub figures: Vec<Figure>,
    /// What was not measured, and why.
    pub not_measured: Vec<String>,
}

impl Report {
    /// An empty table.
    pub(super) fn new(options: &Options, sqlite: bool) -> Self {
        Self {
            machine: Machine::here(),
            database: if sqlite { "sqlite" } else { "postgres" },
            seconds: options.time.as_secs_f64(),
            persons: options.persons,
            connections: options.connections,
            figures: Vec::new(),
            not_measured: Vec::new(),
        }
    }

    /// Adds a line.
    pub(super) fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Says that something was not measured.
    pub(super) fn skip(&mut self, what: impl Into<String>) {
        self.not_measured.push(what.into());
    }

    /// The value of a line that was measured before.
    pub(super) fn value(&self, path: &str) -> Option<f64> {
        self.figures.iter().find(|f| f.path == path).map(|f| f.value)
    }

    /// The table as Markdown, with the machine above it.
    pub fn text(&self) -> String {
        let m = &self.machine;
        let mut out = format!(
            "{}, {} cores, {} MiB, Linux {}, {} build, database {}, {} persons, {} connections, {} s a measurement.\n\
             The load generator shares the cores; CPU is the server's alone.\n\n",
            m.processor,
            m.cores,
            m.memory_mib,
            m.kernel,
            m.build,
            self.database,
            self.persons,
            self.connections,
            self.seconds
        );
        let _ = writeln!(out, "| {} |", HEADS.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(HEADS.len()));
        for figure in &self.figures {
            let _ = writeln!(out, "| {} |", figure.cells().join(" | "));
        }
        for figure in self.figures.iter().filter(|f| f.note.is_some()) {
            let _ = writeln!(out, "\n{}: {}", figure.path, figure.note.as_deref().unwrap_or_default());
        }
        for missing in &self.not_measured {
            let _ = writeln!(out, "\nNot measured: {missing}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_ratio_or_value() {
        let figure = Figure::new("a", 40.0, "/s").beside("limit", 100.0).target(Target::Ratio(0.5));
        assert_eq!((figure.ratio, figure.met), (Some(0.4), Some(false)));
        let figure = Figure::new("a", 40.0, "/s").target(Target::Ratio(0.4)).beside("limit", 100.0);
        assert_eq!(figure.met, Some(true));
        assert_eq!(Figure::new("a", 40.0, "MiB").target(Target::AtMost(60.0)).met, Some(true));
        assert_eq!(Figure::new("a", 40.0, "/s").target(Target::AtLeast(41.0)).met, Some(false));
        assert_eq!(Figure::new("a", 40.0, "/s").target(Target::Ratio(0.4)).met, None, "nothing beside it");
    }
}
