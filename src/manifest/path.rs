//! Paths relative to the folder of `icsync.yaml`, with `/` between their parts.

/// Joins a folder and a name in it.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Joins a folder and a relative path; `None` if it leads out of the repository.
pub(super) fn normalize(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '\\']) || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_repository() {
        assert_eq!(normalize("clients/a", "../desks.csv").as_deref(), Some("clients/desks.csv"));
        assert_eq!(normalize("clients", "./x/./y.csv").as_deref(), Some("clients/x/y.csv"));
        assert_eq!(normalize("clients", "../../desks.csv"), None);
        assert_eq!(normalize("clients", "/etc/passwd"), None);
    }
}
