//! Which keys each mapping takes, in the order in which `icsync fmt` writes them.

/// The kinds of mappings in the files of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mapping {
    Config,
    Targets,
    Target,
    Sandbox,
    Auth,
    Login,
    Certificate,
    Secret,
    Limits,
    Limit,
    Requests,
    Filter,
    Protection,
    Client,
    Profile,
    Fleet,
    Template,
    DevicesFrom,
    Scope,
    Owns,
    /// Its keys are the user's.
    Free,
}

impl Mapping {
    /// Every mapping whose keys are known.
    #[cfg(test)]
    pub(super) const FIXED: [Self; 19] = [
        Self::Config,
        Self::Target,
        Self::Sandbox,
        Self::Auth,
        Self::Login,
        Self::Certificate,
        Self::Secret,
        Self::Limits,
        Self::Limit,
        Self::Requests,
        Self::Filter,
        Self::Protection,
        Self::Client,
        Self::Profile,
        Self::Fleet,
        Self::Template,
        Self::DevicesFrom,
        Self::Scope,
        Self::Owns,
    ];

    /// Gives the mapping that a document is, by its `kind`.
    pub(super) fn of_kind(kind: &str) -> Self {
        match kind {
            "Config" => Self::Config,
            "IntegratorClient" => Self::Client,
            "Profile" => Self::Profile,
            "Fleet" => Self::Fleet,
            _ => Self::Free,
        }
    }

    /// Gives the keys that a mapping takes; none where they are the user's.
    pub(super) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Config => &[
                "kind",
                "definitions",
                "default_target",
                "targets",
                "vars",
                "manage",
                "prune",
                "limits",
                "protect",
                "sensitive",
                "requests",
            ],
            Self::Target => &["sandbox", "url", "ca_file", "auth", "vars", "manage", "prune", "limits", "definitions"],
            Self::Sandbox => &["data", "estate", "dialect", "faults"],
            Self::Auth => &["api_key", "login", "session", "certificate"],
            Self::Login => &["username", "password", "locale"],
            Self::Certificate => &["env", "file", "key"],
            Self::Secret => &["env", "file"],
            Self::Limits => &["delete", "change"],
            Self::Limit => &["count", "percent"],
            Self::Requests => &["parallelism", "page_size", "timeout", "deadline", "retries", "verify"],
            Self::Scope | Self::Filter => &["telsys", "partition", "device"],
            Self::Protection => &["telsys", "partition", "device", "id"],
            Self::Client => &[
                "kind",
                "name",
                "scope",
                "id",
                "description",
                "cm_environment_id",
                "profiles",
                "policies",
                "settings",
                "owns",
                "ignore",
                "state",
            ],
            Self::Profile => &[
                "kind",
                "name",
                "extends",
                "description",
                "cm_environment_id",
                "policies",
                "settings",
                "owns",
                "ignore",
            ],
            Self::Fleet => &["kind", "name", "scope", "devices", "devices_from", "template"],
            Self::Template => {
                &["description", "cm_environment_id", "profiles", "policies", "settings", "owns", "ignore", "state"]
            }
            Self::DevicesFrom => &["csv", "column", "key"],
            Self::Owns => &["policies", "settings"],
            Self::Targets | Self::Free => &[],
        }
    }

    /// Gives the mapping that stands below a key, in a list or by itself.
    pub(super) fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Config, "targets") => Self::Targets,
            (Self::Targets, _) => Self::Target,
            (Self::Config | Self::Target, "manage") => Self::Filter,
            (Self::Config | Self::Target, "limits") => Self::Limits,
            (Self::Limits, "delete" | "change") => Self::Limit,
            (Self::Config, "protect") => Self::Protection,
            (Self::Config, "requests") => Self::Requests,
            (Self::Target, "sandbox") => Self::Sandbox,
            (Self::Target, "auth") => Self::Auth,
            (Self::Auth, "login") => Self::Login,
            (Self::Auth, "certificate") => Self::Certificate,
            (Self::Auth, "api_key" | "session")
            | (Self::Login, "username" | "password")
            | (Self::Certificate, "key") => Self::Secret,
            (Self::Client | Self::Fleet, "scope") => Self::Scope,
            (Self::Fleet, "devices_from") => Self::DevicesFrom,
            (Self::Fleet, "template") => Self::Template,
            (Self::Client | Self::Profile | Self::Template, "owns") => Self::Owns,
            _ => Self::Free,
        }
    }
}
