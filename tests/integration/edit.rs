//! `fmt`, `pin` and `show --effective`: edits of files, and what a definition comes to.

use crate::world::{Run, World};

const ODD: &str = "# The first.\r\nname: one   # its name\r\n\r\n\r\nkind: IntegratorClient\r\nsettings:\r\n      # why\r\n      \
                   'ui::b': text\r\n      \"ui::a\": true   \r\nscope: { device: \"01\", partition: 1, telsys: 417 }\r\n\
                   policies: { \"core::a\": true }\r\ndescription: one\r\n";

fn git(world: &World, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.current_dir(world.path("")).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
    let output = command.output().expect("git");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn fmt_checks_with_a_diff_then_writes_then_has_nothing_to_do() {
    let world = World::in_sync();
    world.write("clients/one.yaml", ODD);
    let Run { stdout, stderr, .. } = world.run(&["fmt", "--check"]).expect(2);
    insta::assert_snapshot!(stdout, @r#"
    --- a/clients/one.yaml
    +++ b/clients/one.yaml
    @@ -1,12 +1,10 @@
     # The first.
    -name: one   # its name
    -
    -
     kind: IntegratorClient
    +name: one  # its name
    +scope: {telsys: 417, partition: 1, device: "01"}
    +description: one
    +policies: {"core::a": true}
     settings:
    -      # why
    -      'ui::b': text
    -      "ui::a": true   (U+0020 U+0020 U+0020)
    -scope: { device: "01", partition: 1, telsys: 417 }
    -policies: { "core::a": true }
    -description: one
    +  "ui::a": true
    +  # why
    +  "ui::b": "text"
    "#);
    assert_eq!(stderr, "1 of 2 files would be laid out differently\n");
    assert_eq!(world.read("clients/one.yaml"), ODD);
    assert_eq!(world.run(&["fmt"]).expect(0).stdout, "clients/one.yaml\n");
    assert_eq!(world.run(&["fmt", "--check"]).expect(0).stdout, "");
    assert!(world.read("clients/one.yaml").lines().count() == world.read("clients/one.yaml").matches("\r\n").count());
    world.assert_in_sync();
}

#[test]
fn fmt_writes_nothing_when_one_file_is_broken_and_takes_single_files() {
    let world = World::in_sync();
    world.write("clients/odd.yaml", ODD);
    world.write("clients/broken.yaml", "kind: [\n");
    let Run { stderr, .. } = world.run(&["fmt"]).expect(3);
    assert!(stderr.contains("clients/broken.yaml:1:7") && stderr.contains("no file was laid out"), "{stderr}");
    assert_eq!(world.read("clients/odd.yaml"), ODD);
    world.run(&["fmt", "clients/odd.yaml"]).expect(0);
    assert!(world.read("clients/odd.yaml").starts_with("# The first.\r\nkind: IntegratorClient\r\n"));
}

#[cfg(unix)]
#[test]
fn fmt_keeps_permissions_and_links() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::in_sync();
    world.write("clients/real.txt", ODD);
    std::fs::set_permissions(world.path("clients/real.txt"), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("real.txt", world.path("clients/odd.yaml")).expect("a link");
    world.remove("clients/one.yaml");
    world.run(&["fmt"]).expect(0);
    let metadata = std::fs::symlink_metadata(world.path("clients/odd.yaml")).expect("a link");
    assert!(metadata.file_type().is_symlink() && world.read("clients/real.txt").contains('#'));
    let mode = std::fs::metadata(world.path("clients/real.txt")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_ne!(world.read("clients/real.txt"), ODD);
}

#[cfg(unix)]
#[test]
fn fmt_takes_a_named_file_once_and_none_through_a_link_out_of_the_folder() {
    let world = World::in_sync();
    let outside = tempfile::tempdir().expect("a folder");
    let target = outside.path().join("config");
    std::fs::write(&target, ODD).expect("a file");
    std::os::unix::fs::symlink(&target, world.path("clients/link.yaml")).expect("a link");
    std::os::unix::fs::symlink(outside.path(), world.path("clients/folder")).expect("a link");
    for named in ["clients/link.yaml", "clients/folder/config"] {
        let refused = world.run(&["fmt", named]).expect(3).stderr;
        assert!(refused.contains("IC0004") && refused.contains(named), "{refused}");
    }
    assert_eq!(std::fs::read_to_string(&target).expect("a file"), ODD);
    // Whoever names the place itself means it.
    world.run(&["fmt", target.to_str().expect("a path")]).expect(0);
    assert_ne!(std::fs::read_to_string(&target).expect("a file"), ODD);
    world.write("clients/odd.yaml", ODD);
    let said = world.run(&["fmt", "clients/odd.yaml", "./clients/odd.yaml"]).expect(0).stderr;
    assert!(said.contains("1 of 1 file laid out"), "{said}");
}

#[test]
fn pin_adds_one_line_per_client_and_keeps_everything_else() {
    let world = World::in_sync();
    world.write("clients/one.yaml", ODD);
    world.write(
        "clients/two.yaml",
        "kind: IntegratorClient\nname: two\nscope: { telsys: 417, partition: 1, device: \"02\" }\n",
    );
    world.write(
        "clients/fleet.yaml",
        "kind: Fleet\nname: desk\nscope: { telsys: 417, partition: 1 }\ndevices: [\"03\"]\ntemplate: {}\n",
    );
    world.apply().expect(0);
    git(&world, &["init", "-q"]);
    git(&world, &["-c", "core.autocrlf=false", "add", "."]);
    git(&world, &["commit", "-qm", "before"]);
    world.forget();
    let Run { stdout, .. } = world.run(&["pin"]).expect(0);
    insta::assert_snapshot!(stdout, @r"
    clients/one.yaml: one
    clients/two.yaml: two

    pinned 2, 0 had their id already, 1 of fleets or aliases have no line for one: their scope stands in for it
    ");
    assert_eq!(world.writes(), 0);
    let changed = git(&world, &["diff", "--numstat"]);
    assert_eq!(changed.lines().collect::<Vec<_>>(), ["1\t0\tclients/one.yaml", "1\t0\tclients/two.yaml"]);
    let expected = ODD.replace("telsys: 417 }\r\n", "telsys: 417 }\r\nid: \"00000000000000aa:1:1:1\"\r\n");
    assert_eq!(world.read("clients/one.yaml"), expected);
    let Run { stdout, .. } = world.run(&["pin"]).expect(0);
    assert_eq!(
        stdout,
        "pinned 0, 2 had their id already, 1 of fleets or aliases have no line for one: their scope stands in for it\n"
    );
    world.assert_in_sync();
}

#[test]
fn pin_renews_an_id_that_is_gone_and_names_what_it_cannot_bind() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "description: one", "id: \"00000000000000ff:1:1:1\"   # old\ndescription: one");
    world.write(
        "clients/new.yaml",
        "kind: IntegratorClient\nname: new\nscope: { telsys: 417, partition: 1, device: \"02\" }\n",
    );
    let Run { stdout, .. } = world.run(&["pin"]).expect(0);
    insta::assert_snapshot!(stdout, @r"
    clients/one.yaml: one
    left as they are:
      new: it has no live client yet

    pinned 1, 0 had their id already
    ");
    assert!(world.read("clients/one.yaml").contains("id: \"00000000000000aa:1:1:1\"   # old\n"));
}

#[test]
fn pin_names_clients_that_hide_their_scope_and_may_be_the_one_that_it_looks_for() {
    let hidden = |id: &str, description: &str| {
        format!(
            "  - {{ id: \"{id}\", telsys: 417, partition: 1, device: \"02\", shown_partition: -3, description: {description} }}\n"
        )
    };
    let of = |rows: &str| {
        let world = World::of(&format!("{}{rows}", crate::world::ESTATE));
        world.write(
            "clients/new.yaml",
            "kind: IntegratorClient\nname: new\nscope: { telsys: 417, partition: 1, device: \"02\" }\ndescription: two\n",
        );
        world.run(&["pin"]).expect(0).stdout
    };
    let said = of(&hidden("00000000000000cc:1:1:1", "two"));
    assert!(
        said.contains("no live client shows its scope") && said.contains("write `id: \"00000000000000cc:1:1:1\"`"),
        "{said}"
    );
    let said = of(&hidden("00000000000000cc:1:1:1", "other"));
    assert!(said.contains("may be one of those that the server lists with partition -3"), "{said}");
}

#[test]
fn show_effective_says_what_a_client_comes_to_and_where_each_value_stands() {
    let world = World::in_sync();
    world.configure("manage: [{ telsys: 417 }]\nsensitive: [\"settings.crm::*\"]");
    world.write(
        "clients/fleet.yaml",
        "kind: Profile\nname: base\nsettings: { \"ui::a\": 1e3, \"crm::password\": secret-word }\n---\nkind: Fleet\nname: \
         desk\nscope: { telsys: 417, partition: 1 }\ndevices: [\"03\"]\ntemplate:\n  description: Desk ${device}\n  profiles: \
         [base]\n  policies: {}\n  owns: { settings: listed }\n",
    );
    let Run { stdout, .. } = world.run(&["show", "--effective", "desk-03"]).expect(0);
    insta::assert_snapshot!(stdout, @r#"
    kind: IntegratorClient                            # clients/fleet.yaml:5
    name: desk-03
    scope: {telsys: 417, partition: 1, device: "03"}  # clients/fleet.yaml:8
    description: "Desk 03"                            # clients/fleet.yaml:10
    policies: {}
    settings:
      "crm::password": "(sensitive)"                  # clients/fleet.yaml:3
      "ui::a": 1e3                                    # clients/fleet.yaml:3
    owns: {settings: listed}
    "#);
    assert!(!stdout.contains("secret-word"));
    let json = world.run(&["show", "--effective", "desk-03", "-o", "json"]).expect(0).json();
    assert_eq!((&json["client"], &json["values"][0]["source"]["line"]), (&"desk-03".into(), &10.into()));
    let Run { stderr, .. } = world.run(&["show", "--effective", "desk-3"]).expect(1);
    assert!(stderr.contains("did you mean `desk-03`?"), "{stderr}");
    world.run(&["show"]).expect(64);
}

#[test]
fn what_show_effective_writes_reads_as_the_same_definition() {
    let world = World::in_sync();
    world.write(
        "clients/one.yaml",
        "kind: IntegratorClient\nname: one\nscope: {telsys: 417, partition: 1, device: \"01\"}\nsettings: {\"$${x}\": \"$${y}\", \"$$${{z}}\": {\"$${a}\": 1}}\n",
    );
    let Run { stdout, .. } = world.run(&["show", "--effective", "one"]).expect(0);
    assert!(stdout.contains("\"$${x}\": \"$${y}\"") && stdout.contains("\"$$${{z}}\": {\"$${a}\": 1}"), "{stdout}");
    world.write("clients/one.yaml", &stdout);
    let again = world.run(&["show", "--effective", "one", "-o", "json"]).expect(0).json();
    assert_eq!((&again["values"][0]["key"], &again["values"][1]["key"]), (&"$${{z}}".into(), &"${x}".into()));
}

#[test]
fn mistakes_are_written_in_every_format_that_is_asked_for() {
    let world = World::in_sync();
    world.edit("clients/one.yaml", "policies", "policeis");
    let formats =
        ["-o", "github", "-o", "sarif=r.sarif", "-o", "junit=r.xml", "-o", "json=r.json", "-o", "markdown=r.md"];
    let Run { stdout, stderr, .. } = world.run(&[&["validate"][..], &formats[..]].concat()).expect(3);
    assert!(stdout.contains("\n::error file=clients/one.yaml,line=6"), "{stdout}");
    assert!(stderr.contains("did you mean `policies`?"), "{stderr}");
    let sarif: serde_json::Value = serde_json::from_str(&world.read("r.sarif")).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "clients/one.yaml");
    assert_eq!(place["region"]["startLine"], 6);
    assert!(world.read("r.xml").contains("policeis") && world.read("r.md").contains("policeis"));
    assert!(world.read("r.json").contains("\"code\": \"invalid\""));
    world.edit("clients/one.yaml", "policeis", "policies");
    let Run { stdout, .. } = world.run(&["validate", "-o", "sarif"]).expect(0);
    assert!(stdout.contains("\"results\": []"), "{stdout}");
}
