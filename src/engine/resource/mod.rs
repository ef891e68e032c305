//! Kubernetes and Istio objects as typed data, still tied to the text they came from.
//!
//! Names are those of the APIs. Whether an object is right is asked elsewhere (`validate`): what cannot be decoded at all
//! is a diagnostic here, and everything else keeps what it says.

mod batch;
mod core;
mod decode;
mod destination_rule;
mod gateway;
mod gateway_api;
mod ingress;
mod kind;
mod labels;
mod load;
mod proxy;
mod security;
mod service_entry;
mod traffic_policy;
mod virtual_service;

pub(in crate::engine) use batch::{BATCH, by_kind};
pub use core::*;
pub use destination_rule::*;
pub use gateway::*;
pub use gateway_api::*;
pub use ingress::*;
pub use kind::{Kind, KindLookup, KindSet, group_and_version};
pub use labels::Labels;
pub use load::{Loaded, load, load_into, load_rereading};
pub use proxy::*;
pub use security::*;
pub use service_entry::*;
pub use traffic_policy::*;
pub use virtual_service::*;

use std::{fmt, sync::Arc};

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{
    manifest::{Document, Node},
    source::Span,
};

/// An object and the document it was written in.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its kind, one for all served versions.
    pub kind: Kind,
    /// As written, for example `networking.istio.io/v1`.
    pub api_version: String,
    /// Name, namespace, labels.
    pub metadata: Metadata,
    /// What it asks for.
    pub spec: Spec,
    /// Where it stands.
    pub document: Arc<Document>,
    /// Where in that document: empty, or `items[3]` within a `List`.
    pub prefix: String,
    /// Whether its namespace is written, and none was filled in.
    pub names_namespace: bool,
}

impl Resource {
    /// Kind, namespace and name.
    pub fn id(&self) -> ResourceId {
        ResourceId { kind: self.kind, namespace: self.metadata.namespace.clone(), name: self.metadata.name.clone() }
    }

    /// [`Resource::id`] as text, for where only that is wanted.
    pub fn id_text(&self) -> String {
        let (kind, name) = (self.kind.name(), self.metadata.name.as_str());
        match self.metadata.namespace.as_str() {
            "" => [kind, "/", name].concat(),
            namespace => [kind, "/", namespace, "/", name].concat(),
        }
    }

    /// An object that is made for this one. It stands where this one is written, so that whoever asks is led there.
    pub(super) fn stand_in(&self, kind: Kind, metadata: Metadata, spec: Spec) -> Self {
        let (document, prefix) = (Arc::clone(&self.document), self.prefix.clone());
        Self { kind, api_version: "v1".into(), metadata, spec, document, prefix, names_namespace: self.names_namespace }
    }

    /// Whether it is known already that the API server and istiod have nothing to say of it.
    pub(super) fn is_sound(&self) -> bool {
        // Whoever judges a document takes an absent namespace for `default`.
        let is_same_namespace = self.names_namespace || self.metadata.namespace == "default";
        is_same_namespace && self.prefix.is_empty() && self.document.is_known_sound()
    }

    /// Where a field such as `spec.http[0].match[1]` is written.
    pub fn span_of(&self, path: &str) -> Span {
        match self.prefix.as_str() {
            "" => self.document.span_of(path),
            prefix => self.document.span_of(&format!("{prefix}.{path}")),
        }
    }

    /// The value of such a field, where it is written.
    pub fn node(&self, path: &str) -> Option<&Node> {
        match self.prefix.as_str() {
            "" => self.document.find(path),
            prefix => self.document.find(&format!("{prefix}.{path}")),
        }
    }
}

/// What names an object in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, empty for a cluster-wide kind.
    pub namespace: CompactString,
    /// Its name.
    pub name: CompactString,
}

/// `Kind/namespace/name`, or `Kind/name` without a namespace.
impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{}/{}", self.kind, self.name),
            namespace => write!(f, "{}/{namespace}/{}", self.kind, self.name),
        }
    }
}

/// The parts of `ObjectMeta` that the engine reads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "the fields are Kubernetes' own")]
pub struct Metadata {
    pub name: CompactString,
    pub namespace: CompactString,
    pub labels: Labels,
    pub annotations: Labels,
    pub creation_timestamp: Option<String>,
    pub deletion_timestamp: Option<String>,
    pub generate_name: String,
    pub owner_references: Vec<OwnerReference>,
}

/// Who made an object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "the fields are Kubernetes' own")]
pub struct OwnerReference {
    pub kind: String,
    pub name: String,
    pub controller: Option<bool>,
}

/// A type that an object's body is read as.
pub trait Body: Sized {
    /// The kinds whose objects are read so.
    const KINDS: &'static [Kind];

    /// The body, where it is one of this type.
    fn of(spec: &Spec) -> Option<&Self>;
}

/// Declares [`Spec`]: its variants, the kinds that each is read from and whether from the whole object or from its `spec`.
macro_rules! bodies {
    ($($name:ident [$($kind:ident),+] $part:ident;)*) => {
        /// The body of an object, typed as far as the engine reads it.
        #[derive(Debug, Clone)]
        #[allow(missing_docs, reason = "a variant a type")]
        pub enum Spec {
            $($name(Box<$name>),)*
            /// Kinds that are accepted but not modelled, or need no more than their metadata.
            Other,
        }

        impl Spec {
            /// Reads an object's body.
            fn decode(kind: Kind, object: &Node) -> Result<Self, serde::de::value::Error> {
                match kind {
                    $($(Kind::$kind)|+ => Ok(Self::$name(bodies!(@part $part object).map(decode::decode).transpose()?.unwrap_or_default())),)*
                    _ => Ok(Self::Other),
                }
            }
        }

        $(impl Body for $name {
            const KINDS: &'static [Kind] = &[$(Kind::$kind),+];

            fn of(spec: &Spec) -> Option<&Self> {
                match spec {
                    Spec::$name(body) => Some(body),
                    _ => None,
                }
            }
        })*
    };
    (@part whole $object:ident) => { Some($object) };
    (@part spec $object:ident) => { load::part($object, "spec") };
}

bodies! {
    VirtualService [VirtualService] spec;
    DestinationRule [DestinationRule] spec;
    Gateway [Gateway] spec;
    ServiceEntry [ServiceEntry] spec;
    Sidecar [Sidecar] spec;
    WorkloadEntry [WorkloadEntry] spec;
    WorkloadGroup [WorkloadGroup] spec;
    EnvoyFilter [EnvoyFilter] spec;
    ProxyConfig [ProxyConfig] spec;
    PeerAuthentication [PeerAuthentication] spec;
    RequestAuthentication [RequestAuthentication] spec;
    AuthorizationPolicy [AuthorizationPolicy] spec;
    Telemetry [Telemetry] spec;
    WasmPlugin [WasmPlugin] spec;
    K8sGateway [K8sGateway] spec;
    GatewayClass [GatewayClass] spec;
    K8sHttpRoute [HTTPRoute] spec;
    K8sGrpcRoute [GRPCRoute] spec;
    ReferenceGrant [ReferenceGrant] spec;
    Ingress [Ingress] spec;
    IngressClass [IngressClass] spec;
    Service [Service] spec;
    Pod [Pod] whole;
    Secret [Secret] whole;
    ConfigMap [ConfigMap] whole;
    Endpoints [Endpoints] whole;
    EndpointSlice [EndpointSlice] whole;
    WorkloadController [Deployment, StatefulSet, DaemonSet] spec;
    WebhookConfiguration [MutatingWebhookConfiguration, ValidatingWebhookConfiguration] whole;
    CustomResourceDefinition [CustomResourceDefinition] spec;
}

/// Declares API types: lowerCamelCase, everything optional, unknown fields passed over (`validate` names them).
macro_rules! api {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[allow(missing_docs, reason = "the fields are the API's, under the API's names, and documented there")]
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)* }
    )*};
}
use api;
