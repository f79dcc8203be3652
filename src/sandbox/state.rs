//! What the five operations mean, as pure decisions over the clients; nothing here does I/O.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::client::{BodyField, Draft, Resolvable, StoredClient, Touch};
use super::dialect::{Dialect, EmptyId, Omitted, ScopeCheck, Unseen};
use super::estate::{Estate, User};
use super::places::Places;
use super::refusal::{ClientError, Refusal};
use super::rights::WriteAccess;
use crate::model::{ClientId, Scope};

/// A write that somebody asks for.
#[derive(Debug, Clone)]
pub(super) enum WriteRequest {
    Add { scope: Scope, draft: Draft },
    Change { scope: Scope, id: ClientId, draft: Draft },
    Delete { scope: Scope, id: ClientId },
}

/// What a write does to the clients, once it is decided.
#[derive(Debug, Clone)]
pub(super) enum WriteEffect {
    Put(Arc<StoredClient>),
    Remove(ClientId),
}

/// What operations need to know besides the clients.
#[derive(Debug)]
pub(super) struct World {
    pub(super) estate: Estate,
    pub(super) places: Places,
    pub(super) dialect: Dialect,
}

/// The clients by id and by true scope: all that decisions need.
#[derive(Debug, Clone, Default)]
pub(super) struct Clients {
    by_id: BTreeMap<ClientId, Arc<StoredClient>>,
    by_scope: HashMap<Scope, ClientId>,
}

impl Clients {
    /// Takes clients as they were stored.
    pub(super) fn new(clients: impl IntoIterator<Item = Arc<StoredClient>>) -> Self {
        let mut all = Self::default();
        for client in clients {
            all.settle(&WriteEffect::Put(client));
        }
        all
    }

    /// Gives the clients in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<StoredClient>> {
        self.by_id.values()
    }

    pub(super) fn has(&self, id: &ClientId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Carries out what was decided, and gives the client that was there before.
    pub(super) fn settle(&mut self, effect: &WriteEffect) -> Option<Arc<StoredClient>> {
        match effect {
            WriteEffect::Put(client) => {
                self.by_scope.insert(client.scope.clone(), client.id.clone());
                self.by_id.insert(client.id.clone(), Arc::clone(client))
            }
            WriteEffect::Remove(id) => {
                let client = self.by_id.remove(id)?;
                self.by_scope.remove(&client.scope);
                Some(client)
            }
        }
    }

    /// Decides Info: the client, if the user may see it under this path.
    pub(super) fn info(
        &self,
        world: &World,
        user: &User,
        scope: &Scope,
        id: &ClientId,
    ) -> Result<Arc<StoredClient>, Refusal> {
        let client = self.find(world, user, scope, id)?;
        resolved(&client)?;
        Ok(client)
    }

    /// Decides a write. `fresh` makes an id that is not in use; it is called for an Add that names none.
    pub(super) fn decide(
        &self,
        world: &World,
        user: &User,
        write: WriteRequest,
        touch: Touch,
        fresh: impl FnOnce() -> ClientId,
    ) -> Result<WriteEffect, Refusal> {
        if user.access == WriteAccess::ReadOnly {
            return Err(ClientError::NotEnoughPermissions.into());
        }
        match write {
            WriteRequest::Add { scope, draft } => self.add(world, user, scope, draft, touch, fresh),
            WriteRequest::Change { scope, id, draft } => {
                let client = self.find(world, user, &scope, &id)?;
                user.rights.permit_write(&client.scope, &id)?;
                resolved(&client)?;
                check(world, &draft)?;
                let mut client = StoredClient::clone(&client);
                client.put(draft, world.dialect.put, touch);
                Ok(WriteEffect::Put(Arc::new(client)))
            }
            WriteRequest::Delete { scope, id } => {
                let client = self.find(world, user, &scope, &id)?;
                user.rights.permit_write(&client.scope, &id)?;
                Ok(WriteEffect::Remove(id))
            }
        }
    }

    fn add(
        &self,
        world: &World,
        user: &User,
        scope: Scope,
        draft: Draft,
        touch: Touch,
        fresh: impl FnOnce() -> ClientId,
    ) -> Result<WriteEffect, Refusal> {
        user.rights.permit_add(&scope)?;
        world.places.require(&scope).map_err(|_| ClientError::DeviceNotFound)?;
        check(world, &draft)?;
        if world.dialect.omitted == Omitted::Refused && draft.omits() {
            return Err(ClientError::NoConfigProvided.into());
        }
        let id = match &draft.id {
            BodyField::Set(id) => {
                let malformed = || Refusal::Malformed("`ID` does not have the shape of an id".to_owned());
                ClientId::from_person(id).ok_or_else(malformed)?
            }
            BodyField::Null | BodyField::LeftOut | BodyField::Unnamed => fresh(),
        };
        if self.has(&id) {
            return Err(ClientError::ExistsForId.into());
        }
        if self.by_scope.contains_key(&scope) {
            return Err(ClientError::ExistsForScope.into());
        }
        Ok(WriteEffect::Put(Arc::new(StoredClient::new(id, scope, draft, touch))))
    }

    /// Finds the client that the path of Info, Change or Delete names, if the user may see it.
    fn find(&self, world: &World, user: &User, scope: &Scope, id: &ClientId) -> Result<Arc<StoredClient>, Refusal> {
        let client = self.by_id.get(id).ok_or(ClientError::NotFound)?;
        let fits = match world.dialect.scope_check {
            ScopeCheck::Lenient => true,
            ScopeCheck::Strict => *scope == client.scope || *scope == client.shown_scope(),
        };
        if fits {
            return match world.dialect.unseen {
                _ if user.rights.sees(&client.scope, id) => Ok(Arc::clone(client)),
                Unseen::Refused => Err(ClientError::NotEnoughPermissions.into()),
                Unseen::NotFound => Err(ClientError::NotFound.into()),
            };
        }
        let known = scope.is_unresolved() || world.places.require(scope).is_ok();
        Err(if known { ClientError::NotFound } else { ClientError::DeviceNotFound }.into())
    }
}

fn resolved(client: &StoredClient) -> Result<(), Refusal> {
    match client.resolved {
        Resolvable::Yes => Ok(()),
        Resolvable::No => Err(ClientError::NotResolved.into()),
    }
}

/// Refuses a body without configuration (30001) and one with a CM environment that the estate does not know (30007).
fn check(world: &World, draft: &Draft) -> Result<(), Refusal> {
    if draft.is_empty() {
        return Err(ClientError::NoConfigProvided.into());
    }
    match &draft.cm_environment_id {
        BodyField::Set(id) if id.is_empty() && world.dialect.empty_id == EmptyId::Refused => {
            Err(ClientError::NotResolved.into())
        }
        BodyField::Set(id) if !world.estate.knows_cm_environment(id) => Err(ClientError::NotResolved.into()),
        _ => Ok(()),
    }
}
