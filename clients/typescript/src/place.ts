/**
 * Where the daemon of a user is, and making sure that it is theirs.
 *
 * Nothing is said to a socket before it is known who listens: its folder is the user's own with nobody else
 * in it, on a way that nobody else can change. Node cannot ask the kernel who is at the other end, so that is
 * all that there is, and enough: whoever could listen there could do anything to the user.
 */

import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { HandfastError, NotReached } from "./errors.js";

const PROC = "/proc/self/fd";
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;

/** The folder where a daemon listens. */
export class Place {
  private constructor(
    readonly run: string,
    /** What `HANDFAST_HOME` is for it, where it is not the usual one. */
    readonly home?: string,
  ) {}

  /** Below a folder for everything, as with `HANDFAST_HOME`. */
  static at(home: string): Place {
    const folder = path.resolve(home);
    return new Place(path.join(folder, "run"), folder);
  }

  /**
   * The usual one: what `HANDFAST_HOME` says; else below `XDG_RUNTIME_DIR`; else in `/run/user`, where that
   * is there; else in `/tmp`. A relative path counts as none.
   */
  static usual(environment: NodeJS.ProcessEnv = process.env, user: number = ourselves()): Place {
    const absolute = (name: string): string | undefined => {
      const value = environment[name];
      return value !== undefined && path.isAbsolute(value) ? value : undefined;
    };
    const home = absolute("HANDFAST_HOME");
    if (home !== undefined) return new Place(path.join(home, "run"));
    const usual = `/run/user/${user}`;
    const runtime = absolute("XDG_RUNTIME_DIR") ?? (isFolder(usual) ? usual : undefined);
    return new Place(runtime === undefined ? `/tmp/handfast-${user}` : path.join(runtime, "handfast"));
  }

  /** A connection to the daemon that listens there. */
  async connect(): Promise<net.Socket> {
    const folder = this.#open();
    try {
      // By the folder that is held, so that nobody can put another into its place meanwhile, and the length
      // of its path does not matter.
      const held = isFolder(PROC) ? `${PROC}/${folder}` : this.run;
      return await connected(`${held}/socket`);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      fs.closeSync(folder);
    }
  }

  /** The token of the user, as the daemon has left it there. */
  userToken(): string {
    const folder = this.#open();
    let text: string;
    try {
      const held = isFolder(PROC) ? `${PROC}/${folder}` : this.run;
      const file = fs.openSync(`${held}/token`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const bytes = Buffer.alloc(1024);
        text = bytes.toString("latin1", 0, fs.readSync(file, bytes)).trim();
      } finally {
        fs.closeSync(file);
      }
    } catch (error) {
      throw this.#explained(error);
    } finally {
      fs.closeSync(folder);
    }
    if (text === "") throw this.#nobody();
    return text;
  }

  #open(): number {
    let held: number;
    let found: string;
    try {
      const parent = fs.realpathSync(path.dirname(this.run));
      for (let above = parent; ; above = path.dirname(above)) {
        this.#trustWay(above);
        if (above === path.dirname(above)) break;
      }
      found = path.join(parent, path.basename(this.run));
      held = fs.openSync(found, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } catch (error) {
      throw this.#explained(error);
    }
    const about = fs.fstatSync(held);
    const why =
      about.uid !== ourselves()
        ? `trust ${found}: it belongs to user ${about.uid}`
        : (about.mode & 0o077) !== 0
          ? openToOthers(found, about.mode)
          : undefined;
    if (why !== undefined) {
      fs.closeSync(held);
      throw notPrivate(why);
    }
    return held;
  }

  #trustWay(above: string): void {
    const about = fs.lstatSync(above);
    if (about.uid !== 0 && about.uid !== ourselves()) {
      throw notPrivate(`trust ${above}: it belongs to user ${about.uid}`);
    }
    if ((about.mode & 0o022) !== 0 && (about.mode & 0o1000) === 0) {
      throw notPrivate(openToOthers(above, about.mode));
    }
  }

  #nobody(): NotReached {
    return new NotReached("connect.no-daemon", `find a daemon in ${this.run}`);
  }

  #explained(error: unknown): HandfastError {
    if (error instanceof HandfastError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED") return this.#nobody();
    if (code === "ENOTDIR" || code === "ELOOP") {
      return notPrivate(`open ${this.run}: it is no folder, or a link to one`);
    }
    return new NotReached("connect.system", `connect to the daemon in ${this.run}: ${message}`);
  }
}

function connected(socket: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const line = net.connect(socket);
    line.once("error", reject);
    line.once("connect", () => {
      line.removeListener("error", reject);
      resolve(line);
    });
  });
}

function ourselves(): number {
  const user = process.geteuid?.();
  if (user === undefined) throw new NotReached("connect.system", "connect to a daemon: this system has no users");
  return user;
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function openToOthers(folder: string, mode: number): string {
  return `trust ${folder}: others may enter or change it (mode ${(mode & 0o7777).toString(8)})`;
}

function notPrivate(why: string): NotReached {
  const hint = "close the folder to others (chmod 700), or name another one";
  return new NotReached("connect.folder-not-private", why, { hint });
}
