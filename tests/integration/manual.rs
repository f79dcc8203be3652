//! The manual and the README are true: every command in them is run, in order, in a fresh folder, and prints what they say.
//!
//! What a block of a page is:
//!
//! * `console`: lines that begin with `$ ` are typed, and what follows is printed. `…` on a line of its own stands for any lines.
//!   A command succeeds unless the next one is `echo $?`, which then prints its code; one that ends in `&` runs on.
//! * `sh`: a script of which every command succeeds.
//! * `yaml` and `python`, of which the first line is `# PATH`: a file, which is written before what comes after it is run.
//!
//! `skip="WHY"` behind `console` or `sh` says why a block is not run; they are counted. The server of the pages,
//! `https://ccs.example.com`, is a sandbox with the estate of the quickstart (where something is adopted, one client of it has a
//! password), and the port 8080 one that is free.
//!
//! `MANUAL=write cargo test --test integration manual` writes into the pages what is printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use icsync::sandbox::{Estate, Running, Sandbox, SandboxOptions};
use tokio::runtime::Runtime;

const SERVER: &str = "https://ccs.example.com";
const PORT: &str = "127.0.0.1:8080";
const KEY: &str = "quickstart-key\n";
/// How many blocks of a page cannot be run here; each says why.
const SKIPPED: [(&str, usize); 1] = [("README.md", 4)];

/// A page that a test changes or compares.
struct Page {
    path: PathBuf,
    lines: Vec<String>,
}

/// A fenced block: its lines are those between `start` and `end`.
struct Block {
    info: String,
    start: usize,
    end: usize,
}

impl Page {
    fn read(path: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).expect("a page");
        Self { path, lines: text.lines().map(str::to_owned).collect() }
    }

    fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open) = (Vec::new(), None);
        for (number, line) in self.lines.iter().enumerate() {
            let Some(info) = line.trim_start().strip_prefix("```") else { continue };
            match open.take() {
                None => open = Some((info.to_owned(), number + 1)),
                Some((info, start)) => blocks.push(Block { info, start, end: number }),
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", self.path.display());
        blocks
    }
}

/// One way through a page.
struct Walk {
    folder: tempfile::TempDir,
    _runtime: Runtime,
    running: Running,
    port: String,
    /// The run that was last printed: a command means it where it names one that is not known.
    run: Option<String>,
    /// The runs that the page names, and which they are here.
    names: BTreeMap<String, String>,
    code: i32,
    left: Vec<Child>,
}

impl Drop for Walk {
    fn drop(&mut self) {
        for child in &mut self.left {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Walk {
    fn start(page: &Path) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let mut estate = include_str!("../../examples/quickstart/estate.yaml").to_owned();
        if page.ends_with("adopt.md") {
            let (before, _) = estate.trim_end().rsplit_once(" }").expect("the settings of the last client");
            estate = format!("{before}, \"crm::password\": \"seven blue desks\" }}\n");
        }
        let options = SandboxOptions::new(Estate::parse(&estate, "estate.yaml").expect("an estate"));
        let running = runtime.block_on(Sandbox::spawn(options)).expect("a sandbox");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("work")).expect("a folder");
        std::fs::write(folder.path().join("cwd"), folder.path().join("work").display().to_string()).expect("a file");
        std::fs::write(folder.path().join("key"), KEY).expect("a file");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").to_string();
        Self { folder, _runtime: runtime, running, port, run: None, names: BTreeMap::new(), code: 0, left: Vec::new() }
    }

    /// Puts what is here in the place of what the page names.
    fn here(&self, text: &str) -> String {
        let text = text.replace(SERVER, self.running.url()).replace(PORT, &self.port);
        words(&text, |word| if is_run(word) { self.names.get(word).or(self.run.as_ref()).cloned() } else { None })
    }

    /// Learns which runs a page means by those that it names, in the order in which they stand. Two names for one run, or
    /// one name for two, are a mistake of the page.
    fn learn(&mut self, said: &str, printed: &str, wrong: &mut Vec<String>) {
        for (page, here) in runs_in(said).into_iter().zip(runs_in(printed)) {
            let other_name = self.names.iter().any(|(name, run)| *run == here && *name != page);
            let known = self.names.insert(page.clone(), here.clone());
            if other_name || known.is_some_and(|known| known != here) {
                wrong.push(format!("the page calls one run by two names, or two by one: {page}"));
            }
        }
    }

    /// Gives a line of the page with the runs that there are here.
    fn with_runs(&self, line: &str) -> String {
        words(line, |word| self.names.get(word).cloned())
    }

    /// The reverse.
    fn as_in_page(&self, text: &str) -> String {
        let folder = self.folder.path().join("work");
        text.replace(self.running.url(), SERVER).replace(&self.port, PORT).replace(&folder.display().to_string(), "~")
    }

    fn shell(&self, script: &str) -> Command {
        let state = self.folder.path();
        let binary = Path::new(env!("CARGO_BIN_EXE_icsync")).parent().expect("a folder");
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
        let script = format!(
            "cd \"$(cat {0}/cwd)\"; [ ! -e {0}/env ] || . {0}/env; exec 2>&1; (exit {1})\n{script}\n",
            state.display(),
            self.code
        );
        let mut command = Command::new("bash");
        let who = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
        command.args(["-c", &script]).current_dir(state).env_clear().env("PATH", path).env("HOME", state);
        command.envs(who.map(|name| (name, "kim@example.com"))).env("LC_ALL", "C.UTF-8");
        command.stdin(std::fs::File::open(state.join("key")).expect("the key"));
        command
    }

    /// Runs one command as a shell would in which all others were typed before, and gives what it prints on both streams.
    fn type_in(&mut self, line: &str) -> String {
        let line = self.here(line);
        if let Some(line) = line.strip_suffix(" &") {
            return self.leave_running(line);
        }
        let state = self.folder.path().display().to_string();
        let keep = format!("code=$?; export -p >{state}/env; pwd >{state}/cwd; exit $code");
        let output = self.shell(&format!("{line}\n{keep}")).output().expect("bash");
        self.code = output.status.code().unwrap_or(-1);
        self.printed(&String::from_utf8(output.stdout).expect("UTF-8"))
    }

    fn leave_running(&mut self, line: &str) -> String {
        let place = self.folder.path().join(format!("out{}", self.left.len()));
        let out = std::fs::File::create(&place).expect("a file");
        let child = self.shell(&format!("exec {line}")).stdout(out).stderr(Stdio::null()).spawn().expect("bash");
        self.left.push(child);
        self.code = 0;
        for _ in 0..600 {
            let text = std::fs::read_to_string(&place).expect("a file");
            if text.contains("key: ") {
                return self.printed(&text);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("`{line}` says nothing");
    }

    fn printed(&mut self, text: &str) -> String {
        words(text, |word| {
            if is_run(word) {
                self.run = Some(word.to_owned());
            }
            None
        });
        self.as_in_page(text)
    }

    fn write(&self, path: &str, text: &str) {
        let folder = std::fs::read_to_string(self.folder.path().join("cwd")).expect("a folder");
        let path = Path::new(folder.trim_end()).join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, self.here(text)).expect("a file");
    }
}

/// Puts something else in the place of some words.
fn words(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let inside = |one: char| one.is_ascii_alphanumeric() || matches!(one, ':' | '-' | '.' | '_');
    let (mut out, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        let length = rest.find(|one| !inside(one)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let bare = word.trim_end_matches(['.', ':', '-']);
        out.push_str(&other(bare).unwrap_or_else(|| bare.to_owned()));
        out.push_str(&word[bare.len()..]);
        let next = after.find(inside).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

fn runs_in(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    words(text, |word| {
        runs.extend(is_run(word).then(|| word.to_owned()));
        None
    });
    runs
}

/// Tells whether a word is a run: `20261124T052700Z-4900a2`.
fn is_run(word: &str) -> bool {
    word.len() == 23 && word.as_bytes()[8] == b'T' && word.as_bytes()[15..17] == *b"Z-"
}

/// Writes what differs from run to run in one way: runs, ids, digests, commits, times.
fn scrub(line: &str) -> String {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let scrubbed = words(line, |word| match word {
        _ if is_run(word) => Some("RUN".to_owned()),
        _ if word.starts_with("sha256:") || word.starts_with("hmac-sha256:") => Some("DIGEST".to_owned()),
        _ if word.len() > 24 && word.split(':').count() == 4 && word.split(':').all(hex) => Some("ID".to_owned()),
        _ if word.len() >= 7 && hex(word) && word.bytes().any(|byte| byte.is_ascii_lowercase()) => {
            Some("COMMIT".to_owned())
        }
        _ if word.len() >= 10 && word.starts_with("20") && word.as_bytes()[4] == b'-' => Some("TIME".to_owned()),
        _ if word.len() >= 8 && word.as_bytes()[2] == b':' && word.as_bytes()[5] == b':' => Some("TIME".to_owned()),
        _ if word.contains('.') && word.parse::<f64>().is_ok() => Some("N".to_owned()),
        _ => None,
    });
    scrubbed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells whether a text is what a page says, where `…` stands for any lines.
fn fits(said: &[&str], printed: &[&str]) -> bool {
    match said.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, others)| scrub(line) == scrub(first) && fits(rest, others))
        }
    }
}

/// Walks through a page and gives its lines with what was printed, and what it says otherwise.
fn walk(page: &Page) -> (Vec<String>, Vec<String>, usize) {
    let mut walk = Walk::start(&page.path);
    let (mut lines, mut wrong, mut skipped, mut copied) = (Vec::new(), Vec::new(), 0, 0);
    for Block { info, start, end } in page.blocks() {
        lines.extend_from_slice(&page.lines[copied..start]);
        copied = start;
        let indent = page.lines[start - 1].len() - page.lines[start - 1].trim_start().len();
        let own: Vec<&str> = page.lines[start..end].iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
        let (language, rest) = info.split_once(' ').unwrap_or((&info, ""));
        let path = own.first().and_then(|line| line.strip_prefix("# ")).filter(|path| !path.contains(' '));
        match (language, path) {
            ("console" | "sh", _) if rest.starts_with("skip=\"") && rest.len() > 12 => skipped += 1,
            ("console", _) => {
                let shown = session(&mut walk, &own, &mut wrong);
                lines.extend(shown.into_iter().map(|line| format!("{:indent$}{line}", "").trim_end().to_owned()));
                copied = end;
            }
            ("sh", _) => {
                walk.code = 0;
                let printed = walk.type_in(&format!("set -e\n{}\nset +e", own.join("\n")));
                if walk.code != 0 {
                    wrong.push(format!("exit {}: {}\n{printed}", walk.code, own.join("\n")));
                }
            }
            ("yaml" | "python", Some(path)) => walk.write(path, &(own.join("\n") + "\n")),
            ("text" | "json", _) => {}
            _ => wrong.push(format!("nobody knows what to do with a block of `{info}`: {own:?}")),
        }
    }
    lines.extend_from_slice(&page.lines[copied..]);
    (lines, wrong, skipped)
}

/// Types what a session types, and gives it with what is printed, or with what the page says where that fits.
fn session(walk: &mut Walk, own: &[&str], wrong: &mut Vec<String>) -> Vec<String> {
    let mut shown = Vec::new();
    let starts: Vec<usize> = (0..own.len()).filter(|at| own[*at].starts_with("$ ")).collect();
    if starts.first() != Some(&0) {
        wrong.push(format!("a session begins with a command: {own:?}"));
    }
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(own.len());
        let typed = own[*start].trim_start_matches("$ ");
        let said: Vec<&str> = own[start + 1..end].to_vec();
        let meant = walk.here(typed);
        walk.learn(typed, &meant, wrong);
        let printed = walk.type_in(typed);
        let lines: Vec<&str> = printed.lines().collect();
        let asked = starts.get(index + 1).is_some_and(|next| own[*next] == "$ echo $?");
        if walk.code != 0 && !asked {
            wrong.push(format!("exit {}: {typed}\n{printed}", walk.code));
        }
        shown.push(walk.with_runs(own[*start]));
        if fits(&said, &lines) {
            if said.len() == lines.len() {
                walk.learn(&said.join("\n"), &printed, wrong);
            }
            shown.extend(said.iter().map(|line| walk.with_runs(line)));
        } else {
            wrong.push(format!("`{typed}` prints\n{printed}\nand the page says\n{}", said.join("\n")));
            shown.extend(lines.iter().map(|line| line.trim_end().to_owned()));
        }
    }
    shown
}

fn check(path: &str) {
    let page = Page::read(path);
    let (lines, wrong, skipped) = walk(&page);
    // What is true stays as it is: the names of runs differ each time.
    if std::env::var_os("MANUAL").is_some() && path != "README.md" && !wrong.is_empty() {
        std::fs::write(&page.path, lines.join("\n") + "\n").expect("a page");
    }
    assert!(wrong.is_empty(), "{path}:\n{}", wrong.join("\n\n"));
    let known: BTreeMap<&str, usize> = BTreeMap::from(SKIPPED);
    assert_eq!(skipped, known.get(path).copied().unwrap_or_default(), "{path}: how many blocks are not run");
}

macro_rules! pages {
    ($($test:ident: $path:literal,)+) => {
        $(#[test]
        fn $test() {
            check($path);
        })+

        #[test]
        fn every_page_is_walked_through() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manual");
            let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
            let names = files.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.ends_with(".md"));
            let walked = [$($path),+];
            for name in names {
                assert!(walked.contains(&&*format!("src/manual/{name}")), "{name}");
            }
        }
    };
}

pages! {
    the_readme_is_true: "README.md",
    start_is_true: "src/manual/start.md",
    adopt_is_true: "src/manual/adopt.md",
    review_is_true: "src/manual/review.md",
    drift_is_true: "src/manual/drift.md",
    trouble_is_true: "src/manual/trouble.md",
    identity_is_true: "src/manual/identity.md",
    guard_is_true: "src/manual/guard.md",
    configuration_is_true: "src/manual/configuration.md",
    definitions_is_true: "src/manual/definitions.md",
    environment_is_true: "src/manual/environment.md",
    formats_is_true: "src/manual/formats.md",
    sandbox_is_true: "src/manual/sandbox.md",
    api_is_true: "src/manual/api.md",
    security_is_true: "src/manual/security.md",
    compared_is_true: "src/manual/compared.md",
}

#[test]
fn what_differs_from_run_to_run_is_no_difference() {
    let said =
        "run 20261124T052700Z-4900a2  id 9ef4205f489de1f1:-2ef0b2fd:1acbc87e1e1:-51e3 in 0.07 s, 417/1/01234567120";
    let printed =
        "run 20271124T052700Z-0123ab id 1ef4205f489de1f1:-2ef0b2fe:1acbc87e1e1:-1 in 1.29 s, 417/1/01234567120";
    assert!(fits(&[said, "…", "end"], &[printed, "a", "b", "end"]));
    assert!(!fits(&[said, "…", "end"], &[printed, "a", "b"]));
    assert!(!fits(&["1 to add"], &["2 to add"]));
}
