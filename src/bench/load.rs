//! The load generator: connections that are kept open, each with one request at a time (a closed loop), on threads of
//! their own.

use super::system;
use crate::threads;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request that is not answered by then never will be.
const PATIENCE: Duration = Duration::from_secs(30);
/// Answers are not counted until connections are open and caches are warm.
pub const WARM_UP: Duration = Duration::from_millis(300);

/// Gives the nth request as bytes, or `None` when there are no more.
pub type Requests = Arc<dyn Fn(u64) -> Option<Vec<u8>> + Send + Sync>;

/// What to send, for how long.
#[derive(Clone)]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// Connections.
    pub connections: usize,
    /// Time after the warm-up.
    pub time: Duration,
    /// Statuses that are expected; any other ends the run.
    pub expect: &'static [u16],
    /// A connection asks at fixed moments this far apart and its times count from them, however late the last answer was;
    /// none: as soon as it has its answer.
    pub every: Option<Duration>,
    /// Whether this is a flood: its threads give way, as machines elsewhere would take nothing of this one, and a connection
    /// that was cut is opened anew; that counts as an answer of status 0.
    pub flood: bool,
    /// Requests.
    pub requests: Requests,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Answers in all, with those of the warm-up.
    pub all: u64,
    /// Seconds that were counted.
    pub seconds: f64,
    /// Processor time of everything in this process but the load generator, in seconds.
    pub server_cpu: f64,
    /// Bytes of the last body.
    pub body: usize,
    /// Answers by their status, of those that were counted.
    pub statuses: BTreeMap<u16, u64>,
    /// Times of the counted answers in microseconds, sorted.
    times: Vec<u32>,
}

impl Measured {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.count() / self.seconds } else { 0.0 }
    }

    fn count(&self) -> f64 {
        system::float(u64::try_from(self.times.len()).unwrap_or(0))
    }

    /// The time within which this share of answers came, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.times.len().saturating_sub(1);
        self.times.get(last * percent / 100).map_or(0.0, |us| f64::from(*us) / 1000.0)
    }

    /// Milliseconds of the server's processor time for one answer.
    pub fn cpu_ms(&self) -> f64 {
        if self.times.is_empty() { 0.0 } else { self.server_cpu * 1000.0 / self.count() }
    }

    /// Two measurements of the same as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.all += other.all;
        self.seconds += other.seconds;
        self.server_cpu += other.server_cpu;
        add(&mut self.statuses, other.statuses);
        self.times.extend(other.times);
        self.times.sort_unstable();
        self
    }
}

fn add(sum: &mut BTreeMap<u16, u64>, more: BTreeMap<u16, u64>) {
    for (status, count) in more {
        *sum.entry(status).or_default() += count;
    }
}

struct Shared {
    load: Load,
    next: AtomicU64,
    from: Instant,
    until: Instant,
    threads: Mutex<Vec<u64>>,
}

#[derive(Default)]
struct Tally {
    all: u64,
    body: usize,
    statuses: BTreeMap<u16, u64>,
    times: Vec<u32>,
    last: Option<Instant>,
}

/// Sends requests until the time is over or there are no more.
///
/// # Errors
/// One line: no connection, an unexpected status, no answer in 30 seconds.
pub async fn run(load: Load) -> Result<Measured, String> {
    let threads = usize::try_from(system::cores()).unwrap_or(1).clamp(1, 4).min(load.connections.max(1));
    let from = Instant::now() + WARM_UP;
    let until = from + load.time;
    let shared =
        Arc::new(Shared { load, next: AtomicU64::new(0), from, until, threads: Mutex::new(Vec::new()) });
    let mut running = Vec::new();
    for n in 0..threads {
        let (shared, (tell, told)) = (shared.clone(), tokio::sync::oneshot::channel());
        let share = shared.load.connections / threads + usize::from(n < shared.load.connections % threads);
        std::thread::Builder::new()
            .name("bench-load".into())
            .spawn(move || tell.send(thread(&shared, share)))
            .map_err(|e| e.to_string())?;
        running.push(told);
    }
    tokio::time::sleep_until(from.into()).await;
    let before = (system::process_seconds(), load_seconds(&shared));
    let mut measured = Measured::default();
    let (mut last, mut cpu) = (from, None);
    for told in running {
        let tally = told.await.map_err(|_| "a load thread ended badly")??;
        // The first thread ends when all do; its processor time is still there a moment ago, so it is read by them.
        let spent = tally.1;
        let (seconds, load) = cpu.unwrap_or((0.0, 0.0));
        cpu = Some((f64::max(seconds, spent.0), load + spent.1));
        measured.all += tally.0.all;
        measured.body = measured.body.max(tally.0.body);
        add(&mut measured.statuses, tally.0.statuses);
        measured.times.extend(tally.0.times);
        last = last.max(tally.0.last.unwrap_or(from));
    }
    let (process, load) = cpu.unwrap_or_default();
    measured.server_cpu = ((process - before.0) - (load - before.1)).max(0.0);
    measured.seconds = last.min(until).saturating_duration_since(from).as_secs_f64();
    measured.times.sort_unstable();
    Ok(measured)
}

fn load_seconds(shared: &Shared) -> f64 {
    shared.threads.lock().map_or(0.0, |t| t.iter().map(|t| system::thread_seconds(*t)).sum())
}

/// A thread's share of connections, with the processor time of process and thread at its end.
fn thread(shared: &Arc<Shared>, connections: usize) -> Result<(Tally, (f64, f64)), String> {
    let number = system::this_thread().unwrap_or(0);
    if shared.load.flood {
        threads::give_way();
    }
    if let Ok(mut threads) = shared.threads.lock() {
        threads.push(number);
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let local = tokio::task::LocalSet::new();
    let tally = local.block_on(&runtime, async {
        let tasks: Vec<_> =
            (0..connections).map(|_| tokio::task::spawn_local(connection(shared.clone()))).collect();
        let mut sum = Tally::default();
        for task in tasks {
            let tally = task.await.map_err(|e| e.to_string())??;
            sum.all += tally.all;
            sum.body = sum.body.max(tally.body);
            add(&mut sum.statuses, tally.statuses);
            sum.times.extend(tally.times);
            sum.last = sum.last.max(tally.last);
        }
        Ok::<_, String>(sum)
    })?;
    Ok((tally, (system::process_seconds(), system::thread_seconds(number))))
}

async fn connection(shared: Arc<Shared>) -> Result<Tally, String> {
    let load = &shared.load;
    let mut client = Client::connect(load.address).await?;
    let mut tally = Tally::default();
    let mut due = Instant::now();
    while Instant::now() < shared.until {
        let Some(request) = (load.requests)(shared.next.fetch_add(1, Ordering::Relaxed)) else { break };
        let begun = match load.every {
            Some(every) => {
                tokio::time::sleep_until(due.into()).await;
                let begun = due;
                due += every;
                begun
            }
            None => Instant::now(),
        };
        let status = tokio::time::timeout(PATIENCE, client.call(&request)).await;
        let status = match status.map_err(|_| "no answer in 30 seconds")? {
            Ok(status) => status,
            Err(_) if load.flood => {
                client = Client::connect(load.address).await?;
                0
            }
            Err(e) => return Err(format!("after {} answers on this connection: {e}", tally.all)),
        };
        let ended = Instant::now();
        if !load.expect.contains(&status) {
            let body = String::from_utf8_lossy(client.body()).chars().take(300).collect::<String>();
            return Err(format!("unexpected status {status}: {body}"));
        }
        tally.all += 1;
        tally.body = client.body().len();
        if begun >= shared.from && ended <= shared.until {
            let micros = ended.duration_since(begun).as_micros();
            tally.times.push(u32::try_from(micros).unwrap_or(u32::MAX));
            *tally.statuses.entry(status).or_default() += 1;
            tally.last = Some(ended);
        }
    }
    Ok(tally)
}

/// A connection that is kept open, one request at a time.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    head: usize,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// One line.
    pub async fn connect(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|e| format!("{address}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024), head: 0 })
    }

    /// Sends a request and reads its answer; gives the status.
    ///
    /// # Errors
    /// One line when the connection broke or the answer is no HTTP.
    pub async fn call(&mut self, request: &[u8]) -> Result<u16, String> {
        self.buffer.clear();
        self.head = 0;
        self.stream.write_all(request).await.map_err(|e| format!("request not sent: {e}"))?;
        let mut wanted = None;
        loop {
            let n = self.stream.read_buf(&mut self.buffer).await.map_err(|e| format!("no answer: {e}"))?;
            if n == 0 {
                return Err("the connection was closed before the answer".into());
            }
            if wanted.is_none()
                && let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n")
            {
                self.head = at + 4;
                wanted = Some(Length::of(self.buffer.get(..at).unwrap_or_default())?);
            }
            let complete = match wanted {
                None => false,
                Some(Length::Bytes(n)) => self.buffer.len() >= self.head + n,
                Some(Length::Chunks) => self.buffer.ends_with(b"0\r\n\r\n"),
            };
            if complete {
                return self.status();
            }
        }
    }

    fn status(&self) -> Result<u16, String> {
        let line = self.buffer.get(9..12).and_then(|s| std::str::from_utf8(s).ok());
        line.and_then(|s| s.parse().ok()).ok_or_else(|| "an answer without a status".to_owned())
    }

    /// The last answer's body, with its chunk marks if it has any.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.head..).unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
enum Length {
    Bytes(usize),
    Chunks,
}

impl Length {
    fn of(head: &[u8]) -> Result<Self, String> {
        let head = std::str::from_utf8(head).map_err(|_| "headers that are no text")?;
        let header = |name: &str| {
            head.lines().find_map(|l| {
                let (n, v) = l.split_once(':')?;
                n.eq_ignore_ascii_case(name).then(|| v.trim())
            })
        };
        if header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
            return Ok(Self::Chunks);
        }
        match header("content-length").map(str::parse) {
            Some(Ok(n)) => Ok(Self::Bytes(n)),
            Some(Err(_)) => Err("a length that is no number".into()),
            // 204 and 304 have none.
            None => Ok(Self::Bytes(0)),
        }
    }
}

/// A request's bytes. `headers` are whole lines without their end.
pub fn request(method: &str, path: &str, headers: &[String], body: Option<&[u8]>) -> Vec<u8> {
    let mut out = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for line in headers {
        out.push_str(line);
        out.push_str("\r\n");
    }
    if let Some(body) = body {
        out.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    out.push_str("\r\n");
    let mut bytes = out.into_bytes();
    bytes.extend_from_slice(body.unwrap_or_default());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn answering(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                        // In two pieces, so that reading on is tested.
                        let (one, two) = answer.split_at(answer.len() / 2);
                        let _ = stream.write_all(one).await;
                        let _ = stream.flush().await;
                        let _ = stream.write_all(two).await;
                    }
                });
            }
        });
        address
    }

    fn load(address: SocketAddr, requests: Requests) -> Load {
        let time = Duration::from_millis(200);
        Load { address, connections: 3, time, expect: &[200], every: None, flood: false, requests }
    }

    #[tokio::test]
    async fn answers_are_counted_and_measured() {
        let address = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
        let measured = run(load(address, Arc::new(|_| Some(request("GET", "/", &[], None))))).await.unwrap();
        assert!(measured.rate() > 0.0 && measured.body == 5);
        assert!(measured.percentile(50) <= measured.percentile(99));
        let some = run(load(address, Arc::new(|n| (n < 7).then(|| request("GET", "/", &[], None))))).await;
        assert_eq!(some.unwrap().all, 7, "no more than there are");
    }

    #[tokio::test]
    async fn a_paced_load_keeps_its_rate_and_counts_from_its_moments() {
        let address = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
        let every = Some(Duration::from_millis(100));
        let asked = load(address, Arc::new(|_| Some(request("GET", "/", &[], None))));
        let measured = run(Load { every, flood: true, ..asked }).await.unwrap();
        // Three connections, half a second with the warm-up: never more than their moments, however fast the answers.
        assert!((3..=18).contains(&measured.all), "{}", measured.all);
        assert_eq!(measured.statuses.keys().copied().collect::<Vec<_>>(), [200]);
    }

    #[tokio::test]
    async fn an_unexpected_status_ends_the_run() {
        let address =
            answering(b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n").await;
        let failed = run(load(address, Arc::new(|_| Some(request("GET", "/", &[], None))))).await;
        assert!(failed.unwrap_err().contains("503"));
    }
}
