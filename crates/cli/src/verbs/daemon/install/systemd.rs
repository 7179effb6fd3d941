//! A user unit of systemd (`systemd.service(5)`, `systemd.resource-control(5)`).

use super::{MARK, Unit, utf8};
use std::io;

pub(super) const THEN: &str = "\
then run
  systemctl --user daemon-reload
  systemctl --user enable --now handfast
so that it also runs while you are not logged in (as root, once)
  loginctl enable-linger \"$USER\"";

pub(super) const REMOVED: &str = "\
then run
  systemctl --user daemon-reload
a daemon that it has started goes on; end it with
  handfast daemon stop";

pub(super) fn text(unit: &Unit) -> io::Result<String> {
    let program = quoted(utf8(unit.program.as_os_str())?);
    let mut variables = String::new();
    for (name, value) in &unit.variables {
        let set = quoted(&format!("{name}={}", utf8(value)?)).replace("$$", "$");
        variables = variables + "Environment=" + &set + "\n";
    }
    // Delegate: groups below the unit's are the daemon's, so that its trees can have one each.
    // KillMode: the daemon ends what it holds, and after its crash what was declared to survive waits for the
    // next one.
    // OOMPolicy: a tree that is killed for its memory is no reason to stop all others.
    Ok(format!(
        "# {MARK}; without this line it is left as it is.\n\
         [Unit]\n\
         Description=Handfast: holds the processes of all clients\n\
         Documentation=man:handfast-daemon(1)\n\
         \n\
         [Service]\n\
         Type=notify\n\
         ExecStart={program} daemon run\n\
         {variables}\
         Restart=on-failure\n\
         Delegate=yes\n\
         KillMode=process\n\
         OOMPolicy=continue\n\
         TasksMax=infinity\n\
         TimeoutStopSec=90\n\
         UMask=0022\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    ))
}

/// A word in quotes, in which specifiers, variables and escapes are none.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '%' | '$' => text.extend([letter, letter]),
            _ => text.push(letter),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_only_itself() {
        assert_eq!(quoted(r#"/a b/%h"$X\"#), r#""/a b/%%h\"$$X\\""#);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let of = |program: &str| {
            text(&Unit {
                program: program.into(),
                variables: vec![("HANDFAST_HOME", "/h $x".into())],
            })
        };
        assert!(of("/bin/hand\nfast").is_err());
        let text = of("/bin/handfast").unwrap();
        assert!(
            text.contains("\nEnvironment=\"HANDFAST_HOME=/h $x\"\n"),
            "{text}"
        );
    }
}
