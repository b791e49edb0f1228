//! Log lines on their way to standard error: a worker's are written together.
//!
//! A write is a call of the kernel, and an access line is written for every request. A worker
//! gathers its lines while it has work and writes them when it is about to wait, so that nobody
//! sees a line later than a worker that is busy would have come to write it.

use std::cell::RefCell;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Lines are written when they fill this, even where a worker has not come to wait.
const PAGE: usize = 16 * 1024;

thread_local! {
    /// The lines of this thread that are not written yet; none where lines are written at once.
    static PENDING: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Gathers this thread's lines until the guard is dropped. Somebody must call [`flush`] whenever
/// the thread is about to wait.
#[must_use]
pub fn gather() -> Gathering {
    PENDING.set(Some(Vec::with_capacity(PAGE)));
    Gathering(())
}

/// Ends the gathering and writes what is left.
#[derive(Debug)]
pub struct Gathering(());

impl Drop for Gathering {
    fn drop(&mut self) {
        flush();
        PENDING.set(None);
    }
}

/// Writes this thread's lines, if there are any.
pub fn flush() {
    // A thread that ends has no lines left: its guard has written them.
    let _ = PENDING.try_with(|pending| {
        if let Some(lines) = pending
            .borrow_mut()
            .as_mut()
            .filter(|lines| !lines.is_empty())
        {
            write(lines);
            lines.clear();
        }
    });
}

/// Where the log's lines go.
#[derive(Debug)]
pub(super) struct Lines;

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        Self
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let gathered = PENDING.try_with(|pending| match pending.borrow_mut().as_mut() {
            Some(lines) => {
                lines.extend_from_slice(line);
                if lines.len() >= PAGE {
                    write(lines);
                    lines.clear();
                }
                true
            }
            None => false,
        });
        if !gathered.unwrap_or(false) {
            write(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// There is nobody to tell that a line could not be written.
fn write(lines: &[u8]) {
    let _ = io::stderr().lock().write_all(lines);
}
