//! `icsync runs`: lists journals, what each run did, and any that ended in doubt.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::apply::{History, Record};
use crate::cli::args::{Global, RunsArguments};
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::root;
use crate::report::Format;
use crate::text::visible;

#[derive(Serialize)]
struct RunView {
    run: String,
    started: String,
    target: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_of: Option<String>,
    state: &'static str,
    steps: usize,
    outcomes: BTreeMap<String, usize>,
    in_doubt: Vec<usize>,
    left_out_sensitive: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrupt_line: Option<usize>,
}

#[derive(Serialize)]
struct RunsView {
    format_version: &'static str,
    runs: Vec<RunView>,
    unreadable: Vec<UnreadableView>,
}

#[derive(Serialize)]
struct UnreadableView {
    file: String,
    reason: String,
}

/// Runs the command.
pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &RunsArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let folder = match &arguments.journal {
        Some(folder) => environment.path(folder),
        None => root(environment, global).join(".icsync/runs"),
    };
    let mut view = RunsView { format_version: "1.0", runs: Vec::new(), unreadable: Vec::new() };
    for file in journals(&folder)? {
        match History::read(&file) {
            Ok(history) => view.runs.push(summarize(&history)),
            Err(error) => view.unreadable.push(UnreadableView {
                file: file.file_name().unwrap_or_default().to_string_lossy().escape_debug().to_string(),
                reason: error.to_string(),
            }),
        }
    }
    sink.render(|format, out, _| match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &view)?;
            out.write_all(b"\n")
        }
        _ => text(out, &view),
    })?;
    Ok(Exit::Done)
}

fn journals(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file("list", folder, error)),
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    Ok(files)
}

fn summarize(history: &History) -> RunView {
    let (mut outcomes, mut left_out) = (BTreeMap::new(), 0);
    let mut interrupted = false;
    for record in &history.records {
        match record {
            Record::Outcome(outcome) if outcome.part.is_none() => {
                *outcomes.entry(outcome.outcome.clone()).or_insert(0) += 1;
            }
            Record::Intent(intent) => {
                left_out += intent.before.iter().map(|before| before.left_out.len()).sum::<usize>();
            }
            Record::End { interrupted: ended_early } => interrupted = *ended_early,
            Record::Run(_) | Record::Outcome(_) => {}
        }
    }
    RunView {
        run: history.run.run.clone(),
        started: history.run.started.clone(),
        target: history.run.target.clone(),
        url: history.run.url.clone(),
        rollback_of: history.run.rollback_of.clone(),
        state: match (history.ended(), interrupted) {
            (true, false) => "ended",
            (true, true) => "interrupted",
            (false, _) => "killed",
        },
        steps: history.run.steps,
        outcomes,
        in_doubt: history.doubtful(),
        left_out_sensitive: left_out,
        corrupt_line: history.damaged_at(),
    }
}

fn text(out: &mut Vec<u8>, view: &RunsView) -> std::io::Result<()> {
    if view.runs.is_empty() && view.unreadable.is_empty() {
        return writeln!(out, "No runs.");
    }
    for run in &view.runs {
        let outcomes: Vec<_> = run.outcomes.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let outcomes = if outcomes.is_empty() { "nothing done".to_owned() } else { outcomes.join(", ") };
        let rollback = run.rollback_of.as_ref().map(|of| format!(" · rolls back {of}")).unwrap_or_default();
        let target = visible(&run.target);
        let steps = if run.steps == 1 { "1 step".to_owned() } else { format!("{} steps", run.steps) };
        writeln!(out, "{}  {target}  {}, {steps}: {outcomes}{}", visible(&run.run), run.state, visible(&rollback))?;
        if !run.in_doubt.is_empty() {
            let steps: Vec<_> = run.in_doubt.iter().map(ToString::to_string).collect();
            writeln!(out, "    in doubt: step {}; `icsync plan` reads what is there now", steps.join(", "))?;
        }
        if run.left_out_sensitive > 0 {
            writeln!(
                out,
                "    {} sensitive values were left out of the journal: a rollback cannot restore them",
                run.left_out_sensitive
            )?;
        }
        if let Some(line) = run.corrupt_line {
            writeln!(out, "    damaged: line {line} of its journal does not fit; what stands before it is true")?;
        }
    }
    for unreadable in &view.unreadable {
        writeln!(out, "{}  cannot be read: {}", unreadable.file, unreadable.reason)?;
    }
    Ok(())
}
