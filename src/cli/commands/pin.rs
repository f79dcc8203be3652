//! `icsync pin`: writes the ids of bound clients into their definitions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cli::args::{Global, PinArguments};
use crate::cli::connect::connect;
use crate::cli::environment::{Environment, Replacement, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::planning::warn_of_unread;
use crate::cli::progress::ProgressDisplay;
use crate::cli::repository::{Repository, load};
use crate::cli::runtime;
use crate::cli::selecting::{check_selection, selection};
use crate::live;
use crate::manifest::{self, Emptiness, NotPinned};
use crate::model::{Change, ClientId, ClientName, Definition, Desired, Live, LiveClient, Policy, Presence};
use crate::plan::{self, Binding, Bindings};
use crate::text::visible;

/// The ids to write, by the file of the definition.
type Ids = BTreeMap<String, BTreeMap<ClientName, ClientId>>;

pub(super) fn run(environment: &Environment, global: &Global, arguments: &PinArguments) -> Result<Exit, Failure> {
    let (repository, desired) = load(environment, global, Emptiness::Refused)?;
    let policy = repository.policy(&desired, selection(&arguments.select));
    let (read, summary) = runtime()?.block_on(read(environment, &repository, &desired, &policy))?;
    let mut said = PinSummary::default();
    let ids = choose(&desired, &policy, &read, &mut said);
    write(&repository, &ids, &mut said)?;
    print(said.text().as_bytes())?;
    environment.say(&summary);
    Ok(Exit::Done)
}

/// What the lists show.
struct PinReading {
    bindings: Bindings,
    /// Clients that no definition found and that hide their scope.
    hidden: Vec<LiveClient>,
}

impl PinReading {
    fn of(bindings: Bindings, live: &Live) -> Self {
        let rows = bindings.unmanaged.iter().filter_map(|id| live.clients.get(id));
        let hidden = rows.filter(|row| row.scope.is_unresolved()).map(|row| (**row).clone()).collect();
        Self { bindings, hidden }
    }

    /// Says why a definition has no id to write: a client whose scope the server hides may be there all the same.
    fn why_none(&self, definition: &Definition) -> String {
        let hidden = || self.hidden.iter().filter(|row| row.scope.telsys == definition.scope.telsys);
        let wanted = definition.spec.description.as_ref().map(|text| &text.value);
        let alike = hidden().filter(|row| wanted.is_some() && row.content.description.known() == wanted);
        let alike: Vec<String> = alike.take(MOST_ALIKE).map(|row| format!("`id: \"{}\"`", row.id)).collect();
        match (hidden().count(), &alike[..]) {
            (0, _) => "it has no live client yet".to_owned(),
            (_, []) => {
                "no live client shows its scope, and it may be one of those that the server lists with partition -3: \
                        if so, write its `id:` by hand"
                    .to_owned()
            }
            (_, alike) => format!(
                "no live client shows its scope, and the server lists with partition -3 what has its description: if it is that \
                 one, write {} by hand",
                alike.join(" or ")
            ),
        }
    }
}

/// So many clients that may be meant are named.
const MOST_ALIKE: usize = 5;

/// Binds definitions to what the lists show; details are not needed.
async fn read(
    environment: &Environment,
    repository: &Repository,
    desired: &Desired,
    policy: &Policy,
) -> Result<(PinReading, String), Failure> {
    let connection = connect(environment, repository, None).await?;
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let extent = connection.extent(desired, policy);
    let read = async { Ok(live::fetch_lists(connection.reader(), &extent, &progress).await?) };
    let read = connection.interruptible(read).await;
    drop(progress);
    let ended = connection.close(environment).await;
    let read = read?;
    warn_of_unread(environment, &read.live);
    check_selection(environment, &policy.selection, [desired], Some(&read.live))?;
    let reading = PinReading::of(plan::bind(desired, &read.live, policy), &read.live);
    Ok((reading, ended.summary(read.rows)))
}

/// Finds the clients whose definition lacks their id or has an older one.
fn choose(desired: &Desired, policy: &Policy, read: &PinReading, said: &mut PinSummary) -> Ids {
    let mut ids = Ids::new();
    let wanted = |one: &&Definition| policy.selection.covers(one) && one.state == Presence::Present;
    for definition in desired.definitions().filter(wanted) {
        let name = &definition.name;
        match read.bindings.bound.get(name) {
            Some(Binding::Live(id)) if definition.id.as_ref().is_some_and(|pin| pin.value == *id) => said.pinned += 1,
            Some(Binding::Live(id)) if ClientId::from_person(id.as_str()).is_none() => {
                said.left(name, &format!("the id {id} of its live client has no known shape"));
            }
            Some(Binding::Live(id)) => {
                ids.entry(definition.at.file.to_string()).or_default().insert(name.clone(), id.clone());
            }
            Some(Binding::Blocked(obstacle)) => said.left(name, &format!("{}: {}", obstacle.reason, obstacle.help)),
            Some(Binding::None) | None => said.left(name, &read.why_none(definition)),
        }
    }
    ids
}

/// Writes each file at once; a file that cannot be read back as meant is left as it is, and so are all if somebody else saved
/// one of them meanwhile.
fn write(repository: &Repository, ids: &Ids, said: &mut PinSummary) -> Result<(), Failure> {
    let files = manifest::texts(&repository.source(), repository.resolved()).map_err(Failure::invalid)?;
    let mut edited = Vec::new();
    for file in &files {
        let Some(ids) = ids.get(&***file.path()) else { continue };
        let pinned = manifest::pin(file.path(), file.text(), ids).map_err(Failure::invalid)?;
        for (name, reason) in &pinned.left {
            match reason {
                NotPinned::NoDocument => said.fleets += 1,
                NotPinned::Indirect | NotPinned::Layout => {
                    said.left(name, &format!("{reason}; write `id: \"{}\"` by hand", ids[name]));
                }
            }
        }
        if !pinned.written.is_empty() {
            edited.push((file, pinned.text));
            said.written.insert(file.path().to_string(), pinned.written);
        }
    }
    let mut ready = Vec::new();
    for (file, text) in &edited {
        let content = Change { before: file.text().as_bytes(), after: text.as_bytes() };
        ready.push(Replacement::of(&repository.root().join(&***file.path()), content)?);
    }
    ready.iter().try_for_each(Replacement::check)?;
    ready.into_iter().try_for_each(Replacement::put)
}

/// What is said at the end.
#[derive(Debug, Default)]
struct PinSummary {
    written: BTreeMap<String, Vec<ClientName>>,
    pinned: usize,
    fleets: usize,
    left: Vec<String>,
}

impl PinSummary {
    fn left(&mut self, name: &ClientName, reason: &str) {
        self.left.push(format!("{name}: {}", visible(reason)));
    }

    fn text(&self) -> String {
        let Self { written, pinned, fleets, left } = self;
        let mut text = String::new();
        for (file, names) in written {
            let names: Vec<_> = names.iter().map(ClientName::as_str).collect();
            let _ = writeln!(text, "{}: {}", visible(file), names.join(", "));
        }
        if !left.is_empty() {
            let _ = writeln!(text, "left as they are:");
            for line in left {
                let _ = writeln!(text, "  {line}");
            }
        }
        let count: usize = written.values().map(Vec::len).sum();
        let lead = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{lead}pinned {count}, {pinned} had their id already");
        if *fleets > 0 {
            let _ = write!(text, ", {fleets} of fleets or aliases have no line for one: their scope stands in for it");
        }
        text + "\n"
    }
}
