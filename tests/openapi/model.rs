//! Builds small models by hand: one service with one api.

use archwright::model::attributes::{
    Attr, Attributes, Effective, Idempotent, Origin, Trust, Value,
};
use archwright::model::types::{
    Check, EnumDef, EnumValueDef, FieldDef, Scalar, StructDef, TypeRef,
};
use archwright::model::{
    Api, ApiId, Auth, AuthId, AuthScheme, EnumId, Input, Method, Model, Node, NodeId, NodeKind,
    Operation, OperationKind, Payload, Role, RoleId, Route, ServiceKind, StructId, System,
};
use archwright::source::{FileId, Span};
use std::time::Duration;

const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

pub struct Builder {
    model: Model,
}

pub struct Built {
    pub model: Model,
}

impl Builder {
    pub fn new(system: &str, title: &str) -> Self {
        let system = System {
            name: system.into(),
            span: NOWHERE,
            title: title.into(),
            doc: None,
            attributes: Attributes::default(),
            lint: vec![],
            limits: vec![],
            locked_lint: Vec::new(),
            locked_limits: Vec::new(),
        };
        let node = Node {
            name: "front".into(),
            span: NOWHERE,
            doc: None,
            kind: NodeKind::Service(ServiceKind::Gateway),
            zone: None,
            trust: Trust::Internal,
            existing: false,
            apis: vec![ApiId(0)].into(),
            channels: vec![].into(),
            closed: false,
            attributes: Attributes::default(),
            schedules: vec![].into(),
        };
        let api = Api {
            name: "Shop".into(),
            span: NOWHERE,
            doc: Some("What customers do.".into()),
            node: NodeId(0),
            version: 1,
            at: String::new(),
            proto: None,
            built_in: false,
            operations: vec![].into(),
            attributes: Attributes::default(),
        };
        Self {
            model: Model {
                system,
                zones: vec![],
                nodes: vec![node],
                apis: vec![api],
                operations: vec![],
                channels: vec![],
                edges: vec![],
                auths: vec![],
                roles: vec![],
                policies: vec![],
                structs: vec![],
                enums: vec![],
                messages: vec![],
                proto_files: vec![],
                accepts: vec![],
                elsewhere: None,
                declarations: Default::default(),
            },
        }
    }

    pub fn field(&self, name: &str, scalar: Scalar, checks: Vec<Check>) -> FieldDef {
        self.field_of(name, TypeRef::Scalar(scalar), checks)
    }

    pub fn field_of(&self, name: &str, ty: TypeRef, checks: Vec<Check>) -> FieldDef {
        FieldDef {
            name: name.into(),
            span: NOWHERE,
            doc: None,
            ty,
            tag: 1,
            sensitive: false,
            checks,
            boxed: false,
            via: None,
        }
    }

    pub fn reserve(&mut self, name: &str) -> TypeRef {
        self.message(name, vec![])
    }

    pub fn fill(&mut self, ty: &TypeRef, fields: Vec<FieldDef>) {
        if let TypeRef::Struct(id) = ty {
            self.model.structs[id.0 as usize].fields = fields;
        }
    }

    pub fn message(&mut self, name: &str, fields: Vec<FieldDef>) -> TypeRef {
        self.model.structs.push(StructDef {
            name: name.into(),
            span: NOWHERE,
            doc: None,
            owner: None,
            request_of: None,
            fields,
            sensitive: false,
            data: None,
        });
        TypeRef::Struct(StructId(self.model.structs.len() as u32 - 1))
    }

    pub fn parameters(&mut self, name: &str, fields: Vec<FieldDef>) -> Input {
        self.message(name, fields);
        Input::Parameters(StructId(self.model.structs.len() as u32 - 1))
    }

    pub fn whole(&self, ty: TypeRef) -> Input {
        Input::Message(Payload { stream: false, ty })
    }

    pub fn enumeration(&mut self, name: &str, values: &[&str]) -> TypeRef {
        let value = |(at, it): (usize, &&str)| EnumValueDef {
            name: (*it).into(),
            span: NOWHERE,
            doc: None,
            tag: at as u32 + 1,
        };
        self.model.enums.push(EnumDef {
            name: name.into(),
            span: NOWHERE,
            doc: None,
            owner: None,
            values: values.iter().enumerate().map(value).collect(),
        });
        TypeRef::Enum(EnumId(self.model.enums.len() as u32 - 1))
    }

    pub fn operation(
        &mut self,
        name: &str,
        kind: OperationKind,
        input: Input,
        output: Option<TypeRef>,
        method: Method,
        path: &str,
    ) {
        self.model.apis[0]
            .operations
            .push(archwright::model::OperationId(
                self.model.operations.len() as u32
            ));
        self.model.operations.push(Operation {
            name: name.into(),
            span: NOWHERE,
            doc: Some(format!("Does {name}. And more.")),
            api: ApiId(0),
            kind,
            input,
            output: output.map(|ty| Payload { stream: false, ty }),
            method: None,
            via: None,
            calls: None,
            attributes: Attributes::default(),
            route: Route {
                method,
                path: path.into(),
                declared: None,
            },
        });
    }

    pub fn secure(&mut self, operation: &str, scheme: &str, roles: &[&str], by_key: bool) {
        self.model.auths.push(Auth {
            name: scheme.into(),
            span: NOWHERE,
            doc: None,
            scheme: AuthScheme::Jwt,
            attributes: Attributes::default(),
            claims: vec![],
        });
        let first = self.model.roles.len() as u32;
        self.model.roles.extend(roles.iter().map(|it| Role {
            name: (*it).into(),
            span: NOWHERE,
        }));
        let allow = (first..self.model.roles.len() as u32).map(RoleId).collect();
        let auth = AuthId(self.model.auths.len() as u32 - 1);
        let attributes = &mut self
            .model
            .operations
            .iter_mut()
            .find(|it| it.name == operation)
            .unwrap()
            .attributes;
        let mut set = |attr, value| {
            attributes.set(
                attr,
                Effective {
                    value,
                    origin: Origin::Declared(NOWHERE),
                },
            )
        };
        set(Attr::Auth, Value::Auths(vec![auth]));
        set(Attr::Allow, Value::Roles(allow));
        if by_key {
            set(
                Attr::Idempotent,
                Value::Idempotent(Box::new(Idempotent::Key(Duration::from_secs(86_400)))),
            );
        }
    }

    pub fn build(self) -> Built {
        Built { model: self.model }
    }
}
