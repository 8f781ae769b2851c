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
    /// The port that it listens on unless told otherwise; 0 where it is not reached over a network.
    pub port: u16,
    /// How one is run in a container for development; `None`: its makers offer no image to run as it is.
    pub container: Option<&'static Container>,
    /// Whether it also passes messages on, as Redis does by Pub/Sub.
    pub broadcasts: bool,
    /// Whether it holds files, each user's apart, rather than tables that users would have to agree on.
    pub files: bool,
}

/// A container image for development.
#[derive(Debug)]
pub struct Container {
    /// The image with its major version.
    pub image: &'static str,
    /// The folder in it whose content has to be kept; empty: nothing has.
    pub data: &'static str,
    /// The variable that takes the administrator's password; empty: it asks for none.
    pub password: &'static str,
    /// Further variables.
    pub settings: &'static [(&'static str, &'static str)],
    /// Arguments; empty: the image's own.
    pub command: &'static [&'static str],
}

const POSTGRES: Container = Container {
    image: "postgres:17",
    data: "/var/lib/postgresql/data",
    password: "POSTGRES_PASSWORD",
    settings: &[],
    command: &[],
};
const MYSQL: Container = Container {
    image: "mysql:8.4",
    data: "/var/lib/mysql",
    password: "MYSQL_ROOT_PASSWORD",
    settings: &[],
    command: &[],
};
const SQLSERVER: Container = Container {
    image: "mcr.microsoft.com/mssql/server:2022-latest",
    data: "/var/opt/mssql",
    password: "MSSQL_SA_PASSWORD",
    settings: &[("ACCEPT_EULA", "Y")],
    command: &[],
};
const ORACLE: Container = Container {
    image: "gvenzl/oracle-free:23-slim",
    data: "/opt/oracle/oradata",
    password: "ORACLE_PASSWORD",
    settings: &[],
    command: &[],
};
const REDIS: Container = Container {
    image: "redis:8",
    data: "/data",
    password: "",
    settings: &[],
    command: &["--appendonly", "yes"],
};
const VALKEY: Container = Container {
    image: "valkey/valkey:8",
    data: "/data",
    password: "",
    settings: &[],
    command: &["--appendonly", "yes"],
};
const MEMCACHED: Container = Container {
    image: "memcached:1.6",
    data: "",
    password: "",
    settings: &[],
    command: &[],
};
const MONGODB: Container = Container {
    image: "mongo:8",
    data: "/data/db",
    password: "MONGO_INITDB_ROOT_PASSWORD",
    settings: &[("MONGO_INITDB_ROOT_USERNAME", "root")],
    command: &[],
};
const ELASTICSEARCH: Container = Container {
    image: "elasticsearch:9.1.0",
    data: "/usr/share/elasticsearch/data",
    password: "ELASTIC_PASSWORD",
    settings: &[("discovery.type", "single-node")],
    command: &[],
};
const S3: Container = Container {
    image: "minio/minio:latest",
    data: "/data",
    password: "MINIO_ROOT_PASSWORD",
    settings: &[],
    command: &["server", "/data"],
};

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
        let (port, container) = match self {
            Self::Postgres => (5432, Some(&POSTGRES)),
            Self::Mysql => (3306, Some(&MYSQL)),
            Self::Sqlserver => (1433, Some(&SQLSERVER)),
            Self::Oracle => (1521, Some(&ORACLE)),
            Self::Sqlite => (0, None),
            Self::Redis => (6379, Some(&REDIS)),
            Self::Valkey => (6379, Some(&VALKEY)),
            Self::Memcached => (11211, Some(&MEMCACHED)),
            Self::Mongodb => (27017, Some(&MONGODB)),
            Self::Elasticsearch => (9200, Some(&ELASTICSEARCH)),
            Self::S3 => (9000, Some(&S3)),
            Self::Other => (443, None),
        };
        StoreFacts {
            networked,
            mutual_tls,
            cache,
            port,
            container,
            broadcasts: matches!(self, Self::Redis | Self::Valkey),
            files: matches!(self, Self::S3),
        }
    }
}
