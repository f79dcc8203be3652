//! Adds that look like moves, in every format.

use super::*;
use crate::fixture::text;

fn moved() -> World {
    World::empty()
        .defined("front-desk", "02", &[("core::x", json!(1))])
        .edit("front-desk", |one| one.spec.description = text("Front desk", one.at.clone()))
        .live("Front desk", "01", &[("core::x", json!(1))])
        .called("01", "Sunshine Insurance", "Anne Hunter", ("kim", "2026-11-02"))
}

#[test]
fn an_add_that_looks_like_a_move_says_so_with_the_way_to_make_it_one() {
    assert_snapshot!(shown(Format::Text, &moved()), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 + front-desk   417/1/02   Sunshine Insurance   clients/front-desk.yaml:2
         looks like a move of "Front desk" 417/1/01 (Sunshine Insurance · Anne Hunter)
         to make it one, pin it in the definition: id: "id-of-01"
         description        Front desk
         settings
           + core::x   1

    1 unmanaged (in the boundary, not in git): 417/1/01 "Front desk" (Sunshine Insurance · Anne Hunter)
    Plan: 1 to add, 0 to change, 0 to delete · 0 unchanged, 1 unmanaged, 0 outside the boundary
    "#);
    for format in Format::ALL.into_iter().filter(|format| !matches!(format, Format::Gitlab | Format::Json)) {
        let text = shown(format, &moved()).replace("&quot;", "\"").replace("\\\"", "\"").replace("&#58;", ":");
        let text = text.replace("%3A", ":").replace("&#8203;", "");
        assert!(text.contains("looks like a move of \"Front desk\" 417/1/01"), "{format}: {text}");
        assert!(text.contains("id: \"id-of-01\""), "{format}: {text}");
    }
    let json: serde_json::Value = serde_json::from_str(&shown(Format::Json, &moved())).expect("JSON");
    assert_snapshot!(json["steps"][0]["looks_like_move"], @r#"{"adds":1,"clients":1,"of":[{"description":"Front desk","id":"id-of-01","labels":{"device":"Anne Hunter","telsys":"Sunshine Insurance"},"scope":{"device":"01","partition":1,"telsys":417}}],"pinnable":true}"#);
}

#[test]
fn of_two_candidates_both_are_named_and_none_is_chosen() {
    assert_snapshot!(shown(Format::Text, &moved().live("Front desk", "03", &[("core::x", json!(1))])), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 + front-desk   417/1/02   Sunshine Insurance   clients/front-desk.yaml:2
         has the content of 2 live clients that git does not define: it may be a move, nobody can tell of which
           "Front desk" 417/1/01 (Sunshine Insurance · Anne Hunter)   id: "id-of-01"
           "Front desk" 417/1/03 (Sunshine Insurance)   id: "id-of-03"
         to make it a move, pin the one that is meant in the definition
         description        Front desk
         settings
           + core::x   1

    2 unmanaged (in the boundary, not in git): 417/1/01 "Front desk" (Sunshine Insurance · Anne Hunter), 417/1/03 "Front desk" (Sunshine Insurance)
    Plan: 1 to add, 0 to change, 0 to delete · 0 unchanged, 2 unmanaged, 0 outside the boundary
    "#);
    let text = shown(Format::Markdown, &moved().live("Front desk", "03", &[("core::x", json!(1))]));
    assert!(text.contains("nobody can tell") && !text.contains("looks like a move of"), "{text}");
}

#[test]
fn a_group_whose_members_each_look_like_a_move_says_so() {
    let world = (0..4_u32).fold(fleet(World::empty(), 4), |world, number| {
        let described = format!("Desk {}", 1_234_567_102 + number);
        world.live(
            &described.replace("Desk ", "Desk 0"),
            &format!("9{number}"),
            &[("interface::showMissedCallPreview", json!(true))],
        )
    });
    assert_snapshot!(shown(Format::Text, &world), @r#"
    icsync plan · prod (https://ccs.example.com) · prune: report

     1 + sunshine-desk-102   417/1/01234567102   clients/desks.yaml:9
         looks like a move of "Desk 01234567102" 417/1/90
         to make it one, pin it in a definition of its own, as a fleet has no line for it: id: "id-of-90"
         description        Desk 01234567102
         settings
           + interface::showMissedCallPreview   true   (profiles/base.yaml:4)
       = the same change on 3 more clients, each looks like a move of its own: sunshine-desk-103, sunshine-desk-104, sunshine-desk-105

    4 unmanaged (in the boundary, not in git): 417/1/90 "Desk 01234567102", 417/1/91 "Desk 01234567103", 417/1/92 "Desk 01234567104" … (--full lists them)
    Plan: 4 to add, 0 to change, 0 to delete · 0 unchanged, 4 unmanaged, 0 outside the boundary
    "#);
}

#[test]
fn what_an_add_looks_like_makes_no_plan_stale() {
    let saved = World::empty().defined("front-desk", "02", &[]).saved();
    let now = World::empty().defined("front-desk", "02", &[]).live("front-desk", "01", &[]);
    let document = now.document();
    assert!(document.steps[0].looks_like_move.is_some());
    assert_eq!(saved.plan.steps_digest, document.steps_digest);
    assert_eq!(saved.differences(&document).expect("plans"), Vec::<String>::new());
}
