//! A small system for the tests of views.

use std::time::Duration;

use crate::model::attributes::{Attr, Attributes, Effective, Identity, Origin, Tls, Trust, Value};
use crate::model::types::{Check, EnumDef, EnumValueDef, FieldDef, Scalar, StructDef, TypeRef};
use crate::model::{
    Api, ApiId, CallTarget, ClientKind, Edge, EdgeId, EdgeOperation, End, EnumId, Input, Link,
    Method, Model, Node, NodeId, NodeKind, Operation, OperationId, OperationKind, Payload, Route,
    ServiceKind, StructId, System, Via,
};
use crate::protocol::Protocol;
use crate::source::{FileId, Span};

const AT: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

fn set(values: Vec<(Attr, Value)>) -> Attributes {
    let mut attributes = Attributes::default();
    for (attr, value) in values {
        attributes.set(
            attr,
            Effective {
                value,
                origin: Origin::BuiltIn,
            },
        );
    }
    attributes
}

fn field(tag: u32, name: &str, ty: TypeRef, checks: Vec<Check>) -> FieldDef {
    FieldDef {
        name: name.to_owned(),
        span: AT,
        doc: None,
        ty,
        tag,
        boxed: false,
        via: None,
        sensitive: false,
        checks,
    }
}

fn message(
    name: &str,
    owner: Option<u32>,
    request_of: Option<u32>,
    fields: Vec<FieldDef>,
) -> StructDef {
    StructDef {
        name: name.to_owned(),
        span: AT,
        doc: None,
        owner: owner.map(NodeId),
        request_of: request_of.map(OperationId),
        fields,
        data: None,
        sensitive: false,
    }
}

fn node(name: &str, kind: NodeKind, apis: Vec<ApiId>) -> Node {
    Node {
        name: name.to_owned(),
        span: AT,
        doc: None,
        kind,
        zone: None,
        trust: Trust::Internal,
        existing: matches!(kind, NodeKind::Client(_)),
        apis,
        channels: Vec::new(),
        closed: false,
        attributes: Attributes::default(),
        schedules: Vec::new(),
    }
}

fn api(name: &str, owner: u32, at: &str, operations: Vec<u32>) -> Api {
    Api {
        name: name.to_owned(),
        span: AT,
        doc: None,
        node: NodeId(owner),
        version: 1,
        at: at.to_owned(),
        proto: None,
        built_in: false,
        operations: operations.into_iter().map(OperationId).collect(),
        attributes: set(if at.is_empty() {
            Vec::new()
        } else {
            vec![(Attr::At, Value::Text(at.to_owned()))]
        }),
    }
}

fn operation(
    api: u32,
    name: &str,
    kind: OperationKind,
    input: Input,
    output: u32,
    via: Option<u32>,
    path: &str,
) -> Operation {
    Operation {
        name: name.to_owned(),
        span: AT,
        doc: None,
        api: ApiId(api),
        kind,
        input,
        output: Some(Payload {
            stream: false,
            ty: TypeRef::Struct(StructId(output)),
        }),
        via: via.map(|target| Via {
            span: AT,
            target: CallTarget::Operation(OperationId(target)),
            edge: EdgeId(1),
            key: None,
        }),
        calls: None,
        attributes: set(vec![
            (Attr::Timeout, Value::Duration(Duration::from_secs(2))),
            (Attr::MaxBody, Value::Size(65536)),
        ]),
        route: Route {
            method: if kind == OperationKind::Query {
                Method::Get
            } else {
                Method::Post
            },
            path: path.to_owned(),
            declared: None,
        },
    }
}

fn edge(from: u32, to: u32, api: u32, protocol: Protocol, operations: Vec<u32>) -> Edge {
    Edge {
        span: AT,
        doc: None,
        from: End::Node(NodeId(from)),
        to: End::Node(NodeId(to)),
        link: Link::Call {
            protocol,
            api: Some(ApiId(api)),
        },
        protocol_span: None,
        policies: Vec::new(),
        attributes: set(vec![
            (Attr::Timeout, Value::Duration(Duration::from_millis(300))),
            (Attr::Identity, Value::Identity(Identity::Forward)),
            (
                Attr::Tls,
                Value::Tls(if protocol == Protocol::Grpc {
                    Tls::Mutual
                } else {
                    Tls::Server
                }),
            ),
        ]),
        operations: operations
            .into_iter()
            .map(|operation| EdgeOperation {
                operation: OperationId(operation),
                overrides: None,
            })
            .collect(),
        calls: None,
    }
}

/// A browser, a gateway that forwards, and the service behind it.
pub fn shop() -> Model {
    let string = || TypeRef::Scalar(Scalar::String);
    let scalar = TypeRef::Scalar;
    let list = |ty| TypeRef::List(Box::new(ty));
    let bare = |id| {
        Input::Message(Payload {
            stream: false,
            ty: TypeRef::Struct(StructId(id)),
        })
    };
    let uuid = || field(1, "id", scalar(Scalar::Uuid), vec![]);
    Model {
        system: System {
            name: "shop".to_owned(),
            span: AT,
            title: "Online shop".to_owned(),
            doc: None,
            attributes: Attributes::default(),
            lint: Vec::new(),
            limits: Vec::new(),
        },
        zones: Vec::new(),
        nodes: vec![
            node("web", NodeKind::Client(ClientKind::Browser), vec![]),
            node(
                "front",
                NodeKind::Service(ServiceKind::Gateway),
                vec![ApiId(0)],
            ),
            node(
                "orders",
                NodeKind::Service(ServiceKind::Plain),
                vec![ApiId(1)],
            ),
        ],
        apis: vec![
            api("Shop", 1, "/v1", vec![0, 1]),
            api("Orders", 2, "", vec![2, 3]),
        ],
        operations: vec![
            operation(
                0,
                "order",
                OperationKind::Query,
                Input::Parameters(StructId(3)),
                2,
                Some(2),
                "/v1/shop/order/{id}",
            ),
            operation(
                0,
                "place",
                OperationKind::Command,
                bare(0),
                2,
                Some(3),
                "/v1/shop/place",
            ),
            operation(
                1,
                "find",
                OperationKind::Query,
                Input::Parameters(StructId(4)),
                2,
                None,
                "/orders/find/{id}",
            ),
            operation(
                1,
                "place",
                OperationKind::Command,
                bare(0),
                2,
                None,
                "/orders/place",
            ),
        ],
        channels: Vec::new(),
        edges: vec![
            edge(0, 1, 0, Protocol::Rest, vec![0, 1]),
            edge(1, 2, 1, Protocol::Grpc, vec![2, 3]),
        ],
        auths: Vec::new(),
        roles: Vec::new(),
        policies: Vec::new(),
        structs: vec![
            message(
                "PlaceOrder",
                None,
                None,
                vec![
                    field(
                        1,
                        "customer",
                        string(),
                        vec![Check::Length {
                            min: 1,
                            max: Some(64),
                        }],
                    ),
                    field(2, "items", list(TypeRef::Struct(StructId(1))), vec![]),
                ],
            ),
            message(
                "Item",
                None,
                None,
                vec![
                    field(1, "sku", string(), vec![]),
                    field(
                        2,
                        "quantity",
                        scalar(Scalar::Int32),
                        vec![Check::Min("1".to_owned()), Check::Max("100".to_owned())],
                    ),
                ],
            ),
            message(
                "Order",
                None,
                None,
                vec![
                    uuid(),
                    field(2, "customer", string(), vec![]),
                    field(3, "items", list(TypeRef::Struct(StructId(1))), vec![]),
                    field(4, "status", TypeRef::Enum(EnumId(0)), vec![]),
                    field(5, "total", scalar(Scalar::Decimal), vec![]),
                ],
            ),
            message("ShopOrderRequest", Some(1), Some(0), vec![uuid()]),
            message("OrdersFindRequest", Some(2), Some(2), vec![uuid()]),
        ],
        enums: vec![EnumDef {
            name: "Status".to_owned(),
            span: AT,
            doc: None,
            owner: None,
            values: ["pending", "paid", "shipped", "cancelled"]
                .into_iter()
                .zip(1..)
                .map(|(name, tag)| EnumValueDef {
                    name: name.to_owned(),
                    span: AT,
                    doc: None,
                    tag,
                })
                .collect(),
        }],
        accepts: Vec::new(),
    }
}
