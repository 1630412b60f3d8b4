// The conversation on the screen: one entry per message in the order of its number, then what is still on its way.

import * as api from "./api.js";
import { closedBy } from "./buttons_view.js";
import { el, empty } from "./dom.js";
import { t } from "./language.js";
import { draw } from "./message_view.js";
import { inWords } from "./when.js";

const PAUSE = 5 * 60 * 1000; // after such a pause the time is told

export class Timeline {
  /** `log`: the element. `actions`: press, retry, discard, edit, photo — what the parts of a message can do. */
  constructor(log, actions) {
    Object.assign(this, { log, actions });
    this.entries = []; // {seq|null, message, item|null, node}, as on the screen
    this.last = 0; // highest number up to which the hotline told us everything; what was sent tells nothing of that
    this.readTo = 0; // number of the last message that an operator has read
    setInterval(() => this.tellTimes(), 30 * 1000);
  }

  get size() {
    return this.entries.length;
  }

  /** Whether the citizen had the last word. */
  get unanswered() {
    const said = this.entries.filter((entry) => !entry.item);
    return said.length > 0 && said[said.length - 1].message.sender === "citizen";
  }

  /** Number of the last message that a human wrote, 0 where none did. */
  get humansLast() {
    const theirs = this.entries.filter((entry) => entry.message.sender === "operator");
    return theirs.length ? theirs[theirs.length - 1].seq : 0;
  }

  /** An operator has read everything up to number `seq`. */
  read(seq) {
    if (seq <= this.readTo) return;
    this.readTo = seq;
    for (const entry of this.entries) if (isRead(entry, seq)) tellRead(entry);
  }

  /** Messages of the hotline. Those already here change nothing; returns the new ones of others than the citizen. */
  receive(messages) {
    const news = [];
    for (const message of messages) {
      this.last = Math.max(this.last, message.seq);
      if (this.find(message.seq)) continue;
      const own = message.sender === "citizen" ? this.onItsWay(message) : null;
      if (own) {
        this.actions.arrived(own.item);
        this.settle(own.item, message.seq, message);
      } else {
        this.insert({ seq: message.seq, message, item: null });
        if (message.sender !== "citizen") news.push(message);
      }
    }
    this.markAnswered();
    return news;
  }

  /** Something of the citizen's that is on its way. */
  show(item) {
    this.insert({ seq: null, message: asMessage(item), item });
    this.markAnswered();
  }

  /** Its state changed. */
  update(item) {
    const entry = this.entries.find((other) => other.item === item);
    if (entry) this.redraw(entry);
    this.markAnswered();
  }

  /** The hotline has it as number `seq`. */
  settle(item, seq, message = null) {
    const entry = this.entries.find((other) => other.item === item);
    if (!entry) return;
    const twin = this.find(seq);
    if (twin) return this.remove(entry);
    entry.message = message || { ...entry.message, seq };
    Object.assign(entry, { seq, item: null, choice: item.choice, from: item.from });
    this.place(entry);
    this.redraw(entry);
    this.redrawAfter(entry);
    this.markAnswered();
  }

  take(item) {
    const entry = this.entries.find((other) => other.item === item);
    if (entry) this.remove(entry);
    this.markAnswered();
  }

  /** Forget what the hotline said; what is on its way stays. */
  reset() {
    this.last = this.readTo = 0;
    for (const entry of this.entries.filter((other) => !other.item)) this.remove(entry);
  }

  clear() {
    this.last = this.readTo = 0;
    this.entries.slice().forEach((entry) => this.remove(entry));
  }

  /** All words anew, in another language. */
  rerender() {
    for (const entry of this.entries) this.redraw(entry);
    this.markAnswered();
  }

  find(seq) {
    return this.entries.find((entry) => entry.seq === seq);
  }

  nodeOf(message) {
    const entry = this.find(message.seq);
    return entry ? entry.node : null;
  }

  /** The entry of a message that came back before the answer to its sending did. */
  onItsWay(message) {
    const waiting = this.entries.filter((entry) => entry.item && entry.item.state !== "refused");
    const named = waiting.find((entry) => entry.item.id === message.client_message_id);
    if (named || message.client_message_id) return named || null;
    return waiting.find((entry) => sameWords(entry.message, message)) || null;
  }

  insert(entry) {
    entry.node = el("div", { class: "entry" });
    this.place(entry);
    this.redraw(entry);
    this.redrawAfter(entry);
  }

  /** Time and speaker of an entry depend on the one before it. */
  redrawAfter(entry) {
    const next = this.entries[this.entries.indexOf(entry) + 1];
    if (next) this.redraw(next);
  }

  /** Put the entry where its number belongs: numbered ones in order, then those on their way. */
  place(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    let at = this.entries.length;
    const later = (other) => entry.seq !== null && (other.seq === null || other.seq > entry.seq);
    while (at > 0 && later(this.entries[at - 1])) at -= 1;
    this.entries.splice(at, 0, entry);
    const next = this.entries[at + 1];
    if (next ? entry.node.nextSibling !== next.node : this.log.lastChild !== entry.node) {
      this.log.insertBefore(entry.node, next ? next.node : null);
    }
  }

  redraw(entry) {
    const before = this.entries[this.entries.indexOf(entry) - 1];
    empty(entry.node);
    entry.node.className = `entry ${entry.message.sender}`;
    if (entry.seq) entry.node.dataset.seq = entry.seq;
    if (!before || gap(before, entry) > PAUSE) entry.node.append(this.time(entry));
    const speaks = !before || before.message.sender !== entry.message.sender || gap(before, entry) > PAUSE;
    entry.node.append(draw(entry, speaks, this.actions));
    if (isRead(entry, this.readTo)) tellRead(entry);
  }

  remove(entry) {
    entry.node.remove();
    this.entries = this.entries.filter((other) => other !== entry);
  }

  time(entry) {
    const { created_at: iso } = entry.message;
    return el("p", { class: "when" }, el("time", { datetime: iso }, inWords(iso, api.now())));
  }

  tellTimes() {
    for (const time of this.log.querySelectorAll(".when time")) {
      const words = inWords(time.dateTime, api.now());
      if (time.textContent !== words) time.textContent = words;
    }
  }

  /** Grey the buttons of questions that were answered, and mark what was chosen. */
  markAnswered() {
    this.log.querySelectorAll(".past").forEach((node) => node.classList.remove("past"));
    this.log.querySelectorAll(".choice[aria-disabled]").forEach(reopen);
    let spoke = false;
    for (const entry of this.entries.slice().reverse()) {
      if (entry.message.sender === "citizen") {
        spoke = true;
        this.markChosen(entry);
      } else if (spoke) entry.node.classList.add("past");
    }
  }

  markChosen(answer) {
    if (answer.item && answer.item.state === "refused") return;
    const button = this.pressed(answer);
    if (!button) return;
    button.setAttribute("data-chosen", t("chosen"));
    closedBy(button).forEach((other) => other.setAttribute("aria-disabled", "true"));
  }

  /** The button an answer came from: by its id, else by its title where only one has it. */
  pressed(answer) {
    const choice = answer.message.choice || answer.choice || (answer.item && answer.item.choice);
    if (!choice && answer.message.kind !== "choice") return null;
    const from = answer.from || (answer.item && answer.item.from);
    for (let at = this.entries.indexOf(answer) - 1; at >= 0; at -= 1) {
      const entry = this.entries[at];
      if (from && entry.seq !== from) continue;
      const found = Array.from(entry.node.querySelectorAll("button[data-choice]")).filter((button) =>
        choice ? button.dataset.choice === choice : button.dataset.title === answer.message.text
      );
      if (found.length === 1 || (choice && found.length)) return found[0];
      if (found.length) return null;
    }
    return null;
  }
}

function isRead(entry, seq) {
  return entry.message.sender === "citizen" && entry.seq && entry.seq <= seq;
}

function tellRead(entry) {
  const state = entry.node.querySelector(".sent .state");
  if (state) state.textContent = t("read");
}

function reopen(button) {
  button.removeAttribute("aria-disabled");
  button.removeAttribute("data-chosen");
}

function asMessage(item) {
  const { kind, text = "", choice, location } = item;
  return {
    seq: null, sender: "citizen", kind, text, choice, location, buttons: [], cards: [], photo_url: null,
    created_at: new Date(item.made + api.now() - Date.now()).toISOString(),
  };
}

function sameWords(mine, theirs) {
  if (mine.kind !== theirs.kind) return false;
  return mine.kind === "location" || plain(mine.text) === plain(theirs.text || "");
}

function plain(words) {
  return words.replace(/\s+/g, " ").trim();
}

function gap(before, after) {
  return new Date(after.message.created_at) - new Date(before.message.created_at);
}
