//! Work on many files at once: whoever is free takes the next few, so that a large one keeps nobody waiting.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many are taken at a time, at most: of few things, which may be large, fewer.
const MOST_AT_ONCE: usize = 16;
/// So often each thread comes back for more, at least, if there is enough.
const ROUNDS: usize = 8;

/// Does some work on a few things after the other, on as many threads as the machine runs at once. Each thread has a state of
/// its own. The results are in the order of the things.
pub(crate) fn in_parallel<T: Sync, S, R: Send>(
    things: &[T],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &[T]) -> R + Sync,
) -> Vec<R> {
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let batch = (things.len() / (most * ROUNDS)).clamp(1, MOST_AT_ONCE);
    let next = AtomicUsize::new(0);
    let take = || {
        let (mut state, mut done) = (state(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(rest) = things.get(number * batch..).filter(|rest| !rest.is_empty()) else { return done };
            done.push((number, work(&mut state, &rest[..rest.len().min(batch)])));
        }
    };
    let others = most.min(things.len().div_ceil(batch)).saturating_sub(1);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(take)).collect();
        let own = take();
        let others = others.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(others).flatten().collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_nothing_is_left_out() {
        for count in [0, 1, 2, 15, 16, 17, 1000] {
            let things: Vec<usize> = (0..count).collect();
            let parts = in_parallel(&things, || (), |(), things| things.to_vec());
            assert_eq!(parts.concat(), things);
        }
    }
}
