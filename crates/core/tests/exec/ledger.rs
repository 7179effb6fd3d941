//! What was answered of a session, against what it said.
//!
//! Apart from those who ask because it has to be right by itself: each of its checks is shown to fail.

use handfast::exec::ExecResponse;

/// The first line of the stream: the command has begun, and reads.
pub(crate) const READY: &str = "000000000000000\n";
/// The length of its lines, each of which says where it begins.
pub(crate) const LINE: usize = 16;

/// All that was answered of one session.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Bytes that were in answers, and such that were counted as left out.
    pub(crate) answered: u64,
    pub(crate) counted: u64,
    /// From where to where, of pieces that say so themselves.
    pieces: Vec<(u64, u64)>,
    /// What a tombstone holds is in every answer that comes from it.
    unread: Option<(String, u64)>,
    /// What its process said in all.
    pub(crate) total: Option<u64>,
}

/// Where in the stream a piece lies, if it is long enough to say so; it must be a piece of it.
fn place_of(piece: &str) -> Option<u64> {
    let line = piece.find('\n')? + 1;
    let number = piece.get(line..line + LINE - 1)?;
    let begins: u64 = number.parse().unwrap();
    let from = begins - line as u64;
    assert!(
        testkit::flood(from, piece.len()) == piece.as_bytes(),
        "this is no piece of what was said"
    );
    Some(from)
}

impl Ledger {
    pub(crate) fn piece(&mut self, piece: &str) -> Option<(u64, u64)> {
        self.answered += piece.len() as u64;
        let from = place_of(piece)?;
        let place = (from, from + piece.len() as u64);
        self.pieces.push(place);
        Some(place)
    }

    pub(crate) fn add(&mut self, answer: &ExecResponse) {
        if answer.late {
            // Its first line says what the rest is. The last one has all.
            let (sentence, rest) = answer.output().split_once('\n').unwrap();
            if sentence.contains("that was not read before") {
                self.unread = Some((rest.to_owned(), answer.omitted_bytes));
            }
            return;
        }
        self.add_text(answer.output(), answer.omitted_bytes);
    }

    fn add_text(&mut self, text: &str, omitted: u64) {
        self.counted += omitted;
        if omitted == 0 {
            self.piece(text);
            return;
        }
        let marker = format!("\n... {omitted} bytes omitted ...\n");
        let (head, tail) = text.split_once(&marker).unwrap();
        let (head, tail) = (self.piece(head), self.piece(tail));
        let gap = head.zip(tail).map(|(head, tail)| tail.0 - head.1);
        assert!(gap.is_none_or(|gap| gap == omitted), "{gap:?} {omitted}");
    }

    /// Nothing was lost uncounted, and nothing came twice.
    pub(crate) fn check(&mut self) {
        let total = self.total.expect("its process has ended");
        if let Some((unread, omitted)) = self.unread.take() {
            self.add_text(&unread, omitted);
        }
        assert_eq!(self.answered + self.counted, total);
        self.pieces.sort_unstable();
        for two in self.pieces.windows(2) {
            assert!(two[0].1 <= two[1].0, "these came twice: {two:?}");
        }
    }
}

/// The negative controls: what is lost, and what comes twice, is found out.
#[test]
#[should_panic(expected = "left == right")]
fn a_byte_that_is_in_no_answer_is_found_out() {
    let mut ledger = Ledger::default();
    ledger.piece(READY);
    ledger.total = Some(17);
    ledger.check();
}

#[test]
#[should_panic(expected = "these came twice")]
fn a_piece_that_comes_twice_is_found_out() {
    let mut ledger = Ledger::default();
    let piece = String::from_utf8(testkit::flood(16, 80)).unwrap();
    ledger.piece(&piece);
    ledger.piece(&piece[16..64]);
    ledger.total = Some(128);
    ledger.check();
}

#[test]
#[should_panic(expected = "no piece of what was said")]
fn a_byte_at_a_wrong_place_is_found_out() {
    let said = String::from_utf8(testkit::flood(0, 80)).unwrap();
    place_of(&said.replacen("000000000000016\n", "", 1));
}
