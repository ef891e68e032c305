//! The operation of a patch is one that its target takes (`analyzers/envoyfilter/envoyfilter.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{
        EnvoyFilterUsesAddOperationIncorrectly, EnvoyFilterUsesRemoveOperationIncorrectly, EnvoyFilterUsesReplaceOperationIncorrectly, IST0152, IST0153,
        IST0154,
    },
    resource::{EnvoyFilter, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "impossible_patch",
    set: Set::Istio,
    summary: "the operation of a patch is one that its target takes",
    reads: &[Kind::EnvoyFilter],
    emits: &[&IST0152, &IST0153, &IST0154],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<EnvoyFilter>() {
        for (at, entry, patch) in super::patches(item.spec) {
            let (line_of, shown) = (super::named_field(at), super::operation_field(at));
            match patch.operation.as_deref() {
                Some("ADD") if super::is_for_routes(entry) => {
                    context.report_at(item.resource, &line_of, &shown, EnvoyFilterUsesAddOperationIncorrectly {});
                }
                Some("REMOVE") if super::is_for_routes(entry) => {
                    context.report_at(item.resource, &line_of, &shown, EnvoyFilterUsesRemoveOperationIncorrectly {});
                }
                Some("REPLACE") if !super::is_for_filters(entry) => {
                    context.report_at(item.resource, &line_of, &shown, EnvoyFilterUsesReplaceOperationIncorrectly {});
                }
                _ => {}
            }
        }
    }
}
