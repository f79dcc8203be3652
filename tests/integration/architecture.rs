//! The architecture that `src/lib.rs` promises: no module imports what its table does not allow, no files of one folder
//! import each other in a circle, no file or function outgrows its room, and no two types share a name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The longest file, without its tests, in lines.
const LONGEST_FILE: usize = 450;
/// The longest function, in lines.
const LONGEST_FUNCTION: usize = 60;

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

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A source file that is compiled into the program.
struct File {
    path: PathBuf,
    /// Where it stands below the crate: `["plan", "bind"]`, and `["plan"]` for `plan/mod.rs`.
    module: Vec<String>,
    /// Its text, its tests and comments aside.
    text: String,
}

impl File {
    fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
        let text = code.collect::<Vec<_>>().join("\n");
        let below = path.strip_prefix(source()).expect("a path below src").with_extension("");
        let mut module: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        Self { path, module, text }
    }

    fn is_folder(&self) -> bool {
        self.path.ends_with("mod.rs")
    }

    /// The module that `super` means in this file.
    fn parent(&self) -> &[String] {
        &self.module[..self.module.len() - 1]
    }

    /// Everything that the file names by a path from the crate's root, in full.
    fn imports(&self) -> Vec<Vec<String>> {
        let roots = [("crate::", Vec::new()), ("super::", self.parent().to_vec()), ("self::", self.module.clone())];
        let mut imports = Vec::new();
        for (word, root) in roots {
            for (place, _) in self.text.match_indices(word) {
                let begins =
                    !self.text[..place].ends_with(|one: char| one.is_alphanumeric() || one == '_' || one == ':');
                if begins {
                    expand(&self.text[place + word.len()..], &root, &mut imports);
                }
            }
        }
        imports
    }
}

/// Spells out what follows `crate::` and the like: `{a::B, c}` is two paths.
fn expand(rest: &str, prefix: &[String], into: &mut Vec<Vec<String>>) {
    if let Some(list) = rest.strip_prefix('{') {
        list_items(list).into_iter().for_each(|item| expand(item.trim(), prefix, into));
        return;
    }
    let name: String = rest.chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect();
    if name.is_empty() {
        return into.push(prefix.to_vec());
    }
    let path: Vec<String> = match name.as_str() {
        "super" => prefix[..prefix.len().saturating_sub(1)].to_vec(),
        "self" => prefix.to_vec(),
        _ => prefix.iter().cloned().chain([name.clone()]).collect(),
    };
    match rest[name.len()..].strip_prefix("::") {
        Some(rest) => expand(rest, &path, into),
        None => into.push(path),
    }
}

/// The items of a list in braces up to its closing brace.
fn list_items(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (place, one) in list.char_indices() {
        match one {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..place]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// Every file that is compiled into the program, tests left out.
fn files() -> Vec<File> {
    let mut open = vec![source()];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test(&path) {
            files.push(path);
        }
    }
    files.sort();
    let program = files.into_iter().filter(|path| !path.ends_with("src/lib.rs") && !path.ends_with("src/main.rs"));
    program.map(File::read).collect()
}

/// Tells whether a source file is compiled for tests only.
fn is_test(file: &Path) -> bool {
    file.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "fixture.rs" | "testing.rs")))
}

#[test]
fn no_module_imports_what_the_table_does_not_allow() {
    let table = table();
    let files = files();
    assert!(files.len() > 50 && table.len() > 5, "{} files, {table:?}", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let module = &file.module[0];
        let allowed = table.get(module).unwrap_or_else(|| panic!("`{module}` is not in the table of src/lib.rs"));
        let imported: BTreeSet<String> = file.imports().into_iter().filter_map(|path| path.first().cloned()).collect();
        let modules = imported.iter().filter(|name| table.contains_key(*name) || source().join(name).exists());
        let beyond: Vec<&String> = modules.filter(|name| !allowed.contains(*name)).collect();
        if !beyond.is_empty() {
            wrong.push(format!("{}: {beyond:?}", file.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names that a folder takes from its files, to use and to give out, each with the file that has it.
fn given_out(folder: &File) -> BTreeMap<String, String> {
    let words = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "];
    let mut paths = Vec::new();
    for word in words.map(|word| format!("\n{word}")) {
        for (place, found) in folder.text.match_indices(&word) {
            expand(&folder.text[place + found.len()..], &[], &mut paths);
        }
    }
    let given = paths.iter().filter_map(|path| match &path[..] {
        [child, .., name] => Some((name.clone(), child.clone())),
        [] | [_] => None,
    });
    given.collect()
}

/// For each folder, which of its files import which others; what a folder gives out counts as the file that has it.
fn neighbours(files: &[File]) -> BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> {
    let folders: BTreeMap<&[String], BTreeMap<String, String>> =
        files.iter().filter(|file| file.is_folder()).map(|file| (&file.module[..], given_out(file))).collect();
    let modules: BTreeSet<&[String]> = files.iter().map(|file| &file.module[..]).collect();
    let mut graph: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for file in files {
        for import in file.imports() {
            // The folder that both stand in, and the file or subfolder of it on either side.
            for depth in 1..file.module.len() {
                let (folder, own) = (&file.module[..depth], &file.module[depth]);
                let Some(rest) = import.strip_prefix(folder) else { break };
                let Some(first) = rest.first() else { break };
                let child = [folder, std::slice::from_ref(first)].concat();
                let other = if modules.contains(&child[..]) {
                    Some(first.clone())
                } else {
                    folders.get(folder).and_then(|given| given.get(first).cloned())
                };
                if let Some(other) = other.filter(|other| other != own) {
                    graph.entry(folder.to_vec()).or_default().entry(own.clone()).or_default().insert(other);
                }
            }
        }
    }
    graph
}

/// Finds a circle in a graph: a way from a node back to itself.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(graph: &BTreeMap<String, BTreeSet<String>>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = way.last().expect("a node").clone();
        for next in graph.get(&here).into_iter().flatten() {
            if let Some(place) = way.iter().position(|one| one == next) {
                way.drain(..place);
                return true;
            }
            if !done.contains(next) {
                way.push(next.clone());
                if walk(graph, way, done) {
                    return true;
                }
                way.pop();
            }
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        (!done.contains(start) && walk(graph, &mut way, &mut done)).then_some(way)
    })
}

#[test]
fn no_files_of_one_folder_import_each_other_in_a_circle() {
    let files = files();
    let graph = neighbours(&files);
    assert!(graph.len() > 5, "{graph:?}");
    let circles: Vec<String> = graph
        .iter()
        .filter_map(|(folder, graph)| Some(format!("{}: {}", folder.join("/"), circle(graph)?.join(" → "))))
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_circle_is_seen() {
    let edge = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));
    assert_eq!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c")])), None);
    let found = circle(&BTreeMap::from([edge("a", "b"), edge("b", "c"), edge("c", "b")]));
    assert_eq!(found, Some(vec!["b".to_owned(), "c".to_owned()]));
}

#[test]
fn a_path_in_braces_is_spelled_out() {
    let mut paths = Vec::new();
    expand("{plan::{Plan, step::Step}, text};", &["a".to_owned()], &mut paths);
    let paths: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["a::plan::Plan", "a::plan::step::Step", "a::text"]);
}

/// The functions of a file with their lengths in lines, by the layout of rustfmt.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let words = line
            .trim_start()
            .trim_start_matches("pub ")
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ");
        if !words.trim_start_matches("const ").trim_start_matches("async ").starts_with("fn ") {
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |line: &&str| {
            **line == format!("{indent}}}")
                || line.ends_with(';') && line.strip_prefix(indent).is_some_and(|line| !line.starts_with(' '))
        };
        let end = lines[start..].iter().position(ends).unwrap_or(0);
        functions.push((line.trim().to_owned(), end + 1));
    }
    functions
}

#[test]
fn no_file_and_no_function_outgrows_its_room() {
    let files = files();
    let mut long = Vec::new();
    let mut seen = 0;
    for file in &files {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{} has {lines} lines", file.path.display()));
        }
        for (name, lines) in functions(&file.text) {
            seen += 1;
            if lines > LONGEST_FUNCTION {
                long.push(format!("{}: `{name}` has {lines} lines", file.path.display()));
            }
        }
    }
    assert!(seen > 500, "{seen} functions");
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The names that two types share all the same, each with the reason.
const SHARED_NAMES: [(&str, &str); 2] = [
    ("Operation", "the sandbox has nouns of its own, so that a wrong one in the client is seen; its users say which"),
    ("Options", "those of the connection and those of a run of apply: both are written with their module before them"),
];

/// The types that a text declares, by hand or by the macros that declare some.
fn types(text: &str) -> Vec<&str> {
    let (mut types, mut by_macro) = (Vec::new(), false);
    for line in text.lines() {
        let written = line.trim_start();
        if matches!(written, "mapping! {" | "shared! {" | "switch! {") {
            by_macro = true;
        } else if by_macro && written.starts_with(char::is_uppercase) {
            by_macro = false;
            types.push(first_word(written.split_once(" as ").map_or(written, |(_, name)| name)));
        } else {
            types.extend(declared(line));
        }
    }
    types
}

/// The type that a line declares; one that is indented and called `type` belongs to a trait or an `impl`.
fn declared(line: &str) -> Option<&str> {
    let written = line.trim_start();
    let item = match written.strip_prefix("pub(") {
        Some(restricted) => restricted.split_once(") ")?.1,
        None => written.trim_start_matches("pub "),
    };
    let (word, name) = item.split_once(' ')?;
    let declares = matches!(word, "struct" | "enum" | "trait") || word == "type" && !line.starts_with(' ');
    (declares && name.starts_with(char::is_uppercase)).then(|| first_word(name))
}

fn first_word(text: &str) -> &str {
    text.split(|one: char| !one.is_alphanumeric() && one != '_').next().unwrap_or_default()
}

#[test]
fn no_two_types_of_the_program_share_a_name() {
    let files = files();
    let mut homes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in &files {
        for name in types(&file.text) {
            homes.entry(name).or_default().push(file.module.join("::"));
        }
    }
    assert!(homes.len() > 300, "{} types", homes.len());
    let shared: BTreeMap<&str, Vec<String>> = homes.into_iter().filter(|(_, homes)| homes.len() > 1).collect();
    let allowed: Vec<&str> = SHARED_NAMES.iter().map(|(name, _)| *name).collect();
    assert_eq!(shared.keys().copied().collect::<Vec<_>>(), allowed, "{shared:#?}");
}

#[test]
fn types_are_found_however_they_are_declared() {
    let text = "pub(in crate::a) struct One<'n> {\nenum Two {\ntype Three = ();\nimpl X {\n    type Four = ();\n}\n\
                mapping! {\n\n    Five as Six: KIND(Rule::One) {\n    }\n}\npub enum $name {\nuse a as B;";
    assert_eq!(types(text), ["One", "Two", "Three", "Six"]);
}
