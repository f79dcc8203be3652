//! What `plan` costs beside the wire, and `apply` beside its requests: the real binary against a server whose answers are ready,
//! and against the sandbox. `just bench` runs it.
//!
//! Every case of `plan` runs in turn with a client that does nothing with the answers (`oha`, else `h2load`, where one is installed).
//! Figures of shared machines mean nothing by themselves: compare those of one run. What is certain are the requests: with one
//! too many or too few this fails, and with `--quick` that is all that is looked at: CI runs that with the binary of its tests.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own that prints a table")]

mod clients;
mod run;
mod server;
mod writes;

use std::fmt::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::Ordering;
use std::time::Instant;

use clients::repository;
use run::{Cost, Run, median};
use server::Server;
use writes::MeasuredWrites;

/// How many rows icsync asks for at once.
const PAGE: usize = 100;
/// How many requests `auto` has in flight at most.
const MOST_IN_FLIGHT: usize = 64;
/// Runs of each case; the median is shown.
const ROUNDS: usize = 5;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
struct Case {
    clients: usize,
    latency: u64,
    parallelism: &'static str,
    details: Details,
}

/// Which answers hold policies and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Details {
    Info,
    List,
}

const fn case(clients: usize, latency: u64, parallelism: &'static str, details: Details) -> Case {
    Case { clients, latency, parallelism, details }
}

const QUICK: [Case; 2] = [case(1_000, 0, "32", Details::Info), case(1_000, 0, "32", Details::List)];
const USUAL: [Case; 7] = [
    case(1_000, 0, "32", Details::Info),
    case(10_000, 0, "32", Details::Info),
    case(10_000, 0, "32", Details::List),
    case(10_000, 20, "8", Details::Info),
    case(10_000, 20, "32", Details::Info),
    case(10_000, 20, "64", Details::Info),
    case(10_000, 20, "auto", Details::Info),
];
const LARGE: [Case; 2] = [case(100_000, 0, "32", Details::Info), case(100_000, 0, "32", Details::List)];

fn main() -> ExitCode {
    // cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let says = |name: &str| arguments.iter().any(|argument| argument == name);
    let json = arguments.iter().find_map(|argument| argument.strip_prefix("--json="));
    if let Some(other) = arguments.iter().find(|one| {
        !["--quick", "--large"].contains(&one.as_str()) && json.is_none_or(|file| **one != format!("--json={file}"))
    }) {
        eprintln!("error: `{other}` is none of `--quick`, `--large` and `--json=FILE`");
        return ExitCode::from(64);
    }
    let quick = says("--quick");
    let (cases, write_cases) =
        if quick { (QUICK.to_vec(), writes::QUICK.to_vec()) } else { (USUAL.to_vec(), writes::USUAL.to_vec()) };
    let cases = if says("--large") { cases.into_iter().chain(LARGE).collect() } else { cases };
    let rounds = if quick { 1 } else { ROUNDS };
    let plans: Vec<Measured> = cases.into_iter().map(|case| measure(case, rounds)).collect();
    let applies: Vec<MeasuredWrites> = write_cases.into_iter().map(|case| MeasuredWrites::of(case, rounds)).collect();
    print!("{}\n{}", table(&plans), writes::table(&applies));
    if let Some(file) = json {
        let lines: Vec<_> = plans.iter().map(Measured::json).chain(applies.iter().map(MeasuredWrites::json)).collect();
        std::fs::write(file, serde_json::to_vec_pretty(&lines).expect("JSON")).expect("a place for the figures");
    }
    let mistakes = plans.iter().map(Measured::mistake).chain(applies.iter().map(MeasuredWrites::mistake));
    let mistakes: Vec<String> = mistakes.flatten().collect();
    mistakes.iter().for_each(|mistake| eprintln!("error: {mistake}"));
    if mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Case {
    /// Pages of the list, and one Info for each client that the list does not describe.
    fn requests(self) -> usize {
        self.clients.div_ceil(PAGE) + if self.details == Details::Info { self.clients } else { 0 }
    }
}

/// What a case took.
#[derive(Debug)]
struct Measured {
    case: Case,
    cost: Cost,
    wire: Option<f64>,
    requests: usize,
}

impl Measured {
    /// Says what is wrong with the requests, if anything is.
    fn mistake(&self) -> Option<String> {
        let (case, requests, expected) = (self.case, self.requests, self.case.requests());
        (requests != expected).then(|| format!("{case:?}: {requests} requests, not {expected}"))
    }

    fn json(&self) -> serde_json::Value {
        let Self { case: Case { clients, latency, parallelism, details }, cost, wire, requests } = self;
        let Cost { wall, processor, megabytes } = cost;
        serde_json::json!({
            "clients": clients, "latency_ms": latency, "parallelism": parallelism, "details": format!("{details:?}").to_lowercase(),
            "wall_s": wall, "cpu_s": processor, "memory_mb": megabytes, "wire_s": wire, "requests": requests,
        })
    }
}

fn table(measured: &[Measured]) -> String {
    let mut out = String::from(
        "| clients | details by | latency | in flight | wall | CPU | memory | the wire | ratio | requests |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for Measured { case: Case { clients, latency, parallelism, details }, cost, wire, requests } in measured {
        let cells = cost.cells(*wire);
        let _ = writeln!(out, "| {clients} | {details:?} | {latency} ms | {parallelism} | {cells} | {requests} |");
    }
    out
}

fn measure(case: Case, rounds: usize) -> Measured {
    let server = Server::start(case);
    let folder = repository(case.clients, &format!("http://127.0.0.1:{}", server.port));
    let plan = || Run::of(folder.path(), &["plan", "--detailed-exitcode", "--parallelism", case.parallelism]);
    let (mut runs, mut wires, mut requests) = (Vec::new(), Vec::new(), 0);
    if rounds > 1 {
        // Not counted: files are read for the first time, and the server makes its pages.
        plan();
    }
    for _ in 0..rounds {
        server.requests.store(0, Ordering::Relaxed);
        runs.push(plan());
        requests = server.requests.load(Ordering::Relaxed);
        wires.extend(wire(case, server.port));
    }
    Measured { case, cost: Cost::of(&runs), wire: median(wires), requests }
}

/// Asks for as many answers with as many connections, and does nothing with them.
fn wire(case: Case, port: u16) -> Option<f64> {
    let url = match case.details {
        Details::Info => format!("http://127.0.0.1:{port}{}/000001", path("0123000001")),
        Details::List => format!("http://127.0.0.1:{port}{}?limit={PAGE}&offset=0", path("UnknownNoneOrAll")),
    };
    let connections: usize = case.parallelism.parse().unwrap_or(MOST_IN_FLIGHT);
    // Neither program takes more connections than requests.
    let (number, connections) = (case.requests().to_string(), connections.min(case.requests()).to_string());
    let programs: [(&str, &[&str]); 2] = [("oha", &["--no-tui", "-n"]), ("h2load", &["--h1", "-n"])];
    programs.into_iter().find_map(|(program, options)| {
        let mut command = Command::new(program);
        command.args(options).args([&number, "-c", &connections, &url]);
        let began = Instant::now();
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        status.success().then(|| began.elapsed().as_secs_f64())
    })
}

fn path(device: &str) -> String {
    format!("/CCS/API/v1/admin/telsys/417/partition/1/device/{device}/integratorClient")
}
