//! Text fits the terminal.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::fixture::outcomes as tried;
use crate::model::{Detail, RefusalKind};

fn wide(world: &World, width: usize, grouping: Grouping) -> String {
    let mut out = Vec::new();
    plan(Format::Text, &mut out, &world.document(), Style { width: Some(width), grouping, ..STYLE }).expect("a buffer");
    String::from_utf8(out).expect("text")
}

/// A plan of all actions, of what is blocked and refused and not compared, with names, places and values of all lengths.
fn all_actions() -> World {
    let long = "the quick brown fox jumps over the lazy dog and then sleeps in the sun until the evening comes";
    fleet(everything(), 3)
        .prune()
        .live("Wei Berg, the one in the small office behind the kitchen", "0125", &[("core::x", json!(long))])
        .live("北京电信 总机", "0126", &[])
        .called("0125", "Ward & Höfer Insurance and Reinsurance Brokers", "Wei Berg", ("kim", "2026-11-02"))
        .called("0126", "北京电信", "总机", ("lee", "2026-11-03"))
        .defined("sunshine-insurance-london-reception-second-floor", "0127", &[("core::x", json!(long))])
        .live("reception", "0127", &[("core::x", json!("the slow brown fox"))])
        .called("0127", "Sunshine Insurance", "Anne Hunter", ("42", "2026-11-02"))
}

#[test]
fn a_plan_of_all_actions_at_80_columns() {
    assert_snapshot!(wide(&all_actions(), 80, Grouping::Grouped), @"");
}

#[test]
fn a_plan_of_all_actions_at_120_columns() {
    assert_snapshot!(wide(&all_actions(), 120, Grouping::Grouped), @"");
}

#[test]
fn a_plan_of_all_actions_at_200_columns() {
    assert_snapshot!(wide(&all_actions(), 200, Grouping::Grouped), @"");
}

#[test]
fn a_brief_plan_is_one_line_for_each_client() {
    assert_snapshot!(wide(&all_actions(), 80, Grouping::Brief), @"");
    let mut out = Vec::new();
    let world = all_actions();
    plan(Format::Text, &mut out, &world.document(), Style { grouping: Grouping::Brief, ..STYLE }).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    let steps = world.document().steps.len();
    let heads = text.lines().filter(|line| line.contains("417/") && !line.contains("unmanaged"));
    assert!(heads.count() >= steps, "{text}");
    assert!(!text.contains("the same change on") && !text.contains(" → "), "{text}");
}

/// Gives every document of a world as text.
fn documents(world: &World, width: usize, grouping: Grouping) -> Vec<String> {
    let style = Style { width: Some(width), grouping, ..STYLE };
    let text = |render: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        render(&mut out).expect("a buffer");
        String::from_utf8(out).expect("text")
    };
    let known = crate::drift::drift(&world.desired, None, &world.live, &world.policy);
    let known = DriftV1::new(heading().target, None, &known);
    let done = OutcomesV1::new(world.document(), &tried(&world.plan()));
    vec![
        text(&|out| plan(Format::Text, out, &world.document(), style)),
        text(&|out| outcomes(Format::Text, out, &done, style)),
        text(&|out| drift(Format::Text, out, &known, style)),
    ]
}

fn hostile(name: &str) -> World {
    World::empty()
        .in_sync("desk", "01", &[])
        .edit_live("01", |row| {
            row.content.description = Observed::Known(name.into());
            row.content.settings =
                Observed::Known([(name.into(), crate::model::Json::text(name))].into_iter().collect());
        })
        .in_sync("refused", "02", &[])
        .edit_live("02", |row| {
            row.detail = Detail::Refused { reason: name.into(), help: name.into(), kind: RefusalKind::NotPermitted };
        })
        .live(name, "03", &[(name, json!([name, name]))])
        .called("03", name, name, (name, name))
        .prune()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_wider_than_the_terminal(
        name in "[a-z0-9 \u{301}é北\u{ff21}☎\u{fe0f}שب\u{202e}\u{200b}\u{a0}\n\t`|<>-]{1,120}", width in 40_usize..160,
        brief in any::<bool>(), full in any::<bool>()
    ) {
        let grouping = match (brief, full) {
            (true, _) => Grouping::Brief,
            (false, true) => Grouping::Full,
            (false, false) => Grouping::Grouped,
        };
        for text in documents(&hostile(&name), width, grouping) {
            for line in text.lines() {
                prop_assert!(line.width() <= width, "{} > {width}: {line}", line.width());
                prop_assert!(!line.chars().any(|one| one.is_control() || one == '\u{202e}' || one == '\u{200b}'), "{line}");
            }
        }
    }
}

#[test]
fn colours_make_no_line_wider_or_narrower() {
    let bare = |text: &str| {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
    };
    for width in [40, 80, 120] {
        let mut out = Vec::new();
        let style = Style { width: Some(width), colour: Colour::Ansi, ..STYLE };
        plan(Format::Text, &mut out, &all_actions().document(), style).expect("a buffer");
        let coloured = String::from_utf8(out).expect("text");
        assert_eq!(bare(&coloured), wide(&all_actions(), width, Grouping::Grouped));
    }
}
