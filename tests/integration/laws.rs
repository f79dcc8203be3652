//! The laws under kills, lost answers and two runs at once. `just laws ROUNDS SEED` runs the long form.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::world::World;

const DEVICES: usize = 40;

/// Gives a configuration that lets everything be done at any time, by few steps at once or by many.
fn open(random: &mut StdRng) -> String {
    let parallelism = ["auto", "1", "20"][random.random_range(0..3)];
    format!("manage: [{{ telsys: 417 }}]\nrequests: {{ retries: 3, settle: 500ms, parallelism: {parallelism} }}")
}

pub(crate) fn estate(random: &mut StdRng) -> String {
    let devices: Vec<_> = (0..DEVICES).map(|number| format!("          - {{ number: \"0{number}\" }}\n")).collect();
    let held: Vec<usize> = (0..DEVICES).filter(|_| random.random_bool(0.5)).collect();
    let clients: Vec<_> = held
        .into_iter()
        .map(|number| {
            format!(
                "  - {{ id: \"{}\", telsys: 417, partition: 1, device: \"0{number}\", description: d{}, settings: {{ x: {} }} }}\n",
                id(number),
                random.random_range(0..3),
                random.random_range(0..3)
            )
        })
        .collect();
    let details = ["info", "both"][random.random_range(0..2)];
    let put = ["replace", "merge"][random.random_range(0..2)];
    format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:\n{}  - id: 426\n\
         users: [{{ username: a, password: b, api_key: test-key }}]\ndialect: {{ details: {details}, put: {put} }}\n\
         clients:\n  - {{ id: \"00000000000000bb:1:1:1\", telsys: 426, description: foreign, settings: {{ y: 1 }} }}\n{}",
        devices.concat(),
        clients.concat()
    )
}

fn id(number: usize) -> String {
    format!("00000000000000aa:1:1:{number:x}")
}

/// A definition for about half of the devices: present or absent, some pinned to a client of another device.
pub(crate) fn definitions(random: &mut StdRng) -> String {
    let mut free: Vec<usize> = (0..DEVICES).collect();
    let mut text = String::from("kind: IntegratorClient\nname: always\nscope: { telsys: 417 }\ndescription: server\n");
    for number in 0..DEVICES {
        if random.random_bool(0.4) {
            continue;
        }
        let pin = if random.random_bool(0.3) && !free.is_empty() {
            format!("id: \"{}\"\n", id(free.swap_remove(random.random_range(0..free.len()))))
        } else {
            String::new()
        };
        let state = if random.random_bool(0.2) { "absent" } else { "present" };
        text += &format!(
            "---\nkind: IntegratorClient\nname: c{number}\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\n{pin}\
             state: {state}\ndescription: d{}\nsettings: {{ x: {} }}\npolicies: {{}}\n",
            random.random_range(0..3),
            random.random_range(0..3)
        );
    }
    text
}

fn faults(random: &mut StdRng) -> String {
    let effects = ["drop_before", "drop_after", "truncate", "html", "accept_without_doing"];
    let mut rules = String::from(
        "- { operation: any, latency_ms: 3 }\n- { operation: any, probability: 0.03, effect: answer, status: 503 }\n",
    );
    for operation in ["add", "change", "delete", "info", "list"] {
        let effect = effects[random.random_range(0..effects.len())];
        if effect != "accept_without_doing" || !matches!(operation, "info" | "list") {
            rules += &format!("- {{ operation: {operation}, probability: 0.15, effect: {effect} }}\n");
        }
    }
    rules
}

/// How a run goes about it: all at once, in waves, and with less or more approved.
pub(crate) fn manner(random: &mut StdRng) -> &'static [&'static str] {
    const MANNERS: [&[&str]; 6] = [
        &["--auto-approve"],
        &["--auto-approve", "--waves", "1,30%,rest"],
        &["--auto-approve", "--waves", "2", "--pause", "20ms", "--stop-after", "3"],
        &["--auto-approve", "--first", "telsys=417", "--stop-after", "2"],
        &["--auto-approve=add,change"],
        &["--auto-approve=delete,replace,change", "--waves", "50%"],
    ];
    MANNERS[random.random_range(0..MANNERS.len())]
}

/// Runs `apply` against a faulty server and kills it after a random while, or lets it end.
fn disturbed_run(world: &World, random: &mut StdRng, prune: &str) {
    let arguments = [&["apply", "--max-deletes", "99", prune], manner(random)].concat();
    let spawn = || {
        let mut command = world.command(&arguments);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().expect("the binary")
    };
    let mut runs = vec![spawn()];
    if random.random_bool(0.3) {
        std::thread::sleep(Duration::from_millis(random.random_range(0..30)));
        runs.push(spawn());
    }
    for mut run in runs {
        if random.random_bool(0.6) {
            std::thread::sleep(Duration::from_millis(random.random_range(5..150)));
            run.kill().expect("a kill");
        }
        run.wait().expect("an end");
    }
}

fn assert_laws(world: &World, foreign: &[Value], told: &str) {
    world.faults("[]");
    // A run that was killed between delete and add leaves pins whose clients are gone.
    let clean = ["apply", "--auto-approve", "--max-deletes", "99", "--max-vanished", "99"];
    let first = world.run(&clean);
    assert!(matches!(first.code, 0 | 7), "{told}: {first:?}");
    // What another definition's client held is free after the first run; a definition that stays blocked keeps 7.
    let second = world.run(&clean);
    assert!(matches!(second.code, 0 | 7), "{told}: {second:?}");
    let plan = world.run(&["plan", "-o", "json", "--max-deletes", "99", "--max-vanished", "99"]).expect(0).json();
    assert_eq!(plan["steps"], Value::Array(Vec::new()), "{told}: {plan}");
    assert_eq!(second.code == 0, plan["blocked"] == Value::Array(Vec::new()), "{told}");
    let clients = world.clients(417);
    let scopes: BTreeSet<String> = clients.iter().map(|client| client["scope"].to_string()).collect();
    assert_eq!(scopes.len(), clients.len(), "{told}: {clients:?}");
    assert_eq!(world.clients(426), foreign, "{told}");
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    for run in runs["runs"].as_array().expect("runs") {
        assert!(run.get("corrupt_line").is_none(), "{told}: {run}");
        assert!(run["state"] != "ended" || run["outcomes"].is_object(), "{told}: {run}");
    }
}

/// Gives a number of the environment.
pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn whatever_happens_one_clean_run_makes_live_equal_desired() {
    let (rounds, seed) = (number("ICSYNC_LAWS_ROUNDS", 8), number("ICSYNC_LAWS_SEED", 1));
    for round in 0..rounds {
        let told = format!("seed {seed} round {round}");
        let mut random = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(round));
        let world = World::of(&estate(&mut random));
        let open = open(&mut random);
        world.configure(&open);
        let foreign = world.clients(426);
        let prune = if random.random_bool(0.3) { "--prune" } else { "--no-prune" };
        for _ in 0..random.random_range(1..3) {
            world.write("clients/all.yaml", &definitions(&mut random));
            world.faults(&faults(&mut random));
            if random.random_bool(0.3) {
                let before = world.clients(417);
                world.configure(&format!(
                    "{open}\nwindows: [{{ telsys: 417, deny: \"Mon-Sun 00:00-24:00\", zone: UTC }}]"
                ));
                disturbed_run(&world, &mut random, prune);
                assert_eq!(world.clients(417), before, "{told}: written while a window was closed");
                world.configure(&open);
            }
            disturbed_run(&world, &mut random, prune);
        }
        assert_laws(&world, &foreign, &told);
    }
    println!("{rounds} rounds from seed {seed}: no law was broken");
}

/// An estate with devices only, and a definition for each.
fn many(count: usize) -> World {
    let devices: Vec<_> = (0..count).map(|number| format!("          - {{ number: \"0{number}\" }}\n")).collect();
    let world = World::of(&format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:\n{}\
         users: [{{ username: a, password: b, api_key: test-key }}]\n",
        devices.concat()
    ));
    let documents: Vec<_> = (0..count)
        .map(|number| {
            format!("---\nkind: IntegratorClient\nname: c{number}\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\ndescription: same\n")
        })
        .collect();
    world.write("clients/all.yaml", &documents.concat());
    world
}

#[test]
fn a_kill_in_the_middle_of_three_hundred_adds_with_lost_replies_doubles_nothing() {
    kill_among_adds("auto");
}

#[test]
fn a_kill_among_adds_of_which_many_are_under_way_with_lost_replies_doubles_nothing() {
    kill_among_adds("32");
}

fn kill_among_adds(parallelism: &str) {
    let world = many(300);
    world.edit("icsync.yaml", "manage:", &format!("requests: {{ parallelism: {parallelism} }}\nmanage:"));
    world.faults("- { operation: any, latency_ms: 2 }\n- { operation: add, probability: 0.1, effect: drop_after }");
    let mut run =
        world.command(&["apply", "--auto-approve"]).stdout(std::process::Stdio::null()).spawn().expect("the binary");
    while world.clients(417).len() < 100 {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().expect("a kill");
    run.wait().expect("an end");
    let begun = world.clients(417).len();
    assert!(begun < 300, "{begun}");
    world.apply().expect(0);
    let scopes: BTreeSet<String> = world.clients(417).iter().map(|client| client["scope"].to_string()).collect();
    assert_eq!((world.clients(417).len(), scopes.len()), (300, 300));
    let runs = world.run(&["runs"]).expect(0);
    assert!(runs.stdout.contains("killed") && runs.stdout.contains("in doubt"), "{}", runs.stdout);
}

#[cfg(unix)]
#[test]
fn the_first_signal_finishes_what_is_in_flight_and_is_journalled() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let world = many(240);
        world.faults("- { operation: any, latency_ms: 10 }");
        let mut command = world.command(&["apply", "--auto-approve", "-o", "json"]);
        let run = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary");
        while world.clients(417).len() < 10 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let status = std::process::Command::new("kill").args([signal, &run.id().to_string()]).status();
        assert!(status.expect("kill").success());
        let run = crate::world::Run::from(run.wait_with_output().expect("an end")).expect(130);
        let outcomes = run.json();
        let applied = usize::try_from(outcomes["summary"]["applied"].as_u64().expect("a count")).expect("a size");
        assert_eq!(applied, world.clients(417).len());
        assert!(applied < 240, "{applied}");
        assert!(world.run(&["runs"]).expect(0).stdout.contains("interrupted"));
        world.apply().expect(0);
        assert_eq!(world.clients(417).len(), 240);
    }
}

#[test]
fn a_closed_stdout_is_no_panic() {
    let world = many(50);
    let mut run = world
        .command(&["plan", "--full"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary");
    drop(run.stdout.take());
    let output = run.wait_with_output().expect("an end");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_retry_after_beyond_the_deadline_ends_the_run_at_once() {
    let world = many(3);
    world.edit("icsync.yaml", "manage:", "requests: { deadline: 20s }\nmanage:");
    world.faults("- { operation: list, effect: answer, status: 503, retry_after: 600 }");
    let began = std::time::Instant::now();
    let run = world.apply().expect(1);
    assert!(began.elapsed() < Duration::from_secs(15) && run.stderr.contains("help:"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn under_nohup_the_end_of_the_terminal_is_not_the_end_of_the_run() {
    let world = many(60);
    world.faults("- { operation: any, latency_ms: 10 }");
    let apply = world.command(&["apply", "--auto-approve"]);
    let mut command = std::process::Command::new("nohup");
    command.arg(apply.get_program()).args(apply.get_args()).current_dir(world.path("."));
    command.envs(apply.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let piped = std::process::Stdio::piped;
    let run = command.stdin(std::process::Stdio::null()).stdout(piped()).stderr(piped()).spawn().expect("nohup");
    while world.clients(417).len() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = std::process::Command::new("kill").args(["-HUP", &run.id().to_string()]).status();
    assert!(status.expect("kill").success());
    crate::world::Run::from(run.wait_with_output().expect("an end")).expect(0);
    assert_eq!(world.clients(417).len(), 60);
}

#[cfg(unix)]
#[test]
fn a_second_run_in_the_same_folder_is_told_of_the_first_while_that_lives() {
    let world = many(60);
    world.faults("- { operation: any, latency_ms: 30 }");
    let mut first = world.command(&["apply", "--auto-approve"]);
    let mut first =
        first.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("a run");
    while world.clients(417).is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let warning = "is still at work with the same journal folder";
    let refused = world.run(&["apply", "--expect", &format!("sha256:{}", "0".repeat(64))]);
    assert!(refused.stderr.contains(warning), "{}", refused.stderr);
    assert!(!refused.stderr.contains("ended in doubt"), "a run at work has not ended: {}", refused.stderr);
    first.kill().expect("a kill");
    first.wait().expect("an end");
    let second = world.apply().expect(0);
    assert!(!second.stderr.contains(warning), "{}", second.stderr);
}
