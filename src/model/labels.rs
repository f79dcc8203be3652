//! The texts that the server adds for people: what it calls its telephony servers, partitions and devices, and who did what.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Device, Partition, Scope, Telsys};

/// Texts that the server adds to a row for people; never compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    /// `TelSysDescription`.
    pub telsys: Option<Arc<str>>,
    /// `PartitionDescription`.
    pub partition: Option<Arc<str>>,
    /// `DeviceDescription`.
    pub device: Option<Arc<str>>,
    /// `UserIDCreatedBy`: who made the client.
    pub created_by: Option<Arc<str>>,
    /// `DateTimeCreated`: when, as the server writes it.
    pub created_at: Option<Arc<str>>,
    /// `UserIDUpdatedBy`: who changed the client last.
    pub updated_by: Option<Arc<str>>,
    /// `DateTimeUpdated`: when, as the server writes it.
    pub updated_at: Option<Arc<str>>,
}

/// What the server calls its telephony servers and partitions, wherever a row said so. The number says which is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    telsys: BTreeMap<u32, Arc<str>>,
    partitions: BTreeMap<(u32, u32), Arc<str>>,
}

impl Directory {
    /// Takes the texts of a row; where rows disagree, what was said first stays.
    pub(crate) fn note(&mut self, scope: &Scope, labels: &Labels) {
        let Telsys::One(telsys) = scope.telsys else { return };
        if let Some(text) = said(labels.telsys.as_ref()) {
            self.telsys.entry(telsys).or_insert_with(|| Arc::clone(text));
        }
        if let (Partition::One(partition), Some(text)) = (scope.partition, said(labels.partition.as_ref())) {
            self.partitions.entry((telsys, partition)).or_insert_with(|| Arc::clone(text));
        }
    }

    /// Gives the texts of each level that a scope names: those of the client there, which may be elsewhere now, and else
    /// those of any row.
    pub(crate) fn labels(&self, scope: &Scope, client: Option<(&Scope, &Labels)>) -> Labels {
        let same_telsys = client.is_some_and(|(at, _)| at.telsys == scope.telsys);
        let same_partition = same_telsys && client.is_some_and(|(at, _)| at.partition == scope.partition);
        let own = client.map(|(_, labels)| labels.clone()).unwrap_or_default();
        let text = |own: &Option<Arc<str>>, same: bool| said(own.as_ref().filter(|_| same)).cloned();
        let telsys = match scope.telsys {
            Telsys::All => None,
            Telsys::One(telsys) => text(&own.telsys, same_telsys).or_else(|| self.telsys.get(&telsys).cloned()),
        };
        let partition = match (scope.telsys, scope.partition) {
            (Telsys::One(telsys), Partition::One(partition)) => {
                text(&own.partition, same_partition).or_else(|| self.partitions.get(&(telsys, partition)).cloned())
            }
            (Telsys::All, _) | (_, Partition::All | Partition::Unresolved) => None,
        };
        let device = text(&own.device, matches!(scope.device, Device::One(_)));
        Labels { telsys, partition, device, ..own }
    }
}

/// Takes a text that says something.
fn said(text: Option<&Arc<str>>) -> Option<&Arc<str>> {
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        let parts: Vec<&str> = text.split('/').collect();
        let number = |part: &str| if part == "all" { -1 } else { part.parse().expect("a number") };
        let device = if parts[2] == "all" { super::super::ALL_DEVICES } else { parts[2] };
        crate::fixture::scope(number(parts[0]), number(parts[1]), device)
    }

    fn named(telsys: &str, partition: &str, device: &str) -> Labels {
        let text = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
        Labels { telsys: text(telsys), partition: text(partition), device: text(device), ..Labels::default() }
    }

    #[test]
    fn a_scope_without_a_client_is_named_after_any_row_of_its_server_and_partition() {
        let mut directory = Directory::default();
        directory.note(&scope("417/1/100"), &named("Sunshine", "Head office", "Anne"));
        directory.note(&scope("417/2/200"), &named(" ", "Branch", "Ben"));
        directory.note(&scope("417/1/101"), &named("Other", "Other", ""));
        let labels = |at: &str| directory.labels(&scope(at), None);
        assert_eq!(labels("417/1/999"), named("Sunshine", "Head office", ""));
        assert_eq!(labels("417/2/999"), named("Sunshine", "Branch", ""));
        assert_eq!(labels("417/all/all"), named("Sunshine", "", ""));
        assert_eq!(labels("418/1/100"), Labels::default());
    }

    #[test]
    fn a_client_lends_only_the_levels_that_the_scope_names_too() {
        let directory = Directory::default();
        let own = Labels { updated_by: Some("kim".into()), ..named("Sunshine", "Head office", "Anne") };
        let at = scope("417/1/100");
        let labels = |to: &str| directory.labels(&scope(to), Some((&at, &own)));
        assert_eq!(labels("417/1/100"), own);
        assert_eq!(labels("417/2/100"), Labels { partition: None, ..own.clone() });
        let moved = labels("418/all/all");
        assert_eq!((moved.telsys, moved.device, moved.updated_by.as_deref()), (None, None, Some("kim")));
    }
}
