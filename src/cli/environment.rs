//! The world outside: environment variables, terminal, clock, folders. Nothing else in the program reads them.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use terminal_size::{Width, terminal_size_of};

use super::args::{ColorWhen, Global, LogFormat, ProgressWhen, is_stream};
use super::ci::CiRun;
use super::error::CommandError;
use super::failure::Failure;
use super::logging;
use super::variables::HeardVariable;
use crate::manifest::{self, read_regular};
use crate::model::Change;

/// So many lines are remembered where none is said twice.
const MOST_REMEMBERED: usize = 1_000;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProgressShown {
    /// As one line of a terminal that is drawn again.
    Drawn,
    /// As a line now and then.
    Lines,
    Nothing,
}

/// The world outside.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing about the terminal, and none depends on another"
)]
pub(super) struct Environment {
    /// The folder that relative paths of the command line start from.
    pub folder: PathBuf,
    /// The folder of `-C DIR` as it was given.
    given: PathBuf,
    /// Whether text on stdout is coloured.
    pub colour: bool,
    /// Whether text on stdout is read on a terminal.
    pub terminal: bool,
    /// How progress is shown on stderr.
    pub progress: ProgressShown,
    /// Whether a person can be asked.
    pub asks: bool,
    /// Whether only failures are said.
    pub quiet: bool,
    /// The form of lines on stderr.
    pub log: LogFormat,
    /// Which run of CI this is.
    pub ci: CiRun,
    /// What has been said, where nothing is to be said twice.
    said: Mutex<Option<BTreeSet<String>>>,
}

impl Environment {
    /// Looks at the world as the command line wants it.
    pub(super) fn look(global: &Global) -> Result<Self, Failure> {
        let current = current_folder().map_err(CommandError::CurrentFolder)?;
        let folder = global.directory.as_ref().map_or_else(|| current.clone(), |folder| current.join(folder));
        if !folder.is_dir() {
            return Err(CommandError::NoFolder(folder).into());
        }
        if global.config.as_deref().is_some_and(is_stream) {
            return Err(CommandError::WrongUse {
                what: "`--config -`: the configuration cannot come from stdin",
                help: "paths in it start from its folder: name a file",
            }
            .into());
        }
        let no_colour = HeardVariable::NoColor.text().is_some_and(|value| !value.is_empty());
        let shown = io::stdout().is_terminal();
        let colour = match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => !no_colour && shown && HeardVariable::Term.text().as_deref() != Some("dumb"),
        };
        // Machines read JSON: nothing is drawn or asked there.
        let terminal = io::stderr().is_terminal() && global.log_format == LogFormat::Text;
        Ok(Self {
            folder,
            given: global.directory.clone().unwrap_or_default(),
            colour,
            terminal: shown,
            progress: match global.progress {
                ProgressWhen::Never => ProgressShown::Nothing,
                ProgressWhen::Auto if global.quiet => ProgressShown::Nothing,
                ProgressWhen::Auto if terminal => ProgressShown::Drawn,
                ProgressWhen::Auto => ProgressShown::Lines,
            },
            asks: io::stdin().is_terminal() && terminal,
            quiet: global.quiet,
            log: global.log_format,
            ci: CiRun::heard(),
            said: Mutex::default(),
        })
    }

    /// Gives how many columns pages on stdout have: no more than are read with ease.
    pub(super) fn width(&self) -> usize {
        const WIDEST: usize = 100;
        self.columns().map_or(80, |columns| columns.min(WIDEST))
    }

    /// Gives how many columns lines on stdout have: what `COLUMNS` says, else those of the terminal. Elsewhere lines are as
    /// long as they are: programs and files take them whole.
    pub(super) fn columns(&self) -> Option<usize> {
        wished().or_else(|| terminal_size_of(io::stdout()).filter(|_| self.terminal).map(|size| columns(size.0)))
    }

    /// Gives how many columns lines on stderr have.
    pub(super) fn columns_aside() -> Option<usize> {
        wished().or_else(|| terminal_size_of(io::stderr()).map(|size| columns(size.0)))
    }

    /// Gives a path of the command line.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Reads a file of the command line; `-` is stdin.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        if !is_stream(path) {
            return read(&self.path(path));
        }
        let read = || {
            let mut bytes = Vec::new();
            io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
            let fits = bytes.len() as u64 <= MOST_BYTES;
            if fits { Ok(bytes) } else { Err(io::ErrorKind::FileTooLarge.into()) }
        };
        read().map_err(|error| Failure::file("read", Path::new("stdin"), error))
    }

    /// Names a path of the command line as it is seen from where the person stands.
    pub(super) fn seen(&self, path: &Path) -> PathBuf {
        self.given.join(path)
    }

    /// Gives the one name of a place for a file, whichever way it is written.
    pub(super) fn place(&self, path: &Path) -> PathBuf {
        let path = self.path(path);
        let in_folder = || Some(folder_of(&path).canonicalize().ok()?.join(path.file_name()?));
        path.canonicalize().ok().or_else(in_folder).unwrap_or(path)
    }

    /// Says from now on each line once: what holds in every round of a process is no news in the next.
    pub(super) fn say_each_once(&self) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(BTreeSet::new());
    }

    /// Writes a line to stderr unless the user wants quiet.
    pub(super) fn say(&self, line: &str) {
        if self.is_news(line) {
            self.say_again(line);
        }
    }

    fn is_news(&self, line: &str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.as_mut().is_none_or(|said| {
            if said.len() >= MOST_REMEMBERED {
                said.clear();
            }
            said.insert(line.to_owned())
        })
    }

    /// Writes a line to stderr whether or not it was said before.
    pub(super) fn say_again(&self, line: &str) {
        if !self.quiet {
            logging::say(self.log, line);
        }
    }

    /// Asks for the word `yes` on the terminal.
    pub(super) fn confirm(question: &str) -> io::Result<bool> {
        Ok(Self::ask(&format!("{question}\nOnly `yes` is accepted: "))? == "yes")
    }

    /// Asks for a line on the terminal.
    pub(super) fn ask(question: &str) -> io::Result<String> {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question}")?;
        stderr.flush()?;
        drop(stderr);
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }
}

/// The least columns that lines are made to fit.
const FEWEST_COLUMNS: usize = 40;

fn columns(width: Width) -> usize {
    usize::from(width.0).max(FEWEST_COLUMNS)
}

/// Gives the columns that `COLUMNS` asks for.
fn wished() -> Option<usize> {
    let wished: usize = HeardVariable::Columns.text()?.parse().ok()?;
    (wished > 0).then_some(wished.max(FEWEST_COLUMNS))
}

/// Gives the folder that the program was started in.
pub(super) fn current_folder() -> io::Result<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    std::env::current_dir()
}

/// Reads every environment variable that is Unicode, for `${env.NAME}` and secrets.
pub(super) fn variables() -> manifest::EnvironmentVariables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Says who runs the program: whom CI runs it for, else the user of the machine.
pub(super) fn user() -> Option<String> {
    HeardVariable::users().filter_map(HeardVariable::text).find(|user| !user.is_empty())
}

pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Writes to stdout. A reader that went away is not a failure.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The longest file of the command line, in bytes: the plan of a very large estate, and four times what the configuration may name.
pub(super) const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Reads a file of the command line, such as a saved plan: a regular one within a limit.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_regular(path, MOST_BYTES).map_err(|error| Failure::file("read", path, error))
}

/// Writes a file whole or not at all. A link stays a link; what is no regular file, such as `/dev/stdout` or a pipe, is
/// written to and not replaced.
pub(super) fn write(path: &Path, content: &[u8], access: FileAccess) -> Result<(), Failure> {
    write_atomically(path, content, access).map_err(|error| Failure::file("write", path, error))
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileAccess {
    /// Its owner only: plans hold what a phone system looks like inside, and keys what they are.
    Private,
    /// Whoever the umask lets.
    Shared,
    /// As shared, and it can be run.
    Executable,
}

/// Writes a file that does not exist yet, whole or not at all, and the folders above it.
pub(super) fn write_new(path: &Path, content: &[u8], access: FileAccess) -> Result<(), Failure> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, error))?;
    create_new(path, content, access).map_err(|error| Failure::file("write", path, error))
}

/// Writes a file that does not exist yet, whole or not at all.
pub(super) fn create_new(path: &Path, content: &[u8], access: FileAccess) -> io::Result<()> {
    temporary_with(path, content, access)?.persist_noclobber(path)?;
    Ok(())
}

/// Replaces a file that is still what it was when it was read, whole or not at all. It keeps its permissions, and a link to it
/// stays a link.
pub(super) fn rewrite(path: &Path, content: Change<&[u8]>) -> Result<(), Failure> {
    Replacement::of(path, content)?.put()
}

/// New content of a file that exists, on disk already and beside it.
pub(super) struct Replacement<'b> {
    file: tempfile::NamedTempFile,
    path: PathBuf,
    /// What the file was when it was read.
    before: &'b [u8],
}

impl<'b> Replacement<'b> {
    pub(super) fn of(path: &Path, content: Change<&'b [u8]>) -> Result<Self, Failure> {
        let Change { before, after } = content;
        let prepare = || {
            let real = path.canonicalize()?;
            let there = real.metadata()?;
            let file = temporary_with(&real, after, FileAccess::Shared)?;
            keep_owner(file.as_file(), &there);
            file.as_file().set_permissions(there.permissions())?;
            Ok(Self { file, path: real, before })
        };
        prepare().map_err(|error| Failure::file("write", path, error))
    }

    /// Refuses to write over what somebody else saved since the file was read: an editor, or another run.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if read(&self.path)? == self.before {
            return Ok(());
        }
        let changed =
            io::Error::other("somebody else has changed it since it was read, and it is left as it is: run it again");
        Err(Failure::file("write", &self.path, changed))
    }

    /// Puts it in place, which needs no room any more.
    pub(super) fn put(self) -> Result<(), Failure> {
        self.check()?;
        let Self { file, path, before: _ } = self;
        file.persist(&path).map(drop).map_err(|error| Failure::file("write", &path, error.error))
    }
}

/// Gives a file the owner and the group of another one, as far as this user may: root, who lays a file out, does not take it away.
fn keep_owner(file: &std::fs::File, there: &std::fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let differs = file.metadata().is_ok_and(|own| (own.uid(), own.gid()) != (there.uid(), there.gid()));
        if differs {
            // Whoever may not keeps what is usual: the file is the user's then.
            let _ = fchown(file, Some(there.uid()), Some(there.gid()));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, there);
}

fn write_atomically(path: &Path, content: &[u8], access: FileAccess) -> io::Result<()> {
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    temporary_with(&path, content, access)?.persist(&path)?;
    Ok(())
}

/// Makes sure that a file can be written, as far as that shows without writing it: a file of the same size as a small
/// report is made beside it and goes again. A device or a pipe is not touched: to open one may wait, or be seen.
pub(super) fn check_writable(path: &Path) -> Result<(), Failure> {
    let probe = || match path.metadata() {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Ok(()),
        _ => {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            temporary_with(&path, &vec![0; SMALL_REPORT], FileAccess::Private).map(drop)
        }
    };
    probe().map_err(|error| Failure::file("write", path, error))
}

/// The size of a small report, in bytes: more than what a full disk may still take.
const SMALL_REPORT: usize = 64 * 1024;

/// Makes sure that files can be made in a folder, or in the lowest folder above it that exists.
pub(super) fn check_folder(folder: &Path) -> io::Result<()> {
    let exists = |folder: &&Path| !folder.as_os_str().is_empty() && folder.symlink_metadata().is_ok();
    let lowest = folder.ancestors().find(exists).unwrap_or_else(|| Path::new("."));
    temporary_with(&lowest.join("probe"), &[], FileAccess::Private).map(drop)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn temporary_with(path: &Path, content: &[u8], access: FileAccess) -> io::Result<tempfile::NamedTempFile> {
    let mut file = temporary(path, access)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes an empty file beside what it is to replace.
pub(super) fn temporary(path: &Path, access: FileAccess) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = match access {
            FileAccess::Private => 0o600,
            FileAccess::Shared => 0o666,
            FileAccess::Executable => 0o777,
        };
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    // The error would name the temporary file, which says nothing to anybody.
    let file = builder.prefix(".icsync-").tempfile_in(folder_of(path));
    file.map_err(|error| io::Error::from(error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_else_saved_since_it_was_read_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.yaml");
        let lay = |text: &str| write(&path, text.as_bytes(), FileAccess::Shared).expect("a file");
        let content = Change { before: &b"read"[..], after: &b"laid out"[..] };
        lay("read");
        let ready = Replacement::of(&path, content).expect("room");
        lay("saved by an editor");
        let failure = ready.put().expect_err("it is not the file that was read");
        assert!(failure.causes().join("; ").contains("run it again"), "{failure:?}");
        assert_eq!(read(&path).expect("a file"), b"saved by an editor");
        lay("read");
        rewrite(&path, content).expect("it is as it was read");
        assert_eq!(read(&path).expect("a file"), b"laid out");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 1, "nothing is left beside it");
    }
}
