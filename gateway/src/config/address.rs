//! Addresses with a password inside, and origins.

/// The address with `***` where a password stands, be it before the host or among the parameters.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // Whatever this is, it may hold a password where we do not expect it.
        return "[unreadable]".to_owned();
    };
    // The last `@` before the path: a password that was not encoded may hold others, and `/?#` too.
    let (authority, host_on) = match rest.rfind('@') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => ("", rest),
    };
    let credentials = match authority.split_once(':') {
        Some((user, _)) => format!("{user}:***"),
        // `redis://password@host`, the colon forgotten: Redis knows no user without a password.
        None if scheme.starts_with("redis") && !authority.is_empty() => "***".to_owned(),
        None => authority.to_owned(),
    };
    let (address, parameters) = match host_on.split_once('?') {
        Some((address, parameters)) => (address, Some(parameters)),
        None => (host_on, None),
    };
    let mut shown = format!("{scheme}://{credentials}{address}");
    if let Some(parameters) = parameters {
        shown.push('?');
        let hidden: Vec<String> = parameters
            .split('&')
            .map(|parameter| match parameter.split_once('=') {
                Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=***"),
                _ => parameter.to_owned(),
            })
            .collect();
        shown.push_str(&hidden.join("&"));
    }
    shown
}

/// `scheme://host[:port]` as a browser writes it: lower case, the scheme's own port left out.
pub(super) fn origin(text: &str) -> Result<String, &'static str> {
    const SHAPE: &str = "is no exact origin (scheme://host, or scheme://host:port)";
    if text == "*" || text.eq_ignore_ascii_case("null") {
        return Err("is refused: name each origin");
    }
    let lower = text.to_ascii_lowercase();
    let (scheme, authority) = lower.split_once("://").ok_or(SHAPE)?;
    let scheme_sound = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let (host, port) = host_and_port(authority).ok_or(SHAPE)?;
    if !scheme_sound {
        return Err(SHAPE);
    }
    Ok(match (scheme, port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => format!("{scheme}://{host}"),
        (_, Some(port)) => format!("{scheme}://{host}:{port}"),
    })
}

/// Splits `host[:port]`; a host is a name, an IPv4 address or a bracketed IPv6 address.
pub(super) fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host_sound = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    let port = match port {
        None => None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0)?)
        }
        Some(_) => return None,
    };
    host_sound.then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        for (url, shown) in [
            ("redis://h:1", "redis://h:1"),
            ("redis://:pw@h:1/0", "redis://:***@h:1/0"),
            (
                "postgres://me:p@ss/w?d@h/db?sslmode=require",
                "postgres://me:***@h/db?sslmode=require",
            ),
            (
                "postgres://h/db?user=me&password=pw",
                "postgres://h/db?user=me&password=***",
            ),
            ("postgres://me@h/db", "postgres://me@h/db"),
            ("hunter2", "[unreadable]"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn origins_are_exact() {
        for (text, origin_text) in [
            ("https://App.Example.com", "https://app.example.com"),
            ("https://a.b:443", "https://a.b"),
            ("http://a.b:443", "http://a.b:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(origin_text));
        }
        for text in [
            "*",
            "null",
            "NULL",
            "https://*.example.com",
            "app.example.com",
            "https://a.b/",
            "https://a.b/x",
            "https://u@a.b",
            "https://",
            "https://a b",
            "https://a.b:",
            "https://a.b:x",
            "https://a.b:0",
            "https://a.b:70000",
            "https://ä.example",
            "https://[::1",
            "https://a.b?x",
            "://a.b",
            "1s://a.b",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}
