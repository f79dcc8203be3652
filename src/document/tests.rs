//! Documents on their way into files and back.

use serde_json::{Value, json};

use super::*;
use crate::fixture::{World, bytes, everything, fleet, heading, outcomes};

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
fn sensitive_values_leave_a_plan_as_digests_only() {
    let world = World::empty()
        .defined("a", "1", &[("crm::password", json!("hunter2"))])
        .live("a", "1", &[("crm::password", json!("old-one"))])
        .sensitive("settings.crm::*");
    let text = written(&world.document());
    assert!(text.contains("\"sensitive\": \"sha256:") && !text.contains("hunter2") && !text.contains("old-one"));
    assert!(!format!("{:?}", world.plan()).contains("hunter2"));
}

#[test]
fn what_is_saved_is_what_was_made() {
    let nulls = World::empty().defined("a", "1", &[("n", json!(null)), ("x", json!(1.50))]).live("a", "1", &[]);
    for world in [everything(), fleet(World::empty(), 20), changing(&json!({"sensitive": 1})), nulls] {
        let made = PlanV1 { unchanged: Vec::new(), ..world.document() };
        let saved = world.saved();
        assert_eq!(saved.plan, made);
        assert!(saved.is_understood());
        let reread = SavedPlan::parse(&bytes(saved.value()), None).expect("a plan");
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
    assert!(written(elsewhere.value()).contains("\"requests\": 7"));
    for (pointer, value) in [
        ("/steps/0/wave", json!(2)),
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
        assert!(written(newer.value()).contains(pointer.rsplit_once('/').expect("a path").1));
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
    again(&ReviewV1::new("main", "HEAD", &crate::review::review(&other.desired, &world.desired, &[], None)));
    again(&FailureV1::new("invalid", "2 \"errors\"".to_owned(), None, &[]));
    again(&ValidationV1::default());
    again(&RunsV1::default());
    for definition in world.desired.clients.values() {
        again(&EffectiveV1::new(definition, &[]));
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped_in_every_document() {
    let target = TargetV1 { name: "p\u{202e}rod\u{1b}[31m".to_owned(), url: "https://ccs.example.com".to_owned() };
    let text = written(&target);
    assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
    assert_eq!(serde_json::from_str::<TargetV1>(&text).expect("a document"), target);
}
