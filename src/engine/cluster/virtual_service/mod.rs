//! VirtualServices the way routes are built from them: names in full, delegates merged in, oldest first.

mod delegate;

use std::collections::HashMap;

use delegate::merge_delegate;

use super::{MeshConfig, Visibility, created, resolve_short_name};
use crate::engine::{
    resource::{self, Destination, HttpRoute, Resource, Spec, TcpRoute, TlsRoute},
    source::Origin,
};

/// The name of the gateway that stands for all sidecars.
pub const MESH: &str = "mesh";

/// A VirtualService with names in full.
#[derive(Debug, Clone, PartialEq)]
pub struct VirtualService {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// In full.
    pub hosts: Vec<String>,
    /// `namespace/name`, or [`MESH`]; never empty.
    pub gateways: Vec<String>,
    /// HTTP rules, delegates' among them.
    pub http: Vec<HttpRule>,
    /// TLS rules.
    pub tls: Vec<TlsRoute>,
    /// TCP rules.
    pub tcp: Vec<TcpRoute>,
    /// Who sees it.
    pub visibility: Visibility,
    /// When it was made.
    pub created: String,
    /// Whose rules of matching it follows.
    pub semantics: RouteSemantics,
    /// The object.
    pub origin: Origin,
}

/// Which API a VirtualService was written in, for the same words do not mean the same in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RouteSemantics {
    /// Istio's own.
    #[default]
    Istio,
    /// The Gateway API's: prefixes are whole segments, and names are in full.
    GatewayApi,
    /// Ingress's: prefixes are whole segments.
    Ingress,
}

/// An HTTP rule and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRule {
    /// What it says.
    pub rule: HttpRoute,
    /// Where: of a delegated rule, the place in the delegate.
    pub origin: Origin,
    /// Where each of its matches is written.
    pub match_origins: Vec<Origin>,
}

impl VirtualService {
    /// Whether it stands for a route of the Gateway API.
    pub fn is_gateway_api(&self) -> bool {
        self.semantics == RouteSemantics::GatewayApi
    }

    /// `namespace/name`.
    pub fn key(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }

    /// The object and one of its fields.
    pub fn field(&self, path: impl Into<String>) -> Origin {
        self.origin.field(path.into())
    }
}

/// All of them, with lookup by gateway.
#[derive(Debug, Clone, Default)]
pub struct VirtualServices {
    all: Vec<VirtualService>,
    by_gateway: HashMap<String, Vec<usize>>,
}

impl VirtualServices {
    /// Those among the objects, and those that stand for routes of another API.
    pub(super) fn new(resources: &[Resource], mut converted: Vec<VirtualService>, mesh: &MeshConfig) -> Self {
        let show = |service: &mut VirtualService| service.visibility.apply_default(mesh.default_virtual_service_export_to.as_deref());
        let mut all: Vec<VirtualService> = Vec::new();
        let mut delegates: HashMap<(String, String), VirtualService> = HashMap::new();
        for resource in resources {
            if let Spec::VirtualService(spec) = &resource.spec {
                let mut resolved = resolve(resource, spec);
                show(&mut resolved);
                if resolved.hosts.is_empty() {
                    delegates.insert((resolved.namespace.clone(), resolved.name.clone()), resolved);
                } else {
                    all.push(resolved);
                }
            }
        }
        for root in &mut all {
            delegate(root, &delegates);
        }
        converted.iter_mut().for_each(show);
        all.extend(converted);
        all.sort_by(|a, b| (&a.created, &a.name, &a.namespace).cmp(&(&b.created, &b.name, &b.namespace)));
        let mut by_gateway: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, service) in all.iter().enumerate() {
            for gateway in &service.gateways {
                let found = by_gateway.entry(gateway.clone()).or_default();
                if found.last() != Some(&at) {
                    found.push(at);
                }
            }
        }
        Self { all, by_gateway }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &VirtualService> {
        self.all.iter()
    }

    /// Those of a gateway (`namespace/name` or [`MESH`]) that a proxy in `namespace` sees: its namespace's own first,
    /// then those exported to it by name, then the public ones, of which the Gateway API's own go first.
    pub fn of_gateway<'a>(&'a self, gateway: &str, namespace: &str) -> Vec<&'a VirtualService> {
        let (mut private, mut exported, mut public) = (Vec::new(), Vec::new(), Vec::new());
        for service in self.by_gateway.get(gateway).into_iter().flatten().map(|&at| &self.all[at]) {
            if service.visibility.is_public() {
                public.push(service);
            } else if service.visibility.allows(namespace, &service.namespace) {
                if service.namespace == namespace { private.push(service) } else { exported.push(service) }
            }
        }
        public.sort_by_key(|service| !(service.is_gateway_api() && service.namespace == namespace));
        private.append(&mut exported);
        private.append(&mut public);
        private
    }
}

fn resolve(resource: &Resource, spec: &resource::VirtualService) -> VirtualService {
    let namespace = resource.metadata.namespace.as_str();
    let origin = Origin::whole(resource.id().to_string());
    let gateways = |names: &[String]| names.iter().map(|name| resolve_gateway(name, namespace)).collect::<Vec<_>>();
    let fix = |destination: Option<&mut Destination>| {
        if let Some(destination) = destination {
            destination.host = resolve_short_name(&destination.host, namespace);
        }
    };
    let http = spec.http.iter().enumerate().map(|(at, rule)| {
        let mut rule = rule.clone();
        for condition in &mut rule.r#match {
            condition.gateways = gateways(&condition.gateways);
        }
        rule.route.iter_mut().for_each(|route| fix(route.destination.as_mut()));
        fix(rule.mirror.as_deref_mut());
        rule.mirrors.iter_mut().for_each(|mirror| fix(mirror.destination.as_mut()));
        let origin = origin.field(format!("spec.http[{at}]"));
        let match_origins = (0..rule.r#match.len()).map(|i| origin.field(format!("{}.match[{i}]", origin.path))).collect();
        HttpRule { rule, origin, match_origins }
    });
    let tls = spec.tls.iter().cloned().map(|mut rule| {
        rule.r#match.iter_mut().for_each(|m| m.gateways = gateways(&m.gateways));
        rule.route.iter_mut().for_each(|route| fix(route.destination.as_mut()));
        rule
    });
    let tcp = spec.tcp.iter().cloned().map(|mut rule| {
        rule.r#match.iter_mut().for_each(|m| m.gateways = gateways(&m.gateways));
        rule.route.iter_mut().for_each(|route| fix(route.destination.as_mut()));
        rule
    });
    VirtualService {
        name: resource.metadata.name.to_string(),
        namespace: namespace.to_owned(),
        hosts: spec.hosts.iter().map(|host| resolve_short_name(host, namespace)).collect(),
        gateways: if spec.gateways.is_empty() { vec![MESH.to_owned()] } else { gateways(&spec.gateways) },
        http: http.collect(),
        tls: tls.collect(),
        tcp: tcp.collect(),
        visibility: Visibility::new(spec.export_to.iter().map(String::as_str)),
        created: created(&resource.metadata),
        semantics: RouteSemantics::Istio,
        origin,
    }
}

/// A reference to a Gateway as `namespace/name`: a short name is in the same namespace, `name.namespace…` is the old long form.
fn resolve_gateway(name: &str, namespace: &str) -> String {
    if name == MESH {
        return MESH.to_owned();
    }
    match (name.split_once('/'), name.split_once('.')) {
        (Some((".", short)), _) => format!("{namespace}/{short}"),
        (Some(_), _) => name.to_owned(),
        (None, Some((short, rest))) => format!("{}/{short}", rest.split('.').next().unwrap_or_default()),
        (None, None) => format!("{namespace}/{name}"),
    }
}

/// Puts the rules of its delegates in the place of a root's rules that delegate.
fn delegate(root: &mut VirtualService, delegates: &HashMap<(String, String), VirtualService>) {
    if !root.http.iter().any(|rule| rule.rule.delegate.is_some()) {
        return;
    }
    let rules = std::mem::take(&mut root.http);
    for mut rule in rules {
        let Some(to) = rule.rule.delegate.take() else {
            root.http.push(rule);
            continue;
        };
        let namespace = if to.namespace.is_empty() { root.namespace.clone() } else { to.namespace };
        // A delegate that is missing or not exported drops this one rule.
        if let Some(found) = delegates.get(&(namespace, to.name))
            && (found.visibility.is_public() || found.visibility.names(&root.namespace, &found.namespace))
        {
            root.http.extend(found.http.iter().filter_map(|sub| merge_delegate(&rule, sub)));
        }
    }
}
