//! The catalogue of what `istioctl analyze` says: Istio's codes, names and levels (`pkg/config/analysis/msg/messages.yaml` at
//! 1.26.4), in our own words.
//!
//! Only what an analyzer can raise from one cluster's objects is here. IST0170 needs two clusters; IST0001, IST0136,
//! IST0141 to IST0143, IST0156, IST0168, IST0169 and IST0172 to IST0174 are declared, but no analyzer of 1.26.4 raises them.

use super::code::catalog;

catalog! {
    IST0002 Deprecated { what: String, instead: String }
        = Warning, "A field or feature is deprecated",
        "It works today and may stop working with the next upgrade.",
        "{what} is deprecated; {instead}";
    IST0101 ReferencedResourceNotFound { kind: &'static str, name: String, cure: String }
        = Error, "Something that the resource names does not exist",
        "Istio takes the configuration all the same, and the part that depends on the missing thing does not work.",
        "the {kind} {name:?} is not found; {cure}";
    IST0102 NamespaceNotInjected { namespace: String }
        = Info, "A namespace does not say whether its pods get a sidecar",
        "Pods without a proxy are not in the mesh: no mTLS, no routing, no telemetry of theirs.",
        "namespace {namespace} does not say whether its pods are injected; label it istio-injection=enabled, or istio-injection=disabled to say that this is meant";
    IST0103 PodMissingProxy { pod: String, namespace: String }
        = Warning, "A pod of an injected namespace has no proxy",
        "The pod sends and receives plain traffic outside the mesh, usually because it is older than the namespace's label.",
        "pod {pod} has no istio-proxy although namespace {namespace} is injected; restart it (kubectl rollout restart) so that the webhook can add the proxy";
    IST0106 SchemaValidationError { fault: String }
        = Error, "istiod's validation refuses the resource",
        "The admission webhook would not let it in; where the webhook is off, istiod drops or half-applies it.",
        "{fault}";
    IST0107 MisplacedAnnotation { annotation: String, cure: String }
        = Warning, "An Istio annotation stands on a kind of object that does not take it",
        "Istio does not look for the annotation there, so it has no effect.",
        "annotation {annotation} has no effect here; {cure}";
    IST0108 UnknownAnnotation { annotation: String, cure: String }
        = Warning, "An annotation of Istio's own domain that Istio does not know",
        "Most likely a slip of the pen: the setting that was meant is not made.",
        "Istio knows no annotation {annotation}; {cure}";
    IST0109 ConflictingMeshGatewayVirtualServiceHosts { virtual_services: String, host: String }
        = Error, "Several VirtualServices claim one host for the sidecars",
        "For sidecars they are not merged: the oldest wins and the rules of the others are never looked at.",
        "{host} is defined for sidecars by VirtualServices {virtual_services}; put the rules into one of them, or part them by exportTo or gateways";
    IST0110 ConflictingSidecarWorkloadSelectors { sidecars: String, namespace: String, pod: String }
        = Error, "Several Sidecars select one pod",
        "A proxy takes one Sidecar; which one is not for you to say.",
        "Sidecars {sidecars} in namespace {namespace} all select pod {pod}; narrow their workloadSelectors so that each pod has one";
    IST0111 MultipleSidecarsWithoutWorkloadSelectors { sidecars: String, namespace: String }
        = Error, "A namespace has several Sidecars without a selector",
        "Only one can be the default of the namespace; the others are passed over.",
        "Sidecars {sidecars} in namespace {namespace} have no workloadSelector; keep one as the namespace's default and give the others a selector";
    IST0112 VirtualServiceDestinationPortSelectorRequired { host: String, ports: String }
        = Error, "A route names no port of a service that has several",
        "Requests go to the port that the caller used; at a gateway that is the gateway's own, which the service most likely lacks, and they end in 503.",
        "service {host} has the ports {ports}; say which with destination.port.number";
    IST0116 DeploymentAssociatedToMultipleServices { deployment: String, port: u32, services: String }
        = Warning, "Services give one port different protocols",
        "The sidecar can take a port for one protocol only, so one of the Services is served wrongly.",
        "the pods of deployment {deployment} stand behind port {port} in different protocols: {services}; agree on one, or use different ports";
    IST0118 PortNameIsNotUnderNamingConvention { port_name: String, port: u32, target: String }
        = Info, "A Service port does not say its protocol",
        "Istio sniffs the protocol instead; server-first protocols such as MySQL then wait or fail, and HTTP features may be missing.",
        "port {port_name} ({port}{target}) does not say its protocol; name it <protocol>[-suffix], for example http-web, or set appProtocol";
    IST0123 NamespaceMultipleInjectionLabels { namespace: String, labels: String }
        = Warning, "A namespace has several labels that take its pods into the mesh",
        "They contradict each other: istio-injection wins over the revision that you chose, and ambient mode leaves out pods that have a sidecar.",
        "namespace {namespace} carries {labels}; keep one of them";
    IST0125 InvalidAnnotation { annotation: String, fault: String }
        = Warning, "The value of an Istio annotation is not valid",
        "Istio passes over a value that it cannot read, or injection of the pod fails.",
        "annotation {annotation}: {fault}";
    IST0126 UnknownMeshNetworksServiceRegistry { registry: String, network: String }
        = Error, "meshNetworks names a registry that is not there",
        "Endpoints of that network are not told apart, and traffic to them does not go through its gateway.",
        "network {network} takes its endpoints fromRegistry {registry:?}, which is no registry of this mesh; write Kubernetes, or the name of a cluster as its remote secret has it";
    IST0127 NoMatchingWorkloadsFound { place: String, wanted: String }
        = Warning, "A policy finds no workload of the mesh",
        "The policy protects nothing.",
        "no workload of the mesh in {place} is found{wanted}; mend the selector or the namespace, or take the workload into the mesh";
    IST0128 NoServerCertificateVerificationDestinationLevel { rule: String, mode: String, host: String }
        = Warning, "TLS to a destination without naming the CA that is believed",
        "The proxy believes the CAs that its image brings: any public CA can vouch for the server, and a private one is not known.",
        "{rule} opens TLS ({mode}) to {host} and names no CA, so that any public one can vouch for the server; set caCertificates";
    IST0129 NoServerCertificateVerificationPortLevel { rule: String, mode: String, host: String, port: String }
        = Warning, "TLS to a port without naming the CA that is believed",
        "The proxy believes the CAs that its image brings: any public CA can vouch for the server, and a private one is not known.",
        "{rule} opens TLS ({mode}) to port {port} of {host} and names no CA, so that any public one can vouch for the server; set caCertificates there";
    IST0130 VirtualServiceUnreachableRule { fault: String }
        = Warning, "A rule that no request can reach",
        "The first rule that matches decides; this one never gets its turn.",
        "{fault}";
    IST0131 VirtualServiceIneffectiveMatch { fault: String }
        = Info, "A match condition that an earlier rule takes already",
        "The first rule that matches decides, so this condition selects nothing.",
        "{fault}";
    IST0132 VirtualServiceHostNotFoundInGateway { hosts: String, virtual_service: String, gateway: String }
        = Warning, "The Gateway serves none of the VirtualService's hosts",
        "The gateway does not take the host, so the rules are never asked and callers get 404 or no connection.",
        "gateway {gateway} has no server for {hosts} of VirtualService {virtual_service}; add the host to the Gateway, or name another gateway";
    IST0133 SchemaWarning { fault: String }
        = Warning, "istiod accepts the resource and warns",
        "It is taken as it stands, but part of it does not do what it says.",
        "{fault}";
    IST0134 ServiceEntryAddressesRequired {}
        = Warning, "A ServiceEntry for TCP without an address",
        "TCP carries no host name: without an address the listener takes all traffic of the port, or the host cannot be told apart.",
        "the ServiceEntry has a port for TCP and no addresses, and TCP carries no host name to tell destinations apart; give spec.addresses, or the right protocol";
    IST0135 DeprecatedAnnotation { annotation: String, instead: &'static str }
        = Info, "An Istio annotation is deprecated",
        "It works today and may stop working with the next upgrade.",
        "annotation {annotation} is deprecated; {instead}";
    IST0137 DeploymentConflictingPorts { deployment: String, services: String, target_port: String }
        = Warning, "Services give one container port different port numbers",
        "The sidecar's inbound listener knows the container port once, and takes one Service's settings for all.",
        "target port {target_port} of deployment {deployment} is reached from different ports: {services}; use one port number";
    IST0138 GatewayDuplicateCertificate { gateways: String }
        = Warning, "Gateways of one workload share a certificate",
        "Browsers reuse an HTTP/2 connection for every host of its certificate; the gateway answers 404 for the other Gateway's host.",
        "Gateways {gateways} serve the same certificate from the same pods; give each its own, or put the hosts into one Gateway";
    IST0139 InvalidWebhook { fault: String }
        = Error, "An Istio webhook cannot work",
        "Pods are not injected, or injected twice, or every change of configuration is refused.",
        "{fault}";
    IST0140 IngressRouteRulesNotAffected { virtual_service: String, entry: String }
        = Warning, "A subset rule that requests from the ingress gateway never meet",
        "The gateway's VirtualService routes to the host as a whole; the rules for sidecars are not asked again behind it.",
        "VirtualService {virtual_service} chooses a subset of this host, but requests that {entry} takes from a gateway never meet that rule; choose the subset here too";
    IST0144 InvalidApplicationUID { container: String }
        = Warning, "An application runs as the proxy's user",
        "Traffic of user 1337 is taken for the proxy's own and not captured: the application is outside the mesh.",
        "{container} runs as user 1337, which is the sidecar's; choose another runAsUser";
    IST0145 ConflictingGateways { gateways: String, selector: String, port: u32, hosts: String }
        = Error, "Gateways of one workload claim the same port and host",
        "One server wins by age; the others' routes may never be used.",
        "gateways {gateways} claim port {port} and hosts {hosts} of the same workload ({selector}) too; merge them, or part them by host or port";
    IST0146 ImageAutoWithoutInjectionWarning { kind: String, name: String }
        = Warning, "A template asks for an injected image where nothing injects",
        "The pods cannot start: `auto` is no image.",
        "{kind} {name} has image: auto, but no injection webhook selects its pods; label the namespace or the template";
    IST0147 ImageAutoWithoutInjectionError { kind: String, name: String }
        = Error, "A pod asks for an injected image where nothing injects",
        "The pod cannot start: `auto` is no image.",
        "{kind} {name} still has image: auto, so no injection webhook has taken it in; label its namespace or the pod itself, and make it anew";
    IST0148 NamespaceInjectionEnabledByDefault { namespace: String }
        = Info, "A namespace is injected because the installation injects all",
        "Nothing is wrong; a label would say it where readers look.",
        "namespace {namespace} is injected although it has no label, for Istio is installed with enableNamespacesByDefault";
    IST0149 JwtClaimBasedRoutingWithoutRequestAuthN { key: String, gateway: String, pod: String }
        = Error, "Routing by token claims where no token is checked",
        "Claims are known only after a RequestAuthentication has checked the token; the match never holds.",
        "rule matches on {key}, but no RequestAuthentication covers pod {pod} of gateway {gateway}; add one that selects it";
    IST0150 ExternalNameServiceTypeInvalidPortName {}
        = Warning, "An ExternalName Service port that counts as TCP",
        "Such a port makes a TCP listener on every address and takes all traffic of that port in the mesh.",
        "this port of an ExternalName service counts as TCP and would take the traffic of every host on that port; name it by its protocol (http, https, tls)";
    IST0151 EnvoyFilterUsesRelativeOperation {}
        = Warning, "An EnvoyFilter patch relative to others, without priority",
        "What it finds depends on patches applied before; their order may change with names and age.",
        "the patch is relative to others (INSERT_BEFORE, INSERT_AFTER, REPLACE, MERGE) and the filter has no priority; set spec.priority, or use INSERT_FIRST or ADD";
    IST0152 EnvoyFilterUsesReplaceOperationIncorrectly {}
        = Error, "REPLACE where an EnvoyFilter cannot replace",
        "Envoy's configuration stays as it was; the patch is passed over.",
        "REPLACE works for HTTP_FILTER and NETWORK_FILTER only; use MERGE, or REMOVE and ADD";
    IST0153 EnvoyFilterUsesAddOperationIncorrectly {}
        = Error, "ADD where an EnvoyFilter cannot add",
        "The patch is passed over.",
        "ADD does nothing for ROUTE_CONFIGURATION and HTTP_ROUTE; use MERGE, or INSERT_FIRST for a route";
    IST0154 EnvoyFilterUsesRemoveOperationIncorrectly {}
        = Error, "REMOVE where an EnvoyFilter cannot remove",
        "The patch is passed over.",
        "REMOVE does nothing for ROUTE_CONFIGURATION and HTTP_ROUTE; patch the VirtualService or the virtual host instead";
    IST0155 EnvoyFilterUsesRelativeOperationWithProxyVersion {}
        = Warning, "An EnvoyFilter patch relative to others, for one proxy version, without priority",
        "After an upgrade the version no longer matches and the patch silently goes.",
        "the patch is relative to others, matches a proxyVersion and the filter has no priority; set spec.priority and look at it with every upgrade";
    IST0157 InvalidTelemetryProvider { telemetry: String, namespace: String }
        = Warning, "A Telemetry for access logs that names no provider",
        "Without a provider and without a default in the mesh's settings, nothing is logged.",
        "Telemetry {telemetry} in namespace {namespace} turns on access logs without a provider, and the mesh has no default; name one in providers";
    IST0158 PodsIstioProxyImageMismatchInNamespace { namespace: String, pods: String }
        = Warning, "Pods run another proxy image than the injector would give them",
        "They run an old proxy until they are restarted.",
        "pods {pods} in namespace {namespace} do not run the proxy image that the injector gives today; restart them (kubectl rollout restart)";
    IST0159 ConflictingTelemetryWorkloadSelectors { telemetries: String, namespace: String, pod: String }
        = Error, "Several Telemetries select one pod",
        "A proxy takes the oldest; the settings of the others are passed over.",
        "Telemetries {telemetries} in namespace {namespace} all select pod {pod}; narrow their selectors, or merge them";
    IST0160 MultipleTelemetriesWithoutWorkloadSelectors { telemetries: String, namespace: String }
        = Error, "A namespace has several Telemetries without a selector",
        "Only the oldest is the namespace's default; the others are passed over.",
        "Telemetries {telemetries} in namespace {namespace} have no selector; merge them into one";
    IST0161 InvalidGatewayCredential { gateway: String, namespace: String, fault: String }
        = Error, "The certificate that a Gateway names cannot be used",
        "The gateway gets no certificate, and TLS handshakes fail.",
        "the credential of gateway {gateway} in namespace {namespace} cannot be used: {fault}";
    IST0162 GatewayPortNotDefinedOnService { port: u32, selector: String, cure: String }
        = Warning, "A Gateway listens on a port that its Service does not have",
        "Nobody outside can reach the listener.",
        "no Service of the pods with {selector} has the port or target port {port}; {cure}";
    IST0163 InvalidExternalControlPlaneConfig { webhook: String, fault: String }
        = Warning, "A webhook names a remote istiod that cannot be reached",
        "Injection or validation by the external control plane does not work.",
        "webhook {webhook} cannot call an istiod: {fault}";
    IST0164 ExternalControlPlaneAddressIsNotAHostname { address: String, webhook: String }
        = Info, "A webhook names a remote istiod by address",
        "It works until the address changes, and its certificate must name the address.",
        "webhook {webhook} calls {address}, an IP address; give the remote istiod a host name, which survives a move";
    IST0165 ReferencedInternalGateway { virtual_service: String, gateway: String }
        = Warning, "A VirtualService names a Gateway that Istio generates itself",
        "Generated Gateways belong to Gateway API resources; their names may change and the binding is not supported.",
        "VirtualService {virtual_service} names {gateway}, which Istio makes from a Gateway API resource; use an HTTPRoute with parentRefs";
    IST0166 IneffectiveSelector { gateway: String }
        = Warning, "A policy selects the pods of a Gateway API gateway",
        "Selectors do not bind to such gateways; the policy has no effect there.",
        "the selector matches pods of Gateway {gateway}, where selectors have no effect; use targetRefs with group gateway.networking.k8s.io";
    IST0167 IneffectivePolicy { reason: String }
        = Warning, "A policy that has no effect",
        "Whoever reads it believes in something that does not happen.",
        "the policy has no effect: {reason}";
    IST0171 NegativeConditionStatus { condition: String, reason: String, message: String }
        = Warning, "A resource reports a condition that does not hold",
        "A controller could not do what the resource asks; its status says why.",
        "its status says that something is wrong with {condition}, reason {reason}: {message}";
}
