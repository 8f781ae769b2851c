//! Views of the contracts crate.

use crate::generate::render::{Code, Proto, Rust, Toml, views};

views! {
    /// The manifest; the booleans say what the messages need.
    Manifest (Toml "contracts/Cargo.toml.j2") {
        package: Code<Toml>,
        platform: Code<Toml>,
        bytes: bool,
        jiff: bool,
        /// Whether there are protobuf files, and whether there are messages in them.
        grpc: bool,
        messages: bool,
        wire_times: bool,
        decimal: bool,
        json: bool,
        uuid: bool,
    }

    /// What compiles the protobuf files.
    Build (Rust "contracts/build.rs.j2") {
        /// Paths under `proto/` and `third_party/`.
        files: Vec<Code<Rust>>,
        /// Whether there are files that were taken as they are.
        taken: bool,
        redacts: bool,
        /// Messages with sensitive values, as prost-build names them.
        redacted: Vec<Code<Rust>>,
    }

    /// What is asked of messages of proto files that were taken as they are.
    Taken (Rust "contracts/src/taken.rs.j2") {
        messages: Vec<TakenMessage>,
    }

    /// One of them.
    TakenMessage {
        path: Code<Rust>,
        /// Whether repetitions are known by any of its fields.
        keyed: bool,
        keys: Vec<Key>,
    }

    /// A field by which repetitions are known.
    Key {
        name: Code<Rust>,
        field: Code<Rust>,
    }

    /// Messages that every protobuf library brings along.
    WellKnown (Rust "contracts/src/well_known.rs.j2") {
        messages: Vec<Known>,
    }

    /// One of them.
    Known {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        inner: Code<Rust>,
    }

    /// The crate's root.
    Root (Rust "contracts/src/lib.rs.j2") {
        docs: Vec<Code<Rust>>,
        codecs: bool,
        /// Whether operations answer with what only a field could ask a form for.
        bares: bool,
        openapi: bool,
        /// Whether there are protobuf files, and whether there are messages in them.
        grpc: bool,
        messages: bool,
        taken: bool,
        well_known: bool,
        rules: bool,
        shared: bool,
        enums: bool,
        services: bool,
        modules: Vec<Code<Rust>>,
    }

    /// One module of types.
    Types (Rust "contracts/src/types.rs.j2") {
        docs: Vec<Code<Rust>>,
        codecs: bool,
        structs: Vec<Struct>,
        enums: Vec<Enum>,
    }

    /// A message.
    Struct {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        label: Code<Rust>,
        sensitive: bool,
        fields: Vec<Field>,
    }

    /// A field of a message.
    Field {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        json: Code<Rust>,
        ty: Code<Rust>,
        renamed: bool,
        optional: bool,
        coded: bool,
        codec: Code<Rust>,
        sensitive: bool,
    }

    /// An enumeration.
    Enum {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        /// Its path in the crate.
        path: Code<Rust>,
        /// The variant that keeps values which are not known.
        unknown: Code<Rust>,
        /// What is said of such a value in a request.
        message: Code<Rust>,
        values: Vec<EnumValue>,
    }

    /// A value of an enumeration.
    EnumValue {
        docs: Vec<Code<Rust>>,
        name: Code<Rust>,
        text: Code<Rust>,
        tag: Code<Rust>,
    }

    /// The checks of all messages.
    Rules (Rust "contracts/src/rules.rs.j2") {
        patterns: bool,
        structs: Vec<RuleSet>,
        enums: Vec<Enum>,
    }

    /// The checks of one message.
    RuleSet {
        path: Code<Rust>,
        checked: bool,
        fields: Vec<RuleField>,
    }

    /// The checks of one field.
    RuleField {
        name: Code<Rust>,
        json: Code<Rust>,
        /// Whether keys of maps in it are left out of paths.
        hidden: bool,
        steps: Vec<Step>,
    }

    /// One line of a check: exactly one of the booleans is set.
    Step {
        pad: Code<Rust>,
        some: bool,
        each: bool,
        entries: bool,
        end_some: bool,
        end_each: bool,
        nested: bool,
        min: bool,
        max: bool,
        length: bool,
        size: bool,
        pattern: bool,
        email: bool,
        url: bool,
        value: Code<Rust>,
        most: Code<Rust>,
    }

    /// The names of all enumerations' values.
    Words (Rust "contracts/src/words.rs.j2") {
        enums: Vec<Enum>,
    }

    /// The OpenAPI files.
    OpenApi (Rust "contracts/src/openapi.rs.j2") {
        files: Vec<OpenApiFile>,
    }

    /// One OpenAPI file.
    OpenApiFile {
        doc: Code<Rust>,
        name: Code<Rust>,
        path: Code<Rust>,
    }

    /// The forms in JSON.
    Json (Rust "contracts/src/json/mod.rs.j2") {
        bares: bool,
        hidden: bool,
        plain: bool,
        element: bool,
        containers: Vec<Codec>,
        text: bool,
        scalars: Vec<Codec>,
    }

    /// One form in JSON.
    Codec {
        module: Code<Rust>,
        codec: Code<Rust>,
    }

    /// The forms in protobuf.
    Wire (Rust "contracts/src/wire/mod.rs.j2") {
        scalars: Vec<Code<Rust>>,
        hidden: bool,
        required: bool,
        modules: Vec<Code<Rust>>,
    }

    /// The forms in protobuf of one package's messages.
    Messages (Rust "contracts/src/wire/messages.rs.j2") {
        package: Code<Rust>,
        /// Which of the module's helpers it uses.
        nested: bool,
        fields: bool,
        hidden: bool,
        required: bool,
        messages: bool,
        problems: bool,
        structs: Vec<WireStruct>,
        wrappers: Vec<Wrapper>,
        held: Vec<Held>,
        enums: Vec<Enum>,
    }

    /// A message in protobuf.
    WireStruct {
        path: Code<Rust>,
        wire: Code<Rust>,
        /// Whether other messages hold it.
        nested: bool,
        filled: bool,
        /// Whether it is shown without some of its fields.
        sensitive: bool,
        label: Code<Rust>,
        fields: Vec<WireField>,
    }

    /// A field in protobuf.
    WireField {
        name: Code<Rust>,
        wire: Code<Rust>,
        label: Code<Rust>,
        /// A message, which protobuf lets be absent and the drawing does not.
        required: bool,
        /// Whether keys of maps in it are left out of paths.
        hidden: bool,
        sensitive: bool,
    }

    /// A message made for what is none.
    Wrapper {
        ty: Code<Rust>,
        /// Whether that type only gives the value its form in JSON.
        bare: bool,
        wire: Code<Rust>,
        field: Code<Rust>,
        label: Code<Rust>,
        /// A message itself, which protobuf lets be absent and the drawing does not.
        required: bool,
    }

    /// A message made for what stands inside a list, map or optional value and is one itself.
    Held {
        ty: Code<Rust>,
        wire: Code<Rust>,
        field: Code<Rust>,
        sensitive: bool,
    }

    /// A protobuf file.
    Package (Proto "contracts/proto/package.proto.j2") {
        docs: Vec<Code<Proto>>,
        package: Code<Proto>,
        imports: Vec<Code<Proto>>,
        services: Vec<ProtoService>,
        messages: Vec<ProtoMessage>,
        enums: Vec<ProtoEnum>,
    }

    /// An api in protobuf.
    ProtoService {
        docs: Vec<Code<Proto>>,
        name: Code<Proto>,
        methods: Vec<ProtoMethod>,
    }

    /// An operation in protobuf.
    ProtoMethod {
        docs: Vec<Code<Proto>>,
        name: Code<Proto>,
        takes_stream: bool,
        input: Code<Proto>,
        answers_stream: bool,
        output: Code<Proto>,
    }

    /// A message in protobuf.
    ProtoMessage {
        docs: Vec<Code<Proto>>,
        name: Code<Proto>,
        fields: Vec<ProtoField>,
    }

    /// A field in protobuf.
    ProtoField {
        docs: Vec<Code<Proto>>,
        repeated: bool,
        optional: bool,
        ty: Code<Proto>,
        name: Code<Proto>,
        tag: Code<Proto>,
    }

    /// An enumeration in protobuf.
    ProtoEnum {
        docs: Vec<Code<Proto>>,
        name: Code<Proto>,
        zero: Code<Proto>,
        values: Vec<ProtoValue>,
    }

    /// A value of an enumeration in protobuf.
    ProtoValue {
        docs: Vec<Code<Proto>>,
        name: Code<Proto>,
        tag: Code<Proto>,
    }
}
