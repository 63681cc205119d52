//! What the system says: processor, processor time, memory. Read from `/proc`; elsewhere the values are missing.

use serde::Serialize;
use std::fs;

/// The kernel counts processor time in hundredths of a second for programs (USER_HZ, fixed since Linux 2.6).
const TICKS: f64 = 100.0;

/// The machine of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Model of the processor.
    pub processor: String,
    /// Processors this process may use.
    pub cores: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Kernel.
    pub kernel: String,
    /// `release` or `debug`; a debug build says nothing about speed.
    pub build: &'static str,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        let line = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let found = text.lines().find(|l| l.starts_with(name)).and_then(|l| l.split_once(':'));
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_else(|| "unknown".into())
        };
        Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: cores(),
            memory_mib: kilobytes(&line("/proc/meminfo", "MemTotal")) / 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
        }
    }
}

/// Processors this process may use.
pub fn cores() -> u32 {
    std::thread::available_parallelism().ok().and_then(|n| u32::try_from(n.get()).ok()).unwrap_or(1)
}

/// Processor time of this process so far, in seconds.
pub fn process_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; after it come the fields from the third on.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |n: usize| rest.split_whitespace().nth(n).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

/// Number of the calling thread.
pub fn this_thread() -> Option<u64> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}

/// Processor time of a thread of this process so far, in seconds.
pub fn thread_seconds(thread: u64) -> f64 {
    let text = fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).unwrap_or_default();
    text.split_whitespace().next().and_then(|v| v.parse::<f64>().ok()).map_or(0.0, |ns| ns / 1e9)
}

/// Resident memory of a process in MiB.
pub fn resident_mib(process: u32) -> Option<f64> {
    status_mib(&format!("/proc/{process}/status"), "VmRSS:")
}

/// The most memory that this process has had since [`forget_peak`], in MiB.
pub fn peak_mib() -> Option<f64> {
    status_mib("/proc/self/status", "VmHWM:")
}

/// The most memory counts from now on (proc(5), `clear_refs`).
pub fn forget_peak() -> Result<(), String> {
    fs::write("/proc/self/clear_refs", "5").map_err(|e| format!("/proc/self/clear_refs: {e}"))
}

fn status_mib(file: &str, name: &str) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    Some(float(kilobytes(line)) / 1024.0)
}

fn kilobytes(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|v| v.parse().ok()).unwrap_or(0)
}

/// A count as a number with a fraction.
pub fn float(n: u64) -> f64 {
    let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).map_or(0.0, f64::from);
    half(n >> 32) * 4_294_967_296.0 + half(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_answers() {
        assert!(cores() > 0);
        assert!(float(3) == 3.0 && float(1 << 40) == 1_099_511_627_776.0);
        if cfg!(target_os = "linux") {
            let (thread, before) = (this_thread().unwrap(), process_seconds());
            let spent = thread_seconds(thread);
            let mut sum = 0u64;
            while thread_seconds(thread) < spent + 0.05 {
                sum = sum.wrapping_add(std::hint::black_box(1));
            }
            assert!(process_seconds() >= before && sum > 0);
            assert!(resident_mib(std::process::id()).unwrap() > 1.0);
            forget_peak().unwrap();
            assert!(peak_mib().unwrap() > 1.0);
            assert!(Machine::here().memory_mib > 0);
        }
    }
}
