//! The kinds that the engine knows, and the versions in which an API server of a 1.26 mesh serves them.

use std::{collections::HashMap, fmt, sync::LazyLock};

/// What the API server would say of an `apiVersion` and `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindLookup {
    /// Served.
    Known(Kind),
    /// The group has this kind, but not in that version.
    WrongVersion(Kind),
    /// One of Istio's or the Gateway API's groups, which have no such kind.
    UnknownInGroup,
    /// A kind outside the engine's scope: passed over with a note.
    Foreign,
}

macro_rules! kinds {
    ($($kind:ident $group:literal [$($version:literal),*] $plural:literal $scope:ident;)*) => {
        /// A kind of object.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "a variant a kind")]
        pub enum Kind { $($kind),* }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// The kind's name with its group, as the table above has them; `K8s` sets apart what Istio names alike.
            fn row(self) -> (&'static str, &'static str, &'static [&'static str], &'static str, bool) {
                match self { $(Kind::$kind => (stringify!($kind), $group, &[$($version),*], $plural, matches!(Scope::$scope, Scope::Namespaced))),* }
            }
        }
    };
}

enum Scope {
    Namespaced,
    Cluster,
}

kinds! {
    VirtualService "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "virtualservices" Namespaced;
    DestinationRule "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "destinationrules" Namespaced;
    Gateway "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "gateways" Namespaced;
    ServiceEntry "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "serviceentries" Namespaced;
    Sidecar "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "sidecars" Namespaced;
    WorkloadEntry "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "workloadentries" Namespaced;
    WorkloadGroup "networking.istio.io" ["v1", "v1beta1", "v1alpha3"] "workloadgroups" Namespaced;
    EnvoyFilter "networking.istio.io" ["v1alpha3"] "envoyfilters" Namespaced;
    ProxyConfig "networking.istio.io" ["v1beta1"] "proxyconfigs" Namespaced;
    PeerAuthentication "security.istio.io" ["v1", "v1beta1"] "peerauthentications" Namespaced;
    RequestAuthentication "security.istio.io" ["v1", "v1beta1"] "requestauthentications" Namespaced;
    AuthorizationPolicy "security.istio.io" ["v1", "v1beta1"] "authorizationpolicies" Namespaced;
    Telemetry "telemetry.istio.io" ["v1", "v1alpha1"] "telemetries" Namespaced;
    WasmPlugin "extensions.istio.io" ["v1alpha1"] "wasmplugins" Namespaced;
    K8sGateway "gateway.networking.k8s.io" ["v1", "v1beta1"] "gateways" Namespaced;
    GatewayClass "gateway.networking.k8s.io" ["v1", "v1beta1"] "gatewayclasses" Cluster;
    HTTPRoute "gateway.networking.k8s.io" ["v1", "v1beta1"] "httproutes" Namespaced;
    GRPCRoute "gateway.networking.k8s.io" ["v1"] "grpcroutes" Namespaced;
    TLSRoute "gateway.networking.k8s.io" ["v1alpha2", "v1alpha3"] "tlsroutes" Namespaced;
    TCPRoute "gateway.networking.k8s.io" ["v1alpha2"] "tcproutes" Namespaced;
    ReferenceGrant "gateway.networking.k8s.io" ["v1beta1"] "referencegrants" Namespaced;
    Namespace "" ["v1"] "namespaces" Cluster;
    Node "" ["v1"] "nodes" Cluster;
    Service "" ["v1"] "services" Namespaced;
    Pod "" ["v1"] "pods" Namespaced;
    ServiceAccount "" ["v1"] "serviceaccounts" Namespaced;
    Secret "" ["v1"] "secrets" Namespaced;
    ConfigMap "" ["v1"] "configmaps" Namespaced;
    Endpoints "" ["v1"] "endpoints" Namespaced;
    EndpointSlice "discovery.k8s.io" ["v1"] "endpointslices" Namespaced;
    Deployment "apps" ["v1"] "deployments" Namespaced;
    StatefulSet "apps" ["v1"] "statefulsets" Namespaced;
    DaemonSet "apps" ["v1"] "daemonsets" Namespaced;
    Ingress "networking.k8s.io" ["v1"] "ingresses" Namespaced;
    IngressClass "networking.k8s.io" ["v1"] "ingressclasses" Cluster;
    MutatingWebhookConfiguration "admissionregistration.k8s.io" ["v1"] "mutatingwebhookconfigurations" Cluster;
    ValidatingWebhookConfiguration "admissionregistration.k8s.io" ["v1"] "validatingwebhookconfigurations" Cluster;
    CustomResourceDefinition "apiextensions.k8s.io" ["v1"] "customresourcedefinitions" Cluster;
}

/// Some of the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindSet(u64);

const _: () = assert!(Kind::ALL.len() <= 64, "each kind has a bit of its own");

impl KindSet {
    /// Adds one.
    pub fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u32;
    }

    /// Its members, in the order of [`Kind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.0 & 1 << *kind as u32 != 0)
    }
}

impl Extend<Kind> for KindSet {
    fn extend<T: IntoIterator<Item = Kind>>(&mut self, kinds: T) {
        kinds.into_iter().for_each(|kind| self.insert(kind));
    }
}

impl Kind {
    /// The kind's own name, as after `kind:`.
    pub fn name(self) -> &'static str {
        let name = self.row().0;
        name.strip_prefix("K8s").unwrap_or(name)
    }

    /// The API group, empty for the core.
    pub fn group(self) -> &'static str {
        self.row().1
    }

    /// Served versions, the preferred one first.
    pub fn versions(self) -> &'static [&'static str] {
        self.row().2
    }

    /// The resource name in URLs.
    pub fn plural(self) -> &'static str {
        self.row().3
    }

    /// Whether its objects live in a namespace.
    pub fn is_namespaced(self) -> bool {
        self.row().4
    }

    /// Whether it is one of Istio's own kinds, which istiod's webhook looks at.
    pub fn is_istio(self) -> bool {
        self.group().ends_with(".istio.io")
    }

    /// Whether its group is defined by CRDs, with schemas that refuse.
    pub fn is_custom(self) -> bool {
        self.is_istio() || self.group() == "gateway.networking.k8s.io"
    }

    /// Finds the kind for the first two fields of an object.
    pub fn lookup(api_version: &str, kind: &str) -> KindLookup {
        /// Asked twice of every document.
        static BY_NAME: LazyLock<HashMap<&str, Vec<Kind>, foldhash::fast::FixedState>> = LazyLock::new(|| {
            let mut all: HashMap<&str, Vec<Kind>, _> = HashMap::default();
            for known in Kind::ALL {
                all.entry(known.name()).or_default().push(*known);
            }
            all
        });
        let (group, version) = group_and_version(api_version);
        let mut named = BY_NAME.get(kind).into_iter().flatten().copied();
        match named.find(|known| known.group() == group) {
            Some(known) if known.versions().contains(&version) => KindLookup::Known(known),
            Some(known) => KindLookup::WrongVersion(known),
            None if Self::ALL.iter().any(|known| known.group() == group && known.is_custom()) => KindLookup::UnknownInGroup,
            None => KindLookup::Foreign,
        }
    }
}

/// The two parts of an `apiVersion`; the group of Kubernetes' first kinds is empty.
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    // Its end is short, so that a search by bytes is done before any other has started.
    let slash = api_version.bytes().rposition(|byte| byte == b'/');
    slash.map_or(("", api_version), |slash| (&api_version[..slash], &api_version[slash + 1..]))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
