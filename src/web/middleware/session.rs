//! Who the browser is: one signed cookie that holds a random token, for guests and accounts alike.
//!
//! The token names a session in the store, so that a session can be ended from here (sign out everywhere, a new password)
//! and a guest who signs up stays the same learner. The signature lets a made-up cookie be refused without asking the
//! database. The store only sees the token's SHA-256.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};
use sha2::{Digest, Sha256, Sha512};

use super::{
    ClientAddress,
    rate_limit::{Limits, neighbourhood},
};
use crate::{
    store::{LearnerId, Millis, Store, Visit, millis},
    web::{AppState, Error, page::Visitor},
};

/// How long a session lasts without a visit. Browsers keep no cookie for longer than 400 days.
const LASTS: Duration = Duration::from_hours(400 * 24);
/// A session is renewed when this much of it has passed: one write a day at most.
const RENEW_AFTER: Duration = Duration::from_hours(24);

/// How the cookie is made: its name, its secret, whether it travels over HTTPS only.
#[derive(Clone)]
pub struct SessionCookie {
    key: Key,
    secure: bool,
}

impl SessionCookie {
    /// Takes the installation's secret from the store, where the first start puts a fresh one.
    pub async fn open(store: &Store, secure: bool) -> anyhow::Result<Self> {
        let fresh: [u8; 32] = rand::random();
        let secret = store.cookie_secret(&hex(&fresh)).await.context("the secret that signs cookies cannot be read")?;
        Ok(Self { key: Key::from(&Sha512::digest(secret.as_bytes())), secure })
    }

    /// `__Host-` makes browsers refuse the cookie from a neighbouring host or over HTTP.
    fn name(&self) -> &'static str {
        if self.secure { "__Host-meshwright" } else { "meshwright" }
    }

    fn cookie(&self, token: String, age: Duration) -> Cookie<'static> {
        Cookie::build((self.name(), token))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(age.try_into().unwrap_or(time::Duration::MAX))
            .build()
    }
}

/// The session of the request, for every handler. Cheap to clone.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    state: AppState,
    address: IpAddr,
    current: Mutex<Current>,
}

#[derive(Default, Clone)]
struct Current {
    token_hash: Option<String>,
    visit: Option<Visit>,
    outgoing: Outgoing,
}

/// What the answer tells the browser about its cookie.
#[derive(Default, Clone)]
enum Outgoing {
    #[default]
    Nothing,
    Keep(String),
    Drop,
}

impl Session {
    /// The learner whose browser this is, if anything of theirs is kept yet.
    pub fn learner(&self) -> Option<LearnerId> {
        self.current().visit.map(|visit| visit.learner_id)
    }

    /// The name of the account that is signed in; `None` for guests and strangers.
    pub fn account(&self) -> Option<String> {
        self.current().visit.and_then(|visit| visit.account_name)
    }

    /// The learner, made a guest now if this is their first click that is worth keeping.
    pub async fn learner_or_guest(&self) -> Result<LearnerId, Error> {
        if let Some(learner) = self.learner() {
            return Ok(learner);
        }
        self.0.state.limits.guests_by_address.check(&neighbourhood(self.0.address))?;
        let learner = self.store().insert_guest().await?;
        self.begin(&learner).await?;
        Ok(learner)
    }

    /// Begins a new session for the learner and ends the old one: a token known before the sign-in is worth nothing after it.
    pub async fn begin(&self, learner: &LearnerId) -> Result<(), Error> {
        let token = hex(&rand::random::<[u8; 32]>());
        let token_hash = hash(&token);
        let expires_at = self.expiry();
        self.store().insert_session(&token_hash, learner, expires_at).await?;
        if let Some(old) = self.current().token_hash {
            self.store().delete_session(&old).await?;
        }
        let visit = self.store().find_visit(&token_hash).await?;
        self.set(Current { token_hash: Some(token_hash), visit, outgoing: Outgoing::Keep(token) });
        Ok(())
    }

    /// Ends the session; the browser is a stranger again.
    pub async fn end(&self) -> Result<(), Error> {
        if let Some(old) = self.current().token_hash {
            self.store().delete_session(&old).await?;
        }
        self.set(Current { outgoing: Outgoing::Drop, ..Current::default() });
        Ok(())
    }

    /// How often things may be tried.
    pub fn limits(&self) -> &Limits {
        &self.0.state.limits
    }

    /// The address that a rate limit counts by.
    pub fn neighbourhood(&self) -> IpAddr {
        neighbourhood(self.0.address)
    }

    async fn load(state: AppState, address: IpAddr, token: Option<String>) -> Result<Self, Error> {
        let session = Self(Arc::new(Inner { state, address, current: Mutex::default() }));
        let Some(token) = token else { return Ok(session) };
        let token_hash = hash(&token);
        let Some(mut visit) = session.store().find_visit(&token_hash).await? else { return Ok(session) };
        let mut outgoing = Outgoing::Nothing;
        if session.expiry() - visit.expires_at >= millis(RENEW_AFTER) {
            visit.expires_at = session.expiry();
            session.store().renew_session(&token_hash, visit.expires_at).await?;
            outgoing = Outgoing::Keep(token);
        }
        session.set(Current { token_hash: Some(token_hash), visit: Some(visit), outgoing });
        Ok(session)
    }

    fn store(&self) -> &Store {
        &self.0.state.store
    }

    fn expiry(&self) -> Millis {
        self.store().clock().now().saturating_add(millis(LASTS))
    }

    fn current(&self) -> Current {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, current: Current) {
        *self.0.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        let missing = || anyhow::anyhow!("the address {} has no session: is it outside the session's layer?", parts.uri.path());
        parts.extensions.get::<Self>().cloned().ok_or_else(|| missing().into())
    }
}

/// What the navigation shows of a session.
impl From<&Session> for Visitor {
    fn from(session: &Session) -> Self {
        Self { account: session.account(), is_unknown: false }
    }
}

/// Finds out who it is, and sends the cookie that the handler decided on.
pub(super) async fn identify(State(state): State<AppState>, client: ClientAddress, mut request: Request, next: Next) -> Response {
    if is_machinery(request.uri().path()) {
        return next.run(request).await;
    }
    let cookies = state.session_cookie.clone();
    let jar = SignedCookieJar::from_headers(request.headers(), cookies.key.clone());
    let token = jar.get(cookies.name()).map(|cookie| cookie.value().to_owned());
    let session = match Session::load(state, client.0, token).await {
        Ok(session) => session,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(Visitor::from(&session));
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    // An error page is made further out, and shows who looks at it.
    response.extensions_mut().insert(Visitor::from(&session));
    match session.current().outgoing {
        Outgoing::Nothing => response,
        Outgoing::Keep(token) => (jar.add(cookies.cookie(token, LASTS)), response).into_response(),
        Outgoing::Drop => (jar.add(cookies.cookie(String::new(), Duration::ZERO)), response).into_response(),
    }
}

/// What is the same for everybody; the database is not asked for it.
fn is_machinery(path: &str) -> bool {
    path.starts_with("/assets/") || matches!(path, "/healthz" | "/readyz")
}

fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}
