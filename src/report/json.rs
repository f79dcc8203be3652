//! JSON for machines, in the forms that scripts depend on: within format 1.x fields are only added.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::{DriftHeading, ReviewHeading};

use crate::apply::{OutcomeSummary, Outcomes, Problem, StepOutcome};
use crate::drift::{ClientDrift, Difference, Drift, DriftSummary};
use crate::model::{ClientId, ClientName, Location, Scope};
use crate::plan::{ChangeV1, Document, Heading, Plan, Target, UnmanagedV1, write_document};
use crate::review::{ClientReview, Review, ReviewSummary, TermChange};

const FORMAT: &str = "1.0";

/// Writes a plan: the plan document, unsigned.
pub fn plan(out: &mut impl io::Write, heading: &Heading, plan: &Plan) -> io::Result<()> {
    write_document(out, heading, plan, None)
}

/// Writes a saved plan as it was saved.
pub fn document(out: &mut impl io::Write, document: &Document) -> io::Result<()> {
    write(out, document.value())
}

/// Writes what became of a plan.
pub fn outcomes(out: &mut impl io::Write, heading: &Heading, plan: &Plan, outcomes: &Outcomes) -> io::Result<()> {
    let mut planned = Vec::new();
    write_document(&mut planned, heading, plan, None)?;
    let planned: serde_json::Value = serde_json::from_slice(&planned)?;
    let Outcomes { run, steps, interrupted } = outcomes;
    let view = OutcomesV1 {
        format_version: FORMAT,
        plan: &planned,
        run: run.as_deref(),
        outcomes: steps.iter().map(OutcomeV1::from).collect(),
        interrupted: *interrupted,
        summary: SummaryV1 { outcomes: outcomes.summary(), blocked: plan.blocked.len() },
    };
    write(out, &view)
}

/// Writes drift.
pub fn drift(out: &mut impl io::Write, heading: &DriftHeading<'_>, drift: &Drift) -> io::Result<()> {
    let DriftHeading { target, since } = *heading;
    let view = DriftV1 {
        format_version: FORMAT,
        target,
        since,
        clients: drift.clients.iter().map(ClientDriftV1::from).collect(),
        unmanaged: drift.unmanaged.iter().map(UnmanagedV1::from).collect(),
        summary: drift.summary(),
    };
    write(out, &view)
}

/// Writes a review.
pub fn review(out: &mut impl io::Write, heading: &ReviewHeading<'_>, review: &Review) -> io::Result<()> {
    let ReviewHeading { base, head } = *heading;
    let reach: BTreeMap<&Location, usize> = review.causes.iter().map(|cause| (&cause.at, cause.clients)).collect();
    let cause = |at: &Location| reach.get(&Location { column: 1, ..at.clone() }).copied().unwrap_or(1);
    let view = ReviewV1 {
        format_version: FORMAT,
        base,
        head,
        clients: review.clients.iter().map(|client| ClientReviewV1::new(client, cause(&client.cause))).collect(),
        causes: review.causes.iter().map(|cause| CauseV1::new(&cause.at, cause.clients)).collect(),
        summary: review.summary(),
    };
    write(out, &view)
}

/// A command that could not do its work.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The word for it, such as `invalid`.
    pub code: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What to do next.
    pub help: Option<&'a str>,
}

/// Writes a failure, with what is wrong with files in the form that `validate` uses.
pub fn failure(out: &mut impl io::Write, failure: Failure<'_>, diagnostics: &[impl Serialize]) -> io::Result<()> {
    let Failure { code, message, help } = failure;
    let error = FailureErrorV1 { code, message, help };
    write(out, &FailureV1 { format_version: FORMAT, error, diagnostics })
}

fn write(out: &mut impl io::Write, view: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, view)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct FailureV1<'a, D> {
    format_version: &'static str,
    error: FailureErrorV1<'a>,
    diagnostics: &'a [D],
}

#[derive(Serialize)]
struct FailureErrorV1<'a> {
    code: &'a str,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct OutcomesV1<'a> {
    format_version: &'static str,
    plan: &'a serde_json::Value,
    run: Option<&'a str>,
    outcomes: Vec<OutcomeV1<'a>>,
    interrupted: bool,
    summary: SummaryV1,
}

#[derive(Serialize)]
struct SummaryV1 {
    #[serde(flatten)]
    outcomes: OutcomeSummary,
    blocked: usize,
}

#[derive(Serialize)]
struct OutcomeV1<'a> {
    number: usize,
    action: &'static str,
    client: Option<&'a ClientName>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<PositionV1<'a>>,
    outcome: &'static str,
    id: Option<&'a ClientId>,
    error: Option<ErrorV1<'a>>,
}

#[derive(Serialize)]
struct PositionV1<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct ErrorV1<'a> {
    code: Option<u32>,
    name: Option<&'a str>,
    message: &'a str,
    help: &'a str,
}

impl<'a> From<&'a Location> for PositionV1<'a> {
    fn from(at: &'a Location) -> Self {
        let Location { file, line, column: _ } = at;
        Self { file, line: *line }
    }
}

impl<'a> From<&'a StepOutcome> for OutcomeV1<'a> {
    fn from(step: &'a StepOutcome) -> Self {
        let StepOutcome { number, action, client, scope, at, id, outcome } = step;
        Self {
            number: *number,
            action: action.name(),
            client: client.as_ref(),
            scope,
            source: at.as_ref().map(PositionV1::from),
            outcome: outcome.name(),
            id: id.as_ref(),
            error: outcome.problem().map(ErrorV1::from),
        }
    }
}

impl<'a> From<&'a Problem> for ErrorV1<'a> {
    fn from(problem: &'a Problem) -> Self {
        let Problem { code, name, message, help, permission: _ } = problem;
        Self { code: *code, name: name.as_deref(), message, help }
    }
}

#[derive(Serialize)]
struct DriftV1<'a> {
    format_version: &'static str,
    target: &'a Target,
    since: Option<&'a str>,
    clients: Vec<ClientDriftV1<'a>>,
    unmanaged: Vec<UnmanagedV1<'a>>,
    summary: DriftSummary,
}

#[derive(Serialize)]
struct ClientDriftV1<'a> {
    client: &'a ClientName,
    state: &'static str,
    id: Option<&'a ClientId>,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_scope: Option<&'a Scope>,
    source: PositionV1<'a>,
    changes: Vec<DifferenceV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_compared: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<&'a str>,
}

#[derive(Serialize)]
struct DifferenceV1<'a> {
    #[serde(flatten)]
    change: ChangeV1<'a>,
    state: &'static str,
}

impl<'a> From<&'a ClientDrift> for ClientDriftV1<'a> {
    fn from(drift: &'a ClientDrift) -> Self {
        let ClientDrift {
            client,
            state,
            scope,
            from_scope,
            id,
            at,
            changes,
            obstacle,
            not_compared,
            updated_by,
            updated_at,
        } = drift;
        let difference =
            |one: &'a Difference| DifferenceV1 { change: ChangeV1::from(&one.change), state: one.state.name() };
        Self {
            client,
            state: state.name(),
            id: id.as_ref(),
            scope,
            from_scope: from_scope.as_ref(),
            source: at.into(),
            changes: changes.iter().map(difference).collect(),
            reason: obstacle.as_ref().map(|obstacle| obstacle.reason.as_str()),
            help: obstacle.as_ref().map(|obstacle| obstacle.help.as_str()),
            not_compared: not_compared.iter().map(|field| field.name()).collect(),
            updated_by: updated_by.as_deref(),
            updated_at: updated_at.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ReviewV1<'a> {
    format_version: &'static str,
    base: &'a str,
    head: &'a str,
    clients: Vec<ClientReviewV1<'a>>,
    causes: Vec<CauseV1<'a>>,
    summary: ReviewSummary,
}

#[derive(Serialize)]
struct ClientReviewV1<'a> {
    client: &'a ClientName,
    change: &'static str,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_client: Option<&'a ClientName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_scope: Option<&'a Scope>,
    source: PositionV1<'a>,
    cause: CauseV1<'a>,
    changes: Vec<ReviewChangeV1<'a>>,
}

#[derive(Serialize)]
struct CauseV1<'a> {
    #[serde(flatten)]
    source: PositionV1<'a>,
    clients: usize,
}

impl<'a> CauseV1<'a> {
    fn new(at: &'a Location, clients: usize) -> Self {
        Self { source: at.into(), clients }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ReviewChangeV1<'a> {
    Content(ChangeV1<'a>),
    Term { field: &'static str, before: Option<&'a str>, after: Option<&'a str> },
}

impl<'a> ClientReviewV1<'a> {
    fn new(review: &'a ClientReview, reach: usize) -> Self {
        let ClientReview { client, kind, scope, from_client, from_scope, at, cause, changes, terms } = review;
        let term = |one: &'a TermChange| ReviewChangeV1::Term {
            field: one.term,
            before: one.change.before.as_deref(),
            after: one.change.after.as_deref(),
        };
        let content = changes.iter().map(|change| ReviewChangeV1::Content(ChangeV1::from(change)));
        Self {
            client,
            change: kind.name(),
            scope,
            from_client: from_client.as_ref(),
            from_scope: from_scope.as_ref(),
            source: at.into(),
            cause: CauseV1::new(cause, reach),
            changes: terms.iter().map(term).chain(content).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fixture::{World, fleet, heading, outcomes};

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("a buffer");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn outcomes_hold_the_plan_the_run_and_every_error() {
        let plan = fleet(World::empty(), 3).plan();
        let outcomes = outcomes(&plan);
        let json = text(|out| super::outcomes(out, &heading(), &plan, &outcomes));
        let mut value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert!(value["plan"]["digest"].as_str().expect("a digest").starts_with("sha256:"));
        assert_eq!(value["plan"]["summary"]["add"], 3);
        value["plan"] = "the plan document".into();
        value["outcomes"].as_array_mut().expect("a list").remove(0);
        assert_snapshot!(serde_json::to_string_pretty(&value).expect("JSON"), @r#"
        {
          "format_version": "1.0",
          "interrupted": false,
          "outcomes": [
            {
              "action": "add",
              "client": "sunshine-desk-103",
              "error": null,
              "id": "new-2",
              "number": 2,
              "outcome": "applied",
              "scope": {
                "device": "01234567103",
                "partition": 1,
                "telsys": 417
              },
              "source": {
                "file": "clients/desks.yaml",
                "line": 9
              }
            },
            {
              "action": "add",
              "client": "sunshine-desk-104",
              "error": {
                "code": 30005,
                "help": "plan again",
                "message": "the server refused",
                "name": "INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE"
              },
              "id": "new-3",
              "number": 3,
              "outcome": "failed",
              "scope": {
                "device": "01234567104",
                "partition": 1,
                "telsys": 417
              },
              "source": {
                "file": "clients/desks.yaml",
                "line": 9
              }
            }
          ],
          "plan": "the plan document",
          "run": "2026-01-02T030405Z-1",
          "summary": {
            "applied": 2,
            "blocked": 0,
            "failed": 1,
            "skipped": 0,
            "stale": 0,
            "unknown": 0
          }
        }
        "#);
    }

    #[test]
    fn a_failure_is_an_object_too() {
        let failure = Failure { code: "invalid", message: "2 \"errors\"", help: None };
        assert_snapshot!(text(|out| super::failure(out, failure, &["first", "second"])), @r#"
        {
          "format_version": "1.0",
          "error": {
            "code": "invalid",
            "message": "2 \"errors\"",
            "help": null
          },
          "diagnostics": [
            "first",
            "second"
          ]
        }
        "#);
    }
}
