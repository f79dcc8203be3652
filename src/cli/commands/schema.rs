//! `icsync schema`: prints a JSON Schema.

use crate::cli::args::{SchemaArguments, SchemaDocument};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::schema::{Subject, schema};

pub(super) fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let subject = match arguments.document {
        SchemaDocument::Config => Subject::Config,
        SchemaDocument::Definition => Subject::Definition,
        SchemaDocument::Plan => Subject::Plan,
        SchemaDocument::Report => Subject::Report,
    };
    print(schema(subject).as_bytes())?;
    Ok(Exit::Done)
}
