//! Which values are sensitive, and what stands in their place.

mod excerpt;
mod shown;

pub(crate) use excerpt::{Excerpt, without};
pub(crate) use shown::{Image, Mask, Shown};
