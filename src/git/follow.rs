//! A working tree that follows its branch: what is new at the remote is fetched and taken over, and nothing is ever lost.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::command::{command, line};
use super::error::RevisionError;
use crate::text::visible;

/// A remote that does not answer is given up after this.
const LONGEST_FETCH: Duration = Duration::from_mins(2);
/// How often is looked whether git has ended.
const LOOK: Duration = Duration::from_millis(20);
/// Where an agent of SSH keys listens.
const SSH_AGENT: &str = "SSH_AUTH_SOCK";

/// Why a branch is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FollowError {
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The working tree is of another branch, or of none.
    #[error("the working tree is of {}, not of `{}`", .checked_out.as_ref().map_or("no branch".to_owned(), |name| format!("`{}`", visible(name))), visible(.branch))]
    OtherBranch { branch: String, checked_out: Option<String> },
    #[error("`{}` cannot be fetched: {}", visible(.branch), visible(.words))]
    Fetch { branch: String, words: String },
    /// The working tree has commits or changes that the branch at the remote does not have.
    #[error("the working tree cannot take over `{}`: {}", visible(.branch), visible(.words))]
    NotForward { branch: String, words: String },
}

impl FollowError {
    /// Says what to do next.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Revision(_) => "`--follow` is for a clone of a git repository",
            Self::OtherBranch { .. } => "check the branch out: `git switch BRANCH`",
            Self::Fetch { .. } => "try `git fetch` as the same user: keys, proxy and remote are those of git",
            Self::NotForward { .. } => {
                "nothing is ever thrown away: look at `git status` and `git log ..@{upstream}`; a clone of its own for this process \
                 has no changes of its own"
            }
        }
    }
}

/// Fetches a branch, which has to be checked out, from where it comes from, and takes it over if that loses nothing. A
/// branch without a remote is as it is.
pub(crate) fn follow(folder: &Path, branch: &str) -> Result<(), FollowError> {
    super::prefix(folder)?;
    let checked_out = line(folder, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
    if checked_out.as_deref() != Some(branch) {
        return Err(FollowError::OtherBranch { branch: branch.to_owned(), checked_out });
    }
    let setting = |name: &str| line(folder, &["config", "--get", &format!("branch.{branch}.{name}")]);
    let (Some(remote), Some(there)) = (setting("remote")?, setting("merge")?) else { return Ok(()) };
    if remote == "." {
        return Ok(());
    }
    let failed = |words| FollowError::Fetch { branch: branch.to_owned(), words };
    let mut fetch = command(folder);
    fetch.args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"]);
    fetch.args(["fetch", "--quiet", "--no-tags", "--no-auto-gc", "--end-of-options", &remote, &there]);
    run(fetch)?.map_err(failed)?;
    let mut merge = command(folder);
    merge.args(["merge", "--quiet", "--ff-only", "FETCH_HEAD"]);
    run(merge)?.map_err(|words| FollowError::NotForward { branch: branch.to_owned(), words })
}

/// Runs git without a terminal and not for ever; an error inside is what it says.
fn run(mut command: Command) -> Result<Result<(), String>, RevisionError> {
    let no_git = |error: std::io::Error| RevisionError::NoGit(error.to_string());
    command.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.envs(std::env::vars_os().filter(|(name, _)| name == SSH_AGENT));
    // What it says is read for the line that matters.
    command.env("LC_ALL", "C");
    let mut child = command.spawn().map_err(no_git)?;
    let began = Instant::now();
    // What it says is short: what a pipe holds is enough.
    let status = loop {
        match child.try_wait().map_err(no_git)? {
            Some(status) => break status,
            None if began.elapsed() > LONGEST_FETCH => {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(Err(format!("no answer within {} s", LONGEST_FETCH.as_secs())));
            }
            None => std::thread::sleep(LOOK),
        }
    };
    if status.success() {
        return Ok(Ok(()));
    }
    let mut words = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        // A helper that git left behind may hold the pipe open: only what is there is read.
        let _ = stderr.take(4096).read_to_end(&mut words);
    }
    Ok(Err(reason(&String::from_utf8_lossy(&words)).to_owned()))
}

/// Finds the line in which git says why: hints stand before it, and warnings may.
fn reason(words: &str) -> &str {
    let lines = || words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    let is_reason = |line: &&str| ["fatal:", "error:"].iter().any(|word| line.starts_with(word));
    lines().find(is_reason).or_else(|| lines().next()).unwrap_or("git says nothing")
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn hints_and_warnings_are_no_reason() {
        let diverged = "hint: Diverging branches can't be fast-forwarded, you need to either:\nhint:\nhint: \tgit merge --no-ff\n\
                        fatal: Not possible to fast-forward, aborting.\n";
        assert_eq!(reason(diverged), "fatal: Not possible to fast-forward, aborting.");
        assert_eq!(reason("warning: slow\nerror: Your local changes\n\ta.yaml\n"), "error: Your local changes");
        assert_eq!(reason("\nno answer\nat all"), "no answer");
        assert_eq!(reason("hint: only\n"), "git says nothing");
    }
}
