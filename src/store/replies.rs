//! Replies of a writer's thread to those who wait, a whole transaction's at once.
//!
//! To wake a task of another thread costs a call to the kernel, and often a change of thread: the
//! first that is woken goes on at once, and the writer waits with the rest. So a thread that has
//! many tasks waiting keeps a [`Desk`]: replies are put there, and it is rung once.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

/// The end that replies. Dropped without, it tells the other end that nobody will.
pub(super) struct Reply<T>(Arc<Mutex<Slot<T>>>);

/// The end that waits: `None` when nobody will reply.
pub(super) struct Answer<T>(Arc<Mutex<Slot<T>>>);

enum Slot<T> {
    Waiting(Option<Waiter>),
    Here(T),
    Nobody,
}

/// Who is to be woken, and at which desk.
pub(super) struct Waiter {
    waker: Waker,
    desk: Option<Arc<Desk>>,
}

/// Where the replies for the tasks of one thread are put.
#[derive(Default)]
struct Desk {
    /// None once nobody looks there any more.
    wakers: Mutex<Option<Vec<Waker>>>,
    bell: Notify,
}

thread_local! {
    /// That of this thread: tasks never leave the thread of a worker.
    static DESK: RefCell<Option<Arc<Desk>>> = const { RefCell::new(None) };
}

pub(super) fn reply<T>() -> (Reply<T>, Answer<T>) {
    let slot = Arc::new(Mutex::new(Slot::Waiting(None)));
    (Reply(Arc::clone(&slot)), Answer(slot))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Reply<T> {
    /// Puts the reply where it is waited for. Whoever waits is still to be woken, by [`ring`].
    pub(super) fn put(self, value: T) -> Option<Waiter> {
        match std::mem::replace(&mut *lock(&self.0), Slot::Here(value)) {
            Slot::Waiting(waiter) => waiter,
            Slot::Here(_) | Slot::Nobody => None,
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        let mut slot = lock(&self.0);
        let Slot::Waiting(waiter) = &mut *slot else {
            return;
        };
        let waiter = waiter.take();
        *slot = Slot::Nobody;
        drop(slot);
        ring(waiter);
    }
}

impl<T> Future for Answer<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut slot = lock(&self.0);
        match &mut *slot {
            Slot::Waiting(waiter) => {
                *waiter = Some(Waiter {
                    waker: context.waker().clone(),
                    desk: DESK.with_borrow(Option::clone),
                });
                Poll::Pending
            }
            Slot::Here(_) => match std::mem::replace(&mut *slot, Slot::Nobody) {
                Slot::Here(value) => Poll::Ready(Some(value)),
                Slot::Waiting(_) | Slot::Nobody => Poll::Ready(None),
            },
            Slot::Nobody => Poll::Ready(None),
        }
    }
}

/// Wakes all of these, each thread with a desk once.
pub(super) fn ring(waiters: impl IntoIterator<Item = Waiter>) {
    let mut rung: Vec<Arc<Desk>> = Vec::new();
    for Waiter { waker, desk } in waiters {
        let Some(desk) = desk else {
            waker.wake();
            continue;
        };
        let closed = match &mut *lock(&desk.wakers) {
            Some(wakers) => {
                wakers.push(waker);
                None
            }
            None => Some(waker),
        };
        match closed {
            Some(waker) => waker.wake(),
            None if rung.iter().any(|known| Arc::ptr_eq(known, &desk)) => {}
            None => rung.push(desk),
        }
    }
    for desk in rung {
        desk.bell.notify_one();
    }
}

/// Keeps a desk for this thread, and wakes its tasks as replies come. For a thread whose tasks stay
/// with it; without, each task is woken by itself.
pub async fn keep_desk() {
    let open = Open::new();
    loop {
        open.0.bell.notified().await;
        let wakers = lock(&open.0.wakers).as_mut().map(std::mem::take);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// A desk that is closed when this is dropped; nobody is left waiting there.
struct Open(Arc<Desk>);

impl Open {
    fn new() -> Self {
        let desk = Arc::new(Desk {
            wakers: Mutex::new(Some(Vec::new())),
            bell: Notify::new(),
        });
        DESK.set(Some(Arc::clone(&desk)));
        Self(desk)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        DESK.set(None);
        let left = lock(&self.0.wakers).take();
        left.into_iter().flatten().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::thread;

    use tokio::runtime::Builder;
    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    /// Counts how often a task is woken.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_reply_comes_whether_it_was_waited_for_or_not() {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (sender, answer) = reply();
            assert!(sender.put(5).is_none());
            assert_eq!(answer.await, Some(5));
            let (sender, answer) = reply();
            let other = thread::spawn(move || ring(sender.put(6)));
            assert_eq!(answer.await, Some(6));
            other.join().unwrap();
            let (sender, answer) = reply::<u8>();
            let other = thread::spawn(move || drop(sender));
            assert_eq!(answer.await, None);
            other.join().unwrap();
        });
    }

    #[test]
    fn a_desk_is_rung_once_for_all_and_leaves_nobody_waiting_when_it_closes() {
        let runtime = Builder::new_current_thread().build().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let desk = spawn_local(keep_desk());
            yield_now().await;
            let (senders, answers): (Vec<_>, Vec<_>) = (0..9).map(|_| reply()).unzip();
            let counted: Vec<Arc<Counted>> = answers.iter().map(|_| Arc::default()).collect();
            let mut answers: Vec<_> = answers.into_iter().zip(&counted).collect();
            for (answer, counted) in &mut answers {
                let waker = Waker::from(Arc::clone(counted));
                assert!(
                    Pin::new(answer)
                        .poll(&mut Context::from_waker(&waker))
                        .is_pending()
                );
            }
            let woken = || -> usize {
                counted
                    .iter()
                    .map(|one| one.0.load(Ordering::Relaxed))
                    .sum()
            };
            let mut waiters: Vec<Waiter> = senders
                .into_iter()
                .filter_map(|sender| sender.put(7))
                .collect();
            assert_eq!(waiters.len(), 9);
            let late = waiters.split_off(6);
            ring(waiters);
            assert_eq!(woken(), 0, "they wait at the desk");
            yield_now().await;
            assert_eq!(woken(), 6);
            // Two are put there and not looked at before it closes; the last comes after that.
            let mut late = late.into_iter();
            ring(late.by_ref().take(2));
            desk.abort();
            assert!(desk.await.unwrap_err().is_cancelled());
            assert_eq!(woken(), 8);
            ring(late);
            assert_eq!(woken(), 9);
        });
    }
}
