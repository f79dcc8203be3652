//! What `plan` costs beside the wire: the real binary against a server whose answers are ready. `just bench` runs it.
//!
//! Every case runs in turn with a client that does nothing with the answers (`oha`, else `h2load`, where one is installed).
//! Figures of shared machines mean nothing by themselves: compare those of one run. What is certain are the requests: with one
//! too many or too few this fails, and with `--quick` that is all that is looked at: CI runs that with the binary of its tests.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own that prints a table")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How many policies and settings a client has, and how many of the settings are its own.
const POLICIES: usize = 20;
const SETTINGS: usize = 30;
const OWN_SETTINGS: usize = 3;
/// How many rows icsync asks for at once.
const PAGE: usize = 100;
/// How many requests `auto` has in flight at most.
const MOST_IN_FLIGHT: usize = 64;
/// What stands in answers in place of the number of a client.
const HOLE: &str = "@@@@@@";
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
    let (cases, rounds) = if says("--quick") { (QUICK.to_vec(), 1) } else { (USUAL.to_vec(), ROUNDS) };
    let cases = if says("--large") { cases.into_iter().chain(LARGE).collect() } else { cases };
    let measured: Vec<Measured> = cases.into_iter().map(|case| measure(case, rounds)).collect();
    print!("{}", table(&measured));
    if let Some(file) = json {
        let lines: Vec<serde_json::Value> = measured.iter().map(Measured::json).collect();
        std::fs::write(file, serde_json::to_vec_pretty(&lines).expect("JSON")).expect("a place for the figures");
    }
    let wrong: Vec<&Measured> = measured.iter().filter(|one| one.requests != one.case.requests()).collect();
    for one in &wrong {
        eprintln!("error: {:?}: {} requests, not {}", one.case, one.requests, one.case.requests());
    }
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Case {
    /// Pages of the list, and one Info for each client that the list does not describe.
    fn requests(self) -> usize {
        self.clients.div_ceil(PAGE) + if self.details == Details::Info { self.clients } else { 0 }
    }
}

/// What a case took: medians of all runs.
#[derive(Debug)]
struct Measured {
    case: Case,
    wall: f64,
    processor: Option<f64>,
    megabytes: Option<u64>,
    wire: Option<f64>,
    requests: usize,
}

impl Measured {
    fn json(&self) -> serde_json::Value {
        let Self { case: Case { clients, latency, parallelism, details }, wall, processor, megabytes, wire, requests } =
            self;
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
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    for Measured {
        case: Case { clients, latency, parallelism, details },
        wall,
        processor,
        megabytes,
        wire,
        requests,
    } in measured
    {
        let _ = writeln!(
            out,
            "| {clients} | {details:?} | {latency} ms | {parallelism} | {wall:.2} s | {} | {} | {} | {} | {requests} |",
            or_nothing(processor.map(|seconds| format!("{seconds:.2} s"))),
            or_nothing(megabytes.map(|megabytes| format!("{megabytes} MB"))),
            or_nothing(wire.map(|seconds| format!("{seconds:.2} s"))),
            or_nothing(wire.map(|seconds| format!("{:.1} ×", wall / seconds))),
        );
    }
    out
}

fn measure(case: Case, rounds: usize) -> Measured {
    let server = Server::start(case);
    let folder = definitions(case.clients, server.port);
    let (mut runs, mut wires, mut requests) = (Vec::new(), Vec::new(), 0);
    if rounds > 1 {
        // Not counted: files are read for the first time, and the server makes its pages.
        plan(folder.path(), case.parallelism);
    }
    for _ in 0..rounds {
        server.requests.store(0, Ordering::Relaxed);
        runs.push(plan(folder.path(), case.parallelism));
        requests = server.requests.load(Ordering::Relaxed);
        wires.extend(wire(case, server.port));
    }
    let megabytes: Option<Vec<u64>> = runs.iter().map(|run| run.megabytes).collect();
    let processor: Option<Vec<f64>> = runs.iter().map(|run| run.processor).collect();
    Measured {
        case,
        wall: median(runs.iter().map(|run| run.wall).collect()).expect("a run"),
        processor: processor.and_then(median),
        megabytes: megabytes.and_then(|all| all.into_iter().max()),
        wire: median(wires),
        requests,
    }
}

fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

struct Run {
    wall: f64,
    processor: Option<f64>,
    megabytes: Option<u64>,
}

/// Plans once. GNU time tells what the process took, where it is installed.
fn plan(folder: &Path, parallelism: &str) -> Run {
    const TIME: &str = "/usr/bin/time";
    let (figures, has_time) = (folder.join("figures"), Path::new(TIME).exists());
    let mut command = Command::new(if has_time { TIME } else { env!("CARGO_BIN_EXE_icsync") });
    if has_time {
        command.args(["-f", "%U %S %M", "-o"]).arg(&figures).arg(env!("CARGO_BIN_EXE_icsync"));
    }
    command.arg("-C").arg(folder).args(["plan", "--detailed-exitcode", "--parallelism", parallelism]);
    command.env("CCS_API_KEY", "key").stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().expect("the binary");
    let wall = began.elapsed().as_secs_f64();
    assert!(status.success(), "the plan is empty: {status}");
    let figures = std::fs::read_to_string(figures).unwrap_or_default();
    let mut figures = figures.split_whitespace().map_while(|figure| figure.parse::<f64>().ok());
    let processor = figures.next().zip(figures.next()).map(|(user, system)| user + system);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a number of kilobytes")]
    let megabytes = figures.next().map(|kilobytes| (kilobytes / 1024.0).round() as u64);
    Run { wall, processor, megabytes }
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

/// A repository with one file for each client.
fn definitions(clients: usize, port: u16) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    let configuration = format!(
        "kind: Config\ntargets:\n  bench:\n    url: http://127.0.0.1:{port}\n    auth: {{ api_key: {{ env: CCS_API_KEY }} }}\n\
         manage: [{{ telsys: 417 }}]\n"
    );
    std::fs::write(folder.path().join("icsync.yaml"), configuration).expect("a configuration");
    for number in 0..clients {
        let number = format!("{number:06}");
        let list = |field, keys| {
            let lines: Vec<_> =
                (0..keys).map(|key| format!("  {}: {}\n", name(field, key), value(field, key, &number))).collect();
            format!("{field}:\n{}", lines.concat())
        };
        let text = format!(
            "kind: IntegratorClient\nname: desk-{number}\nscope: {{ telsys: 417, partition: 1, device: \"0123{number}\" }}\n\
             description: Desk {number}\n{}{}",
            list("policies", POLICIES),
            list("settings", SETTINGS)
        );
        std::fs::write(folder.path().join(format!("clients/desk-{number}.yaml")), text).expect("a definition");
    }
    folder
}

/// A key in quotes, so that the alphabet has the order of the numbers.
fn name(field: &str, key: usize) -> String {
    format!("\"core::{field}{key:02}\"")
}

/// A value as YAML and JSON write it.
fn value(field: &str, key: usize, number: &str) -> String {
    match key % 3 {
        _ if field == "settings" && key < OWN_SETTINGS => format!("\"value {key} of desk {number}\""),
        0 => "true".to_owned(),
        1 => format!("\"value {key}\""),
        _ => key.to_string(),
    }
}

/// A client as Info and List show it.
fn row(number: &str, shows_all: bool) -> String {
    let object = |field, keys| {
        let entries: Vec<_> =
            (0..keys).map(|key| format!("{}:{}", name(field, key), value(field, key, number))).collect();
        format!("{{{}}}", entries.join(","))
    };
    let details = format!(
        ",\"CMEnvironmentID\":null,\"Policies\":{},\"Settings\":{}",
        object("policies", POLICIES),
        object("settings", SETTINGS)
    );
    format!(
        "{{\"TelSysID\":417,\"PartitionID\":1,\"DeviceNumber\":\"0123{number}\",\"ID\":\"a21abf960a398ee2:7b73f31a:198d18707a9:{number}\",\
         \"Description\":\"Desk {number}\",\"DeviceDescription\":\"Desk {number}\",\"TelSysDescription\":\"Sunshine\",\
         \"PartitionDescription\":\"Main\"{}}}",
        if shows_all { &details } else { "" }
    )
}

/// A server whose answers are ready, on a thread of its own.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

/// What the server answers.
struct Answers {
    case: Case,
    info: Vec<u8>,
    /// Where the number of the client stands in `info`.
    holes: Vec<usize>,
    /// The pages that were asked for, by their queries.
    pages: Mutex<HashMap<String, Arc<[u8]>>>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(case: Case) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let info = answer(&format!("{{\"Result\":\"Success\",\"Data\":{}}}", row(HOLE, true)));
        let holes = (0..info.len()).filter(|at| info[*at..].starts_with(HOLE.as_bytes())).collect();
        let requests = Arc::new(AtomicUsize::new(0));
        let answers = Arc::new(Answers { case, info, holes, pages: Mutex::default(), requests: Arc::clone(&requests) });
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers)));
            }
        });
        Self { port, requests, _runtime: runtime }
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Answers>) {
    let _ = stream.set_nodelay(true);
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            let mut chunk = [0; 8192];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(length) => read.extend_from_slice(&chunk[..length]),
            }
        };
        let head: Vec<u8> = read.drain(..end).collect();
        answers.requests.fetch_add(1, Ordering::Relaxed);
        if answers.case.latency > 0 {
            tokio::time::sleep(Duration::from_millis(answers.case.latency)).await;
        }
        let head = String::from_utf8_lossy(&head);
        if stream.write_all(&answers.to(head.split(' ').nth(1).unwrap_or_default())).await.is_err() {
            return;
        }
    }
}

impl Answers {
    fn to(&self, target: &str) -> Vec<u8> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.ends_with("/integratorClient") {
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            let page = pages.entry(query.to_owned()).or_insert_with(|| self.page(query).into());
            return page.to_vec();
        }
        let mut answer = self.info.clone();
        let number = &path.as_bytes()[path.len().saturating_sub(HOLE.len())..];
        for hole in &self.holes {
            answer[*hole..hole + HOLE.len()].copy_from_slice(number);
        }
        answer
    }

    fn page(&self, query: &str) -> Vec<u8> {
        let number = |name: &str| query.split('&').find_map(|one| one.strip_prefix(name)?.parse::<usize>().ok());
        let (offset, limit) = (number("offset=").unwrap_or_default(), number("limit=").unwrap_or(PAGE));
        let total = self.case.clients;
        let rows =
            (offset..total.min(offset + limit)).map(|at| row(&format!("{at:06}"), self.case.details == Details::List));
        let rows: Vec<_> = rows.collect();
        answer(&format!("{{\"Result\":\"Success\",\"Data\":{{\"Total\":{total},\"Items\":[{}]}}}}", rows.join(",")))
    }
}

fn answer(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
