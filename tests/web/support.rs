//! The portal without a socket: requests go straight to its router, on a folder that vanishes with it.

use std::{
    fmt::Write,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use meshwright::{
    config::Config,
    course::Course,
    web::{AppState, replays::Replays, router},
};
use scraper::{Html, Selector};
use tower::ServiceExt;

/// Loading takes longer than a test; the course never changes.
static COURSE: LazyLock<Arc<Course>> = LazyLock::new(|| Arc::new(Course::embedded().unwrap()));

/// A portal of one test.
pub struct TestApp {
    router: Router,
    /// What handlers see.
    pub state: AppState,
    /// Cookies of the browser that the test plays.
    cookies: std::cell::RefCell<Vec<(String, String)>>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// A fresh one.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A fresh one with other options.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::of(change, |_| {}).await
    }

    /// A fresh one that replays requests.
    pub async fn replaying(replays: Replays) -> Self {
        Self::of(|_| {}, |state| state.replays = Arc::new(replays)).await
    }

    async fn of(change: impl FnOnce(&mut Config), equip: impl FnOnce(&mut AppState)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::in_folder(folder.path());
        change(&mut config);
        let mut state = AppState::with_course(config, COURSE.clone()).await.unwrap();
        equip(&mut state);
        Self { router: router(state.clone()), state, cookies: std::cell::RefCell::default(), _folder: folder }
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form as the portal's own page would.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(encode(fields)))
            .unwrap();
        self.send(request).await
    }

    /// Sends any request, with the cookies collected so far unless it brings its own.
    pub async fn send(&self, request: Request<Body>) -> TestResponse {
        let (parts, body) = self.open(request).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        TestResponse { status: parts.status, headers: parts.headers, bytes }
    }

    /// The same without waiting for the end of the answer.
    pub async fn open(&self, mut request: Request<Body>) -> Response {
        if !request.headers().contains_key(header::COOKIE) && !self.cookies.borrow().is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie_line().parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        response
    }

    /// The cookies so far, as a browser sends them.
    pub fn cookie_line(&self) -> String {
        self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Has the cookies of a line again, and no others.
    pub fn take_cookies(&self, line: &str) {
        self.forget_cookies();
        line.split("; ").for_each(|cookie| self.keep(cookie));
    }

    /// Forgets all cookies, as another browser would not have them.
    pub fn forget_cookies(&self) {
        self.cookies.borrow_mut().clear();
    }

    fn keep(&self, set_cookie: &str) {
        let (name, value) = set_cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.borrow_mut();
        cookies.retain(|(kept, _)| kept != name);
        if !value.is_empty() && !set_cookie.to_ascii_lowercase().contains("max-age=0") {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// An answer, read to its end.
pub struct TestResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

impl TestResponse {
    /// A header's value, empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The body as a page.
    pub fn html(&self) -> Html {
        Html::parse_document(self.text())
    }

    /// The trimmed texts of all elements that match a CSS selector.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let words = |element: scraper::ElementRef<'_>| element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        self.html().select(&selector).map(words).collect()
    }

    /// The values of an attribute on all elements that match a CSS selector.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.html().select(&selector).filter_map(|element| element.value().attr(name)).map(str::to_owned).collect()
    }

    /// Fails unless it is a page.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Fails unless it leads to `path`.
    #[track_caller]
    pub fn assert_redirect(&self, path: &str) -> &Self {
        assert!(self.status.is_redirection(), "{} is no redirect", self.status);
        assert_eq!(self.header("location"), path);
        self
    }
}

/// `application/x-www-form-urlencoded`.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(byte.into());
            } else {
                write!(out, "%{byte:02X}").unwrap();
            }
            out
        })
    };
    fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}
