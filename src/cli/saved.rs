//! Plans in files: how they are saved, and what has to hold before one is planned again.

use std::io;
use std::path::{Path, PathBuf};

use super::args::ShapeArguments;
use super::destination::Destination;
use super::environment::{Environment, FileAccess, MOST_BYTES};
use super::error::CommandError;
use super::failure::Failure;
use super::plan_error::SavedPlanError;
use super::plan_key::{plan_key, saving_key};
use super::planning::PlanShape;
use super::repository::Repository;
use crate::document::{self, DocumentError, OptionsV1, PlanV1, SavedPlan, TargetV1};
use crate::model::DigestKey;

/// A plan beside the file that it was to be saved in.
pub(super) struct ReportedPlan {
    /// As it is reported, with the digest of the file.
    pub document: PlanV1,
    /// Whether there is a file, if one is asked for.
    pub saved: Result<(), Failure>,
}

/// Saves a plan where that is asked for.
pub(super) fn keep(
    environment: &Environment,
    file: Option<&PathBuf>,
    (mut document, key): (PlanV1, &DigestKey),
) -> Result<ReportedPlan, Failure> {
    let digest = match file.map(|file| save(environment, file, (&mut document, key))).transpose() {
        Ok(digest) => digest.flatten(),
        Err(failure) => return Ok(ReportedPlan { document, saved: Err(failure) }),
    };
    Ok(ReportedPlan { document: document.saved_as(digest)?.signed(plan_key().as_deref()), saved: Ok(()) })
}

/// Saves a plan with digests of its sensitive values, signed if there is a key. Gives the digest of the file.
fn save(
    environment: &Environment,
    file: &Path,
    (plan, key): (&mut PlanV1, &DigestKey),
) -> Result<Option<String>, Failure> {
    let signing = saving_key()?;
    let destination = Destination::of(environment, file, FileAccess::Private)?;
    plan.while_saved((key, signing.as_deref()), |plan| {
        destination.hold(|out| document::write(&mut Readable { out, bytes: 0, values: 0 }, plan))?;
        Ok(plan.digest.clone())
    })?
}

/// Passes on what can be read back: no other plan could be applied.
struct Readable<W> {
    out: W,
    bytes: u64,
    values: usize,
}

impl<W: io::Write> io::Write for Readable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        self.values += SavedPlan::count_values(bytes);
        if self.bytes > MOST_BYTES || self.values > SavedPlan::MOST_VALUES {
            let most = format!("{MOST_BYTES} bytes or {} values", SavedPlan::MOST_VALUES);
            return Err(io::Error::other(format!(
                "the plan has more than {most}, which could not be read back: save plans of some clients each with `--select`"
            )));
        }
        self.out.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads a saved plan that is to be planned again.
pub(super) fn saved_plan(environment: &Environment, file: &Path) -> Result<SavedPlan, Failure> {
    let bytes = environment.read(file)?;
    let saved = SavedPlan::parse(&bytes, saving_key()?.as_deref());
    let unusable =
        |error| SavedPlanError::Unusable { path: file.to_owned(), error, command: SavedPlan::command(&bytes) };
    Ok(saved.map_err(unusable)?.for_comparing())
}

/// Gives what shapes a plan: the command line, or the saved plan, which brings its own options.
pub(super) fn shape_of(arguments: &ShapeArguments, saved: Option<&SavedPlan>) -> Result<PlanShape, Failure> {
    let given = PlanShape::of(arguments);
    let Some(saved) = saved else { return Ok(given) };
    // Which of its steps are meant is nothing that shapes the plan.
    let options = OptionsV1 { select: Vec::new(), exclude: Vec::new(), ..given.options };
    if options != OptionsV1::default() || given.prune.is_some() {
        return Err(CommandError::OPTIONS_OF_SAVED_PLAN.into());
    }
    PlanShape::of_saved(saved.plan.options.clone(), saved.plan.prune.into(), given.parallelism)
}

/// Makes sure that a plan is for the target at hand, and of a program like this one.
pub(super) fn check_target(saved: &SavedPlan, repository: &Repository) -> Result<(), Failure> {
    let (name, url) = (repository.target_name(), repository.target_url());
    let TargetV1 { name: planned_name, url: planned_url } = saved.plan.target.clone();
    if planned_url != url {
        let planned = (planned_name, planned_url);
        let (target, command) = ((name.to_owned(), url), saved.plan.options.command());
        return Err(SavedPlanError::OtherTarget { planned, target, command }.into());
    }
    if !saved.plan.tool.is_of_this_major() {
        return Err(SavedPlanError::OtherVersion { command: saved.plan.options.command() }.into());
    }
    Ok(())
}

/// Says what differs between a saved plan and one made now, a line each and not without end. `now` has digests of its sensitive
/// values.
pub(super) fn differences(
    (saved, file): (&SavedPlan, &Path),
    now: &PlanV1,
    key: &DigestKey,
) -> Result<Vec<String>, Failure> {
    let unusable = |error| unusable((saved, file), error);
    saved.check_key(key).map_err(unusable)?;
    Ok(bounded(saved.differences(now).map_err(unusable)?))
}

/// Makes the error of a plan that was read and cannot be used.
pub(super) fn unusable((saved, file): (&SavedPlan, &Path), error: DocumentError) -> SavedPlanError {
    SavedPlanError::Unusable { path: file.to_owned(), error, command: saved.plan.options.command() }
}

/// Leaves so many lines as are named, and counts the rest.
pub(super) fn bounded(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines
}

/// How many differences are named.
const MOST_LINES: usize = 20;
