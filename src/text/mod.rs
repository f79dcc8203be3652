//! Makes text that nobody here wrote safe and fitting to show: seen as it is, bounded, and unable to act in any format.

mod alike;
mod bounded;
mod count;
mod direction;
mod fit;
mod json;
mod markdown;
mod path;
mod quote;
mod shell;
mod visible;
mod workflow;

pub(crate) use alike::{both_told_apart, told_apart};
pub(crate) use bounded::{bounded, bounded_again, excerpt, message, visible_lines};
pub(crate) use count::counted;
pub(crate) use direction::{is_right_to_left, isolated, isolates};
pub(crate) use fit::{columns, cut_end, cut_middle, shared_room, within, wrapped};
pub(crate) use json::{HarmlessWriter, harmless_json};
pub(crate) use markdown::{code_span, markdown};
pub(crate) use path::path;
pub(crate) use quote::{listed, quote};
pub(crate) use shell::{for_target, shell_option, shell_word};
pub(crate) use visible::{is_hidden, visible};
pub(crate) use workflow::{workflow_message, workflow_property};
