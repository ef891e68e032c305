//! Authorization policies as ztunnel has them: groups of clauses of matches. One group has to hold, in it all clauses, in each
//! clause one match, in each match everything that it names.
//!
//! `Authorization::matches` in `src/rbac.rs` of istio/ztunnel at 1.26.4. A match that names nothing never holds there.

use std::net::IpAddr;

use crate::engine::source::Origin;

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorization {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// For whom it holds.
    pub scope: Scope,
    /// What it does with what it matches.
    pub action: Action,
    /// Its rules; without any it matches nothing.
    pub groups: Vec<Group>,
    /// How many of the rules it was made of are not among them, for they ask for HTTP.
    pub omitted: usize,
    /// The object.
    pub origin: Option<Origin>,
}

/// For whom a policy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Global,
    /// The workloads of its namespace.
    Namespace,
    /// Those that name it.
    Workload,
}

/// What a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Action {
    Allow,
    Deny,
}

/// A rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// All have to hold, in each one of the matches.
    pub clauses: Vec<Vec<Match>>,
    /// Where it is written.
    pub origin: Option<Origin>,
}

/// What a match asks for. Of each kind one entry has to hold, and none of those that it excludes.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the fields say it; `not_` before those that must not hold")]
pub struct Match {
    pub namespaces: Vec<StringMatch>,
    pub not_namespaces: Vec<StringMatch>,
    /// Namespace and name.
    pub service_accounts: Vec<(String, String)>,
    pub not_service_accounts: Vec<(String, String)>,
    pub principals: Vec<StringMatch>,
    pub not_principals: Vec<StringMatch>,
    /// Address and length of the prefix.
    pub source_ips: Vec<(IpAddr, u32)>,
    pub not_source_ips: Vec<(IpAddr, u32)>,
    pub destination_ips: Vec<(IpAddr, u32)>,
    pub not_destination_ips: Vec<(IpAddr, u32)>,
    pub destination_ports: Vec<u32>,
    pub not_destination_ports: Vec<u32>,
}

/// A text that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum StringMatch {
    Exact(String),
    Prefix(String),
    Suffix(String),
    /// Anything but nothing.
    Presence,
}

impl StringMatch {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::Presence => !text.is_empty(),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Exact(text) => text.clone(),
            Self::Prefix(text) => format!("{text}*"),
            Self::Suffix(text) => format!("*{text}"),
            Self::Presence => "*".into(),
        }
    }
}

/// A connection as a policy sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Where it comes from, if that is known.
    pub source: Option<IpAddr>,
    /// Who sends it, by its certificate, for example `cluster.local/ns/shop/sa/cart`; none for plain text.
    pub identity: Option<String>,
    /// The workload's address.
    pub destination: Option<IpAddr>,
    /// The workload's port.
    pub port: u32,
}

impl Connection {
    fn identity(&self) -> &str {
        self.identity.as_deref().unwrap_or_default()
    }

    /// Namespace and service account of the sender: what follows `ns` and `sa`.
    fn account(&self) -> Option<(&str, &str)> {
        let mut parts = self.identity.as_deref()?.split('/').skip_while(|part| *part != "ns").skip(1);
        let namespace = parts.next()?;
        let account = parts.nth(1)?;
        Some((namespace, account))
    }

    fn namespace(&self) -> &str {
        self.account().map(|(namespace, _)| namespace).unwrap_or_default()
    }

    /// Who it is, in words.
    pub(super) fn sender(&self) -> String {
        match &self.identity {
            Some(identity) => format!("the sender is {identity}"),
            None => "nobody vouches for the sender (it is plain text)".into(),
        }
    }
}

impl Authorization {
    /// `namespace/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// The group that matches a connection.
    pub(super) fn matching(&self, connection: &Connection) -> Result<&Group, String> {
        let mut reason = match self.omitted {
            0 => "it has no rule".to_owned(),
            _ => "istiod leaves out of it what asks for HTTP, and no rule is left".to_owned(),
        };
        for (at, group) in self.groups.iter().enumerate() {
            match mismatch(group, connection) {
                None => return Ok(group),
                Some(why) if at == 0 => reason = why,
                Some(_) => {}
            }
        }
        Err(reason)
    }
}

/// Why a group does not hold; none where it does.
fn mismatch(group: &Group, connection: &Connection) -> Option<String> {
    group.clauses.iter().filter(|clause| !clause.is_empty()).find_map(|clause| {
        let mut first = None;
        for part in clause {
            let why = of_match(part, connection)?;
            first.get_or_insert(why);
        }
        first
    })
}

fn of_match(part: &Match, connection: &Connection) -> Option<String> {
    if *part == Match::default() {
        return Some("nothing is left of what it asks for but HTTP, which ztunnel does not see, and such a part never matches".into());
    }
    let port = connection.port;
    let texts = |list: &[StringMatch]| list.iter().map(StringMatch::written).collect::<Vec<_>>().join(", ");
    let addresses = |list: &[(IpAddr, u32)]| list.iter().map(|(address, bits)| format!("{address}/{bits}")).collect::<Vec<_>>().join(", ");
    let accounts = |list: &[(String, String)]| list.iter().map(|(namespace, name)| format!("{namespace}/{name}")).collect::<Vec<_>>().join(", ");
    let numbers = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let from = || connection.source.map_or_else(|| "the source address is not known".into(), |address| format!("the source address is {address}"));
    let to = || connection.destination.map_or_else(|| "the destination is not known".into(), |address| format!("the destination is {address}"));
    let is_within = |address: Option<IpAddr>| move |range: &(IpAddr, u32)| address.is_some_and(|address| within(range, address));
    let is_account = |account: &(String, String)| connection.account() == Some((&account.0, &account.1));
    // Principals are written without the scheme, and plain text has none.
    let is_principal = |wanted: &StringMatch| connection.identity.is_some() && wanted.matches(connection.identity());
    let is_namespace = |wanted: &StringMatch| wanted.matches(connection.namespace());
    compare(&part.destination_ips, &part.not_destination_ips, is_within(connection.destination), addresses, to)
        .or_else(|| compare(&part.source_ips, &part.not_source_ips, is_within(connection.source), addresses, from))
        .or_else(|| compare(&part.destination_ports, &part.not_destination_ports, |own| *own == port, numbers, || format!("the port is {port}")))
        .or_else(|| compare(&part.service_accounts, &part.not_service_accounts, is_account, accounts, || connection.sender()))
        .or_else(|| {
            let is_for_plain_text = part.not_principals == [StringMatch::Presence] && connection.identity.is_some();
            is_for_plain_text.then(|| format!("{}, it is for senders without a certificate", connection.sender()))
        })
        .or_else(|| compare(&part.principals, &part.not_principals, is_principal, texts, || connection.sender()))
        .or_else(|| compare(&part.namespaces, &part.not_namespaces, is_namespace, texts, || connection.sender()))
}

fn compare<T>(wanted: &[T], unwanted: &[T], holds: impl Fn(&T) -> bool, written: impl Fn(&[T]) -> String, own: impl Fn() -> String) -> Option<String> {
    if !wanted.is_empty() && !wanted.iter().any(&holds) {
        return Some(format!("{}, it wants {}", own(), written(wanted)));
    }
    unwanted.iter().any(&holds).then(|| format!("{}, it wants anything but {}", own(), written(unwanted)))
}

fn within((network, bits): &(IpAddr, u32), address: IpAddr) -> bool {
    let (network, address, all) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (u128::from(network.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    (network ^ address).checked_shr(all - (*bits).min(all)).unwrap_or(0) == 0
}
