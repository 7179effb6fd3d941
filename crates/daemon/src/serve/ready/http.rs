//! Asking a program of this machine for a page, to see whether it answers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of an answer is read: its first line, `HTTP/1.1 200 `.
const ANSWER: usize = 13;

/// Where a page is: on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    pub(super) port: u16,
    path: String,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(url: &str) -> Result<Address, String> {
        let odd = |why: &str| format!("understand the URL: {why}");
        let rest = url.strip_prefix("http://");
        let rest = rest.ok_or_else(|| odd("only http:// is taken"))?;
        let (place, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let bracketed = place
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = port.map_or(Ok(80), str::parse);
        let port = port.map_err(|_| odd("its port is no number"))?;
        let address = Address {
            host: host.to_owned(),
            port,
            path,
        };
        if address.ips().is_empty() || port == 0 {
            return Err(odd(
                "it is not on this machine: name localhost or a loopback address",
            ));
        }
        let is_odd = |letter: char| letter.is_control() || letter.is_whitespace();
        if address.path.contains(is_odd) {
            return Err(odd("there is a blank in it"));
        }
        Ok(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Address {
    /// No name is looked up: it would lead to other machines.
    fn ips(&self) -> Vec<IpAddr> {
        if self.host.eq_ignore_ascii_case("localhost") {
            return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        let ip = self.host.parse::<IpAddr>().ok();
        ip.filter(IpAddr::is_loopback).into_iter().collect()
    }

    /// Whether somebody answers with a status below 400.
    pub(super) async fn answers(&self) -> bool {
        for ip in self.ips() {
            let status = timeout(PATIENCE, self.ask(SocketAddr::new(ip, self.port))).await;
            if let Ok(Some(status)) = status {
                return (100..400).contains(&status);
            }
        }
        false
    }

    async fn ask(&self, at: SocketAddr) -> Option<u16> {
        let mut stream = TcpStream::connect(at).await.ok()?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {self}\r\nUser-Agent: handfast\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            self.path
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = [0; ANSWER];
        stream.read_exact(&mut answer).await.ok()?;
        status(&answer)
    }
}

/// The status of an answer that begins so.
fn status(answer: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(answer).ok()?;
    let (version, rest) = text.split_once(' ')?;
    let digits = rest.get(..3)?;
    version.starts_with("HTTP/").then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked() {
        let read = |url: &str| {
            let address = url.parse::<Address>()?;
            Ok::<_, String>((address.to_string(), address.path))
        };
        let is = |at: &str, path: &str| Ok((at.to_owned(), path.to_owned()));
        assert_eq!(
            read("http://localhost:3000/up?x#y"),
            is("localhost:3000", "/up?x")
        );
        assert_eq!(read("http://127.0.0.1"), is("127.0.0.1:80", "/"));
        assert_eq!(read("http://[::1]:8080/"), is("[::1]:8080", "/"));
        assert_eq!(read("http://127.0.0.9:1?a"), is("127.0.0.9:1", "/?a"));
        for odd in [
            "https://localhost",
            "localhost:3000",
            "http://example.org/",
            "http://10.0.0.1/",
            "http://",
            "http://localhost:99999/",
            "http://localhost:0/",
            "http://localhost/a b",
            "http://0.0.0.0:1/",
            "http://localhost@10.0.0.1/",
            "http://localhost/\r\nX: y",
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_status_is_read_and_nothing_else() {
        assert_eq!(status(b"HTTP/1.1 204 "), Some(204));
        assert_eq!(status(b"HTTP/1.0 500 "), Some(500));
        for odd in [&b"SSH-2.0-OpenS"[..], b"HTTP/1.1 xxx ", b"\xff\xff", b""] {
            assert_eq!(status(odd), None);
        }
    }
}
