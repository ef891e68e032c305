//! What the API server checks by itself: the structure that a kind's CRD demands, and the rules that it states.
//!
//! The facts stand in `tables/`, one file a kind, in the notation that `notation` reads; conditions that no table can say
//! are named there and written in `checks`. Knows nothing of istiod.

mod checks;
mod decode;
mod known;
mod lazy;
mod notation;
mod outline;
mod pattern;
mod quantity;
mod reader;
mod repeated;
mod suggest;
mod trail;
mod walk;

use std::sync::Arc;

use self::{checks::Check, lazy::Lazy, pattern::Pattern};
pub(super) use decode::{decode, decode_message, is_base64, is_whole};
pub(super) use known::{ISTIO_OPERATOR, MESH_CONFIG, METADATA, PROXY_CONFIG, VALUES, has_spec_field, schema_of};
pub(in crate::engine) use outline::{Outline, OutlineField};
pub(super) use reader::Reader;
pub(super) use walk::Walk;

/// The object types of one API, by name.
#[derive(Debug)]
pub(super) struct Schema {
    objects: Vec<Lazy<Object>>,
    names: Arc<notation::Names>,
    /// Kubernetes' own kinds, which are decoded by Go and not by a CRD's schema: there `null` is as good as absent.
    is_native: bool,
}

/// A mapping with known keys.
#[derive(Debug)]
struct Object {
    name: &'static str,
    fields: Vec<Field>,
    /// Which of them are required.
    required: Vec<usize>,
    /// Groups of fields of which at most one may be set.
    exclusive: Vec<Vec<&'static str>>,
    checks: Vec<Check>,
}

impl Object {
    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

#[derive(Debug)]
struct Field {
    name: &'static str,
    value: Lazy<Type>,
}

/// What a value may be.
#[derive(Debug)]
struct Type {
    shape: Shape,
    /// Characters of a text, items of a list, keys of a map.
    length: Option<(u32, u32)>,
    /// Bounds of a number.
    range: Option<(i64, i64)>,
    pattern: Option<&'static Pattern>,
    checks: Box<[Check]>,
    /// `null` is as good as absent.
    is_nullable: bool,
    /// Fields that together tell the items of a list apart.
    keys: Box<[&'static str]>,
    /// No item may repeat.
    is_set: bool,
}

#[derive(Debug)]
enum Shape {
    String,
    /// Go's syntax, a millisecond or more.
    Duration,
    /// Go's syntax; the API server takes any text and istiod refuses what it cannot read.
    LaxDuration,
    Base64,
    Enum(Box<[&'static str]>),
    IntEnum(Box<[i64]>),
    Int,
    /// A whole number or text, such as a port by number or name.
    IntOrString,
    /// An amount of a resource, such as `500m` or `1Gi`.
    Quantity,
    Number,
    Bool,
    Any,
    AnyObject,
    EmptyObject,
    List(Box<Type>),
    Map(Box<Type>),
    /// By its place in the schema.
    Object(usize),
}

impl Schema {
    fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn object(&self, at: usize) -> Option<&Object> {
        self.objects.get(at).map(|object| &**object)
    }
}

/// Whether a text has the form of a time (RFC 3339), as Go reads it.
pub(super) fn is_timestamp(text: &str) -> bool {
    pattern::find("timestamp").is_some_and(|form| form.fits(text))
}
