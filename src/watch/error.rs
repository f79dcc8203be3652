//! Why a watch does not begin.

use std::path::PathBuf;

use super::notice::NoticeForm;
use crate::git::FollowError;
use crate::text;

/// Why a watch does not begin, or a round has not the files that it should have. No message holds the address of a webhook.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error("the address of the {} webhook is no URL", .0.name())]
    NoUrl(NoticeForm),
    #[error("the {} webhook would be reached without encryption", .0.name())]
    NotEncrypted(NoticeForm),
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// Another process keeps its rounds in this file.
    #[error("another `icsync watch` of this target keeps its rounds in `{}`", text::path(.0))]
    Already(PathBuf),
}

impl WatchError {
    /// Says what to do next.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::NoUrl(_) => "the variable or the file that `--notify` names holds the whole URL and nothing else",
            Self::NotEncrypted(_) => "write `https://`; `http://` is for loopback addresses only",
            Self::Follow(error) => error.help(),
            Self::Already(_) => "two that apply would meet: end the other one, or watch another target or shard",
        }
    }
}
