//! A saved plan as a report. The file may be of any age and by any hand: what is not understood is left out or shown as it is.

use serde_json::Value as Json;

use super::plan::{Totals, Verdict, header, moved, next, unseen, waits};
use super::{Difference, Entry, Finding, Kind, Mark, Place, Problem, Report, ShowState, Source, Stray, Value};
use crate::model::{Origin, Prune, Scope};
use crate::plan::{Action, Document};

/// Makes a report of a saved plan, equal to that of the plan it was saved from except that unchanged clients are only
/// counted.
pub(crate) fn document(document: &Document) -> Report<'_> {
    let value = document.value();
    let prune = if document.prunes() { Prune::Delete } else { Prune::Report };
    let totals = totals(value);
    let findings: Vec<Finding<'_>> = list(value.pointer("/guard/findings")).map(finding).collect();
    let allowed = value.pointer("/guard/verdict").and_then(Json::as_str) == Some("allowed");
    let mut remarks: Vec<Entry<'_>> = list(value.get("blocked")).map(blocked).collect();
    let not_compared: Vec<&Json> = list(value.get("not_compared")).collect();
    remarks.extend(not_compared.into_iter().map(uncompared));
    remarks.extend(list(value.get("notices")).map(notice));
    Report {
        kind: Kind::Plan,
        subject: document.target_name(),
        header: header(document.target_name(), document.target_url(), prune.name(), &document.options()),
        entries: list(value.get("steps")).map(step).collect(),
        remarks,
        steady: Vec::new(),
        unmanaged: list(value.get("unmanaged")).map(stray).collect(),
        findings,
        reach: Vec::new(),
        counts: totals.counts(),
        closing: totals.closing(),
        next: next(document.target_name(), prune, &document.options(), Verdict::of(&totals, allowed)),
    }
}

fn list(value: Option<&Json>) -> impl Iterator<Item = &Json> {
    value.and_then(Json::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Json::as_str)
}

fn totals(document: &Json) -> Totals {
    let number = |name: &str| document.pointer(&format!("/summary/{name}")).and_then(Json::as_u64).unwrap_or_default();
    Totals {
        add: number("add"),
        change: number("change"),
        replace: number("replace"),
        delete: number("delete"),
        unchanged: number("unchanged"),
        unmanaged: number("unmanaged"),
        outside: number("outside"),
        blocked: number("blocked"),
        not_compared: number("not_compared"),
    }
}

fn step(step: &Json) -> Entry<'_> {
    let action = [Action::Add, Action::Change, Action::Replace, Action::Delete];
    let action = action.into_iter().find(|action| text(step, "action") == Some(action.name()));
    let place = place(step.get("scope"));
    let after: Vec<u64> = list(step.get("after_steps")).filter_map(Json::as_u64).collect();
    let unreadable = names(step.get("unreadable"));
    let mut notes = Vec::new();
    notes.extend(step.get("from_scope").map(|from| moved(&self::place(Some(from)).text, &place.text)));
    notes.extend(waits(&after));
    notes.extend((!unreadable.is_empty()).then(|| unseen(&unreadable)));
    Entry {
        number: step.get("number").and_then(Json::as_u64),
        show_state: if action.is_some() { ShowState::No } else { ShowState::Yes },
        client: text(step, "client"),
        id: text(step, "id"),
        at: source(step),
        changes: list(step.get("changes")).map(difference).collect(),
        notes,
        ..Entry::new(action.map_or(Mark::Unknown, Mark::from), action.map_or("unknown action", Action::name), place)
    }
}

fn place(scope: Option<&Json>) -> Place {
    let null = Json::Null;
    let value = scope.unwrap_or(&null);
    match serde_json::from_value::<Scope>(value.clone()) {
        Ok(scope) => Place::from(&scope),
        Err(_) if value.is_null() => Place { text: String::new(), telsys: String::new(), device: None },
        Err(_) => Place { text: value.to_string(), telsys: String::new(), device: None },
    }
}

fn source(value: &Json) -> Option<Source<'_>> {
    let source = value.get("source")?;
    Some(Source { file: text(source, "file")?, line: source.get("line")?.as_u64()? })
}

fn difference(change: &Json) -> Difference<'_> {
    let before = match change.get("unreadable").and_then(Json::as_bool) {
        Some(true) => Value::Unreadable,
        _ => side(change.get("before")),
    };
    Difference {
        field: text(change, "field").unwrap_or_default(),
        key: text(change, "key"),
        before,
        after: side(change.get("after")),
        at: source(change),
        origin: match change.get("inherited").and_then(Json::as_bool) {
            Some(true) => Origin::Inherited,
            _ => Origin::Own,
        },
        state: None,
    }
}

/// Reads a value as the document writes it. A live value of the form of a masked one is shown as masked.
fn side(value: Option<&Json>) -> Value<'_> {
    let Some(value) = value else { return Value::Absent };
    let masked = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("sensitive"));
    match masked.and_then(Json::as_str).filter(|digest| digest.starts_with("sha256:")) {
        Some(digest) => Value::Sensitive(digest),
        None => Value::Plain(value),
    }
}

fn names(fields: Option<&Json>) -> String {
    list(fields).filter_map(Json::as_str).map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
}

fn problem<'a>(value: &'a Json, message: &str) -> Problem<'a> {
    let candidate = |one: &'a Json| Some((text(one, "id")?, text(one, "description").unwrap_or_default()));
    Problem {
        code: None,
        message: text(value, message).unwrap_or_default().into(),
        help: text(value, "help").unwrap_or_default().into(),
        candidates: list(value.get("candidates")).filter_map(candidate).collect(),
    }
}

fn blocked(one: &Json) -> Entry<'_> {
    Entry {
        client: text(one, "client"),
        id: text(one, "id"),
        at: source(one),
        problem: Some(problem(one, "reason")),
        ..Entry::new(Mark::Blocked, "blocked", place(one.get("scope")))
    }
}

fn uncompared(one: &Json) -> Entry<'_> {
    Entry {
        client: text(one, "client"),
        id: text(one, "id"),
        at: source(one),
        problem: Some(super::not_compared(&names(one.get("fields")))),
        ..Entry::new(Mark::Unknown, "not compared", place(one.get("scope")))
    }
}

fn notice(one: &Json) -> Entry<'_> {
    Entry {
        client: text(one, "client"),
        at: source(one),
        problem: Some(problem(one, "message")),
        ..Entry::new(Mark::Notice, "notice", place(None))
    }
}

fn stray(one: &Json) -> Stray<'_> {
    Stray {
        id: text(one, "id").unwrap_or_default(),
        place: place(one.get("scope")),
        description: side(one.get("description")),
        kept: text(one, "kept"),
    }
}

fn finding(one: &Json) -> Finding<'_> {
    Finding {
        rule: text(one, "rule").unwrap_or_default(),
        message: text(one, "message").unwrap_or_default(),
        help: text(one, "help").unwrap_or_default(),
        steps: list(one.get("steps")).filter_map(Json::as_u64).collect(),
    }
}
