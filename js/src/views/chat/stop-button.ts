/** Stop, and what became of it. */
import type { TemplateResult } from "lit-html";
import { button } from "../../dom/controls.js";
import type { Actions } from "./page-state.js";

export function stopButton(
  actions: Actions,
  size: "small" | "control",
): TemplateResult {
  const { stop } = actions.state;
  const sent = stop === "unanswered" ? "Stop sent, kernel busy" : "Stopping";
  return button({
    label: stop === "unanswered" ? "Stop sent, kernel busy" : "Stop",
    icon: "stop",
    hint: "Esc",
    size,
    extra: "cc-stop",
    blocked: stop === "idle" ? undefined : sent,
    onPress: () => actions.stop(),
  });
}
