//! What has to be done although a step is applied.

use super::*;
use crate::apply::{ListedScope, Outcomes};
use crate::document::OutcomesV1;

#[test]
fn an_add_that_the_server_lists_without_its_scope_says_that_only_a_pin_finds_it() {
    let world = fleet(World::empty(), 1);
    let mut done = fixture::outcomes(&world.plan());
    let note = |done: &Outcomes| OutcomesV1::new(world.document(), done).outcomes[0].note.clone();
    assert_eq!(note(&done), None);
    done.steps[0].listed = ListedScope::Hidden;
    let id = done.steps[0].id.as_ref().expect("an id").to_string();
    let told = note(&done).expect("a note");
    assert!(told.contains(&format!("write `id: \"{id}\"` into its definition now")), "{told}");
    let mut out = Vec::new();
    let document = OutcomesV1::new(world.document(), &done);
    outcomes(Format::Text, &mut out, &document, STYLE).expect("a buffer");
    let shown = String::from_utf8(out).expect("text").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&format!("write `id: \"{id}\"`")), "{shown}");
}
