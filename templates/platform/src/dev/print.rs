//! What is printed at the start: where everything is, and commands to try it with.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;

use http::Method;
use serde_json::Value;

use super::folder::{judged_name, key_file, token_file};
use super::supervisor::Supervisor;
use super::{Entry, IdentityProvider, Keyring, NOBODY, System, Try};
use crate::auth::session::{LOGIN, SESSION};
use crate::client::Prepared;
use crate::policy::{OperationPolicy, Protocol, RateLimit, Scheme, Tls};

/// Limits above this many at once are told, but not tried: the commands would take too long.
const TRIED: u32 = 2000;

/// Prints it all.
pub(super) fn everything(
    system: &System,
    supervisor: &Supervisor,
    provider: &IdentityProvider,
    keyring: &Keyring,
) {
    let mut text = format!("{} runs.\n", system.name);
    for actor in &system.services {
        if let Some((listen, plain)) = supervisor.addresses(actor.service) {
            let ways = [
                ("plain", plain.or(listen.off)),
                ("tls", listen.server),
                ("mutual tls", listen.mutual),
            ];
            let ways = ways
                .iter()
                .filter_map(|(way, address)| Some(format!("{way} {}", (*address)?)));
            let ways: Vec<_> = ways
                .chain(
                    listen
                        .admin
                        .map(|admin| format!("admin http://{admin}/metrics")),
                )
                .collect();
            line(
                &mut text,
                format_args!("  {}: {}", actor.service, ways.join(", ")),
            );
        }
    }
    for entry in &system.entries {
        describe(&mut text, entry, system, supervisor, provider, keyring);
    }
    line(
        &mut text,
        format_args!("\nCommands: {}", super::console::HELP),
    );
    print!("{text}");
}

/// One api: where it is, and each of its operations.
fn describe(
    text: &mut String,
    entry: &Entry,
    system: &System,
    supervisor: &Supervisor,
    provider: &IdentityProvider,
    keyring: &Keyring,
) {
    let policy = supervisor
        .policy(entry.service)
        .and_then(|policy| policy.api(entry.api, entry.protocol));
    let addresses = supervisor.addresses(entry.service);
    let (Some(policy), Some((listen, plain))) = (policy, addresses) else {
        return;
    };
    let protocol = match entry.protocol {
        Protocol::Rest => "rest",
        Protocol::Grpc => "grpc",
    };
    let address = policy.tls.iter().find_map(|tls| match tls {
        Tls::Off => listen.off,
        Tls::Server => plain,
        // Only services have certificates that this api lets in.
        Tls::Mutual => None,
    });
    let Some(address) = address else {
        let address = listen
            .mutual
            .map(|address| address.to_string())
            .unwrap_or_default();
        line(
            text,
            format_args!(
                "\n{}.{} ({protocol}) {address}, for services alone",
                entry.service, entry.api
            ),
        );
        return;
    };
    line(
        text,
        format_args!(
            "\n{}.{} ({protocol}) http://{address}",
            entry.service, entry.api
        ),
    );
    let logged_in = RefCell::default();
    let schemes = supervisor.policy(entry.service).map(|it| &it.schemes);
    let schemes = schemes.into_iter().flatten();
    let sessions: Vec<_> = schemes
        .filter(|scheme| matches!(scheme, Scheme::Session { .. }))
        .map(Scheme::name)
        .collect();
    for one in entry.operations {
        let Some(policy) = policy.operation(one.operation) else {
            continue;
        };
        let title = if one.doc.is_empty() {
            one.operation
        } else {
            one.doc
        };
        line(
            text,
            format_args!("  {}", title.lines().collect::<Vec<_>>().join(" ")),
        );
        let asker = Asker {
            entry,
            one,
            policy,
            address,
            provider,
            keyring,
            session: policy.auth.iter().any(|name| sessions.contains(name)),
            logged_in: &logged_in,
        };
        asker.write(text, system.roles);
    }
}

/// The file of a role's cookies.
fn cookies(role: &str) -> String {
    format!(".dev/{role}.cookies")
}

/// How a user shows who he is.
#[derive(Clone, Copy)]
enum Way {
    /// By a token of this scheme.
    Token(&'static str),
    /// By a session's cookie.
    Session,
}

/// Writes the commands of one operation.
struct Asker<'a> {
    entry: &'a Entry,
    one: &'a Try,
    policy: &'a OperationPolicy,
    address: SocketAddr,
    provider: &'a IdentityProvider,
    keyring: &'a Keyring,
    /// Whether browsers log in for it.
    session: bool,
    /// Who is logged in by a command above.
    logged_in: &'a RefCell<BTreeSet<String>>,
}

impl Asker<'_> {
    fn write(&self, text: &mut String, roles: &[&'static str]) {
        let mut schemes = self.provider.tokens();
        let scheme = schemes.find(|scheme| self.policy.auth.contains(scheme));
        // Browsers' cookies count over HTTP alone.
        let session = self.session && self.entry.protocol == Protocol::Rest;
        let user = match scheme {
            Some(scheme) => Some(Way::Token(scheme)),
            None => session.then_some(Way::Session),
        };
        let allowed = self
            .policy
            .allow
            .first()
            .or_else(|| roles.first())
            .copied()
            .unwrap_or(NOBODY);
        // Keys and passwords tell of no roles.
        let key = self
            .keyring
            .schemes()
            .find(|scheme| self.policy.auth.contains(scheme) && self.policy.allow.is_empty());
        let judged = self.one.judged().is_some();
        let mut bearer = allowed.to_owned();
        if judged {
            bearer = format!(
                "{allowed}-{}",
                judged_name(self.entry.api, self.one.operation)
            );
        }
        let token = user.map(|way| self.user(text, way, &bearer));
        let token = token.or_else(|| key.and_then(|scheme| self.key(scheme)));
        let token = token.as_deref().unwrap_or_default();
        if self.entry.protocol == Protocol::Grpc {
            let answer = if self.one.answers_stream {
                "the answers, one after another"
            } else {
                "the answer"
            };
            self.show(text, &self.grpcurl(token), answer);
            return;
        }
        // Whoever may not in at all sees this instead of an answer.
        let anonymous = self.policy.auth.is_empty();
        let answer = if anonymous || user.is_some() || key.is_some() {
            self.one.status.to_string()
        } else {
            REFUSED.to_owned()
        };
        self.show(text, &self.curl("-i", token, ""), &answer);
        if user.is_some() || key.is_some() {
            self.show(text, &self.curl("-i", "", ""), REFUSED);
        }
        if let Some(way) = user.filter(|_| !self.policy.allow.is_empty()) {
            let other = roles
                .iter()
                .find(|role| !self.policy.allow.contains(role))
                .unwrap_or(&NOBODY);
            let other = self.user(text, way, other);
            self.show(text, &self.curl("-i", &other, ""), "403 forbidden");
        }
        if let Some(way) = user.filter(|_| self.one.asks_claims) {
            let plain = self.user(text, way, allowed);
            self.show(text, &self.curl("-i", &plain, ""), "403 forbidden");
        }
        if let Some(limit) = self.policy.rate_limit {
            self.over(text, &limit, token);
        }
    }

    /// More requests than the limit lets through, over one connection.
    fn over(&self, text: &mut String, limit: &RateLimit, token: &str) {
        let rate = f64::from(limit.permits) / limit.per.as_secs_f64();
        if limit.burst > TRIED || rate > f64::from(TRIED) / 10.0 {
            line(
                text,
                format_args!(
                    "  # more than {} at once: 429 rate-limited, with Retry-After",
                    limit.burst
                ),
            );
            return;
        }
        // Enough to empty the bucket while it fills again, unless requests take longer than they do.
        let count = u64::from(limit.burst) + (4.0 * rate).ceil() as u64 + 5;
        let codes = "-o /dev/null -w '%{http_code} %header{retry-after}\\n'";
        let command = self.curl(codes, token, &format!("try=[1-{count}]"));
        // The pause is for those who go on with the next command: the bucket has something in it again.
        self.show(
            text,
            &format!("{command} | sort | uniq -c; sleep 1"),
            "429 rate-limited, with Retry-After",
        );
    }

    /// What shows that a user calls: a token, or the cookie of a session, whose login is printed once.
    fn user(&self, text: &mut String, way: Way, role: &str) -> String {
        let scheme = match way {
            Way::Token(scheme) => scheme,
            Way::Session => {
                self.log_in(text, role);
                let cookies = cookies(role);
                return format!("-b {cookies} -H 'Sec-Fetch-Site: same-origin' ");
            }
        };
        self.header(scheme, role)
    }

    /// Logs a user in, with the redirects that a browser follows.
    fn log_in(&self, text: &mut String, role: &str) {
        let cookies = cookies(role);
        if !self.logged_in.borrow_mut().insert(cookies.clone()) {
            return;
        }
        let query = format!("{LOGIN}?login_hint={role}&return_to={SESSION}");
        let url = quoted(&format!("http://{}{query}", self.address));
        let command = format!("curl -sS -i -L -b {cookies} -c {cookies} {url}");
        self.show(
            text,
            &command,
            "303 see other, three times, then 200 and who is logged in",
        );
    }

    fn header(&self, scheme: &str, role: &str) -> String {
        format!(
            "-H \"Authorization: Bearer $(cat {})\" ",
            token_file(self.provider, scheme, role).display()
        )
    }

    /// The developer's own key, or name and password; grpcurl knows no more than headers.
    fn key(&self, scheme: &str) -> Option<String> {
        let file = key_file(scheme);
        let file = file.display();
        Some(match self.keyring.scheme(scheme)? {
            Scheme::ApiKey { header, .. } => format!("-H \"{header}: $(cat {file})\" "),
            _ if self.entry.protocol == Protocol::Rest => format!("-u \"$(cat {file})\" "),
            _ => format!("-H \"Authorization: Basic $(base64 -w0 {file})\" "),
        })
    }

    fn curl(&self, how: &str, token: &str, query: &str) -> String {
        let request: Value = serde_json::from_str(self.one.request).unwrap_or_default();
        let method = Method::from_bytes(self.one.method.as_bytes()).unwrap_or(Method::POST);
        let (path, body) = match Prepared::new(method.clone(), self.one.path, &request) {
            Ok(prepared) => (prepared.path_and_query, prepared.body),
            Err(_) => (self.one.path.to_owned(), None),
        };
        let body = body.map(|body| String::from_utf8_lossy(&body).into_owned());
        let data =
            body.map(|body| format!("-H 'Content-Type: application/json' -d {} ", quoted(&body)));
        let data = data.unwrap_or_default();
        let verb = match (&method, data.is_empty()) {
            (&Method::GET, true) | (&Method::POST, false) => String::new(),
            _ => format!("-X {method} "),
        };
        let separator = match (query.is_empty(), path.contains('?')) {
            (true, _) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        let url = quoted(&format!("http://{}{path}{separator}{query}", self.address));
        format!("curl -sS {how} {verb}{token}{data}{url}")
    }

    fn grpcurl(&self, token: &str) -> String {
        let request = if self.one.request == "null" {
            "{}"
        } else {
            self.one.request
        };
        // A stream of two: they stand one after another.
        let data = if self.one.takes_stream {
            quoted(&[request, request].join(" "))
        } else {
            quoted(request)
        };
        let proto = self.entry.proto;
        let method = self.one.path.trim_start_matches('/');
        let address = self.address;
        format!(
            "grpcurl -plaintext -import-path contracts/proto -proto {proto} {token}-d {data} {address} {method}"
        )
    }

    fn show(&self, text: &mut String, command: &str, answer: &str) {
        line(text, format_args!("  $ {command}\n  # {answer}"));
    }
}

/// The answer to those who present nothing.
const REFUSED: &str = "401 unauthenticated";

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
