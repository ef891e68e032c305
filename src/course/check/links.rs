//! Whatever points to a place in the course finds it, and sources are reached by HTTPS.

use super::Subject;

pub(super) fn check(subject: &mut Subject<'_>) {
    for pointer in subject.pointers {
        let target = &pointer.target;
        let message = match (subject.course.chapter(&target.slug), &target.anchor) {
            (None, _) => format!("there is no chapter {:?}", target.slug),
            (Some(chapter), Some(anchor)) if !chapter.has_anchor(anchor) => {
                let anchors: Vec<&str> = chapter.outline.iter().map(|heading| heading.anchor.as_str()).collect();
                format!("the chapter {:?} has no heading #{anchor}; it has {}", target.slug, anchors.join(", "))
            }
            _ => continue,
        };
        subject.fault(&pointer.path, pointer.line, message);
    }
    for chapter in &subject.course.chapters {
        for source in chapter.sources.iter().filter(|source| !source.url.starts_with("https://")) {
            subject.fault(&chapter.path, subject.line(&chapter.path, &source.url), format!("the source {:?} is not reached by https://", source.title));
        }
    }
}
