//! Impatience: the first request is polite, the second is not, the third waits for nothing. Pure.

/// What a request to end comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// End in order: ask everybody, and give them their grace.
    Shutdown,
    /// End now: kill without a grace, and wait only until that is done.
    ShutdownNow,
    /// Leave, whatever is left.
    Exit,
}

/// Counts requests, and remembers of which one to die.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation<By> {
    first: Option<By>,
    requests: u8,
}

impl<By> Default for Escalation<By> {
    fn default() -> Self {
        Escalation {
            first: None,
            requests: 0,
        }
    }
}

impl<By: Copy> Escalation<By> {
    /// Takes in one request and says what it comes to.
    pub fn hear(&mut self, by: By) -> Asked {
        self.first.get_or_insert(by);
        self.requests = self.requests.saturating_add(1);
        match self.requests {
            1 => Asked::Shutdown,
            2 => Asked::ShutdownNow,
            _ => Asked::Exit,
        }
    }

    /// The request that began it: what this process is to die of. `None` while nobody asked.
    pub fn first(&self) -> Option<By> {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of up to six requests of three kinds.
    #[test]
    fn every_order_climbs_the_same_way_and_dies_of_the_first() {
        let mut orders = vec![Vec::<u8>::new()];
        for _ in 0..6 {
            let longer = orders.iter().flat_map(|order| {
                (0..3).map(move |kind| order.iter().copied().chain([kind]).collect())
            });
            orders = longer.collect();
            for order in &orders {
                let mut escalation = Escalation::default();
                assert_eq!(escalation.first(), None);
                for (count, by) in order.iter().enumerate() {
                    let expected = match count {
                        0 => Asked::Shutdown,
                        1 => Asked::ShutdownNow,
                        _ => Asked::Exit,
                    };
                    assert_eq!(escalation.hear(*by), expected, "{order:?}");
                    assert_eq!(escalation.first(), order.first().copied(), "{order:?}");
                }
            }
        }
        assert_eq!(orders.len(), 729);
    }

    #[test]
    fn no_number_of_requests_makes_it_polite_again() {
        let mut escalation = Escalation::default();
        for _ in 0..1000 {
            escalation.hear(());
        }
        assert_eq!(escalation.hear(()), Asked::Exit);
    }
}
