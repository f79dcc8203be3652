//! What `runs -o json` writes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, count, is_zero};
use crate::apply::{
    History, IntentRecord, OutcomeRecord, Part, Record, RunRecord, SettledStep, Settlement, lost_steps, run_steps,
};
use crate::model::{ClientId, ClientName, Scope};
use crate::plan::{Action, DoubtFound, RunStep};

/// `runs -o json`: the journals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Runs")]
pub(crate) struct RunsV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) runs: Vec<RunV1>,
    /// Journals that cannot be read.
    pub(crate) unreadable: Vec<UnreadableJournalV1>,
}

/// `runs RUN -o json`: one run in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Run")]
pub(crate) struct RunDetailV1 {
    pub(crate) format_version: FormatVersionV1,
    pub(crate) run: RunV1,
    /// The steps of which the journal tells; one that was never begun may be missing.
    pub(crate) steps: Vec<PastStepV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunV1 {
    pub(crate) run: String,
    /// When it began (RFC 3339).
    pub(crate) started: String,
    pub(crate) target: String,
    pub(crate) url: String,
    /// Who ran it, as far as the environment told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// The commit of the definitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) git_commit: Option<String>,
    /// Whether they had changes beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) git_dirty: Option<bool>,
    /// The digest of the saved plan that it applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<String>,
    /// The run that it turned back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rollback_of: Option<String>,
    pub(crate) state: RunStateV1,
    pub(crate) steps: u64,
    /// How many steps ended how.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// How many replaces deleted a client and could not add it again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) lost: u64,
    /// The numbers of the steps whose outcome is not known.
    pub(crate) in_doubt: Vec<u64>,
    /// What a later plan or run found of steps that were in doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) settled: Vec<SettledV1>,
    /// How many sensitive values it changed or deleted: the journal does not hold them.
    pub(crate) left_out_sensitive: u64,
    /// The first line that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) corrupt_line: Option<u64>,
}

/// What a later reading found of a step that was in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SettledV1 {
    /// The number of the step.
    pub(crate) step: u64,
    pub(crate) found: FoundV1,
    /// When it was read (RFC 3339).
    pub(crate) at: String,
}

/// `applied`: as the step was to leave it. `not_applied`: as before. `half_replaced`: deleted, and not added.
/// `changed_since`: neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FoundV1 {
    Applied,
    NotApplied,
    HalfReplaced,
    ChangedSince,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunStateV1 {
    Ended,
    Interrupted,
    Killed,
}

/// One step of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PastStepV1 {
    pub(crate) number: u64,
    /// `add`, `change`, `replace` or `delete`; null if the journal does not tell.
    pub(crate) action: Option<Cow<'static, str>>,
    /// The definition; null for an unmanaged client that was pruned.
    pub(crate) client: Option<ClientName>,
    /// What an unmanaged client that was pruned was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Where the client is or was to be.
    pub(crate) scope: Option<Scope>,
    /// Where a replace took it from, if that is another scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from_scope: Option<Scope>,
    pub(crate) id: Option<ClientId>,
    /// `applied`, `failed`, `skipped`, `withheld`, `stale` or `unknown`; null if the run ended before it was noted.
    pub(crate) outcome: Option<String>,
    /// Why it is not applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Whether a replace deleted the client and could not add it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) lost: bool,
    /// Whether its outcome is still not known.
    pub(crate) in_doubt: bool,
    /// What a later plan or run found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settled: Option<SettledV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnreadableJournalV1 {
    pub(crate) file: String,
    pub(crate) reason: String,
}

impl SettledV1 {
    fn new((step, settled): (&usize, &SettledStep)) -> Self {
        let SettledStep { found, at } = settled;
        let found = match found {
            DoubtFound::Applied => FoundV1::Applied,
            DoubtFound::NotApplied => FoundV1::NotApplied,
            DoubtFound::HalfReplaced => FoundV1::HalfReplaced,
            DoubtFound::ChangedSince => FoundV1::ChangedSince,
        };
        Self { step: *step as u64, found, at: at.clone() }
    }
}

impl RunV1 {
    /// Makes the summary of a run.
    pub(crate) fn new(history: &History, settlement: &Settlement) -> Self {
        let RunRecord {
            format_version: _,
            run,
            started,
            target,
            url,
            user,
            git_commit,
            git_dirty,
            rollback_of,
            digest_key: _,
            plan,
            steps,
        } = history.run.clone();
        let (mut outcomes, mut interrupted) = (BTreeMap::new(), false);
        for record in &history.records {
            match record {
                Record::Outcome(outcome) if outcome.part.is_none() => {
                    *outcomes.entry(outcome.outcome.clone()).or_insert(0) += 1;
                }
                Record::End { interrupted: ended_early, doubtful: _ } => interrupted = *ended_early,
                Record::Run(_) | Record::Intent(_) | Record::Outcome(_) => {}
            }
        }
        Self {
            run,
            started,
            target,
            url,
            user,
            git_commit,
            git_dirty,
            plan,
            rollback_of,
            state: match (history.ended(), interrupted) {
                (true, false) => RunStateV1::Ended,
                (true, true) => RunStateV1::Interrupted,
                (false, _) => RunStateV1::Killed,
            },
            steps: steps as u64,
            outcomes,
            lost: count(lost_steps(history)),
            in_doubt: settlement.open(history).into_iter().map(|step| step as u64).collect(),
            settled: settlement.steps.iter().map(SettledV1::new).collect(),
            left_out_sensitive: run_steps(history).into_iter().map(RunStep::lost_sensitive).sum::<usize>() as u64,
            corrupt_line: history.damaged_at().map(|line| line as u64),
        }
    }
}

impl RunDetailV1 {
    /// Makes the document of a run.
    pub(crate) fn new(history: &History, settlement: &Settlement) -> Self {
        let mut steps: BTreeMap<usize, PastStepV1> = BTreeMap::new();
        for record in &history.records {
            match record {
                Record::Intent(intent) => steps.entry(intent.step).or_default().intend(intent),
                // A part of a step leaves the step open.
                Record::Outcome(outcome) if outcome.part.is_none() => {
                    steps.entry(outcome.step).or_default().end(outcome);
                }
                Record::Run(_) | Record::Outcome(_) | Record::End { .. } => {}
            }
        }
        let (open, lost) = (settlement.open(history), lost_steps(history));
        let steps = steps.into_iter().map(|(number, step)| PastStepV1 {
            number: number as u64,
            in_doubt: open.contains(&number),
            lost: lost.contains(&number),
            settled: settlement.steps.get(&number).map(|settled| SettledV1::new((&number, settled))),
            from_scope: step.from_scope.filter(|from| step.scope.as_ref().is_some_and(|scope| scope != from)),
            ..step
        });
        Self {
            format_version: FormatVersionV1::default(),
            run: RunV1::new(history, settlement),
            steps: steps.collect(),
        }
    }
}

impl PastStepV1 {
    fn intend(&mut self, intent: &IntentRecord) {
        let IntentRecord { step: _, part, client, before, after } = intent;
        let action = match (part, &self.action) {
            (Part::Add, Some(_)) => Action::Replace,
            (Part::Add, None) => Action::Add,
            (Part::Change, _) => Action::Change,
            (Part::Delete, _) => Action::Delete,
        };
        let snapshot = after.as_ref().or(before.as_ref());
        self.action = Some(action.name().into());
        self.client.clone_from(client);
        let called = before.as_ref().filter(|_| client.is_none()).and_then(|one| one.content.description.as_ref());
        self.description = called.and_then(|text| text.value().as_str()).map(str::to_owned);
        self.scope = snapshot.map(|one| one.scope.clone());
        self.from_scope = self.from_scope.take().or_else(|| before.as_ref().map(|one| one.scope.clone()));
        self.id = snapshot.and_then(|one| one.id.clone());
    }

    fn end(&mut self, record: &OutcomeRecord) {
        let OutcomeRecord { step: _, action, client, scope, part: _, outcome, effect: _, id, message, left: _ } =
            record.clone();
        self.action = action.map(Cow::from).or_else(|| self.action.take());
        self.client = client.or_else(|| self.client.take());
        self.scope = scope.or_else(|| self.scope.take());
        self.id = id.or_else(|| self.id.take());
        self.outcome = Some(outcome);
        self.message = message;
    }
}
