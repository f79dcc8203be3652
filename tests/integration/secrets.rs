//! The canary search: values that go in through every door for secrets are looked for in everything that comes out.

use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::review::git;
use crate::world::{ESTATE, ONE, Run, World};

/// Every canary holds this; what may come out of it in another form stands in [`leaks`].
const CANARY: &str = "canary";
const KEY: &str = "canary-api-key-1";
const PASSWORD: &str = "canary-password-2";
/// What stands in the live settings of the first client before anything is applied.
const LIVE: &str = "canary-live-3";
const WRITTEN: &str = "canary-written-4";
const VARIABLE: &str = "canary-variable-5";
const PLAN_KEY: &str = "canary-plan-key-6";

/// Tells which canary a text holds, in whatever form.
fn leaks(text: &str) -> Option<String> {
    // `admin:canary-password-2` as HTTP Basic writes it, without its first and last letters, which depend on what surrounds them.
    let forms = [CANARY, "Y2FuYXJ5", "YW5hcn", "%63anary", "63616e617279"];
    let plain = text.to_lowercase();
    let found = forms.iter().find(|form| text.contains(**form) || plain.contains(**form))?;
    let at = text.find(found).or_else(|| plain.find(found)).unwrap_or_default();
    let around = text.get(at.saturating_sub(120)..).unwrap_or(text);
    Some(around.chars().take(300).collect())
}

/// An estate whose credentials and one live value are canaries, and definitions with others, in a git repository.
fn world() -> World {
    let estate = ESTATE
        .replacen("secret-word", PASSWORD, 1)
        .replacen("test-key", KEY, 1)
        .replace(r#""ui::b": "text" }"#, &format!(r#""ui::b": "text", "crm::password": "{LIVE}" }}"#));
    let mut world = World::of(&estate);
    for (name, value) in [
        ("CCS_API_KEY", KEY),
        ("CCS_USER", "admin"),
        ("CCS_PASSWORD", PASSWORD),
        ("CRM", VARIABLE),
        ("ICSYNC_PLAN_KEY", PLAN_KEY),
    ] {
        world.set(name, value);
    }
    let temporary = world.path("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    world.set("TMPDIR", &temporary.to_string_lossy());
    world.write("secrets/key", &format!("{KEY}\n"));
    world.write(".gitignore", "/secrets\n/out\n/temporary\n.icsync\n");
    world.configure(RULES);
    let with = |value: &str| ONE.replace(r#""ui::b": text"#, &format!(r#""ui::b": text, "crm::password": "{value}""#));
    world.write("clients/one.yaml", &with(WRITTEN));
    let two = with("${env.CRM}").replace("name: one", "name: two").replace("device: \"01\"", "device: \"02\"");
    world.write("clients/two.yaml", &two);
    git(&world, &["init", "--quiet"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "--quiet", "-m", "first"]);
    world
}

const RULES: &str = "manage: [{ telsys: 417 }]\nsensitive: [\"settings.crm::password\"]";

/// The ways to log in, each with a credential that is a canary.
const AUTH: [&str; 3] = [
    "{ api_key: { env: CCS_API_KEY } }",
    "{ api_key: { file: secrets/key } }",
    "{ login: { username: { env: CCS_USER }, password: { env: CCS_PASSWORD } } }",
];

/// What writes no document, or shows what it does without writing.
const COMMANDS: [&[&str]; 13] = [
    &["validate"],
    &["list"],
    &["show", "--effective", "two"],
    &["keys"],
    &["plan"],
    &["plan", "--full"],
    &["plan", "--out", "out/plan.json"],
    &["show", "out/plan.json"],
    &["drift"],
    &["drift", "--since", "HEAD"],
    &["diff", "HEAD"],
    &["runs"],
    &["fmt", "--check"],
];

/// Gives the formats that a command offers by its own words; none for one without documents.
fn formats(world: &World, command: &[&str]) -> Vec<String> {
    let said = world.run(&[command, &["-o", "nonsense"]].concat()).stderr;
    let offered = said.split("is not one of ").nth(1).and_then(|rest| rest.lines().next());
    // Numbers for a widget are of plans only.
    let has = |format: &&str| *format != "gitlab" || matches!(command, ["plan" | "show" | "rollback", ..]);
    offered.into_iter().flat_map(|list| list.split(", ")).filter(has).map(str::to_owned).collect()
}

#[track_caller]
fn search(run: &Run, what: &str) {
    for (place, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        assert_eq!(leaks(text), None, "{what} ({}): {place}", run.code);
    }
}

/// Searches every file below a folder except those through which the canaries came in.
fn search_files(folder: &Path, found: &mut usize) {
    let doors = ["secrets", ".git", "clients", "sandbox.db"];
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if doors.contains(&&*name) {
            continue;
        }
        if entry.path().is_dir() {
            search_files(&entry.path(), found);
            continue;
        }
        *found += 1;
        let bytes = std::fs::read(entry.path()).expect("a file");
        assert_eq!(leaks(&String::from_utf8_lossy(&bytes)), None, "{}", entry.path().display());
    }
}

#[test]
fn no_canary_of_any_door_is_in_any_output() {
    let world = world();
    std::fs::create_dir(world.path("out")).expect("a folder");
    let all = formats(&world, &["plan"]);
    assert!(all.len() > 6, "{all:?}");
    for (number, auth) in AUTH.iter().enumerate() {
        world.configure_auth(auth, RULES);
        for command in COMMANDS {
            search(&world.run(&[command, &["-vvv"]].concat()), &format!("{command:?} {auth} -vvv"));
            search(
                &world.run(&[command, &["-vvv", "--log-format", "json"]].concat()),
                &format!("{command:?} {auth} json"),
            );
            // How somebody logs in changes no format.
            for format in all.iter().filter(|_| number == 0) {
                search(&world.run(&[command, &["-o", format]].concat()), &format!("{command:?} {format}"));
            }
        }
    }
    // The search sees what there is to be seen, and the plan does speak of the key whose values it hides.
    assert!(world.run(&["plan"]).expect(0).stdout.contains("crm::password"));
    assert!(leaks(&world.state().to_string()).is_some());
}

const WITHOUT_SENSITIVE: &str = "manage: [{ telsys: 417 }]";

/// Commits the world as it would be without these files of its own, which then are there again.
fn commit_otherwise(world: &World, edit: impl FnOnce(&World)) {
    let config = world.read("icsync.yaml");
    edit(world);
    git(world, &["add", "--all"]);
    git(world, &["commit", "--quiet", "-m", "otherwise"]);
    world.write("icsync.yaml", &config);
}

#[test]
fn a_plan_hides_what_a_revision_calls_sensitive_and_does_the_same() {
    let world = world();
    std::fs::create_dir(world.path("out")).expect("a folder");
    let digest = |arguments: &[&str]| {
        world.run(&[&["plan", "-o", "json"], arguments].concat()).expect(0).json()["steps_digest"].clone()
    };
    assert_eq!(digest(&[]), digest(&["--sensitive-at", "HEAD"]), "nothing is hidden that was not");
    world.configure(WITHOUT_SENSITIVE);
    assert!(leaks(&world.run(&["plan"]).expect(0).stdout).is_some());
    for format in formats(&world, &["plan"]) {
        let plan = ["plan", "--sensitive-at", "HEAD", "-vvv", "--out", "out/plan.json", "-o", &format];
        search(&world.run(&plan).expect(0), &format);
        search(&world.run(&["show", "out/plan.json", "-o", &format]).expect(0), &format);
    }
    search_files(&world.path("out"), &mut 0);
    let plan = world.run(&["plan", "--sensitive-at", "HEAD"]).expect(0).stdout;
    assert!(plan.contains("hides what is sensitive at ") && plan.contains("(sensitive, changed)"), "{plan}");
    world.run(&["plan", "--check", "out/plan.json"]).expect(0);
    world.run(&["plan", "--check", "out/plan.json", "--sensitive-at", "HEAD"]).expect(64);
    search(&world.run(&["apply", "out/plan.json", "-vvv"]).expect(0), "apply");
    search_files(&world.path(""), &mut 0);
    assert!(world.state().to_string().contains(WRITTEN));
    world.run(&["plan", "--sensitive-at", "nowhere"]).expect(1);
}

#[test]
fn where_nobody_knows_what_a_revision_calls_sensitive_a_plan_hides_everything() {
    let world = world();
    world.configure(WITHOUT_SENSITIVE);
    let hides = |why: &str| {
        let run = world.run(&["plan", "--sensitive-at", "HEAD"]).expect(0);
        search(&run, why);
        assert!(
            run.stderr.contains(&format!("warning: the configuration there {why}: all values are hidden")),
            "{run:?}"
        );
    };
    commit_otherwise(&world, |world| world.write("icsync.yaml", "kind: Config\nsensitive: [\n"));
    hides("does not load");
    commit_otherwise(&world, |world| {
        world.write("phones/icsync.yaml", &world.read("icsync.yaml"));
        world.remove("icsync.yaml");
    });
    hides("is in another place");
    // Where there was none at all, and where the definitions alone have mistakes, that is known.
    commit_otherwise(&world, |world| {
        world.remove("phones/icsync.yaml");
        world.remove("icsync.yaml");
    });
    assert!(leaks(&world.run(&["plan", "--sensitive-at", "HEAD"]).expect(0).stdout).is_some());
    let one = world.read("clients/one.yaml");
    commit_otherwise(&world, |world| {
        world.configure(RULES);
        world.write("clients/one.yaml", "kind: [");
    });
    world.write("clients/one.yaml", &one);
    let run = world.run(&["plan", "--sensitive-at", "HEAD"]).expect(0);
    search(&run, "broken definitions");
    assert!(!run.stderr.contains("all values are hidden"), "{run:?}");
}

#[test]
fn no_canary_is_in_what_writing_leaves_behind() {
    let world = world();
    std::fs::create_dir(world.path("out")).expect("a folder");
    let outputs: Vec<String> = formats(&world, &["apply"])
        .iter()
        .flat_map(|format| ["-o".to_owned(), format!("{format}=out/apply.{format}")])
        .collect();
    assert!(outputs.len() > 12, "{outputs:?}");
    let mut apply = vec!["apply", "--auto-approve", "-vvv", "--log-format", "json"];
    apply.extend(outputs.iter().map(String::as_str));
    let run = world.run(&apply).expect(0);
    search(&run, "apply");
    let state = world.state().to_string();
    assert!(state.contains(WRITTEN) && state.contains(VARIABLE), "{state}");
    let runs = world.run(&["runs", "-o", "json"]).expect(0);
    let id = runs.json()["runs"][0]["id"].as_str().map(str::to_owned);
    let id =
        id.unwrap_or_else(|| runs.stdout.split('"').find(|word| word.starts_with("20")).expect("a run").to_owned());
    search(&world.run(&["rollback", &id, "--out", "out/back.json", "-vvv"]), "rollback");
    for format in formats(&world, &["plan"]) {
        search(&world.run(&["rollback", &id, "--out", "out/back.json", "-o", &format]), &format);
        search(&world.run(&["apply", "out/back.json", "--stop-after", "0", "--auto-approve", "-o", &format]), &format);
    }
    search(&world.run(&["keys", "--write"]), "keys --write");
    search(&world.run(&["pin", "-vvv"]), "pin");
    // What export takes over is what nothing defines.
    world.remove("clients/two.yaml");
    world.remove("clients/one.yaml");
    world.configure(RULES);
    for form in
        [&["export", "--into", "out/export"][..], &["export", "--into", "out/env", "--sensitive", "env"], &["export"]]
    {
        search(&world.run(form), &format!("{form:?}"));
    }
    let mut found = 0;
    search_files(&world.path("."), &mut found);
    assert!(found >= 12 && world.path(".icsync/runs").read_dir().is_ok_and(|runs| runs.count() > 0), "{found}");
    assert_eq!(std::fs::read_dir(world.path("temporary")).expect("a folder").count(), 0);
}

#[test]
fn what_a_server_repeats_of_a_credential_is_blanked_in_every_format() {
    let world = world();
    for (effect, code) in [
        (format!("status: 400, body: '{{\"Message\":\"no: {KEY}\"}}'"), 1),
        (format!("status: 200, body: 'x-api-key {KEY}'"), 1),
        (format!("status: 401, body: '<html><title>{KEY}</title>{KEY}</html>'"), 4),
        (format!("status: 400, body: '{{\"Result\":\"{KEY}\",\"ErrorCode\":30000,\"ErrorMessage\":\"{KEY}\"}}'"), 4),
        (format!("status: 200, body: '{{\"Result\":\"Success\",\"Data\":{{\"Total\":\"{KEY}\"}}}}'"), 1),
        (
            format!(
                "status: 200, body: '{{\"Result\":\"Success\",\"Data\":{{\"Total\":1,\"Items\":[{{\"ID\":\"a:1\",\"PartitionID\":\"{KEY}\"}}]}}}}'"
            ),
            0,
        ),
    ] {
        world.faults(&format!("- {{ operation: list, effect: answer, {effect} }}"));
        world.configure(&format!("{RULES}\nrequests: {{ retries: 0 }}"));
        // What is said of a failure is made once, before any format.
        let all = formats(&world, &["plan"]);
        let some = if effect.contains("\"Message\"") { &all[..] } else { &all[..2] };
        for format in some {
            let run = world.run(&["plan", "-o", format, "-vvv"]);
            assert_eq!(run.code == 0, code == 0, "{effect}: {}", run.stderr);
            search(&run, &format!("{format} {effect}"));
        }
    }
}

#[test]
fn what_a_server_repeats_of_a_sensitive_value_is_blanked_in_outcomes_and_journals() {
    for value in [WRITTEN, VARIABLE, LIVE] {
        let world = world();
        std::fs::create_dir(world.path("out")).expect("a folder");
        world.configure(&format!("{RULES}\nrequests: {{ retries: 0 }}"));
        let body = format!(r#"{{"Result":"Failure","ErrorCode":30000,"ErrorMessage":"{value} is a bad password"}}"#);
        let fault =
            |operation| format!("- {{ operation: {operation}, effect: answer, status: 400, body: '{body}' }}\n");
        world.faults(&["add", "change"].map(fault).concat());
        let outputs = ["text", "json", "html", "junit", "markdown"].map(|format| format!("{format}=out/{format}"));
        let mut apply = vec!["apply", "--auto-approve", "--keep-going", "-vvv"];
        apply.extend(outputs.iter().flat_map(|output| ["-o", output.as_str()]));
        let run = world.run(&apply);
        assert_ne!(run.code, 0, "{run:?}");
        search(&run, value);
        assert!(world.read("out/text").contains("*** is a bad password"), "{}", world.read("out/text"));
        let mut found = 0;
        search_files(&world.path("."), &mut found);
        assert!(found > 5, "{found}");
    }
}

#[test]
fn what_git_says_is_blanked_in_answers_to_reads_before_anything_was_read_and_in_every_encoding() {
    let encoded = WRITTEN.replace('-', "%2D");
    for operation in ["list", "info"] {
        let world = world();
        world.configure(&format!("{RULES}\nrequests: {{ retries: 0 }}"));
        let body = format!(r#"{{"Result":"Failure","ErrorCode":30000,"ErrorMessage":"{WRITTEN} or {encoded}"}}"#);
        world.faults(&format!("- {{ operation: {operation}, effect: answer, status: 400, body: '{body}' }}\n"));
        for format in ["text", "json", "github"] {
            let run = world.run(&["plan", "-vvv", "-o", format]);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains(WRITTEN) && !said.contains(&encoded), "{said}");
        }
    }
}

#[test]
fn no_canary_of_a_redirect_or_of_a_header_is_shown() {
    let world = world();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // Ends with the process: it waits for requests until then.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut bytes = [0; 8192];
            let _ = stream.read(&mut bytes);
            let answer = format!(
                "HTTP/1.1 302 Found\r\nLocation: http://user:{KEY}@127.0.0.1:9/?key={KEY}#{KEY}\r\nSet-Cookie: s={KEY}\r\n\
                 WWW-Authenticate: Basic realm=\"{KEY}\"\r\nX-Echo: {KEY}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    world.edit("icsync.yaml", world.url(), &format!("http://{address}"));
    for format in ["text", "json"] {
        let run = world.run(&["plan", "-vvv", "--log-format", format, "-o", format]);
        assert_ne!(run.code, 0, "{run:?}");
        search(&run, format);
    }
}

#[test]
fn broken_yaml_beside_a_key_of_a_secret_shows_no_value_and_points_at_its_column() {
    let mut world = world();
    world.set("GITHUB_ACTIONS", "true");
    let head = "kind: IntegratorClient\nname: b\nscope: { telsys: 417, partition: 1, device: \"03\" }\n";
    // No pattern of `sensitive` names these: their names do.
    for rules in ["manage: [{ telsys: 417 }]", RULES] {
        world.configure(rules);
        for (body, column) in [
            ("settings:\n  crm::password: canary: x\n", None),
            ("settings: { \"crm::password\": canary, \"x\": }}\n", None),
            ("settings: { crm::password: \"canary\n", None),
            ("settings:\n  crm::password: 'canary\n", None),
            ("settings:\n\tcrm::password: canary\n", None),
            ("settings:\n  crm::password canary\n", None),
            ("settings:\n  crm::password: |\n    canary\n   canary: [\n", None),
            ("settings:\n  crm::password: @canary\n", Some(18)),
            ("settings:\n  \"crm::password\": *canary\n", None),
            ("settings:\n  crm::password: ${canary}\n", None),
            ("settings:\n  crm::password: [canary, 1\n", None),
            ("settings:\n  crm::password: canary # canary\n  x: [\n", None),
            ("settings: [crm::password, canary\n", None),
            ("settings: { crm::password:canary }\n", None),
            ("settings: {a: 1, \"crm::password\":canary:x, crm::password:canary, b: 2}\n", None),
            ("settings: [crm::password:canary]\n", None),
            ("nope:\n  crm::password: canary\n", None),
            ("description: [\"crm::password canary\"]\n", None),
        ] {
            world.write("clients/b.yaml", &format!("{head}{body}"));
            for format in formats(&world, &["validate"]) {
                let run = world.run(&["validate", "-o", &format]);
                assert_eq!(run.code, 3, "{body}: {run:?}");
                search(&run, &format!("{format}: {body}"));
                if let (Some(column), "text") = (column, format.as_str()) {
                    let place = format!("clients/b.yaml:5:{column}");
                    assert!(format!("{}{}", run.stdout, run.stderr).contains(&place), "{place}: {run:?}");
                }
            }
            search(&world.run(&["fmt", "--check"]), &format!("fmt: {body}"));
        }
    }
    world.remove("clients/b.yaml");
    for line in ["auth: {api_key: canary", "vars: {db_pwd: canary", "auth: {login: {username: x, password: canary}"] {
        world.write(
            "icsync.yaml",
            &format!("kind: Config\ntargets:\n  test:\n    url: http://127.0.0.1:9\n    {line}\n"),
        );
        for format in ["text", "json", "sarif", "github"] {
            let run = world.run(&["validate", "-o", format]);
            assert_eq!(run.code, 3, "{run:?}");
            search(&run, &format!("{format}: {line}"));
        }
    }
}

#[test]
fn keys_and_certificates_that_cannot_be_used_are_named_and_not_shown() {
    let mut world = world();
    let pem = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n";
    for (name, text) in [("a.pem", pem), ("b.pem", "canary"), ("c.pem", "canary\ncanary\n"), ("d.pem", "canary\0")] {
        world.write(&format!("secrets/{name}"), text);
        for auth in [
            format!("{{ certificate: {{ file: secrets/{name} }} }}"),
            format!("{{ api_key: {{ env: CCS_API_KEY }}, certificate: {{ file: secrets/{name} }} }}"),
        ] {
            world.configure_auth(&auth, RULES);
            let run = world.run(&["plan", "-vvv"]);
            assert_ne!(run.code, 0, "{auth} {run:?}");
            search(&run, &auth);
        }
        if text.contains(['\n', '\0']) {
            world.configure_auth(&format!("{{ api_key: {{ file: secrets/{name} }} }}"), RULES);
            let run = world.run(&["plan", "-vvv"]);
            assert_ne!(run.code, 0, "{run:?}");
            search(&run, name);
        }
    }
    world.configure(RULES);
    world.set("CCS_API_KEY", "canary\nkey");
    search(&world.run(&["plan", "-vvv"]), "a key of two lines");
    world.set("CCS_API_KEY", KEY);
    world.set("HTTPS_PROXY", "http://user:canary@[bad");
    search(&world.run(&["plan", "-vvv"]), "a proxy");
}

/// Dumps of the memory of a process hold every secret that it has.
#[cfg(target_os = "linux")]
#[test]
fn a_running_process_leaves_no_core_dump() {
    use std::io::BufRead as _;
    let world = World::in_sync();
    world.write("estate.yaml", ESTATE);
    let mut command = world.command(&["sandbox", "serve", "--estate", "estate.yaml"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the binary");
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("the limits");
    child.kill().expect("an end");
    child.wait().expect("an end");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line").to_owned();
    let numbers: Vec<&str> = core.split_whitespace().filter(|word| word.parse::<u64>().is_ok()).collect();
    assert!(numbers == ["1", "1"] || numbers == ["0", "0"], "{core}");
}

#[test]
fn plans_keys_and_journals_are_regular_files_within_a_limit() {
    let world = World::in_sync();
    let large = |path: &str, length: u64| {
        std::fs::File::create(world.path(path)).expect("a file").set_len(length).expect("a length");
    };
    large("large.json", 257 << 20);
    std::fs::create_dir(world.path("folder")).expect("a folder");
    for (file, words) in [("large.json", "has more than"), ("folder", "directory"), ("/dev/zero", "not a regular file")]
    {
        for command in [vec!["show", file], vec!["apply", file, "--auto-approve"], vec!["plan", "--check", file]] {
            let run = world.run(&command).expect(1);
            assert!(run.stderr.contains(file) && run.stderr.contains(words), "{command:?}: {}", run.stderr);
        }
    }
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.x\"]");
    std::fs::create_dir_all(world.path(".icsync/runs")).expect("a folder");
    large(".icsync/key", 1 << 30);
    let run = world.run(&["plan", "--out", "plan.json"]);
    assert!(run.code != 0 && run.stderr.contains("key") && run.stderr.contains("has more than"), "{}", run.stderr);
    assert!(!world.path("plan.json").exists());
    large(".icsync/runs/20260101T000000Z-000000.jsonl", 1 << 30);
    let run = world.run(&["runs"]);
    assert!(format!("{}{}", run.stdout, run.stderr).contains("has more than"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn a_file_of_secrets_is_read_as_nothing_else_by_whatever_name() {
    use std::os::unix::fs::symlink;

    let world = world();
    world.configure_auth(AUTH[1], RULES);
    let commands: [&[&str]; 6] =
        [&["validate"], &["validate", "-o", "json"], &["plan"], &["fmt", "--check"], &["diff", "HEAD"], &["keys"]];
    let search_all = |what: &str| {
        for command in commands {
            let run = world.run(command);
            assert_ne!(run.code, 0, "{what} {command:?}: {}", run.stdout);
            search(&run, &format!("{what} {command:?}"));
        }
    };
    symlink("../secrets/key", world.path("clients/odd.yaml")).expect("a link");
    search_all("a definition");
    search(&world.run(&["fmt", "--check", "clients/odd.yaml"]), "fmt of one file");
    world.remove("clients/odd.yaml");
    world.write("clients/odd.yaml", "kind: Fleet\nname: f\nscope: {telsys: 417, partition: 1}\ndevices_from: {csv: odd.csv, column: a}\ntemplate: {description: x}\n");
    symlink("secrets/key", world.path("odd.csv")).expect("a link");
    search(&world.run(&["validate"]).expect(3), "a table");
    world.remove("clients/odd.yaml");
    let sandbox =
        |estate: &str| format!("kind: Config\ntargets: {{ s: {{ sandbox: {{ data: s.db, estate: {estate} }} }} }}\n");
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("secret"), KEY).expect("a file");
    symlink(outside.path().join("secret"), world.path("estate.yaml")).expect("a link");
    world.write("icsync.yaml", &sandbox("estate.yaml"));
    for command in [&["validate"][..], &["plan"], &["plan", "-o", "json"]] {
        let run = world.run(command).expect(3);
        search(&run, &format!("an estate {command:?}"));
        assert!(format!("{}{}", run.stdout, run.stderr).contains("leads out of the repository"), "{}", run.stderr);
    }
}
