//! Documents on their way into files and back.

use std::collections::BTreeSet;
use std::sync::Arc;

use hmac::Mac as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::fixture::{World, bytes, everything, fleet, heading, outcomes, sensitive};
use crate::model::{Declared, DeclaredValue, DigestKey, Field, Json, KeySource, Location, Sensitive, hex, hmac};
use crate::plan::Snapshot;
use crate::redact::{Mask, Shown};

/// Says what differs; a plan that is compared with needs no key here.
fn difference(saved: &SavedPlan, now: &PlanV1) -> Vec<String> {
    saved.differences(now).expect("plans that can be compared")
}

fn written(document: &impl Serialize) -> String {
    String::from_utf8(bytes(document)).expect("text")
}

/// A client whose live setting is one thing and whose desired one another.
fn changing(live: &Value) -> World {
    World::empty().defined("a", "1", &[("c", json!(2))]).live("a", "1", &[("b", live.clone()), ("c", json!(1))])
}

/// Gives a document as another hand would write it, with a digest that fits.
fn edited(edit: impl FnOnce(&mut Value)) -> Result<SavedPlan, DocumentError> {
    let mut value = serde_json::to_value(fleet(everything(), 1).document()).expect("JSON");
    edit(&mut value);
    value["digest"] = digest::digest_of(value.clone()).into();
    SavedPlan::parse(value.to_string().as_bytes(), None)
}

#[test]
fn a_document_is_the_same_to_the_byte_and_notices_every_edit() {
    let make = || written(&World::empty().defined("a", "1", &[]).live("y", "1", &[]).document());
    assert_eq!(make(), make());
    let text = make();
    assert!(SavedPlan::parse(text.as_bytes(), None).is_ok());
    let edited = text.replace("\"after\": \"a\"", "\"after\": \"z\"");
    assert_ne!(edited, text);
    assert_eq!(SavedPlan::parse(edited.as_bytes(), None), Err(DocumentError::Digest));
    let newer = text.replace("\"format_version\": \"1.0\"", "\"format_version\": \"2.0\"");
    assert_eq!(SavedPlan::parse(newer.as_bytes(), None), Err(DocumentError::Newer { found: "2.0".into() }));
    assert!(matches!(SavedPlan::parse(b"[]", None), Err(DocumentError::NotAPlan(_))));
}

#[test]
fn a_key_asks_for_a_signature_that_fits() {
    let unsigned = World::empty().document();
    assert_eq!(SavedPlan::parse(&bytes(&unsigned), Some(b"k")), Err(DocumentError::Unsigned));
    let signed = bytes(&unsigned.signed(Some(b"k")));
    assert!(SavedPlan::parse(&signed, Some(b"k")).is_ok());
    assert_eq!(SavedPlan::parse(&signed, Some(b"other")), Err(DocumentError::Signature));
}

#[test]
fn a_stale_document_says_which_client_and_which_key() {
    let saved = changing(&json!(true)).saved();
    assert!(difference(&saved, &changing(&json!(true)).document()).is_empty());
    assert_eq!(
        difference(&saved, &changing(&json!(false)).document()),
        ["a: the live `settings` at `b` is not what it was when the plan was saved"]
    );
}

#[test]
fn a_stale_document_says_who_is_blocked_now_or_has_nothing_left_to_do() {
    let refused = |world: World| {
        world.edit_live("1", |row| {
            row.detail = crate::model::Detail::Refused {
                reason: "it cannot be read".into(),
                help: "ask for the right".into(),
                kind: crate::model::RefusalKind::Other,
            };
        })
    };
    let saved = changing(&json!(true)).saved();
    assert_eq!(
        difference(&saved, &refused(changing(&json!(true))).document()),
        ["a: the saved plan would change it, and it is blocked now: it cannot be read"]
    );
    let settled = World::empty().in_sync("a", "1", &[("c", json!(2))]);
    assert_eq!(
        difference(&saved, &settled.document()),
        ["a: the saved plan would change it, and there is nothing to do any more"]
    );
    let none = World::empty().in_sync("a", "1", &[]);
    let blocked = refused(none.clone());
    assert_eq!(difference(&none.saved(), &blocked.document()), ["a: blocked now: it cannot be read"]);
    assert_eq!(
        difference(&blocked.saved(), &none.document()),
        ["a: not blocked any more as the saved plan says: it cannot be read"]
    );
}

/// A client with a PIN that shall change, and a world in which nobody but the server and git knows either.
fn with_pins(live: &str, desired: &str) -> World {
    World::empty()
        .defined("a", "1", &[("crm::pin", json!(desired)), ("c", json!(2))])
        .live("a", "1", &[("crm::pin", json!(live)), ("c", json!(1))])
        .sensitive("settings.crm::*")
}

fn key(secret: &str, source: KeySource) -> DigestKey {
    DigestKey::new(secret.as_bytes(), source)
}

/// Plans with a key, and gives the document as it is reported and as it is saved.
fn reported_and_saved(world: &World, key: &DigestKey) -> (PlanV1, PlanV1) {
    let mut world = world.clone();
    world.policy.sensitive.key = key.clone();
    (world.document(), world.document().while_saved((key, None), Clone::clone).expect("a document"))
}

#[test]
fn a_report_says_the_same_whatever_a_sensitive_value_is() {
    let kept = key("kept", KeySource::Kept);
    let report = |live, desired| written(&reported_and_saved(&with_pins(live, desired), &kept).0);
    let text = report("1111", "2222");
    assert!(text.contains(r#""sensitive": true"#) && !text.contains("1111") && !text.contains("2222"), "{text}");
    assert_eq!(report("8765", "4321"), text, "a PIN could be found by trying");
    assert!(!format!("{:?}", with_pins("1111", "2222").plan()).contains("1111"));
}

/// Every digest in documents as they are written.
fn hashes(text: &str) -> BTreeSet<String> {
    let found = text.split('"').filter_map(|text| text.split_once("sha256:"));
    found.map(|(_, digits)| digits.to_owned()).filter(|digits| digits.len() == 64).collect()
}

/// What a plan, its report and the journal of its run hold.
fn all_hashes(world: &World, key: &DigestKey) -> BTreeSet<String> {
    let (reported, saved) = reported_and_saved(world, key);
    let sensitive = Sensitive { key: key.clone(), ..world.policy.sensitive.clone() };
    let journal = world.live.clients.values().map(|live| json!(Snapshot::of_live(live, Mask(&sensitive))).to_string());
    hashes(&(written(&reported) + &written(&saved) + &journal.collect::<String>()))
}

/// What can be made of a PIN with a guessed key, in the way of plans and of journals, and without one.
fn guesses(pin: &str, mut step: StepV1, sensitive: &Sensitive) -> BTreeSet<String> {
    let shown = Mask(sensitive).entry(Field::Settings, "crm::pin", &Json::text(pin));
    let Shown::Sensitive(journalled) = &shown else { panic!("a PIN is sensitive") };
    let journalled = journalled.as_str().to_owned();
    let settings = step.before.as_mut().and_then(|image| image.settings.as_mut()).expect("settings");
    settings.insert("crm::pin".into(), shown);
    let keyed = meaning::digests(&step, &sensitive.key).into_values().chain([journalled]);
    let texts = [pin.to_owned(), format!("\"{pin}\""), format!("settings.crm::pin{pin}")];
    let unkeyed = texts.iter().flat_map(|text| [Sha256::digest(text), hmac(b"", text).finalize().into_bytes()]);
    let keyed = keyed.map(|digest| digest.trim_start_matches("hmac-sha256:").to_owned());
    keyed.chain(unkeyed.map(|hash| hex(&hash))).collect()
}

#[test]
fn none_of_ten_thousand_pins_is_found_in_a_plan_a_report_or_a_journal_without_their_key() {
    let (secret, other) = (key("kept", KeySource::Kept), key("guessed", KeySource::Kept));
    let world = |pin: &str| with_pins(pin, "no PIN");
    let known = all_hashes(&world("1111"), &secret);
    let step = reported_and_saved(&world("1111"), &secret).1.steps.swap_remove(0);
    let sensitive = |key: &DigestKey| Sensitive { key: key.clone(), ..world("1111").policy.sensitive };
    let (own, guessed) = (sensitive(&secret), sensitive(&other));
    let found = |pin: &str, sensitive| guesses(pin, step.clone(), sensitive).intersection(&known).count();
    assert_eq!(found("1111", &own), 3, "with the key it is found: in the plan, on both sides, and in the journal");
    for pin in (0..10_000).map(|number| format!("{number:04}")) {
        assert_eq!(found(&pin, &guessed), 0, "{pin}");
    }
    // The digests of whole documents tell no PIN either: what is equal under another key is so for every PIN.
    let common = |pin: &str| all_hashes(&world(pin), &other).intersection(&known).cloned().collect::<BTreeSet<_>>();
    for pin in (0..10_000).step_by(101).chain([1111]).map(|number| format!("{number:04}")) {
        assert_eq!(common(&pin), common("9999"), "{pin}");
    }
}

#[test]
fn equal_sensitive_values_of_two_clients_do_not_look_equal() {
    let both = World::empty()
        .defined("a", "1", &[("crm::pin", json!("1234"))])
        .defined("b", "2", &[("crm::pin", json!("1234"))])
        .sensitive("settings.crm::*");
    let (_, saved) = reported_and_saved(&both, &key("kept", KeySource::Kept));
    let [one, two] = &saved.steps[..] else { panic!("{saved:?}") };
    assert_eq!(one.sensitive.keys().collect::<Vec<_>>(), ["after.settings.crm::pin"]);
    assert_ne!(one.sensitive, two.sensitive);
}

#[test]
fn a_saved_plan_holds_until_a_sensitive_value_changes_and_not_without_its_key() {
    let secret = key("kept", KeySource::Kept);
    let save = |live, desired, key: &DigestKey| reported_and_saved(&with_pins(live, desired), key).1;
    let saved = SavedPlan::parse(&bytes(&save("1111", "2222", &secret)), None).expect("a plan");
    assert_eq!(saved.check_key(&secret), Ok(()));
    assert_eq!(difference(&saved, &save("1111", "2222", &secret)), Vec::<String>::new());
    let stale = "is not what it was when the plan was saved";
    let live = format!("a: the live `settings.crm::pin` (sensitive) {stale}");
    assert_eq!(difference(&saved, &save("1112", "2222", &secret)), [live]);
    let desired = format!("a: the desired `settings.crm::pin` (sensitive) {stale}");
    assert_eq!(difference(&saved, &save("1111", "2223", &secret)), [desired]);
    assert_eq!(saved.check_key(&key("other", KeySource::Kept)), Err(DocumentError::OtherKey));
    let report = bytes(&reported_and_saved(&with_pins("1111", "2222"), &secret).0);
    let report = SavedPlan::parse(&report, None).expect("a plan");
    assert_eq!(report.differences(&save("1111", "2222", &secret)), Err(DocumentError::NoDigests));
    // Without sensitive values nothing is asked for.
    let plain = SavedPlan::parse(&bytes(&changing(&json!(1)).document()), None).expect("a plan");
    assert_eq!(plain.check_key(&key("other", KeySource::Kept)), Ok(()));
}

#[test]
fn a_plan_of_more_values_than_fit_into_memory_is_refused_before_it_is_read() {
    let bytes = format!(r#"{{"format_version":"1.0","steps":[{}0]}}"#, "0,".repeat(16_000_001));
    let refused = |text: &str| SavedPlan::parse(text.as_bytes(), None).expect_err("too much").to_string();
    assert_eq!(refused(&bytes), "it is not a plan document: it holds more than 16000000 values");
    let many = "0,".repeat(4_000_001);
    for text in [format!(r#"{{"steps":[[{many}0]]}}"#), format!(r#"{{"steps":[],"more":[{many}0]}}"#)] {
        let expected =
            "it is not a plan document: it holds more than 4000000 values besides its steps, or in one of them";
        assert_eq!(refused(&text), expected);
    }
    let twice = r#"{"format_version":"1.0","steps":[],"steps":[]}"#;
    assert!(refused(twice).starts_with("it is not a plan document: it says `steps` twice"), "{}", refused(twice));
    let steps = format!(r#"{{"format_version":"1.0","steps":[{}null]}}"#, "null,".repeat(600_000));
    assert_eq!(refused(&steps), "it is not a plan document: it has more than 500000 steps");
    let long = "x".repeat(33 * 1024 * 1024);
    for text in [format!(r#"{{"steps":[["{long}"]]}}"#), format!(r#"{{"steps":[],"more":"{long}"}}"#)] {
        assert!(refused(&text).contains("more than 33554432 bytes besides its steps"), "{}", refused(&text).len());
    }
}

#[test]
fn the_digest_of_steps_covers_what_would_be_done_and_not_where_it_is_written() {
    let digest = |world: &World| world.document().steps_digest.expect("a digest");
    let world = changing(&json!(true));
    let moved = world.clone().edit("a", |one| {
        one.at.line += 7;
        let lower = |(key, one): (&Arc<str>, DeclaredValue<'_>)| {
            let at = Location { line: one.at().line + 7, ..one.at() };
            (Arc::clone(key), Declared { at, value: one.value.clone() })
        };
        one.spec.settings = one.spec.settings.as_ref().map(|settings| settings.iter().map(lower).collect());
    });
    assert_eq!(digest(&moved), digest(&world));
    let mut committed = world.document();
    committed.source.git_commit = Some("c0ffee".to_owned());
    assert_eq!(committed.steps_digest, Some(digest(&world)));
    let unrelated = world.clone().defined("same", "5", &[]).live("same", "5", &[]);
    assert_eq!(digest(&unrelated), digest(&world));
    let (live, more) = (changing(&json!(false)), world.clone().defined("new", "9", &[]));
    assert!(digest(&live) != digest(&world) && digest(&more) != digest(&world));
}

#[test]
fn the_digest_of_steps_covers_sensitive_values_only_under_a_key_that_other_jobs_have() {
    let digest = |desired: &str, key: &DigestKey| {
        reported_and_saved(&with_pins("1111", desired), key).0.steps_digest.expect("a digest")
    };
    let kept = key("kept", KeySource::Kept);
    assert_eq!(digest("2222", &kept), digest("3333", &kept));
    assert_eq!(digest("2222", &kept), digest("2222", &key("of another machine", KeySource::Kept)));
    let shared = key("shared", KeySource::PlanKey);
    assert_ne!(digest("2222", &shared), digest("3333", &shared));
    assert_eq!(digest("2222", &shared), digest("2222", &key("shared", KeySource::PlanKey)));
}

#[test]
fn a_plan_of_an_earlier_version_is_shown_without_what_could_be_guessed_from() {
    let old = edited(|plan| {
        plan["steps"][0]["before"] = json!({ "description": { "sensitive": "sha256:0a1b" }, "cm_environment_id": "",
            "policies": {}, "settings": { "crm::pin": { "sensitive": "sha256:2c3d" } } });
    });
    let shown = written(&old.expect("a plan").shown());
    assert!(shown.contains(r#""sensitive": true"#) && !shown.contains("0a1b") && !shown.contains("2c3d"), "{shown}");
    assert!(SavedPlan::parse(shown.as_bytes(), None).is_ok(), "its digest fits what is shown");
}

#[test]
fn what_is_saved_is_what_was_made() {
    let nulls = World::empty().defined("a", "1", &[("n", json!(null)), ("x", json!(1.50))]).live("a", "1", &[]);
    for world in [everything(), fleet(World::empty(), 20), changing(&json!({"sensitive": 1})), nulls] {
        let made = PlanV1 { unchanged: Vec::new(), ..world.document() };
        let saved = world.saved();
        assert_eq!(saved.plan, made);
        assert!(saved.is_understood());
        let reread = SavedPlan::parse(&bytes(&saved.shown()), None).expect("a plan");
        assert_eq!(reread, saved);
    }
}

#[test]
fn a_newer_plan_loads_with_all_that_it_says_and_is_not_taken_for_less() {
    let now = fleet(everything(), 1).document();
    let same = edited(|_| {}).expect("a plan");
    assert_eq!(difference(&same, &now), Vec::<String>::new());
    let elsewhere = edited(|plan| plan["estimate"] = json!({ "requests": 7 })).expect("a plan");
    assert_eq!(difference(&elsewhere, &now), Vec::<String>::new());
    assert!(written(&elsewhere.shown()).contains("\"requests\": 7"));
    for (pointer, value) in [
        ("/steps/0/phase", json!(2)),
        (
            "/steps/0/before",
            json!({ "description": "x", "cm_environment_id": null, "policies": {}, "settings": {}, "locale": "en" }),
        ),
        ("/guard/findings/0/severity", json!("grave")),
    ] {
        let newer = edited(|plan| {
            let (parent, key) = pointer.rsplit_once('/').expect("a path");
            plan.pointer_mut(parent).expect("a parent")[key] = value.clone();
        });
        let newer = newer.expect("a newer plan loads");
        assert!(!difference(&newer, &now).is_empty(), "{pointer}");
        assert!(written(&newer.shown()).contains(pointer.rsplit_once('/').expect("a path").1));
    }
    for (pointer, word) in [("/steps/0/action", "explode"), ("/prune", "archive"), ("/guard/verdict", "perhaps")] {
        let newer = edited(|plan| *plan.pointer_mut(pointer).expect("a word") = json!(word)).expect("a plan");
        assert!(!newer.is_understood() && !difference(&newer, &now).is_empty(), "{pointer}");
    }
}

#[test]
fn what_no_version_writes_is_not_a_plan() {
    let broken = edited(|plan| plan["steps"][0]["client"] = json!(5));
    assert!(matches!(broken, Err(DocumentError::NotAPlan(_))), "{broken:?}");
}

#[test]
fn every_document_reads_back_as_it_was_written() {
    fn again<T: Serialize + serde::de::DeserializeOwned>(document: &T) {
        let text = written(document);
        assert_eq!(written(&serde_json::from_str::<T>(&text).expect("a document")), text);
    }
    let world = fleet(everything(), 3);
    let plan = world.plan();
    let other = World::empty().defined("new", "02", &[("core::x", json!(1))]);
    again(&OutcomesV1::new(world.document(), &outcomes(&plan)));
    let drift = crate::drift::drift(&world.desired, None, &world.live, &world.policy);
    again(&DriftV1::new(heading().target, Some("main"), &drift));
    again(&ReviewV1::new(
        "main",
        "HEAD",
        &crate::review::review(&other.desired, &world.desired, &sensitive(&[]), None),
    ));
    again(&FailureV1::new("invalid", "2 \"errors\"".to_owned(), None, &[]));
    again(&ValidationV1::default());
    again(&RunsV1::default());
    for definition in world.desired.clients.values() {
        again(&EffectiveV1::new(definition, &sensitive(&[])));
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped_in_every_document() {
    let target = TargetV1 { name: "p\u{202e}rod\u{1b}[31m".to_owned(), url: "https://ccs.example.com".to_owned() };
    let text = written(&target);
    assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
    assert_eq!(serde_json::from_str::<TargetV1>(&text).expect("a document"), target);
}
