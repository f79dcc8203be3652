//! Two revisions of a repository: what is taken over from one means in the other what it says there.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;

const FLEET: &str = "kind: Fleet\nname: desk\nscope: { telsys: 2 }\ndevices_from: { csv: desks.csv, column: number }\n\
                     template: { profiles: [loud], description: 'Desk ${device}' }\n";
const ROWS: &str = "number\n100\n101\n102\n";
const PROFILES: &str = "kind: Profile\nname: base\nsettings: { a::x: 1, a::y: '${var.site}' }\n---\n\
                        kind: Profile\nname: loud\nextends: [base]\nsettings: { a::z: true }\n";

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).current_dir(folder);
    let output = git.output().expect("git");
    assert!(output.status.success(), "{output:?}");
}

fn client(name: &str, telsys: usize, more: &str) -> String {
    format!("kind: IntegratorClient\nname: {name}\nscope: {{ telsys: {telsys} }}\n{more}")
}

/// A tree of everything that definitions are made of.
fn tree() -> Tree {
    let tree = Tree::default()
        .with(CONFIG_FILE, CONFIG)
        .with("clients/desks.yaml", FLEET)
        .with("clients/desks.csv", ROWS)
        .with("clients/profiles.yaml", PROFILES);
    (10..20).fold(tree, |tree, number| {
        let profile = ["", "profiles: [base]\n", "profiles: [loud]\n"][number % 3];
        tree.with(&format!("clients/{number}.yaml"), client(&format!("c{number}"), number, profile))
    })
}

/// Writes a tree over what a folder has and commits it.
fn commit(folder: &Path, tree: &Tree) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with(".git") {
            std::fs::remove_dir_all(entry).expect("a folder");
        } else if entry.is_file() {
            std::fs::remove_file(entry).expect("a file");
        }
    }
    for (path, bytes) in &tree.0 {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        #[expect(clippy::disallowed_methods, reason = "the tests make the trees that they read")]
        std::fs::write(path, bytes).expect("a file");
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", "tree"]);
}

/// Loads the base beside the head and by itself, holds both against each other, and counts what was taken over.
fn compared(base: &Tree, head: &Tree) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "--quiet"]);
    commit(folder.path(), base);
    commit(folder.path(), head);
    let environment = EnvironmentVariables::symbolic();
    let revision = Revision::open(folder.path(), "HEAD~1").expect("a revision");
    let alone = load_all(&revision, CONFIG_FILE, None, &environment, Emptiness::Allowed);
    let mut counts = Vec::new();
    for source in
        [&Folder::new(folder.path()) as &dyn Source, &Revision::open(folder.path(), "HEAD").expect("a revision")]
    {
        let compared = Compared::new(source, &revision);
        let Ok(tree) = load_all(&compared, CONFIG_FILE, None, &environment, Emptiness::Allowed) else { return 0 };
        let common = compared.finish();
        let beside = Some(Beside { tree: &tree, common: &common });
        let loaded = load_beside(&revision, CONFIG_FILE, None, &environment, beside);
        match (&alone, &loaded) {
            (Ok(alone), Ok(loaded)) => {
                assert_eq!(format!("{:#?}", alone.desired.clients), format!("{:#?}", loaded.desired.clients));
                let taken = |one: &&Arc<Definition>| {
                    tree.desired.clients.get(&one.name).is_some_and(|other| Arc::ptr_eq(one, other))
                };
                counts.push(loaded.desired.clients.values().filter(taken).count());
            }
            (alone, loaded) => {
                assert_eq!(alone.as_ref().err(), loaded.as_ref().err());
                counts.push(0);
            }
        }
    }
    assert_eq!(counts[0], counts[1], "a working tree is compared as a revision is");
    counts[0]
}

#[test]
fn what_two_revisions_have_alike_is_read_once() {
    let base = tree();
    assert_eq!(compared(&base, &tree()), 13);
    // The client that changes, and no other.
    assert_eq!(compared(&base, &tree().with("clients/10.yaml", client("c10", 10, "description: new\n"))), 12);
    // Three have the profile that changes, the fleet has it, and three have one that extends it.
    let profiles = PROFILES.replace("a::x: 1", "a::x: 2");
    assert_eq!(compared(&base, &tree().with("clients/profiles.yaml", profiles)), 3);
    // A fleet is read again for a row of its table.
    assert_eq!(compared(&base, &tree().with("clients/desks.csv", format!("{ROWS}103\n"))), 10);
}

#[test]
fn what_changes_the_meaning_of_files_that_are_alike_lets_all_be_read() {
    for other in [
        tree().with(CONFIG_FILE, CONFIG.replace("London", "Paris")),
        tree().with(CATALOGUE_FILE, "kind: Keys\nsettings: { a::x: {}, a::y: {}, a::z: {} }\n"),
    ] {
        assert_eq!((compared(&tree(), &other), compared(&other, &tree())), (0, 0));
    }
    // The table beside the fleet comes before the one of the same path below the configuration.
    let fleet = FLEET.replace("desks.csv", "clients/desks.csv");
    let head = tree().with("clients/desks.yaml", fleet);
    let base = Tree(head.0.clone()).with("clients/clients/desks.csv", "number\n900\n");
    assert_eq!(compared(&base, &head), 0);
}

#[test]
fn mistakes_of_a_base_are_those_that_it_has_by_itself() {
    for (path, text) in [
        ("clients/more.yaml", client("c10", 30, "")),
        ("clients/more.yaml", client("more", 10, "")),
        ("clients/10.yaml", client("c10", 10, "profiles: [none]\n")),
        ("clients/10.yaml", "kind: [".to_owned()),
    ] {
        assert_eq!(compared(&tree().with(path, text), &tree()), 0, "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_base_loaded_beside_a_head_is_as_it_is_alone(edits in prop::collection::vec((0usize..2, 0usize..14, 0usize..6), 1..6)) {
        let mut sides = [tree(), tree()];
        for (side, file, edit) in edits {
            let files: Vec<String> = sides[side].0.keys().filter(|path| path.starts_with("clients/")).cloned().collect();
            let Some(path) = files.get(file) else { continue };
            match edit {
                0 => drop(sides[side].0.remove(path)),
                1 => drop(sides[side].0.insert(path.clone(), PROFILES.replace("true", "false").into())),
                2 => drop(sides[side].0.insert(path.clone(), client(&format!("new{file}"), 40 + file, "profiles: [loud]\n").into())),
                3 => drop(sides[side].0.insert(path.clone(), client("c12", 12, "").into())),
                4 => if let Some(bytes) = sides[side].0.remove(path) {
                    sides[side].0.insert(format!("clients/moved{file}.yaml"), bytes);
                },
                _ => if let Some(bytes) = sides[side].0.get_mut(path) {
                    bytes.extend(b"# a remark\n");
                },
            }
        }
        compared(&sides[0], &sides[1]);
    }
}
