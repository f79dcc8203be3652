//! `rollout`: waves and what comes between them.

use super::duration;
use crate::diagnostic::Code;
use crate::manifest::keys::{self, Written};
use crate::manifest::read::TreeReader;
use crate::manifest::yaml::MapEntry;
use crate::model::{Pause, RolloutRules, WaveSize, Waves};

pub(super) fn read_rollout(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<RolloutRules> {
    let keys::RolloutKeys { waves, pause, stop_after } = reader.keys(entry)?;
    Some(RolloutRules {
        waves: waves.entry.and_then(|entry| read_waves(reader, entry)),
        pause: read_pause(reader, pause),
        stop_after: reader.number(stop_after),
    })
}

fn read_waves(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<Waves> {
    let mut sizes = Vec::new();
    for item in reader.list(entry)? {
        let size = match item.scalar() {
            Some(scalar) => scalar.text.parse::<WaveSize>(),
            None => Err("a wave is a number, a share such as `10%`, or `rest`".to_owned()),
        };
        match size {
            Ok(size) => sizes.push(size),
            Err(message) => {
                reader.error_with(Code::WrongType, item.span, message, HELP);
                return None;
            }
        }
    }
    match Waves::new(sizes) {
        Ok(waves) => Some(waves),
        Err(message) => {
            reader.error_with(Code::WrongType, entry.value_span(), message, HELP);
            None
        }
    }
}

const HELP: &str = "write for example `waves: [1, 10%, rest]`";

/// Reads a time or the word for asking.
pub(crate) fn pause(text: &str) -> Option<Pause> {
    if text == Pause::ASK { Some(Pause::Ask) } else { duration(text).map(Pause::For) }
}

fn read_pause(reader: &mut TreeReader<'_>, written: Written<'_>) -> Option<Pause> {
    let entry = written.entry?;
    let text = reader.text(entry)?;
    let read = pause(text);
    if read.is_none() {
        let help = format!("write for example `pause: 10m`, or `pause: {}`", Pause::ASK);
        reader.error_with(Code::WrongType, entry.value_span(), "`pause` is a time, or the word for asking", help);
    }
    read
}
