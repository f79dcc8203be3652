//! A plan document in a file: its digest, its signature, and what is done with what this version does not know.

use std::collections::BTreeMap;
use std::{fmt, io};

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::difference::difference;
use super::digest::{digest_of, digest_with, is_signature};
use super::parts::is_masked;
use super::{OptionsV1, PlanV1, StepV1};
use crate::model::{DigestKey, Json};
use crate::text::{message, quote};

const FORMAT_MAJOR: u64 = 1;

/// Why a file is not a plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It is no JSON object of this kind.
    #[error("it is not a plan document: {0}")]
    NotAPlan(String),
    /// Its format is newer than this program.
    #[error("it has the plan format {found}, and this icsync reads format {FORMAT_MAJOR}")]
    Newer {
        /// The version that the file states.
        found: String,
    },
    /// Its content does not fit its digest.
    #[error("its digest does not fit its content: the file was changed after it was written")]
    Digest,
    /// A key is set and the file carries no signature.
    #[error("it is not signed, and ICSYNC_PLAN_KEY is set")]
    Unsigned,
    /// The signature was made with another key or of other content.
    #[error("its signature does not fit ICSYNC_PLAN_KEY")]
    Signature,
    /// Its sensitive values cannot be compared.
    #[error("it touches sensitive values, and the key of their digests is not at hand")]
    OtherKey,
    /// It says nothing by which its sensitive values could be compared.
    #[error("it touches sensitive values and holds no digests of them under a key")]
    NoDigests,
}

/// Says how to get a plan that can be used, by the command that makes plans of its kind.
pub(crate) fn new_plan(command: &str) -> String {
    format!("make a new plan with `{command} --out FILE`")
}

impl DocumentError {
    /// Says why a file cannot be read, and not all that stands in it.
    fn unread(error: &dyn std::fmt::Display) -> Self {
        Self::NotAPlan(message(&error.to_string()).into_owned())
    }

    /// Says what to do next with a plan that `command` makes.
    pub(crate) fn help(&self, command: &str) -> String {
        match self {
            Self::OtherKey => {
                "set the same ICSYNC_PLAN_KEY in both jobs, or apply the plan where it was saved".to_owned()
            }
            Self::NotAPlan(_)
            | Self::Newer { .. }
            | Self::Digest
            | Self::Unsigned
            | Self::Signature
            | Self::NoDigests => new_plan(command),
        }
    }
}

/// A plan that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedPlan {
    /// As far as this version knows what plans say.
    pub(crate) plan: PlanV1,
    /// Everything that the file says, where that is more than this version knows.
    said: Option<Json>,
    /// Whether this version knows everything that the file says of what would be done.
    is_understood: bool,
}

impl SavedPlan {
    /// How many values a plan may hold: each takes much more memory than the two bytes that it may be written in. Ten
    /// thousand clients that are added with 50 keys each have 4.3 million.
    pub(crate) const MOST_VALUES: usize = 16_000_000;
    /// How many of them may stand besides its steps, or in one of these: they are in memory together in whatever form.
    const MOST_TOGETHER: usize = 4_000_000;

    /// How many steps a plan may have: each is remembered while the file is read. Twice as many as definitions name clients.
    const MOST_STEPS: usize = 500_000;
    /// A file of more bytes is read twice: first to see that it is what it says.
    const READ_TWICE: usize = 32 * 1024 * 1024;
    /// How many bytes may stand besides its steps, or in one of these: they are in memory several times.
    const MOST_BYTES_TOGETHER: usize = 32 * 1024 * 1024;

    /// Counts the values in a part of a file, which are at least as many as there are.
    pub(crate) fn count_values(bytes: &[u8]) -> usize {
        bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
    }

    /// Reads a file and checks format and digest, and the signature if a key is given.
    pub(crate) fn parse(bytes: &[u8], key: Option<&[u8]>) -> Result<Self, DocumentError> {
        let unread = |error: serde_json::Error| DocumentError::unread(&error);
        if Self::count_values(bytes) > Self::MOST_VALUES {
            return Err(DocumentError::NotAPlan(format!("it holds more than {} values", Self::MOST_VALUES)));
        }
        let SavedParts { rest, steps } = SavedParts::of(bytes)?;
        let version = rest.get("format_version").and_then(Value::as_str);
        let version = version.ok_or_else(|| DocumentError::NotAPlan("it has no `format_version`".to_owned()))?;
        let major = version.split('.').next().and_then(|major| major.parse::<u64>().ok());
        if major != Some(FORMAT_MAJOR) {
            return Err(DocumentError::Newer { found: version.escape_debug().to_string() });
        }
        let stated = rest.get("digest").and_then(Value::as_str).unwrap_or_default();
        let steps = steps.as_deref().ok_or(DocumentError::Digest)?;
        // Of a large file that is not what it says nothing is kept.
        let passes = if bytes.len() > Self::READ_TWICE { 2 } else { 1 };
        let mut read = ReadSteps::default();
        for pass in 1..=passes {
            let step = |step: &&RawValue| if pass == passes { read.step(step) } else { said(step) };
            let digest = digest_with(rest.clone(), (STEPS, steps.iter().map(step)));
            if digest.map_err(|error| DocumentError::unread(&error))? != stated {
                return Err(DocumentError::Digest);
            }
        }
        if let Some(key) = key {
            let signature = rest.get("signature").and_then(Value::as_str).ok_or(DocumentError::Unsigned)?;
            if !is_signature(key, stated, signature) {
                return Err(DocumentError::Signature);
            }
        }
        let mut head = rest.clone();
        head.insert(STEPS.to_owned(), Value::Array(Vec::new()));
        let mut plan: PlanV1 = serde_json::from_value(Value::Object(head)).map_err(unread)?;
        let known = KnownParts::of(&plan, &rest, read.all_known);
        plan.steps = read.steps.map_err(unread)?;
        if !known.all && Self::count_values(bytes) > Self::MOST_TOGETHER {
            let most = Self::MOST_TOGETHER;
            let message = format!("it says more than this version of icsync knows, and holds more than {most} values");
            return Err(DocumentError::NotAPlan(message));
        }
        let said = if known.all { None } else { Some(serde_json::from_slice::<Value>(bytes).map_err(unread)?.into()) };
        Ok(Self { plan, said, is_understood: known.what_would_be_done })
    }

    /// Gives the command that makes a plan like that of a file, also of one that is no good: it is nothing but a hint.
    pub(crate) fn command(bytes: &[u8]) -> String {
        #[derive(Default, Deserialize)]
        struct MadeWith {
            options: OptionsV1,
        }
        serde_json::from_slice::<MadeWith>(bytes).unwrap_or_default().options.command()
    }

    /// Leaves out what is not compared, and only shown: what changes follows from both sides.
    pub(crate) fn for_comparing(mut self) -> Self {
        self.plan.steps.iter_mut().for_each(|step| step.changes = Vec::new());
        self
    }

    /// Gives everything that the file says besides digests of sensitive values.
    pub(crate) fn shown(&self) -> Value {
        let said = match &self.said {
            Some(said) => said.value().clone(),
            None => serde_json::to_value(&self.plan).unwrap_or_default(),
        };
        let mut shown = said.clone();
        without_digests(&mut shown);
        if shown != said
            && let Some(map) = shown.as_object_mut()
        {
            map.remove("signature");
            map.insert("saved_digest".to_owned(), said["digest"].clone());
            let digest = digest_of(Value::Object(map.clone()));
            map.insert("digest".to_owned(), digest.into());
        }
        shown
    }

    /// Checks that the sensitive values of the plan can be compared with this key.
    pub(crate) fn check_key(&self, key: &DigestKey) -> Result<(), DocumentError> {
        match &self.plan.digest_key {
            Some(name) if key.name().as_ref() != Some(name) => Err(DocumentError::OtherKey),
            _ => Ok(()),
        }
    }

    /// Says what differs between the plan and one made now, which comes with digests; nothing when it still holds.
    pub(crate) fn differences(&self, now: &PlanV1) -> Result<Vec<String>, DocumentError> {
        if now.digest_key.is_some() && self.plan.digest_key.is_none() {
            return Err(DocumentError::NoDigests);
        }
        let mut differences = difference(&self.plan, now, &now.blocked);
        if differences.is_empty() && !self.is_understood() {
            differences.push("the saved plan says more than this version of icsync knows".to_owned());
        }
        Ok(differences)
    }

    /// Tells whether this version knows everything that the file says of what would be done. A newer version may plan what
    /// this one does not see.
    pub(crate) fn is_understood(&self) -> bool {
        self.is_understood
    }
}

/// The key of the largest part of a plan.
const STEPS: &str = "steps";

/// What a file says: its steps as they are written, because there may be many, and everything else.
struct SavedParts<'f> {
    rest: Map<String, Value>,
    /// `None` if they are no list.
    steps: Option<Vec<&'f RawValue>>,
}

impl<'f> SavedParts<'f> {
    fn of(bytes: &'f [u8]) -> Result<Self, DocumentError> {
        let unread = |error: serde_json::Error| DocumentError::unread(&error);
        let UniqueParts(mut parts) = serde_json::from_slice(bytes).map_err(unread)?;
        let steps = parts.remove(STEPS).and_then(|steps| serde_json::from_str(steps.get()).ok());
        let steps = steps.map(|FirstSteps(steps)| steps);
        if steps.as_ref().is_some_and(|steps| steps.len() > SavedPlan::MOST_STEPS) {
            return Err(DocumentError::NotAPlan(format!("it has more than {} steps", SavedPlan::MOST_STEPS)));
        }
        let together = |size: fn(&&RawValue) -> usize, most: usize, unit: &str| {
            let largest = steps.iter().flatten().map(size).max().unwrap_or_default();
            if parts.values().map(size).sum::<usize>().max(largest) <= most {
                return Ok(());
            }
            let message = format!("it holds more than {most} {unit} besides its steps, or in one of them");
            Err(DocumentError::NotAPlan(message))
        };
        together(|part| SavedPlan::count_values(part.get().as_bytes()), SavedPlan::MOST_TOGETHER, "values")?;
        together(|part| part.get().len(), SavedPlan::MOST_BYTES_TOGETHER, "bytes")?;
        let rest = parts.into_iter().map(|(key, part)| Ok((key, serde_json::from_str(part.get()).map_err(unread)?)));
        Ok(Self { rest: rest.collect::<Result<_, _>>()?, steps })
    }
}

/// The parts of an object, none of them twice: other readers may take the one that this one does not.
struct UniqueParts<'f>(BTreeMap<String, &'f RawValue>);

impl<'de: 'f, 'f> Deserialize<'de> for UniqueParts<'f> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut parts: BTreeMap<String, &RawValue> = BTreeMap::new();
                while let Some((key, part)) = entries.next_entry::<String, &RawValue>()? {
                    if parts.contains_key(&key) {
                        return Err(de::Error::custom(format_args!("it says {} twice", quote(&key))));
                    }
                    parts.insert(key, part);
                }
                Ok(parts)
            }
        }
        deserializer.deserialize_map(Parts).map(Self)
    }
}

/// Steps as they are written, and not many more than there may be.
struct FirstSteps<'f>(Vec<&'f RawValue>);

impl<'de: 'f, 'f> Deserialize<'de> for FirstSteps<'f> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Steps;
        impl<'de> Visitor<'de> for Steps {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of steps")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut steps = Vec::new();
                while let Some(step) = items.next_element()? {
                    if steps.len() <= SavedPlan::MOST_STEPS {
                        steps.push(step);
                    }
                }
                Ok(steps)
            }
        }
        deserializer.deserialize_seq(Steps).map(Self)
    }
}

/// What of a file this version knows.
struct KnownParts {
    /// Whether that is everything.
    all: bool,
    /// Whether it is everything that is said of what would be done.
    what_would_be_done: bool,
}

impl KnownParts {
    /// Compares a plan without its steps with what the file says besides them.
    fn of(plan: &PlanV1, rest: &Map<String, Value>, knows_steps: bool) -> Self {
        let same = |known: Option<Value>, said: Option<Value>| known.map(Json::from) == said.map(Json::from);
        let Ok(Value::Object(mut head)) = serde_json::to_value(plan) else {
            return Self { all: false, what_would_be_done: false };
        };
        head.remove(STEPS);
        let knows = |part: &str| same(head.get(part).cloned(), rest.get(part).cloned());
        Self {
            all: knows_steps && same(Some(Value::Object(head.clone())), Some(Value::Object(rest.clone()))),
            what_would_be_done: knows_steps && ["prune", "blocked", "guard"].into_iter().all(knows),
        }
    }
}

/// The steps of a file, read one at a time while they are digested.
struct ReadSteps {
    /// As far as this version knows them, or the first that is none.
    steps: serde_json::Result<Vec<StepV1>>,
    /// Whether this version knows everything that they say.
    all_known: bool,
}

impl Default for ReadSteps {
    fn default() -> Self {
        Self { steps: Ok(Vec::new()), all_known: true }
    }
}

impl ReadSteps {
    fn step(&mut self, raw: &RawValue) -> io::Result<Json> {
        let said = said(raw)?;
        let Ok(steps) = &mut self.steps else { return Ok(said) };
        match StepV1::deserialize(said.value()) {
            Ok(step) => {
                self.all_known &= serde_json::to_value(&step).is_ok_and(|known| Json::from(known) == said);
                steps.push(step);
            }
            Err(error) => self.steps = Err(error),
        }
        Ok(said)
    }
}

/// Reads a step as it is written.
fn said(raw: &RawValue) -> io::Result<Json> {
    Ok(Json::from(serde_json::from_str::<Value>(raw.get())?))
}

/// Takes the digests of sensitive values out of a document.
fn without_digests(document: &mut Value) {
    if let Some(map) = document.as_object_mut() {
        map.remove("digest_key");
    }
    for step in document.get_mut("steps").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(step) = step.as_object_mut() {
            step.remove("sensitive");
        }
    }
    mask_old(document);
}

/// Puts what stands for a sensitive value now in place of what earlier versions wrote, which could be guessed from.
fn mask_old(value: &mut Value) {
    match value {
        masked if is_masked(masked) => *masked = serde_json::json!({ "sensitive": true }),
        Value::Object(map) => map.values_mut().for_each(mask_old),
        Value::Array(items) => items.iter_mut().for_each(mask_old),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
