//! The guard: weighs a plan against limits and protection, and names the exact way out of a refusal.

use std::collections::BTreeSet;

use super::step::{Action, Step};
use crate::model::{ClientName, Limit, Limits, LiveClient, Protection, Prune, UnreadRow};
use crate::text::{counted, quote};

/// Whether a plan may be applied, and what speaks against it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// What speaks against the plan; empty when it may be applied.
    pub findings: Vec<Finding>,
}

impl Guard {
    /// Tells whether the plan may be applied.
    pub(crate) fn allows(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that speaks against a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which rule, one of `GUARD_RULES`.
    pub rule: &'static str,
    /// The numbers of the steps that the rule speaks of.
    pub steps: Vec<usize>,
    /// What of a limit was exceeded, if the rule is one.
    pub exceeded: Option<Limit>,
    /// What the plan would do, and what the rule allows.
    pub message: String,
    /// The exact way out.
    pub help: String,
    /// The option of it that shapes a plan, if that is the way out.
    pub option: Option<String>,
}

impl Finding {
    /// Speaks to whoever applies a saved plan, which takes no such option: `command` makes another one that has it.
    #[must_use]
    pub(crate) fn of_saved(self, command: &str) -> Self {
        let Some(option) = &self.option else { return self };
        let help = self.help.replacen(option, &format!("`{command} --out FILE {option}`"), 1);
        Self { help, ..self }
    }

    /// Speaks to whoever looks at rounds, in each of which the option would hold: `command` applies once.
    #[must_use]
    pub(crate) fn of_round(self, command: &str) -> Self {
        let Some(option) = &self.option else { return self };
        let help = self.help.replacen(option, &format!("`{command} {option}`, by hand and once"), 1);
        Self { help, ..self }
    }
}

const DELETE: &str = "limits.delete";
const CHANGE: &str = "limits.change";
const GONE: &str = "limits.vanished";
const PROTECT: &str = "protect";
const PRUNE: &str = "prune";
const SOURCE: &str = "source";

/// Every rule with what it refuses, as the manual has it.
#[cfg(test)]
pub(crate) const GUARD_RULES: [(&str, &str); 6] = [
    (
        DELETE,
        "more deletes and replaces together than `limits.delete` allows, by count or by share of the managed clients",
    ),
    (CHANGE, "more changes than `limits.change` allows; without that key there is no such limit"),
    (GONE, "three or more pinned clients that are gone and would be added anew, beyond `limits.vanished`"),
    (PROTECT, "a change, replace or delete of a client that `protect` covers"),
    (PRUNE, "pruning in a telephony server of whose list a row could not be read"),
    (SOURCE, "any delete or replace where git tracks definitions that the checkout lacks"),
];

/// What the percentages of the limits are taken of.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShareBase {
    /// How many live clients are managed.
    pub managed: usize,
    /// How many definitions are pinned.
    pub pinned: usize,
    /// Those of them whose live client is gone.
    pub vanished: BTreeSet<ClientName>,
}

const DESTRUCTIVE: LimitRule =
    LimitRule { rule: DELETE, verb: "delete or replace", kind: "managed", option: "--max-deletes", doubt: "" };
const CHANGING: LimitRule =
    LimitRule { rule: CHANGE, verb: "change", kind: "managed", option: "--max-changes", doubt: "" };
const VANISHED: LimitRule = LimitRule {
    rule: GONE,
    verb: "add anew, because they are gone from the server,",
    kind: "pinned",
    option: "--max-vanished",
    doubt: "; else look at the rights of this key: it may not see any more what is there",
};

/// As few pinned clients as may vanish by themselves; fewer are never refused.
const NOTEWORTHY: usize = 3;

/// Weighs numbered steps.
pub(crate) fn weigh(steps: &[Step], base: &ShareBase, limits: &Limits, protect: &[Protection]) -> Guard {
    let Limits { delete, change, vanished, max_deletes, max_changes, max_vanished } = limits;
    let numbers = |wanted: &dyn Fn(&Step) -> bool| -> Vec<usize> {
        steps.iter().filter(|step| wanted(step)).map(|step| step.number).collect()
    };
    let mut findings = Vec::new();
    let deleted = numbers(&|step| step.action().is_destructive());
    findings.extend(DESTRUCTIVE.weigh(deleted, base.managed, *delete, *max_deletes));
    let changed = numbers(&|step| step.action() == Action::Change);
    findings.extend(CHANGING.weigh(changed, base.managed, *change, *max_changes));
    let gone = |step: &Step| step.client.as_ref().is_some_and(|name| base.vanished.contains(name));
    let added = numbers(&|step| step.action() == Action::Add && gone(step));
    if added.len() >= NOTEWORTHY {
        findings.extend(VANISHED.weigh(added, base.pinned, *vanished, *max_vanished));
    }
    findings.extend(steps.iter().filter_map(|step| {
        let live = step.live().filter(|live| is_protected_from(step, live, protect))?;
        Some(Finding {
            rule: PROTECT,
            steps: vec![step.number],
            exceeded: None,
            message: format!(
                "step {} would {} `{}`, which is protected",
                step.number,
                step.action().name(),
                step.title()
            ),
            help: format!(
                "leave it out of this run{}, or remove the entry that covers {} or {} from `protect` in icsync.yaml",
                step.client.as_ref().map(|name| format!(" with --exclude name={name}")).unwrap_or_default(),
                live.scope,
                live.id
            ),
            option: None,
        })
    }));
    Guard { findings }
}

/// Refuses to prune where a row could not be read: nobody knows what the list lacks.
pub(crate) fn weigh_pruning(steps: &[Step], prune: Prune, unread: &[UnreadRow]) -> Option<Finding> {
    let doubtful = |step: &&Step| {
        let unmanaged = prune == Prune::Delete && step.client.is_none() && step.action() == Action::Delete;
        unmanaged && unread.iter().any(|row| row.may_be_in(step.scope.telsys))
    };
    let steps: Vec<usize> = steps.iter().filter(doubtful).map(|step| step.number).collect();
    if steps.is_empty() {
        return None;
    }
    let clients = counted(steps.len(), "client");
    Some(Finding {
        rule: PRUNE,
        steps,
        exceeded: None,
        message: format!("the plan would prune {clients} of a telephony server with a row that could not be read"),
        help: "leave them with --no-prune until every row of that telephony server can be read".to_owned(),
        option: Some("--no-prune".to_owned()),
    })
}

/// Refuses to delete where git did not check out all definitions: what they define is not known.
pub(crate) fn weigh_source(steps: &[Step], not_checked_out: &[String]) -> Option<Finding> {
    let destructive = steps.iter().filter(|step| step.action().is_destructive());
    let steps: Vec<usize> = destructive.map(|step| step.number).collect();
    let first = not_checked_out.first().filter(|_| !steps.is_empty())?;
    let (clients, files) = (counted(steps.len(), "client"), counted(not_checked_out.len(), "file"));
    Some(Finding {
        rule: SOURCE,
        steps,
        exceeded: None,
        message: format!(
            "the plan would delete or replace {clients}, and git tracks {files} of definitions that it did not check out here: {}{}",
            quote(first),
            if not_checked_out.len() > 1 { " and others" } else { "" }
        ),
        help: "check them out: `git sparse-checkout disable` for a sparse checkout, `git update-index --no-skip-worktree FILE` \
               and `git restore FILE` for a marked file, `git submodule update --init` for a submodule"
            .to_owned(),
        option: None,
    })
}

/// Tells whether any entry protects the live client of a step. What a row does not show of its scope, git may say.
fn is_protected_from(step: &Step, live: &LiveClient, protect: &[Protection]) -> bool {
    let by_git = || protect.iter().any(|entry| entry.covers_scope(&step.scope));
    is_protected(live, protect) || live.scope.is_unresolved() && by_git()
}

/// Tells whether any entry protects a live client.
pub(crate) fn is_protected(live: &LiveClient, protect: &[Protection]) -> bool {
    protect.iter().any(|entry| entry.covers(live))
}

struct LimitRule {
    rule: &'static str,
    verb: &'static str,
    /// The clients that the percentage is of.
    kind: &'static str,
    option: &'static str,
    /// What it may be if it is not meant.
    doubt: &'static str,
}

impl LimitRule {
    fn weigh(&self, steps: Vec<usize>, all: usize, limit: Limit, lifted: Option<u64>) -> Option<Finding> {
        let Self { rule, verb, kind, option, doubt } = self;
        let count = steps.len() as u64;
        let limit = lifted.map_or(limit, |most| Limit { count: Some(most), percent: None });
        let Limit { count: most, percent } = limit;
        let over_count = most.filter(|most| count > *most);
        // Shares are compared without division, so that 1 of 3 is over 33 % as it should be.
        let over_percent = percent.filter(|percent| u128::from(count) * 100 > u128::from(*percent) * all as u128);
        let exceeded = Limit { count: over_count, percent: over_percent.filter(|_| count > 0) };
        if exceeded == (Limit { count: None, percent: None }) {
            return None;
        }
        let reasons: Vec<_> = exceeded.words().map(|limit| format!("the limit is {limit}")).collect();
        // Prune deletes clients that are not managed, so there can be more than all.
        let share = if count > all as u64 {
            format!("{count} {} where {all} are {kind}", if count == 1 { "client" } else { "clients" })
        } else {
            format!("{count} of {all} {kind} clients")
        };
        Some(Finding {
            rule,
            steps,
            exceeded: Some(exceeded),
            message: format!("the plan would {verb} {share}; {}", reasons.join(" and ")),
            help: format!("if that is meant, allow just this with {option} {count}{doubt}"),
            option: Some(format!("{option} {count}")),
        })
    }
}
