//! What may stand in the annotations whose values istiod's injector checks (`pkg/kube/inject/validate.go` of 1.26.4).

use crate::engine::validate::{names::is_cidr, proxy_settings};

/// What is wrong with an annotation's value; nothing where Istio does not look at it.
pub(super) fn fault(name: &str, value: &str) -> Option<String> {
    match name {
        "sidecar.istio.io/interceptionMode" => {
            unless(matches!(value, "REDIRECT" | "TPROXY" | "NONE"), || format!("{value:?} is not a way to capture traffic; write REDIRECT, TPROXY or NONE"))
        }
        "status.sidecar.istio.io/port" => unless(is_port(value), || format!("{value:?} is not a port; write a number from 0 to 65535")),
        "readiness.status.sidecar.istio.io/initialDelaySeconds"
        | "readiness.status.sidecar.istio.io/periodSeconds"
        | "readiness.status.sidecar.istio.io/failureThreshold" => {
            unless(is_digits(value) && value.parse::<u32>().is_ok(), || format!("{value:?} is not a whole number from 0 on; write the figure without a unit"))
        }
        "traffic.sidecar.istio.io/includeOutboundIPRanges" | "traffic.sidecar.istio.io/includeInboundPorts" if value == "*" => None,
        "traffic.sidecar.istio.io/includeOutboundIPRanges" | "traffic.sidecar.istio.io/excludeOutboundIPRanges" => ranges(value),
        "traffic.sidecar.istio.io/includeInboundPorts" | "traffic.sidecar.istio.io/excludeInboundPorts" | "traffic.sidecar.istio.io/excludeOutboundPorts" => {
            ports(value)
        }
        "prometheus.istio.io/merge-metrics" => unless(is_go_bool(value), || format!("{value:?} is neither yes nor no; write \"true\" or \"false\"")),
        "proxy.istio.io/config" => proxy_settings::fault(value),
        _ => None,
    }
}

fn unless(is_sound: bool, fault: impl FnOnce() -> String) -> Option<String> {
    (!is_sound).then(fault)
}

/// `strconv.ParseUint` takes no sign.
fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_port(text: &str) -> bool {
    is_digits(text.trim()) && text.trim().parse::<u16>().is_ok()
}

fn ports(value: &str) -> Option<String> {
    let wrong = value.trim().split(',').find(|port| !is_port(port)).filter(|_| !value.trim().is_empty())?;
    Some(format!("{wrong:?} is not a port; write numbers from 0 to 65535 with commas between them"))
}

fn ranges(value: &str) -> Option<String> {
    let wrong = value.split(',').find(|range| !is_cidr(range)).filter(|_| !value.is_empty())?;
    Some(format!("{wrong:?} is not a range of addresses; write them as 10.0.0.0/8, with commas between them and no blanks"))
}

/// What `strconv.ParseBool` takes.
fn is_go_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn values_are_read_as_the_injector_reads_them() {
        for (name, sound, wrong) in [
            ("sidecar.istio.io/interceptionMode", &["TPROXY", "NONE"][..], &["tproxy", ""][..]),
            ("status.sidecar.istio.io/port", &["0", " 15021 "], &["", "65536", "+1", "http"]),
            ("readiness.status.sidecar.istio.io/periodSeconds", &["10"], &["10s", " 10", "4294967296", ""]),
            ("traffic.sidecar.istio.io/includeOutboundIPRanges", &["", "*", "10.0.0.0/8,::/0"], &["10.0.0.0/8, 10.1.0.0/16", "10.0.0.1"]),
            ("traffic.sidecar.istio.io/excludeOutboundIPRanges", &["10.0.0.1/32"], &["*", "10.0.0.0/33"]),
            ("traffic.sidecar.istio.io/includeInboundPorts", &["*", "", "80, 443"], &["80,", "http"]),
            ("traffic.sidecar.istio.io/excludeInboundPorts", &["9090"], &["*", "9090;9091"]),
            ("prometheus.istio.io/merge-metrics", &["true", "0"], &["yes", ""]),
            ("proxy.istio.io/config", &["concurrency: 2"], &["concurrency: many"]),
            ("sidecar.istio.io/proxyCPU", &["anything"], &[]),
        ] {
            assert!(sound.iter().all(|value| fault(name, value).is_none()), "{name}");
            assert!(wrong.iter().all(|value| fault(name, value).is_some()), "{name}");
        }
    }
}
