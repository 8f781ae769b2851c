//! Views of what runs the system outside its owner's machine, and in containers on it.

use crate::generate::render::{Code, Yaml, views};

views! {
    /// All of it on one machine.
    Compose (Yaml "deploy/compose.yaml.j2") {
        system: Code<Yaml>,
        /// The package of `dev`, in a comment.
        dev: Code<Yaml>,
        /// The same as a value.
        dev_package: Code<Yaml>,
        /// Whether tokens have to come from somewhere.
        identity: bool,
        /// Whether it shares secrets with services.
        shared: bool,
        /// Whether any service needs secrets.
        secrets: bool,
        /// What stands for the identity provider, and its network.
        provider: Code<Yaml>,
        provider_network: Code<Yaml>,
        /// What collects traces and metrics, its name in a comment, and where it meets all services.
        observer: Code<Yaml>,
        observer_host: Code<Yaml>,
        observed: Vec<Code<Yaml>>,
        services: Vec<Process>,
        /// Whether any service reads secrets from files, and all of these.
        mounts: bool,
        files: Vec<HostFile>,
        stores: Vec<Store>,
        /// One for each callee.
        networks: Vec<Code<Yaml>>,
        /// Whether a store keeps something.
        kept: bool,
        volumes: Vec<Code<Yaml>>,
    }

    /// A service in a container.
    Process {
        name: Code<Yaml>,
        package: Code<Yaml>,
        /// Its folder of certificates.
        folder: Code<Yaml>,
        settings: Vec<Setting>,
        tls: bool,
        /// Whether it reads secrets from variables, and the file that has them.
        secrets: bool,
        secret_file: Code<Yaml>,
        /// Whether it reads secrets from files, and which.
        mounts: bool,
        files: Vec<Mounted>,
        /// Whether callers from outside reach it.
        published: bool,
        ports: Vec<Code<Yaml>>,
        networks: Vec<Code<Yaml>>,
        waits: bool,
        after: Vec<Code<Yaml>>,
    }

    /// A secret, and the file that it is on the developer's machine.
    HostFile {
        name: Code<Yaml>,
        file: Code<Yaml>,
    }

    /// A secret, and the file that it is in a container.
    Mounted {
        name: Code<Yaml>,
        path: Code<Yaml>,
    }

    /// A store in a container.
    Store {
        name: Code<Yaml>,
        image: Code<Yaml>,
        configured: bool,
        settings: Vec<Setting>,
        started: bool,
        command: Code<Yaml>,
        /// Whether it proves who it is, with the certificates of this folder; then what it holds ends with it.
        secure: bool,
        folder: Code<Yaml>,
        data: Code<Yaml>,
        kept: bool,
        volume: Code<Yaml>,
        network: Code<Yaml>,
    }

    /// A variable of a container.
    Setting {
        name: Code<Yaml>,
        value: Code<Yaml>,
    }

    /// What holds for all pods.
    Namespace (Yaml "deploy/kubernetes/namespace.yaml.j2") {
        namespace: Code<Yaml>,
        system: Code<Yaml>,
    }

    /// The list of all manifests.
    Kustomization (Yaml "deploy/kubernetes/kustomization.yaml.j2") {
        namespace: Code<Yaml>,
        /// The name in the drawing, in a comment.
        system_name: Code<Yaml>,
        /// Whether any service reads secrets beside its certificate from variables, and from files.
        secrets: bool,
        mounts: bool,
        files: Vec<Code<Yaml>>,
        images: Vec<Code<Yaml>>,
    }

    /// One service with what it needs around it.
    Workload (Yaml "deploy/kubernetes/service.yaml.j2") {
        /// What it is, in a comment.
        title: Code<Yaml>,
        name: Code<Yaml>,
        system: Code<Yaml>,
        image: Code<Yaml>,
        replicas: Code<Yaml>,
        /// Whether more than one instance runs.
        several: bool,
        /// Whether it listens for anybody.
        served: bool,
        ports: Vec<Port>,
        tls: bool,
        secret: Code<Yaml>,
        /// Whether it reads further secrets from variables, and what holds them.
        secrets: bool,
        variables: Code<Yaml>,
        /// Whether it reads some from files, what holds them, and which they are.
        mounts: bool,
        files: Code<Yaml>,
        items: Vec<Mounted>,
        /// Whether some lie where files are that are named without a folder, and those that lie elsewhere.
        foldered: bool,
        whole: Vec<Whole>,
        /// Whether anything is mounted.
        volumes: bool,
        /// Whether anybody calls it, and it anybody.
        called: bool,
        inward: Vec<Way>,
        calls: bool,
        outward: Vec<Way>,
        /// Whether it calls beyond the cluster, and on which ports.
        beyond: bool,
        outside_ports: Vec<Code<Yaml>>,
    }

    /// A file that is mounted by itself.
    Whole {
        path: Code<Yaml>,
        /// Where it lies among all.
        within: Code<Yaml>,
    }

    /// A port that it listens on.
    Port {
        name: Code<Yaml>,
        number: Code<Yaml>,
    }

    /// Connections that are let through.
    Way {
        port: Code<Yaml>,
        /// Whether only these pods.
        limited: bool,
        pods: Vec<Code<Yaml>>,
    }

    /// What an operator is told of.
    Alerts (Yaml "deploy/prometheus/alerts.yaml.j2") {
        /// The system's name, in a comment.
        system: Code<Yaml>,
        edges: Vec<Calls>,
        apis: Vec<Answers>,
        stores: Vec<SharedStore>,
    }

    /// The alert of a store that instances share.
    SharedStore {
        name: Code<Yaml>,
        label: Code<Yaml>,
        lost: Code<Yaml>,
    }

    /// Alerts of an edge.
    Calls {
        name: Code<Yaml>,
        /// The name as the metrics have it.
        label: Code<Yaml>,
        deadlines: Vec<Bound>,
        breakers: Vec<Bound>,
        bulkheads: Vec<Bound>,
        budgets: Vec<Bound>,
        slow: Code<Yaml>,
        open: Code<Yaml>,
        failing: Code<Yaml>,
        crowded: Code<Yaml>,
        retrying: Code<Yaml>,
    }

    /// Alerts of an api.
    Answers {
        name: Code<Yaml>,
        /// Its name and protocol as the metrics have them.
        label: Code<Yaml>,
        protocol: Code<Yaml>,
        timeouts: Vec<Bound>,
        limits: Vec<Bound>,
        slow: Code<Yaml>,
        limited: Code<Yaml>,
        failing: Code<Yaml>,
    }

    /// A declared value, and the operations that it holds for.
    Bound {
        /// A pattern of their names.
        operations: Code<Yaml>,
        value: Code<Yaml>,
        text: Code<Yaml>,
    }
}
