//! Every example of the gallery asks a question and holds what it promises, and its twin of the Gateway API holds the same.

use std::collections::BTreeSet;

use super::Subject;
use crate::{
    course::{
        Exhibit, Probe, World,
        gallery::{Backend, INDEX},
        read::stem,
    },
    engine::{
        diagnostic::{Code, Level},
        manifest,
        mesh::{Copies, Journey, Request, Scene},
        resource::Kind,
        source::SourceFile,
    },
};

pub(super) fn check(subject: &mut Subject<'_>) {
    files_of_the_folder(subject);
    frames(subject);
    let mut names = BTreeSet::new();
    for exhibit in &subject.course.gallery {
        if !names.insert(&exhibit.name) {
            subject.fault(INDEX, exhibit.line, format!("the example {:?} is there twice", exhibit.name));
        }
        for message in words(subject, exhibit) {
            subject.fault(INDEX, exhibit.line, format!("{}: {message}", exhibit.name));
        }
        match subject.course.worlds.get(&exhibit.world) {
            None => subject.fault(INDEX, exhibit.line, format!("{}: there is no world {:?}; the worlds are in content/worlds", exhibit.name, exhibit.world)),
            Some(world) => outcomes(subject, exhibit, world),
        }
    }
}

/// What chapters frame is there.
fn frames(subject: &mut Subject<'_>) {
    let course = subject.course;
    for chapter in &course.chapters {
        for (name, line) in chapter.examples.iter().filter(|(name, _)| course.exhibit(name).is_none()) {
            subject.fault(&chapter.path, *line, format!("there is no example {name:?}; {INDEX} lists them"));
        }
    }
}

fn files_of_the_folder(subject: &mut Subject<'_>) {
    let files = subject.files;
    let known: BTreeSet<String> = subject.course.gallery.iter().flat_map(|exhibit| [exhibit.path(), exhibit.twin_path()]).collect();
    for (path, _) in files.in_folder("examples").filter(|(path, _)| *path != INDEX) {
        if !known.contains(path) {
            let name = stem(path, "yaml").unwrap_or(path);
            subject.fault(path, 1, format!("{INDEX} lists no example for it; add {name:?}, or take the file away"));
        }
    }
}

/// What is wrong with what the list says of an example.
fn words(subject: &Subject<'_>, exhibit: &Exhibit) -> Vec<String> {
    let mut wrong = Vec::new();
    let question = exhibit.question.trim();
    if question.is_empty() {
        wrong.push("it asks no question; write `question`, one sentence that ends with a question mark".to_owned());
    } else if !question.ends_with('?') || question.contains(". ") {
        wrong.push(format!("{question:?} is no question; write one sentence that ends with a question mark"));
    }
    if subject.course.competency(&exhibit.competency).is_none() {
        wrong.push(format!("there is no competency {:?}; the domains in course.yaml list them", exhibit.competency));
    }
    if exhibit.probes.is_empty() {
        wrong.push("it has no request; without one it answers nothing".to_owned());
    }
    for (path, text) in [(exhibit.path(), Some(&exhibit.yaml)), (exhibit.twin_path(), exhibit.twin.as_ref())] {
        if text.is_some_and(|text| !text.starts_with("# ")) {
            wrong.push(format!("content/{path} does not begin with a comment that says what to try"));
        }
    }
    wrong.extend(twin(exhibit));
    wrong
}

/// Who routes with Istio's own API has a twin, or says why there is none.
fn twin(exhibit: &Exhibit) -> Option<String> {
    let manifest = manifest::read(&SourceFile::new("yaml", &exhibit.yaml));
    let is_routing = |kind: &str| kind == Kind::VirtualService.name() || kind == Kind::Gateway.name();
    let needs_one = manifest.documents.iter().any(|document| {
        let text = |path: &str| document.find(path).and_then(|node| node.as_str()).unwrap_or_default();
        is_routing(text("kind")) && text("apiVersion").starts_with("networking.istio.io/")
    });
    match (&exhibit.twin, &exhibit.no_twin) {
        (Some(_), Some(_)) => Some("it has a twin and says why there is none; take one of the two away".to_owned()),
        (None, None) if needs_one => {
            Some(format!("it has no Gateway API twin; write content/{}, or `no_twin` with the reason in one sentence", exhibit.twin_path()))
        }
        (None, Some(_)) if !needs_one => Some("it has no VirtualService and no Gateway, so `no_twin` says nothing".to_owned()),
        (None, Some(reason)) if !reason.trim().ends_with('.') => {
            Some(format!("{reason:?} is no sentence; say in `no_twin` why the Gateway API has no such thing"))
        }
        _ => None,
    }
}

fn outcomes(subject: &mut Subject<'_>, exhibit: &Exhibit, world: &World) {
    let scene = Scene::new(&world.manifest, "yaml", &exhibit.yaml);
    if scene.is_refused() != exhibit.is_refused {
        let told = if exhibit.is_refused { "every document is accepted, although `refused` is set".to_owned() } else { refusals(&scene) };
        subject.fault(&exhibit.path(), 1, told);
    }
    let twin = exhibit.twin.as_ref().map(|text| Scene::new(&world.manifest, "yaml", text));
    if let Some(twin) = twin.as_ref().filter(|twin| twin.is_refused()) {
        subject.fault(&exhibit.twin_path(), 1, refusals(twin));
    }
    for code in unsaid(&scene, &exhibit.yaml) {
        subject.fault(&exhibit.path(), 1, format!("a comment names {code}, and nothing in it raises {code}"));
    }
    for probe in &exhibit.probes {
        let journey = match scene.send(&probe.request) {
            Ok(journey) => journey,
            Err(error) => {
                subject.fault(INDEX, exhibit.line, format!("{}: {} cannot be sent: {error}", exhibit.name, told(probe)));
                continue;
            }
        };
        for message in contradictions(&scene, probe, &journey, true) {
            subject.fault(INDEX, exhibit.line, format!("{}: {}: {message}", exhibit.name, told(probe)));
        }
        for message in twin.as_ref().into_iter().flat_map(|twin| differences(twin, probe, &journey)) {
            subject.fault(&exhibit.twin_path(), 1, format!("{}: {message}", told(probe)));
        }
    }
}

/// Codes that the comments name and the engine does not say.
fn unsaid(scene: &Scene, text: &str) -> Vec<&'static str> {
    let comments: String = text.lines().filter(|line| line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let named: Vec<&'static str> = Code::all().map(|code| code.id).filter(|id| comments.contains(*id)).collect();
    if named.is_empty() {
        return named;
    }
    let said = scene.findings_in_cluster(true);
    named.into_iter().filter(|id| !said.iter().any(|finding| finding.code.is_some_and(|code| code.id == *id))).collect()
}

/// Why a text is not taken.
fn refusals(scene: &Scene) -> String {
    let reasons = scene.findings().into_iter().filter(|finding| finding.level == Level::Error);
    let reasons: Vec<String> = reasons.map(|finding| format!("line {}: {}", finding.position().line, finding.message)).collect();
    format!("a document is refused: {}", reasons.join("; "))
}

/// A request in a few words.
fn told(probe: &Probe) -> String {
    let Request { from, method, url, headers, .. } = &probe.request;
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    [format!("{method} {url} from {from}"), headers.join(", ")].join(" ").trim_end().to_owned()
}

/// What is promised and does not hold. The names of destinations are those of one text; `with_names` leaves them to the other.
fn contradictions(scene: &Scene, probe: &Probe, journey: &Journey, with_names: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, wanted: &str, got: &str| {
        if wanted != got {
            wrong.push(format!("{what} should be {wanted:?}, the engine computes {got:?}"));
        }
    };
    let promise = &probe.promise;
    if with_names {
        compare("the outcome", &promise.outcome, &journey.answer.to_string());
        let mirrors: Vec<String> = journey.mirrors().iter().map(Copies::to_string).collect();
        compare("copies", &promise.mirrors.join(", "), &mirrors.join(", "));
    }
    if !promise.pods.is_empty() {
        compare("the pods that answer", &promise.pods.join(", "), &journey.answer.pods().join(", "));
    }
    let headers = journey.response_headers();
    for (name, value) in &promise.response {
        compare(&format!("the answer's header {name}"), value, headers.get(name.as_str()).copied().unwrap_or_default());
    }
    let seen = journey.backend();
    let Backend { path, authority, headers, without } = &promise.backend;
    for (what, wanted, got) in [("path", path, seen.map(|seen| &seen.path)), ("host", authority, seen.map(|seen| &seen.authority))] {
        if let Some(wanted) = wanted {
            compare(&format!("the backend's {what}"), wanted, got.map_or("", String::as_str));
        }
    }
    let header = |name: &str| seen.and_then(|seen| seen.headers.get(name)).map_or("", String::as_str);
    for (name, value) in headers {
        compare(&format!("the backend's header {name}"), value, header(name));
    }
    for name in without {
        compare(&format!("the backend's header {name}"), "", header(name));
    }
    if let Some(load) = &probe.load {
        let got = match scene.load(journey, load) {
            Ok(Some(run)) => run.tally(),
            Ok(None) => "nothing to time".to_owned(),
            Err(error) => error.to_string(),
        };
        compare("the load's tally", &promise.tally, &got);
    }
    wrong
}

/// What comes out of the twin otherwise.
fn differences(twin: &Scene, probe: &Probe, journey: &Journey) -> Vec<String> {
    let other = match twin.send(&probe.request) {
        Ok(other) => other,
        Err(error) => return vec![format!("it cannot be sent: {error}")],
    };
    let mut wrong = contradictions(twin, probe, &other, false);
    if !journey.answer.is_same_as(&other.answer) {
        wrong.push(format!("the twin ends otherwise: {:?} instead of {:?}", other.answer.to_string(), journey.answer.to_string()));
    }
    let copies = |journey: &Journey| -> BTreeSet<String> {
        journey.mirrors().iter().map(|copies| format!("{} {:.4}", copies.endpoints.join(" "), copies.share)).collect()
    };
    let (own, others) = (copies(journey), copies(&other));
    if own != others {
        wrong.push(format!("the twin copies otherwise: {others:?} instead of {own:?}"));
    }
    wrong
}
