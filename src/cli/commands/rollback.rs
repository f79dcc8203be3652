//! `icsync rollback`: a plan that restores what a run changed, from its journal.

use std::path::Path;

use crate::apply::{History, HistoryError, rollback, touched_clients, touched_scopes};
use crate::cli::args::{Global, RollbackArguments};
use crate::cli::commands::plan::save;
use crate::cli::connect::Connection;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, shown};
use crate::cli::output::Sink;
use crate::cli::planning::{Planned, Shape, heading, journals, open, policy};
use crate::cli::progress::Progress;
use crate::cli::reading::{Read, detail};
use crate::cli::repository::Repository;
use crate::cli::{plan_key, runtime};
use crate::document::OptionsV1;
use crate::live;
use crate::model::{Boundary, Desired, Live};
use crate::report;

/// Runs the command.
pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &RollbackArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    runtime()?.block_on(run_async(environment, global, arguments, sink))
}

async fn run_async(
    environment: &Environment,
    global: &Global,
    arguments: &RollbackArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let (repository, desired, connection) = open(environment, global, None).await?;
    let folder = journals(environment, &repository, arguments.journal.as_ref());
    let shape = Shape {
        options: OptionsV1 {
            max_deletes: arguments.max_deletes,
            max_changes: arguments.max_changes,
            rollback_of: Some(arguments.run.clone()),
            ..OptionsV1::default()
        },
        ..Shape::default()
    };
    let planned = match history(&folder, &arguments.run) {
        Ok(history) => {
            let planning = plan_back(environment, repository, &desired, &shape, (&connection, &history));
            connection.interruptible(planning).await
        }
        Err(failure) => Err(failure),
    };
    let ended = connection.close(environment).await;
    let planned = planned?;
    let document = planned.document()?.signed(plan_key().as_deref());
    let Planned { plan, read, .. } = planned;
    let saved = arguments.out.as_ref().map_or(Ok(()), |file| save(environment, file, &document));
    let exit = if plan.guard.allows() { Exit::Done } else { Exit::Refused };
    let written = sink.render(|format, out, style| report::plan(format, out, &document, style));
    environment.say(&ended.summary(read.rows));
    saved.and(written).map_err(|failure| failure.after(exit))?;
    match &arguments.out {
        Some(file) => environment.say(&format!("saved: roll back with `icsync apply {}`", shown(file))),
        None => environment.say("save it with --out FILE, then roll back with `icsync apply FILE`"),
    }
    Ok(exit)
}

/// Reads the journal of a run.
pub(super) fn history(folder: &Path, run: &str) -> Result<History, Failure> {
    let name_is_plain = run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let unknown = || {
        Failure::new(Exit::Failed, format!("there is no run `{}` in `{}`", run.escape_debug(), shown(folder)))
            .help("`icsync runs` lists them")
    };
    if !name_is_plain || run.is_empty() {
        return Err(unknown());
    }
    History::read(&folder.join(format!("{run}.jsonl"))).map_err(|error| match error {
        HistoryError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => unknown(),
        error => Failure::new(Exit::Failed, format!("the journal of `{run}` cannot be used")).caused_by(error),
    })
}

/// Reads what the run touched and plans to restore it.
pub(super) async fn plan_back(
    environment: &Environment,
    repository: Repository,
    desired: &Desired,
    shape: &Shape,
    (connection, history): (&Connection, &History),
) -> Result<Planned, Failure> {
    let url = repository.target_url();
    if history.run.url != url {
        return Err(Failure::new(
            Exit::Stale,
            format!("the run was against {}, and this target is {url}", history.run.url),
        )
        .help(format!("choose the run's target with --target {}", history.run.target)));
    }
    if let Some(line) = history.damaged_at() {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "the journal of `{}` is damaged from line {line} on: what the run did behind it is not known",
                history.run.run
            ),
        )
        .help(format!(
            "without the lines from {line} on it rolls back what stands before them: keep a copy of the file"
        )));
    }
    let progress = Progress::start(environment, "reading lists");
    let scopes = Boundary::Defined(touched_scopes(history).into_iter().collect());
    let rows = live::list(connection.reader(), &live::filters(&scopes), connection.page_size()).await?.rows;
    let count = rows.len();
    let mut live = Live { clients: rows, ..Live::default() };
    let wanted = touched_clients(history, &live);
    live.clients.retain(|id, _| wanted.contains(id));
    detail(connection.reader(), &mut live, &wanted, connection.page_size(), &progress).await?;
    let policy = policy(&repository, desired, shape);
    let plan = rollback(history, &live, &policy);
    let heading = heading(&repository, desired, shape);
    Ok(Planned { repository, policy, heading, read: Read { live, rows: count }, plan })
}
