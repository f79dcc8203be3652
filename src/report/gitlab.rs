//! The report of a plan for the widget of GitLab's merge requests: three numbers (GitLab's documentation, "artifacts:reports:terraform").

use std::io;

use serde::Serialize;

use crate::document::{PlanV1, SummaryV1};

/// What the widget reads.
#[derive(Serialize)]
struct Widget {
    create: u64,
    update: u64,
    delete: u64,
}

/// Writes what a plan would do. A replace deletes and adds. The widget has no number for what cannot be done, and three zeros
/// read as no changes, so a blocked client counts among what is to change.
pub(super) fn write(out: &mut impl io::Write, plan: &PlanV1) -> io::Result<()> {
    let SummaryV1 { add, change, replace, delete, blocked, .. } = plan.summary;
    let widget = Widget { create: add + replace, update: change + blocked, delete: delete + replace };
    serde_json::to_writer(&mut *out, &widget)?;
    writeln!(out)
}

/// Writes that there is no plan. The widget says of a report that lacks its numbers that it was not made; zeros would read as no
/// changes.
pub(super) fn write_none(out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "{{}}")
}
