//! The table of modules in `src/lib.rs` is true: no module imports what the table does not allow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules of the table in its order, each with what it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let library = include_str!("../../src/lib.rs");
    let rows = library.lines().filter_map(|line| line.strip_prefix("//! | ")).filter(|row| row.contains('`'));
    let (mut table, mut above) = (BTreeMap::new(), BTreeSet::new());
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let modules = names(cells[0]);
        let allowed = allowed(cells.last().expect("a last cell"), &above);
        for module in &modules {
            let mut allowed = allowed.clone();
            allowed.insert(module.clone());
            table.insert(module.clone(), allowed);
        }
        above.extend(modules);
    }
    table
}

fn allowed(cell: &str, above: &BTreeSet<String>) -> BTreeSet<String> {
    let named: BTreeSet<String> = names(cell).into_iter().collect();
    match cell {
        _ if cell.starts_with("all above but") => above.difference(&named).cloned().collect(),
        _ if cell.starts_with("all") => above.clone(),
        _ => named,
    }
}

/// The words in backquotes, without the brackets of links.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn files_of(module: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![source.join(module), source.join(format!("{module}.rs"))];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && path.exists() {
            files.push(path);
        }
    }
    files
}

/// The top-level modules that a file names after `crate::`, its tests aside.
fn imports(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let after = text.match_indices("crate::").map(|(place, found)| &text[place + found.len()..]);
    let first = |rest: &str| rest.chars().take_while(|one| one.is_ascii_lowercase() || *one == '_').collect::<String>();
    after.map(first).filter(|name| !name.is_empty()).collect()
}

/// Tells whether a source file is compiled for tests only.
fn is_test(file: &Path) -> bool {
    file.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "fixture.rs" | "testing.rs")))
}

#[test]
fn no_module_imports_what_the_table_does_not_allow() {
    let table = table();
    let library = include_str!("../../src/lib.rs");
    let modules: Vec<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod "))
        .filter(|line| *line != "fixture;")
        .filter_map(|line| line.strip_suffix(';'))
        .collect();
    assert!(modules.len() > 5, "{modules:?}");
    let mut wrong = Vec::new();
    for module in modules {
        let allowed = table.get(module).unwrap_or_else(|| panic!("`{module}` is not in the table of src/lib.rs"));
        for file in files_of(module).iter().filter(|file| !is_test(file)) {
            let beyond: Vec<String> = imports(file).difference(allowed).cloned().collect();
            if !beyond.is_empty() {
                wrong.push(format!("{}: {beyond:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
