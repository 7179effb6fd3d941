/** A client that holds two trees until it is killed: one that ends with it, and one that does not. */

import { connect } from "../src/index.js";
import { ENV, sh } from "./stage.js";

const [dies = "", lives = "", processId = ""] = process.argv.slice(2);
const client = await connect();
await client.start(sh(dies), { env: ENV, graceMs: 50 });
await client.start(sh(lives), { env: ENV, graceMs: 50, lifetime: "user", processId });
process.stdout.write("ready\n");
// The open line keeps it running.
