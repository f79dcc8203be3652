//! `icsync drift --accept`: writes live values into the definitions, if the plan is empty then.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use crate::cli::args::AcceptArguments;
use crate::cli::clear_keys::warn_of_secrets;
use crate::cli::environment::{Environment, Replacement};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::other_targets::OtherTargets;
use crate::cli::output::Sink;
use crate::cli::planning::target;
use crate::cli::repository::Repository;
use crate::document::{self, AcceptanceV1, Besides};
use crate::drift::{
    Acceptance, AcceptanceDraft, Accepting, AlikeLine, AskedClients, ClientsOfFiles, DraftUse, Drafting, Drift,
    FileTexts, LeftAsIs, SENSITIVE, SharedLines,
};
use crate::export::{ClearKey, is_likely_secret};
use crate::git;
use crate::manifest::{self, LoadedTree, ValueEdit, nearest};
use crate::model::{Change, ClientName, Desired, Field, Json, Live, Policy, Selection};
use crate::redact::Mask;
use crate::report::{self, Colour, Format, Style};
use crate::text::{counted, visible};

/// So many clients are named where a number is what matters.
const MOST_NAMED: usize = 5;

/// What was read.
pub(super) struct Found<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    pub(super) policy: &'a Policy,
    pub(super) drift: &'a Drift,
}

/// Gives whose live values are to be taken over, if any.
pub(super) fn asked(arguments: &AcceptArguments, desired: &Desired) -> Result<Option<AskedClients>, Failure> {
    let Some(names) = &arguments.accept else { return Ok(None) };
    if names.is_empty() != arguments.all {
        return Err(CommandError::WrongUse {
            what: "`--accept` takes the names of clients, or `--all` and no name",
            help: "`icsync drift --accept NAME`, or `icsync drift --accept --all`",
        }
        .into());
    }
    let known = |text: &String| {
        let name = ClientName::new(text).filter(|name| desired.clients.contains_key(name));
        name.ok_or_else(|| {
            let known: Vec<&str> = desired.clients.keys().map(ClientName::as_str).collect();
            let near = nearest(text, &known).map(str::to_owned);
            CommandError::NothingFits { text: text.clone(), near, live: false }
        })
    };
    let names: BTreeSet<ClientName> = names.iter().map(known).collect::<Result<_, _>>()?;
    Ok(Some(if names.is_empty() { AskedClients::All } else { AskedClients::Named(names) }))
}

pub(super) fn accept(
    environment: &Environment,
    repository: &Repository,
    (found, asked): (&Found<'_>, &AskedClients),
    arguments: &AcceptArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let files = manifest::texts(&repository.source(), repository.resolved()).map_err(Failure::invalid)?;
    let texts: FileTexts = files.iter().map(|file| (file.path().to_string(), file.text().to_owned())).collect();
    let heads = texts.iter().map(|(path, text)| (path.clone(), manifest::document_heads(text))).collect();
    let shared = if arguments.into_profile { SharedLines::Written } else { SharedLines::Kept };
    let Found { desired, live, policy, drift } = *found;
    let accepting = Accepting { desired, live, policy, drift, heads: &heads, asked, shared };
    let others = OtherTargets::of(repository);
    let load = |edited: &FileTexts| {
        let LoadedTree { resolved, desired, .. } = repository.load_edited(edited)?;
        others.check(edited)?;
        let policy = resolved.policy(&desired, Selection::default());
        Ok((desired, policy))
    };
    // Outside of git nothing is committed, and nothing is not.
    let uncommitted = || git::uncommitted(repository.root()).unwrap_or_default();
    let drafting = Drafting { accepting: &accepting, texts: &texts, load: &load, uncommitted: &uncommitted };
    let draft = drafting.draft().map_err(Failure::invalid)?;
    let AcceptanceDraft { acceptance, edited, clients } = &draft;
    let used = if arguments.dry_run { DraftUse::Shown } else { DraftUse::Written };
    if used == DraftUse::Written {
        write(repository.root(), &texts, edited)?;
    }
    let besides = Besides { unmanaged: drift.unmanaged.len(), elsewhere: others.changed(edited) };
    let show = |out: &mut dyn Write, path: &str, style: Style<'_>| {
        let shown = |text: &str| manifest::masked_text(path, text, Some(repository.sensitive()));
        report::layout(out, path, &shown(&texts[path]), &shown(&edited[path]), style)
    };
    sink.render(|format, out, style| match format {
        Format::Json => {
            let diff = |path: &str| in_memory(|out| show(out, path, Style { colour: Colour::Never, ..style }));
            document::write(out, &AcceptanceV1::new(target(repository), used, acceptance, clients, diff, &besides))
        }
        _ if used == DraftUse::Shown => edited.keys().try_for_each(|path| show(out, path, style)),
        _ => written(out, clients),
    })?;
    let clear = clear_keys(acceptance, Mask(&policy.sensitive));
    warn_of_secrets(
        environment,
        &clear,
        "and take the values out of the files before they are committed: `icsync help security`",
    );
    tell(environment, &draft, (used, shared), &besides);
    Ok(if acceptance.left.is_empty() && acceptance.sensitive.is_empty() { Exit::Done } else { Exit::Partial })
}

/// Finds the keys whose new values look like secrets, with how often one is written.
fn clear_keys(acceptance: &Acceptance, mask: Mask<'_>) -> BTreeMap<ClearKey, usize> {
    let mut found = BTreeMap::new();
    let mut note = |field: Field, key: &str, value: &Value| {
        if is_likely_secret(field, key, value, mask) {
            *found.entry(ClearKey { field, key: key.into() }).or_default() += 1;
        }
    };
    for ValueEdit { path, before: _, after } in acceptance.accepted.values().flatten().map(|placed| &placed.edit) {
        let Some(after) = after.as_ref().map(Json::value) else { continue };
        // Of a fleet the field stands below its template.
        let place = path
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, Field::ALL.into_iter().find(|field| field.name() == part)?)));
        match (place, after) {
            (Some((at, field)), value) if at + 1 < path.len() => note(field, &path[at + 1], value),
            (Some((_, field)), Value::Object(entries)) => {
                entries.iter().for_each(|(key, value)| note(field, key, value));
            }
            _ => {}
        }
    }
    found
}

/// Writes the files that were edited: it is all of them together that leave nothing to do, so that none is touched before all
/// of them are on disk, beside what they replace.
fn write(root: &Path, texts: &FileTexts, edited: &FileTexts) -> Result<(), Failure> {
    let mut ready = Vec::with_capacity(edited.len());
    for (path, text) in edited {
        let content = Change { before: texts[path].as_bytes(), after: text.as_bytes() };
        ready.push(Replacement::of(&root.join(path), content)?);
    }
    ready.iter().try_for_each(Replacement::check)?;
    ready.into_iter().try_for_each(Replacement::put)
}

/// Gives what is written as text; what is written to memory is never refused.
fn in_memory(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut text = Vec::new();
    let written = write(&mut text).map(|()| String::from_utf8_lossy(&text).into_owned());
    written.unwrap_or_default()
}

fn written(out: &mut impl Write, clients: &ClientsOfFiles) -> io::Result<()> {
    clients.iter().try_for_each(|(path, clients)| {
        let names: Vec<&str> = clients.iter().map(ClientName::as_str).collect();
        writeln!(out, "{}: {}", visible(path), names.join(", "))
    })
}

/// Says on stderr what was left out, and what can be done about it.
fn tell(
    environment: &Environment,
    draft: &AcceptanceDraft,
    (used, shared): (DraftUse, SharedLines),
    besides: &Besides,
) {
    let Acceptance { accepted, sensitive, left, alike } = &draft.acceptance;
    for (client, LeftAsIs { reason, help }) in left {
        environment.say(&format!("left as it is: {client}: {}", visible(reason)));
        environment.say(&format!("  help: {}", visible(help)));
    }
    for (client, paths) in sensitive {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        environment.say(&format!("left out: {client}: {} (sensitive)", visible(&paths.join(", "))));
        environment.say(&format!("  help: {SENSITIVE}"));
    }
    for AlikeLine { at, path, name, clients } in alike.iter().filter(|_| shared == SharedLines::Kept) {
        environment.say(&visible(&format!(
            "note: all {} that have {path} from {name} ({}:{}) drifted alike: `--into-profile` writes it there, once",
            counted(*clients, "client"),
            at.file,
            at.line
        )));
    }
    for (target, clients) in &besides.elsewhere {
        let names: Vec<&str> = clients.iter().map(ClientName::as_str).take(MOST_NAMED).collect();
        let more = clients.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        environment.say(&visible(&format!(
            "note: target `{target}` reads these files too: of {} git says something else there: {}{more}",
            counted(clients.len(), "client"),
            names.join(", ")
        )));
    }
    if besides.unmanaged > 0 {
        let them = counted(besides.unmanaged, "unmanaged live client");
        environment.say(&format!("note: {them} that git does not define: `icsync export` writes definitions"));
    }
    let said = match used {
        DraftUse::Written => "accepted",
        DraftUse::Shown => "would accept",
    };
    environment.say(&format!("{said} {}, left {}", counted(accepted.len(), "client"), left.len()));
}
