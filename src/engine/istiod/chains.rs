//! Filter chains in the making: what they match, before it becomes Envoy's match.

use std::{collections::BTreeSet, net::IpAddr};

use crate::engine::{
    address::first_of_range,
    cluster::NO_ADDRESS,
    xds::{CidrRange, Filter, FilterChainMatch, Metadata, Origin},
};

/// A chain and the connections it is for.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    pub sni_hosts: Vec<String>,
    pub cidrs: Vec<String>,
    pub application_protocols: Vec<String>,
    pub transport_protocol: &'static str,
    pub kind: ChainKind,
    pub metadata: Option<Metadata>,
    pub origin: Option<Origin>,
}

/// What a chain does.
#[derive(Debug, Clone)]
pub(super) enum ChainKind {
    /// Passes bytes on.
    Tcp(Vec<Filter>),
    /// Speaks HTTP by the routes of this name.
    Http { routes: String },
}

impl Default for ChainKind {
    fn default() -> Self {
        Self::Tcp(Vec::new())
    }
}

impl Chain {
    /// Narrows it to what is HTTP and not encrypted.
    pub fn only_plain_http(&mut self) {
        self.application_protocols = ["http/1.1", "h2c"].map(str::to_owned).to_vec();
        self.transport_protocol = "raw_buffer";
    }

    /// Whether it takes every connection.
    fn takes_all(&self) -> bool {
        (self.sni_hosts.is_empty() || self.has_any_sni())
            && self.application_protocols.is_empty()
            && self.transport_protocol.is_empty()
            && self.cidrs.is_empty()
    }

    fn has_any_sni(&self) -> bool {
        self.sni_hosts.iter().any(|host| host == "*")
    }

    /// Whether two chains take the same connections, of which only the first can have them.
    pub fn has_same_match(&self, other: &Self) -> bool {
        let names = |chain: &Self| chain.sni_hosts.iter().filter(|host| *host != "*").cloned().collect::<BTreeSet<_>>();
        let ranges = |chain: &Self| chain.cidrs.iter().filter_map(|cidr| masked(cidr)).collect::<BTreeSet<_>>();
        self.transport_protocol == other.transport_protocol
            && self.application_protocols == other.application_protocols
            && names(self) == names(other)
            && ranges(self) == ranges(other)
    }

    /// Envoy's match; none for a chain that takes every connection.
    pub fn filter_chain_match(&self) -> Option<FilterChainMatch> {
        if self.takes_all() {
            return None;
        }
        let mut server_names = if self.has_any_sni() { Vec::new() } else { self.sni_hosts.clone() };
        server_names.sort();
        let mut cidrs = self.cidrs.clone();
        cidrs.sort();
        Some(FilterChainMatch {
            prefix_ranges: cidrs.iter().filter_map(|cidr| range(cidr)).filter(|range| range.address_prefix != NO_ADDRESS).collect(),
            server_names,
            transport_protocol: self.transport_protocol.to_owned(),
            application_protocols: self.application_protocols.clone(),
            ..FilterChainMatch::default()
        })
    }
}

/// An address range, or a single address as a range.
fn range(cidr: &str) -> Option<CidrRange> {
    let (address, bits) = match cidr.split_once('/') {
        Some((address, bits)) => (address, bits.parse().ok()?),
        None => (cidr, if cidr.contains(':') { 128 } else { 32 }),
    };
    Some(CidrRange { address_prefix: address.to_owned(), prefix_len: Some(bits) })
}

/// A range by its first address; none for the address that stands for all.
fn masked(cidr: &str) -> Option<(IpAddr, u32)> {
    let range = range(cidr).filter(|range| range.address_prefix != NO_ADDRESS)?;
    let bits = range.prefix_len?;
    Some((first_of_range(range.address_prefix.parse().ok()?, bits), bits))
}
