/**
 * The types of the wire.
 *
 * Made from the schema of the wire by `cargo xtask clients`: do not change it here.
 */

/** The version of the wire that this is of. */
export const PROTOCOL = 1;

/**
 * This session is at the terminal of a process from here on, until it is released, the
 * session ends, or another one takes its place.
 *
 * It is about who sits there: who may write can still write.
 */
export interface Attach {
  /** Which process. */
  processId: string;
  /** Take the place of whoever sits there, who is told; without it, that is refused. */
  takeOver?: boolean;
}

/** What `process/attach` is answered. */
export interface Attached {
  /** Whether somebody else sat there. */
  takenOver: boolean;
}

/** A process stands elsewhere than before. */
export interface ChangedNote {
  /** Which process. */
  processId: string;
  /** Its name among all. */
  handle: string;
  /** To whom it belongs. */
  owner: string;
  /** What it has come to: a state, `unresponsive` or `responsive`; others may come. */
  word: string;
  /** Where it stands now. */
  status: Status;
}

/** Forgets processes that are over. Their ids answer no more. */
export interface Clean {
  /** Only say which these are. */
  dryRun?: boolean;
  /** Only those that ended at least so long ago. */
  olderThanMs?: number;
  /** Only those of this owner. */
  owner?: string | null;
  /** Only this one. */
  processId?: string | null;
}

/** What `process/clean` is answered. */
export interface Cleaned {
  /** Which, sorted. */
  processIds: string[];
  /** How many bytes of output went with them. */
  freedBytes: number;
}

/** Ends the input of a process. */
export interface CloseStdin {
  /** Which process. */
  processId: string;
}

/** The leader has ended and no more output can come. */
export interface ClosedNote {
  /** Which process. */
  processId: string;
  /** Its number. */
  seq: number;
}

/** Something to wait for. */
export type Condition =
  | /** The leader ended. */ { for: "exit" }
  | /** Nothing of the tree is left. */ { for: "tree-empty" }
  | /** There is output from this byte on. */ { for: "output"; from?: number }
  | /** The output matches a regular expression. */ { for: "match"; pattern: string; from?: number }
  | /** Nothing came for so long. */ { for: "quiet"; ms: number }
  | /** Somebody takes connections at this port of this machine. */ { for: "port"; port: number }
  | /** It is ready, or can be no more; for one that was started without a word about that, at once. */ { for: "ready" };

/** A token with less authority than that of the session. */
export interface CreateToken {
  /** For how long it is good; without it, as long as its parent. */
  expiresInMs?: number | null;
  /** For an owner of this name below the session's; without it for the session's own. */
  owner?: string | null;
  /** What it may do; without it, all that the session may. */
  scopes?: ScopeName[] | null;
}

/** What `token/create` is answered. */
export interface CreatedToken {
  /** The token, which is shown this once. */
  token: Secret;
  /** Its name, which is no secret. */
  tokenId: string;
  /** Whose it is. */
  owner: string;
  /** What it may do. */
  scopes: ScopeName[];
  /** Until when, in milliseconds since 1970. */
  expiresAtMs?: number | null;
  /** The token that it came from. */
  parent?: string | null;
}

/** How the daemon is. */
export type DaemonStatus = Record<string, never>;

/** What `daemon/status` is answered. */
export interface DaemonStatusAnswer {
  /** Its pid; for people. */
  pid: number;
  /** Its version. */
  version: string;
  /** The newest version of the wire that it speaks. */
  protocol: number;
  /** When it began, in milliseconds since 1970. */
  startedAtMs: number;
  /** Connections that are open. */
  connections: number;
  /** Sessions that live, attached or not. */
  sessions: number;
  /** Processes of which something is left, of all owners. */
  processes: number;
  /** After how long without a client and a process it leaves, in milliseconds; without it, never. */
  idleExitMs?: number | null;
  /** The executable that it is. */
  program?: Word | null;
  /** Where it listens. */
  runFolder?: Word | null;
  /** Where it keeps what outlasts it. */
  stateFolder?: Word | null;
  /** Why it goes on although it was to hand over. */
  upgradeFailed?: string | null;
}

/**
 * Ends every process, of all owners and also what was declared to survive, and then the
 * daemon. It is answered when all are gone. Only for the user.
 */
export interface DaemonStop {
  /** What was declared to survive goes on, and is taken over by the next daemon. */
  leaveSurvivors?: boolean;
}

/**
 * Hands over to another program, without ending a session: every process goes on, whatever its
 * lifetime, and who is connected goes on at the next daemon with `resumeSessionId`. It is answered when the
 * program has said that it can; a connection is told `HandingOver` before it is closed. If the next one does not
 * come up, this one goes on, and `daemon/status` says why. Only for the user.
 */
export interface DaemonUpgrade {
  /** Which program; without it, the one that lies where this daemon's did. */
  program?: Word | null;
}

/** What `daemon/upgrade` is answered. */
export interface DaemonUpgrading {
  /** To which program. */
  program: Word;
  /** The process that hands over. */
  pid: number;
}

/** Processes of this session survive it from here on. */
export interface Detach {
  /** Which one; without it, all of the session. */
  processId?: string | null;
}

/** What `process/detach` is answered. */
export interface Detached {
  /** How many. */
  processCount: number;
  /** Which, sorted. */
  processIds: string[];
}

/** Stops what was to live for a turn only. */
export type EndTurn = Record<string, never>;

/** Something has happened to a process. */
export interface EventNote {
  /**
   * Its number among those of this daemon. A gap is an event that the session may not see, or one that
   * is not kept any more.
   */
  seq: number;
  /** When, in milliseconds since 1970. */
  atMs: number;
  /** Which process. */
  processId: string;
  /** Its name among all. */
  handle: string;
  /** To whom it belonged then. */
  owner: string;
  /**
   * What it has come to: a state, `ready`, `not-ready`, `unresponsive`, `responsive`, `transferred`,
   * `cleaned`; others may come.
   */
  word: string;
  /** Where it stood then. */
  status: Status;
  /** The label for people. */
  name?: string | null;
}

/** What `events/read` is answered. */
export interface Events {
  /** Those that the session may see, in order. */
  events: EventNote[];
  /** The number to go on after. */
  lastSeq: number;
  /** How many after `afterSeq` are not kept any more, of all owners. */
  missed: number;
}

/** What has happened after a number, as far as it is kept: the last 4,096 events. */
export interface EventsRead {
  /** The last number that was read. */
  afterSeq?: number;
  /** How many at the most; without it, and at the most, 1,000. */
  limit?: number | null;
  /** How long to wait where there is nothing. */
  waitMs?: number;
}

/** Be told of what happens, by notes `process/event`; what is kept is sent first. */
export interface EventsSubscribe {
  /** After which number; without it, only what comes. */
  afterSeq?: number | null;
}

/** What `events/subscribe` is answered. */
export interface EventsSubscribed {
  /** The number of the last event that has happened. */
  lastSeq: number;
}

/** Be told no more. */
export type EventsUnsubscribe = Record<string, never>;

/** What `exec/command` and `exec/write` are answered. */
export interface ExecAnswer {
  /** Names this answer: six hexadecimal digits. */
  chunkId: string;
  /** The call that started the command. */
  callId: string;
  /** How long was waited, in milliseconds with fractions. */
  wallTimeMs: number;
  /** About how many tokens came, those left out included. */
  originalTokenCount: number;
  /** What came since the last answer. */
  output: string;
  /** The same and all of the above, for a language model. */
  text: string;
  /** Its first process: `starting`, `running` or `exited`. */
  leader: string;
  /** Whether more output can come. */
  outputOpen: boolean;
  /** How long it would have. */
  waitAppliedMs: number;
  /** Whether that is less. */
  capped: boolean;
  /** How it ended, if it has. */
  ended?: ExecEnded | null;
  /** The code of the command, if it has ended; 128 and the signal, where it died of one. */
  exitCode?: number | null;
  /** What was waited for has come. */
  matched?: boolean;
  /** What somebody should know besides, each a sentence. */
  notices?: string[];
  /** How many bytes came and are not in the output. */
  omittedBytes?: number;
  /** Who keeps the output open of a command that has ended. */
  outputHolders?: HolderOf[];
  /** The process, for the methods of processes, once there is one. */
  processId?: string | null;
  /** By which number it is gone on with, while it can be. */
  sessionId?: number | null;
  /** How many of its processes live; none where that could not be seen. */
  tree?: number | null;
  /** How long it was asked to wait. */
  waitRequestedMs?: number | null;
}

/** Starts a command in a shell and waits for its end, for as long as the call says. */
export interface ExecCommand {
  /** By which name answers and lists call it. */
  callId?: string | null;
  /** Shell text. */
  cmd?: string;
  /** What somebody would be asked; refused without `sandboxPermissions`. */
  justification?: string | null;
  /** Until when it may live; without it, as long as the session. */
  lifetime?: LifetimeName | null;
  /** Whether the shell is a login shell. */
  login?: boolean | null;
  /**
   * How much of its output is wanted, in tokens of some four bytes; without it, in `text` 10,000
   * and in `output` all that was kept.
   */
  maxOutputTokens?: number | null;
  /** How a rule could begin that allows such commands. */
  prefixRule?: string[] | null;
  /** What it is for. */
  purpose?: string | null;
  /** A repeated start with the same key is answered for the first one. */
  requestKey?: string | null;
  /** `use_default`; `require_escalated` is refused, as nobody here could allow it. */
  sandboxPermissions?: string | null;
  /** Another shell than the profile's, by path or by name. */
  shell?: Word | null;
  /** Text for its input, which ends behind it unless it is to stay open. */
  stdin?: string | null;
  /** Its input is a pipe that stays open. */
  stdinOpen?: boolean;
  /** How long it may run at all. */
  timeoutMs?: number | null;
  /** A terminal of its own. */
  tty?: boolean;
  /** A regular expression that ends the wait once the output matches it. */
  until?: string | null;
  /** Where it runs: absolute, or relative to the directory of the profile. */
  workdir?: Word | null;
  /** How long to wait for its end, from 250 to 30,000 ms; without it 10,000. */
  yieldTimeMs?: number | null;
}

/** How a command ended. */
export interface ExecEnded {
  /** Why: `itself`, `signal`, `interrupt`, `stop`, `deadline` and others. */
  cause: string;
  /** When, in milliseconds since 1970, where that is known. */
  atMs?: number | null;
}

/** The commands of this session that have not ended. */
export type ExecList = Record<string, never>;

/** What `exec/list` is answered. */
export interface ExecListed {
  /** The commands, by number. */
  sessions: ExecSession[];
}

/**
 * How the commands of this session run. Once, before the first of them; without it
 * they run in `/` with `/bin/sh` and nothing but a `PATH`.
 */
export interface ExecProfile {
  /** Where commands run that say nothing else; absolute. */
  cwd?: Word | null;
  /** All variables that they get, but for those that keep programs from writing for people. */
  env?: Variables | null;
  /** Whether shells may be login shells, which they then are by default; without it, they may. */
  login?: boolean | null;
  /** The longest wait of a call that writes nothing; without it 300 s, and at least 5 s. */
  maxPollMs?: number | null;
  /** The shell of those that name none, by its path. */
  shell?: Word | null;
}

/** A command that has not ended. */
export interface ExecSession {
  /** Its number. */
  sessionId: number;
  /** The call that started it. */
  callId: string;
  /** Its text. */
  cmd: string;
  /** Where it runs. */
  cwd: Word;
  /** Whether it has a terminal. */
  tty: boolean;
  /** When it was started, in milliseconds since 1970. */
  startedAtMs: number;
  /** How long ago that is. */
  ageMs: number;
  /** When it last wrote something, in milliseconds since 1970. */
  lastOutputAtMs?: number | null;
  /** Its process, once there is one. */
  processId?: string | null;
  /** What it is for. */
  purpose?: string | null;
}

/** Asks a command and its tree to end, waits its grace, kills, and verifies. */
export interface ExecStop {
  /** Which. */
  sessionId: number;
}

/** What `exec/stop` is answered. */
export interface ExecStopped {
  /** Which. */
  sessionId: number;
  /** Whether its command was running, or being started. */
  wasRunning: boolean;
  /** What was done to its tree, if there was one. */
  receipt?: Receipt | null;
}

/** Writes to a command, or nothing, and waits for what it says. */
export interface ExecWrite {
  /** What is written; exactly U+0003 interrupts. */
  chars?: string;
  /** Ends the input behind what is written. */
  closeStdin?: boolean;
  /** As of `ExecCommand`. */
  maxOutputTokens?: number | null;
  /** Which. */
  sessionId?: number;
  /** As of `ExecCommand`. */
  until?: string | null;
  /** Names the write: a repeated one is not written again. */
  writeId?: string | null;
  /** How long to wait: from 250 to 30,000 ms where something is written, from 5,000 on where nothing is. */
  yieldTimeMs?: number | null;
}

/** The leader of a process has ended. Output may follow. */
export interface ExitedNote {
  /** Which process. */
  processId: string;
  /** Its number. */
  seq: number;
  /** As of `ReadAnswer`; -1 where the system could not say. */
  exitCode: number;
  /** Of exec servers; there is no sandbox here. */
  sandboxDenied: boolean;
}

/**
 * Another daemon goes on; resume the session there. What was asked and is not answered was
 * not begun, or only waited: ask it again.
 */
export type HandingOver = Record<string, never>;

/** Somebody who has the output of a process open. */
export interface HolderOf {
  /** Its pid; for people. */
  pid: number;
  /** How it was started, as it wants to be seen. */
  command: string;
  /** Whether it belongs to the tree. */
  member: boolean;
}

/** Everything about a process. No value of a variable is in it. */
export interface Info {
  /** The name by which it is asked for. */
  processId: string;
  /** Its name among all. */
  handle: string;
  /** To whom it belongs. */
  owner: string;
  /** The program and its arguments. */
  argv: Word[];
  /** The names of its variables. */
  envKeys: Word[];
  /** Whether it has a terminal. */
  tty: boolean;
  /** Until when it may live. */
  lifetime: LifetimeName;
  /** Whether it ends with a session. */
  bound: boolean;
  /** When its start was asked for, in milliseconds since 1970. */
  startedAtMs: number;
  /** Where it stands. */
  status: Status;
  /** What holds its tree. */
  rung: string;
  /** How surely. */
  grade: string;
  /** Where it started. */
  cwd?: Word | null;
  /** Pids of its live members, where they were asked for. */
  members?: number[] | null;
  /** The label for people. */
  name?: string | null;
  /** How its output stands. */
  output?: OutputState | null;
  /** What it is there for. */
  purpose?: string | null;
  /** Whether it is ready, where it was said by what that is seen. */
  ready?: Ready | null;
  /** Set while its leader is stopped or stuck: its state, as `ps` writes it. */
  unresponsive?: string | null;
  /** What did not work when it was started, and was gone without. */
  warnings?: string[];
}

/** Everything about one process. */
export interface InfoOf {
  /** Which process. */
  processId: string;
  /** Also who is in its tree and who holds its output, which takes some milliseconds. */
  members?: boolean;
}

/** What `initialize` is answered. */
export interface Initialized {
  /** Names the session, and is all that is needed to resume it: keep it secret. */
  sessionId: Secret;
  /** The version that is spoken from here on. */
  protocol: number;
  /** Who answers. */
  serverName: string;
  /** Its version. */
  serverVersion: string;
  /** On whose behalf the session acts. */
  owner: string;
  /** What it may do. */
  scopes: ScopeName[];
  /** What can be asked. */
  methods: string[];
  /** What is granted at the most. */
  limits: WireLimits;
  /** Whether it was resumed. */
  resumed?: boolean;
}

/** What `process/inputState` is answered. */
export interface InputStateAnswer {
  /** `waiting-for-input`, `busy` or `hidden`. */
  state: string;
  /** Who waits; for people. */
  pid?: number | null;
  /** When this wait was first seen, in milliseconds since 1970. */
  sinceMs?: number | null;
}

/** Whether the program in the foreground waits for input. */
export interface InputStateOf {
  /** Which process. */
  processId: string;
}

/** The one signal that has a name here. */
export type Interrupt = "interrupt";

/** What `process/receipt` is answered. */
export interface LastReceipt {
  /** What it did; `null` where nothing stopped it through this daemon. */
  receipt?: Receipt | null;
}

/** Until when a process may live. */
export type LifetimeName =
  | "turn"
  | "session"
  | "user"
  | { lease: /** Until nobody has renewed it for so long. It survives the session. */ { ms: number } };

/** The processes of the owner and of those below, the newest first. */
export interface List {
  /** Also those that are over. */
  all?: boolean;
  /** Where the last list ended. */
  cursor?: string | null;
  /** How many; without it, and at the most, 1,000. */
  limit?: number | null;
  /** Only those of this owner. */
  owner?: string | null;
}

/** The tokens that came from the session's. */
export type ListTokens = Record<string, never>;

/** What `process/list` is answered. */
export interface Listed {
  /** The processes. */
  processes: Info[];
  /** Where to go on, if these are not all. */
  nextCursor?: string | null;
}

/** What `token/list` is answered. */
export interface ListedTokens {
  /** Those that are good, the oldest first. */
  tokens: TokenInfo[];
}

/** A place in the output. */
export interface Match {
  /** The offset of its first byte among all. */
  offset: number;
  /** How many bytes. */
  len: number;
}

/** A member of a tree. */
export interface Member {
  /** Its pid; for people. */
  pid: number;
  /** The pid of its parent. */
  parent: number;
  /** Its state, as `ps` writes it; `?` on Windows, where a process has none. */
  state: string;
  /** How it was started, as it wants to be seen; at most 200 characters. */
  command: string;
  /** The time of processors that it has taken so far. */
  cpuMs: number;
  /** Bytes of it that are in memory. */
  residentBytes: number;
  /** How many threads it has. */
  threads: number;
}

/** The session was too slow; ask for the list again. */
export interface MissedNote {
  /** How many changes it was not told of. */
  count: number;
}

/** A piece of output. */
export interface OutputChunk {
  /** Its number. */
  seq: number;
  /** On which stream it came. */
  stream: StreamName;
  /** What came, exactly. */
  chunk: Uint8Array;
  /** When it came, in milliseconds since 1970. */
  atMs?: number | null;
  /** The offset of its first byte among all bytes of the process. */
  offset?: number;
}

/** Output of a process that the session follows. */
export interface OutputNote {
  /** Which process. */
  processId: string;
  /**
   * Its number. A gap between two says that what was between is not kept; `process/read` says how
   * much it was.
   */
  seq: number;
  /** On which stream it came. */
  stream: StreamName;
  /** What came, exactly. */
  chunk: Uint8Array;
  /** When it came, in milliseconds since 1970. */
  atMs?: number | null;
  /** The offset of its first byte among all bytes of the process. */
  offset?: number;
}

/** How the output of a process stands. */
export interface OutputState {
  /** Whether more can come. */
  open: boolean;
  /** How many bytes came. */
  bytes: number;
  /** How many of them are not kept. */
  omittedBytes: number;
  /** The sequence number that comes next. */
  nextSeq: number;
  /** Who keeps it open, where that was asked for. */
  holders?: HolderOf[] | null;
  /** When the last byte came, in milliseconds since 1970. */
  lastAtMs?: number | null;
}

/** What is known of an owner. */
export interface OwnerInfo {
  /** Who. */
  owner: string;
  /** Tokens that are good, without those of those below. */
  tokens: number;
  /** Sessions, attached or to be resumed. */
  sessions: number;
  /** Processes of which something lives. */
  running: number;
  /** Processes that are over and not forgotten. */
  over: number;
}

/** The session's owner and those below who have a token, a session or a process. */
export type OwnerList = Record<string, never>;

/** What `owner/list` is answered. */
export interface OwnersListed {
  /** By name. */
  owners: OwnerInfo[];
}

/** Somebody who listens at a port. */
export interface PortListener {
  /** At which address. */
  address: string;
  /** How it was started, as it wants to be seen. */
  command?: string | null;
  /** The same among all. */
  handle?: string | null;
  /**
   * The pid; for people. Without it, the process belongs to another user, or is in a namespace that
   * cannot be seen.
   */
  pid?: number | null;
  /** The process of this daemon, where it is one that the session may see. */
  processId?: string | null;
  /** Whose socket it is, by number; not on Windows, where users have none. */
  user?: number | null;
}

/** A port at which somebody listens. */
export interface PortOf {
  /** Which. */
  port: number;
  /** At which address; `0.0.0.0` and `::` are all. */
  address: string;
  /** The pid of who listens; for people. */
  pid: number;
}

/** Who listens at a TCP port of this machine. */
export interface PortWho {
  /** Which. */
  port: number;
}

/** What `port/who` is answered. */
export interface PortWhoAnswer {
  /** One for each socket and process; nobody listens where there is none. */
  listeners: PortListener[];
}

/** Presses keys, by name, on the terminal of a process. */
export interface Press {
  /** Which process. */
  processId: string;
  /** As in `'ls' enter`, `ctrl-c up*2`. */
  keys: string;
  /** As of `Write`. */
  waitMs?: number | null;
  /** As of `Write`. */
  writeId?: string | null;
}

/**
 * What has come after a sequence number.
 *
 * It is answered at once when there are chunks, when nothing more can come, or when the end of the
 * process has not been read yet; else when something changes, or the time is up.
 */
export interface Read {
  /** Which process. */
  processId: string;
  /** The last number that was read. */
  afterSeq?: number;
  /** How many bytes are wanted at the most, but one chunk at the least. */
  maxBytes?: number | null;
  /** How long to wait for something to come. */
  waitMs?: number;
}

/** What `process/read` is answered. */
export interface ReadAnswer {
  /** What came, in order. */
  chunks: OutputChunk[];
  /**
   * The number after the last one returned, if there was a limit and something was; else the one that
   * comes next.
   */
  nextSeq: number;
  /** The leader has ended. */
  exited: boolean;
  /**
   * The leader has ended, no more output can come, and all there is after `afterSeq` is in this answer: an
   * answer that its limit has cut short never says so.
   */
  closed: boolean;
  /** Of exec servers; there is no sandbox here. */
  sandboxDenied: boolean;
  /** Its exit code; 128 and the signal, where it died of one. */
  exitCode?: number | null;
  /** Why it could not go on, if it could not. */
  failure?: string | null;
  /**
   * How many bytes came after `afterSeq` and before the end of these chunks and are not kept, as far as
   * their numbers still are. The offsets of the chunks tell it exactly.
   */
  omittedBytes?: number;
  /** The signal that ended it. */
  signal?: number | null;
}

/** How it stands with that. */
export interface Ready {
  /** `waiting`, `ready` or `failed`; the last two are for ever. */
  state: string;
  /** Since when, in milliseconds since 1970. */
  sinceMs: number;
  /** By what it is seen. */
  when: ReadyWhen;
  /** Why it failed: `ended`, `exit-code`, `timed-out`, `no-output`; others may come. */
  why?: string | null;
}

/** By what it is seen that a process is ready. */
export type ReadyWhen =
  | /** Its output matches a regular expression. */ { for: "match"; pattern: string }
  | /** Connections are taken at this port of this machine, and not by somebody who is known to be no member of its tree. */ { for: "port"; port: number }
  | /** A GET is answered with a status below 400. Only `http://`, and only this machine by name `localhost` or by a loopback address. */ { for: "http"; url: string }
  | /** The leader ended with code 0. */ { for: "exit" };

/** Processes of the owner that are bound to no session end with this one from here on. */
export interface Reattach {
  /** Which one; without it, all that were detached. */
  processId?: string | null;
}

/** What `process/reattach` is answered. */
export interface Reattached {
  /** How many. */
  reattachedCount: number;
  /** How many were bound to another session already. */
  skippedCount: number;
  /** Which those are, sorted. */
  skippedProcessIds: string[];
}

/** What a stop did. */
export interface Receipt {
  /** Which process. */
  processId: string;
  /** Its name among all. */
  handle: string;
  /** What held its tree. */
  rung: string;
  /** How surely. */
  grade: string;
  /** Members that were alive when it began. */
  membersBefore: number;
  /** Members that were asked to end. */
  asked: number;
  /** Members that were alive when the tree was killed. */
  killed: number;
  /** Pids of those that were alive when the stop gave up; none is the promise kept. */
  survivors: number[];
  /** How long it took. */
  tookMs: number;
  /** Where the process stands now. */
  status: Status;
}

/** What the last stop of a process did, if there was one. */
export interface ReceiptOf {
  /** Which process. */
  processId: string;
}

/** Receipts of several stops. */
export interface Receipts {
  /** One for each process. */
  receipts: Receipt[];
}

/** This session is at the terminal no more. */
export interface Release {
  /** Which process. */
  processId: string;
}

/** Puts the end of a lease off by its full length. */
export interface Renew {
  /** Which process. */
  processId: string;
}

/** Gives the terminal another size. */
export interface Resize {
  /** Which process. */
  processId: string;
  /** Which size. */
  size: Size;
}

/** A token and all that came from it are good no more. */
export interface RevokeToken {
  /** Which. */
  tokenId: string;
}

/** What `token/revoke` is answered. */
export interface RevokedTokens {
  /** How many there were, with those that came from it. */
  revoked: number;
}

/** What a session may do with the processes of its owner and of those below. */
export type ScopeName =
  | "read"
  | "write"
  | "stop"
  | "start"
  | "transfer";

/** Which part of a tree. */
export type ScopeOf =
  | "leader"
  | "group"
  | "tree";

/** What the terminal shows now. */
export interface Screen {
  /** Which process. */
  processId: string;
  /** Also the bytes that draw it on another terminal. */
  redraw?: boolean;
}

/** What `process/screen` is answered. */
export interface ScreenAnswer {
  /** Rows with line ends between, without blanks at their ends. */
  text: string;
  /** Where the cursor is, from 0 at the top. */
  row: number;
  /** Where the cursor is, from 0 at the left. */
  column: number;
  /** Whether it is shown. */
  cursorVisible: boolean;
  /** How large the screen is. */
  size: Size;
  /** Whether it is the alternate screen. */
  alternate: boolean;
  /** The title that the program gave. */
  title: string;
  /** Up to which byte of the output it is drawn. */
  offset: number;
  /** How many bytes before that were lost to it. */
  omitted: number;
  /** What draws it on another terminal of the same size. */
  redraw?: Uint8Array | null;
}

/** A text that is never shown: `Debug` hides it. */
export type Secret = string;

/** Sends a signal. */
export interface Signal {
  /** Which process. */
  processId: string;
  /** Which signal. */
  signal: SignalName;
  /** To whom: `leader`, `group` or `tree`. Without it the leader. Not for `interrupt`. */
  scope?: ScopeOf | null;
}

/** A signal. */
export type SignalName =
  | number
  | Interrupt;

/** What `process/signal` is answered. */
export interface Signalled {
  /** How many processes it reached; a group counts as one. */
  reached?: number;
}

/** How large a terminal is, in characters. */
export interface Size {
  /** From 1 to 1,000. */
  rows: number;
  /** Likewise. */
  columns: number;
}

/** A soft and a hard limit. */
export interface SoftHard {
  /** Likewise. */
  hard?: number | null;
  /** `null` is as much as there is. */
  soft?: number | null;
}

/** Starts a process. Nothing is inherited: what is not said here, it does not get. */
export interface Start {
  /** The program and its arguments; at least the program. */
  argv?: Word[];
  /** A rung (`namespace`, `cgroup`, `subreaper`, `group`) or `auto`. */
  containment?: string | null;
  /** Where it starts; without it `/`. */
  cwd?: Word | null;
  /** How long it may run. */
  deadlineMs?: number | null;
  /** All variables that it gets. */
  env?: Variables;
  /** How long it may take to end when it is asked to. */
  graceMs?: number | null;
  /** How many bytes of its output are kept in memory; without it 1 MiB. */
  keepBytes?: number | null;
  /** The least grade (`cooperative`, `swept`, `kernel`), else it is refused. */
  leastGrade?: string | null;
  /** Until when it may live; without it, as long as the session. */
  lifetime?: LifetimeName | null;
  /** Resource limits by the words of `ulimit`. */
  limits?: Record<string, SoftHard>;
  /** A label for people. */
  name?: string | null;
  /** Its nice value. */
  nice?: number | null;
  /** Whether the session is told of its output and its end, as exec servers do; without it, yes. */
  notify?: boolean | null;
  /**
   * For an owner of this name below the session's, who is there from then on; without it for the
   * session's own.
   */
  owner?: string | null;
  /** Without a terminal: a pipe to write to. Else it reads end-of-file at once. */
  pipeStdin?: boolean;
  /** Names the process within its owner, from before it starts on; without it the daemon does. */
  processId?: string | null;
  /** What it is there for, in a sentence for people. */
  purpose?: string | null;
  /** By what it is seen that it is ready. Starting does not wait for it. */
  readyWhen?: ReadyWhen | null;
  /** How long that may take, before it has failed to; it runs on then. Without it, for ever. */
  readyWithinMs?: number | null;
  /** A repeated start with the same key is answered with the process of the first one. */
  requestKey?: string | null;
  /** How large that is. */
  size?: Size | null;
  /** Both output streams through one descriptor: their order is kept, and who wrote is not known. */
  together?: boolean;
  /** A terminal of its own. */
  tty?: boolean;
  /** Its umask. */
  umask?: number | null;
}

/** What `process/start` is answered. */
export interface Started {
  /** The name by which it is asked for. */
  processId: string;
  /** Its name among all processes of all daemons, which is never used again. */
  handle: string;
  /** What holds its tree. */
  rung: string;
  /** How surely. */
  grade: string;
  /** It had been started by an earlier request with the same key. */
  repeated?: boolean;
}

/** Where a process stands. */
export interface Status {
  /** `starting`, `running`, `running-detached`, `exited`, `terminated` or `failed`; others may come. */
  state: string;
  /** Why it ended. */
  cause?: string | null;
  /** The members that live on after their leader. */
  childPids?: number[] | null;
  /** The same for people. */
  error?: string | null;
  /** Why it was not started: the name of the error. */
  errorCode?: string | null;
  /** The exit code of the leader. */
  exitCode?: number | null;
  /** When the leader ended, in milliseconds since 1970. */
  exitedAtMs?: number | null;
  /** The leader's pid; for people, not for signals. */
  pid?: number | null;
  /** The signal that ended it. */
  signal?: number | null;
}

/** Asks a process and its tree to end, waits its grace, kills, and verifies. */
export interface Stop {
  /** Which process. */
  processId: string;
  /** In place of its own grace. */
  graceMs?: number | null;
}

/** On which stream output came. */
export type StreamName =
  | "stdout"
  | "stderr"
  | "pty";

/** Be told of the output and the end of a process, or of every change of all. */
export interface Subscribe {
  /** After which sequence number; what is kept is sent first. */
  afterSeq?: number;
  /** Which process; without it, the changes of all that the session may see. */
  processId?: string | null;
}

/** Another session is at the terminal now. */
export interface TakenNote {
  /** Of which process. */
  processId: string;
}

/** Kills a process with all its tree, at once. */
export interface Terminate {
  /** Which process. */
  processId: string;
}

/** What `process/terminate` is answered. */
export interface Terminated {
  /** Whether it was running, or being started. */
  running: boolean;
  /** What was done. */
  receipt?: Receipt | null;
}

/** What is known of a token. */
export interface TokenInfo {
  /** Its name, which is no secret. */
  tokenId: string;
  /** Whose it is. */
  owner: string;
  /** What it may do. */
  scopes: ScopeName[];
  /** Until when, in milliseconds since 1970. */
  expiresAtMs?: number | null;
  /** The token that it came from. */
  parent?: string | null;
}

/** Gives a process to another owner. */
export interface Transfer {
  /** Which process. */
  processId: string;
  /** To whom: the owner's parent, or one below the session's owner. */
  to: string;
}

/** What `process/transfer` is answered. */
export interface Transferred {
  /** The name by which the new owner asks for it. */
  processId: string;
  /** To whom it belongs now. */
  owner: string;
  /** The number by which the new owner goes on with its command, where it has one. */
  sessionId?: number | null;
}

/** What one tree uses. */
export interface TreeUsage {
  /** Which process. */
  processId: string;
  /** Its name among all. */
  handle: string;
  /** How many members live. */
  memberCount: number;
  /** The time of processors that those who live have taken so far. */
  cpuMs: number;
  /** Bytes of them that are in memory; what two share counts twice. */
  residentBytes: number;
  /** Who they are, where that was asked for; those first who were there first. */
  members?: Member[] | null;
  /** At which ports they listen, where that was asked for. */
  ports?: PortOf[] | null;
}

/** Be told no more. */
export interface Unsubscribe {
  /** As of `Subscribe`. */
  processId?: string | null;
}

/** What `process/usage` is answered. */
export interface UsageAnswer {
  /** When it was looked, in milliseconds since 1970. */
  atMs: number;
  /** How many processors this machine has. */
  processors: number;
  /** One for each process. */
  trees: TreeUsage[];
}

/** What trees use now. It reads `/proc`, which takes a millisecond for some members. */
export interface UsageOf {
  /** Also who the members are. */
  members?: boolean;
  /** Also at which ports they listen. */
  ports?: boolean;
  /** Which process; without it, all that live and that the session may see. */
  processId?: string | null;
}

/** Variables of an environment. `Debug` shows their names and no value. */
export type Variables = Record<string, Word>;

/** What is kept of the output, as text. Nothing is sent that was not asked for. */
export interface View {
  /** From which byte on, among all. */
  from?: number;
  /** Only lines that match this regular expression. */
  grep?: string | null;
  /** The first lines of what is left; with `tail` both. */
  head?: number | null;
  /** Only lines that do not match it. */
  invert?: boolean;
  /**
   * Without `head` and `tail`: how many bytes of text at the most, half of them of the beginning and
   * half of the end; without it, and at the most, 1 MiB. With them each half has 1 MiB at the most.
   */
  maxBytes?: number | null;
  /** Each line with its number. */
  numbered?: boolean;
  /** Without the escape sequences of terminals, and without what was overwritten. */
  plain?: boolean;
  /** Which process. */
  processId?: string;
  /** Only what came at this time or later, in milliseconds since 1970. */
  sinceMs?: number | null;
  /** Only one stream. */
  stream?: StreamName | null;
  /** The last lines of what is left. */
  tail?: number | null;
}

/** What `process/view` is answered. */
export interface Viewed {
  /** Before which byte of the text they were. */
  cutAt?: number | null;
  /** How many lines the filter did not want. */
  filteredLines?: number;
  /** How many bytes of what was asked for are not kept. */
  missingBytes?: number;
  /** The byte after the last one that was looked at, among all: from where to go on. */
  next?: number;
  /** The sequence number after the last chunk that was looked at: from where to follow. */
  nextSeq?: number;
  /** How many bytes of text these are. */
  omittedBytes?: number;
  /** How many lines were left out between the beginning and the end of the text. */
  omittedLines?: number;
  /** Whether more can come. */
  open?: boolean;
  /** The text. What is no UTF-8 is shown as U+FFFD. */
  text?: string;
}

/** Waits for the first of some conditions. */
export interface Wait {
  /** Which process. */
  processId: string;
  /** For what; without any, for the end of the leader. At most 16. */
  conditions?: Condition[];
  /** How long; without it, as long as is granted. */
  waitMs?: number | null;
}

/** What `process/wait` is answered. */
export interface Waited {
  /**
   * `exited`, `tree-empty`, `output`, `matched`, `quiet`, `open`, `ready`, `not-ready`, `impossible` or
   * `timed-out`.
   */
  outcome: string;
  /** How many bytes came too fast to be looked at. */
  unseenBytes: number;
  /** How long it would have. */
  waitAppliedMs: number;
  /** Whether that is less. */
  capped: boolean;
  /** How long it did. */
  tookMs: number;
  /** Where the process stands now. */
  status: Status;
  /** Which of the conditions was met, counted from 0. */
  condition?: number | null;
  /** Where the match is. */
  matched?: Match | null;
  /** How long it was asked to wait. */
  waitRequestedMs?: number | null;
}

/** What a server grants at the most. */
export interface WireLimits {
  /** Bytes of one line without its end. */
  frameBytes: number;
  /** Requests that are not answered yet, in one connection. */
  inFlight: number;
  /** Milliseconds of one wait. */
  waitMs: number;
  /** Milliseconds for which a session can be resumed. */
  resumeMs: number;
}

/** A word of the system: as text where it is UTF-8, as Base64 where it is not. */
export type Word = string | { base64: string };

/** Writes to a process. */
export interface Write {
  /** Which process. */
  processId: string;
  /** What is written; at most 1 MiB. */
  chunk: Uint8Array;
  /** How long it may take; without it 5 s. */
  waitMs?: number | null;
  /** Names the write: a repeated one is answered and not written again. */
  writeId?: string | null;
}

/** What `process/write` and `process/press` are answered. */
export interface WriteAnswer {
  /** What became of it. */
  status: WriteStatus;
  /** A write with this id was done before; nothing was written now. */
  repeated?: boolean;
  /** How many bytes were taken. */
  taken?: number;
}

/** What became of a write. */
export type WriteStatus =
  | "accepted"
  | "partial"
  | "unknownProcess"
  | "stdinClosed"
  | "starting";

/** What the daemon tells without being asked. */
export type Note =
  | { method: "daemon/handingOver"; params: HandingOver }
  | { method: "process/changed"; params: ChangedNote }
  | { method: "process/closed"; params: ClosedNote }
  | { method: "process/event"; params: EventNote }
  | { method: "process/exited"; params: ExitedNote }
  | { method: "process/missed"; params: MissedNote }
  | { method: "process/output"; params: OutputNote }
  | { method: "process/taken"; params: TakenNote };

/** The kinds of notes that this client knows. */
export const NOTES: readonly string[] = ["daemon/handingOver", "process/changed", "process/closed", "process/event", "process/exited", "process/missed", "process/output", "process/taken"];

/** Where bytes are in parameters, by method. */
export const SAID_BYTES: Readonly<Record<string, string[][]>> = {
  "process/write": [["chunk"]],
};

/** Where bytes are in answers and notes, by method; `*` is each of a list. */
export const HEARD_BYTES: Readonly<Record<string, string[][]>> = {
  "process/read": [["chunks", "*", "chunk"]],
  "process/screen": [["redraw"]],
  "process/output": [["chunk"]],
};
