//! Reports that are larger than what shows them.

use serde_json::json;

use super::{STYLE, World, shown};
use crate::report::{Format, Grouping, plan};

/// 2,000 changes of all kinds, none like another.
fn mixed() -> World {
    (0..2_000_u32).fold(World::empty(), |world, number| {
        let (name, device) = (format!("client-number-{number:04}"), format!("0123456{number:04}"));
        let settings = [("core::number", json!(number)), ("core::text", json!("x".repeat(60)))];
        match number % 4 {
            0 => world.in_sync(&name, &device, &settings).edit(&name, |one| {
                one.state = crate::model::Presence::Absent;
            }),
            1 => world.defined(&name, &device, &settings),
            _ => world.defined(&name, &device, &settings).live("before", &device, &[]),
        }
    })
}

#[test]
fn a_comment_of_two_thousand_changes_holds_the_verdict_and_every_delete() {
    let text = shown(Format::Markdown, &mixed());
    assert!(text.len() <= 65_000, "{}", text.len());
    assert!(text.contains("Plan: 500 to add, 1000 to change, 500 to delete"));
    for number in (0..2_000).step_by(4) {
        assert!(text.contains(&format!("`client-number-{number:04}`")), "{number}");
    }
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert_eq!(text.matches("```").count() % 2, 0);
    assert!(text.contains("clients are not shown here") && text.ends_with("```\n"));
    assert!(text.len() > 55_000, "the room is used: {}", text.len());
}

/// 3,000 steps: deletes, replaces, groups of many sizes, and changes like no other, for three customers.
fn three_thousand() -> World {
    let mut world = (0..3_000_u32).fold(World::empty(), |world, number| {
        let (name, device) = (format!("client-{number:04}"), format!("0123456{number:04}"));
        match number % 10 {
            0 => world.in_sync(&name, &device, &[]).edit(&name, |one| one.state = crate::model::Presence::Absent),
            1 => world.in_sync(&name, &device, &[]).edit(&name, |one| {
                one.scope = crate::fixture::scope(417, 2, &device);
                one.id = Some(crate::model::Declared { value: crate::fixture::id(&device), at: one.at.clone() }.into());
            }),
            // 60 groups of 20.
            2..=5 => world.defined(&name, &device, &[("core::group", json!(number / 50))]).live(&name, &device, &[]),
            6 | 7 => {
                let (size, text) = (json!(number), json!(format!("{number} {}", "x".repeat(200))));
                world.defined(&name, &device, &[("core::a", size), ("core::b", text)]).live(&name, &device, &[])
            }
            _ => world.defined(&name, &device, &[("core::x", json!(number % 4))]),
        }
    });
    world.policy.limits.max_deletes = Some(9);
    world.called("01234560000", "Sunshine Insurance", "Anne Hunter", ("kim", "2026-11-02"))
}

#[test]
fn a_comment_of_three_thousand_steps_names_what_is_destroyed_and_every_group_of_ten() {
    let world = three_thousand();
    let text = shown(Format::Markdown, &world);
    assert!(text.len() < 65_536 && text.len() > 40_000, "{}", text.len());
    assert!(text.starts_with("<!-- icsync: plan prod -->\n### icsync plan · prod · refused\n"), "{}", &text[..200]);
    let (caution, rest) = text.split_once("\n\n> [!CAUTION]\n").expect("a block").1.split_once("\n\n").expect("an end");
    assert!(
        caution.starts_with("> **300 deletes, 300 replaces**") && caution.contains("**Refused** by `limits.delete`")
    );
    for number in (0..3_000).filter(|number| number % 10 < 2) {
        let name = format!("`client-{number:04}`");
        let moves = format!("`client-{number:04} 4");
        let named = caution.contains(&name) || caution.contains(&moves);
        assert!(named && !rest.contains(&name), "{name} stands once, in the block");
    }
    let document = world.document();
    let report = crate::report::view::plan(&document, crate::report::view::SteadyClients::Listed);
    let groups = crate::report::group::arrange(&report.entries, Grouping::Grouped);
    let large: Vec<_> = groups.iter().filter(|group| group.len() >= 10 && !group.first.is_destructive()).collect();
    assert!(large.len() >= 60, "{}", large.len());
    for group in large {
        let name = crate::report::group::name(group.first);
        assert_eq!(rest.matches(&format!(": {name} (")).count(), 1, "{name}, first of {}", group.len());
    }
    assert!(rest.contains("| Sunshine Insurance (417) |") && rest.contains("not shown here (groups: "), "{rest}");
    let sizes: Vec<usize> = rest
        .lines()
        .filter_map(|line| line.split_once(" and ")?.1.split_once(" more client")?.0.parse().ok())
        .collect();
    assert!(sizes.is_sorted_by(|one, next| one >= next) && !sizes.is_empty(), "{sizes:?}");
}

#[test]
fn what_does_not_fit_is_skipped_and_what_is_smaller_follows() {
    let long = |number: u32| json!(format!("{number}").repeat(900));
    let world = (1..60_u32).fold(World::empty(), |world, number| {
        let keys: Vec<String> = (0..12).map(|key| format!("core::{key}")).collect();
        let settings: Vec<_> = keys.iter().map(|key| (key.as_str(), long(number))).collect();
        world.defined(&format!("large-{number}"), &format!("1{number:03}"), &settings)
    });
    let world = world.defined("small", "2000", &[("core::x", json!(1))]);
    let text = shown(Format::Markdown, &world);
    assert!(text.len() < 65_536 && text.contains("add: small (") && text.contains("not shown here"), "{}", text.len());
}

#[test]
fn more_deletes_than_a_comment_holds_are_counted() {
    let world = (0..9_000_u32)
        .fold(World::empty().prune(), |world, number| world.live("foreign", &format!("0123456{number:04}"), &[]));
    let text = shown(Format::Markdown, &world);
    assert!(text.len() <= 65_000, "{}", text.len());
    assert!(text.contains("9000 deletes") && text.contains("too many for one comment"));
}

#[test]
fn a_comment_of_five_hundred_refusals_is_cut_at_its_head() {
    let world = (0..500_u32).fold(World::empty().prune(), |world, number| {
        let device = format!("0123456{number:04}");
        world.in_sync(&format!("desk-{number}"), &device, &[]).edit(&format!("desk-{number}"), |one| {
            one.state = crate::model::Presence::Absent;
        })
    });
    let text = shown(Format::Markdown, &world.protect(417));
    assert!(text.len() <= 65_000, "{}", text.len());
    assert!(text.contains("(and 499 more steps)"), "{}", &text[..2_000]);
    assert!(text.contains("`desk-499`"));
}

#[test]
fn a_huge_text_is_compared_where_it_differs_and_cut() {
    let long = |end: &str| format!("{}{end}", "word ".repeat(50_000));
    let world = World::empty().defined("desk", "0123", &[("core::x", json!(long("new")))]).live(
        "desk",
        "0123",
        &[("core::x", json!(long("old")))],
    );
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json) {
        let text = shown(format, &world);
        assert!(text.len() < 60_000, "{format}: {}", text.len());
    }
    assert!(shown(Format::Text, &world).contains("old"));
}

#[test]
fn equal_plans_give_equal_bytes() {
    let world = super::fixture::fleet(super::fixture::everything(), 20);
    for format in Format::ALL {
        let mut again = Vec::new();
        plan(format, &mut again, &world.document(), STYLE).expect("a buffer");
        assert_eq!(shown(format, &world).into_bytes(), again, "{format}");
    }
}

#[test]
fn github_gets_the_summary_first_and_ten_annotations_of_a_level_at_most() {
    for world in [mixed(), mixed().protect(417)] {
        let text = shown(Format::Github, &world);
        assert!(
            text.starts_with("::notice title=icsync plan::Plan: 500 to add, 1000 to change, 500 to delete"),
            "{text}"
        );
        for level in ["::error ", "::warning ", "::notice "] {
            let count = text.lines().filter(|line| line.starts_with(level)).count();
            assert!(count <= 10, "{level}: {count}");
        }
        assert!(text.contains("1492 more") && text.contains("plan%3A 491 more"), "{text}");
        assert!(text.len() < 60_000, "{}", text.len());
    }
}
