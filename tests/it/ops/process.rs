//! The real binary as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::house::House;

const BINARY: &str = env!("CARGO_BIN_EXE_sluis");

/// `sluis serve`, with its log; killed when dropped.
pub struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Starts it and waits until it serves.
    pub async fn serve(house: &House) -> Self {
        Self::serve_by(house, Command::new(BINARY)).await
    }

    /// Under a parent that leaves `SIGXFSZ` ignored, so that a limit of the file size is an error
    /// of writing, as a full disk is.
    pub async fn serve_on_a_disk_that_can_be_full(house: &House) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", BINARY]);
        Self::serve_by(house, shell).await
    }

    async fn serve_by(house: &House, command: Command) -> Self {
        let mut process = Self::spawn(house, command);
        for _ in 0..600 {
            if process.log().contains("the border is open") {
                return process;
            }
            if let Some(status) = process.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", process.log());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not open: {}", process.log());
    }

    fn spawn(house: &House, mut command: Command) -> Self {
        let mut child = command
            .args(["--log", "trace", "serve", "--config"])
            .arg(house.path("sluis.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, kept) = (
            BufReader::new(child.stderr.take().unwrap()),
            Arc::clone(&log),
        );
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end by itself.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < within, "it does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the log has a text this many times.
    pub async fn says(&self, text: &str, times: usize) {
        for _ in 0..400 {
            if self.log().matches(text).count() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{text:?} is not {times} times in the log: {}", self.log());
    }

    /// A number of `/proc/ID/status`, in KiB.
    pub fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// The most that a core dump of it may have, as `/proc/ID/limits` says it.
    pub fn core_limit(&self) -> String {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.id())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core"));
        let words = line.unwrap().split_whitespace();
        words.skip(4).take(2).collect::<Vec<_>>().join(" ")
    }

    /// Limits how large a file may become.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let done = Command::new("prlimit")
            .arg(format!("--pid={}", self.id()))
            // The hard limit stays, so that it can be lifted again.
            .arg(format!("--fsize={limit}:unlimited"))
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Runs a command of the operator's on the house: whether it succeeded, and all that it said.
pub fn run(house: &House, words: &[&str]) -> (Option<i32>, String) {
    run_with(&house.path("sluis.toml"), words)
}

pub fn run_with(configuration: &Path, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    let done = command
        .args(words)
        .arg("--config")
        .arg(configuration)
        .output();
    let done = done.unwrap();
    let text = [done.stdout, done.stderr].concat();
    (
        done.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}
