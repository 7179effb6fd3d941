/** A daemon for the tests, and what a tree holds open for as long as one of it lives. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after } from "node:test";

/** Where the repository is: the tests run in their own folder. */
export const REPOSITORY = path.resolve("../..");

export const HOME = home();
export const ENV = { PATH: "/usr/bin:/bin" };

let names = 0;

function home(): string {
  const given = process.env.HANDFAST_HOME;
  if (given !== undefined) return given;
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "handfast-node-"));
  process.env.HANDFAST_HOME = made;
  after(() => {
    execFileSync("handfast", ["daemon", "stop"]);
    fs.rmSync(made, { recursive: true });
  });
  return made;
}

/** A name that nobody else has. */
export function fresh(what: string): string {
  names += 1;
  return `${what}-${process.pid}-${names}`;
}

/** A script. */
export function sh(script: string): string[] {
  return ["/bin/sh", "-c", script];
}

/** A pipe by name. */
export class Fifo {
  readonly path = path.join(HOME, fresh("fifo"));

  constructor() {
    execFileSync("mkfifo", [this.path]);
  }

  /** A script whose tree holds it: its leader waits for a child that is deaf to requests to end. */
  tree(): string {
    return `exec 9>${this.path}; (trap '' TERM; while :; do sleep 1000; done) & wait`;
  }

  /** Waits until somebody holds it. */
  async held(): Promise<Held> {
    const reader = spawn("/bin/sh", ["-c", `exec <${this.path}; echo held; exec cat >/dev/null`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => reader.stdout.once("data", resolve));
    return new Held(reader);
  }
}

/** A pipe that somebody holds: its reader reads to its end. */
export class Held {
  readonly #over: Promise<unknown>;
  #isHeld = true;

  constructor(reader: ChildProcess) {
    this.#over = new Promise((resolve) => reader.once("close", resolve)).then(() => {
      this.#isHeld = false;
    });
  }

  /** Waits until nobody does any more. */
  async ended(): Promise<void> {
    await this.#over;
  }

  /** Whether somebody still does, as far as it is known. */
  get isHeld(): boolean {
    return this.#isHeld;
  }
}
