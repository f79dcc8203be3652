//! The definitions with live values in them, as far as it is proven that nothing is left to do then.

use std::collections::{BTreeMap, BTreeSet};

use super::accept::{Acceptance, Accepting, AskedClients, EDIT_BY_HAND, LeftAsIs, PlacedEdit};
use crate::diagnostic::Diagnostic;
use crate::manifest::{DocumentEdit, DocumentHead, write_values};
use crate::model::{ClientName, Desired, FieldPath, Policy, Presence, Selection};
use crate::plan::{Action, FieldChange, Step};

/// Files by path.
pub(crate) type FileTexts = BTreeMap<String, String>;

/// Clients by file.
pub(crate) type ClientsOfFiles = BTreeMap<String, BTreeSet<ClientName>>;

/// Clients that are left as they are after all.
type LeftClients = BTreeMap<ClientName, LeftAsIs>;

/// What becomes of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DraftUse {
    Written,
    /// It is shown, and nothing is written.
    Shown,
}

/// What is to be written, as far as it does.
#[derive(Debug)]
pub(crate) struct AcceptanceDraft {
    pub acceptance: Acceptance,
    /// The files that say something else.
    pub edited: FileTexts,
    /// Whom each of them is for.
    pub clients: ClientsOfFiles,
}

/// A tree as it would be, or its mistakes.
pub(crate) type LoadedDraft = Result<(Desired, Policy), Vec<Diagnostic>>;

/// What a draft is made of, and what proves it.
pub(crate) struct Drafting<'a> {
    pub accepting: &'a Accepting<'a>,
    pub texts: &'a FileTexts,
    /// Loads the tree with files that are edited, or gives its mistakes.
    pub load: &'a dyn Fn(&FileTexts) -> LoadedDraft,
    /// Names those of the files that have changes which git does not have.
    pub uncommitted: &'a dyn Fn() -> BTreeSet<String>,
}

impl Drafting<'_> {
    /// Makes a draft. What does not do is left out, until the rest does.
    ///
    /// Fails with the mistakes of a file that is not YAML.
    pub(crate) fn draft(&self) -> Result<AcceptanceDraft, Vec<Diagnostic>> {
        let mut refused = LeftClients::new();
        loop {
            let acceptance = self.accepting.accept(&refused);
            let mut more = LeftClients::new();
            let (edited, clients) = self.edit(&acceptance, &mut more)?;
            if more.is_empty() && *self.accepting.asked == AskedClients::All {
                more.extend(self.unsettled(&clients));
            }
            if more.is_empty() && !edited.is_empty() {
                more.extend(self.verify(&acceptance, &edited, &clients));
            }
            more.retain(|client, _| acceptance.accepted.contains_key(client));
            if more.is_empty() {
                return Ok(AcceptanceDraft { acceptance, edited, clients });
            }
            refused.extend(more);
        }
    }

    /// Edits the files, and says of which clients the values cannot be written.
    fn edit(
        &self,
        acceptance: &Acceptance,
        refused: &mut LeftClients,
    ) -> Result<(FileTexts, ClientsOfFiles), Vec<Diagnostic>> {
        let (mut edited, mut of_files) = (FileTexts::new(), ClientsOfFiles::new());
        for (path, documents) in self.by_file(acceptance) {
            let Some(text) = self.texts.get(&path) else { continue };
            let (edits, clients): (Vec<_>, Vec<_>) = documents.into_values().unzip();
            let written = write_values(&path, text, &edits)?;
            for (number, reason) in &written.failed {
                let left = LeftAsIs::new(format!("{path}: {reason}"), EDIT_BY_HAND);
                refused.extend(clients[*number].iter().map(|client| (client.clone(), left.clone())));
            }
            edited.insert(path.clone(), written.text);
            of_files.insert(path, clients.into_iter().flatten().collect());
        }
        Ok((edited, of_files))
    }

    /// Puts the edits of each document together, by its first line.
    fn by_file(
        &self,
        acceptance: &Acceptance,
    ) -> BTreeMap<String, BTreeMap<u32, (DocumentEdit, BTreeSet<ClientName>)>> {
        let mut files: BTreeMap<String, BTreeMap<u32, (DocumentEdit, BTreeSet<ClientName>)>> = BTreeMap::new();
        for (client, edits) in &acceptance.accepted {
            for PlacedEdit { file, line, edit } in edits {
                let file = file.to_string();
                let heads = self.accepting.heads.get(&file).map_or(&[][..], Vec::as_slice);
                let line = DocumentHead::of_line(heads, *line).map_or(*line, |head| head.line);
                let (document, clients) = files
                    .entry(file)
                    .or_default()
                    .entry(line)
                    .or_insert_with(|| (DocumentEdit { line, values: Vec::new() }, BTreeSet::new()));
                clients.insert(client.clone());
                // Of a line that several clients have, each says the same.
                if !document.values.contains(edit) {
                    document.values.push(edit.clone());
                }
            }
        }
        files
    }

    /// Leaves clients as they are whose files have edits that git does not have: what of them is drift cannot be told.
    fn unsettled(&self, clients: &ClientsOfFiles) -> LeftClients {
        let uncommitted = (self.uncommitted)();
        let left = |path: &str| {
            let reason = format!("{path} has changes that are not committed: what git says is not settled");
            LeftAsIs::new(reason, "commit them, or name the client: `--accept NAME`")
        };
        let of_file = |(path, clients): (&String, &BTreeSet<ClientName>)| {
            clients.iter().map(|client| (client.clone(), left(path))).collect::<Vec<_>>()
        };
        clients.iter().filter(|(path, _)| uncommitted.contains(*path)).flat_map(of_file).collect()
    }

    /// Plans the edited tree against what was read: nothing may be left to do for a client, and nothing may become different
    /// for others.
    fn verify(&self, acceptance: &Acceptance, edited: &FileTexts, clients: &ClientsOfFiles) -> LeftClients {
        let (after, policy) = match (self.load)(edited) {
            Ok(loaded) => loaded,
            Err(mistakes) => return broken(&mistakes, acceptance, clients),
        };
        let mut refused = self.changed_besides(&after, acceptance, clients);
        let sensitive = self.accepting.policy.sensitive.clone();
        let policy = Policy { sensitive, selection: Selection::default(), ..policy };
        let plan = crate::plan::plan(&after, self.accepting.live, &policy);
        for step in &plan.steps {
            let Some(name) = step.client.as_ref().filter(|name| acceptance.accepted.contains_key(*name)) else {
                continue;
            };
            let left_out = acceptance.sensitive.get(name).map_or(&[][..], Vec::as_slice);
            refused.extend(remaining(step, left_out).map(|left| (name.clone(), left)));
        }
        for blocked in plan.blocked {
            let left = LeftAsIs::new(blocked.obstacle.reason, blocked.obstacle.help);
            refused.extend(blocked.client.map(|client| (client, left)));
        }
        refused
    }

    /// Finds clients that nobody asked for and that would become different: an anchor or a profile reaches them.
    fn changed_besides(&self, after: &Desired, acceptance: &Acceptance, clients: &ClientsOfFiles) -> LeftClients {
        let changed = after.changed_since(self.accepting.desired);
        let is_other = |name: &ClientName| {
            !acceptance.accepted.contains_key(name)
                && after.clients.get(name).is_some_and(|one| one.state == Presence::Present)
        };
        let mut refused = LeftClients::new();
        for (other, _) in changed.iter().filter(|(name, fields)| !fields.is_empty() && is_other(name)) {
            let left = LeftAsIs::new(format!("it would change what git says of `{other}` too"), EDIT_BY_HAND);
            let all = clients.values().flatten();
            refused.extend(all.map(|client| (client.clone(), left.clone())));
        }
        refused
    }
}

/// Leaves those as they are whose files would be wrong, or all where that cannot be told.
fn broken(mistakes: &[Diagnostic], acceptance: &Acceptance, clients: &ClientsOfFiles) -> LeftClients {
    let mut refused = LeftClients::new();
    for mistake in mistakes.iter().filter(|one| one.is_error()) {
        let at = mistake.location();
        let place = at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
        let code = mistake.code.as_str();
        let reason = format!("the definitions would not be valid: {place}{} ({code})", mistake.message);
        let left = LeftAsIs::new(reason, EDIT_BY_HAND);
        let of_file = at.and_then(|at| clients.get(&at.file.to_string()).cloned());
        let meant = of_file.unwrap_or_else(|| acceptance.accepted.keys().cloned().collect());
        refused.extend(meant.into_iter().map(|client| (client, left.clone())));
    }
    refused
}

/// Says what a plan would still do for a client besides what was left out.
fn remaining(step: &Step, left_out: &[FieldPath]) -> Option<LeftAsIs> {
    let is_left_out =
        |change: &&FieldChange| left_out.iter().any(|path| path.field == change.field && path.key == change.key);
    let told = |change: &FieldChange| {
        let path = FieldPath { field: change.field, key: change.key.clone() };
        change.at.as_ref().map_or_else(|| path.to_string(), |at| format!("{path} ({}:{})", at.file, at.line))
    };
    let rest: Vec<String> = step.changes.iter().filter(|change| !is_left_out(change)).map(told).collect();
    if rest.is_empty() && step.action() == Action::Change {
        return None;
    }
    let what = [step.action().name().to_owned()].into_iter().chain(rest).collect::<Vec<_>>().join(" ");
    let reason = format!("with the live values in its own document the plan would still {what}");
    Some(LeftAsIs::new(reason, "`icsync show --effective NAME` tells where each value comes from; edit it there"))
}
