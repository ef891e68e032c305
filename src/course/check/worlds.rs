//! Every world is listed with a sentence on who is there, and the request that it opens with can be sent.

use super::Subject;
use crate::{
    course::{WorldNote, manifest::PATH, trial},
    engine::mesh::Scene,
};

pub(super) fn check(subject: &mut Subject<'_>) {
    let course = subject.course;
    // A course may do without a list.
    if course.world_notes.is_empty() {
        return;
    }
    for name in course.worlds.keys().filter(|name| course.world_note(name).is_none()) {
        subject.fault(&format!("worlds/{name}.yaml"), 1, format!("`worlds` in {PATH} does not list it; say there who is in it"));
    }
    for note in &course.world_notes {
        if let Some(message) = fault(subject, note) {
            subject.fault(PATH, subject.line(PATH, &format!("name: {}", note.name)), message);
        }
    }
}

fn fault(subject: &Subject<'_>, note: &WorldNote) -> Option<String> {
    let name = &note.name;
    let Some(world) = subject.course.worlds.get(name) else { return Some(format!("the world {name:?} has no file content/worlds/{name}.yaml")) };
    if !note.about.trim().ends_with('.') {
        return Some(format!("the world {name:?} does not say who is in it; write a sentence under `about`"));
    }
    if note.from.is_empty() && note.request.is_empty() {
        return None;
    }
    let request = trial::request(&note.from, &note.request, std::collections::BTreeMap::new());
    let sent = Scene::new(&world.manifest, "yaml", "").send(&request);
    sent.err().map(|error| format!("the request of the world {name:?} cannot be sent: {error}"))
}
