/**
 * The methods of the wire, each as a verb.
 *
 * Made from the schema of the wire by `cargo xtask clients`: do not change it here.
 */

import type * as wire from "./wire.js";

/** What may be said besides what must be. */
type Besides<Params, First extends keyof Params> = Omit<Params, First>;

/** All that can be asked of a daemon. Times are milliseconds; an `abort` gives a wait up, and loses nothing. */
export abstract class Verbs {
  protected abstract ask<T>(method: string, params: object, abort?: AbortSignal): Promise<T>;

  /** How the daemon is. */
  daemonStatus(): Promise<wire.DaemonStatusAnswer> {
    return this.ask("daemon/status", {});
  }

  /**
   * Ends every process, of all owners and also what was declared to survive, and then the
   * daemon. It is answered when all are gone. Only for the user.
   */
  daemonStop(options: wire.DaemonStop = {}): Promise<wire.Receipts> {
    return this.ask("daemon/stop", { ...options });
  }

  /**
   * Hands over to another program, without ending a session: every process goes on, whatever its
   * lifetime, and who is connected goes on at the next daemon with `resumeSessionId`. It is answered when the
   * program has said that it can; a connection is told `HandingOver` before it is closed. If the next one does not
   * come up, this one goes on, and `daemon/status` says why. Only for the user.
   */
  daemonUpgrade(options: wire.DaemonUpgrade = {}): Promise<wire.DaemonUpgrading> {
    return this.ask("daemon/upgrade", { ...options });
  }

  /** What has happened after a number, as far as it is kept: the last 4,096 events. */
  eventsRead(options: wire.EventsRead = {}, abort?: AbortSignal): Promise<wire.Events> {
    return this.ask("events/read", { ...options }, abort);
  }

  /** Be told of what happens, by notes `process/event`; what is kept is sent first. */
  eventsSubscribe(options: wire.EventsSubscribe = {}): Promise<wire.EventsSubscribed> {
    return this.ask("events/subscribe", { ...options });
  }

  /** Be told no more. */
  eventsUnsubscribe(): Promise<void> {
    return this.ask("events/unsubscribe", {});
  }

  /** Starts a command in a shell and waits for its end, for as long as the call says. */
  execCommand(cmd: string, options: Besides<wire.ExecCommand, "cmd"> = {}, abort?: AbortSignal): Promise<wire.ExecAnswer> {
    return this.ask("exec/command", { cmd, ...options }, abort);
  }

  /** The commands of this session that have not ended. */
  execList(): Promise<wire.ExecListed> {
    return this.ask("exec/list", {});
  }

  /**
   * How the commands of this session run. Once, before the first of them; without it
   * they run in `/` with `/bin/sh` and nothing but a `PATH`.
   */
  execProfile(options: wire.ExecProfile = {}): Promise<void> {
    return this.ask("exec/profile", { ...options });
  }

  /** Asks a command and its tree to end, waits its grace, kills, and verifies. */
  execStop(sessionId: number): Promise<wire.ExecStopped> {
    return this.ask("exec/stop", { sessionId });
  }

  /** Writes to a command, or nothing, and waits for what it says. */
  writeStdin(sessionId: number, chars: string, options: Besides<wire.ExecWrite, "sessionId" | "chars"> = {}, abort?: AbortSignal): Promise<wire.ExecAnswer> {
    return this.ask("exec/write", { sessionId, chars, ...options }, abort);
  }

  /** Stops what was to live for a turn only. */
  ownerEndTurn(): Promise<wire.Receipts> {
    return this.ask("owner/endTurn", {});
  }

  /** The session's owner and those below who have a token, a session or a process. */
  ownerList(): Promise<wire.OwnersListed> {
    return this.ask("owner/list", {});
  }

  /** Who listens at a TCP port of this machine. */
  portWho(port: number): Promise<wire.PortWhoAnswer> {
    return this.ask("port/who", { port });
  }

  /**
   * This session is at the terminal of a process from here on, until it is released, the
   * session ends, or another one takes its place.
   *
   * It is about who sits there: who may write can still write.
   */
  attach(processId: string, options: Besides<wire.Attach, "processId"> = {}): Promise<wire.Attached> {
    return this.ask("process/attach", { processId, ...options });
  }

  /** Forgets processes that are over. Their ids answer no more. */
  clean(options: wire.Clean = {}): Promise<wire.Cleaned> {
    return this.ask("process/clean", { ...options });
  }

  /** Ends the input of a process. */
  closeStdin(processId: string): Promise<void> {
    return this.ask("process/closeStdin", { processId });
  }

  /** Processes of this session survive it from here on. */
  detach(options: wire.Detach = {}): Promise<wire.Detached> {
    return this.ask("process/detach", { ...options });
  }

  /** Everything about one process. */
  info(processId: string, options: Besides<wire.InfoOf, "processId"> = {}): Promise<wire.Info> {
    return this.ask("process/info", { processId, ...options });
  }

  /** Whether the program in the foreground waits for input. */
  inputState(processId: string): Promise<wire.InputStateAnswer> {
    return this.ask("process/inputState", { processId });
  }

  /** The processes of the owner and of those below, the newest first. */
  list(options: wire.List = {}): Promise<wire.Listed> {
    return this.ask("process/list", { ...options });
  }

  /** Presses keys, by name, on the terminal of a process. */
  press(processId: string, keys: string, options: Besides<wire.Press, "processId" | "keys"> = {}): Promise<wire.WriteAnswer> {
    return this.ask("process/press", { processId, keys, ...options });
  }

  /**
   * What has come after a sequence number.
   *
   * It is answered at once when there are chunks, when nothing more can come, or when the end of the
   * process has not been read yet; else when something changes, or the time is up.
   */
  read(processId: string, options: Besides<wire.Read, "processId"> = {}, abort?: AbortSignal): Promise<wire.ReadAnswer> {
    return this.ask("process/read", { processId, ...options }, abort);
  }

  /** Processes of the owner that are bound to no session end with this one from here on. */
  reattach(options: wire.Reattach = {}): Promise<wire.Reattached> {
    return this.ask("process/reattach", { ...options });
  }

  /** What the last stop of a process did, if there was one. */
  receipt(processId: string): Promise<wire.LastReceipt> {
    return this.ask("process/receipt", { processId });
  }

  /** This session is at the terminal no more. */
  release(processId: string): Promise<void> {
    return this.ask("process/release", { processId });
  }

  /** Puts the end of a lease off by its full length. */
  renew(processId: string): Promise<void> {
    return this.ask("process/renew", { processId });
  }

  /** Gives the terminal another size. */
  resize(processId: string, size: wire.Size): Promise<void> {
    return this.ask("process/resize", { processId, size });
  }

  /** What the terminal shows now. */
  screen(processId: string, options: Besides<wire.Screen, "processId"> = {}): Promise<wire.ScreenAnswer> {
    return this.ask("process/screen", { processId, ...options });
  }

  /** Sends a signal. */
  signal(processId: string, signal: wire.SignalName, options: Besides<wire.Signal, "processId" | "signal"> = {}): Promise<wire.Signalled> {
    return this.ask("process/signal", { processId, signal, ...options });
  }

  /** Starts a process. Nothing is inherited: what is not said here, it does not get. */
  start(argv: wire.Word[], options: Besides<wire.Start, "argv"> = {}): Promise<wire.Started> {
    return this.ask("process/start", { notify: false, argv, ...options });
  }

  /** Asks a process and its tree to end, waits its grace, kills, and verifies. */
  stop(processId: string, options: Besides<wire.Stop, "processId"> = {}): Promise<wire.Receipt> {
    return this.ask("process/stop", { processId, ...options });
  }

  /** Be told of the output and the end of a process, or of every change of all. */
  subscribe(options: wire.Subscribe = {}): Promise<void> {
    return this.ask("process/subscribe", { ...options });
  }

  /** Kills a process with all its tree, at once. */
  terminate(processId: string): Promise<wire.Terminated> {
    return this.ask("process/terminate", { processId });
  }

  /** Gives a process to another owner. */
  transfer(processId: string, to: string): Promise<wire.Transferred> {
    return this.ask("process/transfer", { processId, to });
  }

  /** Be told no more. */
  unsubscribe(options: wire.Unsubscribe = {}): Promise<void> {
    return this.ask("process/unsubscribe", { ...options });
  }

  /** What trees use now. It reads `/proc`, which takes a millisecond for some members. */
  usage(options: wire.UsageOf = {}): Promise<wire.UsageAnswer> {
    return this.ask("process/usage", { ...options });
  }

  /** What is kept of the output, as text. Nothing is sent that was not asked for. */
  view(processId: string, options: Besides<wire.View, "processId"> = {}): Promise<wire.Viewed> {
    return this.ask("process/view", { processId, ...options });
  }

  /** Waits for the first of some conditions. */
  wait(processId: string, options: Besides<wire.Wait, "processId"> = {}, abort?: AbortSignal): Promise<wire.Waited> {
    return this.ask("process/wait", { processId, ...options }, abort);
  }

  /** Writes to a process. */
  write(processId: string, chunk: Uint8Array, options: Besides<wire.Write, "processId" | "chunk"> = {}): Promise<wire.WriteAnswer> {
    return this.ask("process/write", { processId, chunk, ...options });
  }

  /** A token with less authority than that of the session. */
  tokenCreate(options: wire.CreateToken = {}): Promise<wire.CreatedToken> {
    return this.ask("token/create", { ...options });
  }

  /** The tokens that came from the session's. */
  tokenList(): Promise<wire.ListedTokens> {
    return this.ask("token/list", {});
  }

  /** A token and all that came from it are good no more. */
  tokenRevoke(tokenId: string): Promise<wire.RevokedTokens> {
    return this.ask("token/revoke", { tokenId });
  }
}
