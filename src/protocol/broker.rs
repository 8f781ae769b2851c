//! Facts about brokers.

use crate::words::words;

words! {
    /// Engines of a broker.
    BrokerEngine {
        Rabbitmq = "rabbitmq", Sqs = "sqs", Activemq = "activemq", Kafka = "kafka", Pulsar = "pulsar", Redis = "redis",
    }
    /// Kinds of a channel.
    ChannelKind { Queue = "queue", Topic = "topic", Channel = "channel" }
}

/// What a broker does with messages.
#[derive(Debug)]
pub struct BrokerFacts {
    /// As its makers write it.
    pub title: &'static str,
    /// The kinds of channel that it holds; the first is that of a channel nobody declared.
    pub channels: &'static [ChannelKind],
    /// Whether its topics are logs: kept, ordered by key, read again from any point.
    pub log: bool,
    /// Whether a message that was not acknowledged is delivered again; else it is lost.
    pub redelivers: bool,
    /// Whether clients can show it certificates of their own.
    pub mutual_tls: bool,
}

impl BrokerEngine {
    /// What it does with messages.
    #[must_use]
    pub const fn facts(self) -> &'static BrokerFacts {
        use ChannelKind::{Channel, Queue, Topic};
        match self {
            Self::Rabbitmq => &BrokerFacts {
                title: "RabbitMQ",
                channels: &[Queue, Topic],
                log: false,
                redelivers: true,
                mutual_tls: true,
            },
            Self::Sqs => &BrokerFacts {
                title: "SQS",
                channels: &[Queue],
                log: false,
                redelivers: true,
                mutual_tls: false,
            },
            Self::Activemq => &BrokerFacts {
                title: "ActiveMQ",
                channels: &[Queue, Topic],
                log: false,
                redelivers: true,
                mutual_tls: true,
            },
            Self::Kafka => &BrokerFacts {
                title: "Kafka",
                channels: &[Topic],
                log: true,
                redelivers: true,
                mutual_tls: true,
            },
            Self::Pulsar => &BrokerFacts {
                title: "Pulsar",
                channels: &[Topic, Queue],
                log: true,
                redelivers: true,
                mutual_tls: true,
            },
            Self::Redis => &BrokerFacts {
                title: "Redis",
                channels: &[Channel],
                log: false,
                redelivers: false,
                mutual_tls: true,
            },
        }
    }
}
