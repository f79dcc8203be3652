//! A tree out of git objects: no checkout, no network. Talks to the `git` program, which knows every kind of repository.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::files::normalize;
use super::source::{Hidden, Listing, MOST_BYTES, Problem, ProblemKind, Source, SourceError};

/// The files of one commit below the folder of `icsync.yaml`.
#[derive(Debug)]
pub struct Revision {
    commit: String,
    files: BTreeMap<String, String>,
    /// Which of them are links, and where they lead.
    links: BTreeMap<String, String>,
    /// Links that lead nowhere or out of the repository, and submodules.
    problems: Vec<Problem>,
    objects: Mutex<Objects>,
    /// Objects that were asked for beforehand.
    prepared: Mutex<HashMap<String, Vec<u8>>>,
}

/// Why a revision cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// There is no `git` program.
    #[error("the `git` program cannot be run: {0}")]
    NoGit(String),
    /// The folder is in no repository that git will read.
    #[error("`{}` is not in a git repository that can be read{}", .folder.escape_debug(), said(.words))]
    NoRepository {
        /// The folder.
        folder: String,
        /// What git says.
        words: String,
    },
    /// The branch and what it is meant for have no common commit here.
    #[error("the history here does not reach back to where the branch left `{0}`")]
    NoMergeBase(String),
    /// The name means no commit here.
    #[error("`{}` is not a commit of this repository", .name.escape_debug())]
    Unknown {
        /// The name as it was given.
        name: String,
        /// Whether the history was cut off when the repository was cloned.
        shallow: bool,
    },
    /// Git says something unexpected.
    #[error("git does not give the files of the revision: {0}")]
    Git(String),
}

/// `git cat-file --batch`: one process for all files.
#[derive(Debug)]
struct Objects {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Revision {
    /// Opens a revision by any name that git knows, for the folder of `icsync.yaml`.
    pub fn open(folder: &Path, name: &str) -> Result<Self, RevisionError> {
        let prefix = repository(folder)?;
        let commit = commit(folder, name)?;
        let mut list = vec!["ls-tree", "-r", "-z", "--full-tree", commit.as_str()];
        list.extend((!prefix.is_empty()).then_some(["--", prefix.as_str()]).into_iter().flatten());
        let tree = git_bytes(folder, &list)?;
        let tree = tree.ok_or_else(|| RevisionError::Git("ls-tree failed".to_owned()))?;
        let mut objects = Objects::start(folder)?;
        let (mut files, mut links, mut problems) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (kind, path, object) in tree.split(|byte| *byte == 0).filter_map(|line| entry(line, &prefix)) {
            match kind {
                Kind::File => drop(files.insert(path, object)),
                Kind::Submodule => problems.push(submodule(path)),
                Kind::Link => {
                    let target = objects.read(&object).map_err(|error| RevisionError::Git(error.to_string()))?;
                    links.insert(path, String::from_utf8_lossy(&target).into_owned());
                }
            }
        }
        let (links, dangling) = follow(&mut files, &links);
        problems.extend(dangling);
        Ok(Self { commit, files, links, problems, objects: Mutex::new(objects), prepared: Mutex::default() })
    }

    /// Gives the full name of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Tells whether the commit has a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

/// Gives where the branch of the working tree left the one it is meant for: the merge base of HEAD and its upstream,
/// else of HEAD and the default branch of `origin`.
pub fn default_base(folder: &Path) -> Result<Option<String>, RevisionError> {
    repository(folder)?;
    let mut cut = None;
    for upstream in ["@{upstream}", "origin/HEAD"] {
        if let Some(base) = git(folder, &["merge-base", "HEAD", upstream])? {
            return Ok(Some(base.trim().to_owned()));
        }
        let name = git(folder, &["rev-parse", "--verify", "--quiet", "--abbrev-ref", upstream])?;
        cut = cut.or(name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    }
    cut.map_or(Ok(None), |upstream| Err(RevisionError::NoMergeBase(upstream)))
}

/// Gives where a folder lies below the root of its repository, with a slash at the end.
fn repository(folder: &Path) -> Result<String, RevisionError> {
    let output = git_command(folder).args(["rev-parse", "--show-prefix"]).stdin(Stdio::null()).output();
    let output = output.map_err(|error| RevisionError::NoGit(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Err(RevisionError::NoRepository { folder: folder.display().to_string(), words })
}

/// What git says, behind a message.
fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {}", crate::model::visible(words)) }
}

fn commit(folder: &Path, name: &str) -> Result<String, RevisionError> {
    let wanted = format!("{name}^{{commit}}");
    match git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? {
        Some(commit) => Ok(commit.trim().to_owned()),
        None => {
            let shallow = git(folder, &["rev-parse", "--is-shallow-repository"])?;
            let shallow = shallow.is_some_and(|answer| answer.trim() == "true");
            Err(RevisionError::Unknown { name: name.to_owned(), shallow })
        }
    }
}

/// What an entry of a tree is.
enum Kind {
    File,
    Link,
    /// A commit of another repository, whose files are not in this one.
    Submodule,
}

/// Makes files of links that lead to files, or to folders of files, and says where each leads. A link that leads
/// nowhere or out of the repository is no file.
fn follow(
    files: &mut BTreeMap<String, String>,
    links: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<Problem>) {
    let problem = |path: &String, error| Problem { path: path.clone(), kind: ProblemKind::File, error };
    let (mut found, mut dangling) = (BTreeMap::new(), Vec::new());
    for (link, target) in links {
        let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(target) = normalize(folder, target) else {
            dangling.push(problem(link, SourceError::Outside(link.clone())));
            continue;
        };
        let below = format!("{target}/");
        let real = files.keys().filter(|path| **path == target || path.starts_with(&below));
        // A link to a folder that contains it leads round in a circle.
        let real = real.filter(|_| !link.starts_with(&below) && !target.is_empty());
        let before = found.len();
        found.extend(real.map(|path| (format!("{link}{}", &path[target.len()..]), path.clone())));
        if found.len() == before && !links.contains_key(&target) {
            dangling.push(problem(link, SourceError::Missing(link.clone())));
        }
    }
    for (link, path) in &found {
        if let Some(object) = files.get(path).cloned() {
            files.insert(link.clone(), object);
        }
    }
    (found, dangling)
}

/// Says that the files of a submodule are not to be had.
fn submodule(path: String) -> Problem {
    let reason = "it is a git submodule, and its files are not in this commit".to_owned();
    Problem { path: path.clone(), kind: ProblemKind::Folder, error: SourceError::Unreadable { path, reason } }
}

/// Reads one line of `ls-tree`.
fn entry(line: &[u8], prefix: &str) -> Option<(Kind, String, String)> {
    let text = std::str::from_utf8(line).ok()?;
    let (about, path) = text.split_once('\t')?;
    let mut about = about.split(' ');
    let (mode, _kind, object) = (about.next()?, about.next()?, about.next()?);
    let path = path.strip_prefix(prefix)?;
    let kind = match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ if mode.starts_with("100") => Kind::File,
        _ => return None,
    };
    Some((kind, path.to_owned(), object.to_owned()))
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, RevisionError> {
    Ok(git_bytes(folder, arguments)?.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Runs git; `None` means that it said no.
fn git_bytes(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, RevisionError> {
    let output = git_command(folder).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|error| RevisionError::NoGit(error.to_string()))?;
    Ok(output.status.success().then_some(output.stdout))
}

/// Prepares git for the repository that a folder lies in. What a hook's environment says of another one is not heard, and
/// what git and the programs that it is configured to start have no use for, such as the key of a server, they do not get.
pub fn git_command(folder: &Path) -> Command {
    const ITS: [&str; 9] =
        ["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL", "XDG_CONFIG_HOME"];
    let its = |name: &str| ITS.contains(&name) || name.starts_with("GIT_");
    let mut command = Command::new("git");
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(its)));
    command.arg("-C").arg(folder).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command
}

impl Objects {
    fn start(folder: &Path) -> Result<Self, RevisionError> {
        let mut command = git_command(folder);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| RevisionError::NoGit(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Self { child, ask, answer: BufReader::new(answer) }),
            _ => Err(RevisionError::Git("cat-file has no pipes".to_owned())),
        }
    }

    fn read(&mut self, object: &str) -> std::io::Result<Vec<u8>> {
        self.ask.write_all(format!("{object}\n").as_bytes())?;
        answer(&mut self.answer)
    }

    /// Asks for many objects while the answers come in: one question at a time would wait for git each time.
    fn read_all(&mut self, objects: &[&str]) -> Vec<std::io::Result<Vec<u8>>> {
        let questions: String = objects.iter().flat_map(|object| [object, "\n"]).collect();
        let mut ask = &self.ask;
        std::thread::scope(|scope| {
            // When git is gone there are no answers, which says enough.
            scope.spawn(move || drop(ask.write_all(questions.as_bytes())));
            objects.iter().map(|_| answer(&mut self.answer)).collect()
        })
    }
}

/// Reads the next object that was asked for.
fn answer(answer: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut header = String::new();
    answer.read_line(&mut header)?;
    let size = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| {
        std::io::Error::other(
            "git does not have the object here; in a partial clone fetch it first, or clone without `--filter`",
        )
    })?;
    // Of a larger one only so much is kept as says that it is too large.
    let mut bytes = Vec::new();
    answer.by_ref().take(size.min(MOST_BYTES + 1)).read_to_end(&mut bytes)?;
    std::io::copy(&mut answer.by_ref().take(size - bytes.len() as u64), &mut std::io::sink())?;
    answer.read_exact(&mut [0])?;
    Ok(bytes)
}

impl Drop for Objects {
    fn drop(&mut self) {
        // The process ends by itself when its input does; this only makes sure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Source for Revision {
    fn list(&self, folder: &str, hidden: Hidden) -> Listing {
        let folder = folder.trim_matches('/');
        let below = |path: &&String| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_hidden = |path: &&String| path.split('/').any(|part| part.starts_with('.'));
        let shown = |path: &&String| matches!(hidden, Hidden::Listed) || !is_hidden(path);
        let files = self.files.keys().filter(below).filter(shown).cloned().collect();
        Listing { files, links: self.links.clone(), problems: self.problems.clone() }
    }

    fn prepare(&self, paths: &[String]) {
        let wanted: Vec<&str> = paths.iter().filter_map(|path| self.files.get(path)).map(String::as_str).collect();
        if let (Ok(mut objects), Ok(mut prepared)) = (self.objects.lock(), self.prepared.lock()) {
            let answers = objects.read_all(&wanted);
            // What is not there fails when it is read.
            let found =
                wanted.iter().zip(answers).filter_map(|(object, bytes)| Some(((*object).to_owned(), bytes.ok()?)));
            prepared.extend(found);
        }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let unreadable = |reason: String| SourceError::Unreadable { path: path.to_owned(), reason };
        let object = self.files.get(path).ok_or_else(|| SourceError::Missing(path.to_owned()))?;
        let prepared = self.prepared.lock().ok().and_then(|prepared| prepared.get(object).cloned());
        let bytes = prepared.map_or_else(
            || {
                let mut objects = self.objects.lock().map_err(|_| unreadable("an earlier read failed".to_owned()))?;
                objects.read(object).map_err(|error| unreadable(error.to_string()))
            },
            Ok,
        )?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SourceError::TooLarge(path.to_owned()));
        }
        Ok(bytes)
    }
}
