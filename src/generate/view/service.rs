//! Views of a service's crate.

use crate::generate::render::{Code, Rust, Toml, views};

views! {
    /// The manifest; the booleans say which crates its messages and clients need.
    Manifest (Toml "service/Cargo.toml.j2") {
        package: Code<Toml>,
        contracts: Code<Toml>,
        platform: Code<Toml>,
        http: bool,
        jiff: bool,
        decimal: bool,
        json: bool,
        /// Whether an operation that it serves or calls has a stream.
        streams: bool,
        uuid: bool,
    }

    /// The process.
    Main (Rust "service/src/main.rs.j2") {
        service: Code<Rust>,
        krate: Code<Rust>,
    }

    /// The crate's root.
    Root (Rust "service/src/lib.rs.j2") {
        docs: Vec<Code<Rust>>,
    }

    /// The state that handlers share.
    App (Rust "service/src/app.rs.j2") {
        service: Code<Rust>,
    }

    /// The handlers of one api, before their owner writes them.
    Handlers (Rust "service/src/handlers/api.rs.j2") {
        api: Code<Rust>,
        module: Code<Rust>,
        name: Code<Rust>,
        written: bool,
        operations: Vec<Operation>,
    }

    /// Where a service runs.
    Config (Toml "service/config/default.toml.j2") {
        service: Code<Toml>,
        /// Whether browsers log in.
        sessions: bool,
        listeners: Vec<Address>,
        tls: bool,
        issuers: Vec<Issuer>,
        targets: Vec<Target>,
        stores: Vec<StoreAddress>,
        /// Whether the drawing names secrets.
        secret: bool,
        secrets: Vec<Secret>,
    }

    /// A secret that could be read from a file.
    Secret {
        name: Code<Toml>,
        path: Code<Toml>,
    }

    /// Where a store is that state is kept in.
    StoreAddress {
        name: Code<Toml>,
        address: Code<Toml>,
        /// Its name in a variable of the environment.
        variable: Code<Toml>,
    }

    /// An address for one way of protecting connections.
    Address {
        mode: Code<Toml>,
        address: Code<Toml>,
    }

    /// Where the tokens of a scheme come from.
    Issuer {
        name: Code<Toml>,
        known: bool,
        jwks: Code<Toml>,
        /// Whether its keys are asked for, whether tokens are, and the address of these.
        keys: bool,
        tokens: bool,
        /// Whether users log in there.
        logins: bool,
        granted: bool,
        token: Code<Toml>,
    }

    /// Where a called service is.
    Target {
        name: Code<Toml>,
        addresses: Vec<Address>,
    }

    /// The trait of one api.
    Api (Rust "service/src/generated/api.rs.j2") {
        api: Code<Rust>,
        service: Code<Rust>,
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        written: bool,
        binds: bool,
        operations: Vec<Operation>,
    }

    /// An operation that has a handler.
    Operation {
        /// Whether another one stands before it.
        follows: bool,
        docs: Vec<Code<Rust>>,
        label: Code<Rust>,
        name: Code<Rust>,
        requested: bool,
        input: Code<Rust>,
        output: Code<Rust>,
        /// Whether it answers a stream.
        streams: bool,
        /// Whether its answer stands in no field that could ask a form for it, and what then takes it out of its form.
        bare: bool,
        unwraps: Code<Rust>,
        /// The small default operation, which answers by itself.
        ping: bool,
        context: Code<Rust>,
        /// What stands after `Context`: the clients in angle brackets, or nothing.
        clients: Code<Rust>,
        /// Whether it has clients of its own.
        bound: bool,
        own: Code<Rust>,
        uses: Vec<Client>,
    }

    /// A client among those of a service or operation.
    Client {
        doc: Code<Rust>,
        field: Code<Rust>,
        module: Code<Rust>,
        ty: Code<Rust>,
        callee: Code<Rust>,
        api: Code<Rust>,
        protocol: Code<Rust>,
    }

    /// What wires the service.
    Wiring (Rust "service/src/generated/mod.rs.j2") {
        service: Code<Rust>,
        apis: Vec<WiredApi>,
        clients: Vec<Client>,
        servers: Vec<Server>,
        conditions: bool,
        calls: bool,
        served: bool,
    }

    /// What callers and requests are judged by.
    Conditions (Rust "service/src/generated/conditions.rs.j2") {
        service: Code<Rust>,
        functions: Vec<Condition>,
    }

    /// The condition of one operation.
    Condition {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        /// What its arguments are called, or `_` for one that it does not need.
        caller: Code<Rust>,
        request: Code<Rust>,
        input: Code<Rust>,
        body: Code<Rust>,
    }

    /// An api among those of a service.
    WiredApi {
        module: Code<Rust>,
        name: Code<Rust>,
        handlers: Code<Rust>,
        path: Code<Rust>,
    }

    /// A server among those of a service.
    Server {
        module: Code<Rust>,
    }

    /// One api over one protocol.
    Routes (Rust "service/src/generated/server.rs.j2") {
        api: Code<Rust>,
        protocol: Code<Rust>,
        grpc: bool,
        /// Whether pages call it, by gRPC-Web.
        web: bool,
        forwards: bool,
        module: Code<Rust>,
        name: Code<Rust>,
        label: Code<Rust>,
        openapi_path: Code<Rust>,
        openapi: Code<Rust>,
        operations: Vec<Routed>,
    }

    /// An operation over one protocol.
    Routed {
        label: Code<Rust>,
        /// What adds it to its api, and what makes it, over gRPC.
        adds: Code<Rust>,
        shape: Code<Rust>,
        name: Code<Rust>,
        method: Code<Rust>,
        path: Code<Rust>,
        wire_input: Code<Rust>,
        wire_output: Code<Rust>,
        requested: bool,
        argument: Code<Rust>,
        input: Code<Rust>,
        via: bool,
        target: Code<Rust>,
        client: Code<Rust>,
        call: Code<Rust>,
        /// Whether the target takes another message, with the same fields.
        copies: bool,
        /// Whether that is each message of a stream.
        copies_each: bool,
        built: Code<Rust>,
        fields: Vec<Copied>,
        passes: bool,
        /// What gives a bare answer its form, or nothing.
        wraps: Code<Rust>,
    }

    /// A field of a forwarded request.
    Copied {
        from: Code<Rust>,
        to: Code<Rust>,
    }

    /// The client of one edge.
    EdgeClient (Rust "service/src/generated/client.rs.j2") {
        edge: Code<Rust>,
        api: Code<Rust>,
        callee: Code<Rust>,
        ty: Code<Rust>,
        field: Code<Rust>,
        grpc: bool,
        operations: Vec<Called>,
    }

    /// An operation that a client calls.
    Called {
        docs: Vec<Code<Rust>>,
        label: Code<Rust>,
        name: Code<Rust>,
        requested: bool,
        input: Code<Rust>,
        output: Code<Rust>,
        /// What takes a bare answer out of its form, or nothing.
        unwraps: Code<Rust>,
        wire_input: Code<Rust>,
        wire_output: Code<Rust>,
        method: Code<Rust>,
        path: Code<Rust>,
        /// What calls it, over gRPC.
        call: Code<Rust>,
    }

    /// A service's policy.
    Policy (Rust "service/src/generated/policy.rs.j2") {
        service: Code<Rust>,
        label: Code<Rust>,
        system: Code<Rust>,
        state: Traced,
        durations: bool,
        schemes: Vec<Scheme>,
        apis: Vec<ApiPolicy>,
        edges: Vec<EdgePolicy>,
    }

    /// A value with a comment that says where it comes from.
    Traced {
        value: Code<Rust>,
        /// The comment, with what stands before it; nothing for an unset value.
        origin: Code<Rust>,
    }

    /// An authentication scheme; one of the first six is set.
    Scheme {
        jwt: bool,
        mtls: bool,
        api_key: bool,
        basic: bool,
        granted: bool,
        session: bool,
        name: Code<Rust>,
        header: Code<Rust>,
        /// Where a callee reads what it accepts, and a caller what it shows.
        accepted: Code<Rust>,
        shown: Code<Rust>,
        issuer: Code<Rust>,
        audience: Code<Rust>,
        algorithms: Code<Rust>,
        roles: Code<Rust>,
        /// Where the secret is read from that its tokens are signed with, if one is.
        secret: Code<Rust>,
        /// The scheme whose issuer grants its tokens, the name by which it knows the caller, and what they are for.
        provider: Code<Rust>,
        client_id: Code<Rust>,
        scopes: Code<Rust>,
        /// Whether a session is renewed without the user, and how long it lasts at most.
        refresh: Code<Rust>,
        max_age: Code<Rust>,
    }

    /// The policy of an api over one protocol.
    ApiPolicy {
        label: Code<Rust>,
        protocol: Code<Rust>,
        tls: Traced,
        peers: Code<Rust>,
        cors: Traced,
        operations: Vec<OperationPolicy>,
    }

    /// The policy of an operation; one of `natural`, `keyed`, `by_field` and `unrepeatable` is set.
    OperationPolicy {
        label: Code<Rust>,
        kind: Code<Rust>,
        auth: Traced,
        allow: Traced,
        when: Traced,
        audited: Traced,
        limited: bool,
        permits: Code<Rust>,
        per: Code<Rust>,
        burst: Code<Rust>,
        key: Code<Rust>,
        limit_origin: Code<Rust>,
        timeout: Traced,
        max_body: Traced,
        natural: bool,
        keyed: bool,
        by_field: bool,
        unrepeatable: bool,
        field: Code<Rust>,
        window: Code<Rust>,
        idempotent: Code<Rust>,
        cache: Traced,
    }

    /// The policy of an edge.
    EdgePolicy {
        label: Code<Rust>,
        callee: Code<Rust>,
        api: Code<Rust>,
        protocol: Code<Rust>,
        tls: Traced,
        auth: Traced,
        identity: Traced,
        operations: Vec<CallPolicy>,
    }

    /// The policy of an operation over an edge.
    CallPolicy {
        label: Code<Rust>,
        safety: Traced,
        timeout: Traced,
        deadline: Traced,
        retries: bool,
        attempts: Code<Rust>,
        exponential: bool,
        base: Code<Rust>,
        max: Code<Rust>,
        jitter: Code<Rust>,
        budget: Code<Rust>,
        retry: Code<Rust>,
        breaks: bool,
        error_rate: Code<Rust>,
        window: Code<Rust>,
        min_calls: Code<Rust>,
        cooldown: Code<Rust>,
        probes: Code<Rust>,
        breaker: Code<Rust>,
        bulkhead: Traced,
        throttled: bool,
        throttle_permits: Code<Rust>,
        throttle_per: Code<Rust>,
        throttle: Code<Rust>,
        fallback: Traced,
    }
}
