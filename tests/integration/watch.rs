//! `icsync watch`: a compressed story, told by metrics, page, health and stderr; signals; following a branch.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{ESTATE, ONE, Run, World};

/// Longer than anything here takes on the slowest machine; nothing waits for it but a test that fails.
const PATIENCE: Duration = Duration::from_mins(1);
const BY_HAND: &str = "telsys/417/partition/1/device/01/integratorClient/00000000000000aa:1:1:1";

/// A process that watches.
struct Watch<'a> {
    world: &'a World,
    child: Child,
    url: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl<'a> Watch<'a> {
    fn start(world: &'a World, arguments: &[&str]) -> Self {
        Self::every("100ms", world, arguments)
    }

    fn every(interval: &str, world: &'a World, arguments: &[&str]) -> Self {
        let mut command = world.command(&["watch", "--interval", interval, "--jitter", "0%"]);
        let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().expect("the binary");
        let lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| heard.lock().expect("no panic").push(line));
        });
        let mut watch = Self { world, child, url: String::new(), said };
        watch.wait("the address", |watch| watch.said().iter().any(|line| line.starts_with("listening: ")));
        let line = watch.said().into_iter().find(|line| line.starts_with("listening: ")).expect("the line");
        line["listening: ".len()..].split("/ ").next().expect("a URL").clone_into(&mut watch.url);
        watch
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().expect("no panic").clone()
    }

    #[track_caller]
    fn wait(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "no {what}\n{}\n{}", self.said().join("\n"), self.get("/metrics").1);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        if self.url.is_empty() { (0, String::new()) } else { self.world.get(&format!("{}{path}", self.url), &[]) }
    }

    /// Reads the whole part of the numbers of `/metrics`, each by its name and labels.
    fn metrics(&self) -> BTreeMap<String, u64> {
        let (status, text) = self.get("/metrics");
        assert_eq!(status, 200);
        let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
        let whole = |value: &str| value.split('.').next().and_then(|whole| whole.parse().ok()).expect("a number");
        samples.map(|(name, value)| (name.to_owned(), whole(value))).collect()
    }

    fn metric(&self, name: &str) -> u64 {
        self.metrics().get(name).copied().unwrap_or_default()
    }

    fn rounds(&self, outcome: &str) -> u64 {
        self.metric(&format!("icsync_rounds_total{{outcome=\"{outcome}\"}}"))
    }

    /// Waits until so many more rounds have ended so.
    #[track_caller]
    fn wait_for(&self, outcome: &str, more: u64) {
        let enough = self.rounds(outcome) + more;
        self.wait(outcome, |watch| watch.rounds(outcome) >= enough);
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill").success());
    }

    /// Ends it as a supervisor does.
    fn end(mut self) -> Run {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).stderr(Stdio::null()).status();
        let code = self.child.wait().expect("ended").code().unwrap_or(-1);
        Run { code, stdout: String::new(), stderr: self.said().join("\n") }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rounds that were kept, in order.
fn history(world: &World) -> Vec<Value> {
    world.read(".icsync/watch.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The lines that tell of a change, without their times.
fn alerts(said: &str) -> Vec<&str> {
    let timed = said.lines().filter(|line| line.starts_with("20"));
    timed.filter_map(|line| line.split_once("Z ").map(|(_, alert)| alert)).collect()
}

/// How long each part of the story is; by hand it can be longer.
fn rounds_of_a_part() -> u64 {
    std::env::var("ICSYNC_WATCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

#[test]
fn a_story_is_told_by_metrics_page_health_and_stderr_and_no_rounds_overlap() {
    let world = World::in_sync();
    world.configure("manage: [{telsys: 417}]\nrequests: {retries: 0}");
    let watch = Watch::start(&world, &[]);
    let part = rounds_of_a_part();
    let page = |words: &str| watch.wait(words, |watch| watch.get("/").1.contains(words));
    watch.wait_for("in_sync", part);
    page("<h2 class=\"verdict\">in sync</h2>");
    assert_eq!((watch.get("/healthz").0, watch.get("/readyz").0), (200, 200));
    let drifted = "icsync_clients{telsys=\"417\",state=\"drifted\"}";
    assert_eq!(watch.metric(drifted), 0);

    assert_eq!(world.send("PUT", BY_HAND, r#"{"Description":"by hand"}"#), 204);
    watch.wait_for("differs", part);
    assert_eq!(watch.metric(drifted), 1);
    page("by hand");

    world.faults("- { operation: list, effect: drop_before }");
    watch.wait_for("unreachable", 3);
    page("the server does not answer");
    assert!(watch.metric("icsync_failures_in_a_row") >= 3);
    watch.wait("not ready", |watch| watch.get("/readyz").0 == 503);
    assert_eq!(watch.get("/healthz").0, 200);

    world.faults("[]");
    watch.wait_for("differs", part);
    assert_eq!(watch.metric("icsync_failures_in_a_row"), 0);
    world.run(&["apply", "--auto-approve"]).expect(0);
    watch.wait_for("in_sync", part);

    world.write("clients/one.yaml", "kind: [");
    watch.wait("broken", |watch| watch.metric("icsync_definitions_broken") == 1);
    watch.wait_for("in_sync", part);
    page("the files cannot be used");
    world.write("clients/one.yaml", ONE);
    watch.wait("mended", |watch| watch.metric("icsync_definitions_broken") == 0);

    world.faults("- { operation: list, effect: answer, status: 403, code: 30000 }");
    watch.wait_for("not_permitted", 2);
    page("not authenticated or not permitted");
    world.faults("[]");
    watch.wait_for("in_sync", part);

    let run = watch.end().expect(0);
    assert_eq!(
        alerts(&run.stderr).iter().map(|line| line.split(": ").next().expect("words")).collect::<Vec<_>>(),
        [
            "live and git differ",
            "the server does not answer",
            "live and git differ",
            "all is in sync again",
            "the files cannot be used",
            "the files can be used again, and all is in sync",
            "not authenticated or not permitted",
            "all is in sync again",
        ],
        "{}",
        run.stderr
    );
    assert_no_overlap(&history(&world));
    assert_eq!(world.count(icsync::sandbox::Operation::Add), 0);
}

/// Each round begins after the one before it has ended.
#[track_caller]
fn assert_no_overlap(rounds: &[Value]) {
    let moment = |round: &Value| round["began"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    for pair in rounds.windows(2) {
        let between = moment(&pair[1]).duration_since(moment(&pair[0])).as_secs_f64();
        assert!(between >= pair[0]["seconds"].as_f64().expect("seconds"), "{pair:#?}");
    }
    assert!(rounds.len() > 10, "{}", rounds.len());
}

#[test]
fn with_apply_it_turns_back_what_others_change_refuses_what_apply_refuses_and_holds_while_files_are_invalid() {
    let world = World::in_sync();
    world.configure("manage: [{telsys: 417}]\nprune: delete\nlimits: {delete: {count: 0}}\nrequests: {settle: 10ms}");
    let watch = Watch::start(&world, &["--apply"]);
    watch.wait_for("in_sync", 1);
    assert_eq!(world.send("PUT", BY_HAND, r#"{"Description":"by hand"}"#), 204);
    watch.wait_for("applied", 1);
    watch.wait_for("in_sync", 1);
    assert_eq!(watch.metric("icsync_steps_total{action=\"change\",outcome=\"applied\"}"), 1);

    // What the files are to say is not known: nothing is written.
    world.write("clients/two.yaml", "kind: [");
    watch.wait("broken", |watch| watch.metric("icsync_definitions_broken") == 1);
    assert_eq!(world.send("PUT", BY_HAND, r#"{"Description":"again"}"#), 204);
    watch.wait_for("differs", 3);
    assert!(world.clients(417)[0].to_string().contains("again"));
    world.remove("clients/two.yaml");
    watch.wait_for("applied", 1);
    assert!(!world.clients(417)[0].to_string().contains("again"));

    // A limit refuses, and the process goes on.
    let unwanted = "telsys/417/partition/1/device/02/integratorClient/";
    assert_eq!(world.send("POST", unwanted, r#"{"Description":"?"}"#), 200);
    watch.wait_for("refused", 3);
    assert_eq!(watch.metric("icsync_refusals{rule=\"limits.delete\"}"), 1);
    assert_eq!(world.clients(417).len(), 2);
    let run = watch.end().expect(0);
    let advice = "allow just this with `icsync apply --max-deletes 1 --target test`, by hand and once";
    assert!(run.stderr.contains(advice), "{}", run.stderr);
    let runs = world.run(&["runs"]).expect(0).stdout;
    assert_eq!(runs.lines().filter(|line| line.contains("ended, 1 step: 1 applied")).count(), 2, "{runs}");
}

#[test]
fn hup_begins_a_round_at_once_and_so_does_a_file_and_rounds_outlive_the_process() {
    let world = World::in_sync();
    let watch = Watch::every("1h", &world, &[]);
    watch.wait("the first round", |watch| watch.rounds("in_sync") == 1);
    watch.signal("HUP");
    watch.wait("another round", |watch| watch.rounds("in_sync") == 2);
    world.edit("clients/one.yaml", "description: one", "description: another");
    watch.wait("a round for the file", |watch| watch.rounds("differs") == 1);
    watch.end().expect(0);
    let triggers: Vec<Value> = history(&world).iter().map(|round| round["trigger"].clone()).collect();
    assert_eq!(triggers, ["start", "reload", "files"]);
    let again = Watch::every("1h", &world, &[]);
    again.wait("a round", |watch| watch.rounds("differs") == 1);
    let second = world.run(&["watch", "--apply"]).expect(1);
    assert!(second.stderr.contains("another `icsync watch` of this target"), "{}", second.stderr);
    assert_eq!(again.get("/").1.matches("<tr data-outcome=").count(), 4);
    let run = again.end().expect(0);
    assert_eq!(alerts(&run.stderr), Vec::<&str>::new(), "what stands as before the restart is no news");
}

#[test]
fn readers_alone_are_answered_and_only_under_names_that_are_known() {
    let mut world = World::in_sync();
    world.set("CCS_API_KEY", "test-key");
    let watch = Watch::start(&world, &["--host", "icsync.example.com"]);
    watch.wait_for("in_sync", 1);
    let get = |path: &str, headers: &[(&str, &str)]| world.get(&format!("{}{path}", watch.url), headers).0;
    assert_eq!(get("/", &[("host", "icsync.example.com")]), 200);
    assert_eq!(get("/", &[("host", "evil.example.com")]), 403);
    assert_eq!(get("/metrics", &[("origin", "https://evil.example.com")]), 403);
    assert_eq!(get("/config", &[]), 404);
    assert_eq!(world.ask("POST", &format!("{}/", watch.url)), 405);
    for path in ["/", "/metrics"] {
        assert!(!watch.get(path).1.contains("test-key"));
    }
    watch.end().expect(0);
}

/// Runs git as somebody.
fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(arguments);
    let done = git.stdin(Stdio::null()).output().expect("git");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_branch_is_followed_what_is_merged_is_pending_until_it_is_live_and_nothing_of_the_clone_is_lost() {
    let world = World::in_sync();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = world.path("");
    world.write(".gitignore", ".icsync/\n");
    git(&folder, &["init", "--quiet", "--initial-branch", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "--message", "first"]);
    git(elsewhere.path(), &["clone", "--quiet", "--bare", &folder.to_string_lossy(), "there.git"]);
    git(elsewhere.path(), &["clone", "--quiet", "there.git", "work"]);
    git(&folder, &["remote", "add", "origin", &elsewhere.path().join("there.git").to_string_lossy()]);
    git(&folder, &["fetch", "--quiet"]);
    git(&folder, &["branch", "--quiet", "--set-upstream-to", "origin/main"]);
    let watch = Watch::start(&world, &["--follow", "main"]);
    watch.wait_for("in_sync", 1);

    let work = elsewhere.path().join("work");
    let merge = |description: &str| {
        let text = ONE.replace("description: one", &format!("description: {description}"));
        std::fs::write(work.join("clients/one.yaml"), text).expect("written");
        git(&work, &["commit", "--quiet", "--all", "--message", description]);
        git(&work, &["push", "--quiet"]);
    };
    merge("merged");
    watch.wait_for("differs", 1);
    assert_eq!(watch.metric("icsync_clients{telsys=\"417\",state=\"pending\"}"), 1, "git changed, and not the server");
    assert!(world.read("clients/one.yaml").contains("merged"));

    // A clone with a change of its own is left as it is, and says so.
    world.edit("clients/one.yaml", "merged", "mine");
    merge("later");
    watch.wait("a complaint", |watch| watch.metric("icsync_definitions_broken") == 1);
    assert!(world.read("clients/one.yaml").contains("mine"));
    git(&folder, &["restore", "."]);
    watch.wait("the branch again", |_| world.read("clients/one.yaml").contains("later"));
    let run = watch.end().expect(0);
    assert!(run.stderr.contains("the working tree cannot take over `main`"), "{}", run.stderr);

    // A remote that cannot be reached is no reason not to compare.
    git(&folder, &["remote", "set-url", "origin", &elsewhere.path().join("nowhere.git").to_string_lossy()]);
    let watch = Watch::start(&world, &["--follow", "main"]);
    watch.wait_for("differs", 2);
    assert_eq!(watch.metric("icsync_definitions_broken"), 1);
    assert_eq!(watch.metric("icsync_clients{telsys=\"417\",state=\"pending\"}"), 1, "what was live is remembered");
    watch.end().expect(0);
}

/// A receiver of notices that answers with these statuses, and then with 200; gives what it got.
fn receiver(statuses: &'static [u16]) -> (String, std::sync::mpsc::Receiver<(String, String)>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/secret-path", listener.local_addr().expect("an address"));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line") > 0 {}
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.expect("a length")];
            reader.read_exact(&mut body).expect("a body");
            let status = statuses.get(number).unwrap_or(&200);
            let answer = format!("HTTP/1.1 {status} OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("written");
            let _ = sender.send((head, String::from_utf8(body).expect("text")));
        }
    });
    (url, receiver)
}

#[test]
fn webhooks_are_told_of_changes_once_again_where_that_failed_and_never_hold_up_a_round() {
    let mut world = World::in_sync();
    let (url, notices) = receiver(&[503]);
    world.set("HOOK", &url);
    world.set("HOOK_KEY", "key-of-notices");
    let watch = Watch::start(&world, &["--notify", "json=env:HOOK", "--notify-key", "env:HOOK_KEY"]);
    watch.wait_for("in_sync", 3);
    assert_eq!(world.send("PUT", BY_HAND, r#"{"Description":"by hand"}"#), 204);
    watch.wait_for("differs", 3);
    let (head, refused) = notices.recv_timeout(PATIENCE).expect("a notice");
    let (_, body) = notices.recv_timeout(PATIENCE).expect("the notice again");
    assert_eq!(refused, body);
    assert!(head.to_lowercase().contains("\r\nx-icsync-signature-256: sha256="), "{head}");
    let notice: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&notice["before"], &notice["outcome"]), (&Value::from("in_sync"), &Value::from("differs")));
    watch.wait("a count", |watch| watch.metric("icsync_notices_total{outcome=\"sent\"}") == 1);
    let run = watch.end().expect(0);
    assert!(notices.try_recv().is_err(), "nothing else changed");
    assert!(!run.stderr.contains("secret-path") && !run.stderr.contains("key-of-notices"), "{}", run.stderr);
}

#[test]
fn a_webhook_that_would_be_reached_without_encryption_is_refused_at_once() {
    let mut world = World::in_sync();
    world.set("HOOK", "http://hooks.example.com/secret-path");
    let run = world.run(&["watch", "--notify", "slack=env:HOOK"]).expect(3);
    assert!(run.stderr.contains("https://") && !run.stderr.contains("secret-path"), "{}", run.stderr);
    let run = world.run(&["watch", "--notify", "slack=env:NO_HOOK"]).expect(4);
    assert!(run.stderr.contains("help: `--notify` names it") && !run.stderr.contains("`auth`"), "{}", run.stderr);
    world.run(&["watch", "--notify", "slack=https://hooks.example.com/secret-path"]).expect(64);
}

#[test]
fn a_supervisor_is_told_that_it_is_ready_alive_and_ending() {
    let mut world = World::in_sync();
    let path = world.path("notify");
    let supervisor = std::os::unix::net::UnixDatagram::bind(&path).expect("a socket");
    supervisor.set_read_timeout(Some(PATIENCE)).expect("set");
    world.set("NOTIFY_SOCKET", &path.to_string_lossy());
    world.set("WATCHDOG_USEC", "100000");
    let watch = Watch::start(&world, &[]);
    let hear = |wanted: &str| {
        let mut buffer = [0; 512];
        let mut next = || {
            let length = supervisor.recv(&mut buffer).expect("a message");
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        while !next().starts_with(wanted) {}
    };
    hear("READY=1");
    hear("WATCHDOG=1");
    hear("STATUS=waiting; last: in sync");
    watch.signal("TERM");
    hear("STOPPING=1");
    watch.end().expect(0);
}

#[test]
fn a_signal_in_the_middle_of_an_apply_finishes_what_is_in_flight_and_the_journal_tells_the_rest() {
    let world = World::of(ESTATE);
    world.configure("manage: [{telsys: 417}]\nrequests: {parallelism: 1}");
    let document = |device: &str| {
        format!(
            "---\nkind: IntegratorClient\nname: c{device}\nscope: {{telsys: 417, partition: 1, device: \"{device}\"}}\ndescription: x\n"
        )
    };
    world.write("clients/all.yaml", &["01", "02", "03"].map(document).concat());
    world.faults(
        "- { operation: add, effect: delay, latency_ms: 400 }\n- { operation: change, effect: delay, latency_ms: 400 }",
    );
    let watch = Watch::start(&world, &["--apply"]);
    watch.wait("a write", |_| world.writes() > 0);
    let run = watch.end().expect(0);
    let runs = world.run(&["runs"]).expect(0).stdout;
    assert!(runs.contains("interrupted, 3 steps: 1 applied") && !runs.contains("in doubt"), "{runs}{}", run.stderr);
    assert_eq!(world.writes(), 1);
}

#[test]
fn a_write_that_hangs_when_a_signal_ends_the_process_is_said_to_be_in_doubt() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: first");
    world.faults("- { operation: change, effect: delay, latency_ms: 60000 }");
    let hanging = || {
        let watch = Watch::every("1h", &world, &["--apply"]);
        let before = world.writes();
        watch.wait("a write", |_| world.writes() > before);
        watch
    };
    let named = |stderr: &str| {
        let run = stderr.split("run ").find_map(|rest| rest.split_once(" is left in doubt")).expect("a run").0;
        assert!(
            stderr.contains("step 1 had been sent") && stderr.contains(&format!("`icsync runs {run}`")),
            "{stderr}"
        );
        let runs = world.run(&["runs", run]).expect(0).stdout;
        assert!(runs.contains("doubt"), "{runs}");
    };
    let Run { stderr, .. } = hanging().end().expect(8);
    assert!(stderr.contains("has 10 s to be finished") && !stderr.contains("is finished"), "{stderr}");
    named(&stderr);
    let watch = hanging();
    watch.signal("TERM");
    watch.wait("the end", |watch| watch.said().iter().any(|line| line.starts_with("ending")));
    let Run { stderr, .. } = watch.end().expect(130);
    named(&stderr);
}

#[test]
fn what_a_window_holds_waits_and_the_page_and_the_metrics_say_so() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    let window = |telsys| {
        format!(
            "manage: [{{telsys: 417}}]\nrollout: {{ waves: [1] }}\nwindows: [{{ telsys: {telsys}, deny: Mon-Sun, zone: Europe/London }}]"
        )
    };
    world.configure(&window(417));
    let watch = Watch::start(&world, &["--apply"]);
    watch.wait_for("withheld", 2);
    assert_eq!(watch.metric("icsync_withheld_steps{telsys=\"417\"}"), 1);
    assert_eq!(world.writes(), 0);
    let page = watch.get("/").1;
    assert!(
        page.contains("Waiting for a window") && page.contains("1 step: the window 417/all/all: Mon-Sun"),
        "{page}"
    );
    world.configure(&window(426));
    watch.wait_for("applied", 1);
    watch.wait_for("in_sync", 1);
    assert_eq!(watch.metric("icsync_withheld_steps{telsys=\"417\"}"), 0);
    assert!(!watch.get("/").1.contains("Waiting for a window"));
    let told = watch.end();
    let told = alerts(&told.stderr);
    assert!(told[0].starts_with("waiting for a window: 1 step: the window"), "{told:?}");
    assert_eq!(told.iter().filter(|one| one.starts_with("waiting")).count(), 1, "{told:?}");
}

#[test]
fn nobody_is_asked_between_the_waves_of_a_watch() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "description: two");
    world.configure("manage: [{telsys: 417}]\nrollout: { waves: [1], pause: ask }");
    let watch = Watch::start(&world, &["--apply"]);
    watch.wait_for("refused", 2);
    assert_eq!(world.writes(), 0);
    world.configure("manage: [{telsys: 417}]\nrollout: { waves: [1], pause: 1h }");
    watch.wait_for("applied", 1);
    watch.wait_for("in_sync", 1);
}
