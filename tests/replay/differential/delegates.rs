//! Delegates: a root that hands rules over to others, whose matches narrow the root's, contradict them, or are not to be had.
//!
//! Which rule takes a call is istiod's affair, so the maker of the scene says it by itself, from the two matches alone.

use std::fmt::Write;

use meshwright::engine::envoy::Call;

use super::{
    case::{Case, head},
    rules::REVIEWS,
};
use crate::{
    dice::Dice,
    replay::{ingress_gateway, outbound, productpage},
};

const ROOTS: usize = 5;
const LEAVES: usize = 4;
const CALLS: usize = 180;

/// What a rule wants of a request.
#[derive(Debug, Clone, Default)]
struct Want {
    uri: Option<(Kind, &'static str)>,
    headers: Vec<(&'static str, Kind, &'static str)>,
    method: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exact,
    Prefix,
}

impl Kind {
    fn word(self) -> &'static str {
        if self == Self::Exact { "exact" } else { "prefix" }
    }

    fn fits(self, wanted: &str, value: &str) -> bool {
        if self == Self::Exact { wanted == value } else { value.starts_with(wanted) }
    }

    /// Whether whatever fits the leaf's text fits the root's.
    fn covers(self, root: &str, leaf: (Self, &str)) -> bool {
        self.fits(root, leaf.1) && (self == Self::Prefix || leaf.0 == Self::Exact)
    }
}

impl Want {
    fn thrown(dice: &mut Dice, uris: &[(Kind, &'static str)], with_nothing: bool) -> Self {
        if with_nothing && dice.happens(30) {
            return Self::default();
        }
        let mut want = Self { uri: dice.happens(85).then(|| dice.pick(uris)), ..Self::default() };
        for name in ["x-team", "x-tier"] {
            if dice.happens(25) {
                want.headers.push((name, dice.pick(&[Kind::Exact, Kind::Prefix]), dice.pick(&["a", "ab", "b"])));
            }
        }
        if dice.happens(15) || want.uri.is_none() && want.headers.is_empty() {
            want.method = Some(dice.pick(&["GET", "POST"]));
        }
        want
    }

    fn text(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.uri.map(|(kind, text)| format!("uri: {{{}: {text}}}", kind.word())));
        if !self.headers.is_empty() {
            let headers: Vec<String> = self.headers.iter().map(|(name, kind, text)| format!("{name}: {{{}: {text}}}", kind.word())).collect();
            parts.push(format!("headers: {{{}}}", headers.join(", ")));
        }
        parts.extend(self.method.map(|method| format!("method: {{exact: {method}}}")));
        if parts.is_empty() { String::new() } else { format!("match: [{{{}}}], ", parts.join(", ")) }
    }

    fn is_met(&self, call: &Call) -> bool {
        self.uri.is_none_or(|(kind, text)| kind.fits(text, &call.path))
            && self.method.is_none_or(|method| method == call.method)
            && self.headers.iter().all(|(name, kind, text)| call.headers.get(*name).is_some_and(|value| kind.fits(text, value)))
    }

    /// Whether the two can be joined: what both speak of, the leaf must narrow.
    fn is_narrowed_by(&self, leaf: &Self) -> bool {
        let both = |root: Option<(Kind, &str)>, leaf: Option<(Kind, &str)>| match (root, leaf) {
            (Some((kind, text)), Some(leaf)) => kind.covers(text, leaf),
            _ => true,
        };
        let header = |want: &Self, name: &str| want.headers.iter().find(|(own, ..)| *own == name).map(|(_, kind, text)| (*kind, *text));
        both(self.uri, leaf.uri)
            && both(self.method.map(|method| (Kind::Exact, method)), leaf.method.map(|method| (Kind::Exact, method)))
            && ["x-team", "x-tier"].iter().all(|name| both(header(self, name), header(leaf, name)))
    }

    fn is_empty(&self) -> bool {
        self.uri.is_none() && self.headers.is_empty() && self.method.is_none()
    }
}

/// A root's rule, and the rules of the delegate that can be had.
struct Root {
    name: String,
    want: Want,
    leaves: Option<Vec<(String, Want)>>,
}

impl Root {
    /// The delegate's rules that can be joined with it.
    fn pairs(&self) -> impl Iterator<Item = &(String, Want)> {
        self.leaves.iter().flatten().filter(|(_, leaf)| self.want.is_empty() || leaf.is_empty() || self.want.is_narrowed_by(leaf))
    }
}

const ROOT_URIS: [(Kind, &str); 5] = [(Kind::Prefix, "/"), (Kind::Prefix, "/a"), (Kind::Prefix, "/a/b"), (Kind::Prefix, "/c"), (Kind::Exact, "/a/b/c")];
const LEAF_URIS: [(Kind, &str); 7] = [
    (Kind::Prefix, "/a"),
    (Kind::Prefix, "/a/b"),
    (Kind::Exact, "/a/b"),
    (Kind::Exact, "/a/b/c"),
    (Kind::Prefix, "/c/d"),
    (Kind::Exact, "/e"),
    (Kind::Prefix, "/a/x"),
];

pub fn case(dice: &mut Dice) -> Case {
    let at_gateway = dice.happens(50);
    let mut case = Case::new(if at_gateway { ingress_gateway() } else { productpage() });
    let of = if at_gateway {
        let server = "{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}";
        case.document("networking", "Gateway", "edge", "istio-system", &format!("{{selector: {{istio: ingressgateway}}, servers: [{server}]}}"));
        head("root", "default", "shop.example.com", "istio-system/edge")
    } else {
        head("root", "default", REVIEWS.host, "")
    };
    let mut roots = Vec::new();
    for at in 0..ROOTS {
        let root = root(dice, &mut case, at);
        let handed = if dice.happens(12) {
            "delegate: {name: gone, namespace: default}".to_owned()
        } else {
            format!("delegate: {{name: leaf-{at}, namespace: {}}}", if at.is_multiple_of(2) { "foo" } else { "default" })
        };
        let is_gone = handed.contains("gone");
        case.rule(&of, "http", format!("{{name: {}, {}{handed}}}", root.name, root.want.text()));
        roots.push(Root { leaves: root.leaves.filter(|_| !is_gone), ..root });
    }
    if dice.happens(40) {
        case.rule(&of, "http", format!("{{name: rest, {}}}", to_somebody(dice)));
        roots.push(Root { name: "rest".into(), want: Want::default(), leaves: Some(vec![(String::new(), Want::default())]) });
    }
    // A VirtualService of which no rule is left is passed over, and the service's own route takes its calls; a gateway has none.
    let is_void = !roots.iter().any(|root| root.pairs().next().is_some());
    for at in 0..CALLS {
        let call = call(dice, at_gateway);
        case.routes.insert(at, if is_void && !at_gateway { "default".into() } else { taken(&roots, &call) });
        case.calls.push(call);
    }
    case
}

/// A delegate of the root's rule with this number, which its namespace may keep to itself.
fn root(dice: &mut Dice, case: &mut Case, at: usize) -> Root {
    let want = Want::thrown(dice, &ROOT_URIS, true);
    let namespace = if at.is_multiple_of(2) { "foo" } else { "default" };
    let exported = dice.pick(&["", "", "", "  exportTo: ['.']\n", "  exportTo: [default]\n", "  exportTo: [istio-system]\n"]);
    // The root is in `default`.
    let is_visible = exported.is_empty() || exported.contains("default") || exported.contains('.') && namespace == "default";
    let of = format!("metadata: {{name: leaf-{at}, namespace: {namespace}}}\nspec:\n{exported}");
    let mut leaves = Vec::new();
    for number in 0..=dice.below(LEAVES) {
        let (name, want) = (format!("leaf-{number}"), Want::thrown(dice, &LEAF_URIS, number > 0));
        case.rule(&of, "http", format!("{{name: {name}, {}{}}}", want.text(), to_somebody(dice)));
        leaves.push((name, want));
    }
    Root { name: format!("root-{at}"), want, leaves: is_visible.then_some(leaves) }
}

fn to_somebody(dice: &mut Dice) -> String {
    let target = format!("route: [{{destination: {{host: {}, port: {{number: {}}}}}}}]", REVIEWS.host, REVIEWS.port);
    let more = dice.pick(&["", "", "rewrite: {uri: /new}, ", "timeout: 3s, ", "headers: {request: {add: {x-new: '1'}}}, "]);
    dice.pick(&[format!("{more}{target}"), format!("{more}{target}"), "directResponse: {status: 204}".to_owned()])
}

/// The name of the first pair of rules that takes a call.
fn taken(roots: &[Root], call: &Call) -> String {
    for root in roots {
        for (name, leaf) in root.pairs() {
            if root.want.is_met(call) && leaf.is_met(call) {
                let mut route = root.name.clone();
                if !name.is_empty() {
                    write!(route, "-{name}").unwrap();
                }
                return route;
            }
        }
    }
    String::new()
}

fn call(dice: &mut Dice, at_gateway: bool) -> Call {
    let path = dice.pick(&["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/x/y", "/ab", "/c", "/c/d/e", "/e", "/", "/a/b/x"]);
    let mut call = if at_gateway {
        Call { mode: meshwright::engine::envoy::Mode::Gateway, ..outbound("", 8080, "shop.example.com", path, &[]) }
    } else {
        outbound("10.96.0.3", REVIEWS.port, "reviews", path, &[])
    };
    for name in ["x-team", "x-tier"] {
        if dice.happens(50) {
            call.headers.insert(name.into(), dice.pick(&["a", "ab", "abc", "b", "c"]).into());
        }
    }
    call.method = dice.pick(&["GET", "GET", "POST", "PUT"]).into();
    call
}
