//! What the commands without a server cost: the real binary over generated trees of definitions. `just bench` runs it.
//!
//! Figures of shared machines mean nothing by themselves: compare the lines of one run.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files")]

use std::path::Path;
use std::process::{Command, Stdio};

use divan::Bencher;
use tempfile::TempDir;

/// How many definitions the trees have.
const CLIENTS: [usize; 2] = [1_000, 10_000];
/// How many policies and settings a client has.
const POLICIES: usize = 20;
const SETTINGS: usize = 30;

fn main() {
    divan::main();
}

/// A repository with one file for each client.
fn files(clients: usize) -> TempDir {
    let folder = repository();
    for number in 0..clients {
        let file = folder.path().join(format!("clients/desk-{number:06}.yaml"));
        std::fs::write(file, client(number)).expect("a definition");
    }
    folder
}

/// A repository in which one fleet of a table makes all clients.
fn fleet(clients: usize) -> TempDir {
    let folder = repository();
    let rows: Vec<_> = (0..clients).map(|number| format!("{number:06},0123{number:06}\n")).collect();
    std::fs::write(folder.path().join("clients/desks.csv"), format!("seat,number\n{}", rows.concat()))
        .expect("a table");
    let template = entries("template", 2);
    let fleet = format!(
        "kind: Fleet\nname: desk\nscope: {{ telsys: 417, partition: 1 }}\n\
         devices_from: {{ csv: desks.csv, column: number, key: seat }}\ntemplate:\n  description: \"Desk ${{device}}\"\n{template}"
    );
    std::fs::write(folder.path().join("clients/desks.yaml"), fleet).expect("a fleet");
    folder
}

fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    let configuration = "kind: Config\ndefault_target: test\ntargets:\n  test:\n    url: https://ccs.example.com\n    \
                         auth: { api_key: { env: CCS_API_KEY } }\nmanage: [{ telsys: 417 }]\n";
    std::fs::write(folder.path().join("icsync.yaml"), configuration).expect("a configuration");
    folder
}

fn client(number: usize) -> String {
    format!(
        "kind: IntegratorClient\nname: desk-{number:06}\nscope: {{ telsys: 417, partition: 1, device: \"0123{number:06}\" }}\n\
         description: Desk {number}\n{}",
        entries("client", 0)
    )
}

/// Policies and settings, indented by `indent` spaces.
fn entries(group: &str, indent: usize) -> String {
    let space = " ".repeat(indent);
    let list = |field: &str, number: usize| {
        let keys: Vec<_> =
            (0..number).map(|key| format!("{space}  \"{group}::{field}{key}\": \"value {key}\"\n")).collect();
        format!("{space}{field}:\n{}", keys.concat())
    };
    list("policies", POLICIES) + &list("settings", SETTINGS)
}

fn icsync(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icsync"));
    command.arg("-C").arg(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the binary");
    assert!(status.code().is_some_and(|code| code == 0 || code == 2), "{arguments:?}: {status}");
}

#[divan::bench(args = CLIENTS, sample_count = 5)]
fn validate_files(bencher: Bencher, clients: usize) {
    let folder = files(clients);
    bencher.bench(|| icsync(folder.path(), &["validate"]));
}

#[divan::bench(args = CLIENTS, sample_count = 5)]
fn validate_fleet(bencher: Bencher, clients: usize) {
    let folder = fleet(clients);
    bencher.bench(|| icsync(folder.path(), &["validate"]));
}

#[divan::bench(args = CLIENTS, sample_count = 5)]
fn fmt_check_files(bencher: Bencher, clients: usize) {
    let folder = files(clients);
    bencher.bench(|| icsync(folder.path(), &["fmt", "--check"]));
}

#[divan::bench(sample_count = 20)]
fn start() {
    icsync(Path::new("."), &["--version"]);
}
