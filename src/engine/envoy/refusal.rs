//! Listeners that Envoy does not take, for what their filter chains ask of connections.
//!
//! Envoy writes every chain into a tree, once for each combination of the values that it asks for, and two chains must not come to the
//! same leaf (`source/common/listener_manager/filter_chain_manager_impl.cc`). Of an update with such a listener the others are applied,
//! and istiod is told (`source/common/listener_manager/lds_api.cc`). A proxy that had an older version of it goes on with that one;
//! here every proxy has just started, so it has none.
//!
//! The combinations are not written out: two chains share one exactly where they share a value of each kind.

use std::{borrow::Cow, collections::HashMap, net::IpAddr};

use super::{Stage, filter_chain::label, trace::Trace};
use crate::engine::{
    address::first_of_range,
    xds::{CidrRange, FilterChain, FilterChainMatch, Listener},
};

/// Chains that are compared with one another; of more, those are found by an index that have something in common.
const FEW: usize = 48;
/// Values that are compared. Only chains that are written to have much in common without overlapping need so many, and they are held
/// for taken.
const MOST_COMPARED: usize = 1 << 22;

/// Why Envoy does not take a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The chains at fault, by their place: one, or two of which the first one stays in the way of the second.
    pub chains: Vec<usize>,
    /// What is wrong with them, without a stop.
    pub reason: String,
}

impl Refusal {
    /// Tells of the listener, and of the fields behind its chains.
    pub(super) fn tell(&self, listener: &Listener, trace: &mut Trace) {
        let origin = |at: &usize| listener.filter_chains.get(*at).and_then(|chain| chain.origin.as_ref());
        let reason = format!("Envoy refuses this listener, so it is as if it had not been pushed: {}.", self.reason);
        trace.lost(Stage::Listener, &listener.name, reason, self.chains.last().and_then(origin));
        if let [first, second] = self.chains.as_slice() {
            let [first_name, second_name] = [first, second].map(|at| label(&listener.filter_chains[*at], *at));
            let reason = format!("this is the chain that {second_name} overlaps.");
            trace.lost(Stage::Listener, format!("{first_name} of {}", listener.name), reason, origin(first));
        }
    }
}

/// What is wrong with a listener's chains; none where Envoy takes them.
pub fn refusal(listener: &Listener) -> Option<Refusal> {
    // A matcher of the listener's own names the chain, and what the chains ask for is not read.
    if listener.filter_chain_matcher.is_some() {
        return None;
    }
    let chains = &listener.filter_chains;
    let mut index = (chains.len() > FEW).then(Index::default);
    let mut known: Vec<Wanted> = Vec::with_capacity(chains.len());
    let mut left = MOST_COMPARED;
    for (at, chain) in chains.iter().enumerate() {
        let wanted = match Wanted::of(chain) {
            Ok(wanted) => wanted,
            Err(fault) => return Some(Refusal { chains: vec![at], reason: format!("{} {fault}", label(chain, at)) }),
        };
        let overlapping = match &index {
            None => first_overlap(&wanted, &known, 0..at, &mut left),
            Some(index) => first_overlap(&wanted, &known, index.in_common(&wanted), &mut left),
        };
        if let Some(other) = overlapping {
            let [first, second] = [other, at].map(|at| label(&chains[at], at));
            let reason = format!("{first} and {second} overlap, for both take {}", wanted.in_common(&known[other]));
            return Some(Refusal { chains: vec![other, at], reason });
        }
        if let Some(index) = &mut index {
            index.add(at, &wanted);
        }
        known.push(wanted);
    }
    None
}

/// The first of some chains that a chain overlaps. `left` is how much may still be compared.
fn first_overlap(wanted: &Wanted, known: &[Wanted], candidates: impl IntoIterator<Item = usize>, left: &mut usize) -> Option<usize> {
    for other in candidates {
        *left = left.checked_sub(wanted.size() + known[other].size())?;
        if wanted.overlaps(&known[other]) {
            return Some(other);
        }
    }
    None
}

/// What a chain asks for, as Envoy stores it: nothing in a list stands for "whatever it is", which is a value of its own.
struct Wanted<'a> {
    /// 0 for any.
    port: u32,
    ranges: Vec<Range>,
    /// In small letters; `.example.com` for `*.example.com`.
    names: Vec<Cow<'a, str>>,
    transport: &'a str,
    protocols: &'a [String],
    sources: Vec<Range>,
}

/// A range by its first address, and the bits that count.
type Range = (IpAddr, u32);

impl<'a> Wanted<'a> {
    /// Fails with what Envoy does not take in the chain alone.
    fn of(chain: &'a FilterChain) -> Result<Self, String> {
        let Some(matching) = &chain.filter_chain_match else {
            return Ok(Self { port: 0, ranges: Vec::new(), names: Vec::new(), transport: "", protocols: &[], sources: Vec::new() });
        };
        let FilterChainMatch { destination_port, prefix_ranges, source_prefix_ranges, server_names, transport_protocol, application_protocols } = matching;
        let mut wanted = Self {
            port: destination_port.unwrap_or(0),
            ranges: ranges(prefix_ranges)?,
            names: server_names.iter().map(|name| stored_name(name)).collect::<Result<_, _>>()?,
            transport: transport_protocol,
            protocols: application_protocols,
            sources: ranges(source_prefix_ranges)?,
        };
        wanted.names.sort_unstable();
        let twice = twice(&wanted.ranges)
            .map(|range| format!("the addresses {}", range_text(range)))
            .or_else(|| twice(&wanted.names).map(|name| format!("the server name {}", written_name(name))))
            .or_else(|| twice(&wanted.sources).map(|range| format!("the sources {}", range_text(range))))
            .or_else(|| repeated(wanted.protocols).map(|protocol| format!("the application protocol {protocol}")));
        match twice {
            Some(what) => Err(format!("overlaps itself, for it is for {what} twice")),
            None => Ok(wanted),
        }
    }

    /// How many values are looked at in it at most.
    fn size(&self) -> usize {
        1 + self.ranges.len() + self.names.len() + self.sources.len()
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.port == other.port
            && self.transport == other.transport
            && (self.protocols.is_empty() && other.protocols.is_empty() || self.protocols.iter().any(|protocol| other.protocols.contains(protocol)))
            && meet(&self.names, &other.names)
            && meet(&self.ranges, &other.ranges)
            && meet(&self.sources, &other.sources)
    }

    /// The connections that two chains both take which overlap.
    fn in_common(&self, other: &Self) -> String {
        let name = shared(&self.names, &other.names).map(|name| format!("with the server name {}", written_name(name)));
        let range = shared(&self.ranges, &other.ranges).map(|range| format!("to {}", range_text(range)));
        let port = (self.port != 0).then(|| format!("to port {}", self.port));
        let source = shared(&self.sources, &other.sources).map(|range| format!("from {}", range_text(range)));
        let transport = (!self.transport.is_empty()).then(|| format!("with the transport {}", self.transport));
        let protocol = self.protocols.iter().find(|protocol| other.protocols.contains(protocol));
        let protocol = protocol.map(|protocol| format!("with the application protocol {protocol}"));
        let words: Vec<String> = [name, range, port, source, transport, protocol].into_iter().flatten().collect();
        if words.is_empty() { "every connection".into() } else { format!("connections {}", words.join(" ")) }
    }
}

/// Chains by what they ask for.
#[derive(Default)]
struct Index<'a> {
    chains: HashMap<Key<'a>, Vec<usize>, foldhash::fast::RandomState>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Port(u32),
    Range(Option<Range>),
    Name(Option<Cow<'a, str>>),
}

impl<'a> Index<'a> {
    fn add(&mut self, at: usize, wanted: &Wanted<'a>) {
        for key in keys(wanted).into_iter().flatten() {
            self.chains.entry(key).or_default().push(at);
        }
    }

    /// The chains with a value of one kind in common, of the kind with which there are the fewest, in order.
    fn in_common(&self, wanted: &Wanted<'a>) -> Vec<usize> {
        let of_kind = keys(wanted).map(|keys| keys.iter().filter_map(|key| self.chains.get(key)).collect::<Vec<_>>());
        let fewest = of_kind.into_iter().min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>()).unwrap_or_default();
        let mut found: Vec<usize> = fewest.into_iter().flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn keys<'a>(wanted: &Wanted<'a>) -> [Vec<Key<'a>>; 3] {
    let or_any = |keys: Vec<Key<'a>>, any| if keys.is_empty() { vec![any] } else { keys };
    let ranges = wanted.ranges.iter().map(|range| Key::Range(Some(*range))).collect();
    let names = wanted.names.iter().map(|name| Key::Name(Some(name.clone()))).collect();
    [vec![Key::Port(wanted.port)], or_any(ranges, Key::Range(None)), or_any(names, Key::Name(None))]
}

/// Ranges in order. `10.1.2.3/8` and `10.0.0.0/8` are one.
fn ranges(ranges: &[CidrRange]) -> Result<Vec<Range>, String> {
    let stored = |range: &CidrRange| {
        let address: IpAddr = range.address_prefix.parse().map_err(|_| format!("is for the address {:?}, which is none", range.address_prefix))?;
        let bits = range.prefix_len.unwrap_or(0).min(if address.is_ipv4() { 32 } else { 128 });
        Ok((first_of_range(address, bits), bits))
    };
    let mut stored = ranges.iter().map(stored).collect::<Result<Vec<_>, String>>()?;
    stored.sort_unstable();
    Ok(stored)
}

fn stored_name(name: &str) -> Result<Cow<'_, str>, String> {
    let name = if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) };
    match name.strip_prefix("*.") {
        _ if !name.contains('*') => Ok(name),
        Some(_) => Ok(match name {
            Cow::Borrowed(name) => Cow::Borrowed(&name[1..]),
            Cow::Owned(name) => Cow::Owned(name[1..].to_owned()),
        }),
        None => Err(format!("is for the server name {name}, and Envoy takes a * only for whole labels at the front, as in *.example.com")),
    }
}

/// A stored server name as it is written.
fn written_name(name: &str) -> String {
    if name.starts_with('.') { format!("*{name}") } else { name.to_owned() }
}

fn range_text((address, bits): &Range) -> String {
    format!("{address}/{bits}")
}

/// What stands twice in a list that is in order.
fn twice<T: PartialEq>(list: &[T]) -> Option<&T> {
    list.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| &pair[0])
}

/// The same for the few protocols of a chain, which keep the order in which they are written.
fn repeated(protocols: &[String]) -> Option<&String> {
    protocols.iter().enumerate().find(|(at, protocol)| protocols[..*at].contains(protocol)).map(|(_, protocol)| protocol)
}

/// Whether two lists in order have a value in common, be it that both are empty.
fn meet<T: Ord>(one: &[T], other: &[T]) -> bool {
    one.is_empty() && other.is_empty() || shared(one, other).is_some()
}

/// The first value that two lists in order have in common.
fn shared<'v, T: Ord>(one: &'v [T], other: &[T]) -> Option<&'v T> {
    let (mut at, mut of_other) = (0, 0);
    while let (Some(value), Some(known)) = (one.get(at), other.get(of_other)) {
        match value.cmp(known) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => of_other += 1,
            std::cmp::Ordering::Equal => return Some(value),
        }
    }
    None
}
