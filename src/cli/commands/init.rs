//! `icsync init`: starts a repository. What is there already stays as it is.

use std::path::Path;

use crate::cli::args::{CiHost, InitArguments};
use crate::cli::environment::{Environment, FileAccess, read, rewrite, write_new};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::git;
use crate::schema::{Subject, schema};
use crate::text;

/// A file by its path in the new repository.
type File = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../examples/", $folder, "/", $path)))),*]
    };
}

const START: &[File] = files!("start": "icsync.yaml", "estate.yaml", "clients/example.yaml");
const GITHUB: &[File] = files!("ci":
    ".github/actions/icsync/action.yml",
    ".github/actions/icsync/api.sh",
    ".github/actions/icsync/comment.sh",
    ".github/actions/icsync/issue.sh",
    ".github/actions/icsync/run.sh",
    ".github/workflows/icsync-apply.yml",
    ".github/workflows/icsync-drift.yml",
    ".github/workflows/icsync-review.yml",
);
const GITLAB: &[File] = files!("ci":
    ".gitlab-ci.yml",
    ".gitlab/icsync/api.sh",
    ".gitlab/icsync/issue.sh",
    ".gitlab/icsync/note.sh",
    ".gitlab/icsync/prepare.sh",
);
/// How the recipes are given their keys.
const CI_README: File = ("docs/icsync-ci.md", include_str!("../../../examples/ci/README.md"));

/// What git shall not keep: the sandbox's store and the journals.
const IGNORED: &str = ".icsync/";

pub(super) fn run(environment: &Environment, arguments: &InitArguments) -> Result<Exit, Failure> {
    let named = arguments.folder.as_deref().unwrap_or_else(|| Path::new(""));
    let folder = environment.path(named);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let below = git::prefix(&folder).is_ok_and(|prefix| !prefix.is_empty());
    let ci = if below { CiHost::None } else { arguments.ci };
    let mut said = Vec::new();
    for (path, text) in files(ci) {
        let done = write(&folder.join(&path), &text)?;
        said.push(format!("{done}  {}", text::path(&named.join(path))));
    }
    said.push(format!("{}  {}", ignore(&folder.join(".gitignore"))?, text::path(&named.join(".gitignore"))));
    said.push(NEXT.to_owned());
    if ci != CiHost::None {
        said.push(NEXT_CI.to_owned());
    }
    print(format!("{}\n", said.join("\n")).as_bytes())?;
    if below && arguments.ci != CiHost::None {
        environment.say(
            "note: recipes for CI belong in the root of the git repository, which this folder is not: run `icsync init` there, or \
             leave them out with `--ci none`",
        );
    }
    Ok(Exit::Done)
}

const NEXT: &str = "
next:
  icsync apply                 try it on the embedded sandbox
  icsync.yaml                  write your server into it, and `default_target: prod`
  icsync export                take over what your server has; remove clients/example.yaml";
const NEXT_CI: &str = "  docs/icsync-ci.md            how the recipes for CI get their keys";

fn files(ci: CiHost) -> Vec<(String, String)> {
    let owned = |(path, text): &File| ((*path).to_owned(), (*text).to_owned());
    let mut files: Vec<_> = START.iter().map(owned).collect();
    files.extend(Subject::ALL.map(|subject| (format!("schemas/{}.schema.json", subject.name()), schema(subject))));
    let recipes: &[&[File]] = match ci {
        CiHost::All => &[GITHUB, GITLAB, &[CI_README]],
        CiHost::Github => &[GITHUB, &[CI_README]],
        CiHost::Gitlab => &[GITLAB, &[CI_README]],
        CiHost::None => &[],
    };
    files.extend(recipes.iter().copied().flatten().map(owned));
    files
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
    if path.symlink_metadata().is_err() {
        return write(path, &format!("{IGNORED}\n"));
    }
    let mut bytes = read(path)?;
    if bytes.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == IGNORED.as_bytes()) {
        return Ok("kept ");
    }
    if bytes.last().is_some_and(|byte| *byte != b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(format!("{IGNORED}\n").as_bytes());
    rewrite(path, &bytes)?;
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
        for (folder, files) in [("start", START.to_vec()), ("ci", [GITHUB, GITLAB].concat())] {
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
