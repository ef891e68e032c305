//! A match of a `tls` rule as the filter chain that istiod makes of it.

use std::net::IpAddr;

use crate::engine::{address::first_of_range, resource::Labels, resource::TlsMatchAttributes};

/// A range by its first address, and the bits that count.
type Range = (IpAddr, u32);

pub(super) struct Condition<'a> {
    /// For example `tls[0].match[1]`.
    pub(super) place: String,
    /// Its number among the matches.
    at: usize,
    spec: &'a TlsMatchAttributes,
    /// In order, in small letters, `.example.com` for `*.example.com`; none for every name.
    names: Vec<String>,
    /// In order; none for every address that the service has.
    ranges: Vec<Range>,
    /// The last match up to this one that has subnets: its subnets are this one's too.
    last_with_subnets: Option<usize>,
}

impl<'a> Condition<'a> {
    pub(super) fn new(at: usize, place: String, spec: &'a TlsMatchAttributes, last_with_subnets: Option<usize>) -> Self {
        let is_for_all = spec.sni_hosts.iter().any(|name| name == "*");
        let stored = |name: &String| name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name).to_ascii_lowercase();
        let mut names: Vec<String> = if is_for_all { Vec::new() } else { spec.sni_hosts.iter().map(stored).collect() };
        names.sort_unstable();
        let mut ranges: Vec<Range> = spec.destination_subnets.iter().filter_map(|subnet| range(subnet)).collect();
        ranges.sort_unstable();
        Self { place, at, spec, names, ranges, last_with_subnets }
    }

    /// By what it is found: its names, or that it is for every name.
    pub(super) fn names_or_any(&self) -> Vec<&str> {
        if self.names.is_empty() { vec![""] } else { self.names.iter().map(String::as_str).collect() }
    }

    pub(super) fn is_for(&self, port: u32) -> bool {
        self.spec.port == 0 || self.spec.port == port
    }

    /// What Envoy does not take in it alone.
    pub(super) fn own_fault(&self) -> Option<String> {
        if let Some(name) = self.names.iter().find(|name| name.contains('*') && !name.starts_with('.')) {
            return Some(format!("in {name} the star stands for a part of a label; write the names one by one, or a star for the whole label"));
        }
        let twice = twice(&self.names).map(|name| written(name)).or_else(|| twice(&self.ranges).map(|(address, bits)| format!("{address}/{bits}")));
        twice.map(|what| format!("it is for {what} twice; write it once"))
    }

    /// Whether a sidecar for which the narrower of the two holds takes some connections by both; `other` comes before.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let within = |one: &Labels, other: &Labels| one.iter().all(|(key, value)| other.get(key) == Some(value));
        let (labels, others) = (&self.spec.source_labels, &other.spec.source_labels);
        let (namespace, of_other) = (&self.spec.source_namespace, &other.spec.source_namespace);
        (within(labels, others) || within(others, labels))
            && (namespace == of_other || namespace.is_empty() || of_other.is_empty())
            && (self.is_for_every_name(other) || shared(&self.names, &other.names).is_some())
            && (self.goes_on_with(other) || self.has_own_ranges() && other.has_own_ranges() && self.shares_ranges(other))
    }

    /// Whether both are for the very same connections. Where services share a listener, istiod leaves the second out.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.names == other.names && (self.goes_on_with(other) || self.ranges == other.ranges)
    }

    /// What both take, in words; `other` comes before.
    pub(super) fn shared_with(&self, other: &Self) -> String {
        let name = shared(&self.names, &other.names).map_or_else(|| "every server name".to_owned(), |name| format!("the server name {}", written(name)));
        if other.has_own_ranges() && !self.has_own_ranges() {
            let place = &other.place;
            return format!(
                "it takes {name} as {place} does, for istiod gives a match without destinationSubnets those of the one before; put it before {place}"
            );
        }
        let range = shared(&self.ranges, &other.ranges).map(|(address, bits)| format!(" to {address}/{bits}")).unwrap_or_default();
        format!("it and {} both take {name}{range}; leave that out of one of them", other.place)
    }

    /// For every name at some addresses, that is: what is for every name and every address becomes the listener's default, of which
    /// there is one.
    fn is_for_every_name(&self, other: &Self) -> bool {
        self.names.is_empty() && other.names.is_empty() && other.has_own_ranges()
    }

    fn has_own_ranges(&self) -> bool {
        !self.spec.destination_subnets.is_empty()
    }

    /// Whether istiod gives it the ranges that it has given `other`.
    fn goes_on_with(&self, other: &Self) -> bool {
        !self.has_own_ranges() && self.last_with_subnets.is_none_or(|last| last <= other.at)
    }

    fn shares_ranges(&self, other: &Self) -> bool {
        self.ranges.is_empty() && other.ranges.is_empty() || shared(&self.ranges, &other.ranges).is_some()
    }
}

/// A subnet, or an address alone. Istio leaves those out that begin with 0.0.0.0, which are for every address.
fn range(subnet: &str) -> Option<Range> {
    let (address, bits) = subnet.split_once('/').map_or((subnet, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits: u32 = bits.map_or(Some(width), |bits| bits.parse().ok().filter(|bits| *bits <= width))?;
    if matches!(address, IpAddr::V4(address) if address.is_unspecified()) {
        return None;
    }
    Some((first_of_range(address, bits), bits))
}

/// A name as it is written.
fn written(name: &str) -> String {
    if name.starts_with('.') { format!("*{name}") } else { name.to_owned() }
}

/// What stands twice in a list that is in order.
fn twice<T: PartialEq>(list: &[T]) -> Option<&T> {
    list.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| &pair[0])
}

/// The first of a list in order that another has too.
fn shared<'v, T: Ord>(one: &'v [T], other: &[T]) -> Option<&'v T> {
    one.iter().find(|value| other.binary_search(value).is_ok())
}
