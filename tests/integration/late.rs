//! A faulted run is turned back whole, also where writes land long after their answer was lost. `just late ROUNDS SEED` runs
//! the long form.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::laws::{definitions, estate, manner, number};
use crate::world::World;

/// The longest that a write is late.
const LATEST: u64 = 3000;

/// What the sandbox holds, without ids: a rollback adds anew.
fn contents(world: &World) -> Vec<String> {
    let mut clients = world.clients(417);
    for client in &mut clients {
        client.as_object_mut().expect("an object").retain(|key, _| {
            ["scope", "description", "cm_environment_id", "policies", "settings"].contains(&key.as_str())
        });
    }
    let mut texts: Vec<String> = clients.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

/// The effects of a fault that leave a write in doubt, each with its highest probability. A no without a code may be that of
/// anything between us and a server that works on.
const DOUBTFUL: [(&str, f64); 8] = [
    ("drop_after", 0.3),
    ("truncate", 0.15),
    ("answer, work: done, status: 502", 0.15),
    ("answer, work: done, status: 400", 0.05),
    ("answer, work: done, status: 401", 0.05),
    ("answer, work: done, status: 403", 0.05),
    ("answer, work: done, status: 409", 0.05),
    ("answer, work: done, status: 429", 0.15),
];

/// Every kind of write is lost in several ways, and carried out late in most.
fn faults(random: &mut StdRng) -> String {
    let mut rules = String::new();
    for operation in ["add", "change", "delete"] {
        for (effect, most) in DOUBTFUL {
            let late = if random.random_bool(0.8) { random.random_range(100..LATEST) } else { 0 };
            let probability = random.random_range(0.0..most);
            rules += &format!(
                "- {{ operation: {operation}, probability: {probability:.3}, effect: {effect}, late_ms: {late} }}\n"
            );
        }
        rules += &format!("- {{ operation: {operation}, probability: 0.1, effect: drop_before }}\n");
    }
    rules
}

/// Applies under faults; now and then the run is killed. Gives the run, if it got so far as to have a journal.
fn faulted_run(world: &World, random: &mut StdRng) -> Option<String> {
    let arguments = [&["apply", "--max-deletes", "99", "--max-changes", "99"], manner(random)].concat();
    let mut command = world.command(&arguments);
    let mut run = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it");
    if random.random_bool(0.2) {
        std::thread::sleep(Duration::from_millis(random.random_range(50..1500)));
        run.kill().expect("a kill");
    }
    run.wait().expect("an end");
    let runs = world.run(&["runs", "-o", "json"]).expect(0).json();
    runs["runs"].as_array().expect("runs").last().map(|run| run["run"].as_str().expect("a run").to_owned())
}

fn round(number: u64, seed: u64) -> Result<(), String> {
    let mut random = StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let check = ["strict", "lenient"][random.random_range(0..2)];
    let world = World::of(&estate(&mut random).replace("dialect: { ", &format!("dialect: {{ scope_check: {check}, ")));
    world.configure("manage: [{ telsys: 417 }]");
    world.write("clients/all.yaml", &definitions(&mut random));
    let (before, foreign) = (contents(&world), world.clients(426));
    world.faults(&faults(&mut random));
    let run = faulted_run(&world, &mut random);
    // What is late lands after the run ended, too, and later still on a machine that is busy.
    std::thread::sleep(Duration::from_millis(LATEST + 1000));
    world.faults("[]");
    let after = contents(&world);
    let Some(run) = run else {
        return if after == before { Ok(()) } else { Err(format!("round {number}: changed without a journal")) };
    };
    let back = world.run(&["rollback", &run, "--max-deletes", "99", "--max-changes", "99", "--out", "back.plan"]);
    let applied = world.run(&["apply", "back.plan"]);
    let (restored, told) = (contents(&world), format!("seed {seed} round {number}"));
    if restored == before && world.clients(426) == foreign && (back.code, applied.code) == (0, 0) {
        return Ok(());
    }
    Err(format!("{told}:\nbefore {before:#?}\nafter {after:#?}\nrestored {restored:#?}\n{back:?}\n{applied:?}"))
}

#[test]
fn a_faulted_run_is_turned_back_whole_although_writes_land_late() {
    let (rounds, seed, jobs) =
        (number("ICSYNC_LATE_ROUNDS", 6), number("ICSYNC_LATE_SEED", 1), number("ICSYNC_LATE_JOBS", 6));
    // One round of a long run is seen again by its number.
    let next = AtomicU64::new(number("ICSYNC_LATE_FROM", 0));
    let work = || {
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed))).take_while(|one| *one < rounds);
        numbers.filter_map(|one| round(one, seed).err()).collect::<Vec<_>>()
    };
    let misses: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(misses.is_empty(), "{} of {rounds} rounds: {}", misses.len(), misses.join("\n"));
}
