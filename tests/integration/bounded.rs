//! What is small in files and large in a plan.

use crate::world::World;

/// A world in which `count` clients get a value of a megabyte of one profile.
fn sharing(count: usize) -> World {
    let world = World::in_sync();
    let value = "x".repeat(1_000_000);
    let mut text = format!("kind: Profile\nname: wide\nsettings:\n  \"crm::page\": {value}\n");
    for number in 1..=count {
        text += &format!(
            "---\nkind: IntegratorClient\nname: c{number}\nscope: {{ telsys: 417, partition: 1, device: \"1{number}\" }}\nprofiles: [wide]\n"
        );
    }
    world.write("clients/wide.yaml", &text);
    world
}

#[test]
fn a_large_value_that_many_clients_get_is_refused_before_it_is_written_for_each() {
    let world = sharing(1_200);
    world.run(&["validate"]).expect(0);
    for command in
        [&["plan"][..], &["plan", "-o", "json"], &["plan", "--out", "p.json"], &["drift"], &["apply", "--auto-approve"]]
    {
        let said = world.run(command).expect(1).stderr;
        assert!(
            said.contains(
                "more than 1073741824 bytes of values; `settings.crm::page` takes most of it, in 1200 clients"
            ),
            "{said}"
        );
        assert!(said.contains("clients/wide.yaml:4") && said.contains("--select"), "{said}");
    }
    assert_eq!(world.writes(), 0);
    let some = world.run(&["plan", "--select", "name=c1?"]).expect(0);
    assert!(some.stdout.contains("10 to add"), "{}", some.stdout);
}

#[test]
fn a_plan_that_could_not_be_read_back_is_not_saved() {
    let world = sharing(150);
    let said = world.run(&["plan", "--out", "p.json"]).expect(1);
    assert!(said.stdout.contains("150 to add"), "{}", said.stdout);
    assert!(said.stderr.contains("cannot write") && said.stderr.contains("--select"), "{}", said.stderr);
    assert!(!world.path("p.json").exists());
    world.run(&["plan", "--out", "p.json", "--select", "name=c1?"]).expect(0);
    world.run(&["show", "p.json"]).expect(0);
}
