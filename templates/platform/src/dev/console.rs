//! Commands on standard input.

use std::io::BufRead;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::error::Error;

/// The answer to `help`.
pub(super) const HELP: &str = "help, list, status, stop SERVICE, start SERVICE, slow SERVICE 2s (0 ends it), \
     token ROLE, rotate (a new signing key), quit";

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Help,
    List,
    Status,
    Stop(String),
    Start(String),
    Slow(String, Duration),
    Token(String),
    Rotate,
    Quit,
}

/// Standard input and the signals that end the process.
pub(super) struct Console {
    lines: mpsc::UnboundedReceiver<String>,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Console {
    /// Reads standard input from now on, in a thread of its own: a terminal cannot be read asynchronously.
    pub fn open() -> Result<Self, Error> {
        let (sender, lines) = mpsc::unbounded_channel();
        let reader = move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        };
        let failed = |error| Error::because("opening the console", error);
        std::thread::Builder::new()
            .name("console".to_owned())
            .spawn(reader)
            .map_err(failed)?;
        Ok(Self {
            lines,
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(failed)?,
        })
    }

    /// The next command. The end of input ends nothing; SIGINT and SIGTERM are `quit`.
    pub async fn next(&mut self) -> Result<Command, Error> {
        #[cfg(unix)]
        let terminated = self.terminate.recv();
        #[cfg(not(unix))]
        let terminated = std::future::pending::<Option<()>>();
        tokio::select! {
            Some(line) = self.lines.recv() => parse(&line),
            _ = terminated => Ok(Command::Quit),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted.map(|()| Command::Quit).map_err(|error| Error::because("waiting for signals", error))
            }
        }
    }
}

fn parse(line: &str) -> Result<Command, Error> {
    let words: Vec<_> = line.split_whitespace().collect();
    Ok(match *words {
        ["help"] | [] => Command::Help,
        ["list"] => Command::List,
        ["status"] => Command::Status,
        ["stop", service] => Command::Stop(service.to_owned()),
        ["start", service] => Command::Start(service.to_owned()),
        ["slow", service, by] => {
            let by = duration(by).ok_or_else(|| {
                Error::new(format!("`{by}` is no duration such as 500ms, 2s or 0"))
            })?;
            Command::Slow(service.to_owned(), by)
        }
        ["token", role] => Command::Token(role.to_owned()),
        ["rotate"] => Command::Rotate,
        ["quit" | "exit"] => Command::Quit,
        _ => {
            return Err(Error::new(format!(
                "`{line}` is no command; there are: {HELP}"
            )));
        }
    })
}

/// `500ms`, `2s`, `1m`, or `0`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "" if number == 0 => 0,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        assert_eq!(
            parse(" stop  orders ").expect("is one"),
            Command::Stop("orders".into())
        );
        let slow = parse("slow orders 2s").expect("is one");
        assert_eq!(slow, Command::Slow("orders".into(), Duration::from_secs(2)));
        assert_eq!(
            parse("slow orders 0").expect("is one"),
            Command::Slow("orders".into(), Duration::ZERO)
        );
        assert_eq!(parse("").expect("is one"), Command::Help);
        for wrong in [
            "stop",
            "stop a b",
            "slow orders 2",
            "slow orders x",
            "slow orders 99999999999999999999s",
            "go",
        ] {
            parse(wrong).expect_err("is told");
        }
    }
}
