//! What a rule delegates to can take it over.
//!
//! A delegate is a VirtualService without hosts that the root's namespace sees; istiod drops a rule whose delegate is not one
//! (`mergeVirtualServicesIfNeeded` in `pilot/pkg/model/virtualservice.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    cluster::Visibility,
    diagnostic::hints::{DelegateUnusable, MW0016},
    resource::{Body, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "delegate_unusable",
    set: Set::Hints,
    summary: "rules delegate to VirtualServices that can take them over",
    reads: reads!(VirtualService),
    emits: &[&MW0016],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        for (at, rule) in item.spec.http.iter().enumerate() {
            let Some(delegate) = &rule.delegate else { continue };
            let home = if delegate.namespace.is_empty() { item.namespace() } else { delegate.namespace.as_str() };
            let found = context.find(Kind::VirtualService, home, &delegate.name).and_then(|resource| VirtualService::of(&resource.spec));
            let fault = match found {
                None => "there is no such VirtualService; mend the name or the namespace".to_owned(),
                Some(found) if !found.hosts.is_empty() => "it has hosts, and only a VirtualService without hosts is a delegate; take its hosts out".to_owned(),
                Some(found) if !Visibility::new(found.export_to.iter().map(String::as_str)).allows(item.namespace(), home) => {
                    format!("its exportTo hides it from namespace {}; add that namespace", item.namespace())
                }
                Some(_) => continue,
            };
            let name = format!("{home}/{}", delegate.name);
            context.report(item.resource, &format!("spec.http[{at}].delegate"), DelegateUnusable { name, fault });
        }
    }
}
