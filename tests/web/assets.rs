//! The embedded front end: what is there, how it is negotiated and kept.

use std::path::Path;

use axum::{Router, body::Body, http::Request, response::Response, routing::get};
use http_body_util::BodyExt;
use meshwright::web::assets;
use tower::ServiceExt;

async fn fetch(url: &str, headers: &[(&str, &str)]) -> Response {
    let app: Router = Router::new().route("/assets/{file}", get(assets::serve));
    let mut request = Request::get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_script_comes_packed_as_the_client_likes_best() {
    let url = assets::url("app.js");
    let mut sizes = Vec::new();
    for (accept, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", ""), ("", "")] {
        let response = fetch(url, &[("accept-encoding", accept)]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-encoding"), encoding, "for {accept:?}");
        assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&response, "vary"), "accept-encoding");
        assert!(header(&response, "cache-control").contains("immutable"));
        sizes.push(response.into_body().collect().await.unwrap().to_bytes().len());
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[3], "{sizes:?}");
}

#[tokio::test]
async fn a_known_tag_is_answered_without_a_body() {
    let url = assets::url("app.js");
    let first = fetch(url, &[("accept-encoding", "br")]).await;
    let etag = header(&first, "etag").to_owned();
    let again = fetch(url, &[("accept-encoding", "br"), ("if-none-match", &format!("\"other\", W/{etag}"))]).await;
    assert_eq!(again.status(), 304);
    assert!(again.into_body().collect().await.unwrap().to_bytes().is_empty());
    let plain = fetch(url, &[("if-none-match", &etag)]).await;
    assert_eq!(plain.status(), 200, "another packing is another representation");
}

#[tokio::test]
async fn an_unknown_name_is_not_found_and_not_kept() {
    assert_eq!(assets::url("nothing.js"), "/assets/unknown");
    for url in ["/assets/unknown", "/assets/app.js", "/assets/..%2fCargo.toml"] {
        let response = fetch(url, &[]).await;
        assert_eq!(response.status(), 404, "{url}");
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}

/// `assets::url` cannot fail, so a name that nobody makes must be found here.
#[test]
fn templates_name_assets_that_exist() {
    let known: Vec<_> = assets::names().collect();
    let mut found = 0;
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut |path, text| {
        for part in text.split("assets::url(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(known.contains(&name), "{} names the asset {name:?}; there are {known:?}", path.display());
            found += 1;
        }
    });
    assert!(found > 0 || !Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").exists(), "the templates name no asset: has the call another form?");
}

/// Packed sizes, as nearly every browser gets them.
#[tokio::test]
async fn scripts_stay_within_their_budget() {
    for (name, limit) in [("app.js", 20_000), ("playground.js", 150_000), ("theme.js", 400)] {
        let size = fetch(assets::url(name), &[("accept-encoding", "br")]).await.into_body().collect().await.unwrap().to_bytes().len();
        assert!((1..limit).contains(&size), "{name} has {size} bytes, {limit} are allowed");
    }
}

fn visit(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, each);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            each(&path, &text);
        }
    }
}
