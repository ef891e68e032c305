//! A world with somebody's configuration applied to it.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Applied, Hop, Journey, PodError, Pushed, Request, RequestError, apply, limits,
    names::{self, Attachment},
    proxy_config,
    pushes::Pushes,
    send, settings,
    switches::{Membership, SwitchError, Switches},
};
use crate::engine::{
    cluster::{Cluster, MeshConfig, ROOT_NAMESPACE},
    diagnostic::{Diagnostic, Stage},
    istiod,
    manifest::{self, Manifest},
    resource::{Resource, ResourceId},
    source::{SourceFile, Span},
    validate::Verdict,
    xds::{Origin, ProxyConfig},
};

/// The caller that stands in front of the ingress gateway instead of being a workload.
pub const OUTSIDE: &str = "outside";

/// A cluster with texts applied to it, object by object, as `kubectl apply` would: what is refused is not in it.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The texts under test.
    pub files: Vec<Arc<SourceFile>>,
    /// A verdict for each of their documents.
    pub verdicts: Vec<Verdict>,
    /// Faults that belong to no document, and "accepted, not simulated yet" notes.
    pub diagnostics: Vec<Diagnostic>,
    /// World and accepted objects.
    pub cluster: Cluster,
    /// What was refused, though it can be read.
    pub(super) refused: BTreeMap<ResourceId, Resource>,
    pushes: Pushes,
}

/// Somebody who can send a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// `pod.namespace`, or [`OUTSIDE`].
    pub id: String,
    /// How a list shows it, for example `productpage-v1-a (default)`.
    pub label: String,
    /// Whether a sidecar, a gateway or ztunnel carries its requests.
    pub has_proxy: bool,
}

impl Scene {
    /// Applies `text` on top of `world`.
    pub fn new(world: &Manifest, name: &str, text: &str) -> Self {
        Self::in_world(Some(world), vec![SourceFile::new(name, text)])
    }

    /// Applies texts, one after another, on top of a world or of nothing.
    pub fn in_world(world: Option<&Manifest>, files: Vec<Arc<SourceFile>>) -> Self {
        Self::assemble(world, &Switches::default(), files).0
    }

    /// The same in a world in which something is switched. What the texts say of it themselves counts more.
    pub fn switched(world: Option<&Manifest>, switches: &Switches, files: Vec<Arc<SourceFile>>) -> Result<Self, SwitchError> {
        let (scene, fault) = Self::assemble(world, switches, files);
        fault.map(|()| scene)
    }

    fn assemble(world: Option<&Manifest>, switches: &Switches, files: Vec<Arc<SourceFile>>) -> (Self, Result<(), SwitchError>) {
        let texts: Vec<Manifest> = files.iter().map(manifest::read).collect();
        let policy = switches.manifest();
        let below = world.into_iter().chain(&policy);
        let mut applied = apply(below.clone().chain(&texts));
        applied.verdicts.drain(..below.count());
        let switched = switches.apply(&mut applied.resources);
        let mesh_config = settings::over(switches.mesh_config(), &applied);
        let mut scene = Self::of_applied(applied, mesh_config);
        scene.files = files;
        let diagnostics = std::mem::take(&mut scene.diagnostics);
        scene.diagnostics = diagnostics.into_iter().filter(|diagnostic| scene.is_under_test(&diagnostic.file)).collect();
        (scene, switched)
    }

    /// The namespaces whose pods can be taken in and out of the mesh, with how they are in it now; none of it where they differ.
    pub fn memberships(&self) -> Vec<(String, Option<Membership>)> {
        let modes = names::memberships(&self.cluster).into_iter().filter(|(name, _)| *name != ROOT_NAMESPACE);
        modes.map(|(name, mode)| (name.to_owned(), mode)).collect()
    }

    /// Applies manifests one after another; no text is under test by itself.
    pub fn of<'a>(manifests: impl IntoIterator<Item = &'a Manifest>, mesh_config: MeshConfig) -> Self {
        Self::of_applied(apply(manifests), mesh_config)
    }

    /// The same with something switched; what the manifests say of it themselves counts more.
    pub fn of_switched(manifests: &[Manifest], switches: &Switches) -> Result<Self, SwitchError> {
        let policy = switches.manifest();
        let mut applied = apply(policy.iter().chain(manifests));
        if policy.is_some() {
            applied.verdicts.remove(0);
        }
        switches.apply(&mut applied.resources)?;
        let mesh_config = settings::over(switches.mesh_config(), &applied);
        Ok(Self::of_applied(applied, mesh_config))
    }

    /// Settings that are given hold, else those that the cluster keeps.
    fn of_applied(applied: Applied, mesh_config: MeshConfig) -> Self {
        let (kept, notes) = settings::kept(&applied);
        let mut diagnostics = applied.diagnostics;
        diagnostics.extend(notes);
        let mesh_config = if mesh_config == MeshConfig::default() { kept.unwrap_or_default() } else { mesh_config };
        diagnostics.extend(applied.resources.iter().flat_map(limits::not_simulated));
        diagnostics.extend(limits::passed_over(&applied.resources, &mesh_config));
        diagnostics.extend(limits::networks(&applied.resources));
        diagnostics.extend(applied.resources.iter().filter_map(limits::without_address));
        let cluster = Cluster::new(applied.resources, mesh_config);
        diagnostics.extend(limits::without_node(&cluster));
        diagnostics.extend(limits::fewer_pods(&cluster));
        diagnostics.extend(limits::fewer_endpoints(&cluster));
        Self {
            files: Vec::new(),
            verdicts: applied.verdicts.into_iter().flatten().collect(),
            diagnostics,
            cluster,
            refused: applied.refused,
            pushes: Pushes::default(),
        }
    }

    /// Whether it is one of the texts under test, not a part of the world.
    pub fn is_under_test(&self, file: &Arc<SourceFile>) -> bool {
        self.files.iter().any(|ours| Arc::ptr_eq(ours, file))
    }

    /// What there is to say of the texts by themselves, in their order; [`Self::findings_in_cluster`] says more.
    pub fn findings(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.verdicts.iter().flat_map(|verdict| &verdict.diagnostics).chain(&self.diagnostics).collect();
        all.sort_by_key(|d| (d.span.start(), std::cmp::Reverse(d.level)));
        all
    }

    /// Whether any document is refused.
    pub fn is_refused(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.is_accepted())
    }

    /// Who can send a request here, workloads by namespace and name, then the outside.
    pub fn callers(&self) -> Vec<Caller> {
        let mut callers: Vec<(String, Caller)> = names::workloads(&self.cluster)
            .filter(|workload| workload.attachment() != Attachment::GatewayProxy)
            .map(|workload| {
                let metadata = &workload.resource.metadata;
                let (has_proxy, note) = match workload.attachment() {
                    Attachment::None => (false, ", no sidecar"),
                    Attachment::Ztunnel => (true, ", ambient"),
                    Attachment::Sidecar | Attachment::GatewayProxy => (true, ""),
                };
                let label = format!("{} ({}{note})", metadata.name, metadata.namespace);
                (metadata.namespace.to_string(), Caller { id: workload.id(), label, has_proxy })
            })
            .collect();
        callers.sort_by(|(a_home, a), (b_home, b)| (a_home, &a.id).cmp(&(b_home, &b.id)));
        let mut callers: Vec<Caller> = callers.into_iter().map(|(_, caller)| caller).collect();
        if names::edges(&self.cluster).next().is_some() {
            callers.push(Caller { id: OUTSIDE.into(), label: "outside, through the ingress gateway".into(), has_proxy: true });
        }
        callers
    }

    /// Where the field stands that made istiod write a piece of configuration; none for what comes from a default.
    pub fn locate(&self, origin: &Origin) -> Option<(Arc<SourceFile>, Span)> {
        let resource = self.cluster.resources.iter().find(|resource| resource.id().to_string() == *origin.resource)?;
        Some((Arc::clone(&resource.document.file), resource.span_of(&origin.path)))
    }

    /// What istiod pushes to the proxy of a hop; none where the hop has no Envoy.
    pub fn config_of(&self, hop: &Hop) -> Option<Arc<ProxyConfig>> {
        if hop.role.is_envoy() { send::config_of(&self.cluster, &self.pushes, &hop.proxy) } else { None }
    }

    /// What istiod pushes to the proxy of a pod, `[pod/]name[.namespace]`; `home` is the namespace where none is given.
    pub fn proxy_config(&self, pod: &str, home: &str) -> Result<Pushed<'_>, PodError> {
        let proxy = proxy_config::proxy_of(&self.cluster, pod, home)?;
        Ok(Pushed::new(&self.cluster, &proxy.id, istiod::push(&self.cluster, &proxy)))
    }

    /// Sends a request.
    pub fn send(&self, request: &Request) -> Result<Journey, RequestError> {
        let mut journey = send::send(&self.cluster, &self.pushes, request)?;
        journey.not_simulated = self.diagnostics.iter().filter(|diagnostic| diagnostic.stage == Stage::Simulation).cloned().collect();
        Ok(journey)
    }
}
