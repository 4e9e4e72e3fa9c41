import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// For a busy machine; a wait ends as soon as what it waits for is there.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no modal dialogs. This much of them is enough for logic; what the browser does (focus, top layer) is tested in one.
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.setAttribute("open", "");
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.removeAttribute("open");
};
