//! Owners as a tree, with their processes, and the members of those. Pure but for the clock.

use super::{Found, one_line};
use crate::show::table::cut;
use crate::show::{Hue, Out, safe};
use handfast_daemon::wire::{Info, Member, TreeUsage};
use std::collections::BTreeMap;

/// How deep members are drawn; what is below that is left out, as a chain may be as long as it likes.
const DEEPEST: usize = 24;

/// What stands below a line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Node {
    label: String,
    below: Vec<Node>,
}

/// The tree of all of them.
pub(super) fn lines(found: &Found, (out, width): (&Out, Option<usize>)) -> Vec<String> {
    let mut owners: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
    for info in &found.processes {
        owners
            .entry(&info.owner)
            .or_default()
            .push(process(info, found.tree(info), out));
    }
    let mut roots = Vec::new();
    for (owner, processes) in owners {
        let names: Vec<&str> = owner.split('/').collect();
        place(&mut roots, &names, processes);
    }
    let mut lines = Vec::new();
    for root in &roots {
        lines.push(out.paint(Hue::Dim, &root.label));
        draw(&root.below, "", &mut lines);
    }
    // A line with colours in it is left to the terminal, which would count their bytes otherwise.
    let plain = |line: String| match width {
        Some(width) if !line.contains('\x1b') => cut(&line, width),
        _ => line,
    };
    lines.into_iter().map(plain).collect()
}

/// Puts the processes of an owner below those above it, which are made where they are not.
fn place(nodes: &mut Vec<Node>, names: &[&str], processes: Vec<Node>) {
    let Some((first, rest)) = names.split_first() else {
        // Processes stand before the owners below.
        nodes.splice(0..0, processes);
        return;
    };
    let label = safe::word(first);
    let found = nodes.iter().position(|node| node.label == label);
    let at = found.unwrap_or_else(|| {
        nodes.push(Node {
            label,
            below: Vec::new(),
        });
        nodes.len() - 1
    });
    if let Some(node) = nodes.get_mut(at) {
        place(&mut node.below, rest, processes);
    }
}

fn process(info: &Info, tree: Option<&TreeUsage>, out: &Out) -> Node {
    let members = tree
        .and_then(|tree| tree.members.as_deref())
        .unwrap_or_default();
    Node {
        label: one_line(info, out),
        below: below(members, (None, DEEPEST), out),
    }
}

/// The members whose parent is this one; first those whose parent is none of them.
fn below(members: &[Member], (parent, left): (Option<u32>, usize), out: &Out) -> Vec<Node> {
    let is_member = |pid: u32| members.iter().any(|member| member.pid == pid);
    let is_below = |member: &&Member| match parent {
        Some(parent) => member.parent == parent && member.pid != parent,
        None => !is_member(member.parent) || member.parent == member.pid,
    };
    let node = |member: &Member| Node {
        label: format!(
            "{} {}",
            out.paint(Hue::Dim, &member.pid.to_string()),
            safe::word(&member.command)
        ),
        below: match left {
            0 => Vec::new(),
            left => below(members, (Some(member.pid), left - 1), out),
        },
    };
    members.iter().filter(is_below).map(node).collect()
}

fn draw(nodes: &[Node], before: &str, lines: &mut Vec<String>) {
    for (place, node) in nodes.iter().enumerate() {
        let last = place + 1 == nodes.len();
        let (branch, beside) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        lines.push(format!("{before}{branch}{}", node.label));
        draw(&node.below, &format!("{before}{beside}"), lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(label: &str) -> Node {
        Node {
            label: label.to_owned(),
            below: Vec::new(),
        }
    }

    #[test]
    fn owners_stand_below_those_that_made_them() {
        let mut roots = Vec::new();
        place(&mut roots, &["user"], vec![leaf("web")]);
        place(&mut roots, &["user", "a", "b"], vec![leaf("deep")]);
        place(&mut roots, &["user", "a"], vec![leaf("one"), leaf("two")]);
        let mut lines = Vec::new();
        draw(&roots, "", &mut lines);
        assert_eq!(
            lines,
            [
                "└─ user",
                "   ├─ web",
                "   └─ a",
                "      ├─ one",
                "      ├─ two",
                "      └─ b",
                "         └─ deep",
            ]
        );
    }
}
