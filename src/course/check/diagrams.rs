//! Drawings that scale, follow the theme, and bring nothing but lines and letters into a page.

use std::sync::LazyLock;

use regex::Regex;

use super::Subject;
use crate::course::read::stem;

/// The smallest letters in a box 720 units wide, on a page that shows it at about that size.
const SMALLEST_TEXT: f32 = 12.0;
const ELEMENTS: [&str; 16] =
    ["svg", "title", "desc", "defs", "marker", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "use"];
const CLASSES: [&str; 5] = ["node", "edge", "label", "accent", "muted"];

static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"<([A-Za-z][\w:-]*)((?:[^<>"]|"[^"]*")*)>"#).expect("the pattern of a tag is valid"));
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"([\w:-]+)\s*=\s*"([^"]*)""#).expect("the pattern of an attribute is valid"));

pub(super) fn check(subject: &mut Subject<'_>) {
    let files = subject.files;
    for (path, text) in files.in_folder("diagrams") {
        let Some(slug) = stem(path, "svg") else {
            subject.fault(path, 1, "a diagram is an .svg file");
            continue;
        };
        if !subject.course.chapters.iter().any(|chapter| chapter.diagrams.iter().any(|shown| shown == slug)) {
            subject.fault(path, 1, format!("no chapter shows this diagram; place it by ![…](diagram:{slug}) or delete it"));
        }
        for (line, message) in faults_of(slug, text) {
            subject.fault(path, line, message);
        }
    }
}

fn faults_of(slug: &str, text: &str) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    if !text.trim_start().starts_with("<svg") {
        faults.push((1, "the file must begin with <svg".to_owned()));
    }
    if text.contains("<!") || text.contains("<?") {
        faults.push((1, "a diagram has no comments, declarations or CDATA".to_owned()));
    }
    for tag in TAG.captures_iter(text) {
        let (name, attributes) = (&tag[1], &tag[2]);
        let line = text[..tag.get(0).map_or(0, |whole| whole.start())].matches('\n').count() + 1;
        if !ELEMENTS.contains(&name) {
            faults.push((line, format!("<{name}> has no place in a diagram; there are {}", ELEMENTS.join(", "))));
        }
        if name == "svg" && !attributes.contains("viewBox=") {
            faults.push((line, "the drawing needs a viewBox, so that it can scale".to_owned()));
        }
        for attribute in ATTRIBUTE.captures_iter(attributes) {
            faults.extend(attribute_fault(slug, name, &attribute[1], &attribute[2]).map(|message| (line, message)));
        }
    }
    faults
}

fn attribute_fault(slug: &str, element: &str, name: &str, value: &str) -> Option<String> {
    match name {
        "width" | "height" if element == "svg" => Some(format!("the drawing has a {name}; only the viewBox says its size")),
        "style" => Some("a diagram has no style; use the classes node, edge, label, accent and muted".into()),
        "id" if !value.starts_with(slug) => Some(format!("the id {value:?} may meet another one in the page; begin it with {slug}-")),
        "class" => value
            .split_whitespace()
            .find(|class| !CLASSES.contains(class))
            .map(|class| format!("the class {class:?} is not styled; there are {}", CLASSES.join(", "))),
        "href" | "xlink:href" if !value.starts_with('#') => Some(format!("the reference {value:?} leads out of the drawing")),
        "fill" | "stroke" if !matches!(value, "none" | "currentColor") && !value.starts_with("url(#") => {
            Some(format!("the colour {value:?} ignores the theme; use currentColor or a class"))
        }
        "font-size" if value.trim_end_matches("px").parse::<f32>().is_ok_and(|size| size < SMALLEST_TEXT) => {
            Some(format!("letters of {value} units are too small to read; take {SMALLEST_TEXT} or more"))
        }
        _ if name.starts_with("on") => Some(format!("{name} is a script; a diagram has none")),
        _ if value.contains("url(") && !value.starts_with("url(#") => Some(format!("{name}={value:?} leads out of the drawing")),
        _ => None,
    }
}
