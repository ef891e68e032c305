//! Writes the picture down. Looks are classes; the only measure that depends on data is the width of a line.

use std::fmt::Write as _;

use super::{
    label,
    layout::{Box, Edge, Picture, WIDTH},
};

/// Width of a character of the monospaced type at 12 units, rounded up.
const LETTER: f64 = 7.3;

pub(super) fn svg(picture: &Picture, description: &str) -> String {
    let mut out = format!(
        "<svg class=\"graph\" viewBox=\"0 0 {WIDTH:.0} {:.0}\" role=\"img\" aria-labelledby=\"graph-title graph-desc\" xmlns=\"http://www.w3.org/2000/svg\">\
         <title id=\"graph-title\">Where the request goes</title><desc id=\"graph-desc\">{}</desc>",
        picture.height,
        escape(description)
    );
    for heading in &picture.headings {
        let _ = write!(out, "<text class=\"band\" x=\"4\" y=\"{:.0}\">{}</text>", heading.y, escape(&heading.text));
    }
    // Thin lines first: the path taken lies on top.
    let (taken, thin): (Vec<&Edge>, Vec<&Edge>) = picture.edges.iter().partition(|edge| edge.class == "edge taken");
    for edge in thin.into_iter().chain(taken) {
        line(&mut out, edge);
    }
    for item in &picture.boxes {
        rectangle(&mut out, item);
    }
    for edge in picture.edges.iter().filter(|edge| !edge.label.is_empty()) {
        let _ =
            write!(out, "<text class=\"share\" x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>", edge.to.0 - 6.0, edge.to.1 - 7.0, escape(&edge.label));
    }
    out.push_str("</svg>");
    out
}

fn line(out: &mut String, edge: &Edge) {
    let ((x1, y1), (x2, y2)) = (edge.from, edge.to);
    let bend = f64::midpoint(x1, x2);
    let width = match edge.share {
        Some(share) => 1.5 + 4.0 * share.clamp(0.0, 1.0),
        None if edge.class == "edge taken" => 5.5,
        None => 1.0,
    };
    let _ =
        write!(out, "<path class=\"{}\" d=\"M{x1:.0} {y1:.1}C{bend:.0} {y1:.1} {bend:.0} {y2:.1} {x2:.0} {y2:.1}\" stroke-width=\"{width:.1}\"/>", edge.class);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small and positive")]
fn rectangle(out: &mut String, item: &Box) {
    let room = item.width - 14.0;
    let (x, middle) = (item.x + 8.0, item.y);
    let _ = write!(
        out,
        "<g class=\"{}\"><title>{}</title><rect x=\"{:.0}\" y=\"{:.1}\" width=\"{:.0}\" height=\"{:.0}\" rx=\"5\"/>",
        item.class,
        escape(&item.title),
        item.x,
        middle - item.height / 2.0,
        item.width,
        item.height
    );
    let name = escape(&label::truncate(&item.name, (room / LETTER) as usize));
    if item.detail.is_empty() {
        let _ = write!(out, "<text class=\"name\" x=\"{x:.0}\" y=\"{:.1}\">{name}</text>", middle + 4.0);
    } else {
        let detail = escape(&label::truncate(&item.detail, (room / LETTER) as usize));
        let _ = write!(
            out,
            "<text class=\"name\" x=\"{x:.0}\" y=\"{:.1}\">{name}</text><text class=\"detail\" x=\"{x:.0}\" y=\"{:.1}\">{detail}</text>",
            middle - 3.0,
            middle + 12.0
        );
    }
    out.push_str("</g>");
}

/// Text as HTML and XML take it; characters that neither may hold become a sign for "unprintable".
pub(in crate::web::simulation) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
