//! What a gRPC server serves, told to those who ask (`grpc.reflection.v1`): tools call it without its protobuf files.
//!
//! In development alone: what an api is made of is nobody else's business.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use futures_util::StreamExt;
use prost::Message;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::service_fn;

/// Both versions have the same messages; many tools ask for the older one.
const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// A question: one of its fields is set. What is asked of extensions is not read, there are none.
#[derive(Clone, PartialEq, Message)]
struct Question {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(string, optional, tag = "3")]
    file_by_name: Option<String>,
    #[prost(string, optional, tag = "4")]
    file_of_symbol: Option<String>,
    #[prost(string, optional, tag = "7")]
    list_services: Option<String>,
}

/// An answer: one of `files`, `services` and `error` is set.
#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(message, optional, tag = "2")]
    question: Option<Question>,
    #[prost(message, optional, tag = "4")]
    files: Option<Files>,
    #[prost(message, optional, tag = "6")]
    services: Option<Services>,
    #[prost(message, optional, tag = "7")]
    error: Option<Failure>,
}

/// Descriptors of files as they are on the wire; `google.protobuf.FileDescriptorSet` has the same form.
#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Services {
    #[prost(message, repeated, tag = "1")]
    service: Vec<Named>,
}

#[derive(Clone, PartialEq, Message)]
struct Failure {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// Of a descriptor its name alone.
#[derive(Clone, PartialEq, Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

/// Of a file's descriptor what has a name.
#[derive(Clone, PartialEq, Message)]
struct File {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "4")]
    messages: Vec<Type>,
    #[prost(message, repeated, tag = "5")]
    enums: Vec<Named>,
    #[prost(message, repeated, tag = "6")]
    services: Vec<Service>,
}

#[derive(Clone, PartialEq, Message)]
struct Type {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    messages: Vec<Type>,
    #[prost(message, repeated, tag = "4")]
    enums: Vec<Named>,
}

#[derive(Clone, PartialEq, Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    methods: Vec<Named>,
}

/// Tells of these `services` (`package.Service`), which `descriptors` describe, until `draining`.
pub(super) fn router<'a>(
    services: &[&'static str],
    descriptors: impl Iterator<Item = &'a [u8]>,
    draining: &CancellationToken,
) -> Router {
    let index = Arc::new(Index::new(services, descriptors));
    PATHS.into_iter().fold(Router::new(), |router, path| {
        let (index, draining) = (index.clone(), draining.clone());
        router.route(
            path,
            post(move |request| serve(index.clone(), draining.clone(), request)),
        )
    })
}

async fn serve(
    index: Arc<Index>,
    draining: CancellationToken,
    request: Request,
) -> axum::response::Response {
    let answer = service_fn(|request: tonic::Request<Streaming<Question>>| {
        let index = index.clone();
        let answers = request
            .into_inner()
            .map(move |question| Ok(index.answer(question?)))
            // A tool that stays connected must not hold the drain up.
            .take_until(draining.clone().cancelled_owned());
        std::future::ready(Ok::<_, Status>(Response::new(answers)))
    });
    tonic::server::Grpc::new(ProstCodec::<Answer, Question>::default())
        .max_decoding_message_size(64 * 1024)
        .streaming(answer, request)
        .await
        .map(Body::new)
}

/// The files, by their names and by what they declare.
struct Index {
    services: Services,
    files: HashMap<String, Arc<[u8]>>,
    symbols: HashMap<String, Arc<[u8]>>,
}

impl Index {
    fn new<'a>(services: &[&'static str], descriptors: impl Iterator<Item = &'a [u8]>) -> Self {
        let named = |name: &&str| Named {
            name: (*name).to_owned(),
        };
        let mut index = Self {
            services: Services {
                service: services.iter().map(named).collect(),
            },
            files: HashMap::new(),
            symbols: HashMap::new(),
        };
        for set in descriptors {
            // They come from the build; what cannot be read is not told of.
            for bytes in Files::decode(set).unwrap_or_default().file {
                if let Ok(file) = File::decode(bytes.as_slice()) {
                    index.add(&file, &bytes.into());
                }
            }
        }
        index
    }

    fn add(&mut self, file: &File, bytes: &Arc<[u8]>) {
        self.types(&file.package, &file.messages, &file.enums, bytes);
        for service in &file.services {
            let name = within(&file.package, &service.name);
            for method in &service.methods {
                self.symbols
                    .insert(within(&name, &method.name), bytes.clone());
            }
            self.symbols.insert(name, bytes.clone());
        }
        self.files.insert(file.name.clone(), bytes.clone());
    }

    fn types(&mut self, around: &str, messages: &[Type], enums: &[Named], bytes: &Arc<[u8]>) {
        for one in enums {
            self.symbols
                .insert(within(around, &one.name), bytes.clone());
        }
        for message in messages {
            let name = within(around, &message.name);
            self.types(&name, &message.messages, &message.enums, bytes);
            self.symbols.insert(name, bytes.clone());
        }
    }

    fn answer(&self, question: Question) -> Answer {
        let mut answer = Answer {
            host: question.host.clone(),
            ..Answer::default()
        };
        let file = match &question {
            Question {
                file_by_name: Some(name),
                ..
            } => self.files.get(name),
            Question {
                file_of_symbol: Some(symbol),
                ..
            } => self.symbols.get(symbol),
            Question {
                list_services: Some(_),
                ..
            } => {
                answer.services = Some(self.services.clone());
                answer.question = Some(question);
                return answer;
            }
            _ => None,
        };
        match file {
            Some(bytes) => {
                answer.files = Some(Files {
                    file: vec![bytes.to_vec()],
                });
            }
            None => {
                answer.error = Some(Failure {
                    code: Code::NotFound.into(),
                    message: "nothing here has this name".to_owned(),
                });
            }
        }
        answer.question = Some(question);
        answer
    }
}

/// `package.Name`
fn within(around: &str, name: &str) -> String {
    if around.is_empty() {
        name.to_owned()
    } else {
        format!("{around}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Named {
        Named { name: name.into() }
    }

    /// `shop.proto`, which declares the service `shop.Orders` and the message `shop.Order` with an enum in it.
    fn index() -> Index {
        let file = File {
            name: "shop.proto".into(),
            package: "shop".into(),
            messages: vec![Type {
                name: "Order".into(),
                messages: Vec::new(),
                enums: vec![named("Status")],
            }],
            enums: Vec::new(),
            services: vec![Service {
                name: "Orders".into(),
                methods: vec![named("Find")],
            }],
        };
        let set = Files {
            file: vec![file.encode_to_vec()],
        };
        Index::new(
            &["shop.Orders"],
            [set.encode_to_vec().as_slice()].into_iter(),
        )
    }

    /// The name of the file that answers.
    fn file(question: Question) -> Option<String> {
        let files = index().answer(question).files?;
        let file = File::decode(files.file[0].as_slice()).unwrap();
        Some(file.name)
    }

    #[test]
    fn services_are_listed() {
        let question = Question {
            list_services: Some(String::new()),
            ..Question::default()
        };
        let answer = index().answer(question.clone());
        assert_eq!(answer.services.unwrap().service, [named("shop.Orders")]);
        assert_eq!(answer.question, Some(question));
    }

    #[test]
    fn files_are_found_by_name_and_by_all_that_they_declare() {
        let by_name = |name: &str| Question {
            file_by_name: Some(name.into()),
            ..Question::default()
        };
        assert_eq!(file(by_name("shop.proto")).as_deref(), Some("shop.proto"));
        assert_eq!(file(by_name("other.proto")), None);
        let by_symbol = |name: &str| Question {
            file_of_symbol: Some(name.into()),
            ..Question::default()
        };
        for symbol in [
            "shop.Orders",
            "shop.Orders.Find",
            "shop.Order",
            "shop.Order.Status",
        ] {
            assert!(file(by_symbol(symbol)).is_some(), "{symbol}");
        }
        let error = index().answer(by_symbol("shop.Nothing")).error;
        assert_eq!(error.unwrap().code, i32::from(Code::NotFound));
    }
}
