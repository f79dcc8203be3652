//! What the steps of a plan would do, whatever file says it: what plans are compared by, and its digest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::digest::{DigestWriter, digest_of, digest_with};
use super::parts::ActionV1;
use super::plan::{Heading, ImageV1, PlanV1, PreconditionV1, StepV1};
use crate::model::{ClientId, ClientName, DigestKey, Field, Scope};
use crate::plan::Plan;
use crate::redact::Shown;

/// Keyed digests of the sensitive values of a step, as `before.settings.crm::password`.
pub(super) type SensitiveDigests = BTreeMap<String, String>;

/// What a step would do, without what may differ and mean nothing: its number, its place in files, what people read.
#[derive(PartialEq, Serialize)]
pub(super) struct StepMeaning<'a> {
    pub(super) action: ActionV1,
    client: Option<&'a ClientName>,
    pub(super) scope: &'a Scope,
    from_scope: Option<&'a Scope>,
    pub(super) id: Option<&'a ClientId>,
    pub(super) before: Option<&'a ImageV1>,
    pub(super) after: Option<&'a ImageV1>,
    precondition: &'a PreconditionV1,
    unreadable: &'a [Cow<'static, str>],
    pub(super) sensitive: Cow<'a, SensitiveDigests>,
}

impl<'a> From<&'a StepV1> for StepMeaning<'a> {
    fn from(step: &'a StepV1) -> Self {
        let StepV1 {
            number: _,
            action,
            client,
            scope,
            from_scope,
            id,
            labels: _,
            updated_by: _,
            updated_at: _,
            looks_like_move: _,
            source: _,
            before,
            after,
            changes: _,
            precondition,
            after_steps: _,
            unreadable,
            sensitive,
            wave: _,
            withheld: _,
            withheld_now: _,
        } = step;
        Self {
            action: *action,
            client: client.as_ref(),
            scope,
            from_scope: from_scope.as_ref(),
            id: id.as_ref(),
            before: before.as_ref(),
            after: after.as_ref(),
            precondition,
            unreadable,
            sensitive: Cow::Borrowed(sensitive),
        }
    }
}

impl StepMeaning<'_> {
    /// Names the client for a person, and tells the steps of a plan apart.
    pub(super) fn key(&self) -> String {
        let name = self.client.map(ClientName::as_str).or_else(|| self.id.map(ClientId::as_str));
        name.map_or_else(|| self.scope.to_string(), str::to_owned)
    }

    /// Names the client for a person, and where it is if git has no name for it.
    pub(super) fn title(&self) -> String {
        match (self.client, self.id) {
            (None, Some(id)) => format!("{} ({id}, not in git)", self.scope),
            _ => self.key(),
        }
    }
}

/// Digests what would be done on a server. Sensitive values are part of it only under a key that other jobs have too.
fn steps_digest(url: &str, steps: &[StepV1], key: &DigestKey) -> io::Result<String> {
    let meaning = |step| {
        let sensitive = if key.is_shared() { digests(step, key) } else { SensitiveDigests::new() };
        StepMeaning { sensitive: Cow::Owned(sensitive), ..StepMeaning::from(step) }
    };
    let mut meanings: Vec<StepMeaning<'_>> = steps.iter().map(meaning).collect();
    meanings.sort_by_cached_key(StepMeaning::key);
    let mut digest = DigestWriter::default();
    digest.put("[")?;
    digest.value(&Value::from(url).into())?;
    digest.put(",")?;
    digest.list(meanings.iter().map(|meaning| Ok(serde_json::to_value(meaning)?.into())))?;
    digest.put("]")?;
    Ok(digest.finish())
}

impl PlanV1 {
    /// Makes the document of a plan, with its digest and without a signature. It says of sensitive values only that they
    /// change; the key is for the digest of the steps.
    pub(crate) fn new(heading: &Heading, plan: &Plan, key: &DigestKey) -> io::Result<Self> {
        let document = Self::bare(heading, plan);
        let steps_digest = Some(steps_digest(&document.target.url, &document.steps, key)?);
        Self { steps_digest, ..document }.digested()
    }

    /// Makes the document of a plan that is compared with a saved one: with digests of its sensitive values, and none of the whole.
    pub(crate) fn compared(heading: &Heading, plan: &Plan, key: &DigestKey) -> Self {
        let mut document = Self::bare(heading, plan);
        document.digest_sensitive(key);
        document
    }

    /// Counts the fields and keys of its steps of which no value is shown.
    pub(crate) fn sensitive_fields(&self) -> usize {
        let path = |path: String| path.split_once('.').map(|(_, path)| path.to_owned());
        let of_step = |step| digests(step, &DigestKey::default()).into_keys().filter_map(path).collect::<BTreeSet<_>>();
        self.steps.iter().map(|step| of_step(step).len()).sum()
    }

    fn digested(mut self) -> io::Result<Self> {
        self.digest_all()?;
        Ok(self)
    }

    fn digest_all(&mut self) -> io::Result<()> {
        let steps = std::mem::take(&mut self.steps);
        let digest = match serde_json::to_value(&*self)? {
            Value::Object(rest) => {
                let steps = steps.iter().map(|step| Ok(serde_json::to_value(step)?.into()));
                digest_with(rest, ("steps", steps))?
            }
            other => digest_of(other),
        };
        (self.digest, self.steps) = (Some(digest), steps);
        Ok(())
    }

    /// Writes the document as it is saved: with digests of sensitive values, by which it is compared, under a key that no document
    /// holds, and with a signature if there is a key for it.
    pub(crate) fn while_saved<R>(
        &mut self,
        (key, signing): (&DigestKey, Option<&[u8]>),
        write: impl FnOnce(&Self) -> R,
    ) -> io::Result<R> {
        let shown = (self.digest.clone(), self.signature.take());
        self.digest_sensitive(key);
        // Without sensitive values it says what it said.
        if self.steps.iter().any(|step| !step.sensitive.is_empty()) {
            self.digest_all()?;
        }
        self.sign(signing);
        let written = write(self);
        self.steps.iter_mut().for_each(|step| step.sensitive.clear());
        self.digest_key = None;
        (self.digest, self.signature) = shown;
        Ok(written)
    }

    /// Says by which digest the file is known that holds the plan, so that reports of it can be matched with it. The signature has to
    /// be made anew.
    pub(crate) fn saved_as(mut self, digest: Option<String>) -> io::Result<Self> {
        let Some(digest) = digest.filter(|digest| self.digest.as_ref() != Some(digest)) else { return Ok(self) };
        self.saved_digest = Some(digest);
        self.digested()
    }

    fn digest_sensitive(&mut self, key: &DigestKey) {
        for step in &mut self.steps {
            step.sensitive = digests(step, key);
        }
        self.digest_key = self.steps.iter().any(|step| !step.sensitive.is_empty()).then(|| key.name()).flatten();
    }
}

/// Digests the sensitive values of a step together with where they stand, so that equal values of two clients, or of one
/// before and after, do not look equal.
pub(super) fn digests(step: &StepV1, key: &DigestKey) -> SensitiveDigests {
    let (scope, mut found) = (step.scope.to_string(), SensitiveDigests::new());
    for (side, image) in [("before", &step.before), ("after", &step.after)] {
        let mut note = |path: String, shown: &Shown| {
            if let Shown::Sensitive(value) = shown {
                let digest = key.digest(&[&scope, side, &path, value.as_str()]);
                found.insert(format!("{side}.{path}"), digest.as_str().to_owned());
            }
        };
        for (field, value) in fields(image.as_ref()) {
            match value {
                ImageField::Text(Some(shown)) => note(field.name().to_owned(), shown),
                ImageField::Entries(Some(entries)) => {
                    entries.iter().for_each(|(key, shown)| note(format!("{field}.{key}"), shown));
                }
                ImageField::None | ImageField::Text(None) | ImageField::Entries(None) => {}
            }
        }
    }
    found
}

/// One field of an image.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ImageField<'a> {
    /// There is no image.
    None,
    Text(Option<&'a Shown>),
    Entries(Option<&'a BTreeMap<Arc<str>, Shown>>),
}

pub(super) fn fields(image: Option<&ImageV1>) -> [(Field, ImageField<'_>); 4] {
    let Some(image) = image else { return Field::ALL.map(|field| (field, ImageField::None)) };
    let ImageV1 { description, cm_environment_id, policies, settings, unset: _ } = image;
    [
        (Field::Description, ImageField::Text(description.as_ref())),
        (Field::CmEnvironmentId, ImageField::Text(cm_environment_id.as_ref())),
        (Field::Policies, ImageField::Entries(policies.as_ref())),
        (Field::Settings, ImageField::Entries(settings.as_ref())),
    ]
}
