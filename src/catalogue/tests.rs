//! Declared keys against everything else, in small and in large.

use std::sync::Arc;

use serde_json::{Value, json};

use super::findings::KeyDoubt;
use super::*;
use crate::fixture::{World, at, declared, definition};
use crate::model::{Json, Presence, Selection, Selector};

const SHOWN: &str = "interface::showMissedCallPreview";
const MISSPELT: &str = "interface::showMisedCallPreview";

fn all(world: &World, catalogue: Option<&Catalogue>) -> Vec<KeyFinding> {
    let census = Census::of(&world.desired, Some(&world.live));
    findings(&world.desired, &census, catalogue, &world.policy.selection)
}

/// Gives each finding as `key → meant` or `key: found → usual`.
fn found(world: &World) -> Vec<String> {
    let line = |one: &KeyFinding| match &one.doubt {
        KeyDoubt::Misspelt { meant: (field, meant), .. } if *field == one.field => format!("{} → {meant}", one.key),
        KeyDoubt::Misspelt { meant: (field, _), .. } => format!("{} → {field}", one.key),
        KeyDoubt::UnusualType { found, usual, .. } => format!("{}: {} → {}", one.key, found.name(), usual.name()),
    };
    all(world, None).iter().map(line).collect()
}

/// Live clients without definitions that hold a setting.
fn held(world: World, count: usize, key: &str, value: &Value) -> World {
    (0..count).fold(world, |world, number| world.live("x", &format!("9{number:03}"), &[(key, value.clone())]))
}

#[test]
fn a_key_that_nobody_else_has_is_compared_with_the_live_ones() {
    let world = held(World::empty(), 40, SHOWN, &json!(true)).in_sync("a", "1", &[(MISSPELT, json!("true"))]);
    assert_eq!(found(&world), [format!("{MISSPELT} → {SHOWN}")]);
    // It stays one after it was applied, and is none once others have it.
    assert_eq!(found(&world.live("y", "2", &[(MISSPELT, json!(1))])), Vec::<String>::new());
}

#[test]
fn a_key_is_compared_with_the_tree_alone_too() {
    let tree = World::empty().defined("a", "1", &[(SHOWN, json!(true))]).defined("b", "2", &[(SHOWN, json!(true))]);
    assert_eq!(found(&tree.defined("c", "3", &[(MISSPELT, json!(true))])), [format!("{MISSPELT} → {SHOWN}")]);
}

#[test]
fn a_profile_that_reaches_many_clients_is_one_place() {
    let profile = at("profiles/base.yaml", 4);
    let mut world = held(World::empty(), 40, SHOWN, &json!(true));
    for number in 0..300 {
        let mut one = definition(&format!("c-{number}"), &format!("{number}"), &[]);
        one.spec.settings = Some(declared(&[(MISSPELT, json!(true))], &profile));
        world.desired.clients.insert(one.name.clone(), Arc::new(one));
    }
    assert_eq!(found(&world), [format!("{MISSPELT} → {SHOWN}")]);
    assert_eq!(all(&world, None)[0].at, profile);
}

#[test]
fn a_key_under_the_wrong_field_is_found() {
    let world = held(World::empty(), 5, SHOWN, &json!(true)).defined("a", "1", &[]);
    let world = world.edit("a", |one| one.spec.policies = Some(declared(&[(SHOWN, json!(true))], &one.at)));
    assert_eq!(found(&world), [format!("{SHOWN} → settings")]);
}

#[test]
fn a_type_that_nobody_else_has_is_found() {
    let others = held(World::empty(), 3, SHOWN, &json!(true));
    assert_eq!(found(&others.defined("a", "1", &[(SHOWN, json!("true"))])), [format!("{SHOWN}: string → boolean")]);
    let mixed = held(World::empty(), 3, SHOWN, &json!(true)).live("y", "7", &[(SHOWN, json!("x"))]);
    assert_eq!(found(&mixed.defined("a", "1", &[(SHOWN, json!("true"))])), Vec::<String>::new());
    let own = World::empty().live("a", "1", &[(SHOWN, json!(true))]).defined("a", "1", &[(SHOWN, json!("true"))]);
    assert_eq!(found(&own), Vec::<String>::new(), "one client is no custom");
}

#[test]
fn what_is_not_selected_or_shall_not_exist_is_not_reported() {
    let world = held(World::empty(), 40, SHOWN, &json!(true)).defined("a", "1", &[(MISSPELT, json!(true))]);
    let mut world = world.edit("a", |one| one.state = Presence::Absent);
    assert_eq!(found(&world), Vec::<String>::new());
    world = world.edit("a", |one| one.state = Presence::Present);
    world.policy.selection =
        Selection { select: vec![Selector::new("name=b*").expect("a selector")], ..Selection::default() };
    assert_eq!(found(&world), Vec::<String>::new());
}

#[test]
fn what_the_catalogue_has_is_right() {
    let world = held(World::empty(), 40, SHOWN, &json!(true)).defined("a", "1", &[(MISSPELT, json!("true"))]);
    let mut catalogue = Catalogue::default();
    let entry = CatalogueEntry { types: [ValueType::String].into(), ..CatalogueEntry::default() };
    catalogue.add(Field::Settings, Arc::from(MISSPELT), entry);
    assert_eq!(all(&world, Some(&catalogue)), []);
}

#[test]
fn a_key_is_held_against_the_catalogue() {
    let mut catalogue = Catalogue::default();
    let text = |value: &str| Json::text(value);
    let entry = CatalogueEntry {
        types: [ValueType::String].into(),
        values: vec![text("left"), text("right")],
        deprecation: Deprecation::Because("use `ui::side`".to_owned()),
        ..CatalogueEntry::default()
    };
    catalogue.add(Field::Settings, Arc::from("ui::panelSide"), entry);
    let said = |key: &str, value: Value| {
        let faults = catalogue.faults(Field::Settings, key, ValueType::of(&value), Some(&value));
        faults.into_iter().map(|one| format!("{}; {}", one.message, one.help)).collect::<Vec<_>>()
    };
    let deprecated = "the setting `ui::panelSide` is deprecated; use `ui::side`";
    assert_eq!(said("ui::panelSide", json!("left")), [deprecated]);
    assert_eq!(
        said("ui::panelSide", json!("up")),
        [
            "the setting `ui::panelSide` has a value that keys.yaml does not list; write `\"left\"` or `\"right\"`, or add the value to keys.yaml",
            deprecated
        ]
    );
    assert_eq!(
        said("ui::panelSide", json!(1)),
        [
            "the setting `ui::panelSide` is a number, and keys.yaml wants a string; write a string, or add the type to keys.yaml",
            deprecated
        ]
    );
    assert_eq!(
        said("ui::panelSdie", json!(1)),
        ["keys.yaml has no setting `ui::panelSdie`; did you mean `ui::panelSide`?"]
    );
}

mod large {
    //! A thousand clients with planted mistakes, made from a seed.

    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const CLIENTS: usize = 1_000;
    const COMMON: usize = 120;
    const RARE: usize = 200;
    const TYPOS: usize = 12;
    const TYPES: usize = 5;

    const SPACES: [&str; 6] = ["interface", "core", "crm", "telephony", "contacts", "recording"];
    const VERBS: [&str; 8] = ["show", "hide", "enable", "allow", "use", "max", "min", "default"];
    const NOUNS: [&str; 20] = [
        "Call",
        "Missed",
        "Preview",
        "Window",
        "Panel",
        "Queue",
        "Agent",
        "Status",
        "Contact",
        "Search",
        "Transfer",
        "Conference",
        "Voicemail",
        "Directory",
        "Toolbar",
        "Theme",
        "History",
        "Hold",
        "Park",
        "Lines",
    ];

    /// Numbers that a seed decides (Lehmer, modulus 2^31 - 1).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0 * 48_271 % 2_147_483_647;
            usize::try_from(self.0).unwrap_or_default() % most
        }

        fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
            words[self.below(words.len())]
        }
    }

    fn key(dice: &mut Dice) -> String {
        let nouns: String = (0..2 + dice.below(2)).map(|_| dice.of(&NOUNS)).collect();
        format!("{}::{}{nouns}", dice.of(&SPACES), dice.of(&VERBS))
    }

    /// Makes keys that none of the others is.
    fn fresh(dice: &mut Dice, taken: &mut BTreeSet<String>, mut make: impl FnMut(&mut Dice) -> String) -> String {
        loop {
            let key = make(dice);
            if taken.insert(key.clone()) {
                return key;
            }
        }
    }

    /// A rare key that is right: a new one, or a neighbour of a common one.
    fn rare(dice: &mut Dice, common: &[String]) -> String {
        let near = &common[dice.below(common.len())];
        match dice.below(8) {
            0 => format!("{near}{}", 2 + dice.below(8)),
            1 => format!("{near}s"),
            2 => near.replace("::show", "::hide").replace("::max", "::min").replace("::enable", "::disable"),
            3 => format!("{near}{}", dice.of(&["Colour", "Order", "Limit", "Timeout", "Label"])),
            4 => format!("vendor{}::{}", dice.below(90), dice.of(&["flag", "mode", "level"])),
            _ => key(dice),
        }
    }

    /// A slip of the pen behind the name space.
    fn slip(dice: &mut Dice, key: &str) -> String {
        let mut letters: Vec<char> = key.chars().collect();
        let from = key.find("::").unwrap_or_default() + 3;
        let place = from + dice.below(letters.len() - from - 1);
        match dice.below(6) {
            0 => drop(letters.remove(place)),
            1 => letters.insert(place, letters[place]),
            2 => letters.swap(place, place - 1),
            3 => letters[place] = char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or_default()),
            4 => drop(letters.remove(from - 2)),
            _ => letters.swap(1, 2),
        }
        letters.into_iter().collect()
    }

    fn value(number: usize) -> Value {
        match number % 10 {
            7 => json!(number),
            8 | 9 => json!(format!("text {number}")),
            _ => json!(number.is_multiple_of(2)),
        }
    }

    struct Planted {
        world: World,
        typos: BTreeSet<String>,
        types: BTreeSet<String>,
    }

    fn planted(seed: u64) -> Planted {
        let (mut dice, mut taken) = (Dice(seed), BTreeSet::new());
        let common: Vec<String> = (0..COMMON).map(|_| fresh(&mut dice, &mut taken, key)).collect();
        let mut clients: Vec<BTreeMap<String, Value>> = Vec::new();
        for _ in 0..CLIENTS {
            let mut settings = BTreeMap::new();
            for _ in 0..12 {
                let number = dice.below(COMMON);
                settings.insert(common[number].clone(), value(number));
            }
            clients.push(settings);
        }
        for _ in 0..RARE {
            let key = fresh(&mut dice, &mut taken, |dice| rare(dice, &common));
            clients[dice.below(CLIENTS)].insert(key, json!(true));
        }
        let mut misspelt = BTreeSet::new();
        for _ in 0..TYPOS {
            let number = dice.below(COMMON);
            let key = fresh(&mut dice, &mut taken, |dice| slip(dice, &common[number]));
            clients[dice.below(CLIENTS)].insert(key.clone(), value(number));
            misspelt.insert(key);
        }
        let mut types = BTreeSet::new();
        while types.len() < TYPES {
            let key = &common[dice.below(COMMON)];
            if types.insert(key.clone()) {
                clients[dice.below(CLIENTS)].insert(key.clone(), json!(["wrong"]));
            }
        }
        Planted { world: world(&clients), typos: misspelt, types }
    }

    /// Half of the clients are live as they are defined, a quarter are live and not in git, the rest is not there yet.
    fn world(clients: &[BTreeMap<String, Value>]) -> World {
        clients.iter().enumerate().fold(World::empty(), |world, (number, settings)| {
            let settings: Vec<(&str, Value)> =
                settings.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
            let (name, device) = (format!("c-{number}"), format!("{number}"));
            let world = world.defined(&name, &device, &settings);
            if number % 2 == 0 { world.live(&name, &device, &settings) } else { world }
        })
    }

    #[test]
    fn planted_mistakes_are_found_among_a_thousand_clients() {
        let (mut missed, mut false_alarms) = (Vec::new(), Vec::new());
        for seed in [11, 417, 2_026] {
            let Planted { world, typos, types } = planted(seed);
            let found = all(&world, None);
            let keys = |wanted: fn(&KeyDoubt) -> bool| -> BTreeSet<String> {
                found.iter().filter(|one| wanted(&one.doubt)).map(|one| one.key.to_string()).collect()
            };
            let misspelt = keys(|doubt| matches!(doubt, KeyDoubt::Misspelt { .. }));
            let unusual = keys(|doubt| matches!(doubt, KeyDoubt::UnusualType { .. }));
            missed.push(typos.difference(&misspelt).chain(types.difference(&unusual)).cloned().collect::<Vec<_>>());
            false_alarms
                .push(misspelt.difference(&typos).chain(unusual.difference(&types)).cloned().collect::<Vec<_>>());
        }
        println!("missed {missed:?}, false alarms {false_alarms:?}");
        assert!(missed.iter().all(Vec::is_empty), "missed {missed:?}");
        assert!(false_alarms.iter().all(|seed| seed.len() <= 2), "false alarms {false_alarms:?}");
    }
}

#[test]
fn very_many_rare_keys_are_compared_up_to_a_bound() {
    let keys: Vec<String> =
        (0..3_400).map(|number| format!("x::{}", "k".repeat(4 + number % 40) + &number.to_string())).collect();
    let rare: Vec<(&str, Value)> = keys.iter().map(|key| (key.as_str(), json!(1))).collect();
    let with = |more: &str| {
        let all: Vec<_> = rare.iter().cloned().chain([(more, json!(true))]).collect();
        found(&held(World::empty(), 40, SHOWN, &json!(true)).defined("a", "1", &all))
    };
    // Keys are compared by the alphabet.
    assert_eq!(with(MISSPELT), [format!("{MISSPELT} → {SHOWN}")]);
    let late = SHOWN.replace("interface", "zinterface");
    assert_eq!(with(&late), Vec::<String>::new());
    let few = held(World::empty(), 40, SHOWN, &json!(true)).defined("a", "1", &[(&late, json!(true))]);
    assert_eq!(found(&few), [format!("{late} → {SHOWN}")]);
}
