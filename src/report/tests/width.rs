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
    assert_snapshot!(wide(&all_actions(), 80, Grouping::Grouped), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, t…the kitchen"   417/1/0125          Ward & Höfer…s · Wei Berg
          not in git · last changed by kim at 2026-11-02
          description        Wei Berg, the one in the small office behind the
                             kitchen
          settings
            - core::x   "the quick brown fox jumps over the lazy dog and then sleeps
                        in the sun until the evening comes"
      2 - "北京电信 总机"             417/1/0126          北京电信 · 总机
          not in git · last changed by lee at 2026-11-03
          description        北京电信 总机
      3 - "No Config Access"          417/1/06            Ward & Höfer…ance Brokers
          not in git
          description        No Config Access
      4 - "Others"                    417/1/07            Ward & Höfer…ance Brokers
          not in git
          description        Others
      9 - sunshine-leaver             417/1/05            Ward & Höfer…ance Brokers
          clients/sunshine-leaver.yaml:2
          description        sunshine-leaver
          settings
            - core::x   "y"
     10 ± sunshine-mover              417/1/04 → …/2/04   Ward & Höfer…ance Brokers
          clients/sunshine-mover.yaml:2
          moves from 417/1/04 to 417/2/04: deleted there, then added here with a new
            id

    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1
      (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6

        ! sunshine-doubt     417/1/08   Ward & Höfer I…urance Brokers   blocked
          clients/sunshine-doubt.yaml:2
          2 live clients have the scope 417/1/08
            id-of-08  "this"
            id-of-09  "or that"
          help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the
            definition
        ! sunshine-refused   417/1/03   Ward & Höfer I…urance Brokers   blocked
          clients/sunshine-refused.yaml:2
          30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
          help: look at it in the web client
        ? sunshine-blind     417/1/02                                   not compared
          clients/sunshine-blind.yaml:2
          not compared: the server does not show `settings`
        * sunshine-pin                                                  notice
          clients/sunshine-pin.yaml:2
          the pinned id id-of-gone of `sunshine-pin` is not on the server any more
          help: once a client has its scope again, `icsync pin --select
            name=sunshine-pin --target prod` writes the new id

    CHANGES 1
      8 ~ sunshine-ins…second-floor   417/1/0127          Sunshine Ins… Anne Hunter
          clients/sunshine-insurance-london-reception-second-floor.yaml:2
          last changed by 42 at 2026-11-02
          description
              - reception
              + sunshine-insurance-london-reception-second-floor
          settings
            ~ core::x
              - "the slow brown fox"
              + "the quick brown fox jumps over the lazy dog and then sleeps in the
                sun until the evening comes"

    ADDS 4
      5 + sunshine-desk-102           417/1/01234567102   Ward & Höfer…ance Brokers
          clients/desks.yaml:9
          description        Desk 01234567102
          settings
            + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
        = the same change on 2 more clients: sunshine-desk-103, sunshine-desk-104
     11 + sunshine-pin                417/1/10            Ward & Höfer…ance Brokers
          clients/sunshine-pin.yaml:2
          description        sunshine-pin

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, t…the kitchen"   417/1/0125          Ward & Höfer…s · Wei Berg
      2 - "北京电信 总机"             417/1/0126          北京电信 · 总机
      3 - "No Config Access"          417/1/06            Ward & Höfer…ance Brokers
      4 - "Others"                    417/1/07            Ward & Höfer…ance Brokers
      9 - sunshine-leaver             417/1/05            Ward & Höfer…ance Brokers
     10 ± sunshine-mover              417/1/04 → …/2/04   Ward & Höfer…ance Brokers
    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1
      (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6
    Plan: 4 to add, 1 to change, 5 to delete, 1 to replace · 1 unchanged, 0
      unmanaged, 8 outside the boundary, 2 blocked, 1 not compared
    "#);
}

#[test]
fn a_plan_of_all_actions_at_120_columns() {
    assert_snapshot!(wide(&all_actions(), 120, Grouping::Grouped), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, the…d the kitchen"   417/1/0125          Ward & Höfer I…ers · Wei Berg   not in git
          last changed by kim at 2026-11-02
          description        Wei Berg, the one in the small office behind the kitchen
          settings
            - core::x   "the quick brown fox jumps over the lazy dog and then sleeps in the sun until the evening comes"
      2 - "北京电信 总机"                 417/1/0126          北京电信 · 总机                 not in git
          last changed by lee at 2026-11-03
          description        北京电信 总机
      3 - "No Config Access"              417/1/06            Ward & Höfer I…urance Brokers   not in git
          description        No Config Access
      4 - "Others"                        417/1/07            Ward & Höfer I…urance Brokers   not in git
          description        Others
      9 - sunshine-leaver                 417/1/05            Ward & Höfer I…urance Brokers   clients/sunshine-leaver.yaml:2
          description        sunshine-leaver
          settings
            - core::x   "y"
     10 ± sunshine-mover                  417/1/04 → …/2/04   Ward & Höfer I…urance Brokers   clients/sunshine-mover.yaml:2
          moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id

    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6

        ! sunshine-doubt     417/1/08   Ward & Höfer Insu…insurance Brokers   blocked        clients/sunshine-doubt.yaml:2
          2 live clients have the scope 417/1/08
            id-of-08  "this"
            id-of-09  "or that"
          help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
        ! sunshine-refused   417/1/03   Ward & Höfer Insu…insurance Brokers   blocked        clients/sunshine-refused.yaml:2
          30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
          help: look at it in the web client
        ? sunshine-blind     417/1/02                                         not compared   clients/sunshine-blind.yaml:2
          not compared: the server does not show `settings`
        * sunshine-pin                                                        notice         clients/sunshine-pin.yaml:2
          the pinned id id-of-gone of `sunshine-pin` is not on the server any more
          help: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id

    CHANGES 1
      8 ~ sunshine-insur…n-second-floor   417/1/0127          Sunshine Insur… · Anne Hunter   clients/sunshin…d-floor.yaml:2
          last changed by 42 at 2026-11-02
          description        reception → sunshine-insurance-london-reception-second-floor
          settings
            ~ core::x
              - "the slow brown fox"
              + "the quick brown fox jumps over the lazy dog and then sleeps in the sun until the evening comes"

    ADDS 4
      5 + sunshine-desk-102               417/1/01234567102   Ward & Höfer I…urance Brokers   clients/desks.yaml:9
          description        Desk 01234567102
          settings
            + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
        = the same change on 2 more clients: sunshine-desk-103, sunshine-desk-104
     11 + sunshine-pin                    417/1/10            Ward & Höfer I…urance Brokers   clients/sunshine-pin.yaml:2
          description        sunshine-pin

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, the…d the kitchen"   417/1/0125          Ward & Höfer I…ers · Wei Berg   not in git
      2 - "北京电信 总机"                 417/1/0126          北京电信 · 总机                 not in git
      3 - "No Config Access"              417/1/06            Ward & Höfer I…urance Brokers   not in git
      4 - "Others"                        417/1/07            Ward & Höfer I…urance Brokers   not in git
      9 - sunshine-leaver                 417/1/05            Ward & Höfer I…urance Brokers   clients/sunshine-leaver.yaml:2
     10 ± sunshine-mover                  417/1/04 → …/2/04   Ward & Höfer I…urance Brokers   clients/sunshine-mover.yaml:2
    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6
    Plan: 4 to add, 1 to change, 5 to delete, 1 to replace · 1 unchanged, 0 unmanaged, 8 outside the boundary, 2 blocked, 1
      not compared
    "#);
}

#[test]
fn a_plan_of_all_actions_at_200_columns() {
    assert_snapshot!(wide(&all_actions(), 200, Grouping::Grouped), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, the one in …e behind the kitchen"   417/1/0125          Ward & Höfer Insurance…ce Brokers · Wei Berg                  not in git · last changed by kim at 2026-11-02
          description        Wei Berg, the one in the small office behind the kitchen
          settings
            - core::x   "the quick brown fox jumps over the lazy dog and then sleeps in the sun until the evening comes"
      2 - "北京电信 总机"                                417/1/0126          北京电信 · 总机                                               not in git · last changed by lee at 2026-11-03
          description        北京电信 总机
      3 - "No Config Access"                             417/1/06            Ward & Höfer Insurance…d Reinsurance Brokers                  not in git
          description        No Config Access
      4 - "Others"                                       417/1/07            Ward & Höfer Insurance…d Reinsurance Brokers                  not in git
          description        Others
      9 - sunshine-leaver                                417/1/05            Ward & Höfer Insurance…d Reinsurance Brokers                  clients/sunshine-leaver.yaml:2
          description        sunshine-leaver
          settings
            - core::x   "y"
     10 ± sunshine-mover                                 417/1/04 → …/2/04   Ward & Höfer Insurance…d Reinsurance Brokers                  clients/sunshine-mover.yaml:2
          moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id

    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6

        ! sunshine-doubt                                 417/1/08            Ward & Höfer Insurance…d Reinsurance Brokers   blocked        clients/sunshine-doubt.yaml:2
          2 live clients have the scope 417/1/08
            id-of-08  "this"
            id-of-09  "or that"
          help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
        ! sunshine-refused                               417/1/03            Ward & Höfer Insurance…d Reinsurance Brokers   blocked        clients/sunshine-refused.yaml:2
          30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
          help: look at it in the web client
        ? sunshine-blind                                 417/1/02                                                           not compared   clients/sunshine-blind.yaml:2
          not compared: the server does not show `settings`
        * sunshine-pin                                                                                                      notice         clients/sunshine-pin.yaml:2
          the pinned id id-of-gone of `sunshine-pin` is not on the server any more
          help: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id

    CHANGES 1
      8 ~ sunshine-insurance-lon…eception-second-floor   417/1/0127          Sunshine Insurance · Anne Hunter                              clients/sunshine-insurance-london-reception-second-floor.yaml:2
          last changed by 42 at 2026-11-02
          description        reception → sunshine-insurance-london-reception-second-floor
          settings
            ~ core::x
              - "the slow brown fox"
              + "the quick brown fox jumps over the lazy dog and then sleeps in the sun until the evening comes"

    ADDS 4
      5 + sunshine-desk-102                              417/1/01234567102   Ward & Höfer Insurance…d Reinsurance Brokers                  clients/desks.yaml:9
          description        Desk 01234567102
          settings
            + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
        = the same change on 2 more clients: sunshine-desk-103, sunshine-desk-104
     11 + sunshine-pin                                   417/1/10            Ward & Höfer Insurance…d Reinsurance Brokers                  clients/sunshine-pin.yaml:2
          description        sunshine-pin

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, the one in …e behind the kitchen"   417/1/0125          Ward & Höfer Insurance…ce Brokers · Wei Berg                  not in git · last changed by kim at 2026-11-02
      2 - "北京电信 总机"                                417/1/0126          北京电信 · 总机                                               not in git · last changed by lee at 2026-11-03
      3 - "No Config Access"                             417/1/06            Ward & Höfer Insurance…d Reinsurance Brokers                  not in git
      4 - "Others"                                       417/1/07            Ward & Höfer Insurance…d Reinsurance Brokers                  not in git
      9 - sunshine-leaver                                417/1/05            Ward & Höfer Insurance…d Reinsurance Brokers                  clients/sunshine-leaver.yaml:2
     10 ± sunshine-mover                                 417/1/04 → …/2/04   Ward & Höfer Insurance…d Reinsurance Brokers                  clients/sunshine-mover.yaml:2
    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6
    Plan: 4 to add, 1 to change, 5 to delete, 1 to replace · 1 unchanged, 0 unmanaged, 8 outside the boundary, 2 blocked, 1 not compared
    "#);
}

#[test]
fn a_brief_plan_is_one_line_for_each_client() {
    assert_snapshot!(wide(&all_actions(), 80, Grouping::Brief), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 5, REPLACES 1   limit 1, asked 6
      1 - "Wei Berg, t…the kitchen"   417/1/0125          not in git
      2 - "北京电信 总机"             417/1/0126          not in git
      3 - "No Config Access"          417/1/06            not in git
      4 - "Others"                    417/1/07            not in git
      9 - sunshine-leaver             417/1/05            clients/sun…ver.yaml:2
     10 ± sunshine-mover              417/1/04 → …/2/04   clients/sun…ver.yaml:2

    refused: the plan would delete or replace 6 of 6 managed clients; the limit is 1
      (limits.delete)
      help: if that is meant, allow just this with --max-deletes 6

        ! sunshine-doubt     417/1/08   blocked        2 live clients have the…
        ! sunshine-refused   417/1/03   blocked        30007 NOT_RESOLVED_FROM_…
        ? sunshine-blind     417/1/02   not compared   not compared: the server doe…
        * sunshine-pin                  notice         the pinned id id-of-gone of…

    CHANGES 1
      8 ~ sunshine-ins…second-floor   417/1/0127          description…oor.yaml:2

    ADDS 4
      5 + sunshine-desk-102           417/1/01234567102   clients/desks.yaml:9
      6 + sunshine-desk-103           417/1/01234567103   clients/desks.yaml:9
      7 + sunshine-desk-104           417/1/01234567104   clients/desks.yaml:9
     11 + sunshine-pin                417/1/10            clients/sun…pin.yaml:2

    Plan: 4 to add, 1 to change, 5 to delete, 1 to replace · 1 unchanged, 0
      unmanaged, 8 outside the boundary, 2 blocked, 1 not compared
    "#);
    let mut out = Vec::new();
    let world = all_actions();
    plan(Format::Text, &mut out, &world.document(), Style { grouping: Grouping::Brief, ..STYLE }).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    let steps = world.document().steps.len();
    let heads = text.lines().filter(|line| line.contains("417/") && !line.contains("unmanaged"));
    assert!(heads.count() >= steps, "{text}");
    // A replace says from where to where, and nothing says what changes.
    let arrows = text.lines().filter(|line| line.contains(" → ")).count();
    assert!(!text.contains("the same change on") && arrows == 1, "{text}");
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
