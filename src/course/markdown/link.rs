//! Where a link may lead: to a chapter, within the page, or to the outside by HTTPS.

use super::Site;
use crate::course::reading::{Reading, Target};

/// The address to write, or none and a fault.
pub(super) fn resolve(destination: &str, site: Site<'_>, reading: &mut Reading) -> Option<String> {
    if let Some(place) = destination.strip_prefix("chapter:") {
        let target = Target::parse(place);
        let address = target.address();
        reading.point(site.path, site.line, target);
        return Some(address);
    }
    if destination.starts_with("https://") {
        return Some(destination.to_owned());
    }
    let advice = "write chapter:slug#anchor for a place in the course, https://… for one outside";
    reading.fault(site.path, site.line, format!("the link {destination:?} leads nowhere: {advice}"));
    None
}
