//! What to do where a rung does not work: from the step that was refused, and from the settings
//! that are known to refuse it. Only those that are so on this host are named.

use super::words::Failure;
use handfast::Rung;
use std::fs;

/// A setting that forbids, the value that does, and how to change it.
const SETTINGS: [(&str, &str, &str); 4] = [
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "sysctl user.max_user_namespaces=15000",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with `userns`",
    ),
    (
        "/proc/sys/user/max_pid_namespaces",
        "0",
        "sysctl user.max_pid_namespaces=15000",
    ),
];

/// What can be done about a failure, the likeliest first.
pub(super) fn advice(rung: Rung, failure: &Failure) -> Vec<String> {
    let Some(step) = &failure.step else {
        return failure.hint.iter().cloned().collect();
    };
    let mut advice = match (rung, step.as_str()) {
        (_, "mount /proc" | "mount /proc for each tree") => masked_proc(),
        (Rung::Namespace, _) => namespaces(),
        (Rung::Cgroup, _) => groups(),
        _ => Vec::new(),
    };
    if filtered() {
        advice.push(
            "a seccomp filter is at work here: allow clone3, unshare, mount and prctl in it \
             (in a container: --security-opt seccomp=unconfined)"
                .into(),
        );
    }
    advice
}

fn masked_proc() -> Vec<String> {
    vec![
        "parts of /proc are covered here, as in many containers, and the kernel then refuses a new \
         mount of it: run the container with --security-opt systempaths=unconfined (podman: \
         --security-opt unmask=ALL), or go on with the next rung"
            .into(),
    ]
}

fn namespaces() -> Vec<String> {
    let forbids = |(file, value, _): &&(&str, &str, &str)| {
        fs::read_to_string(file).is_ok_and(|text| text.trim() == *value)
    };
    let found = SETTINGS.iter().filter(forbids);
    let mut advice: Vec<String> = found
        .map(|(_, _, change)| format!("as root: {change}"))
        .collect();
    if fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.trim().is_empty()) {
        advice.push(
            "map ids into the user namespace that this runs in (unshare --map-root-user)".into(),
        );
    }
    if advice.is_empty() {
        advice.push(
            "allow namespaces to this user: outside of a container, or in one with CAP_SYS_ADMIN; \
             no setting of this host forbids them to all"
                .into(),
        );
    }
    advice
}

fn groups() -> Vec<String> {
    vec![
        "systemd-run --user --scope -p Delegate=yes -- PROGRAM".into(),
        "for a service Delegate=yes in its unit; in a container --cgroupns=private and \
         /sys/fs/cgroup mounted writable"
            .into(),
    ]
}

/// Whether a seccomp filter decides over our system calls.
fn filtered() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Seccomp:"));
    line.is_some_and(|mode| mode.trim() == "2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(step: &str) -> Failure {
        Failure {
            code: "start.rung-unavailable".into(),
            causes: Vec::new(),
            step: Some(step.into()),
            hint: None,
        }
    }

    #[test]
    fn each_refusal_of_a_strong_rung_has_an_advice() {
        for (rung, step, word) in [
            (Rung::Namespace, "make a user namespace", "namespaces"),
            (Rung::Namespace, "mount /proc", "/proc"),
            (Rung::Cgroup, "make a cgroup", "Delegate=yes"),
        ] {
            let advice = advice(rung, &refused(step)).join("\n");
            assert!(advice.contains(word), "{step}: {advice}");
        }
    }

    #[test]
    fn what_the_error_says_itself_comes_through() {
        let failure = Failure {
            step: None,
            hint: Some("install it".into()),
            ..refused("")
        };
        assert_eq!(advice(Rung::Group, &failure), ["install it"]);
    }
}
