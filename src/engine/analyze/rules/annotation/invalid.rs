//! The values of Istio's annotations can be read (`pkg/kube/inject/validate.go` of 1.26.4).
//!
//! Istio does not ask that of an annotation on a kind that does not take it.

use super::{KINDS, each, value};
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0125, InvalidAnnotation},
};

pub(super) static RULE: Rule =
    Rule { name: "invalid_annotation", set: Set::Istio, summary: "the values of Istio's annotations can be read", reads: KINDS, emits: &[&IST0125], check };

fn check(context: &mut Context<'_>) {
    for annotation in each(context) {
        if !annotation.known.is_some_and(|known| known.belongs_on(annotation.resource.kind.name())) {
            continue;
        }
        if let Some(fault) = value::fault(annotation.name, annotation.value) {
            let message = InvalidAnnotation { annotation: annotation.name.to_owned(), fault };
            context.report_at(annotation.resource, "", &annotation.path(), message);
        }
    }
}
