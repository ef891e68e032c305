//! Where a link may lead: to a chapter, to the page of a code, or to the outside by HTTPS.

use super::Site;
use crate::{
    course::{
        address,
        reading::{Reading, Target},
    },
    engine::diagnostic::Code,
};

/// The address to write, or none and a fault.
pub(super) fn resolve(destination: &str, site: Site<'_>, reading: &mut Reading) -> Option<String> {
    if let Some(place) = destination.strip_prefix("chapter:") {
        let target = Target::parse(place);
        let address = target.address();
        reading.point(site.path, site.line, target);
        return Some(address);
    }
    if let Some(code) = destination.strip_prefix("rule:") {
        if !Code::all().any(|known| known.id == code) {
            reading.fault(site.path, site.line, format!("the engine's catalogue has no code {code:?}"));
        }
        return Some(address::rule(code));
    }
    if destination.starts_with("https://") {
        return Some(destination.to_owned());
    }
    let advice = "write chapter:slug#anchor for a place in the course, rule:CODE for a rule, https://… for one outside";
    reading.fault(site.path, site.line, format!("the link {destination:?} leads nowhere: {advice}"));
    None
}
