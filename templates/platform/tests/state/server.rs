use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A real server, which ends with the test.
pub struct Server {
    pub address: SocketAddr,
    folder: PathBuf,
    process: Child,
}

impl Server {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        drop(socket);
        let folder = std::env::temp_dir().join(format!("state-{}", address.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let process = spawn(address, &folder);
        let server = Self {
            address,
            folder,
            process,
        };
        server.wait();
        server
    }

    /// Ends it, and forgets all that it held.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.process = spawn(self.address, &self.folder);
        self.wait();
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < end, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn spawn(address: SocketAddr, folder: &Path) -> Child {
    let port = address.port().to_string();
    Command::new("redis-server")
        .args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
        ])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
