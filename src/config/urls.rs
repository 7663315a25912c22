//! URLs that may hold a password: they are shown without it.

use serde::{Deserialize, Serialize, Serializer};

/// The URL of a database.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(String);

/// The URL of a bus, or several with commas between them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BusUrl(String);

impl DatabaseUrl {
    const WANTED: &str = "write a URL such as postgres://eider@db.example/eider, or leave it out for a file in the data folder";

    fn fits(url: &str) -> bool {
        url.starts_with("postgres://") || url.starts_with("postgresql://")
    }

    fn masked(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        // A password may also be a parameter, which is why none of them is shown.
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        let Some((user, place)) = rest.rsplit_once('@') else {
            return format!("{scheme}://{rest}");
        };
        match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:***@{place}"),
            None => format!("{scheme}://{user}@{place}"),
        }
    }
}

impl BusUrl {
    const WANTED: &str =
        "write a URL such as nats://nats.example:4222, or tls://… for a connection over TLS";

    fn fits(url: &str) -> bool {
        url.split(',').all(|server| server.starts_with("nats://") || server.starts_with("tls://"))
    }

    fn masked(&self) -> String {
        let servers = self.0.split(',').map(|server| {
            let (scheme, rest) = server.split_once("://").unwrap_or(("nats", server));
            // A name alone may be a token.
            match rest.rsplit_once('@') {
                Some((_, place)) => format!("{scheme}://***@{place}"),
                None => format!("{scheme}://{rest}"),
            }
        });
        servers.collect::<Vec<_>>().join(",")
    }
}

macro_rules! secret_urls {
    ($($name:ident),*) => {$(
        impl $name {
            /// Returns the URL with its password.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(url: String) -> Result<Self, Self::Error> {
                if Self::fits(&url) { Ok(Self(url)) } else { Err(Self::WANTED) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;

            fn from_str(url: &str) -> Result<Self, Self::Err> {
                url.to_owned().try_into()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.masked())
            }
        }
    )*};
}

secret_urls!(DatabaseUrl, BusUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        let database = |url: &str| format!("{:?}", url.parse::<DatabaseUrl>().unwrap());
        let bus = |url: &str| format!("{:?}", url.parse::<BusUrl>().unwrap());
        let shown = [
            (database("postgres://li:p@ss@db/eider"), "postgres://li:***@db/eider"),
            (database("postgresql://db/eider?password=p"), "postgresql://db/eider"),
            (bus("nats://h:4222"), "nats://h:4222"),
            (bus("tls://token@h"), "tls://***@h"),
            (bus("nats://li:p@h:1,nats://wu:q@i"), "nats://***@h:1,nats://***@i"),
        ];
        for (shown, expected) in shown {
            assert_eq!(shown, expected);
        }
        assert!("http://h".parse::<BusUrl>().is_err());
        assert!("nats://h,http://i".parse::<BusUrl>().is_err());
        assert!("mysql://h".parse::<DatabaseUrl>().is_err());
    }
}
