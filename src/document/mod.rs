//! Everything that machines read, one owned struct each: written, loaded, described by a schema and rendered.
//!
//! Their comments are what the schema shows. Within format 1.x fields are only added.

mod acceptance;
mod covering;
mod definitions;
mod difference;
mod digest;
mod drift;
mod effective;
mod failure;
mod guard;
mod keys;
mod likely;
mod meaning;
mod options;
mod outcomes;
mod part;
mod parts;
mod plan;
mod remarks;
mod review;
mod runs;
mod saved;
#[cfg(test)]
mod tests;
mod validation;

use std::io;

use serde::Serialize;

use crate::text::HarmlessWriter;
pub(crate) use acceptance::{AcceptanceV1, Besides};
pub(crate) use covering::{
    CoveredKeyV1, CoveredValueV1, CoveringClientV1, CoveringLive, CoveringSideV1, CoveringV1, covering_to_read,
};
pub(crate) use definitions::{DefinitionV1, DefinitionsV1, StateV1};
pub(crate) use drift::{ClientDriftV1, DriftSummaryV1, DriftV1};
pub(crate) use effective::{EffectiveExceptionV1, EffectiveV1, EffectiveValueV1};
pub(crate) use failure::{DiagnosticV1, FailureV1, RelatedV1, SeverityV1};
pub(crate) use guard::{FindingV1, GuardV1, VerdictV1};
pub(crate) use keys::{KeyTypeV1, KeyV1, KeysV1};
pub(crate) use likely::{LikelyMoveV1, LikelyOriginV1, RemovedOriginV1};
pub(crate) use options::OptionsV1;
pub(crate) use outcomes::{OutcomeErrorV1, OutcomeSummaryV1, OutcomeV1, OutcomeWordV1, OutcomesV1};
pub(crate) use part::{ComparedPart, PlanPart};
pub(crate) use parts::{ActionV1, ChangeV1, DriftStateV1, PositionV1, TargetV1, UnmanagedV1};
pub(crate) use plan::{Heading, PlanV1, SourceTreeV1, StepV1, SummaryV1, WithheldV1};
pub(crate) use remarks::{BlockedV1, CandidateV1, NotComparedV1, NoticeV1, UnreadRowV1};
pub(crate) use review::{
    ClientReviewV1, ConsequenceV1, NextActionV1, NextV1, ReviewChangeV1, ReviewSummaryV1, ReviewV1, ReviewWordV1,
    TermV1,
};
pub(crate) use runs::{FoundV1, PastStepV1, RunDetailV1, RunStateV1, RunV1, RunsV1, SettledV1, UnreadableJournalV1};
pub(crate) use saved::{DocumentError, SavedPlan, new_plan};
pub(crate) use validation::{TargetClientsV1, ValidationV1};

/// Writes a document as indented JSON in which nothing is hidden from a terminal or obeyed by one.
pub(crate) fn write(out: &mut impl io::Write, document: &impl Serialize) -> io::Result<()> {
    let mut harmless = HarmlessWriter::new(&mut *out);
    serde_json::to_writer_pretty(&mut harmless, document)?;
    harmless.finish()?;
    writeln!(out)
}

/// Writes a document with the digest that fits what it says.
#[cfg(test)]
pub(crate) fn with_digest(mut document: serde_json::Value) -> Vec<u8> {
    document["digest"] = digest::digest_of(document.clone()).into();
    document.to_string().into_bytes()
}
