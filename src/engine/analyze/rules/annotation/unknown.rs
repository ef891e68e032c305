//! Annotations in Istio's domain are ones that Istio knows.

use super::{KINDS, Use, catalogue, each};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::{
        closest,
        istio::{IST0108, UnknownAnnotation},
    },
    source::Span,
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_annotation",
    set: Set::Istio,
    summary: "annotations in Istio's domain are ones that Istio knows",
    reads: KINDS,
    emits: &[&IST0108],
    check,
};

fn check(context: &mut Context<'_>) {
    for annotation in each(context).into_iter().filter(|annotation| annotation.known.is_none()) {
        let near = closest(annotation.name, catalogue::ALL.iter().filter(|known| known.belongs_on(annotation.resource.kind.name())).map(|known| known.name));
        let cure = match near {
            Some(near) => format!("did you mean {near}?"),
            None if catalogue::LABELS.contains(&annotation.name) => "it is a label: move it to metadata.labels".to_owned(),
            None => "look the name up, or use a domain of your own".to_owned(),
        };
        let message = UnknownAnnotation { annotation: annotation.name.to_owned(), cure };
        let finding = context.report_at(annotation.resource, "", &annotation.path(), message);
        let is_free = |near: &&str| !annotation.resource.metadata.annotations.contains_key(near);
        if let Some((near, span)) = near.filter(is_free).zip(key_span(&annotation)) {
            finding.fix(span, near);
        }
    }
}

/// Where the name is written, where it is written plainly.
fn key_span(annotation: &Use<'_>) -> Option<Span> {
    let span = annotation.resource.node("metadata.annotations")?.entry(annotation.name)?.key_span;
    let written = annotation.resource.document.file.slice(span);
    (written == annotation.name).then_some(span)
}
