//! Trees on disk: links, hidden files, what lies outside.

use std::path::Path;

use super::*;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    #[expect(clippy::disallowed_methods, reason = "the tests make the trees that they read")]
    std::fs::write(path, text).expect("a file");
}

fn client(name: &str, telsys: u32) -> String {
    format!("kind: IntegratorClient\nname: {name}\nscope: {{ telsys: {telsys} }}\n")
}

fn load_from(root: &Path) -> Result<Vec<String>, Vec<String>> {
    let loaded = load_all(&Folder::new(root), CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused);
    match loaded {
        Ok(LoadedTree { desired, .. }) => Ok(desired.clients.keys().map(ToString::to_string).collect()),
        Err(found) => Err(found.iter().map(|one| format!("{} {}", one.code.as_str(), one.message)).collect()),
    }
}

/// Names the files that a run with `--prune` refuses.
fn unread(root: &Path) -> Vec<String> {
    let folder = Folder::new(root);
    let tree =
        load_all(&folder, CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused).expect("a tree");
    let found = unread_definitions(&folder, &tree.resolved);
    found.iter().filter_map(Diagnostic::location).map(|at| at.file.to_string()).collect()
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), CONFIG_FILE, CONFIG);
    write(folder.path(), "clients/one.yaml", &client("one", 1));
    write(folder.path(), "clients/deep/er/two.yaml", &client("two", 2));
    folder
}

#[test]
fn folders_are_searched_and_hidden_files_are_named() {
    let folder = tree();
    write(folder.path(), "clients/notes.txt", "not YAML: [");
    write(folder.path(), "elsewhere/four.yaml", &client("four", 4));
    write(folder.path(), "clients/three.yml", &client("three", 3));
    assert_eq!(load_from(folder.path()), Ok(["one", "three", "two"].map(str::to_owned).to_vec()));
    for path in ["clients/.hidden/x.yaml", "clients/.x.yaml", "clients/x.YML", "clients/deep/x.json"] {
        let folder = tree();
        write(folder.path(), path, &client("x", 9));
        let found = load_from(folder.path()).expect_err("a mistake");
        assert!(found.len() == 1 && found[0].starts_with(&format!("IC0008 `{path}`")), "{found:?}");
        let leave_out = format!("kind: Config\ndefinitions: [\"clients/**/*.{{yaml,yml}}\", \"!{path}\"]");
        write(folder.path(), CONFIG_FILE, &CONFIG.replace("kind: Config", &leave_out));
        assert_eq!(load_from(folder.path()), Ok(vec!["one".to_owned(), "two".to_owned()]), "{path}");
    }
}

#[test]
fn where_unmanaged_clients_are_deleted_a_folder_that_moved_is_seen() {
    let pruning = CONFIG.replace("kind: Config", "kind: Config\nprune: delete");
    let moved = "moved/deep/three.yaml";
    for (path, text) in [
        (moved, client("three", 3)),
        ("three.yml", format!("---\n{}", client("three", 3))),
        ("moved/THREE.JSON", "{\n  \"kind\": \"IntegratorClient\", \"name\": \"three\" }\n".to_owned()),
        ("moved/fleet.yaml", "# desks\nkind: 'Fleet'\nname: f\n".to_owned()),
    ] {
        let folder = tree();
        write(folder.path(), path, &text);
        assert!(load_from(folder.path()).is_ok(), "reported clients stay: {path}");
        assert_eq!(unread(folder.path()), [path], "but not in a run that deletes them");
        write(folder.path(), CONFIG_FILE, &pruning);
        let found = load_from(folder.path()).expect_err("a mistake");
        assert!(found.len() == 1 && found[0].starts_with(&format!("IC0008 `{path}`")), "{found:?}");
        let patterns = format!("definitions: [\"clients/**/*.{{yaml,yml}}\", \"!{path}\"]");
        write(folder.path(), CONFIG_FILE, &pruning.replace("prune: delete", &format!("prune: delete\n{patterns}")));
        assert!(load_from(folder.path()).is_ok(), "{path}");
    }
    // What defines no client, is hidden, or belongs to another configuration is nobody's business.
    let folder = tree();
    write(folder.path(), CONFIG_FILE, &pruning);
    write(folder.path(), "compose.yaml", "kind: Deployment\nspec: { kind: IntegratorClients }\n");
    write(folder.path(), ".github/x.yaml", &client("x", 8));
    write(folder.path(), "other/icsync.yaml", CONFIG);
    write(folder.path(), "other/clients/x.yaml", &client("x", 9));
    assert!(load_from(folder.path()).is_ok());
}

#[test]
fn the_configuration_and_dot_git_are_no_definitions() {
    let folder = tree();
    write(folder.path(), ".git/x.yaml", "kind: Nothing\n");
    write(folder.path(), CONFIG_FILE, &CONFIG.replace("kind: Config", "kind: Config\ndefinitions: [\"**/*.yaml\"]"));
    assert_eq!(load_from(folder.path()), Ok(vec!["one".to_owned(), "two".to_owned()]));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn loops_of_links_end() {
        let folder = tree();
        symlink("..", folder.path().join("clients/up")).expect("a link");
        symlink(".", folder.path().join("clients/deep/here")).expect("a link");
        assert_eq!(load_from(folder.path()), Ok(vec!["one".to_owned(), "two".to_owned()]));
    }

    #[test]
    fn many_links_to_a_large_folder_are_one_mistake_and_end() {
        let folder = tree();
        for number in 0..250 {
            write(folder.path(), &format!("data/{number}.yaml"), &client(&format!("n{number}"), number + 10));
            symlink("../data", folder.path().join(format!("clients/link{number}"))).expect("a link");
        }
        let found = load_from(folder.path()).expect_err("a mistake");
        assert!(found.len() == 1 && found[0].contains("links to folders lead to more than"), "{found:?}");
    }

    #[test]
    fn a_link_to_itself_is_a_mistake_and_ends() {
        let folder = tree();
        symlink("self.yaml", folder.path().join("clients/self.yaml")).expect("a link");
        let found = load_from(folder.path()).expect_err("a mistake");
        assert!(found.len() == 1 && found[0].starts_with("IC0001"), "{found:?}");
    }

    #[test]
    fn links_that_leave_the_repository_are_mistakes() {
        let outside = tempfile::tempdir().expect("a folder");
        write(outside.path(), "x.yaml", &client("x", 9));
        for (target, link) in
            [(outside.path().to_owned(), "clients/out"), (outside.path().join("x.yaml"), "clients/x.yaml")]
        {
            let folder = tree();
            symlink(target, folder.path().join(link)).expect("a link");
            assert_eq!(load_from(folder.path()), Err(vec![format!("IC0004 `{link}` leads out of the repository")]));
        }
    }

    #[test]
    fn links_that_no_pattern_can_mean_are_nobodys_business() {
        let folder = tree();
        let outside = tempfile::tempdir().expect("a folder");
        write(outside.path(), "python", "");
        symlink(outside.path().join("python"), folder.path().join("clients/python")).expect("a link");
        symlink("self", folder.path().join("clients/self")).expect("a link");
        assert_eq!(load_from(folder.path()), Ok(vec!["one".to_owned(), "two".to_owned()]));
        symlink(outside.path(), folder.path().join("clients/doc")).expect("a link");
        assert!(load_from(folder.path()).is_err(), "definitions may be in there");
    }

    #[test]
    fn links_inside_the_repository_are_followed_once() {
        let folder = tree();
        write(folder.path(), "common/three.yaml", &client("three", 3));
        symlink("../common", folder.path().join("clients/common")).expect("a link");
        symlink("one.yaml", folder.path().join("clients/again.yaml")).expect("a link");
        let names = ["one", "three", "two"].map(str::to_owned).to_vec();
        assert_eq!(load_from(folder.path()), Ok(names));
    }

    #[test]
    fn a_link_counts_where_no_pattern_matches_what_it_leads_to() {
        let folder = tree();
        write(folder.path(), "clients/three.txt", &client("three", 3));
        symlink("three.txt", folder.path().join("clients/three.yaml")).expect("a link");
        symlink("three.txt", folder.path().join("clients/once-more.yaml")).expect("a link");
        let names = ["one", "three", "two"].map(str::to_owned).to_vec();
        assert_eq!(load_from(folder.path()), Ok(names));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_a_mistake_if_a_pattern_matches_it() {
        let folder = tree();
        symlink("nowhere", folder.path().join("clients/notes.txt")).expect("a link");
        assert!(load_from(folder.path()).is_ok());
        symlink("nowhere", folder.path().join("clients/gone.yaml")).expect("a link");
        assert_eq!(load_from(folder.path()), Err(vec!["IC0001 `clients/gone.yaml` does not exist".to_owned()]));
    }
}

#[test]
fn an_export_may_begin_without_definitions() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), CONFIG_FILE, CONFIG);
    let found = load_from(folder.path()).expect_err("a mistake");
    assert!(found.len() == 1 && found[0].starts_with("IC0005"), "{found:?}");
    let source = Folder::new(folder.path());
    let environment = EnvironmentVariables::default();
    let resolved = load_config(&source, CONFIG_FILE, None, &environment).expect("a configuration");
    let desired = load(&source, &resolved, &environment, Emptiness::Allowed).expect("an empty tree");
    assert!(desired.clients.is_empty());
}

#[test]
fn secrets_come_from_the_environment_or_a_file() {
    use secrecy::ExposeSecret as _;
    let folder = tree();
    write(folder.path(), "key.txt", "hunter2\r\n");
    write(folder.path(), "empty.txt", "\n");
    let environment: EnvironmentVariables = [("KEY".to_owned(), "hunter3".to_owned())].into_iter().collect();
    let read = |source: SecretSource| {
        let secret = source.read(folder.path(), &environment);
        secret.map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    };
    assert_eq!(read(SecretSource::File("key.txt".to_owned())), Ok("hunter2".to_owned()));
    assert_eq!(read(SecretSource::Env("KEY".to_owned())), Ok("hunter3".to_owned()));
    let unset = "the variable `NO` of the environment is not set".to_owned();
    assert_eq!(read(SecretSource::Env("NO".to_owned())), Err(unset));
    assert!(read(SecretSource::File("empty.txt".to_owned())).is_err());
    assert!(read(SecretSource::File("gone.txt".to_owned())).is_err());
}
