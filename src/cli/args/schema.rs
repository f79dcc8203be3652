//! The command line of `schema`.

use clap::{Args, ValueEnum};

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArguments {
    /// The document: `icsync.yaml`, a definition (with the keys of keys.yaml, where there is one), keys.yaml, `plan -o json`, what other commands write as JSON, or what the sandbox reads
    #[arg(value_name = "DOCUMENT", value_enum)]
    pub document: SchemaDocument,
}

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaDocument {
    /// The configuration, icsync.yaml.
    Config,
    /// A document of a file of definitions.
    Definition,
    /// The catalogue of keys, keys.yaml.
    Keys,
    /// What `plan --out` and `plan -o json` write.
    Plan,
    /// What the other commands write as JSON.
    Report,
    /// What exists in the sandbox, estate.yaml.
    Estate,
    /// What goes wrong in the sandbox, the file of `--faults`.
    Faults,
}
