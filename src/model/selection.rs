//! Which clients a run is about.

use std::mem::Discriminant;

use super::glob::{Glob, beginning, text_glob};
use super::{ClientName, Definition, Desired, LiveClient, Partition, Scope, Shard, Telsys};

/// Which clients this run is about: all, or those that `--select` names, less those that `--exclude` names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// `--select`; empty means all.
    pub select: Vec<Selector>,
    /// `--exclude`.
    pub exclude: Vec<Selector>,
    /// `--shard`.
    pub shard: Option<Shard>,
}

/// One expression of `--select` or `--exclude`.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    /// As it was written.
    text: String,
    kind: SelectorKind,
}

#[derive(Debug, Clone)]
enum SelectorKind {
    /// `name=GLOB`.
    Name(Glob),
    /// `telsys=N`.
    Telsys(Telsys),
    /// `partition=N`.
    Partition(Partition),
    /// `device=GLOB`.
    Device(Glob),
    /// `profile=NAME`.
    Profile(String),
}

impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Selector {}

impl Selector {
    /// Reads an expression, or says what is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("it has no `=`; one of name=GLOB, telsys=N, partition=N, device=GLOB, profile=NAME is expected")?;
        let number = || value.parse::<i64>().map_err(|_| format!("`{value}` is not a number"));
        let glob = || {
            text_glob(value).map_err(|reason| format!("`{}` is not a glob: {reason}", beginning(value).escape_debug()))
        };
        let kind = match key {
            "name" => SelectorKind::Name(glob()?),
            "device" => SelectorKind::Device(glob()?),
            "profile" => SelectorKind::Profile(value.to_owned()),
            "telsys" => SelectorKind::Telsys(Telsys::from_number(number()?).map_err(|error| error.to_string())?),
            "partition" => {
                SelectorKind::Partition(Partition::from_number(number()?).map_err(|error| error.to_string())?)
            }
            _ => return Err(format!("`{key}` is not one of name, telsys, partition, device, profile")),
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// Gives an expression of each kind that fits everything, or nothing.
    pub(crate) fn of_each_kind() -> Vec<Self> {
        ["name=*", "telsys=-1", "partition=-1", "device=*", "profile=*"]
            .into_iter()
            .filter_map(|one| Self::new(one).ok())
            .collect()
    }

    /// Gives the expression as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether it fits a definition.
    pub(crate) fn fits(&self, definition: &Definition) -> bool {
        self.covers(Some(&definition.name), &definition.profiles, &definition.scope)
    }

    /// Tells whether it fits a live client by its scope.
    pub(crate) fn fits_live(&self, live: &LiveClient) -> bool {
        self.covers(None, &[], &live.scope)
    }

    /// Gives what a definition has that the expression is about, as the expression would say it.
    pub(crate) fn said_of(&self, definition: &Definition) -> Vec<String> {
        let Scope { telsys, partition, device } = &definition.scope;
        match &self.kind {
            SelectorKind::Name(_) => vec![format!("name={}", definition.name)],
            SelectorKind::Telsys(_) => vec![format!("telsys={}", telsys.number())],
            SelectorKind::Partition(_) => vec![format!("partition={}", partition.number())],
            SelectorKind::Device(_) => vec![format!("device={}", device.as_str())],
            SelectorKind::Profile(_) => definition.profiles.iter().map(|name| format!("profile={name}")).collect(),
        }
    }

    fn covers(&self, name: Option<&ClientName>, profiles: &[std::sync::Arc<str>], scope: &Scope) -> bool {
        match &self.kind {
            SelectorKind::Name(glob) => name.is_some_and(|name| glob.is_match(name.as_str())),
            SelectorKind::Telsys(telsys) => *telsys == scope.telsys,
            SelectorKind::Partition(partition) => *partition == scope.partition,
            SelectorKind::Device(glob) => glob.is_match(scope.device.as_str()),
            SelectorKind::Profile(profile) => profiles.iter().any(|name| **name == **profile),
        }
    }
}

impl Selection {
    /// Tells whether everything is selected.
    pub(crate) fn is_all(&self) -> bool {
        self.select.is_empty() && self.exclude.is_empty()
    }

    /// Tells whether clients may be left out, by an expression or because they are of another shard.
    pub(crate) fn leaves_out(&self) -> bool {
        !self.is_all() || self.shard.is_some()
    }

    /// Gives every expression.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.select.iter().chain(&self.exclude)
    }

    /// Tells whether any definition is selected.
    pub(crate) fn covers_any(&self, desired: &Desired) -> bool {
        desired.clients.values().any(|definition| self.covers(definition))
    }

    /// Tells whether a definition is selected: by every kind of expression that `--select` names, and by no `--exclude`.
    pub(crate) fn covers(&self, definition: &Definition) -> bool {
        self.decide(Some(&definition.name), &definition.profiles, &definition.scope)
    }

    /// Tells whether a step is selected: by its definition as far as there is one, else by its scope alone.
    pub(crate) fn covers_step(&self, name: Option<&ClientName>, scope: &Scope, desired: &Desired) -> bool {
        match name.and_then(|name| desired.clients.get(name)) {
            Some(definition) => self.covers(definition),
            None => self.decide(name, &[], scope),
        }
    }

    /// Tells whether an unmanaged live client is selected; it has no name and no profile.
    pub(crate) fn covers_unmanaged(&self, live: &LiveClient) -> bool {
        self.decide(None, &[], &live.scope)
    }

    /// Tells whether a scope is in the shard that this run is about.
    pub(crate) fn is_of_shard(&self, scope: &Scope) -> bool {
        self.shard.is_none_or(|shard| shard.owns(scope.telsys))
    }

    fn decide(&self, name: Option<&ClientName>, profiles: &[std::sync::Arc<str>], scope: &Scope) -> bool {
        let covers = |selector: &Selector| selector.covers(name, profiles, scope);
        // Expressions of one kind are alternatives, different kinds narrow each other.
        let mut kinds: Vec<(Discriminant<SelectorKind>, bool)> = Vec::new();
        for one in &self.select {
            let kind = std::mem::discriminant(&one.kind);
            match kinds.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, selected)) => *selected = *selected || covers(one),
                None => kinds.push((kind, covers(one))),
            }
        }
        self.is_of_shard(scope) && kinds.iter().all(|(_, selected)| *selected) && !self.exclude.iter().any(covers)
    }
}
