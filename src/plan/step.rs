//! One step of a plan: what is written, why, and what must still be true when it is.

use std::sync::Arc;

use serde::Serialize;

use super::likely::LikelyMove;
use crate::model::{
    ClientId, ClientName, Field, FieldPath, Fingerprint, Labels, LiveClient, Location, Origin, Payload, Scope,
};
use crate::redact::{Image, Shown};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Adds a client that git defines and the server lacks.
    Add,
    /// Changes a client in place.
    Change,
    /// Deletes a client and adds it in another scope: Change is not known to move anything.
    Replace,
    /// Deletes a client.
    Delete,
}

impl Action {
    /// All actions in the order in which they are counted.
    pub(crate) const ALL: [Self; 4] = [Self::Add, Self::Change, Self::Replace, Self::Delete];

    /// Gives the word of the plan document.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }

    /// Gives the symbol of the text plan.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Change => "~",
            Self::Replace => "±",
            Self::Delete => "-",
        }
    }

    /// Tells whether the action destroys a live client, as the delete limit counts it.
    pub(crate) fn is_destructive(self) -> bool {
        matches!(self, Self::Delete | Self::Replace)
    }
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The number that people and reports call it by, from 1.
    pub number: usize,
    /// The definition's name; `None` for an unmanaged client that is pruned.
    pub client: Option<ClientName>,
    /// Where the client shall be; for a delete, where it is.
    pub scope: Scope,
    /// Where the definition stands.
    pub at: Option<Location>,
    /// What apply sends. It holds true values and is never shown.
    pub write: Write,
    /// The live content, as it may be shown; `None` for an add.
    pub before: Option<Image>,
    /// The content after the step, as it may be shown; `None` for a delete.
    pub after: Option<Image>,
    /// The differences, field by field and key by key.
    pub changes: Vec<FieldChange>,
    /// What must still be true directly before the step is written.
    pub precondition: Precondition,
    /// The numbers of the steps that free the scope that this step needs.
    pub after_steps: Vec<usize>,
    /// Fields that the server does not show, so that no before-image has them.
    pub unreadable: Vec<Field>,
    /// Of a replace: what goes along although git does not hold it. Once the old client is deleted nothing else knows it for certain.
    pub carried: Vec<FieldPath>,
    /// What the server calls the place, and who changed the live client last.
    pub labels: Labels,
    /// Of an add: the live clients that it may be meant to move.
    pub likely_move: Option<LikelyMove>,
}

/// What apply sends for a step.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Add `payload` at the step's scope.
    Add {
        /// The whole content.
        payload: Payload,
    },
    /// Change the live client to `payload`.
    Change {
        /// The client as it was read.
        live: Box<LiveClient>,
        /// The whole content.
        payload: Payload,
    },
    /// Delete the live client, then add `payload` at the step's scope.
    Replace {
        /// The client as it was read, in the scope that it leaves.
        live: Box<LiveClient>,
        /// The whole content.
        payload: Payload,
    },
    /// Delete the live client.
    Delete {
        /// The client as it was read.
        live: Box<LiveClient>,
    },
}

impl Step {
    /// Gives the action.
    pub(crate) fn action(&self) -> Action {
        match &self.write {
            Write::Add { .. } => Action::Add,
            Write::Change { .. } => Action::Change,
            Write::Replace { .. } => Action::Replace,
            Write::Delete { .. } => Action::Delete,
        }
    }

    /// Gives the live client that the step writes to, if there is one.
    pub(crate) fn live(&self) -> Option<&LiveClient> {
        match &self.write {
            Write::Add { .. } => None,
            Write::Change { live, .. } | Write::Replace { live, .. } | Write::Delete { live } => Some(live),
        }
    }

    /// Gives the content that the step writes, if it writes any.
    pub(crate) fn payload(&self) -> Option<&Payload> {
        match &self.write {
            Write::Add { payload } | Write::Change { payload, .. } | Write::Replace { payload, .. } => Some(payload),
            Write::Delete { .. } => None,
        }
    }

    /// Gives the id of the live client that the step writes to, if there is one.
    pub(crate) fn id(&self) -> Option<&ClientId> {
        self.live().map(|live| &live.id)
    }

    /// Gives the scope that the step frees, if it frees one.
    pub(crate) fn frees(&self) -> Option<&Scope> {
        match &self.write {
            Write::Add { .. } | Write::Change { .. } => None,
            Write::Replace { live, .. } | Write::Delete { live } => Some(&live.scope),
        }
    }

    /// Gives the scope that the step needs free, if it needs one.
    pub(crate) fn needs(&self) -> Option<&Scope> {
        match &self.write {
            Write::Add { .. } | Write::Replace { .. } => Some(&self.scope),
            Write::Change { .. } | Write::Delete { .. } => None,
        }
    }

    /// Gives the scopes that the step has to do with: where the client shall be, and where it is.
    pub(crate) fn touches(&self) -> impl Iterator<Item = &Scope> {
        std::iter::once(&self.scope).chain(self.live().map(|live| &live.scope))
    }

    /// Names the step's client for a person: its name, or the scope of an unmanaged one.
    pub(crate) fn title(&self) -> String {
        self.client.as_ref().map_or_else(|| self.scope.to_string(), ToString::to_string)
    }
}

/// One difference of a step: a field, or one key of `policies` or `settings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// The field.
    pub field: Field,
    /// The key inside `policies` or `settings`.
    pub key: Option<Arc<str>>,
    /// The live side.
    pub before: Side,
    /// The desired side.
    pub after: Side,
    /// Where the desired value was written: the profile's line when a profile set it.
    pub at: Option<Location>,
    /// Whether that is the client's own document.
    pub origin: Origin,
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    /// There is no value.
    Absent,
    /// There is this value.
    Value(Shown),
    /// The server does not show the value.
    Unreadable,
}

/// What must still be true directly before a step is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// No live client has the step's scope, besides those listed here that earlier steps remove.
    ScopeIsFree {
        /// Ids of the scope that exist now and that the step's `after_steps` remove.
        known: Vec<ClientId>,
    },
    /// The whole live client is as it was read.
    Unchanged {
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
}
