//! The variables of the environment that icsync hears by itself, once. Those of options are beside their options, and those that
//! a configuration or a definition names are the user's.

use std::ffi::OsString;

use crate::api::PROXY_VARIABLES;

/// A variable of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeardVariable {
    /// The key of plans.
    PlanKey,
    /// One of those that say which proxy leads to the server.
    Proxy(&'static str),
    /// One of those that say who runs the program.
    User(&'static str),
    /// One of those by which CI says which run it is, and what of.
    Run(&'static str),
    NoColor,
    Term,
    /// How wide the terminal is (POSIX, Environment Variables).
    Columns,
    Pager,
    /// The options of the usual pager.
    Less,
    /// Asked by the completion script of a shell.
    Complete,
    /// Which word is completed.
    CompleteIndex,
    /// Where systemd hears of `watch` (`sd_notify(3)`).
    NotifySocket,
    /// How often it wants to hear of it, in microseconds (`sd_watchdog_enabled(3)`).
    WatchdogUsec,
    /// Of which process.
    WatchdogPid,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VariableValue {
    Unset,
    Text(String),
    /// It is set to what is not Unicode.
    NotText,
}

impl HeardVariable {
    /// Gives all of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::NoColor,
            Self::Term,
            Self::Columns,
            Self::Pager,
            Self::Less,
            Self::NotifySocket,
            Self::WatchdogUsec,
            Self::WatchdogPid,
            Self::Complete,
            Self::CompleteIndex,
        ];
        std::iter::once(Self::PlanKey).chain(Self::proxies()).chain(Self::users()).chain(Self::runs()).chain(others)
    }

    /// Gives those that say who runs the program: those of GitHub and GitLab first.
    pub(super) fn users() -> impl Iterator<Item = Self> {
        ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"].into_iter().map(Self::User)
    }

    /// Gives those by which CI says which run it is: those of GitHub first.
    pub(super) fn runs() -> impl Iterator<Item = Self> {
        let names = [
            "GITHUB_SERVER_URL",
            "GITHUB_REPOSITORY",
            "GITHUB_RUN_ID",
            "GITHUB_EVENT_NAME",
            "CI_JOB_URL",
            "CI_MERGE_REQUEST_IID",
        ];
        names.into_iter().map(Self::Run)
    }

    pub(super) fn proxies() -> impl Iterator<Item = Self> {
        PROXY_VARIABLES.into_iter().map(Self::Proxy)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PlanKey => "ICSYNC_PLAN_KEY",
            Self::Proxy(name) | Self::User(name) | Self::Run(name) => name,
            // <https://no-color.org>
            Self::NoColor => "NO_COLOR",
            Self::Term => "TERM",
            Self::Columns => "COLUMNS",
            Self::Pager => "PAGER",
            Self::Less => "LESS",
            Self::Complete => "ICSYNC_COMPLETE",
            Self::CompleteIndex => "_CLAP_COMPLETE_INDEX",
            Self::NotifySocket => "NOTIFY_SOCKET",
            Self::WatchdogUsec => "WATCHDOG_USEC",
            Self::WatchdogPid => "WATCHDOG_PID",
        }
    }

    /// Says what it does, as the manual has it.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::PlanKey => {
                "a secret that signs saved plans and under which they hold digests of sensitive values: the same where a plan is made \
                 and where it is applied"
            }
            Self::Proxy(_) => "the proxy to the server, and the hosts that are reached without one",
            Self::User(_) => "who runs it, for the journal of a run: the first that is set",
            Self::Run(_) => {
                "set by GitHub and GitLab: a comment (`-o markdown`) links to the run of CI, and in a pull or merge request says what \
                 merging does"
            }
            Self::NoColor => "if it is not empty, text is not coloured",
            Self::Term => "if it is `dumb`, text is not coloured",
            Self::Columns => {
                "how many columns text has, from 40 on; those of the terminal if it is not set, and no limit where there is none"
            }
            Self::Pager => {
                "the program that `icsync help` shows its pages with on a terminal; `less` if it is not set, none if it is empty"
            }
            Self::Less => "the options of `less`; `FRX` if it is not set",
            Self::Complete | Self::CompleteIndex => {
                "set by the completion script of a shell, which asks icsync for words"
            }
            Self::NotifySocket | Self::WatchdogUsec | Self::WatchdogPid => {
                "set by systemd for a service of `Type=notify`: `icsync watch` tells it that it is ready and alive"
            }
        }
    }

    /// Reads it.
    pub(super) fn read(self) -> VariableValue {
        #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
        let value = std::env::var_os(self.name()).map(OsString::into_string);
        match value {
            None => VariableValue::Unset,
            Some(Ok(text)) => VariableValue::Text(text),
            Some(Err(_)) => VariableValue::NotText,
        }
    }

    /// Reads it; what is not Unicode reads as unset.
    pub(super) fn text(self) -> Option<String> {
        match self.read() {
            VariableValue::Text(text) => Some(text),
            VariableValue::Unset | VariableValue::NotText => None,
        }
    }
}
