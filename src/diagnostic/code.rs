//! Every code with its long text; a code without text does not compile.

mod meaning;
mod reading;

use self::meaning::meaning_codes;
use self::reading::reading_codes;
use super::table::{CodeEntry, codes};

reading_codes!(meaning_codes, codes);
