//! Who answers the client: the SDK's handler, which hands on to the tools.
//!
//! What must stay true: a call ends when its client gives it up, and when the client is gone; what it
//! has started goes on in the one case and ends with the connection in the other.

use crate::link::{Link, Trouble};
use crate::task::{Listener, telling};
use crate::updates::{self, Updates};
use crate::{prompt, resources, tools};
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    GetPromptRequestParams, GetPromptResponse, Implementation, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, SubscribeRequestParams,
    SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// How long a list may be taken for fresh: it never changes while a server lives.
const FRESH_MS: u64 = 3_600_000;

/// The most calls of tools at once: what they hold is bounded so.
const AT_ONCE: usize = 1024;

pub(crate) struct Server {
    link: Arc<Link>,
    tools: Vec<Tool>,
    updates: Updates,
    at_once: Semaphore,
    /// The client is gone.
    over: CancellationToken,
}

impl Server {
    pub(crate) fn new(link: Arc<Link>, over: CancellationToken) -> Server {
        Server {
            updates: Updates::new(Arc::clone(&link), over.clone()),
            link,
            tools: tools::definitions(),
            at_once: Semaphore::new(AT_ONCE),
            over,
        }
    }

    /// Does something until it is done, given up, or of use to nobody.
    async fn until<T>(
        &self,
        context: RequestContext<RoleServer>,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let token = context.meta.get_progress_token();
        let listener = token.map(|token| Listener {
            peer: context.peer,
            token,
        });
        let given_up = context.ct;
        let work = given_up.run_until_cancelled(telling(work, listener));
        self.over.run_until_cancelled(work).await.flatten()
    }
}

/// Nobody reads it: the SDK drops the answers of calls that were given up.
fn given_up() -> ErrorData {
    ErrorData::internal_error("the call was given up", None)
}

fn internal(trouble: &Trouble) -> ErrorData {
    ErrorData::internal_error(format!("{trouble} [error {}]", trouble.code), None)
}

fn no_such_resource(uri: &str) -> ErrorData {
    let shown: String = uri.chars().take(1024).collect();
    let data = serde_json::json!({ "uri": shown });
    ErrorData::resource_not_found(format!("no resource {shown}"), Some(data))
}

impl ServerHandler for Server {
    fn get_info(&self) -> InitializeResult {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_prompts()
            .build();
        let us = Implementation::new("handfast", env!("CARGO_PKG_VERSION"));
        InitializeResult::new(capabilities)
            .with_server_info(us)
            .with_instructions(prompt::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.clone()).with_ttl_ms(FRESH_MS))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Ok(_place) = self.at_once.try_acquire() else {
            let text = format!("{AT_ONCE} calls are under way already [error mcp.too-many-calls]");
            return Ok(CallToolResult::error(vec![ContentBlock::text(text)]).into());
        };
        let arguments = request.arguments.unwrap_or_default();
        let work = tools::call(&self.link, &request.name, arguments);
        match self.until(context, work).await {
            Some(Some(result)) => Ok(result.into()),
            Some(None) => {
                let shown: String = request.name.chars().take(128).collect();
                Err(ErrorData::invalid_params(
                    format!("no tool is called {shown}"),
                    None,
                ))
            }
            None => {
                let text = "the call was given up [error mcp.given-up]";
                Ok(CallToolResult::error(vec![ContentBlock::text(text)]).into())
            }
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let listed = self.until(context, resources::list(&self.link)).await;
        let listed = listed.ok_or_else(given_up)?;
        listed.map_err(|trouble| internal(&trouble))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates().with_ttl_ms(FRESH_MS))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let read = self.until(context, resources::read(&self.link, &uri)).await;
        match read.ok_or_else(given_up)? {
            Some(Ok(result)) => Ok(result.into()),
            Some(Err(trouble)) if trouble.code == "process.unknown" => Err(no_such_resource(&uri)),
            Some(Err(trouble)) => Err(internal(&trouble)),
            None => Err(no_such_resource(&uri)),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let (uri, peer) = (request.uri, context.peer.clone());
        let begun = self.updates.subscribe(uri.clone(), peer);
        match self.until(context, begun).await.ok_or_else(given_up)? {
            Err(trouble) if trouble.code == "process.unknown" => Err(no_such_resource(&uri)),
            begun => begun.map_err(|trouble| internal(&trouble)),
        }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.updates.unsubscribe(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(updates::accepted(requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.updates.listen(&context).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(vec![prompt::prompt()]).with_ttl_ms(FRESH_MS))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if request.name == prompt::NAME {
            return Ok(prompt::result().into());
        }
        let shown: String = request.name.chars().take(128).collect();
        Err(ErrorData::invalid_params(
            format!("no prompt is called {shown}"),
            None,
        ))
    }
}
