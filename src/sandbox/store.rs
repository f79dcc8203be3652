//! The file that the clients survive in: one durable commit per batch of writes, whole after a kill at any moment.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::client::StoredClient;
use super::state::WriteEffect;

/// Clients by id, as JSON.
const CLIENTS: TableDefinition<&str, &[u8]> = TableDefinition::new("clients");
/// Numbers by name: the version of the format, and how many ids were made.
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
const FORMAT: &str = "format";
const IDS_MADE: &str = "ids_made";
const FORMAT_NOW: u64 = 1;
/// A sandbox holds little: redb's own default is 1 GiB.
const CACHE_BYTES: usize = 16 << 20;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder of the store cannot be made.
    #[error("the folder of `{}` cannot be made", path.display())]
    Folder {
        /// The store.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has the store open.
    #[error("`{}` is in use by another sandbox", .0.display())]
    InUse(PathBuf),
    /// The file is no store, or cannot be read or written.
    #[error("`{}` cannot be used as a store", path.display())]
    Database {
        /// The store.
        path: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
    /// The file is a store of another version of this program, or was changed by something else.
    #[error("`{}` holds something that this version cannot read: {problem}", path.display())]
    Content {
        /// The store.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
}

#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    database: Database,
}

/// Creates a folder for its owner only, unless it is there.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates an empty file for its owner only, unless it is there: the database would be readable for all.
/// Tells whether it was made.
fn create_private(path: &Path) -> io::Result<bool> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        done => done.map(|_| true),
    }
}

/// What a store held when it was opened.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) clients: Vec<Arc<StoredClient>>,
    pub(super) ids_made: u64,
}

impl Store {
    /// Opens a store, or makes an empty one.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            private_folder(folder).map_err(|source| StoreError::Folder { path: path.to_owned(), source })?;
        }
        let is_new = create_private(path).map_err(|source| StoreError::Database {
            path: path.to_owned(),
            source: Box::new(redb::Error::Io(source)),
        })?;
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(path).map_err(|error| {
            if is_new {
                // What a full disk left of it could never be opened again. Where it cannot be removed the error says enough.
                let _ = std::fs::remove_file(path);
            }
            match error {
                redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.to_owned()),
                error => StoreError::Database { path: path.to_owned(), source: Box::new(error.into()) },
            }
        })?;
        Ok(Self { path: path.to_owned(), database })
    }

    /// Reads everything; `None` when nothing was ever stored, so that the estate's clients are wanted.
    pub(super) fn load(&self) -> Result<Option<Loaded>, StoreError> {
        let Some((rows, format, ids_made)) = self.read().map_err(|source| self.failed(source))? else {
            return Ok(None);
        };
        let unreadable = |problem: String| StoreError::Content { path: self.path.clone(), problem };
        if format != FORMAT_NOW {
            return Err(unreadable(format!("its format is {format}, not {FORMAT_NOW}")));
        }
        let client = |row: &Vec<u8>| serde_json::from_slice(row).map(Arc::new);
        let clients =
            rows.iter().map(client).collect::<Result<_, _>>().map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(Loaded { clients, ids_made }))
    }

    /// Replaces everything by these clients, durably.
    pub(super) fn replace(&self, clients: &[Arc<StoredClient>], ids_made: u64) -> Result<(), StoreError> {
        let effects: Vec<WriteEffect> = clients.iter().cloned().map(WriteEffect::Put).collect();
        self.write(&effects, ids_made, Keep::Nothing).map_err(|source| self.failed(source))
    }

    /// Carries out effects, all or none, and returns when they are on the disk.
    pub(super) fn commit(&self, effects: &[WriteEffect], ids_made: u64) -> Result<(), StoreError> {
        self.write(effects, ids_made, Keep::Rest).map_err(|source| self.failed(source))
    }

    #[expect(clippy::type_complexity, reason = "the three parts are taken apart by the only caller")]
    fn read(&self) -> Result<Option<(Vec<Vec<u8>>, u64, u64)>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let numbers = match transaction.open_table(NUMBERS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(format) = numbers.get(FORMAT)?.map(|number| number.value()) else { return Ok(None) };
        let ids_made = numbers.get(IDS_MADE)?.map_or(0, |number| number.value());
        let table = transaction.open_table(CLIENTS)?;
        let rows = table.iter()?.map(|row| Ok(row?.1.value().to_vec())).collect::<Result<_, redb::Error>>()?;
        Ok(Some((rows, format, ids_made)))
    }

    fn write(&self, effects: &[WriteEffect], ids_made: u64, keep: Keep) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        if let Keep::Nothing = keep {
            transaction.delete_table(CLIENTS)?;
        }
        {
            let mut clients = transaction.open_table(CLIENTS)?;
            for effect in effects {
                match effect {
                    WriteEffect::Put(client) => clients.insert(client.id.as_str(), bytes(client).as_slice())?,
                    WriteEffect::Remove(id) => clients.remove(id.as_str())?,
                };
            }
            let mut numbers = transaction.open_table(NUMBERS)?;
            numbers.insert(FORMAT, FORMAT_NOW)?;
            numbers.insert(IDS_MADE, ids_made)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn failed(&self, source: redb::Error) -> StoreError {
        StoreError::Database { path: self.path.clone(), source: Box::new(source) }
    }
}

/// What a write leaves of what was stored before.
#[derive(Clone, Copy)]
enum Keep {
    Rest,
    Nothing,
}

fn bytes(client: &StoredClient) -> Vec<u8> {
    serde_json::to_vec(client).expect("a client is made of text, numbers and maps with text keys")
}

/// Empties a store, so that its next user starts from the estate again. A store that does not exist is empty.
pub fn reset(path: &Path) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    let store = Store::open(path)?;
    let empty = || -> Result<(), redb::Error> {
        let transaction = store.database.begin_write()?;
        transaction.delete_table(CLIENTS)?;
        transaction.delete_table(NUMBERS)?;
        transaction.commit()?;
        Ok(())
    };
    empty().map_err(|source| store.failed(source))
}
