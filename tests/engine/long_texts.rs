//! Texts so long that two threads share them come out as if one had worked on each document by itself.

use std::collections::{BTreeSet, HashSet};

use meshwright::engine::{
    analyze::{Finding, Question, Snapshot, analyze, load, rules, run},
    cluster::{MeshConfig, MeshNetworks},
    diagnostic::Diagnostic,
    istiod::{self, Proxy},
    manifest::{self, Limits, Manifest},
    mesh::Scene,
    resource::Resource,
    source::SourceFile,
    validate::validate,
};

/// Several times what two threads share, of an odd number, so that the halves differ.
const DOCUMENTS: usize = 4_501;

const EVERY: Limits = Limits { bytes: usize::MAX, documents: usize::MAX, depth: 100, alias_nodes: 10_000 };

/// Sound objects, some that one stage or another refuses, lists, broken text, and documents that are none.
fn document(at: usize) -> String {
    match at % 9 {
        0 => format!("apiVersion: v1\nkind: Service\nmetadata: {{name: s{at}}}\nspec: {{ports: [{{name: http, port: 80}}, {{port: 81}}]}}\n"),
        1 => format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: v{at}\nspec:\n  hosts: [s{}]\n  http:\n  - route:\n    - destination:\n        host: s{}\n",
            at - 1,
            at - 1
        ),
        2 => format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: d{at}\nspec:\n  host: gone{at}\n  subsets:\n  - name: a\n    lables: {{a: b}}\n"
        ),
        3 => format!("a: [{at}\n"),
        4 => format!("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {{name: n{at}}}\n- apiVersion: v1\n  kind: Pod\n"),
        5 => format!("kind: Pod\nkind: Service\nmetadata: {{name: p{at}}}\n"),
        6 => "# nothing\n".to_owned(),
        7 => format!("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: w{at}}}\nspec: {{hosts: [a, a], http: [{{}}]}}\n"),
        _ => format!("apiVersion: v1\nkind: ConfigMap\nmetadata: &m {{name: c{at}}}\ndata: {{a: 5}}\n"),
    }
}

fn text() -> String {
    (0..DOCUMENTS).map(document).collect::<Vec<_>>().join("---\n")
}

fn read(text: &str) -> Manifest {
    manifest::read_with(&SourceFile::new("t.yaml", text), EVERY)
}

fn words<'a>(all: impl IntoIterator<Item = &'a Diagnostic>) -> Vec<(usize, String, String)> {
    all.into_iter().map(|found| (found.position().line, found.path.clone(), found.message.clone())).collect()
}

#[test]
fn every_document_is_read_and_judged_at_its_place() {
    let whole = read(&text());
    let verdicts = validate(&whole);
    let (mut verdicts, mut pieces) = (verdicts.iter(), whole.pieces.iter());
    let mut above = 0;
    for at in 0..DOCUMENTS {
        let document = document(at);
        let alone = read(&document);
        for piece in &alone.pieces {
            let same = pieces.next().expect("as many pieces");
            let below = |(line, path, message): (usize, String, String)| (line + above, path, message);
            let faults = words(&alone.diagnostics[piece.faults.clone()]).into_iter().map(below).collect::<Vec<_>>();
            assert_eq!(words(&whole.diagnostics[same.faults.clone()]), without_lines(faults, above), "{document}");
            let root = |manifest: &Manifest, at: Option<usize>| at.map(|at| manifest.documents[at].root.to_json());
            assert_eq!(root(&whole, same.document), root(&alone, piece.document), "{document}");
        }
        for verdict in validate(&alone) {
            let same = verdicts.next().expect("as many verdicts");
            assert_eq!((same.position().line, &same.kind, &same.name), (verdict.position().line + above, &verdict.kind, &verdict.name), "{document}");
            let messages =
                |all: &[Diagnostic]| all.iter().map(|found| (found.path.clone(), found.level, found.span.end() - found.span.start())).collect::<Vec<_>>();
            assert_eq!(messages(&same.diagnostics), messages(&verdict.diagnostics), "{document}");
        }
        above += document.lines().count() + 1;
    }
    assert!(verdicts.next().is_none() && pieces.next().is_none());
}

/// Messages that name a line name that of the whole text.
fn without_lines(faults: Vec<(usize, String, String)>, above: usize) -> Vec<(usize, String, String)> {
    let moved = |message: String| message.replace("first on line 1", &format!("first on line {}", above + 1));
    faults.into_iter().map(|(line, path, message)| (line, path, moved(message))).collect()
}

#[test]
fn every_rule_is_asked() {
    let loaded = load("default", &read(&text()).documents);
    assert!(loaded.resources.len() > 2_000, "{}", loaded.resources.len());
    assert!(loaded.resources.is_sorted_by_key(|resource| resource.document.root.span.start()));
    let (mesh, networks) = (MeshConfig::default(), MeshNetworks::default());
    let snapshot = Snapshot::new(&loaded.resources, &mesh, &networks);
    let key = |found: &Finding| (found.code.id, found.origin(), found.line, found.diagnostic.message.clone());
    // What is only thought to be there, an ingress gateway, is not spoken of.
    let written: HashSet<_> = loaded.resources.iter().map(Resource::id).collect();
    let is_written = |found: &Finding| found.resource.as_ref().is_some_and(|id| written.contains(id));
    let one_by_one = rules::all().flat_map(|rule| run(&snapshot, rule).findings).filter(is_written);
    let one_by_one: BTreeSet<_> = one_by_one.map(|found| key(&found)).collect();
    let found = analyze(&snapshot, &Question { hints: true, ..Question::default() });
    assert!(found.len() > 1_000, "{}", found.len());
    let together: BTreeSet<_> = found.iter().map(key).collect();
    let otherwise: Vec<_> = together.symmetric_difference(&one_by_one).take(3).collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
    assert_eq!(found.len(), together.len());
}

/// Each half keeps within what aliases may add, and both together do not.
#[test]
fn what_aliases_may_add_is_for_the_whole_text() {
    let text = |aliases: usize| {
        let many = format!("a: &a [{}]\nb: [{}]\n", "1,".repeat(999), "*a,".repeat(aliases));
        [many.as_str(), &"c: 1\n---\n".repeat(DOCUMENTS), &many].join("---\n")
    };
    let faults = |aliases| words(&read(&text(aliases)).diagnostics);
    assert_eq!(faults(4), []);
    let last_line = text(6).lines().count();
    let found = faults(6);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].2.contains("aliases expand to more than 10000 values")), (last_line, true), "{found:?}");
}

/// In a large mesh two threads make what a sidecar is told; each Service is told of as in a small one.
#[test]
fn a_large_push_holds_both_sides() {
    let service = |at: usize| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: s{at:03}}}\nspec: {{clusterIP: 10.96.0.{at}, ports: [{{name: tcp, port: 9000}}]}}\n---\n")
    };
    let push = |services: usize| {
        let text = (1..=services).map(service).collect::<String>();
        let scene = Scene::of(&[read(&text)], MeshConfig::default());
        let proxy = Proxy { id: "a.default".into(), namespace: "default".into(), ip: "10.1.0.1".into(), ..Proxy::default() };
        istiod::push(&scene.cluster, &proxy)
    };
    let (small, large) = (push(50), push(150));
    for cluster in &small.clusters {
        assert!(large.clusters.contains(cluster), "{}", cluster.name);
    }
    for listener in &small.listeners {
        assert!(large.listeners.contains(listener), "{}", listener.name);
    }
    assert_eq!(large.clusters.len(), small.clusters.len() + 100);
    assert_eq!(large.listeners.len(), small.listeners.len() + 100);
    assert_eq!(large.endpoints.len(), 150);
    assert_eq!(large.routes, small.routes);
}
