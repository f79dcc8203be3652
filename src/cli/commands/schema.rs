//! `icsync schema`: prints a JSON Schema; that of definitions with the keys that the repository's catalogue knows.

use crate::cli::args::{Global, SchemaArguments, SchemaDocument};
use crate::cli::environment::{Environment, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::repository::root;
use crate::manifest::{self, Folder};
use crate::schema::{Subject, schema};

pub(super) fn run(environment: &Environment, global: &Global, arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let subject = match arguments.document {
        SchemaDocument::Config => Subject::Config,
        SchemaDocument::Definition => Subject::Definition,
        SchemaDocument::Keys => Subject::Keys,
        SchemaDocument::Plan => Subject::Plan,
        SchemaDocument::Report => Subject::Report,
        SchemaDocument::Estate => Subject::Estate,
        SchemaDocument::Faults => Subject::Faults,
    };
    let catalogue = match subject {
        Subject::Definition => {
            manifest::catalogue(&Folder::new(root(environment, global))).map_err(Failure::invalid)?
        }
        Subject::Config | Subject::Keys | Subject::Plan | Subject::Report | Subject::Estate | Subject::Faults => None,
    };
    print(schema(subject, catalogue.as_ref()).as_bytes())?;
    Ok(Exit::Done)
}
