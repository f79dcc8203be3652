//! Which values are sensitive, and what stands in their place.

mod excerpt;
mod mask;

pub(crate) use excerpt::{Excerpt, without};
pub(crate) use mask::{Image, Mask, Shown};
