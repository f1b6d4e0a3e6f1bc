//! How requests are answered: refusals in the protocol's form, and what browsers want to see across origins.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use bytestring::ByteString;
use shared_protocol::engineio::HandshakeError;

use super::gate::Closed;

/// Seconds after which a refused handshake may come again; stock clients ignore it, others may not.
const RETRY_AFTER_SECS: &str = "2";

/// A request that was refused.
#[derive(Debug)]
pub(super) enum Refused {
    Protocol(HandshakeError),
    Unavailable(Closed),
}

impl From<HandshakeError> for Refused {
    fn from(error: HandshakeError) -> Self {
        Self::Protocol(error)
    }
}

impl Refused {
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Protocol(error) => error.label(),
            Self::Unavailable(closed) => closed.label(),
        }
    }

    pub(super) fn respond(&self, upgrade: bool) -> HttpResponse {
        match self {
            // As the reference does: an upgrade is refused with the text alone.
            Self::Protocol(error) if upgrade => HttpResponse::build(status(*error))
                .content_type("text/html")
                .force_close()
                .body(error.message()),
            Self::Protocol(error) => HttpResponse::build(status(*error))
                .content_type("application/json")
                .body(error.json()),
            Self::Unavailable(_) => HttpResponse::ServiceUnavailable()
                .insert_header((header::RETRY_AFTER, RETRY_AFTER_SECS))
                .content_type("application/json")
                .body(r#"{"code":"unavailable","message":"Try again later"}"#),
        }
    }
}

fn status(error: HandshakeError) -> StatusCode {
    StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// 200 with packets for the client.
pub(super) fn payload(payload: ByteString) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=UTF-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(payload.into_bytes())
}

/// 200 for packets of the client.
pub(super) fn taken() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body("ok")
}

/// Answers a preflight. Only asked for origins that are welcome.
pub(super) fn preflight(request: &HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"));
    if let Some(headers) = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone()));
    }
    let mut response = with_cors(request, response.finish());
    let vary = HeaderValue::from_static("Origin, Access-Control-Request-Headers");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// Lets the page read the answer, errors included. The `Origin` has been checked before: it is echoed, never `*`.
pub(super) fn with_cors(request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    if let Some(origin) = request.headers().get(header::ORIGIN)
        && response.status() != StatusCode::SWITCHING_PROTOCOLS
    {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

/// For methods that a polling connection does not know; the connection lives on.
pub(super) fn unknown_method(method: &Method) -> HttpResponse {
    tracing::debug!(%method, "a polling connection knows GET and POST");
    HttpResponse::InternalServerError().finish()
}
