//! What is met needs no step, and what is not met does: the quick look and the thorough one agree.

use proptest::prelude::*;

use super::super::diff::diff;
use super::super::own::{blind, is_met, own};
use super::*;
use crate::redact::Mask;

fn any_entries() -> impl Strategy<Value = Vec<(&'static str, serde_json::Value)>> {
    let key = prop::sample::select(vec!["a", "b", "c::x"]);
    let value =
        prop::sample::select(vec![serde_json::json!(1), serde_json::json!(1.0), serde_json::json!("1"), true.into()]);
    prop::collection::vec((key, value), 0..4)
}

fn any_definition() -> impl Strategy<Value = Definition> {
    let ownership = || prop::sample::select(vec![Ownership::Exact, Ownership::Listed]);
    let patterns = vec!["description", "settings", "settings.a", "policies.c::*", "settings.*"];
    let ignore = prop::collection::vec(prop::sample::select(patterns), 0..3);
    let text = prop::option::of(prop::sample::select(vec!["x", "", "y"]));
    (text, prop::option::of(any_entries()), prop::option::of(any_entries()), ownership(), ownership(), ignore).prop_map(
        |(text, policies, settings, of_policies, of_settings, ignore)| {
            let mut one = definition("a", "417/1/01", "x");
            one.spec.description = text.map(|text| Declared { value: text.into(), at: at(2) });
            one.spec.policies = policies.and_then(|pairs| declared(&pairs));
            one.spec.settings = settings.and_then(|pairs| declared(&pairs));
            one.owns = Owns { policies: of_policies, settings: of_settings, ..Owns::default() };
            one.ignore = ignore.into_iter().map(|pattern| FieldPattern::new(pattern).expect("a pattern")).collect();
            one
        },
    )
}

fn any_row() -> impl Strategy<Value = LiveClient> {
    let observed = |entries: Option<Option<Vec<(&'static str, serde_json::Value)>>>| match entries {
        Some(pairs) => Observed::Known(pairs.map(|pairs| super::entries(&pairs)).into()),
        None => unreadable(),
    };
    let entries = || prop::option::of(prop::option::of(any_entries()));
    (prop::sample::select(vec!["x", "", "y"]), entries(), entries()).prop_map(move |(text, policies, settings)| {
        let mut one = row(A, "417/1/01", text);
        one.content.policies = observed(policies);
        one.content.settings = observed(settings);
        one
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_look_finds_what_the_thorough_one_finds(definition in any_definition(), row in any_row()) {
        let owned = own(&definition, &row);
        prop_assert_eq!(is_met(&definition, &row), diff(&owned, Mask(&Sensitive::default())).is_empty());
        prop_assert_eq!(blind(&definition, &row), owned.blind());
    }
}
