//! A generated scene: pieces of configuration that can be left out one by one, and calls through one proxy.

use std::collections::BTreeMap;

use meshwright::engine::{envoy::Call, istiod::Proxy};

/// What a scene is made of.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A whole document.
    Document(String),
    /// A rule of a VirtualService, which is told by the lines in front of its rules.
    Rule {
        of: String,
        /// `http`, `tls` or `tcp`.
        kind: &'static str,
        /// `- …`, in flow style.
        text: String,
    },
}

/// A configuration, the proxy that gets it, and what is sent through it.
#[derive(Debug, Clone)]
pub struct Case {
    pub pieces: Vec<Piece>,
    pub mesh_config: serde_json::Value,
    pub proxy: Proxy,
    pub calls: Vec<Call>,
    /// The routes that calls take by the maker's own account, by the call's place; empty for none.
    pub routes: BTreeMap<usize, String>,
    /// Whether calls are sent often enough to see which endpoint gets how many of them.
    pub every_endpoint: bool,
}

impl Case {
    pub fn new(proxy: Proxy) -> Self {
        Self { pieces: Vec::new(), mesh_config: serde_json::json!({}), proxy, calls: Vec::new(), routes: BTreeMap::new(), every_endpoint: false }
    }

    pub fn document(&mut self, group: &str, kind: &str, name: &str, namespace: &str, spec: &str) {
        self.pieces.push(Piece::Document(format!(
            "apiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
        )));
    }

    pub fn rule(&mut self, of: &str, kind: &'static str, text: String) {
        self.pieces.push(Piece::Rule { of: of.to_owned(), kind, text });
    }

    /// The configuration as YAML. Rules keep their order.
    pub fn text(&self) -> String {
        let mut documents = Vec::new();
        let mut rules: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for piece in &self.pieces {
            match piece {
                Piece::Document(text) => documents.push(text.clone()),
                Piece::Rule { of, kind, text } => rules.entry(of).or_default().entry(kind).or_default().push(text),
            }
        }
        for (of, kinds) in rules {
            let lists = kinds.iter().map(|(kind, rules)| format!("  {kind}:\n  - {}\n", rules.join("\n  - "))).collect::<Vec<_>>().concat();
            documents.push(format!("apiVersion: networking.istio.io/v1\nkind: VirtualService\n{of}{lists}"));
        }
        documents.join("---\n")
    }
}

/// The lines of a VirtualService in front of its rules.
pub fn head(name: &str, namespace: &str, hosts: &str, gateways: &str) -> String {
    let gateways = if gateways.is_empty() { String::new() } else { format!("  gateways: [{gateways}]\n") };
    format!("metadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  hosts: [{hosts}]\n{gateways}")
}
