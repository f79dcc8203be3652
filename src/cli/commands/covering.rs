//! `icsync show --covering`: every client whose scope covers a device, a partition or a telephony server.

use std::collections::BTreeMap;

use crate::cli::args::Global;
use crate::cli::connect::connect;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::planning::{target, warn_of_unread};
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::{Repository, check_strict, load, load_offline};
use crate::cli::runtime;
use crate::document::{self, CoveringLive, CoveringV1, covering_to_read};
use crate::live::{self, Extent, Fetched};
use crate::manifest::{Emptiness, LoadedTree};
use crate::model::{Boundary, Desired, DigestKey, Live, Policy, Reach, Scope, Selection, Sensitive, Telsys};
use crate::report::{Format, covering};

/// Shows what covers a scope: in git, and where a target is named on its server too.
pub(super) fn show(
    environment: &Environment,
    global: &Global,
    scope: &Scope,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let document = if global.target().is_some() {
        runtime()?.block_on(with_live(environment, global, scope))?
    } else {
        let LoadedTree { resolved, desired, profiles: _, catalogue: _, warnings, idle: _ } =
            load_offline(environment, global)?;
        check_strict(global, &warnings, None)?;
        let sensitive = Sensitive { patterns: resolved.sensitive, key: DigestKey::default() };
        CoveringV1::new(scope, &desired, None, &sensitive)
    };
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document),
        _ => covering::text(out, &document, style.width),
    })?;
    Ok(Exit::Done)
}

async fn with_live(environment: &Environment, global: &Global, scope: &Scope) -> Result<CoveringV1, Failure> {
    let (repository, desired) = load(environment, global, Emptiness::Allowed)?;
    let policy = repository.policy(&desired, Selection::default());
    let fetched = read(environment, &repository, (&desired, &policy), scope).await?;
    let target = target(&repository);
    let live = CoveringLive { live: &fetched.live, policy: &policy, target: &target };
    Ok(CoveringV1::new(scope, &desired, Some(live), &policy.sensitive))
}

async fn read(
    environment: &Environment,
    repository: &Repository,
    (desired, policy): (&Desired, &Policy),
    scope: &Scope,
) -> Result<Fetched, Failure> {
    let connection = connect(environment, repository, None).await?;
    connection.reader().expect(desired);
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let wanted = |live: &Live| covering_to_read(scope, live, policy);
    let fetching = async {
        let everything = Boundary::managed(&[Scope::EVERYTHING]);
        let extent =
            |boundary| Extent { boundary, shard: None, pins: BTreeMap::new(), page_size: connection.page_size() };
        match live::fetch(connection.reader(), &extent(&everything), wanted, &progress).await {
            // Who may not list every server may list this one.
            Err(error) if error.kind.is_refusal() && scope.telsys != Telsys::All => {
                let server = Boundary::managed(&[Scope { telsys: scope.telsys, ..Scope::EVERYTHING }]);
                let mut fetched = live::fetch(connection.reader(), &extent(&server), wanted, &progress).await?;
                fetched.live.reach = Reach::Boundary;
                Ok(fetched)
            }
            fetched => Ok(fetched?),
        }
    };
    let fetched = connection.interruptible(fetching).await;
    drop(progress);
    let ended = connection.close(environment).await;
    let fetched = fetched?;
    warn_of_unread(environment, &fetched.live);
    environment.say(&ended.summary(fetched.rows));
    Ok(fetched)
}
