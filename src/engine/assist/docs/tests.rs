//! The words and the tables, held together in both directions.

use std::{collections::BTreeSet, ptr};

use super::{GATEWAY_API, ISTIO, KUBERNETES, Key, Table};
use crate::engine::{resource::Kind, validate::Outline};

/// Every kind that the tables describe: each of its fields is explained.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| Outline::of(*kind).is_some())
}

/// Every object type and field that can be reached, and the values of the fields.
fn reach(outline: Outline, fields: &mut BTreeSet<(&'static str, &'static str)>, values: &mut BTreeSet<(String, String, String)>) {
    let Some(object) = outline.object_name() else { return };
    for field in outline.fields() {
        if !fields.insert((object, field.name)) {
            continue;
        }
        let mut value = field.value;
        while let Some(inner) = value.item().or_else(|| value.entry()) {
            value = inner;
        }
        values.extend(value.choices().into_iter().map(|choice| (object.to_owned(), field.name.to_owned(), choice)));
        reach(value, fields, values);
    }
}

fn holds_together(table: &Table, roots: impl Iterator<Item = Outline>) {
    let (mut fields, mut values) = (BTreeSet::new(), BTreeSet::new());
    for outline in roots {
        reach(outline, &mut fields, &mut values);
    }
    let without: Vec<_> = fields.iter().filter(|(object, field)| table.get(&(*object, *field, "")).is_none_or(|doc| doc.words.is_empty())).collect();
    assert!(without.is_empty(), "nothing is said of {without:?}");
    let is_real = |(object, field, value): &&Key| match (*field, *value) {
        ("", _) => fields.iter().any(|(known, _)| known == object),
        (field, "") => fields.contains(&(object, field)),
        (field, value) => values.contains(&((*object).to_owned(), field.to_owned(), value.to_owned())),
    };
    let unreal: Vec<_> = table.keys().filter(|key| !is_real(key)).collect();
    assert!(unreal.is_empty(), "these are explained and do not exist: {unreal:?}");
}

#[test]
fn every_field_is_explained_and_nothing_else_is() {
    let roots = |table: &'static Table| kinds().filter(move |kind| ptr::eq(super::table(Some(*kind)), table)).filter_map(Outline::of);
    for (table, least) in [(&*ISTIO, 14), (&*GATEWAY_API, 7), (&*KUBERNETES, 14)] {
        assert!(roots(table).count() >= least);
    }
    holds_together(&ISTIO, roots(&ISTIO));
    holds_together(&GATEWAY_API, roots(&GATEWAY_API));
    holds_together(&KUBERNETES, roots(&KUBERNETES).chain([Outline::metadata()]));
}

#[test]
fn every_kind_says_what_it_is_for() {
    for kind in kinds() {
        assert!(super::of_kind(kind).ends_with('.'), "{kind:?}: {:?}", super::of_kind(kind));
    }
}

#[test]
fn defaults_are_told_apart_from_sentences() {
    let attempts = super::of_field(Some(Kind::VirtualService), "HTTPRetry", "attempts");
    assert_eq!(attempts.default, "2");
    assert!(attempts.words.starts_with("How often"));
    let service = super::of_field(Some(Kind::Service), "ServiceSpec", "type");
    assert_eq!((service.default, super::of_value(Some(Kind::Service), "ServiceSpec", "type", "ClusterIP")), ("ClusterIP", "From inside the cluster."));
    let template = super::of_field(Some(Kind::Deployment), "ObjectMeta", "labels");
    assert_eq!(template, super::of_field(Some(Kind::VirtualService), "ObjectMeta", "labels"));
    for (key, doc) in ISTIO.iter().chain(GATEWAY_API.iter()).chain(KUBERNETES.iter()).filter(|((_, field, _), _)| !field.is_empty()) {
        assert!(doc.words.ends_with('.') && !doc.words.starts_with('['), "{key:?}: {:?}", doc.words);
    }
}
