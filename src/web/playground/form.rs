//! What a visitor typed, and which of it cannot be used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    engine::mesh::{Certificate, ConfigKind, Load, OUTSIDE, Request, RequestError, SwitchError, Switches, Token, claims_from_lines, headers_from_lines},
    web::simulation::{AccessQuestion, ConfigView, Wanted},
};

/// The fields of the page, as they come and as they go back: nothing typed is lost.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Form {
    /// The cluster's name; empty for the default one.
    pub world: String,
    /// The configuration.
    pub yaml: String,
    /// Who calls.
    pub from: String,
    /// With which method; empty means GET.
    pub method: String,
    /// What.
    pub url: String,
    /// One header a line.
    pub headers: String,
    /// What must come of it, one line each.
    pub expect: String,
    /// Whether those lines become what comes now.
    pub take: bool,
    /// What is to be mended first: the number of a finding, from 0, `all` for every certain cure, or `format` for one look.
    pub fix: String,
    /// The example of a rule page that the configuration started from, `CODE/number`.
    pub rule: String,
    /// The example of the gallery that the configuration started from, `name/api/number`.
    pub example: String,
    /// Whether our own hints are hidden.
    pub hide_hints: bool,
    /// The panel that a button of it opened, so that it stays open.
    pub panel: String,
    /// Whose configuration is shown.
    pub config_proxy: String,
    /// Which of its tables: `listener`, `route`, `cluster` or `endpoint`.
    pub config_kind: String,
    /// Rows that hold it.
    pub config_search: String,
    /// Whether the JSON is shown instead.
    pub config_json: bool,
    /// How many rounds of requests.
    pub repeat: String,
    /// How many at once.
    pub concurrency: String,
    /// Between rounds.
    pub pause: String,
    /// What backends answer.
    pub upstream_status: String,
    /// After how long.
    pub upstream_delay: String,
    /// How the pods of a namespace are in the mesh, by namespace; fields called `injection.<namespace>`.
    #[serde(skip)]
    pub injection: BTreeMap<String, String>,
    /// The mesh-wide default of mutual TLS.
    pub mtls: String,
    /// What becomes of calls to hosts that nobody registered.
    pub outbound: String,
    /// The workload that fails, and its answer.
    pub fail: String,
    /// A status, 503 where it is empty.
    pub fail_status: String,
    /// The workload that is slow.
    pub slow: String,
    /// How long it takes, two seconds where it is empty.
    pub slow_delay: String,
    /// Whether a token is sent.
    pub token: bool,
    /// Its claims `iss`, `sub`, and `aud` with commas.
    pub token_issuer: String,
    pub token_subject: String,
    pub token_audiences: String,
    /// All others, one a line.
    pub token_claims: String,
    /// Whether its time is over.
    pub token_expired: bool,
    /// Whether somebody else's key has signed it.
    pub token_forged: bool,
    /// Whether a client certificate is shown.
    pub certificate: bool,
    /// The name in it.
    pub certificate_identity: String,
    /// Whether nobody knows its authority.
    pub certificate_unknown: bool,
    /// The method with which everybody calls everything.
    pub access_method: String,
    /// The path that everybody calls.
    pub access_path: String,
    /// Requests under a name, as JSON that only the script reads; a snapshot has them.
    pub requests: String,
    /// What was sent before, as the page wrote it.
    pub previous: String,
}

/// A field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldFault {
    /// Its name in the form.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Form {
    /// A request that works in the default world, for configuration that comes without one.
    pub fn for_trying() -> Self {
        Self { from: "productpage-v1-a.default".into(), method: "GET".into(), url: "http://reviews:9080/reviews/0".into(), ..Self::default() }
    }

    /// Fills in a request.
    pub fn ask(&mut self, request: &Request) {
        self.from.clone_from(&request.from);
        self.method = if request.method.is_empty() { "GET".into() } else { request.method.clone() };
        self.url.clone_from(&request.url);
        self.headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n");
        if let Some(token) = &request.token {
            // A claim that is text stands as it is, unless it would be read as something else.
            let plain = |value: &Value| value.as_str().filter(|text| serde_json::from_str::<Value>(text).is_err()).map(str::to_owned);
            let line = |(name, value): (&String, &Value)| format!("{name}: {}", plain(value).unwrap_or_else(|| value.to_string()));
            self.token = true;
            self.token_issuer.clone_from(&token.issuer);
            self.token_subject.clone_from(&token.subject);
            self.token_audiences = token.audiences.join(", ");
            self.token_claims = token.claims.iter().map(line).collect::<Vec<_>>().join("\n");
            (self.token_expired, self.token_forged) = (token.is_expired, token.is_forged);
        }
        if let Some(shown) = &request.certificate {
            self.certificate = true;
            self.certificate_identity.clone_from(&shown.identity);
            self.certificate_unknown = shown.is_unknown;
        }
    }

    /// Browsers send line breaks as CR LF; the text is as it was typed again.
    pub fn normalized(mut self) -> Self {
        for field in [&mut self.yaml, &mut self.headers, &mut self.token_claims, &mut self.expect] {
            if field.contains('\r') {
                *field = field.replace("\r\n", "\n");
            }
        }
        for field in [&mut self.from, &mut self.method, &mut self.url] {
            *field = field.trim().to_owned();
        }
        self
    }

    /// Whether nothing is to be sent: the configuration is looked at alone.
    pub fn asks_nothing(&self) -> bool {
        self.from.is_empty() && self.url.is_empty()
    }

    /// What is to be shown beside the answer.
    pub fn wanted(&self) -> Wanted {
        let kind = ConfigKind::ALL.into_iter().find(|kind| kind.word() == self.config_kind).unwrap_or(ConfigKind::Route);
        Wanted {
            config: Some(ConfigView { proxy: self.config_proxy.clone(), kind, as_json: self.config_json }),
            load: self.load().ok(),
            access: self.access(),
            expect: self.expect.clone(),
        }
    }

    /// Who may call whom costs more than the rest, so it is computed for those who look at it.
    fn access(&self) -> Option<AccessQuestion> {
        let question = || AccessQuestion { method: self.access_method.trim().to_owned(), path: self.access_path.trim().to_owned() };
        (self.panel == "security").then(question)
    }

    /// Several requests; the field that is no number, where one is not.
    pub fn load(&self) -> Result<Load, (&'static str, String)> {
        let number = |field: &'static str, text: &str| match text.trim() {
            "" => Ok(1),
            text => text.parse().map_err(|_| (field, format!("{:?} is no number of requests", text.chars().take(20).collect::<String>()))),
        };
        Ok(Load {
            repeat: number("repeat", &self.repeat)?,
            concurrency: number("concurrency", &self.concurrency)?,
            pause: self.pause.clone(),
            status: stated(&self.upstream_status, &self.fail, &self.fail_status, "503"),
            delay: stated(&self.upstream_delay, &self.slow, &self.slow_delay, "2s"),
        })
    }

    /// What is switched in the world.
    pub fn switches(&self) -> Result<Switches, SwitchError> {
        let injection = self.injection.iter().map(|(namespace, mode)| (namespace.as_str(), mode.as_str()));
        Switches::read(injection, &self.mtls, &self.outbound)
    }

    /// The request that the fields describe.
    pub fn request(&self) -> Result<Request, FieldFault> {
        let headers = headers_from_lines(self.headers.lines()).map_err(FieldFault::from)?;
        let (token, certificate) = (self.token()?, self.certificate());
        Ok(Request {
            from: self.from.clone(),
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            token: token.map(Box::new),
            certificate: certificate.map(Box::new),
        })
    }

    /// Who calls, with the namespace: `pod` in `default` is `pod.default`.
    pub fn full_from(&self) -> String {
        let from = &self.from;
        if from.is_empty() || from.contains('.') || from == OUTSIDE { from.clone() } else { format!("{from}.default") }
    }

    /// The fields of the request: two that are alike in these are the same request.
    pub fn request_fields(&self) -> Vec<String> {
        let ticked = |is: bool| if is { "true" } else { "" };
        let fields = [
            &self.full_from(),
            &self.method,
            &self.url,
            &self.headers,
            ticked(self.token),
            &self.token_issuer,
            &self.token_subject,
            &self.token_audiences,
            &self.token_claims,
            ticked(self.token_expired),
            ticked(self.token_forged),
            ticked(self.certificate),
            &self.certificate_identity,
            ticked(self.certificate_unknown),
        ];
        fields.map(str::to_owned).into()
    }

    fn token(&self) -> Result<Option<Token>, FieldFault> {
        if !self.token {
            return Ok(None);
        }
        Ok(Some(Token {
            issuer: self.token_issuer.trim().to_owned(),
            subject: self.token_subject.trim().to_owned(),
            audiences: self.token_audiences.split(',').map(str::trim).filter(|audience| !audience.is_empty()).map(str::to_owned).collect(),
            claims: claims_from_lines(self.token_claims.lines())?,
            is_expired: self.token_expired,
            is_forged: self.token_forged,
        }))
    }

    fn certificate(&self) -> Option<Certificate> {
        let shown =
            || Certificate { identity: self.certificate_identity.trim().trim_start_matches("spiffe://").to_owned(), is_unknown: self.certificate_unknown };
        self.certificate.then(shown)
    }
}

/// What is stated of the backends, with that of one pod behind it.
fn stated(all: &str, pod: &str, given: &str, unset: &str) -> String {
    let value = if given.trim().is_empty() { unset } else { given.trim() };
    if pod.is_empty() { all.to_owned() } else { format!("{all}; {pod}={value}") }
}

impl From<RequestError> for FieldFault {
    fn from(error: RequestError) -> Self {
        let field = match &error {
            RequestError::UnknownCaller { .. } => "from",
            RequestError::BadUrl { .. } => "url",
            RequestError::BadHeader { .. } => "headers",
            RequestError::BadMethod { .. } => "method",
            RequestError::BadToken { .. } => "token",
            RequestError::BadCertificate { .. } => "certificate",
        };
        Self { field, message: error.to_string() }
    }
}
