//! JSON for machines, in the forms that scripts depend on: within format 1.x fields are only added.

mod drift;
mod failure;
mod outcomes;
mod review;

use std::io;

use serde::Serialize;

use crate::model::Location;
use crate::plan::{Document, Heading, Plan, write_document};
use crate::text::harmless_json;

pub use drift::drift;
pub use failure::{Failure, complaints, failure};
pub use outcomes::outcomes;
pub use review::review;

const FORMAT: &str = "1.0";

/// Writes a plan: the plan document, signed with a key if there is one.
pub fn plan(out: &mut impl io::Write, heading: &Heading, plan: &Plan, key: Option<&[u8]>) -> io::Result<()> {
    write_document(out, heading, plan, key)
}

/// Writes a saved plan as it was saved.
pub fn document(out: &mut impl io::Write, document: &Document) -> io::Result<()> {
    write(out, document.value())
}

/// Writes a view as indented JSON.
pub(super) fn write(out: &mut impl io::Write, view: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(view)?;
    writeln!(out, "{}", harmless_json(&json))
}

#[derive(Serialize)]
struct PositionV1<'a> {
    file: &'a str,
    line: u32,
}

impl<'a> From<&'a Location> for PositionV1<'a> {
    fn from(at: &'a Location) -> Self {
        let Location { file, line, column: _ } = at;
        Self { file, line: *line }
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
