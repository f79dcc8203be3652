//! A plan as a report.

use super::{Count, Entry, Finding, Kind, Mark, Place, Problem, Report, ShowState, Source, Stray, counted};
use crate::model::Prune;
use crate::plan::{Blocked, Heading, Kept, Notice, Obstacle, Options, Plan, Step, Summary, Unchanged, Unmanaged};
use crate::text::shell_word;

/// Makes a report of a plan.
pub(crate) fn plan<'a>(heading: &'a Heading, plan: &'a Plan) -> Report<'a> {
    let Plan { prune, steps, unchanged, unmanaged, outside: _, blocked, notices, guard, managed: _ } = plan;
    let not_compared = unchanged.iter().filter(|one| !one.not_compared.is_empty());
    let totals = Totals::from(plan.summary());
    let mut remarks: Vec<Entry<'a>> = blocked.iter().map(self::blocked).collect();
    remarks.extend(not_compared.map(uncompared));
    remarks.extend(notices.iter().map(notice));
    Report {
        kind: Kind::Plan,
        subject: &heading.target.name,
        header: header(&heading.target.name, &heading.target.url, prune.name(), &heading.options),
        entries: steps.iter().map(step).collect(),
        remarks,
        steady: unchanged.iter().filter(|one| one.not_compared.is_empty()).map(steady).collect(),
        unmanaged: unmanaged.iter().map(stray).collect(),
        findings: guard.findings.iter().map(Finding::from).collect(),
        reach: Vec::new(),
        counts: totals.counts(),
        closing: totals.closing(),
        next: next(&heading.target.name, *prune, &heading.options, Verdict::of(&totals, guard.allows())),
    }
}

/// Says what the plan is of, and what shaped it.
pub(super) fn header(name: &str, url: &str, prune: &str, options: &Options) -> Vec<String> {
    let Options { select, exclude, max_deletes, max_changes, since, rollback_of } = options;
    let mut parts = vec![format!("{name} ({url})"), format!("prune: {prune}")];
    parts.extend(select.iter().map(|expression| format!("only {expression}")));
    parts.extend(exclude.iter().map(|expression| format!("without {expression}")));
    parts.extend(max_deletes.map(|most| format!("at most {most} deletes")));
    parts.extend(max_changes.map(|most| format!("at most {most} changes")));
    parts.extend(since.iter().map(|revision| format!("since {}", revision.chars().take(12).collect::<String>())));
    parts.extend(rollback_of.iter().map(|run| format!("rolls back {run}")));
    parts
}

/// Says what can be typed next.
pub(super) fn next(target: &str, prune: Prune, options: &Options, verdict: Verdict) -> Vec<String> {
    let Options { select, exclude, max_deletes, max_changes, since, rollback_of } = options;
    let target = option("target", target);
    let mut limits: Vec<String> = max_deletes.map(|most| format!("--max-deletes {most}")).into_iter().collect();
    limits.extend(max_changes.map(|most| format!("--max-changes {most}")));
    if let Some(run) = rollback_of {
        let mut words = vec![format!("icsync rollback {} {target}", shell_word(run))];
        words.extend(limits);
        let back = format!("{} --out back.plan", words.join(" "));
        return match verdict {
            Verdict::Empty => Vec::new(),
            Verdict::Refused => vec![back],
            Verdict::Allowed => vec![back, format!("icsync apply back.plan {target}")],
        };
    }
    let mut words = vec![target];
    words.extend((prune == Prune::Delete).then(|| "--prune".to_owned()));
    words.extend(select.iter().map(|one| option("select", one)));
    words.extend(exclude.iter().map(|one| option("exclude", one)));
    words.extend(limits);
    words.extend(since.iter().map(|revision| option("since", revision)));
    let words = words.join(" ");
    let plan = format!("icsync plan {words}");
    match verdict {
        Verdict::Empty => Vec::new(),
        Verdict::Refused => vec![plan],
        Verdict::Allowed => vec![plan, format!("icsync apply {words}")],
    }
}

/// What can come of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is nothing to do.
    Empty,
    /// The guard refuses it.
    Refused,
    /// It can be applied.
    Allowed,
}

impl Verdict {
    pub(super) fn of(totals: &Totals, guard: bool) -> Self {
        match (totals.is_empty(), guard) {
            (true, _) => Self::Empty,
            (false, true) => Self::Allowed,
            (false, false) => Self::Refused,
        }
    }
}

/// Writes an option with its value, which may begin with a hyphen.
pub(super) fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("--{name}{between}{}", shell_word(value))
}

/// The numbers of a plan's summary, as far as they are known.
pub(super) struct Totals {
    pub(super) add: u64,
    pub(super) change: u64,
    pub(super) replace: u64,
    pub(super) delete: u64,
    pub(super) unchanged: u64,
    pub(super) unmanaged: u64,
    pub(super) outside: u64,
    pub(super) blocked: u64,
    pub(super) not_compared: u64,
}

impl From<Summary> for Totals {
    fn from(summary: Summary) -> Self {
        let Summary { add, change, replace, delete, unchanged, unmanaged, outside, blocked, not_compared } = summary;
        let wide = |number: usize| number as u64;
        Self {
            add: wide(add),
            change: wide(change),
            replace: wide(replace),
            delete: wide(delete),
            unchanged: wide(unchanged),
            unmanaged: wide(unmanaged),
            outside: wide(outside),
            blocked: wide(blocked),
            not_compared: wide(not_compared),
        }
    }
}

impl Totals {
    pub(super) fn is_empty(&self) -> bool {
        let Self { add, change, replace, delete, .. } = self;
        [add, change, replace, delete].into_iter().all(|number| *number == 0)
    }

    pub(super) fn counts(&self) -> Vec<Count> {
        self.actions().into_iter().chain(self.rest()).chain(self.doubts()).collect()
    }

    fn actions(&self) -> [Count; 4] {
        let count = |what, number| Count { what, number };
        [
            count("to add", self.add),
            count("to change", self.change),
            count("to delete", self.delete),
            count("to replace", self.replace),
        ]
    }

    fn rest(&self) -> [Count; 3] {
        let count = |what, number| Count { what, number };
        [
            count("unchanged", self.unchanged),
            count("unmanaged", self.unmanaged),
            count("outside the boundary", self.outside),
        ]
    }

    fn doubts(&self) -> [Count; 2] {
        let count = |what, number| Count { what, number };
        [count("blocked", self.blocked), count("not compared", self.not_compared)]
    }

    /// Gives the line that everybody looks for.
    pub(super) fn closing(&self) -> String {
        let rest = counted(&self.rest(), &self.doubts());
        if self.is_empty() {
            return format!("No changes: {rest}");
        }
        let [add, change, delete, replace] = self.actions();
        format!("Plan: {} · {rest}", counted(&[add, change, delete], &[replace]))
    }
}

fn step(step: &Step) -> Entry<'_> {
    let Step {
        number,
        client,
        scope,
        at,
        write: _,
        before: _,
        after: _,
        changes,
        precondition: _,
        after_steps,
        unreadable,
    } = step;
    let from = step.live().map(|live| &live.scope).filter(|from| *from != scope);
    let mut notes = Vec::new();
    notes.extend(from.map(|from| moved(&from.to_string(), &scope.to_string())));
    notes.extend(waits(&after_steps.iter().map(|number| *number as u64).collect::<Vec<_>>()));
    notes.extend((!unreadable.is_empty()).then(|| unseen(&super::field_names(unreadable))));
    Entry {
        number: Some(*number as u64),
        show_state: ShowState::No,
        client: client.as_ref().map(crate::model::ClientName::as_str),
        id: step.id().map(crate::model::ClientId::as_str),
        at: at.as_ref().map(Source::from),
        changes: changes.iter().map(Into::into).collect(),
        notes,
        ..Entry::new(step.action().into(), step.action().name(), scope.into())
    }
}

/// Says what a replace does.
pub(super) fn moved(from: &str, to: &str) -> String {
    format!("moves from {from} to {to}: deleted there, then added here with a new id")
}

/// Says which steps come before.
pub(super) fn waits(steps: &[u64]) -> Option<String> {
    let list = steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match steps {
        [] => None,
        [_] => Some(format!("after step {list}, which frees the scope")),
        _ => Some(format!("after steps {list}, which free the scope")),
    }
}

/// Says what no before-image holds.
pub(super) fn unseen(fields: &str) -> String {
    format!("the server does not show {fields}: what it holds now cannot be restored")
}

fn blocked(blocked: &Blocked) -> Entry<'_> {
    let Blocked { client, scope, id, at, obstacle } = blocked;
    Entry {
        client: client.as_ref().map(crate::model::ClientName::as_str),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: at.as_ref().map(Source::from),
        problem: Some(Problem::from(obstacle)),
        ..Entry::new(Mark::Blocked, "blocked", scope.into())
    }
}

fn uncompared(one: &Unchanged) -> Entry<'_> {
    let Unchanged { client, scope, id, at, not_compared } = one;
    Entry {
        client: Some(client.as_str()),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: Some(Source::from(at)),
        problem: Some(super::not_compared(&super::field_names(not_compared))),
        ..Entry::new(Mark::Unknown, "not compared", scope.into())
    }
}

fn steady(one: &Unchanged) -> Entry<'_> {
    let Unchanged { client, scope, id, at, not_compared: _ } = one;
    Entry {
        client: Some(client.as_str()),
        id: id.as_ref().map(crate::model::ClientId::as_str),
        at: Some(Source::from(at)),
        ..Entry::new(Mark::Steady, "unchanged", scope.into())
    }
}

fn notice(notice: &Notice) -> Entry<'_> {
    let Notice { client, at, message, help } = notice;
    let place = Place { text: String::new(), telsys: String::new(), device: None };
    Entry {
        client: Some(client.as_str()),
        at: Some(Source::from(at)),
        problem: Some(Problem { code: None, message: message.into(), help: help.into(), candidates: Vec::new() }),
        ..Entry::new(Mark::Notice, "notice", place)
    }
}

impl<'a> From<&'a Obstacle> for Problem<'a> {
    fn from(obstacle: &'a Obstacle) -> Self {
        let Obstacle { reason, help, candidates } = obstacle;
        let candidates = candidates.iter().map(|one| (one.id.as_str(), one.description.as_str())).collect();
        Self { code: None, message: reason.into(), help: help.into(), candidates }
    }
}

impl<'a> From<&'a crate::plan::Finding> for Finding<'a> {
    fn from(finding: &'a crate::plan::Finding) -> Self {
        let crate::plan::Finding { rule, steps, message, help } = finding;
        Self { rule, message, help, steps: steps.iter().map(|number| *number as u64).collect() }
    }
}

/// Makes a report line of an unmanaged client.
pub(super) fn stray(unmanaged: &Unmanaged) -> Stray<'_> {
    let Unmanaged { id, scope, description, kept } = unmanaged;
    let kept = kept.map(|kept| match kept {
        Kept::Protected => "protected",
        Kept::Unresolved => "unresolved",
        Kept::NotSelected => "not_selected",
    });
    Stray { id: id.as_str(), place: scope.into(), description: description.into(), kept }
}
