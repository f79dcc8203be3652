//! Small worlds for tests: definitions and live clients by name, planned for real.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::api::ErrorCode;
use crate::apply::{Cause, ListedScope, Outcome, Outcomes, Problem, StepOutcome};
use crate::document::{Heading, OptionsV1, PlanV1, SavedPlan, SourceTreeV1, TargetV1};
use crate::model::{
    Boundary, ClientId, ClientName, Declared, DeclaredEntries, Definition, Desired, Detail, Device, DigestKey,
    Exception, FieldPattern, Json, KeySource, Labels, Limits, Live, LiveClient, LiveContent, Location, Nullable,
    Observed, Owns, Partition, Payload, PinPlace, Policy, Presence, Protection, Prune, RefusalKind, Scope, Selection,
    Sensitive, Spec, Telsys,
};
use crate::plan::Plan;

/// Both sides and the policy of a test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) desired: Desired,
    pub(crate) live: Live,
    pub(crate) policy: Policy,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self {
            desired: Desired { digest: "sha256:0".into(), ..Desired::default() },
            live: Live { outside: Some(0), ..Live::default() },
            policy: Policy {
                boundary: Boundary::managed(&[scope(417, -1, "UnknownNoneOrAll")]),
                prune: Prune::Report,
                limits: Limits::default(),
                protect: Vec::new(),
                sensitive: sensitive(&[]),
                selection: Selection::default(),
                changed_in_git: BTreeMap::new(),
                not_checked_out: Vec::new(),
            },
        }
    }

    /// Adds the same client to both sides.
    pub(crate) fn in_sync(mut self, name: &str, device: &str, settings: &[(&str, Value)]) -> Self {
        self = self.defined(name, device, settings);
        self.live(name, device, settings)
    }

    pub(crate) fn defined(mut self, name: &str, device: &str, settings: &[(&str, Value)]) -> Self {
        let definition = definition(name, device, settings);
        self.desired.clients.insert(definition.name.clone(), Arc::new(definition));
        self
    }

    pub(crate) fn live(mut self, title: &str, device: &str, settings: &[(&str, Value)]) -> Self {
        let row = row(title, device, settings);
        self.live.clients.insert(row.id.clone(), Box::new(row));
        self
    }

    /// Lets the server call a device and its telephony server something, and say who changed the client last, and when.
    pub(crate) fn called(mut self, device: &str, telsys: &str, person: &str, (by, when): (&str, &str)) -> Self {
        let row = self.live.clients.get_mut(&id(device)).expect("a live client");
        row.labels = Labels {
            telsys: Some(telsys.into()),
            device: Some(person.into()),
            updated_by: Some(by.into()),
            updated_at: Some(when.into()),
            ..Labels::default()
        };
        self.live.directory.note(&row.scope, &row.labels);
        self
    }

    pub(crate) fn edit(mut self, name: &str, edit: impl FnOnce(&mut Definition)) -> Self {
        edit(Arc::make_mut(self.desired.clients.get_mut(&client(name)).expect("a definition")));
        self
    }

    pub(crate) fn edit_live(mut self, device: &str, edit: impl FnOnce(&mut LiveClient)) -> Self {
        edit(self.live.clients.get_mut(&id(device)).expect("a live client"));
        self
    }

    pub(crate) fn prune(mut self) -> Self {
        self.policy.prune = Prune::Delete;
        self
    }

    pub(crate) fn protect(mut self, telsys: i64) -> Self {
        let telsys = Telsys::from_number(telsys).expect("a telephony server");
        self.policy.protect.push(Protection::Scope { telsys, partition: None, device: None });
        self
    }

    pub(crate) fn sensitive(mut self, pattern: &str) -> Self {
        self.policy.sensitive.patterns.push(FieldPattern::new(pattern).expect("a pattern"));
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        crate::plan::plan(&self.desired, &self.live, &self.policy)
    }

    pub(crate) fn document(&self) -> PlanV1 {
        PlanV1::new(&heading(), &self.plan(), &self.policy.sensitive.key).expect("a document")
    }

    pub(crate) fn saved(&self) -> SavedPlan {
        let key = &self.policy.sensitive.key;
        let saved = self.document().while_saved((key, None), bytes).expect("a document");
        SavedPlan::parse(&saved, None).expect("a plan")
    }
}

/// Makes what these patterns cover sensitive, under a key that no other test has to know.
pub(crate) fn sensitive(patterns: &[&str]) -> Sensitive {
    let patterns = patterns.iter().map(|text| FieldPattern::new(text).expect("a pattern")).collect();
    Sensitive { patterns, key: DigestKey::new(b"a key", KeySource::Kept) }
}

/// Writes a document as a file holds it.
pub(crate) fn bytes(document: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    crate::document::write(&mut bytes, document).expect("a buffer");
    bytes
}

pub(crate) fn heading() -> Heading {
    Heading {
        target: TargetV1 { name: "prod".into(), url: "https://ccs.example.com".into() },
        source: SourceTreeV1 { digest: "sha256:0".into(), git_commit: None, dirty: false },
        options: OptionsV1::default(),
        diagnostics: Vec::new(),
    }
}

pub(crate) fn client(name: &str) -> ClientName {
    ClientName::new(name).expect("a name")
}

pub(crate) fn id(device: &str) -> ClientId {
    ClientId::from_server(&format!("id-of-{device}")).expect("an id")
}

pub(crate) fn scope(telsys: i64, partition: i64, device: &str) -> Scope {
    Scope {
        telsys: Telsys::from_number(telsys).expect("a telephony server"),
        partition: Partition::from_number(partition).expect("a partition"),
        device: Device::from_text(device).expect("a device"),
    }
}

pub(crate) fn at(file: &str, line: u32) -> Location {
    Location { file: file.into(), line, column: 1 }
}

#[expect(clippy::unnecessary_wraps, reason = "it is written into a field that may be unmanaged")]
pub(crate) fn text(value: &str, at: Location) -> Option<Declared<Nullable<String>>> {
    Some(Declared { value: value.into(), at })
}

pub(crate) fn declared(entries: &[(&str, Value)], at: &Location) -> DeclaredEntries {
    let one = |(key, value): &(&str, Value)| {
        let value = Json::from(value.clone());
        (Arc::from(*key), Declared { value, at: at.clone() })
    };
    entries.iter().map(one).collect()
}

pub(crate) fn definition(name: &str, device: &str, settings: &[(&str, Value)]) -> Definition {
    let place = at(&format!("clients/{name}.yaml"), 2);
    Definition {
        name: client(name),
        scope: scope(417, 1, device),
        scope_at: place.clone(),
        id: None,
        state: Presence::Present,
        spec: Spec {
            description: text(name, place.clone()),
            settings: Some(declared(settings, &place)),
            ..Spec::default()
        },
        owns: Owns::default(),
        ignore: Arc::default(),
        exceptions: Arc::default(),
        profiles: Arc::default(),
        until: place.line + 20,
        pin_place: PinPlace::Document,
        at: place,
    }
}

/// Makes an exception that holds for ever, as far as anybody lives.
pub(crate) fn exception(fields: &[&str]) -> Arc<Exception> {
    Arc::new(Exception {
        fields: fields.iter().map(|text| FieldPattern::new(text).expect("a pattern")).collect(),
        until: "9999-12-31".parse().expect("a day"),
        reason: "trial of the new panel".to_owned(),
    })
}

/// Gives content of which everything is known.
pub(crate) fn seen(content: Payload) -> LiveContent {
    content.map(|_, text| Observed::Known(text), |_, entries| Observed::Known(entries))
}

pub(crate) fn row(title: &str, device: &str, settings: &[(&str, Value)]) -> LiveClient {
    let one = |(key, value): &(&str, Value)| (Arc::from(*key), Json::from(value.clone()));
    LiveClient {
        id: id(device),
        scope: scope(417, 1, device),
        content: seen(Payload {
            description: title.into(),
            settings: settings.iter().map(one).collect(),
            ..Payload::default()
        }),
        labels: Labels::default(),
        detail: Detail::Read,
    }
}

/// Makes the clients of a fleet: one per device, each described by its device, with a setting of a profile.
pub(crate) fn fleet(world: World, count: u32) -> World {
    (0..count).fold(world, |mut world, number| {
        let device = format!("01234567{:03}", 102 + number);
        let name = format!("sunshine-desk-{:03}", 102 + number);
        let place = at("clients/desks.yaml", 9);
        let mut one = definition(&name, &device, &[]);
        one.at = place.clone();
        one.pin_place = PinPlace::Fleet;
        one.spec.description = text(&format!("Desk {device}"), at("clients/desks.yaml", 13));
        let profile = at("profiles/base.yaml", 4);
        one.spec.settings = Some(declared(&[("interface::showMissedCallPreview", true.into())], &profile));
        world.desired.clients.insert(one.name.clone(), Arc::new(one));
        world
    })
}

/// Gives each step of a plan an outcome: in turn applied, failed, skipped, stale and unknown.
pub(crate) fn outcomes(plan: &Plan) -> Outcomes {
    let problem = |code: Option<u32>, message| {
        Problem::from(Cause::Sample { code: code.map(ErrorCode), message, help: "plan again" })
    };
    let outcome = |number: usize| match number % 7 {
        3 => Outcome::Failed(problem(Some(30005), "the server refused")),
        4 => Outcome::Skipped(problem(None, "step 3 failed")),
        5 => Outcome::Stale(problem(None, "the live client changed")),
        6 => Outcome::Unknown(problem(None, "the answer was lost")),
        _ => Outcome::Applied,
    };
    let steps = plan.steps.iter().map(|step| StepOutcome {
        listed: ListedScope::default(),
        number: step.number,
        action: step.action(),
        client: step.client.clone(),
        scope: step.scope.clone(),
        at: step.at.clone(),
        id: step.id().cloned().or_else(|| ClientId::from_server(&format!("new-{}", step.number))),
        outcome: outcome(step.number),
        wave: None,
    });
    Outcomes { run: Some("2026-01-02T030405Z-1".into()), steps: steps.collect(), interrupted: false }
}

/// One of everything that a plan can say.
pub(crate) fn everything() -> World {
    let mut world = World::empty()
        .in_sync("sunshine-still", "01", &[])
        .in_sync("sunshine-blind", "02", &[])
        .edit_live("02", |row| row.content.settings = Observed::Unreadable { reason: "left out".into() })
        .in_sync("sunshine-refused", "03", &[])
        .edit_live("03", |row| {
            row.detail = Detail::Refused {
                reason: "30007 NOT_RESOLVED_FROM_GENERIC_CONFIG".into(),
                help: "look at it in the web client".into(),
                kind: RefusalKind::Other,
            };
        })
        .in_sync("sunshine-mover", "04", &[])
        .edit("sunshine-mover", |one| {
            one.scope = scope(417, 2, "04");
            one.id = Some(Declared { value: id("04"), at: one.at.clone() }.into());
        })
        .in_sync("sunshine-leaver", "05", &[("core::x", "y".into())])
        .edit("sunshine-leaver", |one| one.state = Presence::Absent)
        .live("No Config Access", "06", &[])
        .live("Others", "07", &[])
        .defined("sunshine-doubt", "08", &[])
        .edit("sunshine-doubt", |one| one.spec.description = None)
        .defined("sunshine-pin", "10", &[])
        .edit("sunshine-pin", |one| {
            one.id = Some(Declared { value: id("gone"), at: one.at.clone() }.into());
        });
    for (device, title) in [("08", "this"), ("09", "or that")] {
        let mut one = row(title, device, &[]);
        one.scope = scope(417, 1, "08");
        world.live.clients.insert(one.id.clone(), Box::new(one));
    }
    world.live.outside = Some(8);
    world.policy.limits.max_deletes = Some(1);
    world
}
