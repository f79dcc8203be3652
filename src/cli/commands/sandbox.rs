//! `icsync sandbox serve` and `icsync sandbox reset`: the embedded server by itself.

use tokio::net::TcpListener;

use crate::cli::args::{Global, SandboxCommand, ServeArguments, is_stream};
use crate::cli::environment::{Environment, print};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::repository::load_config;
use crate::cli::sandbox_files::{SandboxFiles, check_inside, check_links};
use crate::cli::{interrupt, server_runtime};
use crate::manifest::Endpoint;
use crate::sandbox::{Sandbox, reset};
use crate::text;

pub(super) fn run(environment: &Environment, global: &Global, command: &SandboxCommand) -> Result<Exit, Failure> {
    match command {
        SandboxCommand::Serve(arguments) => server_runtime()?.block_on(serve(environment, global, arguments)),
        SandboxCommand::Reset => reset_store(environment, global),
    }
}

async fn serve(environment: &Environment, global: &Global, arguments: &ServeArguments) -> Result<Exit, Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(CommandError::NoLoopback(arguments.listen).into());
    }
    let sandbox = open(environment, global, arguments)?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|source| CommandError::Listen { address: arguments.listen, source })?;
    let address = listener.local_addr()?;
    let key = sandbox.api_key().unwrap_or("(the estate has no user with an api_key)");
    print(format!("url: http://{address}\nkey: {key}\n").as_bytes())?;
    let stop = interrupt::listen(environment);
    sandbox.serve(listener, async move { stop.cancelled().await }).await?;
    Ok(Exit::Done)
}

fn open(environment: &Environment, global: &Global, arguments: &ServeArguments) -> Result<Sandbox, Failure> {
    if arguments.data.as_deref().is_some_and(is_stream) {
        let help = "name a file, or leave it out: then everything is kept in memory";
        return Err(CommandError::WrongUse { what: "`--data -`: a store is no stream", help }.into());
    }
    let files = [&arguments.estate, &arguments.faults];
    let stdin = match files.into_iter().flatten().filter(|file| is_stream(file)).collect::<Vec<_>>()[..] {
        [] => None,
        [file] => {
            let bytes = environment.read(file)?;
            Some(String::from_utf8(bytes).map_err(|_| CommandError::NotText(file.clone()))?)
        }
        _ => {
            return Err(
                CommandError::WrongUse { what: "only one file can come from stdin", help: "name the other" }.into()
            );
        }
    };
    let path = |path: &std::path::PathBuf| match path {
        stdin if is_stream(stdin) => stdin.to_string_lossy().into_owned(),
        path => environment.path(path).to_string_lossy().into_owned(),
    };
    let (data, faults) = (arguments.data.as_ref().map(path), arguments.faults.as_ref().map(path));
    let (estate, root) = match &arguments.estate {
        Some(estate) => (path(estate), environment.folder.clone()),
        None => {
            let repository = load_config(environment, global).map_err(|failure| {
                failure.caused_by("without `--estate FILE` the sandbox is the one of a configuration")
            })?;
            let Endpoint::Sandbox { estate, .. } = repository.endpoint() else {
                return Err(CommandError::NoEstate(repository.target_name().to_owned()).into());
            };
            check_links(repository.root(), estate, None)?;
            (estate.clone(), repository.root().to_owned())
        }
    };
    let files = SandboxFiles { data: data.as_deref(), estate: &estate, faults: faults.as_deref(), stdin };
    let mut options = files.read(&root, std::iter::empty())?;
    for switch in &arguments.dialect {
        options.estate.dialect.set(switch).map_err(CommandError::DialectOption)?;
    }
    Ok(Sandbox::open(options)?)
}

fn reset_store(environment: &Environment, global: &Global) -> Result<Exit, Failure> {
    let repository = load_config(environment, global)?;
    let Endpoint::Sandbox { data, .. } = repository.endpoint() else {
        return Err(CommandError::NoSandbox(repository.target_name().to_owned()).into());
    };
    check_inside(repository.root(), data)?;
    let path = repository.root().join(data);
    reset(&path)?;
    environment.say(&format!("emptied `{}`: the next run starts from the estate", text::path(&path)));
    Ok(Exit::Done)
}
