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
        "ejecting one endpoint of {endpoints} would be more than {cap} % of them, so nobody is ever ejected; set maxEjectionPercent to {needed} or more";
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
        "rule {rule} takes every request, so that none is left for {behind} behind it; move it to the end";
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
    MW0015 SecondRuleIgnored { host: String, first: String }
        = Warning, "The policy of a DestinationRule is not used, for an older rule has one",
        "Rules of one host and namespace are merged: their subsets are put together, but the older trafficPolicy wins whole.",
        "this trafficPolicy is not used, for DestinationRule {first} is for {host} too and comes first; put both policies into one rule";
    MW0016 DelegateUnusable { name: String, fault: String }
        = Warning, "A rule delegates to what cannot take it over",
        "istiod drops the rule: its requests go to the rules behind it, or get 404.",
        "this rule is dropped, for {name} is no delegate: {fault}";
    MW0017 PrincipalNeverMatches { principal: String, cure: String }
        = Warning, "A principal that no caller can have",
        "An ALLOW rule lets nobody in by it, and a DENY rule keeps nobody out.",
        "no caller has the principal {principal:?}: {cure}";
    MW0018 MethodNeverMatches { method: &'static str }
        = Warning, "An HTTP method is not written in capitals",
        "Methods are compared letter by letter, and requests carry them in capitals: the condition never holds.",
        "no request carries the method like this; write {method}";
    MW0019 PathNeverMatches { path: String, cure: String }
        = Warning, "A path that no request can have",
        "The condition never holds, so the rule is never used.",
        "no request has the path {path:?}: {cure}";
    MW0020 RouteKindNotServed { gateway: String, asked: String, given: String }
        = Warning, "A Gateway asks for another kind of rules than the VirtualService has",
        "The gateway finds no rule for the host: connections are closed, or requests get 404.",
        "gateway {gateway} takes these hosts with {asked} rules, and the VirtualService has {given} rules only; write {asked} rules, or change the server's protocol or TLS mode";
    MW0021 TokenNeverChecked {}
        = Warning, "A policy asks for a token that nobody checks",
        "Without a RequestAuthentication no request has a principal or claims: ALLOW rules on them never match, and DENY rules on their absence always do.",
        "no RequestAuthentication checks tokens for the workloads of this policy, so that no request ever has a verified token; add one with the same selector or targetRefs";
    MW0022 SecondPeerAuthentication { first: String, namespace: String }
        = Warning, "A namespace has a second PeerAuthentication for all its workloads",
        "Only the oldest counts: what this one says of mTLS holds for nobody.",
        "this policy has no effect, for PeerAuthentication {first} of namespace {namespace} has no selector either and comes first; merge them into one";
    MW0023 TlsMatchRefused { fault: String }
        = Warning, "Envoy refuses the listener that becomes of a tls match",
        "Sidecars for which the match holds get no such listener: none of its rules holds, and connections go where unknown hosts go.",
        "Envoy refuses the listener of this match: {fault}";
}
