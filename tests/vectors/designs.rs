//! Six good designs, after the patterns of the article's section 7, and what can be wrong with them.

/// Who the users are, in all of them.
macro_rules! design {
    ($text:literal) => {
        concat!(
            "roles { customer }\nauth mesh : mtls\n",
            "auth staff : jwt { issuer = \"https://id.shop.example\", audience = \"shop\", algorithms = [ES256], roles = realm.roles }\n",
            $text
        )
    };
}

/// The designs by name.
pub const GOOD: [(&str, &str); 6] = [
    (
        "7.1 a REST gateway before gRPC services",
        design!(
            r"
client web : browser
service gw : gateway { replicas = 3
  api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), authorizes = object
    command place(Order) -> Order via ord.Orders.place { idempotent = key }
  }
}
service ord { replicas = 2
  api Orders { auth = [mesh, staff], allow = [customer]
    command place(Order) -> Order { idempotent = key, calls = [odb, pay.Payments.charge] }
  }
}
service pay { replicas = 2
  api Payments { auth = [mesh, staff], allow = [customer]
    command charge(Order) -> Order { idempotent = key, calls = [pdb] }
  }
}
store odb : postgres { data = confidential, replicas = 3 }
store pdb : postgres { data = restricted, replicas = 3 }
web -> gw  : rest { timeout = 10s }
gw  -> ord : grpc { identity = exchange, timeout = 3s }
ord -> pay : grpc { identity = forward, timeout = 1s, retry = exponential(attempts = 2, base = 50ms) }
ord -> odb { timeout = 1s }
pay -> pdb { timeout = 500ms }
type Order { id: uuid }
"
        ),
    ),
    (
        "7.2 REST and events",
        design!(
            r"
client app : mobile
service shop { replicas = 2
  api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
    command place(Order) -> Order { idempotent = key, calls = [db, bus.orders] }
  }
}
store db : postgres { data = confidential, replicas = 2 }
broker bus : kafka { replicas = 3
  topic orders : Order { key = id, partitions = 12, attempts = 5, dlq = dead }
  topic dead : Order
}
service an { replicas = 4 }
store wh : postgres { replicas = 2 }
app -> shop : rest { timeout = 5s }
shop -> db { timeout = 1s }
shop -> bus.orders { outbox = true }
bus.orders -> an { idempotent = by(id, window = 7d), ack_timeout = 5m, calls = [wh] }
an -> wh { timeout = 5s }
type Order { id: uuid }
"
        ),
    ),
    (
        "7.3 WebSockets over a broadcast channel",
        design!(
            r"
client b : browser
service rt { replicas = 3
  api Chat { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), max_connections = 1000
    command talk(stream Said) -> stream Said { calls = [live.rooms] }
  }
}
broker live : redis { replicas = 2
  channel rooms : Said
}
b -> rt : websocket
rt -> live.rooms { optional = true }
live.rooms -> rt { calls = [] }
type Said { id: uuid }
"
        ),
    ),
    (
        "7.4 queues with resilience",
        design!(
            r"
client c : mobile
service shop { replicas = 2
  api Shop { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
    command order(Mail) { idempotent = key, calls = [jobs.mails] }
  }
}
broker jobs : rabbitmq { replicas = 3
  queue mails : Mail { attempts = 5, dlq = dead, ack_timeout = 2m }
  queue dead : Mail
}
service w { replicas = 4, sequential = true }
external post { api Post { command send(Mail) { idempotent = key } } }
store db : postgres { replicas = 2 }
c -> shop : rest { timeout = 5s }
shop -> jobs.mails
jobs.mails -> w { idempotent = by(id, window = 24h), calls = [post.Post.send, db] }
w -> post : rest { timeout = 5s, retry = exponential(attempts = 2, base = 500ms) }
w -> db { timeout = 2s }
type Mail { id: uuid }
"
        ),
    ),
    (
        "7.5 a gateway and a GraphQL BFF",
        design!(
            r"
client spa : browser
service gw : gateway { replicas = 3
  api Graph { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user)
    query me(id: uuid) -> Me via bff.Bff.me
  }
}
service bff : bff { replicas = 2, sequential = false
  api Bff { auth = [mesh, staff], allow = [customer]
    query me(id: uuid) -> Me { calls = [u.Users.find, o.Orders.list] }
  }
}
service u { replicas = 2
  api Users { auth = [mesh, staff], allow = [customer]
    query find(id: uuid) -> Me { calls = [udb] }
  }
}
service o { replicas = 2
  api Orders { auth = [mesh, staff], allow = [customer]
    query list(id: uuid) -> Me { calls = [] }
  }
}
store udb : postgres { data = confidential, replicas = 2 }
spa -> gw  : graphql { timeout = 8s }
gw  -> bff : graphql { identity = forward, timeout = 5s }
bff -> u   : grpc { identity = exchange, timeout = 2s, retry = exponential(attempts = 2, base = 50ms) }
bff -> o   : grpc { identity = exchange, timeout = 2s }
u   -> udb { timeout = 1s }
type Me { id: uuid }
"
        ),
    ),
    (
        "7.6 streams and live updates",
        design!(
            r"
client b : browser
client iot : device
service ing { replicas = 3
  api Ingest { auth = mesh, rate_limit = limit(50/s, per = ip)
    event measured(Reading) { idempotent = by(id), calls = [bus.readings] }
  }
}
broker bus : kafka { replicas = 3
  topic readings : Reading { key = device, partitions = 24, attempts = 3, dlq = dead }
  topic dead : Reading
}
service agg { replicas = 3 }
store wh : postgres { replicas = 2 }
broker live : redis { replicas = 2
  channel ticks : Reading
}
service push { replicas = 4
  api Push { auth = staff, allow = [customer], rate_limit = limit(50/s, per = user), max_connections = 1000
    query ticks() -> stream Reading
  }
}
iot -> ing : grpc { timeout = 5s, tls = mutual }
ing -> bus.readings
bus.readings -> agg { idempotent = by(id, window = 24h), ack_timeout = 5m, calls = [wh, live.ticks] }
agg -> wh { timeout = 5s }
agg -> live.ticks { optional = true }
live.ticks -> push { calls = [] }
b -> push : sse
type Reading { id: uuid, device: string }
"
        ),
    ),
];

/// A design made worse.
pub struct Flaw {
    pub name: &'static str,
    /// Which of the designs.
    pub design: usize,
    /// What is written instead of what.
    pub edits: &'static [(&'static str, &'static str)],
    /// The rules that find it, and no others of the vectors.
    pub raises: &'static [&'static str],
}

pub const FLAWS: &[Flaw] = &[
    // Deadlines travel, so that it is the attempts that can never fit.
    Flaw {
        name: "attempts_that_never_fit",
        design: 0,
        edits: &[("timeout = 1s, retry", "timeout = 4s, retry")],
        raises: &["TMO002"],
    },
    Flaw {
        name: "a_user_whom_nobody_asked_for",
        design: 0,
        edits: &[(
            "auth = staff, allow = [customer], rate_limit",
            "public = true, rate_limit",
        )],
        raises: &["AUZ003"],
    },
    Flaw {
        name: "only_certificates",
        design: 0,
        edits: &[
            (
                "auth = staff, allow = [customer], rate_limit",
                "public = true, rate_limit",
            ),
            ("identity = exchange", "identity = none"),
            ("identity = forward", "identity = none"),
        ],
        raises: &["AUN002"],
    },
    Flaw {
        name: "the_user_stays_behind",
        design: 0,
        edits: &[("identity = forward", "identity = none")],
        raises: &["AUZ003"],
    },
    Flaw {
        name: "retries_at_every_layer",
        design: 0,
        edits: &[
            ("timeout = 10s", "timeout = 1m"),
            (
                "timeout = 3s",
                "timeout = 100ms, retry = exponential(attempts = 4, base = 10ms)",
            ),
            (
                "timeout = 1s, retry = exponential(attempts = 2, base = 50ms)",
                "timeout = 100ms, retry = exponential(attempts = 4, base = 10ms)",
            ),
            (
                "timeout = 500ms",
                "timeout = 100ms, retry = exponential(attempts = 4, base = 10ms)",
            ),
        ],
        raises: &["RTY005", "TMO002"],
    },
    Flaw {
        name: "no_outbox",
        design: 1,
        edits: &[(" { outbox = true }", "")],
        raises: &["RES003"],
    },
    Flaw {
        name: "no_memory_of_what_was_handled",
        design: 1,
        edits: &[("idempotent = by(id, window = 7d), ", "")],
        raises: &["RES002"],
    },
    Flaw {
        name: "instances_share_the_messages",
        design: 2,
        edits: &[
            ("broker live : redis", "broker live : kafka"),
            ("channel rooms", "topic rooms"),
        ],
        raises: &["PRT005"],
    },
    Flaw {
        name: "too_little_time_for_a_message",
        design: 3,
        edits: &[("ack_timeout = 2m", "ack_timeout = 10s")],
        raises: &["TMO005"],
    },
    Flaw {
        name: "redelivery_times_retries",
        design: 3,
        edits: &[("attempts = 2, base", "attempts = 5, base")],
        raises: &["RTY005"],
    },
    Flaw {
        name: "one_database",
        design: 4,
        edits: &[(
            "data = confidential, replicas = 2",
            "data = confidential, replicas = 1",
        )],
        raises: &["TOP003"],
    },
    Flaw {
        name: "readings_come_back",
        design: 5,
        edits: &[(
            "live.ticks -> push { calls = [] }",
            "live.ticks -> push { calls = [bus.readings] }\npush -> bus.readings",
        )],
        raises: &["TOP004"],
    },
];
