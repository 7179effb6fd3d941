//! The output of processes as resources: `handfast://process/ID/output`.

use crate::link::{Link, Trouble};
use crate::tools::whole_output;
use handfast_daemon::wire::List;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};

const SCHEME: &str = "handfast://process/";
const END: &str = "/output";
const KIND: &str = "text/plain";

/// The most processes of one list.
const LISTED: u32 = 200;

fn uri(process_id: &str) -> String {
    format!("{SCHEME}{process_id}{END}")
}

/// Whose output a URI names.
pub(crate) fn process_of(uri: &str) -> Option<&str> {
    let id = uri.strip_prefix(SCHEME)?.strip_suffix(END)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

/// Of all that there is something to read of, those that have ended included.
pub(crate) async fn list(link: &Link) -> Result<ListResourcesResult, Trouble> {
    let list = List {
        all: true,
        limit: Some(LISTED),
        ..List::default()
    };
    let listed = link.call(&list).await?;
    let one = |info: handfast_daemon::wire::Info| {
        let argv = info.argv.iter();
        let words: Vec<_> = argv
            .map(|word| String::from_utf8_lossy(word.bytes()))
            .collect();
        let mut resource = Resource::new(uri(&info.process_id), info.process_id)
            .with_description(format!(
                "Output of {} ({})",
                words.join(" "),
                info.status.state
            ))
            .with_mime_type(KIND);
        if let Some(output) = info.output {
            resource = resource.with_size(output.bytes - output.omitted_bytes.min(output.bytes));
        }
        resource
    };
    let resources = listed.processes.into_iter().map(one).collect();
    Ok(ListResourcesResult::with_all_items(resources))
}

pub(crate) fn templates() -> ListResourceTemplatesResult {
    let output = ResourceTemplate::new(uri("{process_id}"), "process output")
        .with_description("What a process of list_processes has written, as far as it is kept")
        .with_mime_type(KIND);
    ListResourceTemplatesResult::with_all_items(vec![output])
}

pub(crate) async fn read(link: &Link, uri: &str) -> Option<Result<ReadResourceResult, Trouble>> {
    let process_id = process_of(uri)?;
    let output = whole_output(link, process_id).await;
    Some(output.map(|text| {
        let contents = ResourceContents::text(text, uri);
        ReadResourceResult::new(vec![contents])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_one_process() {
        assert_eq!(process_of(&uri("p1")), Some("p1"));
        for odd in [
            "handfast://process//output",
            "handfast://process/a/b/output",
            "file:///x",
            "",
        ] {
            assert_eq!(process_of(odd), None, "{odd}");
        }
    }
}
