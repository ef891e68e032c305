//! From a tree of values to a type, without a copy in between. Knows no kind.

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, Error, MapAccessDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::engine::manifest::{Entry, Node, Value, Whole};

/// Reads a type from a value.
pub(super) fn decode<'de, T: serde::Deserialize<'de>>(node: &'de Node) -> Result<T, Error> {
    T::deserialize(Source(node))
}

#[derive(Clone, Copy)]
struct Source<'de>(&'de Node);

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(Whole::Signed(value)) if *value < 0 => visitor.visit_i64(*value),
            Value::Int(Whole::Signed(value)) => visitor.visit_u64(value.unsigned_abs()),
            Value::Int(Whole::Large(value)) => visitor.visit_u64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Seq(items) => visitor.visit_seq(Items(items.iter())),
            Value::Map(entries) => visitor.visit_map(Fields { rest: entries.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::String(text) => StrDeserializer::new(text).deserialize_enum(name, variants, visitor),
            Value::Map(entries) => visitor.visit_enum(MapAccessDeserializer::new(Fields { rest: entries.iter(), value: None })),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|node| seed.deserialize(Source(node))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A key that says `null` says nothing, and is passed over.
struct Fields<'de> {
    rest: std::slice::Iter<'de, Entry>,
    value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let next = self.rest.find(|entry| !entry.value.is_null());
        self.value = next.map(|entry| &entry.value);
        next.map(|entry| seed.deserialize(BorrowedStrDeserializer::new(&entry.key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().ok_or_else(|| serde::de::Error::custom("a value is asked for before its key"))?;
        seed.deserialize(Source(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::engine::{manifest, resource::IntOrString, source::SourceFile};

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
        let manifest = manifest::read(&SourceFile::new("t", text));
        decode(&manifest.documents[0].root).map_err(|error| error.to_string())
    }

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(default)]
    struct Thing {
        name: String,
        port: Option<IntOrString>,
        sizes: Vec<u32>,
        labels: BTreeMap<String, String>,
        rest: Option<Json>,
    }

    #[test]
    fn values_are_read_as_the_type_wants_them() {
        let thing = Thing {
            name: "x".into(),
            port: Some(IntOrString::String("http".into())),
            sizes: vec![1, 2],
            labels: BTreeMap::from([("a/b".into(), "c".into())]),
            rest: Some(json!({"deep": [true, null, 1.5, -3, 18_446_744_073_709_551_615_u64, {}]})),
        };
        let text = "name: x\nport: http\nsizes: [1, 2]\nlabels: {a/b: c}\nunknown: [{}]\nrest: {deep: [true, ~, 1.5, -3, 18446744073709551615, {gone: ~}]}\n";
        assert_eq!(read::<Thing>(text), Ok(thing));
        assert_eq!(read::<Thing>("name: ~\nsizes: null\nport: 80"), Ok(Thing { port: Some(IntOrString::Int(80)), ..Thing::default() }));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(read::<Thing>("name: 5").unwrap_err(), "invalid type: integer `5`, expected a string");
        assert_eq!(read::<Thing>("sizes: [-1]").unwrap_err(), "invalid value: integer `-1`, expected u32");
        assert!(read::<Thing>("sizes: {a: b}").is_err());
    }
}
