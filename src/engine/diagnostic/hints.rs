//! The catalogue of our own hints: what Istio accepts without a word and learners regret.
//!
//! A code is never used for anything else; a retired one stays as a comment.

use super::code::catalog;

catalog! {
    MW0001 SubsetSelectsNoWorkload { subset: String, host: String, labels: String, known: String }
        = Warning, "A subset's labels match none of the service's workloads",
        "Requests for the subset find an empty cluster and are answered 503 UH.",
        "subset {subset:?} of {host} selects {labels}, which no workload of that service carries ({known}); mend the labels, or take the subset out";
    MW0002 DestinationRuleHostUnknown { host: String, cure: String }
        = Warning, "A DestinationRule is for a host that no service has",
        "Its subsets and policies are for nobody: routes to the subsets fail, and the policies of the real host stay as they are.",
        "no Service and no ServiceEntry has the host {host}, so this rule has no effect; {cure}";
    MW0003 FailoverWithoutOutlierDetection { policy: String }
        = Warning, "Locality failover is asked for without outlier detection",
        "Istio then gives all localities one priority: traffic is spread over them, and a failing one keeps its share.",
        "localityLbSetting has no effect without outlier detection; write outlierDetection into {policy}, even an empty one ({{}})";
    MW0004 EjectionImpossible { endpoints: usize, cap: usize, needed: usize }
        = Warning, "Outlier detection can never eject anybody from so small a pool",
        "The failing endpoint keeps its share of the requests, as if there were no outlier detection.",
        "of {endpoints} endpoints one is more than {cap} %, the most that may be ejected, so nobody ever is; set maxEjectionPercent to {needed} or more";
    MW0005 EjectionUndoneByPanic { endpoints: usize, threshold: usize }
        = Warning, "The first ejection makes Envoy balance over all endpoints again",
        "Below minHealthPercent Envoy panics: it sends requests to every endpoint, the ejected one included.",
        "with one of {endpoints} endpoints ejected fewer than {threshold} % are healthy, and Envoy sends requests to the ejected one again; leave minHealthPercent out";
    MW0006 FaultWithoutPercentage { kind: &'static str }
        = Warning, "A fault does not say how many requests it hits",
        "Without a percentage it hits none of them: the test that was planned never happens.",
        "this {kind} hits no request at all, for percentage counts as 0 where it is not written; add percentage: {{value: 100}} for all requests";
    MW0007 CatchAllFirst { rule: String, behind: String }
        = Warning, "A rule that takes every request stands before others",
        "The first rule that matches decides, so the rules behind it are never asked.",
        "rule {rule} takes every request, so that {behind} behind it are never used; move it to the end";
    MW0008 CredentialElsewhere { name: String, home: String, places: String }
        = Warning, "A gateway's certificate lies in another namespace than its pods",
        "The gateway never gets the certificate, and TLS handshakes end with a reset.",
        "the gateway's pods run in namespace {home} and look for Secret {name} there, but it is in {places}; create it in {home}";
    MW0009 VirtualServiceOnlyForGateways { host: String }
        = Warning, "Rules for a service of the mesh hold for gateways only",
        "Sidecars that call the service go by its plain routes: no split, no timeout, no fault of this VirtualService.",
        "sidecars that call {host} do not see these rules, for gateways does not list mesh; add mesh, or take the host out";
    MW0010 HttpPolicyAtZtunnel { what: String }
        = Warning, "A policy that needs HTTP is left to ztunnel",
        "ztunnel sees connections, not requests: the policy refuses too much, or does nothing.",
        "ztunnel enforces this policy for workloads in ambient mode, and {what}; attach it to a waypoint with targetRefs";
    MW0011 TargetWithoutWaypoint { kind: String, name: String, fault: String }
        = Warning, "Nothing enforces the policy for what it targets",
        "Policies for Services are read by waypoints only; without one the policy protects nothing.",
        "the policy for {kind} {name} has no effect: {fault}";
    MW0012 PolicySelectsNothing { kind: &'static str, labels: String, fault: String }
        = Warning, "A policy selects no workload of the mesh",
        "The policy is stored and holds for nobody.",
        "this {kind} selects {labels} and has no effect: {fault}";
    MW0013 VirtualServiceHostUnknown { host: String, cure: String }
        = Warning, "A host that looks like a Service is none",
        "Nobody calls that name, so the rules are never asked; those who call the real service go by its plain routes.",
        "no Service is called {host}; {cure}";
    MW0014 ExportedToNobody { who: String }
        = Warning, "A VirtualService is not exported to those who are to use it",
        "Its rules are never asked: callers go by the plain routes, a gateway answers 404.",
        "exportTo hides this VirtualService: {who}; add the namespace to exportTo, or leave exportTo out";
}
