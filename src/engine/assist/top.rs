//! The outermost fields of an object, and the kinds that an API server of the mesh serves.

use super::{
    Group, Offer, docs,
    offers::{Style, insertion},
    site::Subject,
    skeleton,
    sketch::Step,
};
use crate::engine::{resource::Kind, source::Span, validate::Outline};

/// What is said of the fields that every object has.
const COMMON: &[(&str, &str, &str)] = &[
    ("apiVersion", "text, required", "Group and version of the kind."),
    ("kind", "text, required", "What kind of object it is."),
    ("metadata", "ObjectMeta, required", "Name, namespace, labels and annotations."),
];

/// What there is to say of a field that every object has.
pub(super) fn of_field(name: &str) -> Option<(&'static str, &'static str)> {
    COMMON.iter().find(|(field, ..)| *field == name).map(|(_, detail, words)| (*detail, *words))
}

/// Fields that are not there yet; in an empty document also whole objects.
pub(super) fn keys(subject: &Subject<'_>, word: Span, style: Style) -> Vec<Offer> {
    let written = subject.sketch.children(None).filter(|item| item.key != word);
    let present: Vec<&str> = written.filter_map(|item| if let Step::Key(name) = &item.step { Some(name.as_str()) } else { None }).collect();
    if !style.is_flow && style.column > 0 {
        return Vec::new();
    }
    let common = COMMON.iter().filter(|(name, ..)| !present.contains(name)).map(|(name, detail, words)| {
        let insert = match *name {
            name if style.has_colon => name.to_owned(),
            "metadata" if !style.is_flow => "metadata:\n  name: ".into(),
            name => format!("{name}: "),
        };
        Offer { is_required: true, ..Offer::new(*name, Group::Field, insert, *detail, *words) }
    });
    let outline = subject.kind.and_then(Outline::of);
    let own = outline.into_iter().flat_map(|outline| outline.fields().map(move |field| (outline, field))).filter(|(_, field)| !present.contains(&field.name));
    let own = own.map(|(outline, field)| {
        let doc = docs::of_field(subject.kind, outline.object_name().unwrap_or_default(), field.name).words;
        Offer::new(field.name, Group::Field, insertion(field.name, field.value, style), field.value.words(), doc)
    });
    let whole = if present.is_empty() && !style.has_colon && !style.is_flow { skeleton::offers() } else { Vec::new() };
    whole.into_iter().chain(common).chain(own).collect()
}

/// Kinds and versions that are served; where the other one of the two is written, those that go with it.
pub(super) fn values(subject: &Subject<'_>, key: &str) -> Vec<Offer> {
    let written = |key: &str| subject.sketch.value(None, key);
    if key == "kind" {
        let kinds = Kind::ALL.iter().filter(|kind| written("apiVersion").is_none_or(|version| api_versions(**kind).any(|served| served == version)));
        let offer = |kind: &Kind| Offer::new(kind.name(), Group::Value, kind.name(), api_versions(*kind).next().unwrap_or_default(), docs::of_kind(*kind));
        return kinds.map(offer).collect();
    }
    let mut served: Vec<(String, Vec<&str>)> = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| written("kind").is_none_or(|name| name == kind.name())) {
        for version in api_versions(*kind) {
            match served.iter_mut().find(|(known, _)| *known == version) {
                Some((_, kinds)) => kinds.push(kind.name()),
                None => served.push((version, vec![kind.name()])),
            }
        }
    }
    served.into_iter().map(|(version, kinds)| Offer::new(version.clone(), Group::Value, version, shortened(&kinds), "")).collect()
}

/// The first few names.
fn shortened(kinds: &[&str]) -> String {
    let shown = kinds.iter().take(4).copied().collect::<Vec<_>>().join(", ");
    if kinds.len() > 4 { shown + ", …" } else { shown }
}

/// As in `apiVersion`, the preferred one first.
pub(super) fn api_versions(kind: Kind) -> impl Iterator<Item = String> {
    let group = kind.group();
    kind.versions().iter().map(move |version| if group.is_empty() { (*version).to_owned() } else { format!("{group}/{version}") })
}
