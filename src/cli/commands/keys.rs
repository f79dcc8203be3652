//! `icsync keys`: every policy and setting key of git and of the live clients, and the catalogue of them.

use std::sync::Arc;

use crate::catalogue::{Census, CertainKey, ValueType, certain};
use crate::cli::args::{Global, KeysArguments};
use crate::cli::connect::connect;
use crate::cli::environment::{Environment, FileAccess, rewrite, write_new};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{target, warn_of_unread};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::{Repository, load_keys};
use crate::cli::runtime;
use crate::document::{self, KeysV1};
use crate::live;
use crate::manifest::{self, CATALOGUE_FILE, Source as _};
use crate::model::{Change, Desired, DigestKey, Live, LiveClient, Selection, Sensitive};
use crate::report::{Format, keys};
use crate::text::{quote, visible};

/// So many keys that were left out are named.
const MOST_NAMED: usize = 10;

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &KeysArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let (repository, desired) = load_keys(environment, global)?;
    sink.complain(repository.warnings());
    let live = match runtime()?.block_on(read(environment, &repository, &desired)) {
        Ok(live) => Some(live),
        // Without a server the definitions still have keys, unless one was asked for.
        Err(failure) if global.target().is_none() => {
            environment.say(&format!("warning: live clients are not counted: {}", failure.message()));
            None
        }
        Err(failure) => return Err(failure),
    };
    let census = Census::of(&desired, live.as_ref());
    if arguments.write {
        keep(environment, &repository, &census)?;
    }
    let read = live.map(|_| target(&repository));
    // No value is shown, so there is nothing to digest.
    let sensitive = Sensitive { patterns: repository.sensitive().to_vec(), key: DigestKey::default() };
    let document = KeysV1::new(read, &census, repository.catalogue(), &sensitive);
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document),
        _ => keys::text(out, &document, style.width),
    })?;
    Ok(Exit::Done)
}

/// Reads every live client of the boundary in detail.
async fn read(environment: &Environment, repository: &Repository, desired: &Desired) -> Result<Live, Failure> {
    let connection = connect(environment, repository, None).await?;
    let policy = repository.policy(desired, Selection::default());
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let wanted = |live: &Live| {
        live.clients.iter().filter(|(_, row)| LiveClient::has_unread(row)).map(|(id, _)| id.clone()).collect()
    };
    let extent = connection.extent(desired, &policy);
    let fetching = async { Ok(live::fetch(connection.reader(), &extent, wanted, &progress).await?) };
    let fetched = connection.interruptible(fetching).await;
    drop(progress);
    let ended = connection.close(environment).await;
    let fetched = fetched?;
    warn_of_unread(environment, &fetched.live);
    environment.say(&ended.summary(fetched.rows));
    Ok(fetched.live)
}

/// Adds the keys that are surely meant to the catalogue.
fn keep(environment: &Environment, repository: &Repository, census: &Census) -> Result<(), Failure> {
    let (keys, doubtful) = certain(census);
    let text = repository.source().read(CATALOGUE_FILE).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (after, count) = manifest::add_keys(text.as_deref(), &keys).map_err(Failure::invalid)?;
    let path = repository.root().join(CATALOGUE_FILE);
    match &text {
        Some(before) => rewrite(&path, Change { before: before.as_bytes(), after: after.as_bytes() })?,
        None => write_new(&path, after.as_bytes(), FileAccess::Shared)?,
    }
    let added = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    environment.say(&format!("{CATALOGUE_FILE}: {added} added"));
    let unknown =
        |key: &&Arc<str>| repository.catalogue().is_none_or(|known| known.entries().all(|(_, other, _)| other != *key));
    for key in doubtful.iter().filter(unknown).take(MOST_NAMED) {
        let why = "it is probably misspelt, as `icsync plan` says; if it is right, add it by hand";
        environment.say(&format!("warning: {} is left out: {why}", quote(key)));
    }
    for one in keys.iter().filter(|one| !one.doubtful.is_empty()).take(MOST_NAMED) {
        warn_of_types(environment, repository, one);
    }
    Ok(())
}

/// Says which types of a key were left out, unless the catalogue has them: `validate` refuses their values.
fn warn_of_types(environment: &Environment, repository: &Repository, key: &CertainKey) {
    let CertainKey { field, key, types, doubtful } = key;
    let known = repository.catalogue().and_then(|catalogue| catalogue.get(*field, key));
    let is_known =
        |found: &&ValueType| known.is_some_and(|entry| entry.types.is_empty() || entry.types.contains(found));
    let left: Vec<&str> = doubtful.iter().filter(|found| !is_known(found)).map(|found| found.name()).collect();
    if left.is_empty() {
        return;
    }
    let all: Vec<&str> = types.iter().chain(doubtful).map(|found| found.name()).collect();
    environment.say(&format!(
        "warning: of {field}.{} the type {} is left out: other clients have none of it, as `icsync plan` says; if it is right, \
         write `type: [{}]` by hand",
        visible(key),
        left.join(" and "),
        all.join(", ")
    ));
}
