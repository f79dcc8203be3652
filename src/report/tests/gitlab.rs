//! The numbers for GitLab's widget of plans.

use super::{World, shown};
use crate::report::Format;
use crate::report::tests::fixture;

fn numbers(world: &World) -> serde_json::Value {
    serde_json::from_str(&shown(Format::Gitlab, world)).expect("JSON")
}

#[test]
fn a_replace_is_created_and_deleted_and_what_is_blocked_is_to_change() {
    let summary = fixture::everything().document().summary;
    assert!(summary.replace > 0 && summary.blocked > 0, "{summary:?}");
    let expected = serde_json::json!({
        "create": summary.add + summary.replace,
        "update": summary.change + summary.blocked,
        "delete": summary.delete + summary.replace,
    });
    assert_eq!(numbers(&fixture::everything()), expected);
}

#[test]
fn a_plan_of_which_all_is_blocked_never_reads_as_no_changes() {
    let world = World::empty().defined("desk", "01", &[]).live("one", "01", &[]).live("two", "02", &[]);
    let world = world.edit_live("02", |row| row.scope = fixture::scope(417, 1, "01"));
    let blocked = world.document().summary.blocked;
    assert_eq!((blocked, world.document().steps.len()), (1, 0));
    assert_eq!(numbers(&world)["update"], 1);
    for format in Format::ALL.into_iter().filter(|format| !matches!(format, Format::Json | Format::Gitlab)) {
        let text = shown(format, &world);
        assert!(!text.contains("No changes") && text.contains("blocked"), "{format}: {text}");
    }
}
