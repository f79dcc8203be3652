//! A plan as a report, whether it was just made or loaded from a file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Count, Former, Mark, Report, ReportEntry, ReportKind, ScopeText, ShowState, ShownDifference, ShownFinding,
    ShownProblem, ShownValue, SourceLine, Stray, counted,
};
use crate::document::{
    BlockedV1, FindingV1, GuardV1, NotComparedV1, NoticeV1, OptionsV1, PlanV1, StepV1, SummaryV1, UnmanagedV1,
    VerdictV1, WithheldV1,
};
use crate::model::{ClientId, ClientName, Limit, Prune, Scope};
use crate::plan::Action;
use crate::text::{self, shell_option, shell_word};

/// What becomes of the clients that a plan leaves as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SteadyClients {
    /// Each is listed.
    Listed,
    /// Others are told apart from them, where there are any.
    Beside,
}

pub(crate) fn plan(plan: &PlanV1, listed: SteadyClients) -> Report<'_> {
    let PlanV1 {
        format_version: _,
        tool: _,
        target,
        source,
        prune,
        options,
        summary,
        steps,
        unmanaged,
        blocked,
        not_compared,
        notices,
        unread_rows,
        diagnostics,
        guard: GuardV1 { verdict, findings },
        steps_digest: _,
        digest_key: _,
        saved_digest,
        digest,
        signature: _,
        unchanged,
    } = plan;
    let (prune, counts) = (Prune::from(*prune), SummaryCounts::of(summary));
    let mut remarks: Vec<ReportEntry<'_>> = blocked.iter().map(self::blocked).collect();
    remarks.extend(not_compared.iter().map(uncompared));
    remarks.extend(notices.iter().map(notice));
    remarks.extend(unread_rows.iter().map(super::unread));
    remarks.extend(diagnostics.iter().map(super::complaint));
    let mut entries: Vec<ReportEntry<'_>> = steps.iter().map(step).collect();
    if entries.iter().any(|entry| entry.mark.is_destructive()) {
        // Where something is destroyed, that is read first; else the order in which it is done reads best.
        entries.sort_by_key(|entry| entry.mark.urgency());
    }
    let is_needed = listed == SteadyClients::Listed || !entries.is_empty() || !remarks.is_empty();
    let steady = if is_needed { unchanged.iter().map(steady).collect() } else { Vec::new() };
    Report {
        kind: ReportKind::Plan,
        subject: &target.name,
        header: header(plan, prune),
        entries,
        remarks,
        steady,
        unmanaged: unmanaged.iter().map(Stray::from).collect(),
        findings: findings.iter().map(ShownFinding::from).collect(),
        reach: Vec::new(),
        customers: customers(plan),
        made_of: [("commit", &source.git_commit), ("plan", if saved_digest.is_some() { saved_digest } else { digest })]
            .into_iter()
            .filter_map(|(what, text)| Some((what, text.as_deref()?)))
            .collect(),
        closing: counts.closing(steps.iter().filter(|step| step.reason().is_some()).count()),
        counts: counts.all(),
        next: next(&target.name, prune, options, PlanVerdict::of(&counts, *verdict)),
    }
    .for_target(&target.name)
    .told_apart()
}

impl<'p> Report<'p> {
    /// Says first that the plan is not the one that was approved, and why.
    pub(crate) fn made_stale(mut self, why: &'p str) -> Self {
        let help = "look at this one before it is approved, or make and save a new plan".into();
        let finding = ShownFinding { rule: "stale", message: why, help, steps: Vec::new(), exceeded: None };
        self.findings.insert(0, finding);
        self.next = Vec::new();
        self
    }
}

/// Shows a plan that a file holds: that is what can be applied, and nothing else is what was looked at.
pub(crate) fn saved<'p>(saved: &'p PlanV1, file: &str, listed: SteadyClients) -> Report<'p> {
    let mut report = plan(saved, listed);
    if saved.guard.verdict == VerdictV1::Allowed && !report.next.is_empty() {
        report.next = vec![format!("icsync apply {} {}", shell_word(file), shell_option("target", &saved.target.name))];
    }
    report
}

/// Gathers what the server calls the telephony servers of which there is something to say.
fn customers(plan: &PlanV1) -> BTreeMap<String, &str> {
    let mut customers = BTreeMap::new();
    let steps = plan.steps.iter().map(|step| (&step.scope, &step.labels));
    for (scope, labels) in steps.chain(plan.blocked.iter().map(|one| (&one.scope, &one.labels))) {
        super::note_customer(&mut customers, scope, labels.telsys.as_deref());
    }
    customers
}

/// Says what the plan is of, and what shaped it.
fn header(plan: &PlanV1, prune: Prune) -> Vec<String> {
    let OptionsV1 {
        select,
        exclude,
        max_deletes,
        max_changes,
        max_vanished,
        waves,
        first,
        part,
        shard,
        since,
        sensitive_at,
        rollback_of,
    } = &plan.options;
    let mut parts = vec![format!("{} ({})", plan.target.name, plan.target.url), format!("prune: {}", prune.name())];
    parts.extend(plan.source.dirty.then(|| "with uncommitted changes".to_owned()));
    parts.extend(select.iter().map(|expression| format!("only {expression}")));
    parts.extend(exclude.iter().map(|expression| format!("without {expression}")));
    parts.extend(shard.iter().map(|shard| format!("shard {shard}, limits are its own")));
    let at_most =
        |most: u64, thing| format!("at most {}", text::counted(usize::try_from(most).unwrap_or(usize::MAX), thing));
    parts.extend(max_deletes.map(|most| at_most(most, "delete")));
    parts.extend(max_changes.map(|most| at_most(most, "change")));
    parts.extend(max_vanished.map(|most| format!("at most {most} vanished")));
    parts.extend(part.iter().map(|numbers| format!("only steps {numbers}")));
    parts.extend(waves.iter().map(|waves| format!("waves: {waves}")));
    parts.extend(first.iter().map(|expression| format!("first {expression}")));
    let short = |revision: &String| revision.chars().take(12).collect::<String>();
    parts.extend(since.iter().map(|revision| format!("since {}", short(revision))));
    parts.extend(sensitive_at.iter().map(|revision| format!("hides what is sensitive at {} too", short(revision))));
    parts.extend(rollback_of.iter().map(|run| format!("rolls back {run}")));
    parts
}

/// Says what can be typed next.
fn next(target: &str, prune: Prune, options: &OptionsV1, verdict: PlanVerdict) -> Vec<String> {
    let OptionsV1 {
        select,
        exclude,
        max_deletes,
        max_changes,
        max_vanished,
        waves,
        first,
        part,
        shard,
        since,
        sensitive_at,
        rollback_of,
    } = options;
    if part.is_some() {
        return Vec::new();
    }
    let target = shell_option("target", target);
    let limits = [("deletes", max_deletes), ("changes", max_changes), ("vanished", max_vanished)];
    let limits: Vec<String> =
        limits.iter().filter_map(|(what, most)| Some(format!("--max-{what} {}", (*most).as_ref()?))).collect();
    if let Some(run) = rollback_of {
        let mut words = vec![format!("icsync rollback {} {target}", shell_word(run))];
        words.extend(limits);
        let back = format!("{} --out back.plan", words.join(" "));
        return match verdict {
            PlanVerdict::Empty => Vec::new(),
            PlanVerdict::Refused => vec![back],
            PlanVerdict::Allowed => vec![back, format!("icsync apply back.plan {target}")],
        };
    }
    let mut words = vec![target];
    words.extend((prune == Prune::Delete).then(|| "--prune".to_owned()));
    words.extend(select.iter().map(|one| shell_option("select", one)));
    words.extend(exclude.iter().map(|one| shell_option("exclude", one)));
    words.extend(shard.iter().map(|one| shell_option("shard", one)));
    words.extend(waves.iter().map(|waves| shell_option("waves", waves)));
    words.extend(first.iter().map(|one| shell_option("first", one)));
    words.extend(limits);
    words.extend(since.iter().map(|revision| shell_option("since", revision)));
    let words = words.join(" ");
    // It shows less and does the same.
    let hides = sensitive_at.iter().map(|revision| format!(" {}", shell_option("sensitive-at", revision)));
    let plan = format!("icsync plan {words}{}", hides.collect::<String>());
    match verdict {
        PlanVerdict::Empty => Vec::new(),
        PlanVerdict::Refused => vec![plan],
        PlanVerdict::Allowed => vec![plan, format!("icsync apply {words}")],
    }
}

/// What can come of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlanVerdict {
    /// There is nothing to do.
    Empty,
    Refused,
    /// It can be applied.
    Allowed,
}

impl PlanVerdict {
    fn of(counts: &SummaryCounts, guard: VerdictV1) -> Self {
        match (counts.is_empty(), guard) {
            (true, _) => Self::Empty,
            (false, VerdictV1::Allowed) => Self::Allowed,
            (false, VerdictV1::Refused | VerdictV1::Unknown) => Self::Refused,
        }
    }
}

/// The numbers of a plan's summary in the order in which they are shown.
struct SummaryCounts {
    actions: [Count; 3],
    replace: [Count; 1],
    rest: Vec<Count>,
    doubts: [Count; 2],
}

impl SummaryCounts {
    fn of(summary: &SummaryV1) -> Self {
        let SummaryV1 {
            add,
            change,
            replace,
            delete,
            unchanged,
            unmanaged,
            outside,
            outside_counted,
            blocked,
            not_compared,
        } = *summary;
        let count = |what, number| Count { what, number };
        let mut rest = vec![count("unchanged", unchanged), count("unmanaged", unmanaged)];
        rest.extend(outside_counted.then(|| count("outside the boundary", outside)));
        Self {
            actions: [count("to add", add), count("to change", change), count("to delete", delete)],
            replace: [count("to replace", replace)],
            rest,
            doubts: [count("blocked", blocked), count("not compared", not_compared)],
        }
    }

    fn all(&self) -> Vec<Count> {
        let Self { actions, replace, rest, doubts } = self;
        [&actions[..], replace, rest, doubts].concat()
    }

    /// Tells whether nothing is to be done.
    fn is_empty(&self) -> bool {
        self.actions.iter().chain(&self.replace).all(|count| count.number == 0)
    }

    /// Gives the line that everybody looks for.
    fn closing(&self, withheld: usize) -> String {
        let Self { actions, replace, rest, doubts } = self;
        let withheld = Count { what: "withheld", number: withheld as u64 };
        let rest = counted(rest, &[doubts.as_slice(), &[withheld]].concat());
        let [blocked, _] = doubts;
        if self.is_empty() && blocked.number == 0 {
            return format!("No changes: {rest}");
        }
        format!("Plan: {} · {rest}", counted(actions, replace))
    }
}

fn step(step: &StepV1) -> ReportEntry<'_> {
    let StepV1 {
        number,
        action,
        client,
        scope,
        from_scope,
        id,
        source,
        before: _,
        after: _,
        changes,
        precondition: _,
        after_steps,
        unreadable,
        sensitive: _,
        labels,
        updated_by,
        updated_at,
        looks_like_move,
        wave,
        withheld: _,
        withheld_now: _,
    } = step;
    let action = action.known();
    let was = Former {
        client: None,
        place: from_scope.as_ref().map(Scope::to_string),
        moved_by: Some("deleted there, then added here with a new id"),
    };
    let mut notes = Vec::new();
    notes.extend(waits(after_steps));
    let likely = looks_like_move.as_ref().map(super::likely::of_plan).unwrap_or_default();
    notes.extend(likely.shared);
    notes.extend(wave.iter().map(|wave| format!("wave {wave}")));
    notes.extend((!unreadable.is_empty()).then(|| unseen(unreadable)));
    ReportEntry {
        number: Some(*number),
        show_state: if action.is_some() { ShowState::No } else { ShowState::Yes },
        client: client.as_ref().map(ClientName::as_str),
        described: if client.is_none() { described(step) } else { None },
        labels: labels.texts().collect(),
        id: id.as_ref().map(ClientId::as_str),
        at: source.as_ref().map(SourceLine::from),
        changes: changes.iter().map(ShownDifference::from).collect(),
        notes,
        likely_move: likely.own,
        was,
        aside: super::last_change(updated_by.as_deref(), updated_at.as_deref()),
        problem: step
            .reason()
            .map(|WithheldV1 { message, help }| ShownProblem::new(format!("withheld: {message}"), help)),
        ..ReportEntry::new(
            action.map_or(Mark::Unknown, Mark::from),
            action.map_or("unknown action", Action::name),
            scope.into(),
        )
    }
}

/// Gives the description that a live client has now, if it says anything.
pub(super) fn described(step: &StepV1) -> Option<ShownValue<'_>> {
    let described = ShownValue::from(step.before.as_ref()?.description.as_ref()?);
    let empty = matches!(described, ShownValue::Plain(Value::Null)) || described == ShownValue::Plain(&Value::from(""));
    (!empty).then_some(described)
}

/// Says which steps come before.
fn waits(steps: &[u64]) -> Option<String> {
    let list = steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match steps {
        [] => None,
        [_] => Some(format!("after step {list}, which frees the scope")),
        _ => Some(format!("after steps {list}, which free the scope")),
    }
}

/// Says what no before-image holds.
fn unseen(fields: &[Cow<'static, str>]) -> String {
    format!("the server does not show {}: what it holds now cannot be restored", super::field_names(fields))
}

fn blocked(blocked: &BlockedV1) -> ReportEntry<'_> {
    let BlockedV1 { client, scope, labels, id, source, reason, help, candidates } = blocked;
    ReportEntry {
        client: client.as_ref().map(ClientName::as_str),
        labels: labels.texts().collect(),
        id: id.as_ref().map(ClientId::as_str),
        at: source.as_ref().map(SourceLine::from),
        problem: Some(ShownProblem { candidates: super::candidates(candidates), ..ShownProblem::new(reason, help) }),
        ..ReportEntry::new(Mark::Blocked, "blocked", scope.into())
    }
}

fn uncompared(one: &NotComparedV1) -> ReportEntry<'_> {
    let problem = Some(super::not_compared(&one.fields));
    ReportEntry { problem, ..unchanged(one, Mark::Unknown, "not compared") }
}

fn steady(one: &NotComparedV1) -> ReportEntry<'_> {
    unchanged(one, Mark::Steady, "unchanged")
}

fn unchanged<'a>(one: &'a NotComparedV1, mark: Mark, state: &'static str) -> ReportEntry<'a> {
    let NotComparedV1 { client, scope, id, source, fields: _ } = one;
    ReportEntry {
        client: Some(client.as_str()),
        id: id.as_ref().map(ClientId::as_str),
        at: Some(SourceLine::from(source)),
        ..ReportEntry::new(mark, state, scope.into())
    }
}

fn notice(notice: &NoticeV1) -> ReportEntry<'_> {
    let NoticeV1 { client, scope, source, message, help } = notice;
    let place = scope.as_ref().filter(|_| client.is_none()).map_or(ScopeText::NONE, ScopeText::from);
    ReportEntry {
        client: client.as_ref().map(ClientName::as_str),
        at: source.as_ref().map(SourceLine::from),
        problem: Some(ShownProblem::new(message, help)),
        ..ReportEntry::new(Mark::Notice, "notice", place)
    }
}

impl<'a> From<&'a FindingV1> for ShownFinding<'a> {
    fn from(finding: &'a FindingV1) -> Self {
        let FindingV1 { rule, steps, exceeded, message, help } = finding;
        let mut steps = steps.clone();
        steps.sort_unstable();
        let limit = exceeded.map(|limit| Limit::from(limit).words().collect::<Vec<_>>().join(" and "));
        let exceeded = limit.map(|limit| format!("limit {limit}, asked {}", steps.len()));
        Self { rule, message, help: help.into(), steps, exceeded }
    }
}

impl<'a> From<&'a UnmanagedV1> for Stray<'a> {
    fn from(unmanaged: &'a UnmanagedV1) -> Self {
        let UnmanagedV1 { id, scope, labels, description, kept, updated_by: _, updated_at: _ } = unmanaged;
        Self {
            id: id.as_str(),
            place: scope.into(),
            labels: labels.texts().collect(),
            description: description.into(),
            kept: kept.as_deref(),
            told: None,
        }
    }
}
