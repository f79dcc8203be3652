//! Files whose form is a type of Rust, read by the loader of definitions: a mistake has a code, its place, and help.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};

use super::budget::Mistakes;
use super::read::{did_you_mean, list, nearest};
use super::yaml::{Data, Document, Documents, MapEntry, MostValues, Node, Number, ScalarValue};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::text::quote;

/// What a file holds, and where its entries stand.
#[derive(Debug)]
pub(crate) struct TypedFile<T> {
    /// What it holds.
    pub value: T,
    file: Arc<SourceFile>,
    /// The places of the entries of the lists at its top by their key; the key is empty if the file is a list.
    entries: Vec<(String, Vec<Span>)>,
}

/// Reads the one document of a file; an empty file reads as null.
pub(crate) fn typed<T: DeserializeOwned>(text: &str, path: &str) -> Result<TypedFile<T>, Vec<Diagnostic>> {
    within(MostValues::DEFINITION, text, path)
}

/// Reads the one document of an estate, which may be a large one.
pub(crate) fn typed_estate<T: DeserializeOwned>(text: &str, path: &str) -> Result<TypedFile<T>, Vec<Diagnostic>> {
    within(MostValues::ESTATE, text, path)
}

fn within<T: DeserializeOwned>(most: MostValues, text: &str, path: &str) -> Result<TypedFile<T>, Vec<Diagnostic>> {
    let file = Arc::new(SourceFile::new(path, text.to_owned()));
    let (mut documents, mut found, mut roots) = (Documents::with_room(&file, most), Mistakes::default(), Vec::new());
    while let Some(document) = documents.next(&mut found) {
        if let Document::Read(node) = document {
            roots.push(node);
        }
    }
    if let Some(other) = roots.get(1) {
        let error = Diagnostic::error(Code::MisplacedKind, format!("{} holds one document", quote(path)));
        let place = Place { file: Arc::clone(&file), span: Span { end: other.span.start, ..other.span } };
        found.push(error.at(place, "").help("remove the others"));
    }
    if found.iter().any(Diagnostic::is_error) {
        return Err(found.into_vec());
    }
    let entries = roots.first().map(entries).unwrap_or_default();
    match roots.first() {
        Some(root) => match read_all(root) {
            Ok(value) => Ok(TypedFile { value, file, entries }),
            Err(mistakes) => Err(mistakes.into_iter().map(|mistake| mistake.diagnostic(&file)).collect()),
        },
        None => match T::deserialize(().into_deserializer()) {
            Ok(value) => Ok(TypedFile { value, file, entries }),
            Err::<_, Mistake>(mistake) => Err(vec![mistake.diagnostic(&file)]),
        },
    }
}

/// So many mistakes of one file are looked for: each is found by reading the file once more without those before it.
const MOST_MISTAKES: usize = 100;

/// Reads what a node holds, or finds every mistake in it.
fn read_all<T: DeserializeOwned>(root: &Node<'_>) -> Result<T, Vec<Mistake>> {
    let (mut found, left_out) = (Vec::new(), LeftOut::default());
    loop {
        let mistake = match T::deserialize(NodeReading { node: root, left_out: &left_out }) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(found),
            Err(mistake) => mistake,
        };
        let span = mistake.span.unwrap_or(root.span);
        // What misses a key may have had it, written wrongly.
        let follows = mistake.code == Code::MissingKey && left_out.around.borrow().contains(&span);
        if !follows {
            found.push(mistake);
        }
        let is_new = left_out.spans.borrow_mut().insert(span);
        if !is_new || span == root.span || found.len() == MOST_MISTAKES {
            return Err(found);
        }
    }
}

/// What has a mistake that is known already.
#[derive(Debug, Default)]
struct LeftOut {
    spans: RefCell<BTreeSet<Span>>,
    /// The mappings in which something was left out.
    around: RefCell<BTreeSet<Span>>,
}

/// A node that is read without what has mistakes.
#[derive(Clone, Copy)]
struct NodeReading<'n> {
    node: &'n Node<'n>,
    left_out: &'n LeftOut,
}

impl<'n> NodeReading<'n> {
    fn of(self, node: &'n Node<'n>) -> Self {
        Self { node, ..self }
    }

    fn is_left_out(self, span: Span) -> bool {
        self.left_out.spans.borrow().contains(&span)
    }
}

/// Finds the lists at the top of a document.
fn entries(root: &Node<'_>) -> Vec<(String, Vec<Span>)> {
    let of = |node: &Node<'_>| match &node.data {
        Data::List(items) => items.iter().map(|item| item.span).collect(),
        _ => Vec::new(),
    };
    match &root.data {
        Data::Map(map) => map.iter().map(|entry| (entry.key.clone().into_owned(), of(&entry.value))).collect(),
        _ => vec![(String::new(), of(root))],
    }
}

impl<T> TypedFile<T> {
    /// Says that an entry of a list at the top does not fit with the rest; without an entry it is said of the file.
    pub(crate) fn contradiction(
        &self,
        entry: Option<(&str, usize)>,
        message: impl Into<Cow<'static, str>>,
    ) -> Diagnostic {
        let span = entry.and_then(|(key, index)| {
            let (_, spans) = self.entries.iter().find(|(name, _)| name == key)?;
            spans.get(index).copied()
        });
        let place = Place { file: Arc::clone(&self.file), span: span.unwrap_or(Span::START) };
        Diagnostic::error(Code::Contradiction, message).at(place, "")
    }
}

/// A mistake on its way to the place it is about.
#[derive(Debug)]
pub(in crate::manifest) struct Mistake {
    code: Code,
    message: String,
    help: Option<String>,
    span: Option<Span>,
}

impl Mistake {
    fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None, span: None }
    }

    /// Places the mistake, unless something inside did.
    fn within(self, span: Span) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }

    fn diagnostic(self, file: &Arc<SourceFile>) -> Diagnostic {
        let place = Place { file: Arc::clone(file), span: self.span.unwrap_or(Span::START) };
        let error = Diagnostic::error(self.code, self.message).at(place, "");
        match self.help {
            Some(help) => error.help(help),
            None => error,
        }
    }

    /// Says which name was probably meant, or which there are.
    fn meant(self, name: &str, names: &'static [&'static str], things: &str) -> Self {
        let help = match nearest(name, names) {
            Some(near) => did_you_mean(near),
            None => format!("the {things} here are {}", list(names)),
        };
        Self { help: Some(help), ..self }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Code::WrongType, message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Code::WrongType, wanted(unexpected, expected))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Code::OutOfRange, wanted(unexpected, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Code::UnknownKey, format!("the key {} is not known here", quote(field)))
            .meant(field, expected, "keys")
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Code::BadWord, format!("{} is not one of {}", quote(variant), list(expected)))
            .meant(variant, expected, "words")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Code::MissingKey, format!("the key `{field}` is missing"))
    }
}

/// Says what stands there and what is wanted, in the words of a person who writes YAML.
fn wanted(unexpected: Unexpected<'_>, expected: &dyn Expected) -> String {
    let stands = match unexpected {
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the text {}", quote(text)),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        other => other.to_string(),
    };
    let expected = expected.to_string();
    let wanted = match &*expected {
        "a string" => "text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a mapping",
        "u16" | "u32" | "u64" => "a whole number that is not negative and not too large",
        "i64" => "a whole number",
        structure if structure.starts_with("struct ") => "a mapping",
        other => other,
    };
    format!("here stands {stands}, and {wanted} is wanted")
}

impl<'de> Deserializer<'de> for NodeReading<'_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let read = match &self.node.data {
            Data::List(items) => visitor.visit_seq(ItemsOf { left: items.iter(), within: self }),
            Data::Map(entries) => visitor.visit_map(EntriesOf { left: entries.iter(), value: None, within: self }),
            Data::Scalar(scalar) => match scalar.value() {
                ScalarValue::Null => visitor.visit_unit(),
                ScalarValue::Bool(truth) => visitor.visit_bool(truth),
                ScalarValue::Number(Number::Json(number)) => visit_number(&number, visitor),
                ScalarValue::Number(Number::Unclear(why)) => {
                    let message = format!("it is not clear which number {} is: {why}", quote(&scalar.text));
                    Err(Mistake::new(Code::UnclearNumber, message))
                }
                ScalarValue::Text => visitor.visit_str(&scalar.text),
            },
        };
        read.map_err(|mistake| mistake.within(self.node.span))
    }

    /// Where text is wanted, a number that would lose its plus or its zeros is the text it was written as.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.node.scalar().map(|scalar| (scalar, scalar.value())) {
            Some((scalar, ScalarValue::Number(Number::Unclear(_)))) => {
                visitor.visit_str(&scalar.text).map_err(|mistake: Mistake| mistake.within(self.node.span))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_enum(WordOf(self)).map_err(|mistake: Mistake| mistake.within(self.node.span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, Mistake> {
    match (number.parse::<u64>(), number.parse::<i64>(), number.parse::<f64>()) {
        (Ok(number), ..) => visitor.visit_u64(number),
        (_, Ok(number), _) => visitor.visit_i64(number),
        (.., Ok(number)) => visitor.visit_f64(number),
        _ => Err(Mistake::new(Code::OutOfRange, format!("the number {} is too large", quote(number)))),
    }
}

struct ItemsOf<'n> {
    left: std::slice::Iter<'n, Node<'n>>,
    within: NodeReading<'n>,
}

impl<'de> SeqAccess<'de> for ItemsOf<'_> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let within = self.within;
        let next = self.left.find(|node| !within.is_left_out(node.span));
        next.map(|node| seed.deserialize(within.of(node)).map_err(|mistake| mistake.within(node.span))).transpose()
    }
}

struct EntriesOf<'n> {
    left: std::slice::Iter<'n, MapEntry<'n>>,
    value: Option<&'n MapEntry<'n>>,
    within: NodeReading<'n>,
}

impl<'de> MapAccess<'de> for EntriesOf<'_> {
    type Error = Mistake;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let within = self.within;
        let next = self.left.find(|entry| {
            let spans = [entry.key_span, entry.value_span(), entry.value.span];
            let is_left_out = spans.into_iter().any(|span| within.is_left_out(span));
            if is_left_out {
                within.left_out.around.borrow_mut().insert(within.node.span);
            }
            !is_left_out
        });
        let Some(entry) = next else { return Ok(None) };
        self.value = Some(entry);
        let key: StrDeserializer<'_, Mistake> = (*entry.key).into_deserializer();
        seed.deserialize(key).map(Some).map_err(|mistake| mistake.within(entry.key_span))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mistake> {
        let Some(entry) = self.value.take() else { return Err(de::Error::custom("a value comes after its key")) };
        seed.deserialize(self.within.of(&entry.value)).map_err(|mistake| mistake.within(entry.value_span()))
    }
}

/// One of a few words, which have nothing inside.
struct WordOf<'n>(NodeReading<'n>);

impl<'de> EnumAccess<'de> for WordOf<'_> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Mistake> {
        Ok((seed.deserialize(self.0)?, self))
    }
}

impl<'de> VariantAccess<'de> for WordOf<'_> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<(), Mistake> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Mistake> {
        Err(de::Error::custom("a word has nothing inside"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Mistake> {
        Err(de::Error::custom("a word has nothing inside"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Mistake> {
        Err(de::Error::custom("a word has nothing inside"))
    }
}
