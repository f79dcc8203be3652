//! Every code is emitted by its own example.

use super::*;
use crate::catalogue::{Census, findings};
use crate::diagnostic::explain;
use crate::model::{Live, Selection};

/// Makes a tree of an example: `# file: PATH` begins a file.
fn tree(example: &str) -> Tree {
    let mut tree = Tree::default().with(CONFIG_FILE, CONFIG);
    let mut path = "clients/example.yaml".to_owned();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for line in example.lines() {
        match line.strip_prefix("# file: ") {
            Some(next) => next.clone_into(&mut path),
            None => files.entry(path.clone()).or_default().extend([line, "\n"]),
        }
    }
    for (path, text) in files {
        tree = tree.with(&path, text);
    }
    if tree.0.keys().all(|path| !path.starts_with("clients/")) {
        tree = tree.with("clients/ok.yaml", "kind: IntegratorClient\nname: ok\nscope: { telsys: 417 }\n");
    }
    tree
}

fn emits(tree: &Tree, code: Code) -> bool {
    tree.found().iter().any(|one| one.code == code)
}

/// Compares the keys of a tree with each other.
fn doubts(tree: &Tree) -> Vec<Code> {
    let (desired, selection) = (tree.desired(), Selection::default());
    let found = findings(&desired, &Census::of(&desired, None), None, &selection);
    located(tree, &found, &[]).iter().map(|one| one.code).collect()
}

#[test]
fn every_code_is_emitted_by_its_example() {
    for code in Code::ALL {
        let example = explain(code.as_str()).map(|explanation| explanation.example).expect("an example");
        match code {
            // Those that a text in `explain` cannot show, by trees that are made.
            Code::TooLarge => assert_eq!(TooLarge.load().as_slice(), [Code::TooLarge]),
            Code::NotUtf8 => {
                let tree = tree("").with("clients/a.yaml", &b"kind: IntegratorClient\ndescription: Caf\xE9\n"[..]);
                assert_eq!(tree.mistakes(), ["clients/a.yaml:2:17 IC0003"]);
            }
            Code::TooManyDocuments => {
                let many = "---\na\n".repeat(250_001);
                assert!(emits(&tree("").with("clients/a.yaml", many), *code));
            }
            Code::Contradiction => {
                let estate = example.split_once('\n').expect("the name of the file").1;
                let mistakes =
                    crate::sandbox::Estate::parse(estate, "estate.yaml").expect_err(estate).into_diagnostics();
                assert_eq!(mistakes.iter().map(|one| one.code).collect::<Vec<_>>(), [*code]);
            }
            Code::IdlePattern => {
                let tree = tree(example);
                let loaded = load_all(&tree, CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused)
                    .expect("a tree");
                let census = Census::of(&loaded.desired, None);
                let found = loaded.resolved.idle_patterns(|pattern| census.is_met_by(pattern));
                assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [*code]);
            }
            Code::IdleProtection => {
                let tree = tree(example);
                let loaded = load_all(&tree, CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused)
                    .expect("a tree");
                let found = loaded.resolved.idle_protection(&loaded.desired, &Live::default(), &[]);
                assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [*code]);
            }
            // It shows on a day that the clock says.
            Code::EndedException => {
                let tree = tree(example);
                let loaded = load_all(&tree, CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused)
                    .expect("a tree");
                let found = loaded.resolved.ended_exceptions("2020-02-01T00:00:00Z".parse().expect("a time"));
                assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [*code]);
                assert_eq!(loaded.resolved.ended_exceptions("2020-01-31T23:59:59Z".parse().expect("a time")), []);
            }
            // They show beside other clients only.
            Code::MisspeltKey | Code::UnusualType => assert_eq!(doubts(&tree(example)), [*code]),
            _ => assert!(emits(&tree(example), *code), "{}:\n{}", code.as_str(), tree(example).rendered()),
        }
    }
}

#[test]
fn an_example_shows_one_mistake() {
    for code in Code::ALL {
        let example = explain(code.as_str()).map(|explanation| explanation.example).expect("an example");
        let found = tree(example).found();
        assert!(found.len() <= 2, "{}:\n{}", code.as_str(), tree(example).rendered());
    }
}

/// A source whose definitions are too large to read.
struct TooLarge;

impl TooLarge {
    fn load(&self) -> Vec<Code> {
        let found = load_all(self, CONFIG_FILE, None, &EnvironmentVariables::default(), Emptiness::Refused).err();
        found.unwrap_or_default().iter().map(|one| one.code).collect()
    }
}

impl Source for TooLarge {
    fn list(&self, _: &str, _: DotFiles) -> FolderListing {
        FolderListing { files: ["clients/a.yaml".to_owned()].into(), ..FolderListing::default() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        match path {
            CONFIG_FILE => Ok(CONFIG.into()),
            CATALOGUE_FILE => Err(SourceError::Missing(path.to_owned())),
            _ => Err(SourceError::TooLarge(path.to_owned())),
        }
    }
}
