//! The destinations that a VirtualService names, with the places that istioctl and we would point at
//! (`analyzers/virtualservice/util.go` of 1.26.4).

use crate::engine::resource::{Destination, RouteDestination, VirtualService};

/// A destination and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub destination: &'a Destination,
    place: Place,
}

/// List and numbers.
#[derive(Debug, Clone, Copy)]
enum Place {
    Route(&'static str, usize, usize),
    Mirror(usize),
    Mirrors(usize, usize),
}

/// A route that names no destination counts as one to a host without a name.
static NOWHERE: Destination = Destination { host: String::new(), subset: String::new(), port: None };

impl Named<'_> {
    /// Whether it gets copies only.
    pub(super) fn is_mirror(&self) -> bool {
        !matches!(self.place, Place::Route(..))
    }

    /// The destination's own path.
    pub(super) fn path(&self) -> String {
        match self.place {
            Place::Route(protocol, rule, at) => format!("spec.{protocol}[{rule}].route[{at}].destination"),
            Place::Mirror(rule) => format!("spec.http[{rule}].mirror"),
            Place::Mirrors(rule, at) => format!("spec.http[{rule}].mirrors[{at}].destination"),
        }
    }

    /// The field whose line istioctl names. For `mirrors` it looks where there is no such field, and names the document.
    pub(super) fn line_of(&self) -> String {
        match self.place {
            Place::Mirrors(rule, at) => format!("spec.http[{rule}].mirrors[{at}].host"),
            _ => format!("{}.host", self.path()),
        }
    }
}

/// All of them: of routes first, then of mirrors.
pub(super) fn destinations(spec: &VirtualService) -> impl Iterator<Item = Named<'_>> {
    let tcp = spec.tcp.iter().enumerate().flat_map(|(rule, tcp)| layer_4("tcp", rule, &tcp.route));
    let tls = spec.tls.iter().enumerate().flat_map(|(rule, tls)| layer_4("tls", rule, &tls.route));
    let http = spec.http.iter().enumerate();
    let routes =
        http.clone().flat_map(|(rule, http)| http.route.iter().enumerate().map(move |(at, to)| named(to.destination.as_ref(), Place::Route("http", rule, at))));
    let mirrors = http.flat_map(|(rule, http)| {
        let one = http.mirror.iter().map(move |mirror| named(Some(mirror), Place::Mirror(rule)));
        one.chain(http.mirrors.iter().enumerate().map(move |(at, mirror)| named(mirror.destination.as_ref(), Place::Mirrors(rule, at))))
    });
    tcp.chain(tls).chain(routes).chain(mirrors)
}

fn layer_4<'a>(protocol: &'static str, rule: usize, route: &'a [RouteDestination]) -> impl Iterator<Item = Named<'a>> {
    route.iter().enumerate().map(move |(at, to)| named(to.destination.as_ref(), Place::Route(protocol, rule, at)))
}

fn named(destination: Option<&Destination>, place: Place) -> Named<'_> {
    Named { destination: destination.unwrap_or(&NOWHERE), place }
}
