//! The keys of plans: the one that signs them, and the one under which sensitive values are digested.

use std::io;
use std::path::Path;

use rand::RngExt as _;
use secrecy::zeroize::Zeroizing;

use super::environment::{FileAccess, create_new};
use super::error::PlanKeyError;
use super::variables::{HeardVariable, VariableValue};
use crate::apply::create_private_folder;
use crate::manifest::read_regular;
use crate::model::{DigestKey, FieldPattern, KeySource, hex};

/// The folder beside the configuration with what is kept between commands: the journals, and a key of chance.
pub(super) const STATE: &str = ".icsync";
/// The key's file in it.
pub(super) const KEY_FILE: &str = "key";

/// The longest file of a key, in bytes: a line, and whatever blanks an editor leaves.
const LONGEST_KEY: u64 = 1024;

/// What becomes of what is digested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Digested {
    /// It is compared, and leaves the process in no form.
    #[default]
    Compared,
    /// It goes into a report, where equal files shall give equal bytes.
    Reported,
    /// It is saved in a plan or a journal, and compared with later.
    Saved,
}

/// A key that is wiped from memory where it is dropped.
pub(super) struct SecretBytes(Zeroizing<Vec<u8>>);

impl std::ops::Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Gives the key that signs plans, if one is set.
pub(super) fn plan_key() -> Option<SecretBytes> {
    match HeardVariable::PlanKey.read() {
        VariableValue::Text(key) if !key.is_empty() => Some(SecretBytes(Zeroizing::new(key.into_bytes()))),
        VariableValue::Text(_) | VariableValue::NotText | VariableValue::Unset => None,
    }
}

/// Gives the key for a plan that is saved or was: one that is set and empty would switch the check off unseen.
pub(super) fn saving_key() -> Result<Option<SecretBytes>, PlanKeyError> {
    match HeardVariable::PlanKey.read() {
        VariableValue::Unset => Ok(None),
        VariableValue::NotText => Err(PlanKeyError::NotText),
        VariableValue::Text(key) if key.is_empty() => Err(PlanKeyError::Empty),
        VariableValue::Text(key) => Ok(Some(SecretBytes(Zeroizing::new(key.into_bytes())))),
    }
}

/// Gives the key of digests: the plan key, so that several jobs can compare, else one of chance that stays on this machine,
/// in the state folder below `root`. Without patterns nothing is digested.
pub(super) fn digest_key(
    root: &Path,
    patterns: &[FieldPattern],
    digested: Digested,
) -> Result<DigestKey, PlanKeyError> {
    let plan_key = if digested == Digested::Saved { saving_key()? } else { plan_key() };
    if let Some(key) = plan_key {
        return Ok(DigestKey::new(&key, KeySource::PlanKey));
    }
    if patterns.is_empty() || digested == Digested::Compared {
        return Ok(of_this_process());
    }
    match (kept(&root.join(STATE)), digested) {
        (Err(_), Digested::Reported) => Ok(of_this_process()),
        (kept, _) => kept,
    }
}

/// Gives a key of digests that never leave the process.
pub(super) fn of_this_process() -> DigestKey {
    DigestKey::new(&chance(), KeySource::Process)
}

fn chance() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rng().fill(&mut bytes);
    bytes
}

/// Reads the key of a folder, which is made when there is none. Of two processes that make one, both take the first.
fn kept(folder: &Path) -> Result<DigestKey, PlanKeyError> {
    let path = folder.join(KEY_FILE);
    let failed = |source: io::Error| PlanKeyError::NotKept { path: path.clone(), source };
    let content = |path: &Path| read_regular(path, LONGEST_KEY).map(Zeroizing::new);
    let line = match content(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder, &path).and_then(|()| content(&path)).map_err(failed)?
        }
        read => read.map_err(failed)?,
    };
    let key = line.trim_ascii();
    if key.len() == 64 && key.iter().all(u8::is_ascii_hexdigit) {
        return Ok(DigestKey::new(key, KeySource::Kept));
    }
    Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it does not hold 64 hexadecimal digits")))
}

/// Makes a key, which git shall not keep either.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    create_private_folder(folder)?;
    keep_from_git(folder)?;
    create_once(path, &format!("{}\n", hex(&chance())))
}

/// Makes the folder of the state, for its owner only: nothing in it is for git. One that is there and closed to us may have
/// parts that are open.
pub(super) fn make_state(folder: &Path) -> io::Result<()> {
    create_private_folder(folder)?;
    let _ = keep_from_git(folder);
    Ok(())
}

fn keep_from_git(folder: &Path) -> io::Result<()> {
    create_once(&folder.join(".gitignore"), "*\n")
}

fn create_once(path: &Path, line: &str) -> io::Result<()> {
    match create_new(path, line.as_bytes(), FileAccess::Private) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    }
}
