"""The client of the PyPI package `mcp` against `handfast mcp`, in one version of the protocol.

Run by `mod.rs` with the path of the server, the version, and a home. Prints `ok` at the end.
"""

import asyncio
import sys

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(server: str, mode: str, home: str) -> None:
    env = {"HANDFAST_HOME": home, "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    parameters = StdioServerParameters(command=server, args=["mcp"], env=env, cwd=home)
    async with Client(stdio_client(parameters), mode=mode) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools][:2] == ["exec_command", "write_stdin"], tools
        # The package holds results against the output schema of the tool by itself.
        done = await client.call_tool("exec_command", {"cmd": "echo hello; exit 3"})
        assert done.structured_content["output"] == "hello\n", done
        assert done.structured_content["exit_code"] == 3, done
        cat = await client.call_tool(
            "exec_command", {"cmd": "echo ready; cat", "stdin_open": True, "until": "ready"}
        )
        session = cat.structured_content["session_id"]
        typed = {"session_id": session, "chars": "typed\n", "until": "typed"}
        said = await client.call_tool("write_stdin", typed)
        assert said.structured_content["output"] == "typed\n", said
        waiting = asyncio.create_task(client.call_tool("wait_for", {"session_id": session}))
        read = await client.call_tool("read_output", {"session_id": session})
        assert read.structured_content["output"] == "ready\ntyped\n", read
        listed = await client.call_tool("list_processes", {})
        assert len(listed.structured_content["processes"]) == 1, listed
        stopped = await client.call_tool("stop_process", {"session_id": session})
        assert stopped.structured_content["survivors"] == [], stopped
        waited = await waiting
        assert waited.structured_content["outcome"] == "exited", waited
        odd = await client.call_tool("write_stdin", {"session_id": 7})
        assert odd.is_error and "Unknown process id 7" in odd.content[0].text, odd
        process = read.structured_content["process_id"]
        output = await client.read_resource(f"handfast://process/{process}/output")
        assert output.contents[0].text == "ready\ntyped\n", output
        prompts = (await client.list_prompts()).prompts
        assert prompts[0].name == "handfast", prompts
        prompt = await client.get_prompt("handfast")
        assert "wait_for" in prompt.messages[0].content.text, prompt
    print("ok")


asyncio.run(main(*sys.argv[1:]))
