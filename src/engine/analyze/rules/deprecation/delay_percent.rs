//! Injected delays say `percentage`, not `percent`.
//!
//! Once a VirtualService, however many of its rules have one.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{Deprecated, IST0002},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "delay_percent",
    set: Set::Istio,
    summary: "injected delays say percentage, not percent",
    reads: &[Kind::VirtualService],
    emits: &[&IST0002],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        let mut delays = item.spec.http.iter().enumerate().filter_map(|(at, http)| Some((at, http.fault.as_ref()?.delay.as_ref()?)));
        let Some((at, delay)) = delays.find(|(_, delay)| delay.percent > 0) else { continue };
        let path = format!("spec.http[{at}].fault.delay.percent");
        let message = Deprecated { what: "fault.delay.percent".into(), instead: "write percentage: {value: …} in its place".into() };
        let finding = context.report_at(item.resource, "", &path, message);
        // Where both are written, percentage counts, and there is nothing to put in the other's place.
        if delay.percentage.is_none() {
            finding.fix(item.resource.span_of(&path), format!("percentage: {{value: {}}}", delay.percent));
        }
    }
}
