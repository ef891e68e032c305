//! Faults say how many requests they hit.
//!
//! Without `percentage` istiod asks for none of them (`TranslateFault` in `pilot/pkg/networking/core/route/route.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{FaultWithoutPercentage, MW0006},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "fault_without_percentage",
    set: Set::Hints,
    summary: "faults say how many requests they hit",
    reads: reads!(VirtualService),
    emits: &[&MW0006],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        for (at, rule) in item.spec.http.iter().enumerate() {
            let Some(fault) = &rule.fault else { continue };
            // The deprecated `percent` of a delay counts where there is no `percentage`.
            let delays = fault.delay.as_ref().is_some_and(|delay| delay.percentage.is_none() && delay.percent == 0);
            let aborts = fault.abort.as_ref().is_some_and(|abort| abort.percentage.is_none());
            for kind in [("delay", delays), ("abort", aborts)].into_iter().filter_map(|(kind, is_silent)| is_silent.then_some(kind)) {
                context.report(item.resource, &format!("spec.http[{at}].fault.{kind}"), FaultWithoutPercentage { kind });
            }
        }
    }
}
