//! Which values are sensitive, and what stands in their place.

mod excerpt;
mod mask;
mod name;

pub(crate) use excerpt::{Excerpt, behind_secret_name, without};
pub(crate) use mask::{Image, Mask, Shown};
pub(crate) use name::looks_secret;
