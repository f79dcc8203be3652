//! What a round came to: one word, and what is kept of it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::schedule::Contact;
use crate::drift::{ClientDrift, Drift, State};
use crate::model::{Telsys, hex};
use crate::plan::{Plan, Unmanaged};

/// The word beside the states of drift for live clients that git does not define.
pub(crate) const UNMANAGED: &str = "unmanaged";
/// What is kept of a message, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoundOutcome {
    /// Live and git agree.
    InSync,
    /// They do not, and nothing was written.
    Differs,
    /// They did not, and every step is done.
    Applied,
    /// A limit, a protection, or clients that vanished: nothing was written.
    Refused,
    /// Some steps are left undone for now, and everything else is done.
    Withheld,
    /// Some steps are not done.
    Partial,
    /// Of some steps nobody knows whether they are done.
    InDoubt,
    /// The server, or git's remote, does not answer.
    Unreachable,
    /// The server lets nobody in, or this key may not do what is needed.
    NotPermitted,
    /// There has been no valid configuration and no valid definitions yet.
    Invalid,
    /// Anything else.
    Failed,
    /// A signal ended it.
    Interrupted,
}

impl RoundOutcome {
    pub(crate) const ALL: [Self; 12] = [
        Self::InSync,
        Self::Differs,
        Self::Applied,
        Self::Refused,
        Self::Withheld,
        Self::Partial,
        Self::InDoubt,
        Self::Unreachable,
        Self::NotPermitted,
        Self::Invalid,
        Self::Failed,
        Self::Interrupted,
    ];

    /// Gives the word of metrics, history and notices.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::Differs => "differs",
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Withheld => "withheld",
            Self::Partial => "partial",
            Self::InDoubt => "in_doubt",
            Self::Unreachable => "unreachable",
            Self::NotPermitted => "not_permitted",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Says it to people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InSync => "in sync",
            Self::Differs => "live and git differ",
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Withheld => "waiting for a window",
            Self::Partial => "applied in part",
            Self::InDoubt => "in doubt",
            Self::Unreachable => "the server does not answer",
            Self::NotPermitted => "not authenticated or not permitted",
            Self::Invalid => "the configuration or a definition is invalid",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Tells whether live and git were compared.
    pub(crate) fn is_compared(self) -> bool {
        match self {
            Self::InSync
            | Self::Differs
            | Self::Applied
            | Self::Refused
            | Self::Withheld
            | Self::Partial
            | Self::InDoubt => true,
            Self::Unreachable | Self::NotPermitted | Self::Invalid | Self::Failed | Self::Interrupted => false,
        }
    }

    /// Tells whether the server could be worked with, as far as that is known.
    pub(crate) fn contact(self) -> Contact {
        match self {
            Self::Unreachable | Self::NotPermitted | Self::Failed => Contact::Failed,
            _ => Contact::Made,
        }
    }
}

/// How many clients are in which state, by the word for it.
pub(crate) type StateCounts = BTreeMap<String, u64>;

/// What is kept of a round, a line of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WatchRound {
    pub(crate) began: Timestamp,
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    pub(crate) trigger: String,
    pub(crate) outcome: RoundOutcome,
    /// Why it is not as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    /// What is wrong with the files, while the last good ones stand in for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broken: Option<String>,
    /// The commit that was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// Whether the working tree was not what is committed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) dirty: bool,
    /// How many clients are in which state.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) counts: StateCounts,
    /// How many clients are not in sync, by telephony server; those without any are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) differing: BTreeMap<i64, u64>,
    /// How many steps ended how.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) steps: BTreeMap<String, u64>,
    /// How many clients were deleted or replaced.
    #[serde(default)]
    pub(crate) destroyed: u64,
    /// The run that its journal is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<String>,
    /// Stands for what differs: it is another one when something else does.
    #[serde(default)]
    pub(crate) standing: String,
}

impl WatchRound {
    /// Begins what is kept of a round.
    pub(crate) fn begin(began: Timestamp, trigger: &str) -> Self {
        Self {
            began,
            seconds: 0.0,
            trigger: trigger.to_owned(),
            outcome: RoundOutcome::Failed,
            message: None,
            help: None,
            broken: None,
            commit: None,
            dirty: false,
            counts: StateCounts::new(),
            differing: BTreeMap::new(),
            steps: BTreeMap::new(),
            destroyed: 0,
            run: None,
            standing: String::new(),
        }
    }

    /// Ends it.
    #[must_use]
    pub(crate) fn ended(self, took: Duration) -> Self {
        let cut = |text: Option<String>| text.map(|text| text.chars().take(LONGEST_MESSAGE).collect());
        let Self { message, help, broken, .. } = self;
        let (message, help, broken) = (cut(message), cut(help), cut(broken));
        Self { seconds: took.as_secs_f64(), message, help, broken, ..self }
    }

    /// Takes what a comparison found.
    pub(crate) fn take(&mut self, drift: &Drift, plan: &Plan) {
        let servers = by_server(drift);
        for counts in servers.values() {
            for (state, count) in counts {
                *self.counts.entry(state.clone()).or_default() += count;
            }
        }
        let differing = servers.iter().map(|(telsys, counts)| (telsys.number(), differing(counts)));
        self.differing = differing.filter(|(_, count)| *count > 0).collect();
        self.standing = standing(drift, plan);
    }

    /// Gives the commit that was what is live when the round was over.
    pub(crate) fn settled(&self) -> Option<&str> {
        let settled = matches!(self.outcome, RoundOutcome::InSync | RoundOutcome::Applied);
        self.commit.as_deref().filter(|_| settled && !self.dirty && self.broken.is_none())
    }

    /// Counts the clients that are not in sync.
    pub(crate) fn all_differing(&self) -> u64 {
        self.differing.values().sum()
    }
}

/// Counts the clients of each telephony server by their states; every state is there, also without clients.
pub(crate) fn by_server(drift: &Drift) -> BTreeMap<Telsys, StateCounts> {
    let Drift { clients, unmanaged, outside: _, unread: _ } = drift;
    let mut servers: BTreeMap<Telsys, StateCounts> = BTreeMap::new();
    let mut count = |telsys: Telsys, word: &str| {
        let counts = servers.entry(telsys).or_insert_with(no_clients);
        *counts.entry(word.to_owned()).or_default() += 1;
    };
    clients.iter().for_each(|one| count(one.scope.telsys, one.state.name()));
    unmanaged.iter().for_each(|one| count(one.scope.telsys, UNMANAGED));
    servers
}

/// Gives every state with no clients.
pub(crate) fn no_clients() -> StateCounts {
    State::ALL.into_iter().map(State::name).chain([UNMANAGED]).map(|word| (word.to_owned(), 0)).collect()
}

/// Counts what is not in sync, unmanaged clients aside: they are nobody's mistake of today.
fn differing(counts: &StateCounts) -> u64 {
    let fine = [State::InSync.name(), UNMANAGED];
    counts.iter().filter(|(state, _)| !fine.contains(&state.as_str())).map(|(_, count)| count).sum()
}

/// Makes what stands for everything that differs and for what the guard says of it.
fn standing(drift: &Drift, plan: &Plan) -> String {
    let mut text = Sha256::new();
    let mut add = |parts: &[&str]| {
        for part in parts {
            text.update((part.len() as u64).to_le_bytes());
            text.update(part);
        }
    };
    for ClientDrift { client, state, changes, .. } in &drift.clients {
        if *state != State::InSync {
            add(&["client", client.as_str(), state.name()]);
            let keys = changes.iter().map(|one| (one.change.field.name(), one.change.key.as_deref()));
            keys.for_each(|(field, key)| add(&[field, key.unwrap_or_default()]));
        }
    }
    drift.unmanaged.iter().for_each(|Unmanaged { id, .. }| add(&[UNMANAGED, id.as_str()]));
    plan.guard.findings.iter().for_each(|finding| add(&["finding", finding.rule, &finding.message]));
    hex(&text.finalize()[..8])
}
