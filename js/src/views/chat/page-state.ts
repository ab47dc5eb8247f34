/** What only the page needs: drafts, what is open, what was asked of the kernel. */
import type { ChatIntent } from "../../bridge/chat-types.js";
import type { Connection } from "../../bridge/connection.js";
import { NO_RECALL, type Recall } from "./prompt-history.js";

export interface PageState {
  draft: string;
  /** The model chosen for the next prompts; empty follows the chat. */
  model: string;
  /** When Stop was pressed, and whether the kernel has answered since. */
  stop: "idle" | "sent" | "unanswered";
  /** A sentence about the last thing that was refused. */
  refused: string;
  /** The earlier prompt that stands in the box, if one does. */
  recall: Recall;
  /** A prompt is on its way: pressing Enter again must not send it twice. */
  isSending: boolean;
  /** Older messages are on their way. */
  isLoading: boolean;
}

export interface Actions {
  readonly state: PageState;
  send(text: string): Promise<boolean>;
  stop(): void;
  deleteQueued(id: number): void;
  promoteQueued(id: number): void;
  chooseModel(id: string): void;
  loadOlder(): void;
  dismiss(): void;
}

/** How long the kernel may take to answer before the page says that it is busy. */
const SLOW_MS = 500;
/** How long a prompt may wait for a busy kernel. */
const PATIENT_MS = 3_600_000;

/** The user's doings, for all cells that show the model. */
export function createActions(
  connection: Connection<ChatIntent>,
  changed: () => void,
): Actions {
  const state: PageState = {
    draft: "",
    model: "",
    stop: "idle",
    refused: "",
    recall: NO_RECALL,
    isSending: false,
    isLoading: false,
  };

  async function ask(intent: ChatIntent, timeoutMs?: number): Promise<boolean> {
    state.refused = "";
    try {
      await connection.send(intent, timeoutMs);
      return true;
    } catch (error) {
      state.refused = (error as Error).message;
      return false;
    } finally {
      changed();
    }
  }

  return {
    state,
    async send(text) {
      if (state.isSending) return false;
      state.isSending = true;
      state.recall = NO_RECALL;
      changed();
      const model_config_id = state.model || null;
      // The draft is kept until the kernel has it, however long a cell keeps the
      // kernel busy: giving up early would invite to send it twice.
      const sent = await ask({ op: "send", text, model_config_id }, PATIENT_MS);
      if (sent && state.draft === text) state.draft = "";
      state.isSending = false;
      changed();
      return sent;
    },
    async stop() {
      if (state.stop !== "idle") return;
      state.stop = "sent";
      changed();
      const slow = setTimeout(() => {
        state.stop = "unanswered";
        changed();
      }, SLOW_MS);
      await ask({ op: "stop" });
      clearTimeout(slow);
      state.stop = "idle";
      changed();
    },
    deleteQueued(queued_id) {
      void ask({ op: "delete_queued", queued_id });
    },
    promoteQueued(queued_id) {
      void ask({ op: "promote_queued", queued_id });
    },
    async loadOlder() {
      if (state.isLoading) return;
      state.isLoading = true;
      changed();
      await ask({ op: "load_older" });
      state.isLoading = false;
      changed();
    },
    chooseModel(id) {
      state.model = id;
      changed();
    },
    dismiss() {
      state.refused = "";
      changed();
    },
  };
}
