//! `icsync.yaml`: the targets, the boundary, and what a plan may do.

mod danger;
mod exceptions;
mod masking;
mod network;
mod protect;
mod read;
mod rollout;
mod rules;
mod target;
mod vars;
mod windows;
mod wording;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::danger::Dangers;
use self::exceptions::{PlacedException, attach};
pub(crate) use self::network::duration;
pub(super) use self::read::{Config, read_config};
pub(crate) use self::rollout::pause;
pub(super) use self::rules::read_patterns;
pub(crate) use self::wording::{ConfigWording, NO_RULE, PRUNE_RULE, TARGET_RULE};
use super::digest::Digest;
use super::variables::Vars;
use crate::catalogue::KeyStrictness;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{
    Auth, Boundary, ClientName, Declared, Definition, Desired, DigestKey, FieldPattern, Limits, Parallelism, Policy,
    Protection, Prune, RolloutRules, Scope, Selection, Sensitive, ServerUrl, Verify, Windows,
};
use crate::text::quote;

/// Which files hold definitions, unless the configuration says otherwise.
pub(crate) const DEFAULT_DEFINITIONS: &str = "clients/**/*.{yaml,yml}";

/// The configuration for one target.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedConfig {
    pub target: String,
    /// The target that is meant where none is named, if the configuration says so.
    default_target: Option<String>,
    pub endpoint: Endpoint,
    /// The `manage` list; without one the boundary is exactly the scopes that the definitions name.
    pub manage: Option<Vec<Scope>>,
    /// What happens to unmanaged clients.
    pub prune: Prune,
    /// How much a plan may destroy or change.
    pub limits: Limits,
    /// In which waves a plan is applied.
    pub rollout: RolloutRules,
    /// When nothing is changed.
    pub windows: Windows,
    /// What is never changed or deleted.
    pub protect: Vec<Protection>,
    /// Where each of its entries is written.
    protect_places: Vec<Place>,
    /// Which fields and keys are never shown.
    pub sensitive: Vec<FieldPattern>,
    /// Where each of them is written.
    sensitive_places: Vec<Place>,
    /// What is left alone for a while.
    exceptions: Vec<PlacedException>,
    /// What a key is that does not fit the catalogue.
    pub keys: KeyStrictness,
    pub requests: Requests,
    pub(super) definitions: DefinitionFiles,
    /// The variables of the target as they are written, before those of the environment stand in them.
    pub written_vars: BTreeMap<String, Declared<String>>,
    pub(super) vars: Vars,
    pub(crate) config_path: Arc<str>,
    pub(super) digest: Digest,
}

/// Which files hold definitions, and which are something else.
#[derive(Debug, Clone, Default)]
pub(super) struct DefinitionFiles {
    /// The globs for the target.
    pub(super) globs: Vec<DefinitionGlob>,
    /// Those of the other targets: what they read is no file that nobody reads.
    pub(super) elsewhere: Vec<Vec<DefinitionGlob>>,
    /// Files that the configuration names as something else, such as an estate.
    pub(super) named: BTreeSet<String>,
    /// What happens to clients that no file defines.
    pub(super) prune: Prune,
}

impl DefinitionFiles {
    /// Takes what globs match.
    pub(super) fn of(globs: Vec<DefinitionGlob>) -> Self {
        Self { globs, ..Self::default() }
    }
}

/// A glob of `definitions` and where it stands; the default stands nowhere.
#[derive(Debug, Clone)]
pub(super) struct DefinitionGlob {
    /// What it is matched by, without the sign of its role.
    pub(super) glob: String,
    pub(super) role: GlobRole,
    pub(super) place: Option<Place>,
}

/// What becomes of the files that a glob matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GlobRole {
    Read,
    /// They are no definitions, whatever else matches them.
    LeaveOut,
}

impl DefinitionGlob {
    /// Takes a glob as it is written: `!` leaves files out.
    pub(super) fn new(written: &str, place: Option<Place>) -> Self {
        let (role, glob) = match written.strip_prefix('!') {
            Some(glob) => (GlobRole::LeaveOut, glob),
            None => (GlobRole::Read, written),
        };
        Self { glob: glob.to_owned(), role, place }
    }
}

/// Where the server of a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// The embedded server on a loopback port, for the run. Paths are relative to the folder of `icsync.yaml`.
    Sandbox {
        /// The file of its store.
        data: String,
        /// What exists in a new store.
        estate: String,
        /// Answers to open questions of the API: name and value.
        dialect: BTreeMap<String, String>,
        /// The file of the failures to produce.
        faults: Option<String>,
    },
    /// A real server.
    Remote {
        /// Where it is; `/CCS/API/v1` is to be added.
        url: ServerUrl,
        /// Certificates to trust besides those of the platform; relative to the folder of `icsync.yaml`.
        ca_file: Option<String>,
        /// What the client shows of itself when a connection is made.
        certificate: Option<CertificateSource>,
        /// How to log in.
        auth: Auth<SecretSource>,
    },
}

/// Where the client's certificate comes from; both parts are in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateSource {
    /// The certificate and its chain; the key too, unless it has a place of its own.
    pub chain: SecretSource,
    /// The key.
    pub key: Option<SecretSource>,
}

/// Where a secret comes from. The secret itself is read when it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// A variable of the environment.
    Env(String),
    /// A file, whose last line break does not belong to the secret; relative to the folder of `icsync.yaml`.
    File(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requests {
    /// How many are in flight at most.
    pub parallelism: Parallelism,
    /// How many rows are asked for at once; 100 unless said otherwise.
    pub page_size: u64,
    /// How long one request may take; 30 seconds unless said otherwise.
    pub timeout: Duration,
    /// How long the whole run may take; for ever unless said otherwise.
    pub deadline: Option<Duration>,
    /// How often one request is repeated; 4 unless said otherwise.
    pub retries: u32,
    /// How many bytes one answer may have; 64 MiB unless said otherwise.
    pub max_body: usize,
    /// Whether what was written is read back.
    pub verify: Verify,
    /// How long a write is looked for that does not show at once.
    pub settle: Duration,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            parallelism: Parallelism::default(),
            page_size: 100,
            timeout: Duration::from_secs(30),
            deadline: None,
            retries: 4,
            max_body: 64 << 20,
            verify: Verify::default(),
            settle: Duration::from_secs(2),
        }
    }
}

impl Endpoint {
    /// Says where each of its secrets comes from.
    fn secrets(&self) -> Vec<&SecretSource> {
        match self {
            Self::Sandbox { .. } => Vec::new(),
            Self::Remote { certificate, auth, .. } => {
                let certificate = certificate.iter().flat_map(|one| one.key.iter().chain([&one.chain]));
                auth.secrets().into_iter().chain(certificate).collect()
            }
        }
    }

    /// Names the variables of the environment that hold its secrets.
    fn secret_variables(&self) -> impl Iterator<Item = &str> {
        self.secrets().into_iter().filter_map(|source| match source {
            SecretSource::Env(name) => Some(name.as_str()),
            SecretSource::File(_) => None,
        })
    }

    /// Names the files that hold its secrets.
    fn secret_files(&self) -> impl Iterator<Item = &str> {
        self.secrets().into_iter().filter_map(|secret| match secret {
            SecretSource::Env(_) => None,
            SecretSource::File(path) => Some(path.as_str()),
        })
    }

    /// Names the files that it is made of, each with what it is.
    fn files(&self) -> Vec<(&str, &'static str)> {
        match self {
            Self::Sandbox { data, estate, dialect: _, faults } => {
                let faults = faults.iter().map(|faults| (&**faults, "the faults of a sandbox"));
                [(&**data, "the store of a sandbox"), (&**estate, "the estate of a sandbox")]
                    .into_iter()
                    .chain(faults)
                    .collect()
            }
            Self::Remote { ca_file, .. } => {
                let certificates = ca_file.iter().map(|path| (&**path, "the certificates that `ca_file` names"));
                self.secret_files().map(|path| (path, "a secret of a target")).chain(certificates).collect()
            }
        }
    }
}

impl ResolvedConfig {
    /// Lets each definition know what is left alone of it, and warns of exceptions that are about none.
    pub(super) fn except(&self, clients: &mut BTreeMap<ClientName, Arc<Definition>>) -> Vec<Diagnostic> {
        attach(&self.exceptions, clients)
    }

    /// Warns of patterns over keys that hide nothing: a typo in one shows what it was to hide.
    pub(crate) fn idle_patterns(&self, hides: impl Fn(&FieldPattern) -> bool) -> Vec<Diagnostic> {
        let idle = self.sensitive.iter().zip(&self.sensitive_places).filter(|(pattern, _)| !hides(pattern));
        let warning = |(pattern, place): (&FieldPattern, &Place)| {
            let message = format!(
                "the sensitive pattern {} matches no key of the definitions and the live clients that were read",
                quote(pattern.as_str())
            );
            let help =
                "compare it with `icsync keys`, letter by letter; remove it if no client of any target has such a key";
            Diagnostic::warning(Code::IdlePattern, message).at(place.clone(), "").help(help)
        };
        idle.map(warning).collect()
    }

    /// Puts together what decides a plan besides the two sides.
    pub(crate) fn policy(&self, desired: &Desired, selection: Selection) -> Policy {
        let boundary = match &self.manage {
            Some(filters) => Boundary::managed(filters),
            None => Boundary::Defined(desired.clients.values().map(|definition| definition.scope.clone()).collect()),
        };
        Policy {
            boundary,
            prune: self.prune,
            limits: self.limits,
            protect: self.protect.clone(),
            sensitive: Sensitive { patterns: self.sensitive.clone(), key: DigestKey::default() },
            selection,
            changed_in_git: BTreeMap::new(),
            not_checked_out: Vec::new(),
        }
    }
}
