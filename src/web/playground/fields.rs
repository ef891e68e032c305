//! The form as the fields of a snapshot, and back: every field by its name, so that none can be forgotten.

use serde::{
    Deserialize, Deserializer,
    de::{IntoDeserializer, Visitor, value},
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::form::Form;
use crate::web::{Error, snapshots::Fields};

/// What the fields of a namespace's switch are called.
const SWITCH: &str = "injection.";

/// What the form's fields say, as the page sends them.
pub(super) fn of_form(form: &Form) -> Result<Fields, Error> {
    let Value::Object(object) = serde_json::to_value(form).map_err(anyhow::Error::new)? else { return Ok(Fields::new()) };
    let text = |value: Value| match value {
        Value::Bool(is_ticked) => if is_ticked { "true" } else { "" }.to_owned(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let switches = form.injection.iter().map(|(namespace, mode)| (format!("{SWITCH}{namespace}"), mode.clone()));
    Ok(object.into_iter().map(|(name, value)| (name, text(value))).chain(switches).collect())
}

/// The form with these fields; names that it has not are passed over.
pub(super) fn form(fields: Fields) -> Result<Form, Error> {
    let switches = fields.iter().filter_map(|(name, mode)| Some((name.strip_prefix(SWITCH)?.to_owned(), mode.clone()))).collect();
    let pairs = fields.into_iter().map(|(name, text)| (name, Text(text)));
    let mut form = Form::deserialize(value::MapDeserializer::new(pairs)).map_err(|error: value::Error| anyhow::Error::new(error))?;
    form.injection = switches;
    Ok(form)
}

/// A field's text, which is also how a box says that it is ticked.
struct Text(String);

impl IntoDeserializer<'_, value::Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Text {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_bool(self.0 == "true")
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_comes_back_as_it_was() {
        let mut all = of_form(&Form::default()).unwrap();
        assert!(all.len() > 35 && all.values().all(String::is_empty), "{all:?}");
        for (name, value) in &mut all {
            // What is no text is a box.
            let is_box = Form::deserialize(serde_json::json!({name.as_str(): true})).is_ok();
            *value = if is_box { "true".to_owned() } else { format!("<{name}>\n") };
        }
        all.insert("injection.foo".into(), "ambient".into());
        assert_eq!(of_form(&form(all.clone()).unwrap()).unwrap(), all);
        all.insert("unknown".into(), "x".into());
        assert!(form(all).is_ok());
    }
}
