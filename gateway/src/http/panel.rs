//! The chat panel that portals embed: one script, built from `gateway/panel` and carried in the binary.
//!
//! | route | cached |
//! |---|---|
//! | `GET <mount>/panel.js` | asked for again each time; 304 while it is the same |
//! | `GET <mount>/panel-<hash>.js` | for ever, since another build has another name; any other hash is 404 |
//!
//! It is public code without a secret, so any origin may load it: portals may live on other hosts than the gateway.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header::{self, ContentEncoding, ETag, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

static SCRIPT: &[u8] = include_bytes!("../../panel/dist/panel.js");
static PANEL: LazyLock<Panel> = LazyLock::new(|| Panel::of(SCRIPT));

const REVALIDATED: &str = "no-cache";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Characters of the hash in the immutable name.
const HASH_LENGTH: usize = 16;

struct Panel {
    hash: String,
    plain: Bytes,
    gzipped: Bytes,
}

impl Panel {
    fn of(script: &'static [u8]) -> Self {
        let mut hash = String::with_capacity(HASH_LENGTH);
        for byte in &Sha256::digest(script)[..HASH_LENGTH / 2] {
            // Writing into a String does not fail.
            let _ = write!(hash, "{byte:02x}");
        }
        Self {
            hash,
            plain: Bytes::from_static(script),
            gzipped: gzip(script),
        }
    }
}

/// Nothing at all when it cannot be done, which a memory buffer never gives a reason for: the plain script is served then.
fn gzip(script: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(script).and_then(|()| encoder.finish());
    written.map(Bytes::from).unwrap_or_default()
}

/// Adds the routes below the mount point `path`.
pub(super) fn configure(path: &str) -> impl FnOnce(&mut web::ServiceConfig) {
    let current = format!("{path}/panel.js");
    let hashed = format!("{path}/panel-{}.js", PANEL.hash);
    move |config| {
        for (route, caching) in [(current, REVALIDATED), (hashed, IMMUTABLE)] {
            let answer = move |request: HttpRequest| async move { answer(&request, caching) };
            config.service(
                web::resource(route)
                    .route(web::get().to(answer))
                    .route(web::head().to(answer)),
            );
        }
    }
}

fn answer(request: &HttpRequest, caching: &'static str) -> HttpResponse {
    let is_gzipped = accepts_gzip(request) && !PANEL.gzipped.is_empty();
    // Each encoding is a representation of its own.
    let tag = EntityTag::new_strong(format!("{}{}", PANEL.hash, if is_gzipped { "-gzip" } else { "" }));
    if is_known(request, &tag) {
        return with_headers(HttpResponse::NotModified(), tag, caching).finish();
    }
    let mut response = with_headers(HttpResponse::Ok(), tag, caching);
    response.content_type("text/javascript; charset=utf-8");
    if is_gzipped {
        response.insert_header(ContentEncoding::Gzip);
        return response.body(PANEL.gzipped.clone());
    }
    response.body(PANEL.plain.clone())
}

fn with_headers(mut response: HttpResponseBuilder, tag: EntityTag, caching: &'static str) -> HttpResponseBuilder {
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static(caching)))
        .insert_header((header::VARY, HeaderValue::from_static("accept-encoding")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((
            header::CROSS_ORIGIN_RESOURCE_POLICY,
            HeaderValue::from_static("cross-origin"),
        ));
    response
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request
        .headers()
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && !parts.any(|weight| {
                weight
                    .trim_start_matches("q=")
                    .parse::<f32>()
                    .is_ok_and(|weight| weight <= 0.0)
            })
    })
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(items)) => items.iter().any(|item| item.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::body::to_bytes;
    use actix_web::dev::ServiceResponse;
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    async fn get(uri: &str, headers: &[(&str, &str)]) -> ServiceResponse {
        let app = init_service(App::new().configure(configure("/realtime"))).await;
        let request = headers.iter().fold(TestRequest::get().uri(uri), |request, header| {
            request.insert_header(*header)
        });
        call_service(&app, request.to_request()).await
    }

    fn header<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[actix_web::test]
    async fn script_is_revalidated_and_its_hashed_name_is_immutable() {
        let response = get("/realtime/panel.js", &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        let tag = header(&response, "etag").to_owned();
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), SCRIPT);

        let again = get("/realtime/panel.js", &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&again, "etag"), tag);

        let hashed = get(&format!("/realtime/panel-{}.js", tag.trim_matches('"')), &[]).await;
        assert_eq!(hashed.status(), StatusCode::OK);
        assert_eq!(header(&hashed, "cache-control"), "public, max-age=31536000, immutable");
    }

    #[actix_web::test]
    async fn another_hash_and_another_method_are_not_found_here() {
        assert_eq!(
            get("/realtime/panel-0000000000000000.js", &[]).await.status(),
            StatusCode::NOT_FOUND
        );
        let app = init_service(App::new().configure(configure("/realtime"))).await;
        let post = TestRequest::post().uri("/realtime/panel.js").to_request();
        assert!(call_service(&app, post).await.status().is_client_error());
    }

    #[actix_web::test]
    async fn gzip_is_another_representation_under_45_kilobytes() {
        let plain = get("/realtime/panel.js", &[("accept-encoding", "br, gzip;q=0")]).await;
        assert_eq!(header(&plain, "content-encoding"), "");
        let response = get("/realtime/panel.js", &[("accept-encoding", "br, GZIP;q=0.8")]).await;
        assert_eq!(header(&response, "content-encoding"), "gzip");
        assert_ne!(header(&plain, "etag"), header(&response, "etag"));
        let size = to_bytes(response.into_body()).await.unwrap().len();
        assert!(size < 45_000, "{size} bytes");
    }
}
