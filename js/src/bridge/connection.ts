/**
 * The page's end of a widget's comm: views in, intents out.
 *
 * The kernel numbers what it sends. A snapshot is complete; a message of
 * patches counts only on top of the number before it. After a gap the page
 * drops patches and asks for a snapshot. Every intent is answered, or fails.
 */
import type { AnyModel } from "@anywidget/types";

/** Where views and patches go. */
export interface Sink<View, Patch> {
  reset(view: View): void;
  apply(patches: readonly Patch[]): void;
}

export interface Connection<Intent> {
  /** Resolves with the kernel's result; rejects with its sentence, or a time-out. */
  send(intent: Intent, timeoutMs?: number): Promise<Result>;
  /** Ask for the present. */
  refresh(): void;
  /** The host says that there is no kernel behind the widget any more. */
  readonly isGone: boolean;
  close(): void;
}

export type Result = Readonly<Record<string, unknown>> | null;

/** Down, as `bridge/messages.py` writes it. */
type Message<View, Patch> =
  | { kind: "snapshot"; rev: number; view: View }
  | { kind: "patch"; rev: number; patches: readonly Patch[] }
  | { kind: "reply"; id: string; error: string | null; result: Result }
  | { kind: "page"; code: string };

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

const TIMEOUT_MS = 60_000;
/** How long a request for a snapshot may be under way before it is repeated. */
const REPEAT_MS = 5_000;

export function connect<View, Patch, Intent>(
  model: AnyModel,
  sink: Sink<View, Patch>,
): Connection<Intent> {
  const waiting = new Map<string, Waiting>();
  // Every page on this model sees every reply, so ids must differ per page.
  // crypto.randomUUID() does not exist on plain http, where JupyterHub often is.
  const page = Math.random().toString(36).slice(2);
  let count = 0;
  let rev = -1;
  let asked = 0;

  // What the host has of the view: as of when the widget was made, or saved.
  const known = model.get("view") as { rev: number; view: View } | null | undefined;
  if (known) {
    rev = known.rev;
    sink.reset(known.view);
  }

  function settle(id: string, error: string | null, result: Result): void {
    const entry = waiting.get(id);
    if (entry === undefined) return; // late, or for another page
    waiting.delete(id);
    clearTimeout(entry.timer);
    if (error === null) entry.resolve(result);
    else entry.reject(new Error(error));
  }

  function post(message: Record<string, unknown>): boolean {
    try {
      model.send(message);
      return true;
    } catch {
      return false; // the comm went with its kernel
    }
  }

  function refresh(): void {
    asked = Date.now();
    // The kernel does not answer when this is what it has, too.
    post({ kind: "snapshot", rev });
  }

  function onPatches(next: number, patches: readonly Patch[]): void {
    if (next <= rev) return; // already in the snapshot
    if (next === rev + 1) {
      rev = next;
      sink.apply(patches);
    } else if (Date.now() - asked > REPEAT_MS) {
      refresh();
    }
  }

  function onMessage(message: Message<View, Patch>): void {
    switch (message.kind) {
      case "snapshot":
        asked = 0;
        if (message.rev <= rev) return; // another page of this model asked
        rev = message.rev;
        sink.reset(message.view);
        break;
      case "patch":
        onPatches(message.rev, message.patches);
        break;
      case "reply":
        settle(message.id, message.error, message.result);
        break;
      case "page":
        break;
      default:
        message satisfies never;
    }
  }

  model.on("msg:custom", onMessage);
  refresh();

  return {
    send(intent, timeoutMs = TIMEOUT_MS) {
      const id = `${page}-${++count}`;
      return new Promise((resolve, reject) => {
        const giveUp = () => settle(id, "The kernel did not answer.", null);
        waiting.set(id, { resolve, reject, timer: setTimeout(giveUp, timeoutMs) });
        if (!post({ kind: "intent", id, intent }))
          settle(id, "There is no kernel any more.", null);
      });
    },
    refresh,
    get isGone() {
      return hasNoKernel(model);
    },
    close() {
      model.off("msg:custom", onMessage);
      for (const id of [...waiting.keys()]) settle(id, "The widget was closed.", null);
    },
  };
}

/** JupyterLab's manager knows its kernel; other hosts are taken to have one. */
function hasNoKernel(model: AnyModel): boolean {
  type Kernel = { isDisposed?: boolean; status?: string } | null;
  const manager = model.widget_manager as { kernel?: Kernel } | undefined;
  try {
    if (!manager || !("kernel" in manager)) return false;
    const { kernel } = manager;
    return !kernel || kernel.isDisposed === true || kernel.status === "dead";
  } catch {
    return true; // its getter stumbles over the session that is gone
  }
}
