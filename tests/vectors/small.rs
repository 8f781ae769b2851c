//! Vectors of single rules.

/// A drawing, what it raises from warnings on, and what the report tells.
pub struct Vector {
    pub name: &'static str,
    pub drawing: &'static str,
    pub raises: &'static [&'static str],
    pub tells: &'static [&'static str],
}

/// `name: raises [codes] tells [texts] "drawing"`
macro_rules! vectors {
    ($($name:literal raises [$($raises:literal),*] tells [$($tells:literal),*] $drawing:expr;)*) => {
        &[$(Vector { name: $name, drawing: $drawing, raises: &[$($raises),*], tells: &[$($tells),*] }),*]
    };
}

macro_rules! mesh {
    ($($text:literal)*) => {
        concat!("system v { existing = true }\ntype Note { id: uuid }\n", $($text),*)
    };
}

/// Who the users are, in drawings with authentication.
macro_rules! users {
    ($($text:literal)*) => {
        concat!(
            "roles { customer }\nauth mesh : mtls\n",
            "auth staff : jwt { issuer = \"https://id.shop.example\", audience = \"shop\", algorithms = [ES256], roles = realm.roles }\n",
            $($text),*
        )
    };
}

pub const VECTORS: &[Vector] = vectors! {
    // ---- retry amplification: undeclared, so a warning
    "four_to_the_third" raises ["RTY005 warning"] tells ["64 attempts"] mesh!(
        "client js : browser\nservice fe\nservice be\nstore db : postgres\n"
        "js -> fe : rest { retry = exponential(attempts = 4) }\n"
        "fe -> be : rest { retry = exponential(attempts = 4) }\n"
        "be -> db { retry = exponential(attempts = 4) }\n");
    "three_to_the_fifth" raises ["RTY005 warning"] tells ["243 attempts", "3 x 3 x 3 x 3 x 3 = 243"] mesh!(
        "client c : browser\nservice s1\nservice s2\nservice s3\nservice s4\nstore db : postgres\n"
        "c -> s1 : rest { retry = exponential(attempts = 3) }\ns1 -> s2 : rest { retry = exponential(attempts = 3) }\n"
        "s2 -> s3 : rest { retry = exponential(attempts = 3) }\ns3 -> s4 : rest { retry = exponential(attempts = 3) }\n"
        "s4 -> db { retry = exponential(attempts = 3) }\n");
    "retry_at_a_single_point" raises [] tells [] mesh!(
        "client c : browser\nservice s1\nservice s2\nservice s3\nservice s4\nstore db : postgres\n"
        "c -> s1 : rest\ns1 -> s2 : rest\ns2 -> s3 : rest\ns3 -> s4 : rest\n"
        "s4 -> db { retry = exponential(attempts = 3) }\n");
    "retry_with_budgets" raises [] tells [] mesh!(
        "client c : browser\nservice s1\nservice s2\nservice s3\nservice s4\nstore db : postgres\n"
        "policy again { retry = exponential(attempts = 3, budget = 10%) }\n"
        "c -> s1 : rest with again\ns1 -> s2 : rest with again\ns2 -> s3 : rest with again\ns3 -> s4 : rest with again\n"
        "s4 -> db with again\n");
    "diamond_takes_the_longer_way" raises ["RTY005 warning"] tells ["18 attempts"] mesh!(
        "client c : browser\nservice a\nservice b\nservice d\n"
        "c -> a : rest { retry = exponential(attempts = 2) }\na -> b : rest { retry = exponential(attempts = 3) }\n"
        "a -> d : rest\nb -> d : rest { retry = exponential(attempts = 3) }\n");
    "redelivery_counts_and_publishing_ends" raises ["RTY005 warning", "RES002 warning"] tells ["15 attempts", "5 x 3 = 15"] mesh!(
        "client c : browser\nservice api\nservice w\nexternal pay {\n  api Pay { command charge(id: uuid) }\n}\n"
        "broker mq : rabbitmq { queue q : Note { attempts = 5 } }\n"
        "c -> api : rest { retry = exponential(attempts = 3) }\napi -> mq.q\nmq.q -> w\n"
        "w -> pay : rest { retry = exponential(attempts = 3) }\n");
    "fallback_swallows_the_failure" raises [] tells [] mesh!(
        "client c : browser\nservice a\nservice r { api R { public = true\n  query q() -> string\n} }\n"
        "c -> a : rest { retry = exponential(attempts = 4) }\n"
        "a -> r : rest { retry = exponential(attempts = 4), fallback = cached(30s) }\n");

    // ---- timeouts
    "ten_seconds_over_twenty" raises ["TMO002 error"] tells ["20s >= 10s"] mesh!(
        "client c : browser\nservice a { api A { public = true\n  query q() -> string via b.B.q\n} }\n"
        "service b { api B { public = true\n  query q() -> string via d.D.q\n} }\n"
        "service d { api D { public = true\n  query q() -> string\n} }\n"
        "c -> a : rest { timeout = 30s }\na -> b : grpc { timeout = 10s }\nb -> d : grpc { timeout = 20s }\n");
    // Of what is generated deadlines travel always.
    "deadlines_that_travel" raises [] tells [] concat!(
        "client c : browser\nservice a { api A { public = true\n  query q() -> string via b.B.q\n} }\n"
        , "service b { api B { public = true\n  query q() -> string via d.D.q\n} }\n"
        , "service d { api D { public = true\n  query q() -> string\n} }\n"
        , "c -> a : rest { timeout = 30s }\na -> b : grpc { timeout = 10s }\nb -> d : grpc { timeout = 20s }\n");
    "retries_outlive_the_caller" raises ["TMO002 error"] tells ["3 x 600ms + 100ms + 200ms = 2.1s >= 2s"] mesh!(
        "client c : browser\nservice a { api A { public = true\n  query q() -> string via b.B.q\n} }\n"
        "service b { api B { public = true\n  query q() -> string\n} }\n"
        "c -> a : rest { timeout = 2s }\na -> b : rest { timeout = 600ms, retry = exponential(attempts = 3, base = 100ms) }\n");
    "an_overall_deadline_holds" raises [] tells [] mesh!(
        "client c : browser\nservice a { api A { public = true\n  query q() -> string via b.B.q\n} }\n"
        "service b { api B { public = true\n  query q() -> string\n} }\n"
        "c -> a : rest { timeout = 2s }\n"
        "a -> b : rest { timeout = 600ms, deadline = 1500ms, retry = exponential(attempts = 3, base = 100ms) }\n");
    "delivered_again_while_at_work" raises ["TMO005 error"] tells ["33s", ">= 30s"] mesh!(
        "service p\nservice w\nexternal x\nbroker mq : sqs { queue q : Note { ack_timeout = 30s, attempts = 1 } }\n"
        "p -> mq.q\nmq.q -> w { calls = [x] }\n"
        "w -> x : rest { timeout = 10s, retry = exponential(attempts = 3, base = 1s) }\n");

    // ---- cycles
    "waiting_in_a_ring" raises ["TOP001 error"] tells ["a -> b -> a"] mesh!(
        "service a\nservice b\na -> b : rest\nb -> a : rest\n");
    "a_ring_that_no_request_takes" raises ["TOP001 warning"] tells ["no request goes round"] mesh!(
        "client c : browser\nservice a { api A { public = true\n  query ask() -> string { calls = [b.B.ask] }\n  query other() -> string { calls = [] }\n} }\n"
        "service b { api B { public = true\n  query ask() -> string { calls = [] }\n  query back() -> string { calls = [a.A.other] }\n} }\n"
        "c -> a : rest\na -> b : rest\nb -> a : rest\n");
    "a_provider_is_called_and_calls" raises [] tells [] mesh!(
        "service shop { api Hooks { event paid(Paid) { idempotent = by(id) } } }\n"
        "external stripe { api Charges { command charge(Paid) { idempotent = key } } }\nstore db : postgres\ntype Paid { id: uuid }\n"
        "shop -> stripe : rest\nstripe -> shop : webhook { signature = stripe(secret = env(\"S\")) }\nshop -> db\n");
    "two_systems_tell_each_other" raises ["WHK007 error"] tells ["a -> b -> a"] mesh!(
        "external a { api A { event changed(Note) { calls = [b.B.changed] } } }\n"
        "service b { api B { event changed(Note) { idempotent = by(id), calls = [a.A.changed] } } }\n"
        "a -> b : webhook { signature = standard(secret = env(\"A\")) }\nb -> a : webhook { signature = standard(secret = env(\"B\")) }\n");
    "request_and_reply_assumed" raises ["TOP004 warning"] tells ["assumed"] mesh!(
        "service a\nservice b\nbroker bus : kafka { topic req : Note { idempotent = true }, topic rep : Note { idempotent = true } }\n"
        "a -> bus.req\nbus.req -> b\nb -> bus.rep\nbus.rep -> a\n");
    "request_and_reply_declared" raises [] tells [] mesh!(
        "service a\nservice b\nbroker bus : kafka { topic req : Note { idempotent = true }, topic rep : Note { idempotent = true } }\n"
        "a -> bus.req\nbus.req -> b { calls = [bus.rep] }\nb -> bus.rep\nbus.rep -> a { calls = [] }\n");
    "events_circulate" raises ["TOP004 error"] tells ["a -> bus.req -> b -> bus.rep -> a"] mesh!(
        "service a\nservice b\nbroker bus : kafka { topic req : Note { idempotent = true }, topic rep : Note { idempotent = true } }\n"
        "a -> bus.req\nbus.req -> b { calls = [bus.rep] }\nb -> bus.rep\nbus.rep -> a { calls = [bus.req] }\n");
    "dead_letters_come_back" raises ["DLQ004 warning"] tells ["`mq.q`"] mesh!(
        "service p\nservice w\nservice rd\nbroker mq : rabbitmq { queue q : Note { dlq = dead, idempotent = true }, queue dead : Note { idempotent = true } }\n"
        "p -> mq.q\nmq.q -> w\nmq.dead -> rd\nrd -> mq.q\n");
    "dead_letters_come_back_thrice" raises [] tells [] mesh!(
        "service p\nservice w\nservice rd\nbroker mq : rabbitmq { queue q : Note { dlq = dead, idempotent = true }, queue dead : Note { idempotent = true } }\n"
        "p -> mq.q\nmq.q -> w\nmq.dead -> rd\nrd -> mq.q { terminates = \"three redrives at most\" }\n");

    // ---- who is it for
    "certificates_inside_do_not_help" raises ["AUN002 error"] tells ["web -> gw.Gw.find -> s.S.find -> users"] users!(
        "client web : browser\nservice gw { api Gw { public = true\n  query find(id: uuid) -> string via s.S.find\n} }\n"
        "service s { api S { auth = mesh\n  query find(id: uuid) -> string { calls = [users] }\n} }\n"
        "store users : postgres { data = confidential }\nweb -> gw : rest\ngw -> s : grpc\ns -> users\n");
    // A user is known at `gw` now, who has to travel along or be judged there: AUZ003's vectors.
    "authenticated_at_the_entry" raises [] tells [] users!(
        "client web : browser\nservice gw { api Gw { auth = staff, allow = [customer], authorizes = object\n  query find(id: uuid) -> string via s.S.find\n} }\n"
        "service s { api S { auth = mesh\n  query find(id: uuid) -> string { calls = [users] }\n} }\n"
        "store users : postgres { data = confidential }\nweb -> gw : rest\ngw -> s : grpc\ns -> users\n");
    "a_login_reads_what_it_compares_with" raises [] tells [] users!(
        "client web : browser\nservice gw { api Gw { public = true\n  query find(id: uuid) -> string via s.S.find { purpose = login }\n} }\n"
        "service s { api S { auth = mesh\n  query find(id: uuid) -> string { calls = [users] }\n} }\n"
        "store users : postgres { data = confidential }\nweb -> gw : rest\ngw -> s : grpc\ns -> users\n");
    "public_and_private_kept_apart" raises [] tells [] users!(
        "client web : browser\nservice s { api S {\n  query titles() -> string { public = true, calls = [items] }\n"
        "  query profile() -> string { auth = staff, allow = [customer], calls = [users] }\n} }\n"
        "store items : postgres { data = public }\nstore users : postgres { data = confidential }\n"
        "web -> s : rest\ns -> items\ns -> users\n");
    "a_deputy_without_the_user" raises ["AUZ003 warning"] tells ["by its own authority"] users!(
        "client web : browser\nservice o { api O { auth = staff, allow = [customer]\n  query q(id: uuid) -> string { calls = [pay.P.find] }\n} }\n"
        "service pay { api P { auth = mesh\n  query find(id: uuid) -> string { calls = [db] }\n} }\n"
        "store db : postgres { data = confidential }\nweb -> o : rest\no -> pay : grpc\npay -> db\n");
    "a_deputy_with_an_exchanged_token" raises [] tells [] users!(
        "client web : browser\nservice o { api O { auth = staff, allow = [customer]\n  query q(id: uuid) -> string { calls = [pay.P.find] }\n} }\n"
        "service pay { api P { auth = [mesh, staff], allow = [customer]\n  query find(id: uuid) -> string { calls = [db] }\n} }\n"
        "store db : postgres { data = confidential }\nweb -> o : rest\no -> pay : grpc { identity = exchange }\npay -> db\n");

    // ---- messages that come twice, and writes in two places
    "twice_through_another_service" raises ["RES002 error"] tells ["mq.q -> w -> x.X.add -> db"] mesh!(
        "service p\nservice w\nservice x { api X { public = true\n  query add() -> string { calls = [db.write] }\n} }\nstore db : postgres\n"
        "broker mq : rabbitmq { queue q : Note }\np -> mq.q\nmq.q -> w { calls = [x.X.add] }\nw -> x : rest\nx -> db\n");
    // That a store is only overwritten is said by the consumer, not by the edge to the store.
    "twice_and_only_overwritten" raises [] tells [] mesh!(
        "service p\nservice w\nservice x { api X { public = true\n  query add() -> string { calls = [db.write] }\n} }\nstore db : postgres\n"
        "broker mq : rabbitmq { queue q : Note }\np -> mq.q\nmq.q -> w { calls = [x.X.add], idempotent = true }\nw -> x : rest\nx -> db\n");
    "two_writes_assumed" raises ["RES003 warning"] tells ["may change"] mesh!(
        "client c : browser\nservice o\nstore db : postgres\nbroker bus : kafka\nservice r\n"
        "c -> o : rest\no -> db\no -> bus.placed -> r\n");
    "two_writes_declared" raises ["RES003 error"] tells ["in two steps"] mesh!(
        "client c : browser\nservice o { api O { public = true\n  command place(id: uuid) { calls = [db, bus.placed] }\n} }\n"
        "store db : postgres\nbroker bus : kafka\nservice r\nc -> o : rest\no -> db\no -> bus.placed -> r\n");
    "two_writes_with_an_outbox" raises [] tells [] mesh!(
        "client c : browser\nservice o { api O { public = true\n  command place(id: uuid) { calls = [db, bus.placed] }\n} }\n"
        "store db : postgres\nbroker bus : kafka\nservice r\nc -> o : rest\no -> db\no -> bus.placed { outbox = true }\nbus.placed -> r\n");

    // ---- live connections over several instances
    "nothing_tells_the_instances" raises ["PRT004 error"] tells [] users!(
        "client b : browser\nservice rt { replicas = 3\n  api Chat { auth = staff, allow = [customer]\n    command talk(stream Said) -> stream Said\n  }\n}\n"
        "b -> rt : websocket\ntype Said { text: string }\n");
    "one_instance_is_told" raises ["PRT005 error"] tells ["one of 3 instances"] users!(
        "client b : browser\nservice p\nservice rt { replicas = 3\n  api Chat { auth = staff, allow = [customer]\n    command talk(stream Said) -> stream Said\n  }\n}\n"
        "broker k : kafka { topic rooms : Said }\np -> k.rooms\nk.rooms -> rt\nb -> rt : websocket\ntype Said { text: string }\n");
    "every_instance_is_told" raises [] tells [] users!(
        "client b : browser\nservice p\nservice rt { replicas = 3\n  api Chat { auth = staff, allow = [customer]\n    command talk(stream Said) -> stream Said\n  }\n}\n"
        "broker k : redis { channel rooms : Said }\np -> k.rooms\nk.rooms -> rt\nb -> rt : websocket\ntype Said { text: string }\n");

    // ---- what stops with what: a leaf does, what is optional does not
    "a_leaf_stops_all" raises ["TOP003 warning"] tells ["`db` is a single instance", "each needs the next: c -> gw -> o -> db"] mesh!(
        "client c : browser\nservice gw { replicas = 3 }\nservice o { replicas = 2 }\nservice rec { replicas = 1 }\nstore db : postgres { replicas = 1 }\n"
        "c -> gw : rest\ngw -> o : rest\ngw -> rec : rest { optional = true }\no -> db\n");
};
