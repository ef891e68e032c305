//! Where everything stands. Rows never share a place, so labels cannot overlap; long lists end in "+ n more".

use std::collections::BTreeMap;

use super::label;
use crate::engine::{
    envoy::{ClusterShare, Outcome, Stage, Verdict},
    mesh::{AnswerPart, Hop, HopRole, Journey},
};

/// Everything to draw.
pub(super) struct Picture {
    pub height: f64,
    pub boxes: Vec<Box>,
    pub edges: Vec<Edge>,
    pub headings: Vec<Heading>,
}

/// A labelled rectangle.
pub(super) struct Box {
    pub x: f64,
    /// Of its middle.
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub class: &'static str,
    pub name: String,
    pub detail: String,
    /// In full, for pointers that rest on it.
    pub title: String,
}

/// A line between two boxes.
pub(super) struct Edge {
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub class: &'static str,
    /// 0 to 1; nothing where the line is not part of the distribution.
    pub share: Option<f64>,
    /// Written at its end.
    pub label: String,
}

/// A line of text above a band.
pub(super) struct Heading {
    pub y: f64,
    pub text: String,
}

/// A column: left edge and width.
type Column = (f64, f64);
const CALLER: Column = (4.0, 132.0);
const PROXY: Column = (148.0, 132.0);
const ROUTE: Column = (292.0, 132.0);
const CLUSTER: Column = (474.0, 128.0);
const ENDPOINT: Column = (614.0, 132.0);
/// The drawing's width in user units: narrow enough for half a laptop's screen at 11 pixels a letter.
pub(super) const WIDTH: f64 = 750.0;

const TALL: f64 = 40.0;
const LOW: f64 = 26.0;
const GAP: f64 = 10.0;
const HEADING: f64 = 26.0;
const MOST_ROUTES: usize = 6;
const MOST_CLUSTERS: usize = 12;
/// Endpoints drawn in a band, over all clusters.
const MOST_ENDPOINTS: usize = 16;
const MOST_HOPS: usize = 6;

/// Lays out a journey, one band a hop from top to bottom.
pub(super) fn picture(journey: &Journey, pods: &BTreeMap<String, String>) -> Picture {
    let mut picture = Picture { height: 0.0, boxes: Vec::new(), edges: Vec::new(), headings: Vec::new() };
    // What a proxy answers itself is drawn with it: a server's that keeps the request, else the last one before the servers.
    let is_server = |hop: &Hop| matches!(hop.role, HopRole::ServerSidecar | HopRole::ServerZtunnel);
    let lets_pass = |outcome: &Outcome| outcome.error.is_none() && (outcome.response.statuses.is_empty() || outcome.response.statuses.contains_key(&200));
    let keeps = |hop: &Hop| is_server(hop) && !lets_pass(&hop.outcome);
    let is_kept = journey.hops.iter().any(keeps);
    let sender = journey.hops.iter().take(MOST_HOPS).rposition(|hop| !is_server(hop)).unwrap_or_default();
    for (at, hop) in journey.hops.iter().take(MOST_HOPS).enumerate() {
        let caller = match at {
            0 if hop.role == HopRole::IngressGateway => "client",
            0 => hop.proxy.as_str(),
            _ if is_server(hop) => journey.hops[sender].proxy.as_str(),
            _ => journey.hops[at - 1].proxy.as_str(),
        };
        let heading = format!("{} · {}", at + 1, label::role(hop.role));
        picture.headings.push(Heading { y: picture.height + HEADING - 8.0, text: heading });
        picture.height += HEADING;
        let is_end = if is_kept { keeps(hop) } else { at == sender };
        let targets = targets(hop, is_end.then_some(journey));
        picture.band(caller, hop, &targets, pods);
    }
    picture.height += 4.0;
    picture
}

/// Something that a hop leads to.
struct Target<'a> {
    name: String,
    detail: String,
    title: String,
    class: &'static str,
    edge: &'static str,
    share: f64,
    label: String,
    endpoints: &'a [String],
    wants_endpoints: bool,
}

/// Clusters and copies of a hop; on the last one also what proxies answer themselves.
fn targets<'a>(hop: &'a Hop, end: Option<&Journey>) -> Vec<Target<'a>> {
    let clusters = &hop.outcome.clusters;
    let replies: Vec<&AnswerPart> = end.iter().flat_map(|journey| &journey.answer.parts).filter(|part| part.destination.is_empty()).collect();
    // What a cluster without endpoints causes is drawn there, not as a reply of its own.
    let dead: f64 = clusters.iter().filter(|cluster| cluster.endpoints.is_empty()).map(|cluster| cluster.share).sum();
    let answered = (replies.iter().map(|part| part.share).sum::<f64>() - dead).max(0.0);
    let mut all: Vec<_> = clusters.iter().map(|cluster| passed_on(&hop.proxy, cluster, cluster.share * (1.0 - answered).max(0.0))).collect();
    if answered > 1e-9 {
        all.extend(replies.into_iter().map(|part| said(part, "node reply", "by the proxy")));
    }
    if clusters.is_empty() {
        let reached = end.iter().flat_map(|journey| &journey.answer.parts).filter(|part| !part.destination.is_empty());
        all.extend(reached.map(|part| said(part, "node taken", "")));
    }
    all.extend(hop.outcome.mirrors.iter().map(|mirror| {
        let detail = format!("copy of {}", label::share(mirror.share));
        Target { detail, class: "node mirror", edge: "edge mirror", label: String::new(), ..passed_on(&hop.proxy, mirror, mirror.share) }
    }));
    let lost = hop.outcome.trace.iter().filter(|step| step.stage == Stage::Cluster && step.verdict != Verdict::Chosen);
    all.extend(lost.map(|step| {
        let (name, detail) = label::cluster(&step.subject, &hop.proxy);
        let share = 0.0;
        Target {
            name,
            detail,
            title: step.subject.clone(),
            class: "node lost",
            edge: "edge lost",
            share,
            label: String::new(),
            endpoints: &[],
            wants_endpoints: false,
        }
    }));
    all
}

fn passed_on<'a>(proxy: &str, cluster: &'a ClusterShare, share: f64) -> Target<'a> {
    let (name, detail) = label::cluster(&cluster.name, proxy);
    Target {
        name,
        detail,
        title: cluster.name.clone(),
        class: "node taken",
        edge: "edge taken",
        share,
        label: label::share(share),
        endpoints: &cluster.endpoints,
        wants_endpoints: cluster.name.contains('|'),
    }
}

fn said<'a>(part: &AnswerPart, class: &'static str, detail: &str) -> Target<'a> {
    Target {
        name: part.text.clone(),
        detail: detail.to_owned(),
        title: part.text.clone(),
        class,
        edge: "edge taken",
        share: part.share,
        label: label::share(part.share),
        endpoints: &[],
        wants_endpoints: false,
    }
}

impl Picture {
    fn band(&mut self, caller: &str, hop: &Hop, targets: &[Target<'_>], pods: &BTreeMap<String, String>) {
        let top = self.height;
        let (target_rows, endpoint_rows) = rows(targets);
        let heights: Vec<f64> = target_rows.iter().zip(&endpoint_rows).map(|(_, rows)| (*rows as f64 * (LOW + 6.0)).max(TALL) + GAP).collect();
        let hidden = targets.len() - target_rows.len();
        let mut right = heights.iter().sum::<f64>();
        if hidden > 0 {
            right += LOW + GAP;
        }
        let routes = routes(hop);
        let left = routes.len() as f64 * (TALL + GAP);
        let height = right.max(left).max(TALL + GAP);
        let middle = top + height / 2.0;

        self.put(CALLER, middle, TALL, "node caller", label::pod(caller), "calls");
        let (class, detail) = if hop.role == HopRole::NoProxy { ("node lost", "outside the mesh") } else { ("node taken", hop.outcome.listener.as_str()) };
        let proxy = match hop.role {
            HopRole::NoProxy => "no proxy",
            HopRole::ClientSidecar | HopRole::ServerSidecar => "istio-proxy",
            HopRole::ClientZtunnel | HopRole::ServerZtunnel => "ztunnel",
            HopRole::IngressGateway | HopRole::Gateway | HopRole::Waypoint => label::pod(&hop.proxy),
        };
        self.put(PROXY, middle, TALL, class, proxy, detail);
        self.join(CALLER, middle, PROXY, middle, "edge taken", None, String::new());

        let mut start = (PROXY, middle);
        let mut y = middle - left / 2.0 + f64::midpoint(TALL, GAP);
        for route in &routes {
            self.put(ROUTE, y, TALL, route.class, &route.name, &route.detail);
            self.join(PROXY, middle, ROUTE, y, route.edge, None, String::new());
            if route.class == "node taken" {
                start = (ROUTE, y);
            }
            y += TALL + GAP;
        }

        let mut y = middle - right / 2.0;
        for ((target, height), rows) in target_rows.iter().zip(&heights).zip(&endpoint_rows) {
            let at = y + height / 2.0;
            self.boxes.push(Box {
                x: CLUSTER.0,
                y: at,
                width: CLUSTER.1,
                height: TALL,
                class: target.class,
                name: target.name.clone(),
                detail: target.detail.clone(),
                title: target.title.clone(),
            });
            let share = (target.edge == "edge taken").then_some(target.share);
            self.join(start.0, start.1, CLUSTER, at, target.edge, share, target.label.clone());
            self.endpoints(target, *rows, at, pods);
            y += height;
        }
        if hidden > 0 {
            self.put(CLUSTER, y + LOW / 2.0, LOW, "node more", &format!("+ {hidden} more"), "");
        }
        self.height = top + height;
    }

    fn endpoints(&mut self, target: &Target<'_>, rows: usize, middle: f64, pods: &BTreeMap<String, String>) {
        let pitch = LOW + 6.0;
        let mut y = middle - pitch * rows as f64 / 2.0 + pitch / 2.0;
        for row in 0..rows {
            let more = target.endpoints.len() - row.min(target.endpoints.len());
            let (name, title, class) = match target.endpoints.get(row) {
                _ if row + 1 == rows && more > 1 => {
                    (format!("+ {more} more"), target.endpoints[row..].iter().take(200).cloned().collect::<Vec<_>>().join(", "), "node more")
                }
                Some(address) => {
                    let pod = pods.get(address.rsplit_once(':').map_or(address.as_str(), |(ip, _)| ip));
                    (pod.unwrap_or(address).clone(), pod.map_or_else(|| address.clone(), |pod| format!("{pod} at {address}")), "node endpoint")
                }
                None => ("no endpoints".to_owned(), "nothing answers there".to_owned(), "node reply"),
            };
            self.boxes.push(Box { x: ENDPOINT.0, y, width: ENDPOINT.1, height: LOW, class, name, detail: String::new(), title });
            let edge = if target.edge == "edge mirror" { "edge mirror" } else { "edge taken" };
            let share = (edge == "edge taken").then(|| target.share / rows as f64);
            self.join(CLUSTER, middle, ENDPOINT, y, edge, share, String::new());
            y += pitch;
        }
    }

    fn put(&mut self, column: Column, y: f64, height: f64, class: &'static str, name: &str, detail: &str) {
        let title = if detail.is_empty() { name.to_owned() } else { format!("{name}: {detail}") };
        self.boxes.push(Box { x: column.0, y, width: column.1, height, class, name: name.to_owned(), detail: detail.to_owned(), title });
    }

    #[allow(clippy::too_many_arguments, reason = "two ends and a look")]
    fn join(&mut self, from: Column, from_y: f64, to: Column, to_y: f64, class: &'static str, share: Option<f64>, label: String) {
        self.edges.push(Edge { from: (from.0 + from.1, from_y), to: (to.0, to_y), class, share, label });
    }
}

/// A rule that was looked at, or would have been.
struct Route {
    name: String,
    detail: String,
    class: &'static str,
    edge: &'static str,
}

/// The route taken, among those that lost; where there are too many the last ones are counted.
fn routes(hop: &Hop) -> Vec<Route> {
    let outcome = &hop.outcome;
    let virtual_host = label::virtual_host(&outcome.virtual_host);
    let steps: Vec<_> = outcome.trace.iter().filter(|step| step.stage == Stage::Route).collect();
    let taken = steps.iter().position(|step| step.verdict == Verdict::Chosen);
    let mut routes: Vec<Route> = steps
        .iter()
        .enumerate()
        // The one taken is always drawn, and as many of its neighbours as there is room for.
        .filter(|(at, _)| *at < MOST_ROUTES - 1 || Some(*at) == taken)
        .map(|(_, step)| match step.verdict {
            Verdict::Chosen => Route { name: step.subject.clone(), detail: virtual_host.clone(), class: "node taken", edge: "edge taken" },
            Verdict::Lost => Route { name: step.subject.clone(), detail: "does not match".to_owned(), class: "node lost", edge: "edge lost" },
            Verdict::Unreached => Route { name: step.subject.clone(), detail: "not looked at".to_owned(), class: "node lost", edge: "edge lost" },
        })
        .collect();
    let hidden = steps.len() - routes.len();
    if hidden > 0 {
        routes.push(Route { name: format!("+ {hidden} more"), detail: "not taken".to_owned(), class: "node lost", edge: "edge lost" });
    }
    if taken.is_none() && !(outcome.route.is_empty() && virtual_host.is_empty()) {
        let name = if outcome.route.is_empty() { virtual_host.clone() } else { outcome.route.clone() };
        let detail = if outcome.route.is_empty() { "virtual host".to_owned() } else { virtual_host };
        // A virtual host without a matching route: the answer starts from there.
        routes.insert(0, Route { name, detail, class: "node taken", edge: "edge taken" });
    }
    routes
}

/// The targets that are drawn, and how many endpoint rows each gets.
fn rows<'a, 'b>(targets: &'b [Target<'a>]) -> (&'b [Target<'a>], Vec<usize>) {
    let drawn = &targets[..targets.len().min(MOST_CLUSTERS)];
    let each = (MOST_ENDPOINTS / drawn.len().max(1)).max(2);
    (drawn, drawn.iter().map(|t| if t.wants_endpoints { t.endpoints.len().clamp(1, each) } else { 0 }).collect())
}
