//! What an unknown word was probably meant to be.

use super::{Object, Schema, Shape, Type};
use crate::engine::diagnostic::{closest, is_slip};

/// What to do about an unknown field.
pub(super) enum Advice {
    /// It is a slip of this field's name.
    Rename(&'static str),
    /// The field exists, but not here: "under spec.http" and the like.
    Move(String),
    /// Nothing comes near.
    None,
}

/// Advice on a field that `object` does not have. `outer` are the object types around it, the innermost one first.
pub(super) fn for_unknown(schema: &Schema, outer: &[usize], object: &Object, given: &str) -> Advice {
    if let Some(name) = object.fields.iter().map(|field| field.name).find(|name| name.eq_ignore_ascii_case(given)) {
        return Advice::Rename(name);
    }
    let mut around = outer.iter().enumerate().filter_map(|(levels, at)| Some((levels + 1, schema.object(*at)?)));
    if let Some((levels, outer)) = around.find(|(_, outer)| has(outer, given)) {
        let levels = if levels == 1 { "one level".into() } else { format!("{levels} levels") };
        return Advice::Move(format!("{levels} further out, beside {}", beside(outer, given)));
    }
    let inner = object.fields.iter().find(|field| inner_object(schema, &field.value).is_some_and(|inner| has(inner, given)));
    if let Some(inner) = inner {
        return Advice::Move(format!("under {}", inner.name));
    }
    closest(given, object.fields.iter().map(|field| field.name)).map_or(Advice::None, Advice::Rename)
}

/// The word of an enumeration that was probably meant, and whether that is certain.
pub(super) fn choice(given: &str, choices: &[&'static str]) -> Option<(&'static str, bool)> {
    let folded = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let same = choices.iter().find(|choice| folded(choice) == folded(given)).map(|choice| (*choice, true));
    let near = || closest(given, choices.iter().copied().filter(|choice| !choice.is_empty()));
    same.or_else(|| near().map(|near| (near, is_slip(given, near))))
}

fn has(object: &Object, name: &str) -> bool {
    object.fields.iter().any(|field| field.name == name)
}

/// A field that stands next to the misplaced one, for orientation.
fn beside(outer: &Object, given: &str) -> String {
    outer.fields.iter().map(|field| field.name).filter(|name| *name != given && *name != "status").take(3).collect::<Vec<_>>().join(", ")
}

fn inner_object<'s>(schema: &'s Schema, value: &Type) -> Option<&'s Object> {
    match &value.shape {
        Shape::Object(at) => schema.object(*at),
        Shape::List(inner) => inner_object(schema, inner),
        _ => None,
    }
}
