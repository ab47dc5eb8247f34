/**
 * What every widget in a cell carries: how to find the page's code.
 *
 * It comes from the kernel's hub widget; a host that cannot hand over another
 * widget gets it from the kernel, once, over this widget's own comm.
 */
import type { AnyModel, Host, InitializeProps, RenderProps } from "@anywidget/types";
import type { Part } from "../dom/part.js";

type Page = typeof import("./page.js");
type Hub = { page: Promise<Page> };

async function fromHub(model: AnyModel, host: Host): Promise<Page> {
  const hub = await host.getWidget<Hub>(model.get("_hub"));
  return hub.exports.page;
}

function fromKernel(model: AnyModel): Promise<Page> {
  return new Promise((resolve) => {
    const onMessage = async (message: { kind: string; code: string }) => {
      if (message.kind !== "page") return;
      model.off("msg:custom", onMessage);
      const blob = new Blob([message.code], { type: "text/javascript" });
      const url = URL.createObjectURL(blob);
      resolve(import(/* @vite-ignore */ url));
    };
    model.on("msg:custom", onMessage);
    model.send({ kind: "page" });
  });
}

export default () => {
  let own: AnyModel | undefined;
  let part: Promise<Part> | undefined;

  async function open(model: AnyModel, host: Host | undefined): Promise<Part> {
    const fallback = () => fromKernel(model);
    const page = await (host ? fromHub(model, host).catch(fallback) : fallback());
    const create = page.parts[model.get("_kind")];
    if (create === undefined) throw new Error("This page does not know the widget.");
    return create(model);
  }

  return {
    initialize({ model }: InitializeProps) {
      own = model;
      return () => {
        part?.then((opened) => opened.close());
        part = undefined;
      };
    },

    async render({ model, el, host }: RenderProps) {
      // A fresh root: hosts empty `el` behind a template's back.
      const root = document.createElement("div");
      el.replaceChildren(root);
      part ??= open(own ?? model, host);
      const undo = (await part).mount(root);
      return () => {
        undo();
        root.remove();
      };
    },
  };
};
