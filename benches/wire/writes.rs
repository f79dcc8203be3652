//! What `apply` costs beside the requests that it takes, against the sandbox.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::PAGE;
use crate::clients::{Stock, estate, repository};
use crate::run::{Cost, Run};

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteCase {
    work: Work,
    clients: usize,
    latency: u64,
    parallelism: usize,
}

/// What there is to do for every client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Add,
    Change,
}

const fn case(work: Work, clients: usize, latency: u64, parallelism: usize) -> WriteCase {
    WriteCase { work, clients, latency, parallelism }
}

pub(crate) const QUICK: [WriteCase; 3] =
    [case(Work::Add, 200, 0, 8), case(Work::Change, 200, 0, 8), case(Work::Add, 200, 5, 16)];
pub(crate) const USUAL: [WriteCase; 4] = [
    case(Work::Add, 1_000, 20, 8),
    case(Work::Add, 1_000, 20, 32),
    case(Work::Change, 1_000, 20, 8),
    case(Work::Change, 1_000, 20, 32),
];

/// What a case took.
#[derive(Debug)]
pub(crate) struct MeasuredWrites {
    case: WriteCase,
    cost: Cost,
    /// As icsync counts them; where runs differ, of one that is not as it should be.
    requests: usize,
}

impl WriteCase {
    /// The pages of one list, and for each client either an Info for the plan and a Change between two more, or an
    /// Add between two lists and an Info after it.
    fn requests(self) -> usize {
        let pages = match self.work {
            Work::Add => 1,
            Work::Change => self.clients.div_ceil(PAGE),
        };
        pages + 4 * self.clients
    }

    /// Reckons how long so many requests take by themselves: as many rounds of the latency as there are of those in flight.
    #[expect(clippy::cast_precision_loss, reason = "they are few")]
    fn wire(self, requests: usize) -> Option<f64> {
        let latency = Duration::from_millis(self.latency).as_secs_f64();
        (self.latency > 0).then(|| requests as f64 * latency / self.parallelism as f64)
    }
}

impl MeasuredWrites {
    pub(crate) fn of(case: WriteCase, rounds: usize) -> Self {
        let runs: Vec<Run> = (0..rounds).map(|_| apply(case)).collect();
        let expected = case.requests();
        let told = || runs.iter().map(|run| requests_told(&run.told));
        let requests = told().find(|requests| *requests != expected).unwrap_or(expected);
        Self { case, cost: Cost::of(&runs), requests }
    }

    /// Says what is wrong with the requests, if anything is.
    pub(crate) fn mistake(&self) -> Option<String> {
        let (case, requests, expected) = (self.case, self.requests, self.case.requests());
        (requests != expected).then(|| format!("{case:?}: {requests} requests, not {expected}"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let Self { case, cost, requests } = self;
        let WriteCase { work, clients, latency, parallelism } = case;
        let Cost { wall, processor, megabytes } = cost;
        serde_json::json!({
            "work": format!("{work:?}").to_lowercase(), "clients": clients, "latency_ms": latency, "parallelism": parallelism,
            "wall_s": wall, "cpu_s": processor, "memory_mb": megabytes, "wire_s": case.wire(*requests), "requests": requests,
        })
    }
}

/// Writes the table of applies.
pub(crate) fn table(measured: &[MeasuredWrites]) -> String {
    let mut out = String::from(
        "| apply | latency | in flight | wall | CPU | memory | the wire, reckoned | ratio | requests |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for MeasuredWrites { case, cost, requests } in measured {
        let WriteCase { work, clients, latency, parallelism } = case;
        let (work, cells) = (format!("{work:?}").to_lowercase(), cost.cells(case.wire(*requests)));
        let _ = writeln!(out, "| {clients} {work}s | {latency} ms | {parallelism} | {cells} | {requests} |");
    }
    out
}

/// Applies once, to a server that is as it was before.
fn apply(case: WriteCase) -> Run {
    let sandbox = Sandbox::start(case);
    let folder = repository(case.clients, &sandbox.url);
    let parallelism = case.parallelism.to_string();
    let most = case.clients.to_string();
    Run::of(folder.path(), &["apply", "--auto-approve", "--max-changes", &most, "--parallelism", &parallelism])
}

/// Adds up the requests that a run tells of, as in `10 rows read with 2 lists and 10 info requests, 3 adds sent in 0.10 s`.
fn requests_told(told: &str) -> usize {
    let line = told.lines().rfind(|line| line.contains(" read with ")).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_request = |word: &str| ["list", "info", "add", "change"].iter().any(|one| word.starts_with(one));
    words.windows(2).filter(|pair| is_request(pair[1])).filter_map(|pair| pair[0].parse::<usize>().ok()).sum()
}

/// The sandbox of the binary, for as long as this lives.
struct Sandbox {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    fn start(case: WriteCase) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("a file");
        };
        let stock = if case.work == Work::Change { Stock::Before } else { Stock::Empty };
        write("estate.yaml", estate(case.clients, stock));
        write("faults.yaml", format!("- {{ operation: any, effect: delay, latency_ms: {} }}\n", case.latency));
        let mut process = serve(folder.path());
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut url).expect("a line");
        let url = url.trim().strip_prefix("url: ").expect("the URL comes first").to_owned();
        Self { process, url, _folder: folder }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icsync"));
    command.arg("-C").arg(folder).args(["sandbox", "serve", "--estate", "estate.yaml", "--faults", "faults.yaml"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary")
}
