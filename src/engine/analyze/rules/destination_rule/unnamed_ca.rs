//! DestinationRules that open TLS name the CA that they believe (`analyzers/destinationrule/ca-certificates.go` of 1.26.4).
//!
//! `credentialName` brings a CA for rules with a workloadSelector alone, since other sidecars cannot read Secrets. Subsets'
//! own policies are not looked at.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::istio::{IST0128, IST0129, NoServerCertificateVerificationDestinationLevel, NoServerCertificateVerificationPortLevel},
    resource::{ClientTlsSettings, DestinationRule, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "unnamed_ca",
    set: Set::Istio,
    summary: "DestinationRules that open TLS name the CA that they believe",
    reads: &[Kind::DestinationRule],
    emits: &[&IST0128, &IST0129],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<DestinationRule>() {
        let Some(policy) = &item.spec.traffic_policy else { continue };
        let has_selector = item.spec.workload_selector.is_some();
        let (rule, host) = (item.full_name(), &item.spec.host);
        if let Some(mode) = unnamed(policy.tls.as_ref(), has_selector) {
            let message = NoServerCertificateVerificationDestinationLevel { rule: rule.clone(), mode: mode.to_owned(), host: host.clone() };
            context.report_at(item.resource, "spec.trafficPolicy.tls.caCertificates", "spec.trafficPolicy.tls.mode", message);
        }
        for (at, settings) in policy.port_level_settings.iter().enumerate() {
            let Some(mode) = unnamed(settings.tls.as_ref(), has_selector) else { continue };
            let port = settings.port.as_ref().map_or_else(|| "(none)".into(), |port| port.number.to_string());
            let message = NoServerCertificateVerificationPortLevel { rule: rule.clone(), mode: mode.to_owned(), host: host.clone(), port };
            let tls = format!("spec.trafficPolicy.portLevelSettings[{at}].tls");
            context.report_at(item.resource, &format!("{tls}.caCertificates"), &format!("{tls}.mode"), message);
        }
    }
}

/// The mode, where it is one that wants a CA and none is named.
fn unnamed(tls: Option<&ClientTlsSettings>, has_selector: bool) -> Option<&str> {
    let tls = tls.filter(|tls| tls.ca_certificates.is_empty() && (tls.credential_name.is_empty() || !has_selector))?;
    tls.mode.as_deref().filter(|mode| matches!(*mode, "SIMPLE" | "MUTUAL"))
}
