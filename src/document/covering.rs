//! What `show --covering SCOPE -o json` writes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parts::{FormatVersionV1, PositionV1, TargetV1, count, names};
use crate::model::{
    ClientId, ClientName, DeclaredEntries, Definition, Desired, Field, Live, LiveClient, Location, Policy, Presence,
    Reach, Scope, Sensitive, Telsys,
};
use crate::plan::{Binding, bind};
use crate::redact::{Mask, Shown};

/// What is said of the levels: the vendor's page of the API tells scopes and no order between them.
const NO_PRECEDENCE: &str = "the vendor documents no precedence between these levels: which value holds where several \
     clients have a key is for the server to say";

/// `show --covering SCOPE`: every client whose scope covers a device, a partition or a telephony server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Covering clients")]
pub(crate) struct CoveringV1 {
    pub(crate) format_version: FormatVersionV1,
    /// What is covered.
    pub(crate) scope: Scope,
    /// The server whose live clients were read; null if none was.
    pub(crate) target: Option<TargetV1>,
    /// The most general scope first; of one scope the definition first, then the live client.
    pub(crate) clients: Vec<CoveringClientV1>,
    /// Every field and key that one of them holds.
    pub(crate) keys: Vec<CoveredKeyV1>,
    /// What is known of the order of the levels.
    pub(crate) precedence: Cow<'static, str>,
    /// How many live clients may cover it too: the server hides their scope, or their row could not be read.
    pub(crate) uncertain: u64,
    /// Whether live clients of all telephony servers were listed; false where the server refused that.
    pub(crate) listed_everywhere: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CoveringClientV1 {
    /// How `values` name it: counted from 1.
    pub(crate) number: u64,
    pub(crate) side: CoveringSideV1,
    /// The definition; null for a live client that git does not define.
    pub(crate) client: Option<ClientName>,
    pub(crate) scope: Scope,
    pub(crate) id: Option<ClientId>,
    /// Where the definition stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
    /// Fields of a live client whose value is not known.
    pub(crate) unreadable: Vec<Cow<'static, str>>,
    /// Whether a live client lies outside of `manage`, so that it is not read in detail.
    pub(crate) outside: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CoveringSideV1 {
    /// What git says.
    Defined,
    /// What the server has.
    Live,
}

/// A field, or one key of it, at each level that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CoveredKeyV1 {
    pub(crate) field: Cow<'static, str>,
    /// The key, for `policies` and `settings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Arc<str>>,
    pub(crate) values: Vec<CoveredValueV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CoveredValueV1 {
    /// The number of the client.
    pub(crate) client: u64,
    pub(crate) value: Shown,
    /// The line of the definitions that says the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<PositionV1>,
}

/// The live side of the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CoveringLive<'a> {
    pub(crate) live: &'a Live,
    pub(crate) policy: &'a Policy,
    pub(crate) target: &'a TargetV1,
}

impl CoveringV1 {
    /// Makes the document of a scope, with sensitive values masked. A definition of a client that shall be absent covers
    /// nothing.
    pub(crate) fn new(scope: &Scope, desired: &Desired, live: Option<CoveringLive<'_>>, sensitive: &Sensitive) -> Self {
        let all = desired.definitions();
        let defined = all.filter(|one| one.state == Presence::Present && one.scope.contains(scope));
        let mut found: Vec<Covering<'_>> = defined.map(Covering::Defined).collect();
        found.extend(live.into_iter().flat_map(|side| side.covering(scope, desired)));
        found.sort_by_key(Covering::order);
        let (mut clients, mut keys) = (Vec::new(), BTreeMap::new());
        for (number, one) in (1..).zip(&found) {
            clients.push(one.client(number));
            one.note((number, Mask(sensitive)), &mut keys);
        }
        Self {
            format_version: FormatVersionV1::default(),
            scope: scope.clone(),
            target: live.map(|side| side.target.clone()),
            clients,
            keys: keys
                .into_iter()
                .map(|((field, key), values)| CoveredKeyV1 { field: field.name().into(), key, values })
                .collect(),
            precedence: NO_PRECEDENCE.into(),
            uncertain: live.map_or(0, |side| side.uncertain(scope)),
            listed_everywhere: live.is_some_and(|side| side.live.reach == Reach::Everywhere),
        }
    }
}

type CoveredKeys = BTreeMap<(Field, Option<Arc<str>>), Vec<CoveredValueV1>>;

/// A client that covers the scope.
enum Covering<'a> {
    Defined(&'a Definition),
    Live { live: &'a LiveClient, name: Option<ClientName>, outside: bool },
}

impl<'a> CoveringLive<'a> {
    fn covering(self, scope: &Scope, desired: &Desired) -> Vec<Covering<'a>> {
        let Self { live, policy, target: _ } = self;
        let bound = bind(desired, live, policy).bound.into_iter();
        let names: BTreeMap<ClientId, ClientName> = bound
            .filter_map(|(name, binding)| match binding {
                Binding::Live(id) => Some((id, name)),
                Binding::None | Binding::Blocked(_) => None,
            })
            .collect();
        let covering = live.clients.values().filter(|row| row.scope.contains(scope));
        let covering = covering.map(|row| Covering::Live {
            live: row,
            name: names.get(&row.id).cloned(),
            outside: !policy.boundary.contains(&row.scope),
        });
        covering.collect()
    }

    /// Counts the live clients of which nobody can tell whether they cover the scope.
    fn uncertain(self, scope: &Scope) -> u64 {
        let here = |telsys: Telsys| telsys == scope.telsys || telsys == Telsys::All;
        let hidden = self.live.clients.values().filter(|row| row.scope.is_unresolved() && here(row.scope.telsys));
        let unread = self.live.unread.iter().filter(|row| match &row.scope {
            Some(known) if !known.is_unresolved() => known.contains(scope),
            Some(_) | None => row.may_be_in(scope.telsys),
        });
        count(hidden) + count(unread)
    }
}

impl Covering<'_> {
    fn order(&self) -> ([bool; 3], Scope, CoveringSideV1, Option<ClientName>, Option<ClientId>) {
        let CoveringClientV1 { side, client, scope, id, .. } = self.client(0);
        (scope.narrowness(), scope, side, client, id)
    }

    fn client(&self, number: u64) -> CoveringClientV1 {
        match self {
            Self::Defined(definition) => CoveringClientV1 {
                number,
                side: CoveringSideV1::Defined,
                client: Some(definition.name.clone()),
                scope: definition.scope.clone(),
                id: definition.id.as_ref().map(|id| id.value.clone()),
                source: Some((&definition.at).into()),
                unreadable: Vec::new(),
                outside: false,
            },
            Self::Live { live, name, outside } => CoveringClientV1 {
                number,
                side: CoveringSideV1::Live,
                client: name.clone(),
                scope: live.scope.clone(),
                id: Some(live.id.clone()),
                source: None,
                unreadable: names(&live.content.unknown()),
                outside: *outside,
            },
        }
    }

    /// Notes what the client holds.
    fn note(&self, (client, mask): (u64, Mask<'_>), keys: &mut CoveredKeys) {
        let mut push = |field: Field, key: Option<&Arc<str>>, value: Shown, at: Option<&Location>| {
            let source = at.map(PositionV1::from);
            keys.entry((field, key.cloned())).or_default().push(CoveredValueV1 { client, value, source });
        };
        match self {
            Self::Defined(definition) => {
                for (field, text) in definition.spec.texts() {
                    text.iter().for_each(|one| push(field, None, mask.text(field, &one.value), Some(&one.at)));
                }
                for (field, entries) in definition.spec.entries() {
                    for (key, one) in entries.iter().flat_map(DeclaredEntries::iter) {
                        push(field, Some(key), mask.entry(field, key, one.value), Some(&one.at()));
                    }
                }
            }
            Self::Live { live, .. } => {
                let known = live.content.known();
                for (field, text) in known.texts() {
                    let set = text.and_then(|text| text.set());
                    set.into_iter().for_each(|text| push(field, None, mask.text(field, text), None));
                }
                for (field, entries) in known.entries() {
                    for (key, value) in entries.iter().flat_map(|entries| entries.iter()) {
                        push(field, Some(key), mask.entry(field, key, value), None);
                    }
                }
            }
        }
    }
}

/// Names the live clients that cover a scope, lie in the boundary, and were not read in detail yet.
pub(crate) fn covering_to_read(scope: &Scope, live: &Live, policy: &Policy) -> BTreeSet<ClientId> {
    let covers = |row: &&LiveClient| row.scope.contains(scope) && policy.boundary.contains(&row.scope);
    let rows = live.clients.values().map(Box::as_ref).filter(covers).filter(|row| row.has_unread());
    rows.map(|row| row.id.clone()).collect()
}
