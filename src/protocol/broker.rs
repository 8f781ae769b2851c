//! Facts about brokers.

use std::time::Duration;

use crate::words::words;

words! {
    /// How surely a message arrives, least first.
    Delivery { AtMostOnce = "at_most_once", AtLeastOnce = "at_least_once", ExactlyOnce = "exactly_once" }
    /// The order in which consumers get messages, least first: any; that of publishing, as long as only one message is
    /// handled at a time; that of publishing for equal keys, however many consumers share the work.
    Ordering { Any = "none", Channel = "channel", Key = "key" }
    /// Engines of a broker.
    BrokerEngine {
        Rabbitmq = "rabbitmq", Sqs = "sqs", Activemq = "activemq", Kafka = "kafka", Pulsar = "pulsar", Redis = "redis",
    }
    /// Kinds of a channel.
    ChannelKind { Queue = "queue", Topic = "topic", Channel = "channel" }
}

/// RabbitMQ's `consumer_timeout`.
const CONSUMER_TIMEOUT: Duration = Duration::from_mins(30);
/// The visibility timeout of a queue of SQS.
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(30);
/// Kafka's `max.poll.interval.ms`.
const MAX_POLL_INTERVAL: Duration = Duration::from_mins(5);

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
    /// How surely a message arrives.
    pub delivery: Delivery,
    /// The order in which consumers get messages.
    pub ordering: Ordering,
    /// How long a consumer may take before the message counts as not handled, unless it is set otherwise; `None`: for ever,
    /// or there is nothing to acknowledge.
    pub ack_timeout: Option<Duration>,
    /// How often the broker itself delivers a message, unless it is set otherwise; `None`: without end. RabbitMQ: quorum
    /// queues since 4.0 (classic ones never stop).
    pub max_deliveries: Option<u64>,
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
                delivery: Delivery::AtLeastOnce,
                ordering: Ordering::Channel,
                ack_timeout: Some(CONSUMER_TIMEOUT),
                max_deliveries: Some(20),
                mutual_tls: true,
            },
            Self::Sqs => &BrokerFacts {
                title: "SQS",
                channels: &[Queue],
                log: false,
                redelivers: true,
                delivery: Delivery::AtLeastOnce,
                ordering: Ordering::Any,
                ack_timeout: Some(VISIBILITY_TIMEOUT),
                max_deliveries: None,
                mutual_tls: false,
            },
            Self::Activemq => &BrokerFacts {
                title: "ActiveMQ",
                channels: &[Queue, Topic],
                log: false,
                redelivers: true,
                delivery: Delivery::AtLeastOnce,
                ordering: Ordering::Channel,
                ack_timeout: None,
                max_deliveries: None,
                mutual_tls: true,
            },
            Self::Kafka => &BrokerFacts {
                title: "Kafka",
                channels: &[Topic],
                log: true,
                redelivers: true,
                delivery: Delivery::AtLeastOnce,
                ordering: Ordering::Key,
                ack_timeout: Some(MAX_POLL_INTERVAL),
                max_deliveries: None,
                mutual_tls: true,
            },
            Self::Pulsar => &BrokerFacts {
                title: "Pulsar",
                channels: &[Topic, Queue],
                log: true,
                redelivers: true,
                delivery: Delivery::AtLeastOnce,
                ordering: Ordering::Key,
                ack_timeout: None,
                max_deliveries: None,
                mutual_tls: true,
            },
            Self::Redis => &BrokerFacts {
                title: "Redis",
                channels: &[Channel],
                log: false,
                redelivers: false,
                delivery: Delivery::AtMostOnce,
                ordering: Ordering::Channel,
                ack_timeout: None,
                max_deliveries: None,
                mutual_tls: true,
            },
        }
    }
}
