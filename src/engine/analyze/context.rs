//! What a rule works with: the objects, what is worked out of them once for all rules, and a place for its findings.

use std::{cell::Cell, sync::Arc, time::Duration};

use super::{Finding, Rule, Run, Snapshot, place, view, words::full_name};
use crate::engine::{
    cluster::{DestinationRules, MeshConfig, MeshNetworks},
    diagnostic::{Diagnostic, Message, Stage},
    resource::{Body, Kind, KindSet, Resource},
    source::{SourceFile, Span},
};

/// An object and its body.
#[derive(Debug)]
pub struct Item<'a, T> {
    /// The object.
    pub resource: &'a Resource,
    /// Its body.
    pub spec: &'a T,
}

impl<T> Clone for Item<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Item<'_, T> {}

impl<'a, T> Item<'a, T> {
    /// The object's name.
    pub fn name(&self) -> &'a str {
        &self.resource.metadata.name
    }

    /// The object's namespace, empty for a cluster-wide kind.
    pub fn namespace(&self) -> &'a str {
        &self.resource.metadata.namespace
    }

    /// Both, as istioctl writes them: `namespace/name`, or the name alone.
    pub fn full_name(&self) -> String {
        full_name(self.namespace(), self.name())
    }
}

/// How many findings of one rule are enough.
const MOST_FINDINGS: usize = 10_000;

/// One rule at work on a snapshot.
#[derive(Debug)]
pub struct Context<'a> {
    snapshot: &'a Snapshot<'a>,
    rule: &'static Rule,
    findings: Vec<Finding>,
    read: Cell<KindSet>,
}

impl<'a> Context<'a> {
    pub(super) fn new(snapshot: &'a Snapshot<'a>, rule: &'static Rule) -> Self {
        Self { snapshot, rule, findings: Vec::new(), read: Cell::default() }
    }

    pub(super) fn into_run(self) -> Run {
        Run { findings: self.findings, read: self.read.into_inner() }
    }

    /// All objects of a kind, in the order of the input.
    pub fn of_kind(&self, kind: Kind) -> &'a [&'a Resource] {
        self.note(kind);
        self.snapshot.objects.of_kind(kind)
    }

    /// All objects of a type, in the order of the input.
    pub fn each<T: Body + 'a>(&self) -> impl Iterator<Item = Item<'a, T>> + use<'a, T> {
        self.note_all(T::KINDS);
        let objects = &self.snapshot.objects;
        T::KINDS.iter().flat_map(|&kind| objects.of_kind(kind)).filter_map(|&resource| T::of(&resource.spec).map(|spec| Item { resource, spec }))
    }

    /// The object of a kind and name.
    pub fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<&'a Resource> {
        self.note(kind);
        self.snapshot.objects.find(kind, namespace, name)
    }

    /// Whether the rule has said more than anybody will read. Rules whose findings may be as many as the pairs of objects stop
    /// then; others need not ask.
    pub fn is_full(&self) -> bool {
        self.findings.len() >= MOST_FINDINGS
    }

    /// The mesh's settings.
    pub fn mesh(&self) -> &'a MeshConfig {
        self.snapshot.mesh
    }

    /// The time since the epoch, where it is known.
    pub fn now(&self) -> Option<Duration> {
        self.snapshot.now
    }

    /// The networks of the mesh.
    pub fn networks(&self) -> &'a MeshNetworks {
        self.snapshot.networks
    }

    /// Pods, by what they carry and whether they are in the mesh.
    pub fn workloads(&self) -> &'a view::Workloads<'a> {
        self.note(Kind::Pod);
        self.note(Kind::Namespace);
        &self.snapshot.workloads
    }

    /// Hosts that ServiceEntries and Services define.
    pub fn hosts(&self) -> &'a view::Hosts<'a> {
        self.note(Kind::Service);
        self.note(Kind::ServiceEntry);
        &self.snapshot.hosts
    }

    /// Everything that runs, or is about to.
    pub fn fleet(&self) -> &'a view::Fleet<'a> {
        self.note_all(view::FLEET_KINDS);
        self.snapshot.fleet()
    }

    /// Services of both registries.
    pub fn registry(&self) -> &'a view::Registry<'a> {
        self.note_all(view::REGISTRY_KINDS);
        self.snapshot.registry()
    }

    /// DestinationRules as proxies look them up.
    pub fn destination_rules(&self) -> &'a DestinationRules {
        self.note(Kind::DestinationRule);
        self.snapshot.destination_rules()
    }

    /// Says something of an object at one of its fields, such as `spec.hosts[0]`; of the object as a whole where the path is
    /// empty. The path decides which line istioctl names, see [`Finding::line`]; [`Self::report_at`] points elsewhere.
    pub fn report<M: Message>(&mut self, resource: &'a Resource, path: &str, message: M) -> &mut Finding {
        self.report_at(resource, path, if path.is_empty() { "metadata.name" } else { path }, message)
    }

    /// Says something of an object where istioctl names the line of one field, and we would point at another.
    pub fn report_at<M: Message>(&mut self, resource: &'a Resource, line_of: &str, shown: &str, message: M) -> &mut Finding {
        let path = if shown == "metadata.name" { String::new() } else { shown.to_owned() };
        let diagnostic = self.diagnostic(&message, path, Arc::clone(&resource.document.file), resource.span_of(shown));
        // istioctl knows no line for what it does not say.
        let line = if M::CODE.is_hint() { diagnostic.position().line } else { place::line(resource, line_of) };
        self.push(Finding { code: M::CODE, resource: Some(resource.id()), diagnostic, line })
    }

    /// Says something of the mesh's networks, which have no text that the engine knows.
    pub fn report_networks<M: Message>(&mut self, message: M) -> &mut Finding {
        let diagnostic = self.diagnostic(&message, String::new(), SourceFile::new("", ""), Span::default());
        self.push(Finding { code: M::CODE, resource: None, diagnostic, line: 1 })
    }

    fn push(&mut self, finding: Finding) -> &mut Finding {
        self.findings.push(finding);
        self.findings.last_mut().expect("a finding was pushed a line above")
    }

    fn diagnostic<M: Message>(&self, message: &M, path: String, file: Arc<SourceFile>, span: Span) -> Diagnostic {
        let code = M::CODE;
        debug_assert!(self.rule.emits.contains(&code), "{} raises {code}, which it does not declare", self.rule.name);
        let stage = if code.is_hint() { Stage::Hint } else { Stage::Analyze };
        Diagnostic { stage, level: code.level, code: Some(code), message: message.to_string(), path, file, span, fix: None }
    }

    fn note(&self, kind: Kind) {
        self.note_all(&[kind]);
    }

    fn note_all(&self, kinds: &[Kind]) {
        let mut read = self.read.get();
        read.extend(kinds.iter().copied());
        self.read.set(read);
    }
}
