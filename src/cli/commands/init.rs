//! `icsync init`: starts a repository. What is there already stays as it is.

use std::path::Path;

use crate::catalogue::Catalogue;
use crate::cli::args::{CiHost, InitArguments, parse_server};
use crate::cli::environment::{Environment, FileAccess, print, read, rewrite, write_new};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::git;
use crate::manifest::{self, CONFIG_FILE, Folder};
use crate::model::Change;
use crate::report;
use crate::schema::{Subject, schema};
use crate::text::{self, shell_word};

/// A file by its path in the new repository.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../examples/", $folder, "/", $path)))),*]
    };
}

const START: &[File] = files!("start": "icsync.yaml", "estate.yaml");
/// A definition to begin with, where there is no server: its devices may be somebody's desks there.
const EXAMPLE: File = ("clients/example.yaml", include_str!("../../../examples/start/clients/example.yaml"));
const GITHUB: &[File] = files!("ci":
    ".github/actions/icsync/action.yml",
    ".github/actions/icsync/install.sh",
    ".github/actions/icsync/say.sh",
    ".github/workflows/icsync-apply.yml",
    ".github/workflows/icsync-drift.yml",
    ".github/workflows/icsync-review.yml",
);
const GITLAB: &[File] = files!("ci":
    ".gitlab-ci.yml",
    ".gitlab/icsync/install.sh",
    ".gitlab/icsync/say.py",
);
/// How the recipes are set up.
const CI_README: File = ("docs/icsync-ci.md", include_str!("../../../examples/ci/README.md"));

/// What git shall not keep: the sandbox's store and the journals, what jobs of CI make, saved plans.
const IGNORED: [&str; 3] = [".icsync/", ".icsync-ci/", "plan.json"];

/// Runs the command.
pub(super) fn run(environment: &Environment, arguments: &InitArguments, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let chosen = arguments.folder.as_deref().unwrap_or_else(|| Path::new(""));
    let (folder, named) = (environment.path(chosen), environment.seen(chosen));
    if arguments.update {
        return update(environment, arguments, &folder, sink);
    }
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let below = git::prefix(&folder).is_ok_and(|prefix| !prefix.is_empty());
    let ci = if below { CiHost::None } else { arguments.ci };
    let server = server(environment, arguments, &folder)?;
    // Whoever has a configuration has definitions, and wants no example among them.
    let there = folder.join(CONFIG_FILE).symlink_metadata().is_ok();
    let begun = if there { Begun::Before } else { Begun::Now };
    let example =
        Some(&EXAMPLE).filter(|_| server.is_none()).map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let beginning = start(server.as_deref()).into_iter().chain(example);
    let beginning = beginning.filter(|(path, _)| begun == Begun::Now || path == CONFIG_FILE);
    let mut said = Vec::new();
    for (path, text) in beginning.chain(upkept(ci, None)) {
        let done = write(&folder.join(&path), &pinned(&text, arguments))?;
        said.push(format!("{done}  {}", text::path(&named.join(path))));
    }
    said.push(format!("{}  {}", ignore(&folder.join(".gitignore"))?, text::path(&named.join(".gitignore"))));
    said.push(next(&named, server.as_deref(), ci, begun));
    print(format!("{}\n", said.join("\n")).as_bytes())?;
    if below && arguments.ci != CiHost::None {
        environment.say(
            "note: recipes for CI belong in the root of the git repository, which this folder is not: run `icsync init` there, or \
             leave them out with `--ci none`",
        );
    }
    Ok(Exit::Done)
}

/// Gives the server to begin with: the one that is named, or what a person answers. None means the sandbox.
fn server(environment: &Environment, arguments: &InitArguments, folder: &Path) -> Result<Option<String>, Failure> {
    if arguments.url.is_some() || !environment.asks || folder.join(CONFIG_FILE).symlink_metadata().is_ok() {
        return Ok(arguments.url.clone());
    }
    let answer =
        Environment::ask("The address of the server, such as https://ccs.example.com (empty: begin with a sandbox): ")?;
    let parse = |answer: String| parse_server(&answer).map_err(|error| CommandError::NoServer(error).into());
    Some(answer).filter(|answer| !answer.is_empty()).map(parse).transpose()
}

/// Whether a repository had its configuration already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    Now,
    Before,
}

/// Says what to do next.
fn next(named: &Path, server: Option<&str>, ci: CiHost, begun: Begun) -> String {
    let icsync = if named.as_os_str().is_empty() {
        "icsync".to_owned()
    } else {
        format!("icsync -C {}", shell_word(&text::path(named)))
    };
    let file = |path: &str| text::path(&named.join(path));
    let mut steps = match server {
        _ if begun == Begun::Before => vec![(format!("{icsync} plan"), "the configuration is as it was")],
        None => vec![
            (format!("{icsync} apply"), "try it on the embedded sandbox"),
            (file(CONFIG_FILE), "write your server into it, and `default_target: prod`"),
        ],
        Some(_) => vec![(file(CONFIG_FILE), "say which telephony servers are managed, and where the key is")],
    };
    match (begun, server) {
        (Begun::Before, _) => {}
        (Begun::Now, Some(_)) => steps.push((format!("{icsync} export"), "take over what your server has")),
        (Begun::Now, None) => {
            steps.push((format!("{icsync} export"), "take over what your server has; remove clients/example.yaml"));
        }
    }
    if ci != CiHost::None {
        steps.push((file(CI_README.0), "where the recipes for CI get icsync and their keys: until then they stop"));
    }
    let width = steps.iter().map(|(what, _)| what.len()).max().unwrap_or_default();
    let lines: Vec<_> = steps.iter().map(|(what, why)| format!("  {what:width$}   {why}")).collect();
    format!("\nnext:\n{}", lines.join("\n"))
}

/// The files that are a beginning, which people change.
fn start(server: Option<&str>) -> Vec<(String, String)> {
    let text = |(path, text): &File| match server {
        Some(server) if *path == CONFIG_FILE => text
            .replace("# `prod` when its URL and key are right\ndefault_target: sandbox", "default_target: prod")
            .replace("https://ccs.example.com", server),
        _ => (*text).to_owned(),
    };
    START.iter().map(|file| (file.0.to_owned(), text(file))).collect()
}

/// The files that `--update` looks after: schemas and recipes.
fn upkept(ci: CiHost, catalogue: Option<&Catalogue>) -> Vec<(String, String)> {
    let recipes: &[&[File]] = match ci {
        CiHost::All => &[GITHUB, GITLAB, &[CI_README]],
        CiHost::Github => &[GITHUB, &[CI_README]],
        CiHost::Gitlab => &[GITLAB, &[CI_README]],
        CiHost::None => &[],
    };
    let schemas = Subject::ALL.map(|subject| (subject.file(), schema(subject, catalogue)));
    let recipes = recipes.iter().copied().flatten().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    schemas.into_iter().chain(recipes).collect()
}

/// Shows what this version would write otherwise than it stands there. What was set in a file stays set.
fn update(
    environment: &Environment,
    arguments: &InitArguments,
    folder: &Path,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let (mut changed, mut missing) = (Vec::new(), Vec::new());
    let catalogue = manifest::catalogue(&Folder::new(folder)).map_err(Failure::invalid)?;
    for (path, text) in upkept(arguments.ci, catalogue.as_ref()) {
        let place = folder.join(&path);
        match place.symlink_metadata() {
            Ok(_) => {
                let before = String::from_utf8_lossy(&read(&place)?).into_owned();
                let after = pinned(&with_settings_of(&before, &text), arguments);
                if before != after {
                    changed.push((path, before, after));
                }
            }
            Err(_) => missing.push(path),
        }
    }
    sink.render_text(|out, style| {
        changed.iter().try_for_each(|(path, before, after)| report::layout(out, path, before, after, style))
    })?;
    if !missing.is_empty() {
        environment.say(&format!("not there, `icsync init` writes it: {}", missing.join(", ")));
    }
    environment.say(&match changed.len() {
        0 => "recipes and schemas are what this version writes".to_owned(),
        _ => format!("take it over with `icsync init --update{} | git apply --allow-empty`", same_recipes(arguments)),
    });
    Ok(Exit::Done)
}

/// Writes the options that make the same recipes again.
fn same_recipes(arguments: &InitArguments) -> String {
    let InitArguments { folder: _, ci, url: _, from, sha256, update: _ } = arguments;
    let host = clap::ValueEnum::to_possible_value(ci).filter(|_| *ci != CiHost::default());
    let host = host.map(|host| format!(" --ci {}", host.get_name()));
    let option =
        |name: &str, value: &Option<String>| value.as_ref().map(|value| format!(" --{name} {}", shell_word(value)));
    [host, option("from", from), option("sha256", sha256)].into_iter().flatten().collect()
}

/// Puts the lines with which a file sets `ICSYNC_…` into the text that is to replace it.
fn with_settings_of(before: &str, text: &str) -> String {
    let old = |name| before.split_inclusive('\n').find(|line| setting(line) == Some(name));
    text.split_inclusive('\n').map(|line| setting(line).and_then(old).unwrap_or(line)).collect()
}

/// Writes where icsync comes from into a recipe, if that is said.
fn pinned(text: &str, arguments: &InitArguments) -> String {
    let pin = |line: &str| {
        let value = match setting(line)? {
            "ICSYNC_URL" => arguments.from.as_ref(),
            "ICSYNC_SHA256" => arguments.sha256.as_ref(),
            _ => None,
        }?;
        let mut parts = line.splitn(3, '"');
        Some(format!("{}\"{value}\"{}", parts.next()?, parts.nth(1)?))
    };
    text.split_inclusive('\n').map(|line| pin(line).unwrap_or_else(|| line.to_owned())).collect()
}

/// Gives the name that a line of YAML sets, if it is one of the recipes' settings.
fn setting(line: &str) -> Option<&str> {
    let (name, value) = line.trim_start_matches([' ', '-']).split_once(": ")?;
    (name.starts_with("ICSYNC_") && !value.starts_with("${{")).then_some(name)
}

/// Writes a file unless there is one; says which in a word.
fn write(path: &Path, text: &str) -> Result<&'static str, Failure> {
    if path.symlink_metadata().is_ok() {
        return Ok("kept ");
    }
    let access = if text.starts_with("#!") { FileAccess::Executable } else { FileAccess::Shared };
    write_new(path, text.as_bytes(), access)?;
    Ok("wrote")
}

/// Makes sure that git ignores what is not to be kept; says in a word what that took.
fn ignore(path: &Path) -> Result<&'static str, Failure> {
    let lines = |missing: &[&str]| missing.join("\n") + "\n";
    if path.symlink_metadata().is_err() {
        return write(path, &lines(&IGNORED));
    }
    let before = read(path)?;
    let mut bytes = before.clone();
    let mut missing = IGNORED.to_vec();
    missing.retain(|ignored| bytes.split(|byte| *byte == b'\n').all(|line| line.trim_ascii() != ignored.as_bytes()));
    if missing.is_empty() {
        return Ok("kept ");
    }
    if bytes.last().is_some_and(|byte| *byte != b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(lines(&missing).as_bytes());
    rewrite(path, Change { before: &before, after: &bytes })?;
    Ok("added")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                below(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).expect("below").to_str().expect("Unicode").to_owned());
            }
        }
    }

    #[test]
    fn every_example_file_is_written() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        for (folder, files) in [("start", [START, &[EXAMPLE]].concat()), ("ci", [GITHUB, GITLAB].concat())] {
            let (root, mut found) = (examples.join(folder), Vec::new());
            below(&root, &root, &mut found);
            found.retain(|path| path != "README.md" && !path.starts_with(".icsync"));
            found.sort();
            let mut written: Vec<_> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            written.sort();
            assert_eq!(found, written);
        }
    }
}
