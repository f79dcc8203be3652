//! `icsync export`: writes definitions for live clients that git does not define.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use crate::cli::args::{ExportArguments, Global, SensitiveWritten};
use crate::cli::clear_keys::warn_of_secrets;
use crate::cli::connect::{ServerConnection, connect};
use crate::cli::environment::{Environment, FileAccess, print, variables, write_new};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::planning::{warn_of_absent, warn_of_unread};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::{Repository, load};
use crate::cli::runtime;
use crate::cli::selecting::{check_fits, selection};
use crate::export::{Export, HiddenScopes, Layout, SensitiveForm, Taken, export, likely_secrets};
use crate::live::{self, Fetched};
use crate::manifest::{self, Emptiness, Folder, Source as _};
use crate::model::{Boundary, ClientId, Desired, Live, LiveClient, Policy, Scope};
use crate::plan;
use crate::redact::Mask;
use crate::schema::Subject;
use crate::text::{self, counted};

/// Says why `--as-profiles` wrote none.
const NO_PROFILE: &str = "note: no profile is written: too little is common (`icsync help adopt` has the rule)";

pub(super) fn run(environment: &Environment, global: &Global, arguments: &ExportArguments) -> Result<Exit, Failure> {
    runtime()?.block_on(run_async(environment, global, arguments))
}

async fn run_async(environment: &Environment, global: &Global, arguments: &ExportArguments) -> Result<Exit, Failure> {
    let (repository, desired) = load(environment, global, Emptiness::Allowed)?;
    warn_of_absent(environment, repository.root(), repository.resolved())?;
    let into = arguments.into.as_ref().map_or_else(|| repository.root().to_owned(), |into| environment.path(into));
    let policy = policy(&repository, &desired, arguments);
    let connection = connect(environment, &repository, None).await?;
    let read = connection.interruptible(read(environment, &connection, &desired, &policy)).await;
    let ended = connection.close(environment).await;
    let (read, unmanaged) = read?;
    let chosen: Vec<&LiveClient> =
        unmanaged.iter().filter_map(|id| read.live.clients.get(id).map(Box::as_ref)).collect();
    let taken = taken(&repository, &desired, &into);
    let layout = if arguments.as_profiles { Layout::AsProfiles } else { Layout::Plain };
    let hidden = if arguments.include_unresolved { HiddenScopes::Include } else { HiddenScopes::List };
    let form = match arguments.sensitive {
        SensitiveWritten::Ignore => SensitiveForm::Ignored,
        SensitiveWritten::Env => SensitiveForm::Variables,
    };
    let found = likely_secrets(&chosen, Mask(&policy.sensitive));
    warn_of_secrets(
        environment,
        &found,
        "remove the files and export again before they are committed: `icsync help adopt`",
    );
    let mut exported = export(&chosen, &taken, &policy.sensitive, (layout, hidden, form));
    name_schema(&mut exported, repository.root(), &into);
    prove(&repository, &exported, &read.live)?;
    write_all(&into, &exported)?;
    let named = arguments.into.clone().unwrap_or_default();
    print(summary(&exported, &named).as_bytes())?;
    warn(environment, &repository, &exported, &into);
    if layout == Layout::AsProfiles
        && !exported.clients.is_empty()
        && !exported.files.keys().any(|path| is_profile(path))
    {
        environment.say(NO_PROFILE);
    }
    environment.say(&ended.summary(read.rows));
    Ok(Exit::Done)
}

/// Without `manage` everything that the server shows is exported.
fn policy(repository: &Repository, desired: &Desired, arguments: &ExportArguments) -> Policy {
    let mut policy = repository.policy(desired, selection(&arguments.select));
    if let Boundary::Defined(_) = policy.boundary {
        policy.boundary = Boundary::managed(&[Scope::EVERYTHING]);
    }
    policy
}

/// Reads the lists, and the details of the unmanaged clients that are selected.
async fn read(
    environment: &Environment,
    connection: &ServerConnection,
    desired: &Desired,
    policy: &Policy,
) -> Result<(Fetched, Vec<ClientId>), Failure> {
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let mut unmanaged = Vec::new();
    let wanted = |live: &Live| {
        let unread = |id: &&ClientId| live.clients.get(*id).is_some_and(|row| row.has_unread());
        unmanaged = selected(desired, live, policy);
        unmanaged.iter().filter(unread).cloned().collect()
    };
    let read = live::fetch(connection.reader(), &connection.extent(desired, policy), wanted, &progress).await?;
    drop(progress);
    warn_of_unread(environment, &read.live);
    check_fits(&policy.selection, &[desired], Some(&read.live))?;
    Ok((read, unmanaged))
}

/// Names the unmanaged clients that are selected.
fn selected(desired: &Desired, live: &Live, policy: &Policy) -> Vec<ClientId> {
    let covered = |id: &ClientId| live.clients.get(id).is_some_and(|row| policy.selection.covers_unmanaged(row));
    plan::bind(desired, live, policy).unmanaged.into_iter().filter(covered).collect()
}

fn taken(repository: &Repository, desired: &Desired, into: &Path) -> Taken {
    Taken {
        names: desired.clients.keys().cloned().collect(),
        scopes: desired.clients.values().map(|definition| definition.scope.clone()).collect(),
        profiles: manifest::profile_names(&repository.source(), repository.resolved(), &variables()),
        files: Folder::new(into).list("clients", manifest::DotFiles::Listed).files,
    }
}

/// Puts the line on top by which editors find the schema. Outside the repository there is none.
fn name_schema(exported: &mut Export, root: &Path, into: &Path) {
    let below = relative(root, into).or_else(|| Some(into.strip_prefix(root).ok()?.to_string_lossy().into_owned()));
    let Some(below) = below else { return };
    let folders = below.split('/').filter(|part| !part.is_empty()).count();
    for (path, text) in &mut exported.files {
        let up = "../".repeat(folders + path.matches('/').count());
        *text = format!("{}---\n{text}", Subject::Definition.modeline(&up));
    }
}

/// Makes sure, before anything is written, that the files say exactly what is live.
fn prove(repository: &Repository, exported: &Export, live: &Live) -> Result<(), Failure> {
    let values = exported.variables.iter();
    let values = values.map(|(name, variable)| (name.clone(), variable.value.expose_secret().to_owned())).collect();
    let desired = manifest::check_files(&exported.files, repository.resolved(), &values).map_err(|diagnostics| {
        CommandError::UntrueExport { what: "the definitions cannot be read back".to_owned(), diagnostics }
    })?;
    let policy = repository.policy(&desired, crate::model::Selection::default());
    let plan = plan::plan(&desired, live, &policy);
    let stray = plan.steps.iter().filter_map(|step| step.client.as_ref());
    let blocked = plan.blocked.iter().filter_map(|blocked| blocked.client.as_ref());
    let names: Vec<String> = stray.chain(blocked).map(ToString::to_string).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(CommandError::UntrueExport { what: names.join(", "), diagnostics: Vec::new() }.into())
}

/// Writes every file; profiles first, so that a run that is cut short leaves no client without its profiles.
fn write_all(into: &Path, exported: &Export) -> Result<(), Failure> {
    let (profiles, clients): (BTreeMap<_, _>, BTreeMap<_, _>) =
        exported.files.iter().partition(|(path, _)| is_profile(path));
    for (path, text) in profiles.into_iter().chain(clients) {
        write_new(&into.join(path), text.as_bytes(), FileAccess::Shared)?;
    }
    Ok(())
}

fn is_profile(path: &str) -> bool {
    path.starts_with("clients/profiles/")
}

fn summary(exported: &Export, into: &Path) -> String {
    let Export { files, clients, variables, left_out, ignored } = exported;
    let mut text = String::new();
    for path in files.keys() {
        let _ = writeln!(text, "{}", text::path(&into.join(path)));
    }
    if !variables.is_empty() {
        let _ = writeln!(text, "\nset these variables where icsync runs; what they stand for is sensitive:");
        for (name, variable) in variables {
            let _ = writeln!(text, "  {name}  {}", variable.stands_for);
        }
    }
    if *ignored > 0 {
        let values = counted(*ignored, "sensitive value");
        let _ = writeln!(
            text,
            "\nleft as they are on the server with `ignore`: {values}; `--sensitive env` names a variable for each"
        );
    }
    if !left_out.is_empty() {
        let _ = writeln!(text, "\nleft out:");
        for line in left_out {
            let _ = writeln!(text, "  {line}");
        }
    }
    let profiles = files.keys().filter(|path| is_profile(path)).count();
    let lead = if text.is_empty() { "" } else { "\n" };
    let with = if profiles == 0 { String::new() } else { format!(" and {}", counted(profiles, "profile")) };
    if clients.is_empty() {
        let _ = writeln!(text, "{lead}nothing to export");
    } else {
        let _ = writeln!(text, "{lead}exported {}{with}", counted(clients.len(), "client"));
    }
    text
}

/// Warns when `definitions` does not match what was written: the next plan would not see it.
fn warn(environment: &Environment, repository: &Repository, exported: &Export, into: &Path) {
    let inside = |path: &String| {
        let path = relative(repository.root(), &into.join(path))?;
        manifest::is_definition(repository.resolved(), &path).then_some(())
    };
    let missed: Vec<&String> = exported.files.keys().filter(|path| inside(path).is_none()).collect();
    if let Some(first) = missed.first() {
        environment.say(&format!(
            "warning: `definitions` in icsync.yaml does not match {} of the files, for example `{}`",
            missed.len(),
            text::path(&into.join(first))
        ));
    }
}

/// Gives the path below a folder, with `/` between its parts.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let real = |path: &Path| path.canonicalize().ok();
    let below: PathBuf = real(path)?.strip_prefix(real(root)?).ok()?.to_owned();
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
