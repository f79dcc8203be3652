//! Waves, approval by degree, parts of saved plans: what is sent, what is not, and what is said.

use std::collections::BTreeMap;
use std::time::Duration;

use icsync::sandbox::Operation;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::laws::{definitions, estate};
use crate::world::{Run, World};

/// As many live clients as said, each with a definition that changes it.
fn changed(count: usize) -> World {
    let devices: Vec<_> = (1..=count).map(|number| format!("          - {{ number: \"0{number}\" }}\n")).collect();
    let clients: Vec<_> = (1..=count)
        .map(|number| {
            format!(
                "  - {{ id: \"00000000000000aa:1:1:{number:x}\", telsys: 417, partition: 1, device: \"0{number}\", description: old }}\n"
            )
        })
        .collect();
    let world = World::of(&format!(
        "telephony_servers:\n  - id: 417\n    partitions:\n      - id: 1\n        devices:\n{}\
         users: [{{ username: a, password: b, api_key: test-key }}]\nclients:\n{}",
        devices.concat(),
        clients.concat()
    ));
    let documents: Vec<_> = (1..=count).map(|number| definition(number, "new", "")).collect();
    world.write("clients/all.yaml", &documents.concat());
    world
}

fn definition(number: usize, description: &str, more: &str) -> String {
    format!(
        "---\nkind: IntegratorClient\nname: c{number:03}\nscope: {{ telsys: 417, partition: 1, device: \"0{number}\" }}\n\
         description: {description}\n{more}"
    )
}

/// Gives how often each outcome is in a document, and each reason of what was not applied, once.
fn told(run: &Run) -> (Vec<(String, u64)>, Vec<String>) {
    let document = run.json();
    let words = ["applied", "failed", "skipped", "withheld", "stale", "unknown"];
    let count = |word: &str| Some((word.to_owned(), document["summary"].get(word)?.as_u64().filter(|one| *one > 0)?));
    let outcomes = document["outcomes"].as_array().expect("outcomes");
    let mut reasons: Vec<String> = Vec::new();
    for outcome in outcomes.iter().filter(|one| one["outcome"] != "applied") {
        let reason = outcome["error"]["message"].as_str().expect("a reason").to_owned();
        assert!(!reason.is_empty() && outcome["error"]["help"].is_string(), "{outcome}");
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    (words.iter().filter_map(|word| count(word)).collect(), reasons)
}

fn counted(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

#[test]
fn a_server_that_begins_to_refuse_in_the_second_wave_gets_nothing_of_the_third() {
    let world = changed(300);
    // Of the second wave, which is the steps 11 to 40, the later ones are refused, and so would be all others.
    let refuses = |number| {
        format!("- {{ operation: change, device: \"0{number}\", effect: answer, status: 400, code: 30009 }}\n")
    };
    world.faults(&(21..=300).map(refuses).collect::<String>());
    let waves =
        ["apply", "--auto-approve", "--waves", "10,10%,rest", "--keep-going", "--parallelism", "1", "-o", "json"];
    world.forget();
    let run = world.run(&waves).expect(7);
    let (counts, reasons) = told(&run);
    assert_eq!(counts, counted(&[("applied", 20), ("failed", 20), ("skipped", 260)]));
    assert_eq!(
        reasons.last().expect("a reason").as_str(),
        "wave 3 is not begun: 20 of the steps before it failed, became stale or stayed unknown"
    );
    assert_eq!(reasons.len(), 21, "{reasons:?}");
    assert_eq!(world.count(Operation::Change), 40);
    assert!(run.stderr.contains("`icsync help trouble`"), "{}", run.stderr);
    let document = run.json();
    let waves_of = |word: &str| -> Vec<u64> {
        let outcomes = document["outcomes"].as_array().expect("outcomes").iter();
        let mut waves: Vec<u64> =
            outcomes.filter(|one| one["outcome"] == word).map(|one| one["wave"].as_u64().expect("a wave")).collect();
        waves.dedup();
        waves
    };
    assert_eq!((waves_of("applied"), waves_of("failed"), waves_of("skipped")), (vec![1, 2], vec![2], vec![3]));
    // Running again goes on by itself: the waves are those of what is left.
    world.faults("[]");
    world.forget();
    let again = world.run(&["apply", "--auto-approve", "--waves", "10,10%,rest", "-o", "json"]).expect(0);
    assert_eq!(told(&again).0, counted(&[("applied", 280)]));
    assert_eq!(world.count(Operation::Change), 280);
    world.assert_in_sync();
}

#[test]
fn the_text_of_a_stopped_rollout_says_why_and_how_it_goes_on() {
    let world = changed(4);
    world.faults("- { operation: change, effect: answer, status: 400, code: 30009 }");
    let run = world.run(&["apply", "--auto-approve", "--waves", "1"]).expect(7);
    assert!(run.stdout.contains("waves: 1"), "{}", run.stdout);
    assert!(run.stdout.contains("wave 2 is not begun: 1 of the steps before it failed"), "{}", run.stdout);
    assert!(run.stdout.contains("it goes on with what is left"), "{}", run.stdout);
    assert_eq!(world.count(Operation::Change), 1);
}

#[test]
fn a_plan_shows_the_waves_of_the_configuration_and_a_saved_one_keeps_them() {
    let world = changed(12);
    world.configure("manage: [{telsys: 417}]\nrollout: { waves: [1, 50%, rest], stop_after: 2 }");
    let plan = world.run(&["plan", "-o", "json", "--out", "plan.json", "--first", "name=c005"]).expect(0).json();
    let waves: Vec<u64> =
        plan["steps"].as_array().expect("steps").iter().map(|step| step["wave"].as_u64().expect("a wave")).collect();
    assert_eq!(waves, [2, 2, 2, 2, 1, 2, 2, 3, 3, 3, 3, 3]);
    assert_eq!((&plan["options"]["waves"], &plan["options"]["first"][0]), (&"1,50%,rest".into(), &"name=c005".into()));
    assert!(world.plan().contains("wave 3"));
    // Of a saved plan that says nothing else the waves are applied, whatever the configuration says by now.
    world.configure("manage: [{telsys: 417}]");
    world.faults("- { operation: change, device: \"05\", effect: answer, status: 400, code: 30009 }");
    let run = world.run(&["apply", "plan.json", "-o", "json"]).expect(7);
    assert_eq!(told(&run).0, counted(&[("failed", 1), ("skipped", 11)]));
    // The command line has the last word.
    let run = world.run(&["apply", "plan.json", "--waves", "100%", "-o", "json"]).expect(7);
    assert_eq!(told(&run).0, counted(&[("applied", 11), ("failed", 1)]));
}

#[test]
fn a_plan_without_a_rollout_says_nothing_of_one() {
    let world = changed(2);
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    let plan = world.read("plan.json");
    for word in ["wave", "waves", "withheld", "first", "part"] {
        assert!(!plan.contains(&format!("\"{word}\"")), "{word}: {plan}");
    }
    assert!(!world.run(&["apply", "plan.json", "-o", "json"]).expect(0).stdout.contains("\"wave\""));
}

#[test]
fn a_pause_that_nobody_can_end_is_refused_before_anything_is_read() {
    let world = changed(2);
    world.forget();
    let run = world.run(&["apply", "--auto-approve", "--waves", "1", "--pause", "ask"]).expect(5);
    assert!(run.stderr.contains("each wave waits for a word, and there is no terminal to ask on"), "{}", run.stderr);
    assert_eq!(world.count(Operation::List) + world.writes(), 0);
    world.run(&["apply", "--auto-approve", "--pause", "soon"]).expect(64);
    world.run(&["apply", "--auto-approve", "--waves", "rest,1"]).expect(64);
    world.run(&["apply", "--auto-approve", "--first", "name=nobody"]).expect(64);
}

#[cfg(unix)]
#[test]
fn a_signal_in_the_pause_leaves_the_later_waves_unbegun() {
    let world = changed(5);
    let mut command = world.command(&["apply", "--auto-approve", "--waves", "2", "--pause", "1h", "-o", "json"]);
    let piped = std::process::Stdio::piped;
    let run = command.stdout(piped()).stderr(piped()).spawn().expect("the binary");
    while world.count(Operation::Change) < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // What was written is read back before the wave is over.
    std::thread::sleep(Duration::from_millis(300));
    let status = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(status.expect("kill").success());
    let run = Run::from(run.wait_with_output().expect("an end")).expect(130);
    assert_eq!(told(&run).0, counted(&[("applied", 2), ("skipped", 3)]));
    assert!(run.stderr.contains("wave 1 of 2 is done: 2 steps tried so far, 0 not applied"), "{}", run.stderr);
    assert_eq!(world.count(Operation::Change), 2);
    world.apply().expect(0);
    world.assert_in_sync();
}

#[test]
fn only_what_is_approved_by_its_kind_is_done() {
    let world = changed(3);
    let documents =
        [definition(1, "new", ""), definition(2, "new", "state: absent\n"), definition(3, "old", "")].concat();
    world.write("clients/all.yaml", &documents);
    world.forget();
    let run = world.run(&["apply", "--auto-approve=add,change", "-o", "json", "-o", "text=out.txt"]).expect(5);
    let (counts, reasons) = told(&run);
    assert_eq!(counts, counted(&[("applied", 1), ("withheld", 1)]));
    assert_eq!(reasons, ["`delete` is not among what --auto-approve approves"]);
    assert_eq!((world.count(Operation::Change), world.count(Operation::Delete)), (1, 0));
    assert!(world.read("out.txt").contains("withheld"), "{}", world.read("out.txt"));
    // Nothing but what is withheld: nothing is sent, and every format says so.
    let formats = ["markdown", "html", "junit", "sarif", "github"];
    let outputs: Vec<String> = formats.iter().map(|format| format!("{format}=out.{format}")).collect();
    let arguments: Vec<&str> = outputs.iter().flat_map(|output| ["-o", output]).collect();
    world.run(&[&["apply", "--auto-approve=add"], &arguments[..]].concat()).expect(5);
    for format in formats {
        let text = world.read(&format!("out.{format}"));
        assert!(text.contains("withheld") && text.contains("not among what"), "{format}: {text}");
    }
    world.run(&["apply", "--auto-approve=everything"]).expect(64);
    // A variable of CI that is empty approves nothing.
    world.run(&["apply", "--auto-approve="]).expect(64);
    assert_eq!(world.count(Operation::Delete), 0);
    world.run(&["apply", "--auto-approve", "--max-deletes", "1"]).expect(0);
    world.assert_in_sync();
}

#[test]
fn no_deletes_at_most_withholds_them_and_does_the_rest() {
    let world = changed(2);
    world.write("clients/all.yaml", &[definition(1, "new", ""), definition(2, "new", "state: absent\n")].concat());
    let plan = world.run(&["plan", "--max-deletes", "0", "-o", "json", "--out", "plan.json"]).expect(0).json();
    assert_eq!(plan["guard"]["verdict"], "allowed");
    let withheld: Vec<&Value> = plan["steps"].as_array().expect("steps").iter().map(|step| &step["withheld"]).collect();
    assert_eq!(withheld.iter().filter(|one| !one.is_null()).count(), 1, "{withheld:?}");
    let run = world.run(&["apply", "plan.json", "-o", "json"]).expect(5);
    assert_eq!(told(&run).0, counted(&[("applied", 1), ("withheld", 1)]));
    assert_eq!(world.count(Operation::Delete), 0);
    // What the configuration allows is a limit, and more than that is refused as ever.
    world.configure("manage: [{telsys: 417}]\nlimits: { delete: { count: 0 } }");
    world.run(&["apply", "--auto-approve"]).expect(5);
    assert_eq!(world.clients(417).len(), 2);
}

#[test]
fn a_limit_counts_also_what_is_withheld_as_long_as_anything_destructive_is_done() {
    let world = changed(6);
    let mut documents: String = (1..=5).map(|number| definition(number, "old", "state: absent\n")).collect();
    // One moves, five go.
    documents += "---\nkind: IntegratorClient\nname: c006\nid: \"00000000000000aa:1:1:6\"\nscope: { telsys: 417 }\ndescription: old\n";
    world.write("clients/all.yaml", &documents);
    world.configure("manage: [{telsys: 417}]\nlimits: { delete: { count: 5, percent: 100 } }");
    world.run(&["apply", "--auto-approve=delete"]).expect(5);
    assert_eq!(world.writes(), 0);
    world.run(&["apply", "--auto-approve=delete", "--max-deletes", "6"]).expect(5);
    assert_eq!(world.clients(417).len(), 1);
}

#[test]
fn a_saved_plan_is_applied_part_by_part() {
    let world = changed(6);
    world.run(&["plan", "--out", "plan.json"]).expect(0);
    let run = world.run(&["apply", "plan.json", "--steps", "1-2,5", "-o", "json"]).expect(0);
    let numbers = |run: &Run| -> Vec<u64> {
        run.json()["outcomes"]
            .as_array()
            .expect("outcomes")
            .iter()
            .map(|one| one["number"].as_u64().expect("it"))
            .collect()
    };
    assert_eq!(numbers(&run), [1, 2, 5]);
    assert_eq!(run.json()["plan"]["options"]["part"], "1-2,5");
    assert_eq!(world.count(Operation::Change), 3);
    // The rest of the same file goes under the same numbers; what is done cannot be done twice.
    let run = world.run(&["apply", "plan.json", "--select", "name=c004", "-o", "json"]).expect(0);
    assert_eq!(numbers(&run), [4]);
    let stale = world.run(&["apply", "plan.json", "--steps", "4-6"]).expect(6);
    assert!(stale.stderr.contains("c004") && !stale.stderr.contains("c006"), "{}", stale.stderr);
    // Of a part only the part has to be as it was.
    let path = "telsys/417/partition/1/device/03/integratorClient/00000000000000aa:1:1:3";
    assert_eq!(
        world.send("PUT", path, r#"{ "CMEnvironmentID": "", "Description": "mine", "Policies": {}, "Settings": {} }"#),
        204
    );
    world.run(&["apply", "plan.json", "--steps", "3"]).expect(6);
    assert_eq!(numbers(&world.run(&["apply", "plan.json", "--steps", "6", "-o", "json"]).expect(0)), [6]);
    world.run(&["apply", "plan.json", "--steps", "7"]).expect(64);
    world.run(&["apply", "plan.json", "--steps", "0-2"]).expect(64);
    world.run(&["apply", "plan.json", "--select", "name=nobody"]).expect(64);
    world.run(&["apply", "--steps", "1"]).expect(64);
}

#[test]
fn what_a_part_waits_for_is_taken_along() {
    let world = changed(2);
    // c001 goes, and c009 takes its place.
    let taken = "---\nkind: IntegratorClient\nname: c009\nscope: { telsys: 417, partition: 1, device: \"01\" }\ndescription: nine\n";
    let moved = "---\nkind: IntegratorClient\nname: c001\nid: \"00000000000000aa:1:1:1\"\nscope: { telsys: 417, partition: 1 }\ndescription: old\n";
    world.write("clients/all.yaml", &[moved, taken, &definition(2, "new", "")].concat());
    let plan = world.run(&["plan", "--out", "plan.json", "-o", "json", "--max-deletes", "1"]).expect(0).json();
    let steps = plan["steps"].as_array().expect("steps");
    let waiting = steps.iter().find(|step| step["client"] == "c009").expect("a step");
    let first = waiting["after_steps"][0].as_u64().expect("a step before it");
    let run = world.run(&["apply", "plan.json", "--select", "name=c009", "-o", "json"]).expect(0);
    assert!(
        run.stderr.contains(&format!("1 step taken along, because others of the part wait for it: {first}")),
        "{}",
        run.stderr
    );
    assert_eq!(told(&run).0, counted(&[("applied", 2)]));
    assert_eq!(world.count(Operation::Change), 0);
    world.run(&["apply", "plan.json", "--select", "name=c002"]).expect(0);
    world.assert_in_sync();
}

#[test]
fn what_was_to_be_taken_along_may_be_done_already() {
    let world = changed(2);
    let taken = "---\nkind: IntegratorClient\nname: c009\nscope: { telsys: 417, partition: 1, device: \"01\" }\ndescription: nine\n";
    let moved = "---\nkind: IntegratorClient\nname: c001\nid: \"00000000000000aa:1:1:1\"\nscope: { telsys: 417, partition: 1 }\ndescription: old\n";
    world.write("clients/all.yaml", &[moved, taken, &definition(2, "old", "")].concat());
    world.run(&["plan", "--out", "plan.json", "--max-deletes", "1"]).expect(0);
    world.run(&["apply", "plan.json", "--select", "name=c001"]).expect(0);
    let run = world.run(&["apply", "plan.json", "--select", "name=c009", "-o", "json"]).expect(0);
    assert_eq!(told(&run).0, counted(&[("applied", 1)]));
    world.assert_in_sync();
}

/// Times of the week that are never now, and those that are always.
const NEVER: &str = "windows: [{ telsys: 426, deny: Mon-Sun, zone: Europe/London }]";
const ALWAYS: &str = "windows: [{ telsys: 417, deny: Mon-Sun, zone: Europe/London }]";

#[test]
fn a_closed_window_withholds_what_it_is_about_and_a_plan_shows_it_without_refusing() {
    let world = changed(3);
    world.configure(&format!("manage: [{{telsys: 417}}]\n{ALWAYS}"));
    let plan = world.run(&["plan", "--out", "plan.json"]).expect(0);
    let reason = "the window 417/all/all: Mon-Sun Europe/London is closed and does not open within two weeks";
    assert!(plan.stdout.contains(reason) && plan.stdout.contains("3 withheld"), "{}", plan.stdout);
    // The clock is no part of a plan: the file is the same whenever it is made.
    assert!(!world.read("plan.json").contains("window"), "{}", world.read("plan.json"));
    world.forget();
    let run = world.run(&["apply", "plan.json", "-o", "json"]).expect(5);
    assert_eq!(told(&run), (counted(&[("withheld", 3)]), vec![reason.to_owned()]));
    assert_eq!(world.writes(), 0);
    // A limit is graver than a window, and what is not approved is said as such.
    world.configure(&format!("manage: [{{telsys: 417}}]\n{NEVER}"));
    let run = world.run(&["apply", "plan.json", "-o", "json"]).expect(0);
    assert_eq!(told(&run).0, counted(&[("applied", 3)]));
}

#[test]
fn an_hour_of_the_day_is_that_of_the_zone() {
    let world = changed(1);
    // Closed for this hour and the next as Berlin has them, so the test may take its time.
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone"));
    let hour = now.hour();
    let deny = format!("{hour:02}:00-{:02}:00", (hour + 2) % 24);
    world.configure(&format!("manage: [{{telsys: 417}}]\nwindows: [{{ deny: \"{deny}\", zone: Europe/Berlin }}]"));
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(5);
    let opens = format!("{:02}:00 Europe/Berlin", (hour + 2) % 24);
    assert!(told(&run).1[0].ends_with(&opens), "{:?}", told(&run));
    let open = format!("{:02}:00-{:02}:00", (hour + 4) % 24, (hour + 6) % 24);
    world.configure(&format!("manage: [{{telsys: 417}}]\nwindows: [{{ deny: \"{open}\", zone: Europe/Berlin }}]"));
    world.apply().expect(0);
}

#[test]
fn a_target_has_windows_and_a_rollout_of_its_own() {
    let world = changed(2);
    world.configure(&format!("manage: [{{telsys: 417}}]\n{ALWAYS}\nrollout: {{ waves: [1], stop_after: 3 }}"));
    world.edit("icsync.yaml", "    auth:", "    windows: []\n    rollout: { waves: [2] }\n    auth:");
    let run = world.run(&["apply", "--auto-approve", "-o", "json"]).expect(0);
    assert_eq!(told(&run).0, counted(&[("applied", 2)]));
    assert!(run.json()["outcomes"].as_array().expect("them").iter().all(|one| one["wave"] == 1));
}

#[test]
fn mistakes_in_windows_and_waves_are_named_at_their_place() {
    let world = changed(1);
    for (text, told) in [
        ("windows: [{ telsys: 417, deny: \"Mon 8-18\", zone: Europe/London }]", "no time of a day"),
        ("windows: [{ telsys: 417, deny: Mon-Fri, zone: Europe/Londn }]", "did you mean `Europe/London`?"),
        ("windows: [{ telsys: 417, deny: Mon-Fri }]", "zone"),
        ("windows: [{ partition: 1, deny: Mon-Fri, zone: UTC }]", "telsys"),
        ("rollout: { waves: [rest, 1] }", "nothing is left for a wave after `rest`"),
        ("rollout: { waves: [0%] }", "is no wave"),
        ("rollout: { pause: soon }", "`pause` is a time"),
        ("rollout: { stop_after: 0 }", "stop_after"),
    ] {
        world.configure(text);
        let run = world.run(&["validate"]).expect(3);
        assert!(run.stderr.contains(told) && run.stderr.contains("icsync.yaml"), "{text}: {}", run.stderr);
    }
}

/// What every client of the telephony server says, by its scope.
fn contents(world: &World) -> BTreeMap<String, String> {
    let clients = world.clients(417).into_iter();
    clients.map(|one| (one["scope"].to_string(), format!("{} {}", one["description"], one["settings"]))).collect()
}

#[test]
fn all_parts_of_a_saved_plan_one_after_another_come_to_what_the_whole_does() {
    for seed in 0..4 {
        let mut random = StdRng::seed_from_u64(seed);
        let (estate, definitions) = (estate(&mut random), definitions(&mut random));
        let worlds = [World::of(&estate), World::of(&estate)];
        for world in &worlds {
            world.write("clients/all.yaml", &definitions);
        }
        let [whole, parted] = &worlds;
        whole.run(&["apply", "--auto-approve", "--max-deletes", "99", "--max-vanished", "99"]);
        let plan = ["plan", "--max-deletes", "99", "--max-vanished", "99", "--out", "plan.json", "-o", "json"];
        let plan = parted.run(&plan).expect(0).json();
        let mut left: Vec<u64> =
            plan["steps"].as_array().expect("steps").iter().map(|step| step["number"].as_u64().expect("it")).collect();
        while !left.is_empty() {
            let number = left[random.random_range(0..left.len())].to_string();
            let run = parted.run(&["apply", "plan.json", "--steps", &number, "-o", "json"]).expect(0).json();
            for outcome in run["outcomes"].as_array().expect("outcomes") {
                assert_eq!(outcome["outcome"], "applied", "seed {seed}: {outcome}");
                left.retain(|one| outcome["number"] != *one);
            }
        }
        assert_eq!(contents(parted), contents(whole), "seed {seed}");
    }
}
