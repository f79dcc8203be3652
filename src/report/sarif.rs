//! SARIF 2.1.0: one result for each edit, at the line that causes it.

use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Style;
use super::group::{Group, arrange, name, names, spread, stray_title};
use super::plain;
use super::view::{IsComplaint, Level, Report, ReportEntry, ReportKind, SourceLine, Stray};
use crate::diagnostic::explain;
use crate::model::sha256_text;

/// What a path of a URI reference escapes (RFC 3986, section 3.3); a colon would begin a scheme.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');
/// Where a result belongs that no definition causes.
const CONFIGURATION: SourceLine<'_> = SourceLine { file: super::view::CONFIGURATION, line: 1 };

/// The most places of one result.
const MOST_PLACES: usize = 100;

pub(super) fn write(out: &mut impl io::Write, report: &Report<'_>, style: Style<'_>) -> io::Result<()> {
    let Style { grouping, folder, colour: _, hosted: _, width: _ } = style;
    let command = report.kind.command();
    let mut results: Vec<ResultV2> = report
        .findings
        .iter()
        .map(|finding| {
            SarifRule::new(command, "refused").result(Level::Error, &finding_text(finding), None, finding.rule)
        })
        .collect();
    let groups = arrange(&report.entries, grouping).into_iter().chain(arrange(&report.remarks, grouping));
    let groups: Vec<Group<'_, '_>> = groups.flat_map(spread).flat_map(Group::mistakes_apart).collect();
    results.extend(groups.iter().filter(|group| group.first.level != Level::Fine).map(|group| {
        match (group.first.complaint, report.kind) {
            (IsComplaint::No, _) | (IsComplaint::Yes, ReportKind::Failure) => result(command, group),
            (IsComplaint::Yes, _) => complaint(group.first),
        }
    }));
    if report.kind == ReportKind::Drift {
        results.extend(report.unmanaged.iter().map(|stray| unmanaged(command, stray)));
    }
    number_equals(&mut results);
    let folder = utf8_percent_encode(folder, PATH).to_string();
    for location in results.iter_mut().flat_map(|one| one.locations.iter_mut().chain(&mut one.related_locations)) {
        location.physical_location.artifact_location.uri.insert_str(0, &folder);
    }
    let mut rules: BTreeMap<String, RuleV2> = BTreeMap::new();
    for result in &results {
        rules.entry(result.rule_id.clone()).or_insert_with(|| rule(&result.rule_id));
    }
    let driver = DriverV2 {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        rules: rules.into_values().collect(),
    };
    let log = LogV2 {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [RunV2 { tool: ToolV2 { driver }, column_kind: "unicodeCodePoints", results }],
    };
    crate::document::write(out, &log)
}

/// Tells results apart that say the same of the same file: by their order.
fn number_equals(results: &mut [ResultV2]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for print in results.iter_mut().flat_map(|result| result.partial_fingerprints.values_mut()) {
        let count = seen.entry(print.clone()).or_default();
        *count += 1;
        if *count > 1 {
            *print = format!("{print}:{count}");
        }
    }
}

struct SarifRule(String);

impl SarifRule {
    fn new(command: &str, state: &str) -> Self {
        Self(format!("{command}/{}", state.replace([' ', '_'], "-")))
    }

    fn result(self, level: Level, text: &str, at: Option<SourceLine<'_>>, identity: &str) -> ResultV2 {
        let Self(rule_id) = self;
        let print = sha256_text(Sha256::new_with_prefix(format!("{rule_id}\n{identity}")));
        ResultV2 {
            level: match level {
                Level::Fine => "none",
                Level::Note => "note",
                Level::Warning => "warning",
                Level::Error => "error",
            },
            // A bracket and a parenthesis would make a link (SARIF 2.1.0, section 3.11.6).
            message: TextV2 { text: text.replace("](", "] (") },
            // Code scanning refuses a file with a result that has no place: everything begins with the configuration.
            locations: vec![at.unwrap_or(CONFIGURATION).into()],
            related_locations: Vec::new(),
            partial_fingerprints: BTreeMap::from([("icsyncClient/v1", print)]),
            rule_id,
        }
    }
}

fn finding_text(finding: &super::view::ShownFinding<'_>) -> String {
    format!("{}\nhelp: {}", crate::text::message(finding.message), crate::text::message(&finding.help))
}

fn result(command: &str, group: &Group<'_, '_>) -> ResultV2 {
    let mut lines = vec![plain::headline(group)];
    lines.extend(plain::body(group.first));
    if !group.others.is_empty() {
        lines.push(format!("also: {}", names(&group.others)));
    }
    let cause = group.cause();
    let mut related: Vec<SourceLine<'_>> = group.members().filter_map(|entry| entry.at).collect();
    related.sort_unstable();
    related.dedup();
    related.retain(|at| Some(*at) != cause);
    related.truncate(MOST_PLACES);
    let rule = SarifRule::new(command, group.first.state);
    ResultV2 {
        related_locations: related.into_iter().map(LocationV2::from).collect(),
        ..rule.result(group.first.level, &lines.join("\n"), cause, &name(group.first))
    }
}

/// A complaint has a rule of its own, and is the same as long as its file and its words are.
fn complaint(entry: &ReportEntry<'_>) -> ResultV2 {
    let message = entry.problem.as_ref().map(|problem| problem.message.as_ref()).unwrap_or_default();
    let identity = format!("{}\n{message}", entry.at.map(|at| at.file).unwrap_or_default());
    let rule = SarifRule(entry.client.unwrap_or_default().to_owned());
    let mut result = rule.result(entry.level, &plain::body(entry).join("\n"), entry.at, &identity);
    for location in &mut result.locations {
        location.physical_location.region.start_column = entry.column;
    }
    result
}

fn unmanaged(command: &str, stray: &Stray<'_>) -> ResultV2 {
    let text = format!("unmanaged: {} is in the boundary, not in git", stray_title(stray));
    SarifRule::new(command, "unmanaged").result(Level::Warning, &text, None, stray.id)
}

fn rule(id: &str) -> RuleV2 {
    if let Some(explanation) = explain(id) {
        let short_description = TextV2 { text: explanation.title.to_owned() };
        // The code is opaque by itself, and what it means is no identifier.
        return RuleV2 { id: id.to_owned(), name: None, short_description };
    }
    let state = id.split_once('/').map_or(id, |(_, state)| state);
    let text = match state {
        "unmanaged" => "a live client is in the boundary and not in git",
        "add" => "git defines a client that the server lacks: it would be added",
        "change" => "a live client differs from its definition: it would be changed",
        "replace" => "a live client has another scope than its definition: it would be deleted and added",
        "delete" => "a live client shall not exist: it would be deleted",
        "blocked" => "nothing can be done for this client until a person decides",
        "not-compared" => "the server does not show a field that git sets",
        "notice" => "something that a person should know",
        "refused" => "a limit or a protection refuses the plan",
        "failed" => "a step failed",
        "skipped" => "a step was not begun because of another one",
        "withheld" => "a step was left undone on purpose: it is not approved, or not now",
        "stale" => "a step was not begun because the live client changed",
        "unknown" => "nobody can tell whether a step is done",
        "drifted" => "the live client changed and git did not",
        "pending" => "git changed and the live client did not",
        "conflict" => "git and the live client both changed",
        "missing" => "git defines a client that the server lost",
        "added" => "a client is new in git",
        "removed" => "a client is no longer in git",
        "changed" => "the content of a client changes",
        "renamed" => "a client has another name",
        "moved" => "a client has another scope",
        _ => "something about a client",
    };
    RuleV2 { id: id.to_owned(), name: Some(state.to_owned()), short_description: TextV2 { text: text.to_owned() } }
}

#[derive(Serialize)]
struct LogV2 {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [RunV2; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunV2 {
    tool: ToolV2,
    column_kind: &'static str,
    results: Vec<ResultV2>,
}

#[derive(Serialize)]
struct ToolV2 {
    driver: DriverV2,
}

#[derive(Serialize)]
struct DriverV2 {
    name: &'static str,
    version: &'static str,
    rules: Vec<RuleV2>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleV2 {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    short_description: TextV2,
}

#[derive(Serialize)]
struct TextV2 {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultV2 {
    rule_id: String,
    level: &'static str,
    message: TextV2,
    locations: Vec<LocationV2>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationV2>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationV2 {
    physical_location: PhysicalV2,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalV2 {
    artifact_location: ArtifactV2,
    region: RegionV2,
}

#[derive(Serialize)]
struct ArtifactV2 {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionV2 {
    start_line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u64>,
}

impl From<SourceLine<'_>> for LocationV2 {
    fn from(at: SourceLine<'_>) -> Self {
        let uri = utf8_percent_encode(at.file, PATH).to_string();
        // The format counts lines from 1.
        let region = RegionV2 { start_line: at.line.max(1), start_column: None };
        Self { physical_location: PhysicalV2 { artifact_location: ArtifactV2 { uri }, region } }
    }
}
