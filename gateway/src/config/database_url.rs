//! `DATABASE_URL`: Postgres' own address, with what Prisma adds to it and what libpq means by `sslmode`.
//!
//! The driver knows `disable`, `prefer` and `require`, and leaves it to its caller what a certificate must prove. So the
//! address is split: a plain one for the driver, and [`PostgresTls`] for the connector.

use std::path::PathBuf;
use std::str::FromStr as _;

use percent_encoding::percent_decode_str;

/// What only Prisma understands: the API's own address should do.
const PRISMA_ONLY: [&str; 10] = [
    "schema",
    "connection_limit",
    "pool_timeout",
    "pgbouncer",
    "socket_timeout",
    "statement_cache_size",
    "sslcert",
    "sslidentity",
    "sslpassword",
    "sslaccept",
];

/// What the server's certificate must prove (libpq, "SSL Support", table of `sslmode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostgresTls {
    /// Nothing: the link may be encrypted, but to anybody (`allow`, `prefer`, `require`).
    #[default]
    Unproven,
    /// That a trusted authority issued it, to whomever (`verify-ca`; `require` with an `sslrootcert`).
    Authority,
    /// That a trusted authority issued it to the host in the address (`verify-full`).
    AuthorityAndHost,
}

/// An address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DatabaseUrl {
    /// What the driver is given; `sslmode` in the three words that it knows.
    pub(super) url: String,
    /// What the certificate must prove.
    pub(super) tls: PostgresTls,
    /// Where the trusted authorities are listed (PEM); none: the system's.
    pub(super) authorities: Option<PathBuf>,
}

impl DatabaseUrl {
    /// Takes an address apart. The fault is in words that repeat nothing of it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let sound = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
        if !sound {
            return Err("is no postgres:// address");
        }
        let (base, parameters) = text.split_once('?').unwrap_or((text, ""));
        let mut mode = None;
        let mut authorities = None;
        let mut kept = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("sslmode", value) => mode = Some(value),
                // libpq's word for the system's own authorities.
                ("sslrootcert", "system") => authorities = None,
                ("sslrootcert", path) => {
                    let path = percent_decode_str(path)
                        .decode_utf8()
                        .map_err(|_| "has an sslrootcert that is no path")?;
                    authorities = Some(PathBuf::from(path.as_ref()));
                }
                (name, _) if PRISMA_ONLY.contains(&name) => {}
                _ => kept.push(parameter),
            }
        }
        let (plain, tls) = match mode {
            None => (None, PostgresTls::Unproven),
            Some("disable") => (Some("sslmode=disable"), PostgresTls::Unproven),
            Some("allow" | "prefer") => (Some("sslmode=prefer"), PostgresTls::Unproven),
            Some("require") if authorities.is_none() => (Some("sslmode=require"), PostgresTls::Unproven),
            Some("require" | "verify-ca") => (Some("sslmode=require"), PostgresTls::Authority),
            Some("verify-full") => (Some("sslmode=require"), PostgresTls::AuthorityAndHost),
            Some(_) => {
                return Err("has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full");
            }
        };
        kept.extend(plain);
        let url = if kept.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", kept.join("&"))
        };
        if tokio_postgres::Config::from_str(&url).is_err() {
            // Its own words may repeat parts of the address.
            return Err("has a parameter or a part that the driver does not know");
        }
        Ok(Self { url, tls, authorities })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> String {
        DatabaseUrl::parse(text).unwrap().url
    }

    #[test]
    fn the_apis_own_address_is_understood() {
        assert_eq!(
            url("postgres://u:p@h/db?schema=public&sslmode=disable&connection_limit=5&keepalives=1"),
            "postgres://u:p@h/db?keepalives=1&sslmode=disable"
        );
        assert_eq!(url("postgres://h/db?schema=public"), "postgres://h/db");
        assert_eq!(url("postgresql://h/db"), "postgresql://h/db");
    }

    #[test]
    fn every_sslmode_of_libpq_is_understood() {
        use PostgresTls::{Authority, AuthorityAndHost, Unproven};
        for (parameters, plain, tls) in [
            ("sslmode=disable", "disable", Unproven),
            ("sslmode=allow", "prefer", Unproven),
            ("sslmode=prefer", "prefer", Unproven),
            ("sslmode=require", "require", Unproven),
            ("sslmode=require&sslrootcert=/ca.pem", "require", Authority),
            ("sslmode=verify-ca", "require", Authority),
            ("sslrootcert=/ca.pem&sslmode=verify-full", "require", AuthorityAndHost),
        ] {
            let parsed = DatabaseUrl::parse(&format!("postgres://h/db?{parameters}")).unwrap();
            assert_eq!(parsed.url, format!("postgres://h/db?sslmode={plain}"), "{parameters}");
            assert_eq!(parsed.tls, tls, "{parameters}");
            let named = parameters.contains("/ca.pem").then(|| PathBuf::from("/ca.pem"));
            assert_eq!(parsed.authorities, named, "{parameters}");
        }
        let escaped = DatabaseUrl::parse("postgres://h/db?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca%20s.pem").unwrap();
        assert_eq!(escaped.authorities, Some(PathBuf::from("/etc/ca s.pem")));
        let system = DatabaseUrl::parse("postgres://h/db?sslmode=verify-full&sslrootcert=system").unwrap();
        assert_eq!(system.authorities, None);
    }

    #[test]
    fn what_is_no_address_is_told_without_repeating_it() {
        for wrong in ["mysql://u:secret@h/db", "postgres://", "postgres://h/d b"] {
            assert_eq!(DatabaseUrl::parse(wrong), Err("is no postgres:// address"));
        }
        for unknown in [
            "sslmode=verify_full",
            "application_nam=x",
            "connect_timeout=soon",
            "foo=bar",
        ] {
            assert!(
                DatabaseUrl::parse(&format!("postgres://h/db?{unknown}")).is_err(),
                "{unknown}"
            );
        }
    }
}
