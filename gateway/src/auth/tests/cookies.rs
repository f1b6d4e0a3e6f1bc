//! Signed and plain cookies.

use super::super::error::{AuthError, BadCredential};
use super::*;
use shared_protocol::events::ErrorCode;

const FASTIFY: [(&str, &str); 1] = [(
    "REALTIME_SESSION_SECRET",
    "a secret with minimum length of 32 characters",
)];
const EXPRESS: [(&str, &str); 3] = [
    ("REALTIME_SESSION_SECRET", "keyboard cat"),
    ("REALTIME_SESSION_FORMAT", "express"),
    ("REALTIME_SESSION_COOKIE", "connect.sid"),
];
/// @fastify/session 11.1.3 with @fastify/cookie 11.1.5, which does not encode.
const RAW: &str = "NzM0iK_zvlAqHgtqtUtXqf39ogwLpAh9.5iu8OLNoF1zUCDVJKL0Bve++gbg/xrL5QwYm9nnqcno";
const RAW_SID: &str = "NzM0iK_zvlAqHgtqtUtXqf39ogwLpAh9";
/// The same with @fastify/cookie 11.0.2, which does.
const ENCODED: &str = "EpCKPqHYAdq__0oBQHB9WWZYsAt_bHat.q5hc%2BsfRR0ygbjUs1ubM0o5txJl2NeYho%2FCkEjR%2FKjY";
const ENCODED_SID: &str = "EpCKPqHYAdq__0oBQHB9WWZYsAt_bHat";
/// What `algorithm: "sha512"` makes of RAW_SID.
const SHA512: &str = "NzM0iK_zvlAqHgtqtUtXqf39ogwLpAh9.\
    YXvG5xl9bv/jkZYst1Z6kft0cNYMxJi6KeexLF4U7I8/wagybE+tL7VJxeuAIpB5mmiQAXhnBqcQyr0B9Tafhg";
/// express-session 1.19.0.
const EXPRESS_COOKIE: &str = "s%3AQKdsu_fSkpkFSEyzZrzcmoTwHHDa3dAp.s8L%2BJQk2cYYEThYMD3vuiZ9ILZXYIGx7RAppTXn87ac";
const EXPRESS_SID: &str = "QKdsu_fSkpkFSEyzZrzcmoTwHHDa3dAp";

#[test]
fn cookies_of_real_servers_name_their_session() {
    let decoded = EXPRESS_COOKIE.replace("%3A", ":").replace("%2B", "+");
    for (settings, header, sid) in [
        (&FASTIFY[..], format!("sessionId={RAW}"), RAW_SID),
        (&FASTIFY, format!("theme=dark; sessionId={ENCODED}; x=1"), ENCODED_SID),
        (&FASTIFY, format!("sessionId=s:{RAW}"), RAW_SID),
        (&FASTIFY, format!("sessionId=s%3A{ENCODED}"), ENCODED_SID),
        (&FASTIFY, format!("sessionId={SHA512}"), RAW_SID),
        (&EXPRESS, format!("connect.sid={EXPRESS_COOKIE}"), EXPRESS_SID),
        (&EXPRESS, format!("connect.sid={decoded}"), EXPRESS_SID),
    ] {
        assert_eq!(named(&identity(settings, &header)), sid, "{header}");
    }
}

#[test]
fn signed_cookie_of_fastify_is_taken_with_its_own_secret() {
    let settings = [
        ("REALTIME_SESSION_SECRET", "cookiesecret"),
        ("REALTIME_SESSION_COOKIE", "sid"),
    ];
    let header = "sid=abc.A6Q57ZOOhvzzf1DfxL0o+TgxFHRkNT6+d3W2hG8w2Ug";
    assert_eq!(named(&identity(&settings, header)), "abc");
}

#[test]
fn secrets_rotate() {
    let header = format!("sessionId={RAW}");
    let secret = FASTIFY[0].1;
    for (secrets, fits) in [
        (format!("next,{secret}"), true),
        (format!("{secret},former"), true),
        (format!("a,b,{secret},c"), true),
        ("next,former".to_owned(), false),
        (format!("{secret}x"), false),
    ] {
        let identity = identity(&[("REALTIME_SESSION_SECRET", &secrets)], &header);
        assert_eq!(matches!(identity, Identity::Session(_)), fits, "{secrets}");
    }
}

#[test]
fn what_no_server_wrote_names_nobody() {
    let signature = &RAW[RAW_SID.len() + 1..];
    // 43 characters hold 258 bits: the last two are not part of the signature, and must be zero all the same.
    let stray_bits = format!("{}p", &RAW[..RAW.len() - 1]);
    for (value, fault) in [
        (RAW[..RAW.len() - 1].to_owned(), BadCredential::Forged),
        (stray_bits, BadCredential::Forged),
        (format!("{RAW}="), BadCredential::Forged),
        (format!("{RAW} x"), BadCredential::Forged),
        (format!("{RAW_SID}."), BadCredential::Forged),
        (RAW_SID.to_owned(), BadCredential::Shape),
        (format!("X{RAW}"), BadCredential::Forged),
        (format!("{RAW_SID}.x.{signature}"), BadCredential::Forged),
        (format!(".{signature}"), BadCredential::Forged),
        (RAW.replace('+', "-").replace('/', "_"), BadCredential::Forged),
        (RAW.to_lowercase(), BadCredential::Forged),
        (String::new(), BadCredential::Shape),
        (".".to_owned(), BadCredential::Forged),
        ("s:".to_owned(), BadCredential::Shape),
        ("%00".to_owned(), BadCredential::Shape),
        ("x".repeat(8193), BadCredential::TooLong),
        // Decoded twice it would fit.
        (ENCODED.replace('%', "%25"), BadCredential::Forged),
    ] {
        let header = format!("sessionId={value}");
        assert_eq!(identity(&FASTIFY, &header), Identity::Bad(fault), "{value}");
    }
}

#[test]
fn stray_bits_differ_in_nothing_else() {
    use base64::Engine as _;
    use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
    let lenient = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
    );
    let signature = &RAW[RAW_SID.len() + 1..];
    let stray = format!("{}p", &signature[..signature.len() - 1]);
    assert_eq!(lenient.decode(signature), lenient.decode(stray));
}

#[test]
fn express_wants_its_prefix() {
    let bare = EXPRESS_COOKIE.trim_start_matches("s%3A");
    let header = format!("connect.sid={bare}");
    assert_eq!(identity(&EXPRESS, &header), Identity::Bad(BadCredential::Shape));
}

#[test]
fn plain_cookies_are_session_ids() {
    let plain = [("REALTIME_SESSION_FORMAT", "plain")];
    assert_eq!(named(&identity(&plain, "sessionId=a.b:c%2Fd")), "a.b:c/d");
    assert_eq!(identity(&plain, "sessionId="), Identity::Bad(BadCredential::SessionId));
    let long = format!("sessionId={}", "x".repeat(513));
    assert_eq!(identity(&plain, &long), Identity::Bad(BadCredential::SessionId));
}

#[test]
fn a_cookie_that_is_present_wins_even_when_bad() {
    let identifier = Identifier::new(&session_config(&FASTIFY)).unwrap();
    let good = Some(RAW);
    assert_eq!(identifier.identify(None, None), Identity::Nobody);
    assert_eq!(named(&identifier.identify(None, good)), RAW_SID);
    assert_eq!(named(&identifier.identify(None, Some(ENCODED))), ENCODED_SID);
    assert_eq!(identifier.identify(Some(""), good), Identity::Bad(BadCredential::Shape));
    assert_eq!(
        identifier.identify(Some("x.y"), good),
        Identity::Bad(BadCredential::Forged)
    );
    assert_eq!(named(&identifier.identify(good, Some("x.y"))), RAW_SID);
}

#[test]
fn a_connection_belongs_to_the_session_that_opened_it() {
    let one = identity(&FASTIFY, &format!("sessionId={RAW}"));
    let other = identity(&FASTIFY, &format!("sessionId={ENCODED}"));
    let bad = identity(&FASTIFY, "sessionId=x");
    for (request, opener, may) in [
        (&one, &one, true),
        (&other, &one, false),
        (&bad, &one, false),
        (&one, &bad, false),
        (&bad, &bad, true),
        (&Identity::Nobody, &one, true),
        (&one, &Identity::Nobody, true),
    ] {
        assert_eq!(request.may_use(opener), may, "{request:?} on {opener:?}");
    }
}

#[test]
fn clients_learn_no_reasons() {
    let bad = identity(&FASTIFY, "sessionId=x.y").session().unwrap_err();
    let nobody = Identity::Nobody.session().unwrap_err();
    for error in [bad, nobody, AuthError::NoSuchSession] {
        let told = shared_protocol::events::AckError::from(&error);
        assert_eq!((told.code, &*told.message), (ErrorCode::Unauthorized, "Unauthorized"));
    }
    assert_eq!(AuthError::NotForYou.code(), ErrorCode::Forbidden);
}

#[test]
fn no_debug_output_holds_a_session_id() {
    let shown = format!("{:?}", identity(&FASTIFY, &format!("sessionId={RAW}")));
    assert!(!shown.contains(RAW_SID), "{shown}");
}
