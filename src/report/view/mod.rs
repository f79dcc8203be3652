//! What every format shows, whatever document it is made of.

mod alike;
mod becomes;
mod complaints;
mod drift;
mod entry;
mod likely;
mod mark;
mod outcomes;
mod plan;
mod review;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::document::{CandidateV1, ChangeV1, PositionV1, UnreadRowV1};
use crate::model::{ClientId, Device, Origin, Scope, Telsys};
use crate::redact::Shown;
use crate::text::{bounded, for_target, isolated};

use complaints::complaint;
pub(crate) use complaints::complaints;
pub(crate) use drift::drift;
use entry::Former;
pub(crate) use entry::{IsComplaint, ReportEntry, ShowState, moved};
#[cfg(test)]
pub(crate) use mark::PageColour;
pub(crate) use mark::{Hue, Level, Mark, ReportKind, RowWeight};
pub(crate) use outcomes::outcomes;
pub(crate) use plan::{SteadyClients, plan, saved};
pub(crate) use review::review;

/// A report, borrowed from what it was made of. Its texts are as they came: each format escapes them.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) kind: ReportKind,
    /// The target's name, or what else the report is of.
    pub(crate) subject: &'a str,
    /// What the first line says after the command.
    pub(crate) header: Vec<String>,
    /// The clients about which there is something to say, in order.
    pub(crate) entries: Vec<ReportEntry<'a>>,
    /// What a person should know besides: blocked, not compared, notices.
    pub(crate) remarks: Vec<ReportEntry<'a>>,
    /// Clients with nothing to say, as far as they are listed.
    pub(crate) steady: Vec<ReportEntry<'a>>,
    /// Live clients that git does not define.
    pub(crate) unmanaged: Vec<Stray<'a>>,
    /// What the guard says against it.
    pub(crate) findings: Vec<ShownFinding<'a>>,
    /// The lines that reach several clients, and how many.
    pub(crate) reach: Vec<(SourceLine<'a>, u64)>,
    /// How many of each there are, in the order in which they are shown.
    pub(crate) counts: Vec<Count>,
    pub(crate) closing: String,
    /// What the server calls its telephony servers, by the number of each: the customers.
    pub(crate) customers: BTreeMap<String, &'a str>,
    /// What a plan was made of and what it is, to tell it from others: its commit and its digest.
    pub(crate) made_of: Vec<(&'static str, &'a str)>,
    /// What can be typed next.
    pub(crate) next: Vec<String>,
}

impl Report<'_> {
    /// Names the target in commands that are advised.
    fn for_target(mut self, target: &str) -> Self {
        let problems = self.entries.iter_mut().chain(&mut self.remarks).filter_map(|entry| entry.problem.as_mut());
        let helps = problems.map(|problem| &mut problem.help);
        for help in helps.chain(self.findings.iter_mut().map(|finding| &mut finding.help)) {
            if let Cow::Owned(completed) = for_target(help, target) {
                *help = Cow::Owned(completed);
            }
        }
        self
    }
}

/// The most of one name.
pub(crate) const LONGEST_NAME: usize = 200;
/// The most of one text of the server that stands beside a scope.
const LONGEST_LABEL: usize = 60;

/// Joins what the server calls the levels of a scope, each shown once.
pub(crate) fn people(labels: &[impl AsRef<str>]) -> String {
    let mut shown: Vec<_> = labels.iter().map(|label| isolated(bounded(label.as_ref(), LONGEST_LABEL))).collect();
    shown.dedup();
    shown.join(" · ")
}

/// Says who changed a live client last, as far as the server does.
fn last_change(by: Option<&str>, at: Option<&str>) -> Option<String> {
    match (by, at) {
        (Some(by), Some(at)) => Some(format!("last changed by {by} at {at}")),
        (Some(by), None) => Some(format!("last changed by {by}")),
        (None, Some(at)) => Some(format!("last changed at {at}")),
        (None, None) => None,
    }
}

/// A scope as it is shown and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeText {
    /// `417/1/01234567120`.
    pub(crate) text: String,
    /// The telephony server, for filters: `417` or `all`.
    pub(crate) telsys: String,
    /// The number of the one device, if it is one: it may stand inside values.
    pub(crate) device: Option<String>,
}

impl ScopeText {
    /// That of what has no scope.
    const NONE: Self = Self { text: String::new(), telsys: String::new(), device: None };
}

impl From<&Scope> for ScopeText {
    fn from(scope: &Scope) -> Self {
        let telsys = match scope.telsys {
            Telsys::All => "all".to_owned(),
            Telsys::One(id) => id.to_string(),
        };
        let device = match &scope.device {
            Device::All => None,
            Device::One(number) => Some(number.as_str().to_owned()),
        };
        Self { text: scope.to_string(), telsys, device }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SourceLine<'a> {
    /// The path, with `/`.
    pub(crate) file: &'a str,
    /// The line, from 1.
    pub(crate) line: u64,
}

impl<'a> From<&'a PositionV1> for SourceLine<'a> {
    fn from(at: &'a PositionV1) -> Self {
        let PositionV1 { file, line, column: _ } = at;
        Self { file, line: *line }
    }
}

impl std::fmt::Display for SourceLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", crate::text::visible(self.file), self.line)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShownDifference<'a> {
    pub(crate) field: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) before: ShownValue<'a>,
    pub(crate) after: ShownValue<'a>,
    /// Where the desired value was written.
    pub(crate) at: Option<SourceLine<'a>>,
    /// Whether that is the client's own document.
    pub(crate) origin: Origin,
    /// Who made it, where that differs within a client; or what it endangers.
    pub(crate) state: Option<&'a str>,
    /// What the two sides are.
    pub(crate) sides: DifferenceSides<'a>,
    /// What tells its key from others of the client that look alike: the same with code points. Not yet visible.
    pub(crate) told: Option<String>,
}

/// What is shown of a key of a definition that is not written.
/// What stands in place of a client where the configuration is meant.
pub(crate) const CONFIGURATION: &str = "icsync.yaml";

pub(super) const NO_TERM: &str = "(none)";

impl ShownDifference<'_> {
    /// Tells whether a definition had an `id:` and has none any more.
    pub(crate) fn is_lost_pin(&self) -> bool {
        let is_word =
            matches!((&self.before, &self.after), (ShownValue::Word(_), ShownValue::Word(after)) if after == NO_TERM);
        self.field == "id" && self.key.is_none() && is_word
    }

    /// Gives its key.
    pub(crate) fn shown_key(&self) -> Option<Cow<'_, str>> {
        Some(isolated(bounded(self.told.as_deref().or(self.key)?, LONGEST_NAME)))
    }
}

/// What the two sides of a difference are to each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DifferenceSides<'a> {
    /// One becomes the other.
    Change,
    /// Before is what the live client has, after what git says, and neither is the newer one. In a conflict there is
    /// also what git said before both changed.
    LiveAndGit { base: Option<ShownValue<'a>> },
    /// Only one is there, and it is what the client is.
    Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ShownValue<'a> {
    Absent,
    /// Git does not say.
    NotManaged,
    Plain(&'a Json),
    /// A word of a definition, such as `present`.
    Word(String),
    /// One that is not shown, by its digest.
    Sensitive(&'a str),
    /// One that the server does not show.
    Unreadable,
}

impl<'a> From<&'a Shown> for ShownValue<'a> {
    fn from(shown: &'a Shown) -> Self {
        match shown {
            Shown::Plain(value) => Self::Plain(value.value()),
            Shown::Sensitive(digest) => Self::Sensitive(digest.as_str()),
        }
    }
}

impl<'a> From<&'a ChangeV1> for ShownDifference<'a> {
    fn from(change: &'a ChangeV1) -> Self {
        let ChangeV1 { field, key, before, after, base: _, unreadable, source, inherited, state, exception: _ } =
            change;
        let side = |shown: &'a Option<Shown>| shown.as_ref().map_or(ShownValue::Absent, ShownValue::from);
        Self {
            field,
            key: key.as_deref(),
            before: if *unreadable { ShownValue::Unreadable } else { side(before) },
            after: side(after),
            at: source.as_ref().map(SourceLine::from),
            origin: if *inherited { Origin::Inherited } else { Origin::Own },
            state: state.map(drift::word),
            sides: DifferenceSides::Change,
            told: None,
        }
    }
}

/// Why something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownProblem<'a> {
    /// What it is, for machines: a code of the server, or a word.
    pub(crate) code: Option<String>,
    pub(crate) message: Cow<'a, str>,
    pub(crate) help: Cow<'a, str>,
    /// Live clients to choose from: id and description.
    pub(crate) candidates: Vec<(&'a str, &'a str)>,
}

impl<'a> ShownProblem<'a> {
    /// Makes a problem of a message and what to do next.
    fn new(message: impl Into<Cow<'a, str>>, help: &'a str) -> Self {
        Self { code: None, message: message.into(), help: help.into(), candidates: Vec::new() }
    }
}

/// A live client that git does not define.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stray<'a> {
    pub(crate) id: &'a str,
    pub(crate) place: ScopeText,
    pub(crate) labels: Vec<&'a str>,
    pub(crate) description: ShownValue<'a>,
    /// Why prune leaves it alone.
    pub(crate) kept: Option<&'a str>,
    /// What tells its description from others that look alike: the same with code points. Not yet visible.
    pub(crate) told: Option<String>,
}

/// What the guard says against a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownFinding<'a> {
    pub(crate) rule: &'a str,
    /// What the plan would do, and what is allowed.
    pub(crate) message: &'a str,
    pub(crate) help: Cow<'a, str>,
    /// Their numbers, the least first.
    pub(crate) steps: Vec<u64>,
    /// What of a limit is exceeded: `limit 2, asked 3`.
    pub(crate) exceeded: Option<String>,
}

/// Adds what the server calls a telephony server to what others are called.
fn note_customer<'a>(customers: &mut BTreeMap<String, &'a str>, scope: &Scope, label: Option<&'a str>) {
    if let Some(label) = label.filter(|label| !label.trim().is_empty()) {
        customers.entry(ScopeText::from(scope).telsys).or_insert(label);
    }
}

/// How many there are of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) what: &'static str,
    pub(crate) number: u64,
}

/// Writes counts as `1 blocked, 2 stale`: those that are always shown, and of the rest those that are not zero.
pub(crate) fn counted(always: &[Count], sometimes: &[Count]) -> String {
    let shown = always.iter().chain(sometimes.iter().filter(|count| count.number > 0));
    shown.map(|Count { what, number }| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
}

/// Names fields for a sentence: `` `policies` and `settings` ``.
fn field_names(fields: &[Cow<'static, str>]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
}

fn not_compared(fields: &[Cow<'static, str>]) -> ShownProblem<'static> {
    ShownProblem::new(format!("not compared: the server does not show {}", field_names(fields)), "")
}

fn unread(row: &UnreadRowV1) -> ReportEntry<'_> {
    let UnreadRowV1 { id, telsys, scope, reason, help } = row;
    let place = match (scope, telsys) {
        (None, Some(telsys)) => format!("a row of telephony server {telsys}"),
        (Some(_), _) => "a row".to_owned(),
        (None, None) => "a row of an unknown telephony server".to_owned(),
    };
    ReportEntry {
        id: id.as_ref().map(ClientId::as_str),
        problem: Some(ShownProblem::new(format!("{place} could not be read: {reason}"), help)),
        ..ReportEntry::new(Mark::Notice, "notice", scope.as_ref().map_or(ScopeText::NONE, ScopeText::from))
    }
}

fn candidates(candidates: &[CandidateV1]) -> Vec<(&str, &str)> {
    candidates.iter().map(|CandidateV1 { id, description }| (id.as_str(), description.as_str())).collect()
}
