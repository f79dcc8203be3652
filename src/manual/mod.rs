//! The pages behind `icsync help TOPIC`, one Markdown file each: read as they are on the web, shown on a terminal, and made
//! into manual pages of section 7.
//!
//! Lists of what the code knows (keys, variables, codes) stand in them between `<!-- generated: NAME -->` and
//! `<!-- end -->`; a test of `cli` makes them anew and compares.

mod markdown;
mod paint;
mod roff;
mod table;
mod terminal;

pub(crate) use paint::{Ink, Sheet};
pub(crate) use roff::to_roff;
pub(crate) use terminal::to_terminal;

/// A page of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Topic {
    /// The word of the command line, and of the file name `NAME.md`.
    pub name: &'static str,
    /// The page as Markdown.
    pub text: &'static str,
}

/// Names the pages once; each is the file of its name.
macro_rules! topics {
    ($($name:literal),+ $(,)?) => {
        /// Every page, in the order in which they are read.
        pub(crate) const TOPICS: &[Topic] =
            &[$(Topic { name: $name, text: include_str!(concat!($name, ".md")) }),+];
    };
}

topics![
    "start",
    "adopt",
    "review",
    "drift",
    "trouble",
    "identity",
    "guard",
    "configuration",
    "definitions",
    "environment",
    "formats",
    "sandbox",
    "api",
    "security",
    "compared",
];

/// What has no page of its own, and the page that has it.
const SOUGHT: [(&str, &str); 4] =
    [("exceptions", "drift"), ("fleets", "adopt"), ("waves", "review"), ("windows", "review")];

impl Topic {
    /// Finds a page by its name, or by what people look for there.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let sought = SOUGHT.iter().find(|(word, _)| *word == name).map_or(name, |(_, page)| page);
        TOPICS.iter().find(|topic| topic.name == sought).copied()
    }

    /// Says in a few words what the page is about: its title without its name.
    pub(crate) fn about(self) -> &'static str {
        let title = self.text.lines().next().unwrap_or_default();
        title.split_once(": ").map_or(title, |(_, about)| about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_with_its_name_and_what_it_is_about() {
        for topic in TOPICS {
            assert!(topic.text.starts_with(&format!("# {}: {}\n\n", topic.name, topic.about())), "{}", topic.name);
            assert!(topic.about().len() < 72 && !topic.about().contains(['`', '*', '[']), "{}", topic.about());
        }
    }

    #[test]
    fn what_people_look_for_leads_to_the_page_that_has_it() {
        for (word, page) in SOUGHT {
            let found = Topic::find(word).expect("a page");
            assert_eq!(found.name, page);
            assert!(found.text.to_lowercase().contains(word), "{word}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_page() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual");
        let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
        let mut names: Vec<String> =
            pages.map(|path| path.file_stem().expect("a name").display().to_string()).collect();
        names.sort();
        let mut listed: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }

    /// The targets of the links of a page with their texts.
    fn links(text: &str) -> Vec<(&str, &str)> {
        let after = text.match_indices("](").map(|(at, _)| at);
        after
            .map(|at| {
                let shown = text[..at].rsplit_once('[').map_or("", |(_, shown)| shown);
                (shown, text[at + 2..].split(')').next().unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn links_lead_to_pages_and_read_as_commands() {
        let mut seen = 0;
        for topic in TOPICS {
            for (shown, target) in links(topic.text) {
                seen += 1;
                if target.starts_with("https://") {
                    continue;
                }
                let (file, heading) = target.split_once('#').unwrap_or((target, ""));
                let page = file.strip_suffix(".md").and_then(Topic::find);
                let page = page.unwrap_or_else(|| panic!("{}: {target} is no page", topic.name));
                assert_eq!(shown, format!("`icsync help {}`", page.name), "{}: {target}", topic.name);
                let anchors = page.text.lines().filter(|line| line.starts_with('#')).map(anchor);
                let known: Vec<String> = anchors.collect();
                assert!(
                    heading.is_empty() || known.contains(&heading.to_owned()),
                    "{}: {target}: {known:?}",
                    topic.name
                );
            }
        }
        assert!(seen > 20, "{seen} links");
    }

    /// The name that GitHub gives a heading.
    fn anchor(line: &str) -> String {
        let kept = |one: char| match one {
            ' ' => Some('-'),
            _ if one.is_alphanumeric() || matches!(one, '-' | '_') => Some(one.to_ascii_lowercase()),
            _ => None,
        };
        line.trim_start_matches('#').trim().chars().filter_map(kept).collect()
    }

    #[test]
    fn every_page_is_rendered_whole() {
        for topic in TOPICS {
            // A word that a cell of a table has no room for is never split; headings are in capitals.
            let shown = to_terminal(topic.text, Sheet { ink: Ink::Plain, width: 80 });
            let said = shown.to_lowercase();
            let coloured = to_terminal(topic.text, Sheet { ink: Ink::Ansi, width: 80 });
            assert!(!shown.contains('\u{1b}') && coloured.contains('\u{1b}'), "{}", topic.name);
            assert!(!shown.contains("<!--"), "{}", topic.name);
            let page = to_roff(*topic, "icsync 0.0.0");
            assert!(page.contains(&format!("\n.TH ICSYNC-{} 7 ", topic.name.to_uppercase())), "{}", topic.name);
            for word in topic.text.split(|one: char| !one.is_alphanumeric()).filter(|word| word.len() > 9) {
                let hidden = topic.text.contains(&format!("<!-- generated: {word}"));
                let marked = topic.text.contains(&format!("skip=\"{word}"));
                assert!(
                    said.contains(&word.to_lowercase()) || hidden || marked || is_in_info(topic.text, word),
                    "{}: {word}",
                    topic.name
                );
            }
        }
    }

    /// Tells whether a word stands behind the fence of a block, which nobody is shown, or in the target of a link.
    fn is_in_info(text: &str, word: &str) -> bool {
        text.lines().any(|line| line.starts_with("```") && line.contains(word))
            || links(text).iter().any(|(_, target)| target.contains(word))
    }
}
