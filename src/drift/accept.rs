//! Live values on their way into the definitions: which documents have to say what, and what cannot be taken over.

use std::collections::{BTreeMap, BTreeSet};

use super::{ClientDrift, Drift, State};
use crate::manifest::{DocumentHead, ValueEdit};
use crate::model::{
    ClientName, Definition, Desired, Device, FieldPath, FilePath, Json, Live, Location, Origin, Partition, Policy,
    Presence, Scope,
};
use crate::plan::{Action, ValueDifference, value_differences};
use crate::redact::Mask;
use crate::text::counted;

/// Both sides, and what is asked for.
pub(crate) struct Accepting<'a> {
    pub desired: &'a Desired,
    pub live: &'a Live,
    pub policy: &'a Policy,
    pub drift: &'a Drift,
    /// The documents of each file.
    pub heads: &'a BTreeMap<String, Vec<DocumentHead>>,
    pub asked: &'a AskedClients,
    pub shared: SharedLines,
}

/// Whose live values are to be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AskedClients {
    /// Those of every client that drifted.
    All,
    Named(BTreeSet<ClientName>),
}

/// What becomes of lines that several clients have from a profile or a fleet, where all of them drifted alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SharedLines {
    /// They stay: each client says otherwise in its own document.
    Kept,
    /// They say what is live.
    Written,
}

/// What is to be written, and what is not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acceptance {
    pub accepted: BTreeMap<ClientName, Vec<PlacedEdit>>,
    /// Values of accepted clients that are left out, because a file would show them.
    pub sensitive: BTreeMap<ClientName, Vec<FieldPath>>,
    pub left: BTreeMap<ClientName, LeftAsIs>,
    /// Lines of profiles and fleets whose clients all drifted alike.
    pub alike: Vec<AlikeLine>,
}

/// Why a client is left as it is, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftAsIs {
    pub reason: String,
    pub help: String,
}

/// What a document shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedEdit {
    pub file: FilePath,
    /// A line of the document.
    pub line: u32,
    pub edit: ValueEdit,
}

/// A line that several clients have, all of which drifted alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AlikeLine {
    pub at: Location,
    pub path: FieldPath,
    /// The profile or fleet.
    pub name: String,
    pub clients: usize,
}

/// The line that says a value, and which value.
type DeclaredLine = (Location, FieldPath);

/// What the clients have that drifted from one line.
type ValueLines<'a> = BTreeMap<DeclaredLine, Vec<Option<&'a Json>>>;

/// What clients have and git does not say.
type Wanted<'a> = BTreeMap<&'a ClientName, (&'a ClientDrift, Vec<ValueDifference>)>;

/// What helps where nothing else does.
pub(super) const EDIT_BY_HAND: &str = "edit the definition by hand";

/// What helps where a value is sensitive, which no file shall show.
pub(crate) const SENSITIVE: &str =
    "set the variable that it comes from to the live value, or leave it alone with `ignore`";

impl LeftAsIs {
    pub(crate) fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }
}

impl Accepting<'_> {
    /// Decides what is written. `refused` are the clients of which it turned out that it does not do.
    pub(crate) fn accept(&self, refused: &BTreeMap<ClientName, LeftAsIs>) -> Acceptance {
        let mut acceptance = Acceptance { left: refused.clone(), ..Acceptance::default() };
        let mut wanted = Wanted::new();
        for one in self.drift.clients.iter().filter(|one| !refused.contains_key(&one.client) && self.is_asked(one)) {
            match self.wanted(one) {
                Ok(differences) => drop(wanted.insert(&one.client, (one, differences))),
                Err(left) => drop(acceptance.left.insert(one.client.clone(), left)),
            }
        }
        let mut shared = self.alike(&wanted);
        acceptance.alike = shared.values().cloned().collect();
        acceptance.alike.sort();
        // A client that is left is none of those that a shared line could be written for.
        while let Some(left) = self.decide(&wanted, &shared, &mut acceptance) {
            wanted.retain(|name, _| !left.contains_key(*name));
            acceptance.left.extend(left);
            shared = self.alike(&wanted);
        }
        acceptance
    }

    /// Decides what is written, unless it turns out that clients have to be left: then those are given.
    fn decide(
        &self,
        wanted: &Wanted<'_>,
        shared: &BTreeMap<DeclaredLine, AlikeLine>,
        acceptance: &mut Acceptance,
    ) -> Option<BTreeMap<ClientName, LeftAsIs>> {
        let (mut accepted, mut omitted, mut left) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, (one, differences)) in wanted {
            let mut sensitive = Vec::new();
            match self.edits(one, differences, shared, &mut sensitive) {
                Ok(edits) if edits.is_empty() => {
                    let paths: Vec<String> = sensitive.iter().map(ToString::to_string).collect();
                    let reason = format!("nothing but sensitive values differs: {}", paths.join(", "));
                    left.insert((*name).clone(), LeftAsIs::new(reason, SENSITIVE));
                }
                Ok(edits) => {
                    accepted.insert((*name).clone(), edits);
                    omitted.extend((!sensitive.is_empty()).then(|| ((*name).clone(), sensitive)));
                }
                Err(reason) => drop(left.insert((*name).clone(), reason)),
            }
        }
        if left.is_empty() {
            (acceptance.accepted, acceptance.sensitive) = (accepted, omitted);
            return None;
        }
        Some(left)
    }

    fn is_asked(&self, one: &ClientDrift) -> bool {
        match self.asked {
            AskedClients::Named(names) => names.contains(&one.client),
            AskedClients::All => {
                !matches!(one.state, State::InSync | State::Excepted | State::NotCompared | State::Pending)
            }
        }
    }

    /// Gives what a client has and git does not say, or why it is not taken over.
    fn wanted(&self, one: &ClientDrift) -> Result<Vec<ValueDifference>, LeftAsIs> {
        let all = *self.asked == AskedClients::All;
        let name_it = |what: &str| LeftAsIs::new(what, "name the client if that is meant: `--accept NAME`");
        if let Some(obstacle) = &one.obstacle {
            return Err(LeftAsIs::new(obstacle.reason.clone(), obstacle.help.clone()));
        }
        let definition = self.desired.clients.get(&one.client);
        let definition = definition.ok_or_else(|| LeftAsIs::new("git does not define it", EDIT_BY_HAND))?;
        let row = one.id.as_ref().and_then(|id| self.live.clients.get(id));
        if one.state == State::Excepted {
            let help = "end the exception in icsync.yaml first if the live values are to stand in git";
            return Err(LeftAsIs::new("what differs is left alone by an exception", help));
        }
        match (one.action, row) {
            (None, _) => Err(LeftAsIs::new("git says what is live already", "there is nothing to accept")),
            (Some(Action::Add), _) if all => {
                Err(name_it("the server does not have it; accepting that is `state: absent`"))
            }
            (Some(Action::Delete), _) if all => Err(name_it("git wants it gone and the server has it")),
            (Some(_), _) if all && one.state == State::Conflict => {
                Err(name_it("git changed it too since the revision"))
            }
            (Some(Action::Add), _) | (Some(_), None) => Ok(Vec::new()),
            (Some(Action::Delete), Some(row)) => {
                let present = Definition { state: Presence::Present, ..(**definition).clone() };
                Ok(value_differences(&present, row))
            }
            (Some(Action::Change | Action::Replace), Some(row)) => Ok(value_differences(definition, row)),
        }
    }

    /// Finds the lines of profiles and fleets of which all clients drifted alike.
    fn alike(&self, wanted: &Wanted<'_>) -> BTreeMap<DeclaredLine, AlikeLine> {
        let mut lines: ValueLines<'_> = BTreeMap::new();
        for (one, differences) in wanted.values() {
            for difference in differences.iter().filter(|difference| !self.is_sensitive(difference)) {
                let is_shared = difference.origin == Origin::Inherited || self.is_fleet(&one.at);
                if let Some(at) = self.line_of(one, difference).filter(|_| is_shared) {
                    lines.entry((at.clone(), difference.path())).or_default().push(difference.live.as_ref());
                }
            }
        }
        let mut having: BTreeMap<&DeclaredLine, usize> = BTreeMap::new();
        for definition in self.desired.clients.values().filter(|one| one.state == Presence::Present) {
            for line in lines.keys() {
                let (at, FieldPath { field, key }) = line;
                let written = definition.spec.written_at(*field, key.as_deref());
                *having.entry(line).or_default() += usize::from(written.as_ref().unwrap_or(&definition.at) == at);
            }
        }
        let is_alike = |(line, live): &(&DeclaredLine, &Vec<Option<&Json>>)| {
            live.len() > 1 && having.get(line) == Some(&live.len()) && live.iter().all(|one| *one == live[0])
        };
        let alike = lines.iter().filter(is_alike).map(|(line, live)| {
            let (at, path) = line.clone();
            let name = self.named(&at);
            (line.clone(), AlikeLine { at, path, name, clients: live.len() })
        });
        alike.collect()
    }

    /// Gives the line that says a value; what no line says of a client of a fleet, the fleet may say.
    fn line_of<'d>(&self, one: &'d ClientDrift, difference: &'d ValueDifference) -> Option<&'d Location> {
        difference.at.as_ref().or_else(|| self.is_fleet(&one.at).then_some(&one.at))
    }

    fn is_sensitive(&self, difference: &ValueDifference) -> bool {
        let mask = Mask(&self.policy.sensitive);
        match &difference.key {
            Some(key) => mask.hides_key(difference.field, key),
            None => mask.hides_field(difference.field),
        }
    }

    /// Gives what the documents have to say so that a client is as git says.
    fn edits(
        &self,
        one: &ClientDrift,
        differences: &[ValueDifference],
        alike: &BTreeMap<DeclaredLine, AlikeLine>,
        sensitive: &mut Vec<FieldPath>,
    ) -> Result<Vec<PlacedEdit>, LeftAsIs> {
        let mut edits = Vec::new();
        match one.action {
            Some(Action::Add) => edits.push(self.own(one, &["state"], (None, Some(Json::text("absent"))))?),
            Some(Action::Delete) => edits.push(self.own(one, &["state"], (None, None))?),
            _ => {}
        }
        if let Some(from) = &one.from_scope {
            edits.extend(self.moved(one, from)?);
        }
        for difference in differences {
            if self.is_sensitive(difference) {
                sensitive.push(difference.path());
                continue;
            }
            edits.push(self.value(one, difference, alike)?);
        }
        Ok(edits)
    }

    fn value(
        &self,
        one: &ClientDrift,
        difference: &ValueDifference,
        alike: &BTreeMap<DeclaredLine, AlikeLine>,
    ) -> Result<PlacedEdit, LeftAsIs> {
        let path = difference.path();
        let keys: Vec<&str> = std::iter::once(path.field.name()).chain(path.key.as_deref()).collect();
        let shared = self.line_of(one, difference).and_then(|at| alike.get(&(at.clone(), path.clone())));
        if let Some(line) = shared.filter(|_| self.shared == SharedLines::Written) {
            let template = if self.is_fleet(&line.at) { &["template"][..] } else { &[] };
            let keys: Vec<&str> = template.iter().copied().chain(keys).collect();
            let sides = (difference.git.clone(), difference.live.clone());
            return Ok(PlacedEdit { file: line.at.file.clone(), line: line.at.line, edit: edit(&keys, sides) });
        }
        let inherited = difference.at.as_ref().filter(|_| difference.origin == Origin::Inherited);
        match inherited {
            Some(at) if difference.live.is_none() && !self.is_fleet(&one.at) => {
                Err(self.cannot_take_away(&path, at, shared))
            }
            Some(_) => self.own(one, &keys, (None, difference.live.clone())),
            None => self.own(one, &keys, (difference.git.clone(), difference.live.clone())),
        }
    }

    fn cannot_take_away(&self, path: &FieldPath, at: &Location, shared: Option<&AlikeLine>) -> LeftAsIs {
        let (name, place) = (self.named(at), format!("{}:{}", at.file, at.line));
        let reason =
            format!("{path} comes from {name} ({place}), and a definition cannot take away what a profile gives");
        let help = match shared {
            Some(line) => format!("`--into-profile` removes it there, for all {}", counted(line.clients, "client")),
            None => format!("remove it from {name}, or leave it alone with `ignore` or an exception"),
        };
        LeftAsIs::new(reason, help)
    }

    /// Writes into the client's own document.
    fn own(
        &self,
        one: &ClientDrift,
        path: &[&str],
        sides: (Option<Json>, Option<Json>),
    ) -> Result<PlacedEdit, LeftAsIs> {
        if self.is_fleet(&one.at) {
            return Err(self.of_fleet(one));
        }
        Ok(PlacedEdit { file: one.at.file.clone(), line: one.at.line, edit: edit(path, sides) })
    }

    fn of_fleet(&self, one: &ClientDrift) -> LeftAsIs {
        let device = self.desired.clients.get(&one.client).map_or(&one.at, |definition| &definition.scope_at);
        let reason = format!(
            "{} ({}:{}) says the same for all its clients; nothing but its device is its own ({}:{})",
            self.named(&one.at),
            one.at.file,
            one.at.line,
            device.file,
            device.line
        );
        let by_hand = "take the device out of the fleet and define the client by itself, or leave the difference alone with an \
                       exception";
        let help = match self.shared {
            SharedLines::Kept => format!("`--into-profile` writes what all of them have alike; else {by_hand}"),
            SharedLines::Written => by_hand.to_owned(),
        };
        LeftAsIs::new(reason, help)
    }

    fn moved(&self, one: &ClientDrift, from: &Scope) -> Result<Vec<PlacedEdit>, LeftAsIs> {
        if from.is_unresolved() {
            let reason = format!("the server does not show where it is now ({from})");
            return Err(LeftAsIs::new(reason, EDIT_BY_HAND));
        }
        let Scope { telsys, partition, device } = from;
        let mut edits = Vec::new();
        if *telsys != one.scope.telsys {
            edits.push(self.own(one, &["scope", "telsys"], (None, Some(number(telsys.number()))))?);
        }
        if *partition != one.scope.partition {
            let partition = (*partition != Partition::All).then(|| number(partition.number()));
            edits.push(self.own(one, &["scope", "partition"], (None, partition))?);
        }
        if *device != one.scope.device {
            let device = match device {
                Device::All => None,
                Device::One(number) => Some(Json::text(number.as_str())),
            };
            edits.push(self.own(one, &["scope", "device"], (None, device))?);
        }
        Ok(edits)
    }

    fn head(&self, at: &Location) -> Option<&DocumentHead> {
        DocumentHead::of_line(self.heads.get(&**at.file)?, at.line)
    }

    fn is_fleet(&self, at: &Location) -> bool {
        self.head(at).is_some_and(DocumentHead::is_fleet)
    }

    /// Names the document of a line: ``profile `base` ``.
    fn named(&self, at: &Location) -> String {
        self.head(at).map_or_else(
            || format!("{}:{}", at.file, at.line),
            |head| {
                let kind = if head.is_fleet() { "fleet" } else { "profile" };
                format!("{kind} `{}`", head.name.escape_debug())
            },
        )
    }
}

fn number(number: i64) -> Json {
    Json::from(serde_json::Value::from(number))
}

fn edit(path: &[&str], (before, after): (Option<Json>, Option<Json>)) -> ValueEdit {
    ValueEdit { path: path.iter().map(|key| (*key).to_owned()).collect(), before, after }
}
