//! Istio's annotations stand on objects that take them.

use super::{KINDS, Use, each};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0107, MisplacedAnnotation},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "misplaced_annotation",
    set: Set::Istio,
    summary: "Istio's annotations stand on objects that take them",
    reads: KINDS,
    emits: &[&IST0107],
    check,
};

fn check(context: &mut Context<'_>) {
    for annotation in each(context) {
        let Some(known) = annotation.known.filter(|known| !known.belongs_on(annotation.resource.kind.name())) else { continue };
        let message = MisplacedAnnotation { annotation: annotation.name.to_owned(), cure: cure(&annotation, known.kinds) };
        context.report_at(annotation.resource, "", &annotation.path(), message);
    }
}

fn cure(annotation: &Use<'_>, kinds: &[&str]) -> String {
    match (annotation.resource.kind, kinds) {
        (Kind::Deployment, ["Pod"]) => "it is read from pods: move it to spec.template.metadata.annotations".to_owned(),
        _ => format!("it is read from objects of kind {} alone", kinds.join(", ")),
    }
}
