//! The tools: what they are called, what they take and give, and who does it.
//!
//! Names, arguments and text of `exec_command` and `write_stdin` are those that models know from
//! elsewhere; the others are in the same manner. What must stay true: the order of the list never
//! changes by itself; an argument that is not known is refused by name; whatever goes wrong is text that
//! the model can read, with the name of the error in it.

mod arguments;
mod exec;
mod list;
mod read;
mod schema;
mod stop;
mod transfer;
mod wait;

pub(crate) use read::whole_output;

use crate::link::{Link, Trouble};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// What is said of a tool.
pub(crate) struct About {
    pub(crate) name: &'static str,
    title: &'static str,
    description: &'static str,
    input: fn() -> Value,
    output: fn() -> Value,
    read_only: bool,
    destructive: bool,
    idempotent: bool,
    open_world: bool,
}

/// All tools, in the order in which they are listed.
pub(crate) const TOOLS: &[About] = &[
    About {
        name: "exec_command",
        title: "Run a command",
        description: "Runs a shell command and waits for it up to yield_time_ms. Returns its output and \
            exit code, or a session_id if it goes on: then use wait_for, write_stdin or stop_process. \
            Its whole process tree ends with this server, unless lifetime is \"user\".",
        input: schema::exec_command,
        output: schema::exec_answer,
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: true,
    },
    About {
        name: "write_stdin",
        title: "Write to a command, or poll it",
        description: "Writes chars to a session and returns what it wrote since the last call. Empty chars \
            only wait, 5 s at the least and 50 s at the most, until it ends or the time is up; \"\\u0003\" \
            interrupts. Input needs tty or stdin_open at exec_command.",
        input: schema::write_stdin,
        output: schema::exec_answer,
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: true,
    },
    About {
        name: "list_processes",
        title: "List processes",
        description: "Lists your processes, newest first, with ids, age and how they stand; needs no id.",
        input: schema::list_processes,
        output: schema::listed,
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    },
    About {
        name: "read_output",
        title: "Read output",
        description: "Reads what a process has written, from the beginning or after a cursor, running or \
            ended. grep and tail_lines choose lines; nothing is consumed.",
        input: schema::read_output,
        output: schema::output,
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    },
    About {
        name: "wait_for",
        title: "Wait for something",
        description: "Waits until a process ends (exit, tree_empty), writes (output, match), falls silent \
            (quiet), or somebody listens at a port. One call instead of many polls: 50 s at the most, \
            then call again. Giving up never ends the process.",
        input: schema::wait_for,
        output: schema::waited,
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    },
    About {
        name: "stop_process",
        title: "Stop a process",
        description: "Asks a process and all its descendants to end, kills what is left after the grace, and \
            says what was done. Safe to repeat.",
        input: schema::stop_process,
        output: schema::stopped,
        read_only: false,
        destructive: true,
        idempotent: true,
        open_world: false,
    },
    About {
        name: "transfer_process",
        title: "Hand a process over",
        description: "Gives a process to another owner: to \"user\" it survives this server until the user \
            stops it. You cannot touch it afterwards.",
        input: schema::transfer_process,
        output: schema::transferred,
        read_only: false,
        destructive: false,
        idempotent: false,
        open_world: false,
    },
];

fn object(value: Value) -> Arc<JsonObject> {
    match value {
        Value::Object(object) => Arc::new(object),
        // The schemas are written as objects; a test looks at each.
        _ => Arc::default(),
    }
}

/// The list, as clients get it.
pub(crate) fn definitions() -> Vec<Tool> {
    let one = |about: &About| {
        let hints = ToolAnnotations::new()
            .read_only(about.read_only)
            .destructive(about.destructive)
            .idempotent(about.idempotent)
            .open_world(about.open_world);
        Tool::new(about.name, about.description, object((about.input)()))
            .with_title(about.title)
            .with_raw_output_schema(object((about.output)()))
            .with_annotations(hints)
    };
    TOOLS.iter().map(one).collect()
}

/// What a tool has done: for models, and for programs.
pub(crate) struct Done {
    text: String,
    structured: Value,
}

impl Done {
    fn new(text: impl Into<String>, structured: &impl Serialize) -> Result<Done, Trouble> {
        let structured = serde_json::to_value(structured);
        let structured = structured.map_err(|error| Trouble::new("mcp.json", error.to_string()));
        Ok(Done {
            text: text.into(),
            structured: structured?,
        })
    }
}

/// Does what a tool does; `None` where there is none of that name.
///
/// Cancel safe: what waits is given up, and ends no process.
pub(crate) async fn call(link: &Link, name: &str, arguments: JsonObject) -> Option<CallToolResult> {
    let about = TOOLS.iter().find(|about| about.name == name)?;
    let done = dispatch(link, about.name, arguments).await;
    Some(match done {
        Ok(done) => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(done.text)]);
            result.structured_content = Some(done.structured);
            result
        }
        Err(trouble) => CallToolResult::error(vec![ContentBlock::text(said(about.name, &trouble))]),
    })
}

async fn dispatch(link: &Link, name: &'static str, arguments: JsonObject) -> Result<Done, Trouble> {
    match name {
        "exec_command" => exec::command(link, read(arguments)?).await,
        "write_stdin" => exec::write(link, read(arguments)?).await,
        "list_processes" => list::list(link, read(arguments)?).await,
        "read_output" => read::output(link, read(arguments)?).await,
        "wait_for" => wait::wait(link, read(arguments)?).await,
        "stop_process" => stop::stop(link, read(arguments)?).await,
        "transfer_process" => transfer::transfer(link, read(arguments)?).await,
        other => Err(Trouble::new(
            "mcp.no-tool",
            format!("no tool is called {other}"),
        )),
    }
}

fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, Trouble> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        Trouble::new(
            "mcp.bad-arguments",
            format!("the arguments cannot be read: {error}"),
        )
    })
}

/// The longest error, in characters.
const LONGEST_ERROR: usize = 1024;

/// An error, as the model reads it.
fn said(name: &str, trouble: &Trouble) -> String {
    // A name or a word that was too long may be in it.
    let short = |text: &str| text.chars().take(LONGEST_ERROR).collect::<String>();
    let mut text = match &trouble.whole {
        Some(whole) => short(whole),
        None => short(&format!("{name} failed: {trouble}")),
    };
    if let Some(hint) = &trouble.hint {
        text = format!("{text}\n[{hint}]");
    }
    format!("{text}\n[error {}]", trouble.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_schemas_of_objects_and_is_done_by_somebody() {
        for tool in definitions() {
            for schema in [&tool.input_schema, tool.output_schema.as_ref().unwrap()] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                let properties = schema["properties"].as_object().unwrap();
                for required in schema
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    assert!(
                        properties.contains_key(required.as_str().unwrap()),
                        "{required}"
                    );
                }
            }
            assert_eq!(
                tool.input_schema["additionalProperties"], false,
                "{}",
                tool.name
            );
        }
    }

    /// What a model pays for the list with each conversation.
    #[test]
    fn the_list_is_short() {
        let list = serde_json::to_string(&definitions()).unwrap();
        let models = definitions().into_iter().map(|mut tool| {
            tool.output_schema = None;
            serde_json::to_string(&tool).unwrap().len()
        });
        let models: usize = models.sum();
        println!("the list: {} bytes, for models {models}", list.len());
        assert!(models < 8 * 1024, "{models}");
        assert!(list.len() < 16 * 1024, "{}", list.len());
    }

    #[test]
    fn an_error_names_what_to_do_and_itself() {
        let trouble = Trouble::new("a.b", "it is so").hint("do that");
        assert_eq!(
            said("wait_for", &trouble),
            "wait_for failed: it is so\n[do that]\n[error a.b]"
        );
    }
}
