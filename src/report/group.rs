//! Brings identical edits together: an edit of a profile that reaches 300 clients reads as one change and a list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::Grouping;
use super::value::quoted;
use super::view::{
    DifferenceSides, IsComplaint, LONGEST_NAME, Mark, ReportEntry, ShownDifference, ShownFinding, ShownValue,
    SourceLine, Stray, people,
};
use crate::text::{bounded, isolated};

/// Entries that say the same.
#[derive(Debug)]
pub(crate) struct Group<'r, 'a> {
    /// The one that is shown.
    pub(crate) first: &'r ReportEntry<'a>,
    pub(crate) others: Vec<&'r ReportEntry<'a>>,
    pub(crate) likeness: Likeness,
}

/// How alike the entries of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// They differ by nothing but their own device numbers.
    Same,
    /// They come from one fleet and differ by the values of its columns.
    Columns,
}

impl<'a> Group<'_, 'a> {
    pub(crate) fn members(&self) -> impl Iterator<Item = &ReportEntry<'a>> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Takes a group of mistakes apart: each stands at a line of its own.
    pub(crate) fn mistakes_apart(self) -> Vec<Self> {
        if self.first.complaint == IsComplaint::No {
            return vec![self];
        }
        std::iter::once(self.first).chain(self.others).map(alone).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.others.len() + 1
    }

    /// Says what each of the others has for itself.
    pub(crate) fn each(&self) -> String {
        let columns = (self.likeness == Likeness::Columns).then_some(", each with its own columns");
        let moves = (!self.first.likely_move.is_empty()).then_some(", each looks like a move of its own");
        let loses = self.first.changes.iter().any(ShownDifference::is_lost_pin);
        let pins = loses.then_some(", each loses a pin of its own");
        columns.into_iter().chain(moves).chain(pins).collect()
    }

    /// Gives the place where the edit was written: that of all values if they share one, else that of the first of the group.
    pub(crate) fn cause(&self) -> Option<SourceLine<'a>> {
        let mut places = self.first.changes.iter().map(|change| change.at);
        let first = places.next().flatten();
        let shared = first.filter(|_| places.all(|at| at == first));
        let own = self.first.edited.or(self.first.at);
        if self.others.is_empty() { own } else { shared.or(own) }
    }
}

/// Groups entries, or leaves them apart where all is asked for.
pub(crate) fn arrange<'r, 'a>(entries: &'r [ReportEntry<'a>], grouping: Grouping) -> Vec<Group<'r, 'a>> {
    match grouping {
        // Only text is ever so brief, which takes groups apart by itself.
        Grouping::Grouped | Grouping::Brief => groups(entries),
        Grouping::Full => apart(entries),
    }
}

/// Groups entries, each group at the place of its first one.
fn groups<'r, 'a>(entries: &'r [ReportEntry<'a>]) -> Vec<Group<'r, 'a>> {
    let mut fleets: BTreeMap<SourceLine<'a>, usize> = BTreeMap::new();
    for at in entries.iter().filter_map(|entry| entry.at) {
        *fleets.entry(at).or_default() += 1;
    }
    let mut places: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut groups: Vec<Group<'r, 'a>> = Vec::new();
    let mut exact: Vec<[u8; 32]> = Vec::new();
    let mut mistakes: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for entry in entries {
        let repeated =
            mistakes.entry((entry.state, entry.client.filter(|_| entry.complaint == IsComplaint::Yes))).or_default();
        *repeated += usize::from(entry.complaint == IsComplaint::Yes);
        let same = if *repeated > FEW_MISTAKES { of_code(entry) } else { key(entry, Spelling::Values) };
        let fleet = entry.at.filter(|at| entry.mark == Mark::Add && fleets.get(at).is_some_and(|size| *size > 1));
        let found = if fleet.is_some() { key(entry, Spelling::Places) } else { same };
        // What has no name is not summed up: nobody could tell of what the rest is.
        if let Some(place) = places.get(&found).filter(|_| entry.is_named()) {
            groups[*place].others.push(entry);
            if exact[*place] != same {
                groups[*place].likeness = Likeness::Columns;
            }
        } else {
            places.insert(found, groups.len());
            groups.push(alone(entry));
            exact.push(same);
        }
    }
    groups
}

/// So many mistakes of one code are shown one by one.
const FEW_MISTAKES: usize = 3;

/// Gives the key of all mistakes of one code.
fn of_code(entry: &ReportEntry<'_>) -> [u8; 32] {
    Sha256::digest(format!("mistakes\n{}\n{:?}", entry.state, entry.client)).into()
}

/// What stands for a string value in the key of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// The value, with the client's own device number taken out.
    Values,
    /// The place where it was written: clients of one fleet get different texts from one template.
    Places,
}

fn key(entry: &ReportEntry<'_>, spelling: Spelling) -> [u8; 32] {
    let ReportEntry {
        mark,
        hue: _,
        state,
        place,
        at,
        changes,
        problem,
        client: _,
        number: _,
        level: _,
        show_state: _,
        id,
        column: _,
        edited: _,
        dangers: _,
        described: _,
        labels: _,
        notes,
        likely_move,
        was,
        new_id: _,
        aside: _,
        complaint,
        told: _,
    } = entry;
    let mut text = format!("{mark:?}\n{state}\n{notes:?}\n{} {:?}\n", likely_move.is_empty(), was.kinds());
    if spelling == Spelling::Places || *complaint == IsComplaint::Yes {
        let _ = writeln!(text, "{at:?}");
    }
    // A number of one or two digits stands in many texts that have nothing to do with the device.
    let device = place.device.as_deref().filter(|device| device.len() > 2);
    for change in changes {
        push_difference(&mut text, change, spelling, device);
    }
    if let Some(problem) = problem {
        let message = without(&problem.message, device).replace(&place.text, "\0");
        // A message that names the live client says the same of each.
        let message = id.map_or_else(|| message.clone(), |id| message.replace(id, "\0"));
        let _ = writeln!(text, "{message:?} {:?} {}", without(&problem.help, device), problem.candidates.len());
    }
    Sha256::digest(text.as_bytes()).into()
}

fn push_difference(text: &mut String, change: &ShownDifference<'_>, spelling: Spelling, device: Option<&str>) {
    let ShownDifference { field, key, before, after, at, origin: _, state, sides, told: _ } = change;
    let _ = writeln!(text, "{field:?} {key:?} {state:?}");
    if change.is_lost_pin() {
        // Each had a pin of its own; that it goes is the same of all.
        return;
    }
    let base = match sides {
        DifferenceSides::LiveAndGit { base } => base.as_ref(),
        DifferenceSides::Change | DifferenceSides::Content => None,
    };
    for value in [before, after].into_iter().chain(base) {
        match (value, spelling, at) {
            (ShownValue::Plain(serde_json::Value::String(_)), Spelling::Places, Some(at)) => {
                let _ = writeln!(text, "at {at:?}");
            }
            _ => push_value(text, value, device),
        }
    }
}

fn push_value(text: &mut String, value: &ShownValue<'_>, device: Option<&str>) {
    let _ = match value {
        ShownValue::Absent => writeln!(text, "absent"),
        ShownValue::NotManaged => writeln!(text, "not managed"),
        ShownValue::Unreadable => writeln!(text, "unreadable"),
        ShownValue::Sensitive(digest) => writeln!(text, "sensitive {digest}"),
        ShownValue::Word(word) => writeln!(text, "word {word:?}"),
        ShownValue::Plain(serde_json::Value::String(value)) => writeln!(text, "text {:?}", without(value, device)),
        // A number that is the device number by chance differs from client to client.
        ShownValue::Plain(value) => writeln!(text, "value {value}"),
    };
}

/// Takes the device number out of text, where it is not a part of a longer number.
fn without(text: &str, device: Option<&str>) -> String {
    let Some(device) = device else { return text.to_owned() };
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(device) {
        let (before, after) = (&rest[..at], &rest[at + device.len()..]);
        let alone =
            !before.ends_with(|one: char| one.is_ascii_digit()) && !after.starts_with(|one: char| one.is_ascii_digit());
        out.push_str(before);
        out.push_str(if alone { "\0" } else { device });
        rest = after;
    }
    out + rest
}

/// Lists the clients of a group for a sentence: all of a few, the first and last of many.
pub(crate) fn names(entries: &[&ReportEntry<'_>]) -> String {
    match entries {
        [first, .., last] if entries.len() > 4 => format!("{} … {}", listed(first), listed(last)),
        few => few.iter().map(|entry| listed(entry)).collect::<Vec<_>>().join(", "),
    }
}

/// Names the client of an entry: its name, or the scope of one that git does not define.
pub(crate) fn name(entry: &ReportEntry<'_>) -> String {
    match (entry.client, &entry.told.title) {
        (Some(_), Some(told)) => isolated(bounded(told, LONGEST_NAME)).into_owned(),
        (Some(client), None) => isolated(bounded(client, LONGEST_NAME)).into_owned(),
        (None, _) => entry.scope().into_owned(),
    }
}

/// Names an entry in a list: a mistake by its place, anything else as it is called and was called.
pub(crate) fn listed(entry: &ReportEntry<'_>) -> String {
    match entry.written().filter(|_| entry.complaint == IsComplaint::Yes && entry.at.is_some()) {
        Some(place) => place,
        None => match entry.was.client {
            Some(was) => format!("{} → {}", isolated(bounded(was, LONGEST_NAME)), name(entry)),
            None => name(entry),
        },
    }
}

/// Says what is wrong with a file, in one line.
pub(crate) fn mistake(entry: &ReportEntry<'_>) -> Option<String> {
    let problem = entry.problem.as_ref().filter(|_| entry.complaint == IsComplaint::Yes)?;
    Some(bounded(&problem.message, LONGEST_NAME).into_owned())
}

/// Names the client of an entry for a person: by its name, else by its description, else by its scope.
pub(crate) fn title(entry: &ReportEntry<'_>) -> String {
    match (&entry.described, entry.client, &entry.told.title) {
        (Some(_), None, Some(told)) => isolated(bounded(told, LONGEST_NAME)).into_owned(),
        (Some(described), None, None) => quoted(described),
        _ => name(entry),
    }
}

/// Names a live client that git does not define: `417/1/all "No Config Access" (Sunshine Insurance)`.
pub(crate) fn stray_title(stray: &Stray<'_>) -> String {
    let people = people(&stray.labels);
    let people = if people.is_empty() { people } else { format!(" ({people})") };
    let described = match &stray.told {
        Some(told) => isolated(format!("\"{}\"", bounded(told, LONGEST_NAME))).into_owned(),
        None => quoted(&stray.description),
    };
    format!("{} {described}{people}", isolated(bounded(&stray.place.text, LONGEST_NAME)))
}

/// What one rule says against a plan, however often.
#[derive(Debug)]
pub(crate) struct RuleRefusal<'r, 'a> {
    pub(crate) rule: &'a str,
    /// At least one.
    pub(crate) findings: Vec<&'r ShownFinding<'a>>,
}

impl RuleRefusal<'_, '_> {
    /// Names the steps beyond those that are told of one by one.
    pub(crate) fn steps_beyond(&self, told: usize) -> Option<String> {
        let rest = self.findings.get(told..).filter(|rest| !rest.is_empty())?;
        let mut numbers: Vec<u64> = rest.iter().flat_map(|finding| finding.steps.iter().copied()).collect();
        numbers.sort_unstable();
        let runs = numbers.chunk_by(|one, next| one + 1 == *next).map(|run| match run {
            [first, .., last] => format!("{first}–{last}"),
            single => single.iter().map(ToString::to_string).collect(),
        });
        let runs: Vec<String> = runs.collect();
        let more = runs.len().saturating_sub(MOST_RUNS);
        let listed = runs.iter().take(MOST_RUNS).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("and {} more: steps {listed}{more}", rest.len()))
    }
}

/// How many runs of step numbers are listed.
const MOST_RUNS: usize = 20;

/// Brings together what one rule says, in the order in which the rules speak.
pub(crate) fn refusals<'r, 'a>(findings: &'r [ShownFinding<'a>]) -> Vec<RuleRefusal<'r, 'a>> {
    let mut refusals: Vec<RuleRefusal<'r, 'a>> = Vec::new();
    for finding in findings {
        match refusals.iter_mut().find(|known| known.rule == finding.rule) {
            Some(known) => known.findings.push(finding),
            None => refusals.push(RuleRefusal { rule: finding.rule, findings: vec![finding] }),
        }
    }
    refusals
}

/// Puts each entry in a group of its own.
fn apart<'r, 'a>(entries: &'r [ReportEntry<'a>]) -> Vec<Group<'r, 'a>> {
    entries.iter().map(alone).collect()
}

/// Puts one entry in a group of its own.
pub(crate) fn alone<'r, 'a>(first: &'r ReportEntry<'a>) -> Group<'r, 'a> {
    Group { first, others: Vec::new(), likeness: Likeness::Same }
}

/// Takes a group apart if it destroys something, which is never summed up.
pub(crate) fn spread<'r, 'a>(group: Group<'r, 'a>) -> Vec<Group<'r, 'a>> {
    if !group.first.is_destructive() {
        return vec![group];
    }
    let Group { first, others, likeness: _ } = group;
    std::iter::once(first).chain(others).map(alone).collect()
}
