//! What the server does not show: fields, and the partition of a row.

use super::*;

/// A definition that sets one key of the settings.
fn setting_b(ignore: &[&str], settings: Ownership) -> Definition {
    Definition {
        owns: Owns { settings, ..Owns::default() },
        ignore: ignore.iter().map(|pattern| FieldPattern::new(pattern).expect("a pattern")).collect(),
        ..with_settings(declared(&[("b", true.into())]))
    }
}

#[test]
fn an_unreadable_field_of_which_git_sets_a_part_is_not_in_sync_either() {
    let blind = || with_live_settings(row(A, "417/1/1", "x"), unreadable());
    for (ignore, ownership) in
        [(&[][..], Ownership::Listed), (&["settings.other"], Ownership::Exact), (&["settings.b"], Ownership::Exact)]
    {
        assert_eq!(plan_of([setting_b(ignore, ownership)], [blind()]), ["= a [Settings]"], "{ignore:?} {ownership:?}");
    }
    // Here git says nothing that could differ.
    for (ignore, ownership) in [(&["settings"][..], Ownership::Exact), (&["settings.b"], Ownership::Listed)] {
        assert_eq!(plan_of([setting_b(ignore, ownership)], [blind()]), ["= a []"], "{ignore:?} {ownership:?}");
    }
    // What the rest is has to be known for a write.
    let other = definition("a", "417/1/1", "y").spec.description;
    let listed = setting_b(&[], Ownership::Listed);
    let changed = Definition { spec: Spec { description: other, ..listed.spec.clone() }, ..listed };
    let said = plan_of([changed], [blind()]);
    assert!(said[0].starts_with("! a a change is written as a whole object"), "{said:?}");
}

#[test]
fn protection_by_scope_holds_where_a_row_does_not_show_its_partition() {
    let protect = |partition: i64, device: Option<Device>| {
        let partition = Some(Partition::from_number(partition).expect("a partition"));
        vec![Protection::Scope { telsys: Telsys::One(417), partition, device }]
    };
    let one = || Some(Device::from_text("1").expect("a device"));
    let refused = |shown: &str, protect: Vec<Protection>| {
        let policy = Policy { protect, ..policy() };
        let changed = pinned(A, definition("a", "417/1/1", "y"));
        let absent = Definition { state: Presence::Absent, ..changed.clone() };
        let rules = [changed, absent].map(|definition| {
            let plan = plan(&desired([definition]), &live([row(A, shown, "x")]), &policy);
            plan.guard.findings.iter().any(|finding| finding.rule == "protect")
        });
        assert_eq!(rules[0], rules[1]);
        rules[0]
    };
    assert!(refused("417/-3/1", protect(1, one())));
    // It may be in any partition, and git says which device it is.
    assert!(refused("417/-3/1", protect(2, one())));
    assert!(refused("417/-3/all", protect(1, one())));
    assert!(!refused("417/-3/1", protect(1, Some(Device::from_text("2").expect("a device")))));
    assert!(!refused("417/1/1", protect(2, one())));
}
