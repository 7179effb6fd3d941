//! Which names are written nearly as one that is not known.
//!
//! The distance is the optimal string alignment distance (Damerau–Levenshtein, no part edited
//! twice): insertions, deletions, replacements and swaps of neighbours count one each.

/// How many names are given.
const MOST: usize = 3;

/// The nearest of `all`, the nearest first: at most one edit for each three characters.
pub(super) fn names<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let most = name.chars().count().div_ceil(3).min(3);
    // What is much longer than any name is near to none of them, and costs nothing.
    if name.is_empty() || name.len() > 64 {
        return Vec::new();
    }
    let mut near: Vec<_> = all
        .map(|other| (distance(name, other), other))
        .filter(|&(distance, other)| distance <= most && distance < other.len())
        .collect();
    near.sort_by_key(|&(distance, _)| distance);
    let best = near.first().map_or(0, |&(distance, _)| distance);
    near.retain(|&(distance, _)| distance == best);
    near.into_iter().map(|(_, name)| name).take(MOST).collect()
}

fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, &a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, &b) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(a != b);
            let mut best = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swap = row > 0 && column > 0 && a == right[column - 1] && left[row - 1] == b;
            if is_swap {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_one_each() {
        let cases = [
            ("", "", 0),
            ("enter", "enter", 0),
            ("entr", "enter", 1),
            ("eenter", "enter", 1),
            ("entwr", "enter", 1),
            ("enetr", "enter", 1),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
        ];
        for (left, right, want) in cases {
            assert_eq!(distance(left, right), want, "{left} {right}");
            assert_eq!(distance(right, left), want, "{right} {left}");
        }
    }

    #[test]
    fn only_the_nearest_are_given() {
        let all = ["left", "right", "delete", "f1", "f2", "f3", "f4"];
        assert_eq!(names("rigth", all.into_iter()), ["right"]);
        assert_eq!(names("f9", all.into_iter()), ["f1", "f2", "f3"]);
        assert!(names("zzzzzz", all.into_iter()).is_empty());
        assert!(names("", all.into_iter()).is_empty());
        assert!(names(&"f".repeat(100), all.into_iter()).is_empty());
    }
}
