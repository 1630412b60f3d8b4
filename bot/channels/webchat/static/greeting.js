// What stands at the top of every conversation, with examples to press before the first message.

import { el, empty } from "./dom.js";
import { t } from "./language.js";

const EXAMPLES = [1, 2, 3, 4, 5, 6];

export class Greeting {
  /** `say(text)` sends an example; `forget()` clears this device. */
  constructor(log, { say, forget }) {
    Object.assign(this, { say, forget });
    this.node = el("section", { class: "greeting" });
    log.prepend(this.node);
    this.fresh = true;
    this.render();
  }

  /** `fresh`: nothing was said yet. */
  set(fresh) {
    if (fresh === this.fresh) return;
    this.fresh = fresh;
    this.render();
  }

  render() {
    empty(this.node);
    this.node.append(el("h2", {}, t("hello")), el("p", {}, t("helloWhat")));
    if (this.fresh) this.node.append(el("p", { class: "examples-title" }, t("examplesTitle")), this.examples());
    this.node.append(this.privacy());
  }

  examples() {
    const chip = (n) => {
      const words = t(`example${n}`);
      return el("button", { type: "button", class: "choice", onclick: () => this.say(words) }, words);
    };
    return el("div", { class: "examples", role: "group", "aria-label": t("examplesTitle") }, EXAMPLES.map(chip));
  }

  privacy() {
    const ask = (event) => event.currentTarget.parentNode.replaceWith(this.confirmation());
    if (this.fresh) return el("p", { class: "privacy" }, t("privacy"));
    const clear = el("button", { type: "button", class: "link", onclick: ask }, t("forget"));
    return el("p", { class: "privacy" }, t("privacy"), " ", t("shared"), " ", clear);
  }

  confirmation() {
    const answer = (key, act) => el("button", { type: "button", class: "quiet", onclick: act }, t(key));
    const question = el(
      "div",
      { class: "privacy", role: "alert" },
      el("p", {}, t("forgetSure")),
      answer("forgetYes", () => this.forget()),
      answer("forgetNo", () => this.render())
    );
    return question;
  }
}
