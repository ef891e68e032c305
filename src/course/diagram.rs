//! A drawing of the course as part of a page.

use super::html::{SafeHtml, escape};

/// The figure of a drawing. Its parts are drawn, not read: the alternative stands for all of them.
///
/// On a narrow screen the drawing keeps a legible size and scrolls.
pub(super) fn figure(svg: &str, alternative: &str) -> SafeHtml {
    let words = escape(alternative.trim());
    // Some readers, and axe, would look for a name at the drawing itself too.
    let drawing = svg.trim().replacen("<svg ", "<svg aria-hidden=\"true\" ", 1);
    SafeHtml::trust(format!(
        "<figure class=\"diagram\" tabindex=\"0\" role=\"group\" aria-label=\"Diagram\"><div role=\"img\" aria-label=\"{words}\">{drawing}</div></figure>\n"
    ))
}
