//! Facts about data stores.

use crate::words::words;

words! {
    /// Engines of a store.
    StoreEngine {
        Postgres = "postgres", Mysql = "mysql", Sqlserver = "sqlserver", Oracle = "oracle", Sqlite = "sqlite",
        Redis = "redis", Valkey = "valkey", Memcached = "memcached", Mongodb = "mongodb",
        Elasticsearch = "elasticsearch", S3 = "s3", Other = "other",
    }
}

/// What a store is.
#[derive(Debug)]
pub struct StoreFacts {
    /// Whether it is reached over a network; else it is a file beside its only user.
    pub networked: bool,
    /// Whether clients can show it certificates of their own.
    pub mutual_tls: bool,
    /// Whether what it holds may be gone at any time.
    pub cache: bool,
}

impl StoreEngine {
    /// What it is.
    #[must_use]
    pub const fn facts(self) -> StoreFacts {
        let (networked, mutual_tls, cache) = match self {
            Self::Sqlite => (false, false, false),
            Self::Memcached => (true, true, true),
            Self::Redis | Self::Valkey => (true, true, true),
            Self::Sqlserver | Self::S3 | Self::Other => (true, false, false),
            Self::Postgres | Self::Mysql | Self::Oracle | Self::Mongodb | Self::Elasticsearch => {
                (true, true, false)
            }
        };
        StoreFacts {
            networked,
            mutual_tls,
            cache,
        }
    }
}
