//! What people see.

use std::sync::Arc;

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::document::{OutcomesV1, SavedPlan};
use crate::fixture::{World, at, declared, everything, fleet, outcomes, text};
use crate::model::Observed;
use crate::report::{self, Colour, Format};

const PLAIN: Style<'_> = Style {
    colour: Colour::Never,
    grouping: Grouping::Grouped,
    folder: "",
    width: None,
    hosted: crate::report::Hosted::NOWHERE,
};
const FULL: Style<'_> = Style {
    colour: Colour::Never,
    grouping: Grouping::Full,
    folder: "",
    width: None,
    hosted: crate::report::Hosted::NOWHERE,
};

fn shown(world: &World, style: Style) -> String {
    let mut out = Vec::new();
    report::plan(Format::Text, &mut out, &world.document(), style).expect("a buffer");
    String::from_utf8(out).expect("text")
}

fn saved(world: &World, style: Style) -> String {
    let mut out = Vec::new();
    report::saved(Format::Text, &mut out, (&world.saved(), "plan.json"), style).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn one_change_and_a_fleet_read_as_in_the_manual() {
    let settings = [("interface::showMissedCallPreview", json!(true))];
    let world = World::empty().in_sync("sunshine-reception", "01234560120", &settings);
    let live = [(Arc::from("interface::showMissedCallPreview"), false.into())];
    let world =
        world.edit_live("01234560120", |row| row.content.settings = Observed::Known(live.into_iter().collect()));
    assert_snapshot!(shown(&fleet(world, 298), PLAIN), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

       1 + sunshine-desk-102    417/1/01234567102   clients/desks.yaml:9
           description        Desk 01234567102
           settings
             + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
         = the same change on 297 more clients: sunshine-desk-103 … sunshine-desk-399   (--full lists them)
     299 ~ sunshine-reception   417/1/01234560120   clients/sunshine-reception.yaml:2
           settings
             ~ interface::showMissedCallPreview   false → true

    Plan: 298 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ");
}

#[test]
fn every_part_of_a_plan_is_said() {
    assert_snapshot!(shown(&everything(), PLAIN), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

    DELETES 1, REPLACES 1   limit 1, asked 2
     1 - sunshine-leaver    417/1/05                           clients/sunshine-leaver.yaml:2
         description        sunshine-leaver
         settings
           - core::x   "y"
     2 ± sunshine-mover     417/1/04 → …/2/04                  clients/sunshine-mover.yaml:2
         moves from 417/1/04 to 417/2/04: deleted there, then added here with a new id

    refused: the plan would delete or replace 2 of 5 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 2

       ! sunshine-doubt     417/1/08            blocked        clients/sunshine-doubt.yaml:2
         2 live clients have the scope 417/1/08
           id-of-08  "this"
           id-of-09  "or that"
         help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
       ! sunshine-refused   417/1/03            blocked        clients/sunshine-refused.yaml:2
         30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
         help: look at it in the web client
       ? sunshine-blind     417/1/02            not compared   clients/sunshine-blind.yaml:2
         not compared: the server does not show `settings`
       * sunshine-pin                           notice         clients/sunshine-pin.yaml:2
         the pinned id id-of-gone of `sunshine-pin` is not on the server any more
         help: once a client has its scope again, `icsync pin --select name=sunshine-pin --target prod` writes the new id

    ADDS 1
     3 + sunshine-pin       417/1/10                           clients/sunshine-pin.yaml:2
         description        sunshine-pin

    2 unmanaged (in the boundary, not in git): 417/1/06 "No Config Access", 417/1/07 "Others"
    Plan: 1 to add, 0 to change, 1 to delete, 1 to replace · 1 unchanged, 2 unmanaged, 8 outside the boundary, 2 blocked, 1 not compared
    "#);
}

#[test]
fn full_spells_out_groups_and_unmanaged_clients() {
    assert_snapshot!(shown(&fleet(World::empty().live("Other", "07", &[]), 2), FULL), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 + sunshine-desk-102   417/1/01234567102   clients/desks.yaml:9
         description        Desk 01234567102
         settings
           + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
     2 + sunshine-desk-103   417/1/01234567103   clients/desks.yaml:9
         description        Desk 01234567103
         settings
           + interface::showMissedCallPreview   true   (profiles/base.yaml:4)

    1 unmanaged (in the boundary, not in git):
      id-of-07  417/1/07 "Other"
    Plan: 2 to add, 0 to change, 0 to delete · 0 unchanged, 1 unmanaged, 0 outside the boundary
    "#);
}

#[test]
fn a_saved_plan_reads_like_the_plan() {
    for world in [everything(), fleet(World::empty(), 20), World::empty()] {
        assert_eq!(saved(&world, PLAIN), shown(&world, PLAIN));
        assert_eq!(saved(&world, FULL), shown(&world, FULL));
    }
}

#[test]
fn nothing_to_do_says_so() {
    assert_snapshot!(shown(&World::empty().in_sync("sunshine-still", "01", &[]), PLAIN), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

    No changes: 1 unchanged, 0 unmanaged, 0 outside the boundary
    ");
}

#[test]
fn long_and_short_texts_and_objects_are_compared_where_they_differ() {
    let old = [
        ("a::list", json!([1, 2])),
        ("b::gone", json!("x")),
        ("c::long", json!("the quick brown fox jumps over the lazy dog and far away")),
        ("d::lines", json!("one\ntwo\nthree\nfour\nfive\nsix\n")),
        (
            "e::object",
            json!({"list": ["a long word here", "another long word", "more"], "to": {"be": 1, "not": "to be"}, "z": "zzzzzzzzzzzzzz"}),
        ),
        ("f::type", json!("true")),
    ];
    let new = [
        ("a::list", json!([1, 3])),
        ("c::long", json!("the quick brown cat jumps over the lazy dog and far away")),
        ("d::lines", json!("one\ntwo\nthree\nfour\nFIVE\nsix\n")),
        (
            "e::object",
            json!({"list": ["a long word here", "another long word", "more"], "to": {"be": 2, "not": "to be"}, "z": "zzzzzzzzzzzzzz"}),
        ),
        ("f::type", json!(true)),
        ("g::new", json!(1.50)),
    ];
    let world = World::empty().defined("desk", "0123", &new).live("old desk", "0123", &old);
    assert_snapshot!(shown(&world, PLAIN), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 ~ desk   417/1/0123   clients/desk.yaml:2
         description        old desk → desk
         settings
           ~ a::list     [1,2] → [1,3]
           - b::gone     "x"
           ~ c::long
             - "the quick brown fox jumps over the lazy dog and far away"
             + "the quick brown cat jumps over the lazy dog and far away"
           ~ d::lines
             …
               three
               four
             - five
             + FIVE
               six
           ~ e::object
             …
                 ],
                 "to": {
             -     "be": 1,
             +     "be": 2,
                   "not": "to be"
                 },
           ~ f::type     "true" → true
           + g::new      1.5

    Plan: 0 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    "#);
}

#[test]
fn colour_marks_the_words_that_differ() {
    let world = World::empty().in_sync("desk", "0123", &[]).edit_live("0123", |row| {
        row.content.description = Observed::Known("the desk in the hall".into());
    });
    let world =
        world.edit("desk", |one| one.spec.description = text("the desk in the lobby", at("clients/desk.yaml", 4)));
    let shown = shown(
        &world,
        Style {
            colour: Colour::Ansi,
            grouping: Grouping::Grouped,
            folder: "",
            width: None,
            hosted: crate::report::Hosted::NOWHERE,
        },
    );
    assert_snapshot!(shown.replace('\u{1b}', "^"), @r"
    ^[1micsync plan^[0m · prod (https://ccs.example.com) · prune: report

     1 ^[33m~^[0m ^[1mdesk^[0m   417/1/0123   ^[2mclients/desk.yaml:2^[0m
         description        ^[31mthe desk in the ^[0m^[1m^[4m^[31mhall^[0m → ^[32mthe desk in the ^[0m^[1m^[4m^[32mlobby^[0m

    ^[1mPlan: 0 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary^[0m
    ");
}

#[test]
fn a_sensitive_value_is_known_to_change_and_not_shown() {
    let world = World::empty()
        .defined("desk", "0123", &[("crm::password", json!("new")), ("crm::pin", json!("1"))])
        .live("desk", "0123", &[("crm::password", json!("old"))])
        .sensitive("settings.crm::*");
    assert_snapshot!(shown(&world, PLAIN), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 ~ desk   417/1/0123   clients/desk.yaml:2
         settings
           ~ crm::password   (sensitive) → (sensitive, changed)
           + crm::pin        (sensitive)

    Plan: 0 to add, 1 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ");
    assert_eq!(saved(&world, PLAIN), shown(&world, PLAIN));
}

#[test]
fn deletes_are_listed_one_by_one() {
    let world = (1..=5).fold(World::empty().prune(), |world, number| world.live("test", &format!("00{number}"), &[]));
    assert_snapshot!(shown(&world, PLAIN), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 5   limit 20 %, asked 5
     1 - "test"   417/1/001   not in git
         description        test
     2 - "test"   417/1/002   not in git
     3 - "test"   417/1/003   not in git
     4 - "test"   417/1/004   not in git
     5 - "test"   417/1/005   not in git

    refused: the plan would delete or replace 5 clients where 0 are managed; the limit is 20 % (limits.delete)
      help: if that is meant, allow just this with --max-deletes 5

    Plan: 0 to add, 0 to change, 5 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    "#);
}

#[test]
fn what_the_server_calls_a_place_stands_beside_it_also_for_adds() {
    let world = World::empty()
        .prune()
        .defined("reception", "0123", &[("k", json!(1))])
        .defined("new", "0124", &[])
        .live("reception", "0123", &[])
        .live("Wei Berg", "0125", &[])
        .live("", "0126", &[])
        .called("0123", "Sunshine Insurance", "Anne Hunter", ("kim", "2026-11-02"))
        .called("0125", "Sunshine Insurance", "Wei Berg", ("lee", "2026-11-03"));
    assert_snapshot!(shown(&world, PLAIN), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: delete

    DELETES 2   limit 20 %, asked 2
     1 - "Wei Berg"   417/1/0125   Sunshine Insurance · Wei Berg      not in git · last changed by lee at 2026-11-03
         description        Wei Berg
     2 - 417/1/0126                Sunshine Insurance                 not in git

    refused: the plan would delete or replace 2 clients where 1 are managed; the limit is 20 % (limits.delete)
      help: if that is meant, allow just this with --max-deletes 2

    CHANGES 1
     4 ~ reception    417/1/0123   Sunshine Insurance · Anne Hunter   clients/reception.yaml:2
         last changed by kim at 2026-11-02
         settings
           + k   1

    ADDS 1
     3 + new          417/1/0124   Sunshine Insurance                 clients/new.yaml:2
         description        new

    Plan: 1 to add, 1 to change, 2 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    "#);
}

#[test]
fn columns_of_a_fleet_are_told_from_the_device_alone() {
    let world = fleet(World::empty(), 3).edit("sunshine-desk-103", |one| {
        one.spec.description = text("Front desk", at("clients/desks.yaml", 13));
    });
    assert_snapshot!(shown(&world, PLAIN), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 + sunshine-desk-102   417/1/01234567102   clients/desks.yaml:9
         description        Desk 01234567102
         settings
           + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
       = the same change on 2 more clients, each with its own columns: sunshine-desk-103, sunshine-desk-104

    Plan: 3 to add, 0 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ");
}

#[test]
fn a_profile_edit_reads_as_one_change_and_a_list() {
    let place = at("profiles/base.yaml", 4);
    let world = (100..400).fold(World::empty(), |world, number| {
        let (name, device) = (format!("desk-{number}"), format!("01234567{number}"));
        let world = world.in_sync(&name, &device, &[("core::x", json!(1))]);
        world.edit(&name, |one| one.spec.settings = Some(declared(&[("core::x", json!(2))], &place)))
    });
    assert_snapshot!(shown(&world, PLAIN), @r"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 ~ desk-100   417/1/01234567100   clients/desk-100.yaml:2
         settings
           ~ core::x   1 → 2   (profiles/base.yaml:4)
       = the same change on 299 more clients: desk-101 … desk-399   (--full lists them)

    Plan: 0 to add, 300 to change, 0 to delete · 0 unchanged, 0 unmanaged, 0 outside the boundary
    ");
}

#[test]
fn hostile_text_is_seen_and_not_obeyed() {
    let nasty = "\u{1b}[2J\u{1b}]0;title\u{7}\r\n::error::x\n\u{202e}evil\u{200b}";
    let world = World::empty()
        .in_sync("desk", "0123", &[])
        .edit_live("0123", |row| row.content.description = Observed::Known(nasty.into()))
        .live(nasty, "07", &[("core::\u{1b}[31m", json!(nasty))]);
    let text = shown(&world, FULL);
    assert_snapshot!(text, @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 ~ desk   417/1/0123   clients/desk.yaml:2
         description
             - \u{1b}[2J\u{1b}]0;title\u{7}\r
             - ::error::x
             - \u{202e}evil\u{200b}
             + desk

    1 unmanaged (in the boundary, not in git):
      id-of-07  417/1/07 "\u{1b}[2J\u{1b}]0;title\u{7}\r\n::error::x\n\u{202e}evil\u{200b}"
    Plan: 0 to add, 1 to change, 0 to delete · 0 unchanged, 1 unmanaged, 0 outside the boundary
    "#);
    assert!(!text.chars().any(|one| (one.is_control() && one != '\n') || one == '\u{202e}' || one == '\u{200b}'));
}

#[test]
fn outcomes_name_ids_problems_and_counts() {
    let world = fleet(everything(), 3);
    let outcomes = OutcomesV1::new(world.document(), &outcomes(&world.plan()));
    let mut out = Vec::new();
    report::outcomes(Format::Text, &mut out, &outcomes, PLAIN).expect("a buffer");
    assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
    icsync apply · prod (https://ccs.example.com) · prune: report · run 2026-01-02T030405Z-1

     6 + sunshine-pin        417/1/10            unknown   clients/sunshine-pin.yaml:2
         the answer was lost
         help: plan again
     3 + sunshine-desk-104   417/1/01234567104   failed    clients/desks.yaml:9
         30005 INTEGRATOR_CLIENT_EXISTS_FOR_SCOPE: the server refused
         help: plan again
     5 ± sunshine-mover      417/1/04 → …/2/04   stale     clients/sunshine-mover.yaml:2
         moves from 417/1/04 to 417/2/04
         the live client changed
         help: plan again
     4 - sunshine-leaver     417/1/05            skipped   clients/sunshine-leaver.yaml:2
         step 3 failed
         help: plan again
     1 + sunshine-desk-102   417/1/01234567102   applied   clients/desks.yaml:9
         id new-1
       = the same outcome on 1 more client: sunshine-desk-103

       ! sunshine-doubt      417/1/08            blocked   clients/sunshine-doubt.yaml:2
         2 live clients have the scope 417/1/08
           id-of-08  "this"
           id-of-09  "or that"
         help: choose one by adding `id: "id-of-08"` or `id: "id-of-09"` to the definition
       ! sunshine-refused    417/1/03            blocked   clients/sunshine-refused.yaml:2
         30007 NOT_RESOLVED_FROM_GENERIC_CONFIG
         help: look at it in the web client

    refused: the plan would delete or replace 2 of 5 managed clients; the limit is 1 (limits.delete)
      help: if that is meant, allow just this with --max-deletes 2
    Apply: 2 applied, 1 failed, 1 skipped, 1 stale, 1 unknown, 2 blocked

    Next:
      icsync plan --target prod
      icsync rollback 2026-01-02T030405Z-1 --target prod
    "#);
}

#[test]
fn a_saved_plan_of_a_newer_version_is_shown_as_far_as_it_is_understood() {
    let mut value = json!({
        "format_version": "1.9", "tool": {"name": "icsync", "version": "0.9.0"}, "target": {"name": "", "url": ""},
        "source": {"digest": "", "vcs": "hg"}, "prune": "archive", "options": {"parallelism": 3}, "estimate": {},
        "summary": {"add": 0, "change": 0, "replace": 0, "delete": 0, "unchanged": 0, "unmanaged": 0, "outside": 0, "blocked": 0, "not_compared": 0, "exploded": 1},
        "guard": {"verdict": "perhaps", "findings": []},
        "steps": [{
            "number": 1, "action": "explode", "client": null, "scope": {"telsys": 1, "partition": -3, "device": "x", "floor": 2},
            "changes": [{"field": "", "note": 7}, {"field": "settings", "key": "k", "before": {"sensitive": 1}}],
            "precondition": {"moon": "full"}, "after_steps": [],
        }],
        "unmanaged": [{"id": "", "scope": {"telsys": 1, "partition": 1, "device": "y"}, "description": null, "kept": "pinned"}],
        "blocked": [], "not_compared": [],
        "notices": [{"client": "", "source": {"file": "a", "line": 1}, "message": "\u{1b}[2J", "help": ""}],
    });
    value["digest"] = digest(&value).into();
    let saved = SavedPlan::parse(value.to_string().as_bytes(), None).expect("a document");
    let mut out = Vec::new();
    report::saved(Format::Text, &mut out, (&saved, "plan.json"), FULL).expect("a buffer");
    assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
    icsync plan ·  () · prune: report

     1 ? 1/unresolved/x   unknown action

         settings
           - k   {"sensitive":1}

       *                  notice           a:1
         \u{1b}[2J

    1 unmanaged (in the boundary, not in git):
        1/1/y null (pinned)
    No changes: 0 unchanged, 0 unmanaged, 0 outside the boundary
    "#);
}

fn digest(value: &serde_json::Value) -> String {
    use sha2::Digest as _;
    crate::model::sha256_text(sha2::Sha256::new_with_prefix(crate::model::Json::from(value.clone()).canonical()))
}

#[test]
fn what_is_destroyed_stands_first_and_again_at_the_end_of_a_long_plan() {
    let world = World::empty().prune().live("test", "001", &[]).live("other", "002", &[]);
    let shown = shown(&fleet(world, 40), FULL);
    let places: Vec<usize> = shown.match_indices(" - \"other\"             417/1/002").map(|(at, _)| at).collect();
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
    assert_eq!(places.len(), 2, "{shown}");
    assert!(at("DELETES 2") < places[0] && places[0] < at("ADDS 40") && at("ADDS 40") < places[1], "{shown}");
    assert!(
        shown[places[1]..].contains("refused: ")
            && shown.trim_end().lines().last().is_some_and(|line| line.starts_with("Plan: "))
    );
}
