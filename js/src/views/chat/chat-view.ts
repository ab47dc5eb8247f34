/** A chat in a cell: header, transcript, status line, queue, prompt box. */
import { html, nothing, render } from "lit-html";
import type { ChatView } from "../../bridge/chat-types.js";
import { copyText } from "../../dom/clipboard.js";
import { button } from "../../dom/controls.js";
import { followScroll } from "../../dom/follow-scroll.js";
import { painter } from "../../dom/frame.js";
import { icon } from "../../dom/icons.js";
import { watchKernel } from "../../dom/kernel.js";
import type { Undo } from "../../dom/part.js";
import { mountRoot } from "../../dom/root.js";
import type { Store } from "../../store/store.js";
import { createAnnouncer } from "./announcer.js";
import { composer } from "./composer.js";
import { emptyChat } from "./empty.js";
import { header } from "./header.js";
import { createPickerState } from "./model-picker.js";
import type { Actions } from "./page-state.js";
import { queue } from "./queue.js";
import { answerText } from "./row-view.js";
import { isBusy, statusOf } from "./status.js";
import { statusLine } from "./status-line.js";
import { createTranscript } from "./transcript.js";

const TICK_MS = 1_000;

export function mountChat(
  el: HTMLElement,
  store: Store<ChatView>,
  actions: Actions,
  isGone: () => boolean,
): Undo {
  const unroot = mountRoot(el, "cc-chat");
  const parts = skeleton(el);
  const transcript = createTranscript(parts.content, parts.scroller);
  const announcer = createAnnouncer(parts.spoken);
  const picker = createPickerState();
  const paint = painter(draw);
  const scroll = followScroll(parts.scroller, parts.content, paint.request);
  const kernel = watchKernel(el, isGone, paint.request);
  const unsubscribe = store.subscribe(paint.request);
  const tick = setInterval(() => {
    if (store.view && counts(store.view)) paint.request();
  }, TICK_MS);

  function draw(): void {
    const { view } = store;
    if (view === undefined) return;
    const now = Date.now() / 1_000;
    const status = statusOf(view, actions.state, now);
    const isWhole = view.mode === "chat";
    el.dataset.mode = view.mode;
    el.setAttribute("aria-label", view.title || "Chat");
    render(
      isWhole ? html`${header(view)}${kernelNote(view)}` : kernelNote(view),
      parts.top,
    );
    const isEmpty = isWhole && view.rows.length === 0 && view.phase === "ready";
    render(isEmpty ? emptyChat(useExample) : nothing, parts.empty);
    render(view.has_older ? older() : nothing, parts.older);
    const isBehind = transcript.update(view, now);
    scroll.settle();
    render(scroll.isFollowing ? nothing : jump(), parts.jump);
    render(kernel.isGone ? nothing : bottom(view, status), parts.bottom);
    fitBox(parts.bottom);
    announcer.update(view, status);
    if (isBehind) paint.request();
  }

  function bottom(view: ChatView, status: ReturnType<typeof statusOf>) {
    if (view.mode === "turn") return statusLine(view, status, actions);
    if (view.read_only)
      return html`<div class="cc-readonly">${icon("info")}${view.read_only}</div>`;
    return html`${statusLine(view, status, actions)}${queue(view.queue, actions)}
    ${composer({ view, actions, picker, changed: paint.request, sent: scroll.follow })}`;
  }

  function kernelNote(view: ChatView) {
    if (!kernel.isGone) return nothing;
    const markdown = () =>
      view.rows
        .map(
          (row) =>
            `**${row.role === "user" ? "You" : "Agent"}**\n\n${answerText(row.blocks)}`,
        )
        .join("\n\n");
    return html`<div class="cc-strip">
      ${icon("unlink")}
      <span><b>Not connected to a kernel.</b> This is the chat as it was last seen. Run the
        cell again to go on.</span>
      ${button({
        label: "Copy as Markdown",
        icon: "copy",
        size: "small",
        onPress: () => void copyText(markdown()),
      })}
    </div>`;
  }

  function older() {
    const { isLoading } = actions.state;
    return button({
      label: isLoading ? "Loading earlier messages" : "Load earlier messages",
      icon: "up",
      kind: "quiet",
      size: "small",
      blocked: isLoading ? "On their way" : undefined,
      onPress: () => actions.loadOlder(),
    });
  }

  function jump() {
    return button({
      label: "Jump to latest",
      icon: "down",
      size: "small",
      onPress: scroll.follow,
    });
  }

  function useExample(text: string): void {
    actions.state.draft = text;
    paint.request();
    el.querySelector<HTMLElement>(".cc-box-text")?.focus();
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    const { view } = store;
    if (view === undefined || !isBusy(view)) return;
    event.preventDefault();
    event.stopPropagation();
    actions.stop();
  }
  el.addEventListener("keydown", onKey);

  draw();
  return () => {
    el.removeEventListener("keydown", onKey);
    clearInterval(tick);
    unsubscribe();
    kernel.close();
    scroll.close();
    paint.close();
    announcer.close();
    transcript.close();
    unroot();
    el.replaceChildren();
  };
}

/** Some figure on the page changes with time alone. */
function counts(view: ChatView): boolean {
  return isBusy(view) || view.retry !== null || view.link.phase === "reconnecting";
}

/** The box is as tall as its text, up to what its style allows. */
function fitBox(root: HTMLElement): void {
  const box = root.querySelector<HTMLTextAreaElement>(".cc-box-text");
  if (box === null || box.dataset.fitted === box.value) return;
  box.dataset.fitted = box.value;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function skeleton(el: HTMLElement) {
  const make = (className: string, parent: HTMLElement) => {
    const made = document.createElement("div");
    made.className = className;
    parent.append(made);
    return made;
  };
  el.replaceChildren();
  el.setAttribute("role", "region");
  const top = make("cc-top", el);
  const middle = make("cc-middle", el);
  const scroller = make("cc-scroller", middle);
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "log");
  scroller.setAttribute("aria-live", "off");
  scroller.setAttribute("aria-label", "Transcript");
  const content = make("cc-transcript", scroller);
  const older = make("cc-older", content);
  const empty = make("cc-empty", content);
  const jump = make("cc-jump", middle);
  const bottom = make("cc-bottom", el);
  const spoken = make("cc-spoken", el);
  spoken.setAttribute("role", "status");
  return { top, scroller, content, older, empty, jump, bottom, spoken };
}
