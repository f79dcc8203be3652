//! Command lines that nobody meant: whatever is typed, the program ends by itself, without a panic, with a code that it documents.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// So many command lines are tried unless `ICSYNC_FUZZ_SECONDS` says for how long.
const SHORT: u32 = 60;

/// Commands that end by themselves; `sandbox` serves until it is stopped.
const COMMANDS: &[&str] = &[
    "validate",
    "plan",
    "apply",
    "drift",
    "diff",
    "show",
    "export",
    "list",
    "fmt",
    "pin",
    "keys",
    "init",
    "schema",
    "explain",
    "runs",
    "rollback",
    "help",
    "completions",
    "nope",
    "",
    "-",
];

const WORDS: &[&str] = &[
    "-C",
    ".",
    "nowhere",
    "..",
    "--config",
    "icsync.yaml",
    "clients/a.yaml",
    "--target",
    "local",
    "é",
    "\u{202e}",
    "--select",
    "name=a",
    "name=[",
    "profile=*",
    "{{{{",
    "--exclude",
    "-o",
    "json",
    "html=x/y",
    "markdown=out.md",
    "text",
    "json=-",
    "--out",
    "plan.json",
    "--effective",
    "a",
    "--check",
    "--write",
    "--auto-approve",
    "--detailed-exitcode",
    "--max-deletes",
    "0",
    "-1",
    "99999999999999999999",
    "100%",
    "--max-changes",
    "--parallelism",
    "auto",
    "--stop-after",
    "--prune",
    "--full",
    "--strict",
    "--color",
    "always",
    "never",
    "-v",
    "-vvv",
    "-q",
    "--log-format",
    "--help",
    "-h",
    "--version",
    "-V",
    "HEAD",
    "HEAD~1",
    "--",
    "--nope",
    "--expect",
    "sha256:",
    "IC0001",
    "definition",
    "bash",
    "--last",
    "--timeout",
    "1ms",
    "--yes",
    "--from",
    "https://x",
    "--sha256",
    "--url",
    "\n",
    "--=",
    "=",
    "-----",
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("a small number") % most
    }

    fn line(&mut self) -> Vec<&'static str> {
        let count = self.below(6);
        let mut line: Vec<&str> = (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect();
        if self.below(10) > 0 {
            let at = if self.below(4) == 0 { self.below(line.len() + 1) } else { 0 };
            line.insert(at, COMMANDS[self.below(COMMANDS.len())]);
        }
        line
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(folder: &Path, line: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icsync"));
    command.args(line).current_dir(folder).env_clear().env("HOME", folder).env("KEY", "k").stdin(Stdio::null());
    command.output().expect("the program")
}

/// A repository whose target answers at once: nobody listens there.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "kind: Config\nrequests: { attempts: 1, deadline: 2s }\n\
                  targets: { local: { url: 'http://127.0.0.1:1/', auth: { api_key: { env: KEY } } } }\n";
    std::fs::create_dir(folder.path().join("clients")).expect("a folder");
    std::fs::write(folder.path().join("icsync.yaml"), config).expect("a file");
    let client = "kind: IntegratorClient\nname: a\nscope: { telsys: 1 }\n";
    std::fs::write(folder.path().join("clients/a.yaml"), client).expect("a file");
    folder
}

/// The exit codes of the README's table.
fn documented() -> BTreeSet<i32> {
    let readme = include_str!("../../README.md").lines().skip_while(|line| !line.starts_with("| exit | means |"));
    let rows = readme.take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('|').filter_map(|cell| cell.trim().parse().ok())).collect()
}

#[test]
fn random_command_lines_end_with_a_documented_code() {
    let documented = documented();
    assert!(documented.contains(&64), "{documented:?}");
    let seconds = setting("ICSYNC_FUZZ_SECONDS").map(Duration::from_secs);
    let (begin, mut count) = (Instant::now(), 0);
    let mut random = Random(setting("ICSYNC_FUZZ_SEED").unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    while seconds.map_or(count < SHORT, |seconds| begin.elapsed() < seconds) {
        let (folder, line) = (folder(), random.line());
        let output = run(folder.path(), &line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(code.is_some_and(|code| documented.contains(&code)), "{line:?} ended with {code:?}: {said}");
        assert!(!said.contains("panicked at"), "{line:?}: {said}");
        count += 1;
    }
    println!("{count} command lines");
}
