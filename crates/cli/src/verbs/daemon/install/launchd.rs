//! An agent of launchd (`launchd.plist(5)`): written by the book and never run.

use super::{MARK, Unit, utf8};
use std::io;

pub(super) const THEN: &str = "\
then run
  launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/org.handfast.daemon.plist";

pub(super) const REMOVED: &str = "\
then run
  launchctl bootout gui/$(id -u)/org.handfast.daemon";

pub(super) fn text(unit: &Unit) -> io::Result<String> {
    let program = escaped(utf8(unit.program.as_os_str())?);
    let mut variables = String::new();
    for (name, value) in &unit.variables {
        let value = escaped(utf8(value)?);
        variables += &format!("        <key>{name}</key>\n        <string>{value}</string>\n");
    }
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- {MARK}; without this line it is left as it is. -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>org.handfast.daemon</string>
    <key>ProgramArguments</key>
    <array>
        <string>{program}</string>
        <string>daemon</string>
        <string>run</string>
    </array>
    <key>EnvironmentVariables</key>
    <dict>
{variables}    </dict>
    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key>
        <false/>
    </dict>
    <key>ProcessType</key>
    <string>Background</string>
    <key>ExitTimeOut</key>
    <integer>90</integer>
</dict>
</plist>
"#
    ))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}
