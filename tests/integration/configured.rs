//! Files that the configuration names are files, and stay where they belong.

use crate::world::{ESTATE, Run, World};

const SANDBOX: &str = "kind: Config\ntargets:\n  test: { sandbox: { data: .icsync/s.db, estate: estate.yaml } }\n";

fn sandboxed(data: &str) -> World {
    let world = World::in_sync();
    world.write("deep/icsync.yaml", &SANDBOX.replace(".icsync/s.db", data));
    world.write("deep/estate.yaml", ESTATE);
    world.write("deep/clients/one.yaml", &world.read("clients/one.yaml"));
    world
}

#[test]
fn a_store_outside_the_repository_is_refused_and_no_folder_is_made_for_it() {
    for data in ["../outside/s.db", "x/../../outside/s.db"] {
        let world = sandboxed(data);
        for arguments in [&["-C", "deep", "plan"][..], &["-C", "deep", "validate"], &["-C", "deep", "sandbox", "reset"]]
        {
            let run = world.run(arguments).expect(3);
            assert!(run.stderr.contains("`sandbox.data` leads out of the repository"), "{}", run.stderr);
        }
        assert!(!world.path("outside").exists() && !world.path("deep/x").exists(), "{data}");
    }
}

#[cfg(unix)]
#[test]
fn a_store_behind_a_link_out_of_the_repository_is_refused_and_an_absolute_path_is_taken() {
    let world = sandboxed("link/new/s.db");
    std::fs::create_dir(world.path("outside")).expect("a folder");
    std::os::unix::fs::symlink(world.path("outside"), world.path("deep/link")).expect("a link");
    let run = world.run(&["-C", "deep", "plan"]).expect(3);
    assert!(run.stderr.contains("`sandbox.data` leads out of the repository"), "{}", run.stderr);
    assert!(!world.path("outside/new").exists());
    let absolute = world.path("outside/new/s.db");
    world.write("deep/icsync.yaml", &SANDBOX.replace(".icsync/s.db", &absolute.to_string_lossy()));
    world.run(&["-C", "deep", "plan"]);
    assert!(absolute.is_file());
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_no_files_of_the_configuration() {
    for kind in ["pipe", "device"] {
        let world = World::in_sync();
        let odd = world.path("odd");
        if kind == "pipe" {
            assert!(std::process::Command::new("mkfifo").arg(&odd).status().expect("mkfifo").success());
        } else {
            std::os::unix::fs::symlink("/dev/zero", &odd).expect("a link");
        }
        let refused = |world: &World| {
            let run = world.run(&["plan"]);
            assert!(run.stderr.contains("odd") && run.stderr.contains("not a regular file"), "{kind}: {}", run.stderr);
        };
        world.configure_auth("{ api_key: { file: odd } }", "");
        refused(&world);
        world.configure_auth("{ api_key: { env: CCS_API_KEY }, certificate: { file: odd } }", "");
        refused(&world);
        world.configure("");
        world.edit("icsync.yaml", "    auth:", "    ca_file: odd\n    auth:");
        refused(&world);
        world.write("icsync.yaml", &SANDBOX.replace("estate.yaml", "odd"));
        refused(&world);
        world.write("estate.yaml", ESTATE);
        world.write("icsync.yaml", &SANDBOX.replace("estate: ", "faults: odd, estate: "));
        refused(&world);
    }
}

#[test]
fn a_secret_that_is_too_long_is_refused_and_not_cut() {
    let world = World::in_sync();
    world.write("key", &"k".repeat(70_000));
    world.configure_auth("{ api_key: { file: key } }", "");
    let run = world.run(&["plan"]).expect(4);
    assert!(run.stderr.contains("more than 65536 bytes") && !run.stderr.contains("kkkk"), "{}", run.stderr);
}

#[test]
fn a_mistake_of_the_sandbox_is_shown_at_its_place_as_one_of_a_definition_is() {
    let world = World::in_sync();
    let target =
        "kind: Config\ntargets:\n  local: { sandbox: { data: s.db, estate: estate.yaml, faults: faults.yaml } }\n";
    world.write("icsync.yaml", target);
    world.write("estate.yaml", "telephony_servers:\n  - id: 417\nusers:\n  - { username: kim, api_kee: k }\n");
    world.write("faults.yaml", "- { operation: list, nth: 0, effect: html }\n");
    let Run { stderr, .. } = world.run(&["plan"]).expect(3);
    assert!(stderr.contains("error[IC0201]: the key `api_kee` is not known here\n --> estate.yaml:4:22\n"), "{stderr}");
    assert!(stderr.contains("4 |   - { username: kim, api_kee: k }\n"), "{stderr}");
    assert!(stderr.contains("help: did you mean `api_key`?"), "{stderr}");
    let failed = world.run(&["plan", "-o", "json"]).expect(3).json();
    assert_eq!(failed["diagnostics"][0]["file"], "estate.yaml", "{failed}");
    world.edit("estate.yaml", "api_kee", "api_key");
    let Run { stderr, .. } = world.run(&["plan"]).expect(3);
    assert!(
        stderr.contains("error[IC0209]: fault 1: `nth` and `every` count from 1\n --> faults.yaml:1:3\n"),
        "{stderr}"
    );
}
