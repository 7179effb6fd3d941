//! The newest bytes of a stream, in one piece of memory that is overwritten in place.
//!
//! Apart because both the plain buffer and the store keep their tail in it. What must stay true:
//! its memory is never more than its bound, however small the pieces are in which bytes come, and
//! every byte that it gives up is in the count that it returns.

/// What the first bytes are given room for.
const FIRST: usize = 1024;

/// At most `most` bytes; grows to that as it is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ring {
    /// All of it is initialised; what is kept begins at `start` and wraps around.
    memory: Vec<u8>,
    start: usize,
    len: usize,
    most: usize,
}

impl Ring {
    pub(super) fn new(most: usize) -> Ring {
        Ring {
            memory: Vec::new(),
            start: 0,
            len: 0,
            most,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How much memory it has taken.
    pub(super) fn memory(&self) -> usize {
        self.memory.capacity()
    }

    /// Appends, and answers how many bytes had to go: the oldest, and of `new` its beginning where
    /// it is longer than all there is room for.
    pub(super) fn push(&mut self, new: &[u8]) -> usize {
        let skipped = new.len().saturating_sub(self.most);
        let new = new.get(skipped..).unwrap_or_default();
        let excess = (self.len + new.len()).saturating_sub(self.most);
        self.drop_front(excess);
        self.grow_to(self.len + new.len());
        let end = self.place(self.len);
        let before_the_wrap = new.len().min(self.memory.len() - end);
        let (first, second) = new.split_at(before_the_wrap);
        self.memory[end..end + first.len()].copy_from_slice(first);
        self.memory[..second.len()].copy_from_slice(second);
        self.len += new.len();
        skipped + excess
    }

    /// Where the next bytes go, at most `limit` of them, for whoever writes them there himself and
    /// says so with [`Ring::placed`]; nowhere while memory still grows. The oldest bytes are there
    /// and kept until they are overwritten, so nothing else may be written.
    pub(super) fn place_for(&mut self, limit: usize) -> &mut [u8] {
        if self.memory.len() < self.most || self.most == 0 {
            return &mut [];
        }
        let end = self.place(self.len);
        let limit = limit.min(self.memory.len() - end);
        &mut self.memory[end..end + limit]
    }

    /// The first `count` bytes of that place were written; answers how many of the oldest went.
    pub(super) fn placed(&mut self, count: usize) -> usize {
        let excess = (self.len + count).saturating_sub(self.most);
        self.start = self.place(excess);
        self.len += count - excess;
        excess
    }

    /// Gives up the oldest bytes, all where there are not so many.
    pub(super) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.len);
        self.len -= count;
        self.start = if self.len == 0 { 0 } else { self.place(count) };
    }

    /// What is kept, oldest first, in the two pieces in which it lies.
    pub(super) fn pieces(&self) -> (&[u8], &[u8]) {
        let end = self.start + self.len;
        let first = &self.memory[self.start..end.min(self.memory.len())];
        let second = &self.memory[..end.saturating_sub(self.memory.len())];
        (first, second)
    }

    /// Appends `len` of the kept bytes, from the one at `from`, to `to`; fewer where there are not
    /// so many.
    pub(super) fn copy(&self, from: usize, len: usize, to: &mut Vec<u8>) {
        let (first, second) = self.pieces();
        let end = from.saturating_add(len);
        for (piece, begins) in [(first, 0), (second, first.len())] {
            let from = from.saturating_sub(begins).min(piece.len());
            let end = end.saturating_sub(begins).min(piece.len());
            to.extend_from_slice(&piece[from..end]);
        }
    }

    /// Where the byte with this number lies; the end of what is kept has a place too.
    fn place(&self, number: usize) -> usize {
        let place = self.start + number;
        if place >= self.memory.len() {
            place - self.memory.len()
        } else {
            place
        }
    }

    fn grow_to(&mut self, wanted: usize) {
        let now = self.memory.len();
        if wanted <= now {
            return;
        }
        let size = wanted.max(now * 2).max(FIRST).min(self.most);
        self.memory.rotate_left(self.start);
        self.start = 0;
        self.memory.reserve_exact(size - now);
        self.memory.resize(size, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_end_of_all_that_was_pushed(
            most in 0_usize..5000,
            steps in prop::collection::vec((0_usize..6000, 0_usize..50), 0..20),
        ) {
            let mut ring = Ring::new(most);
            let mut model: Vec<u8> = Vec::new();
            for (len, dropped) in steps {
                let new: Vec<u8> = (0..len).map(|number| (number * 7 + len) as u8).collect();
                model.extend(&new);
                let excess = model.len().saturating_sub(most);
                model.drain(..excess);
                prop_assert_eq!(ring.push(&new), excess);
                ring.drop_front(dropped);
                model.drain(..dropped.min(model.len()));
                let place = ring.place_for(dropped);
                place.fill(len as u8);
                let count = place.len();
                model.extend(vec![len as u8; count]);
                let excess = model.len().saturating_sub(most);
                model.drain(..excess);
                prop_assert_eq!(ring.placed(count), excess);
                let (first, second) = ring.pieces();
                prop_assert_eq!([first, second].concat(), model.clone());
                let mut part = Vec::new();
                ring.copy(dropped, len, &mut part);
                let from = dropped.min(model.len());
                let end = (dropped + len).min(model.len());
                prop_assert_eq!(&part[..], &model[from..end]);
                prop_assert!(ring.memory() <= most);
            }
        }
    }
}
