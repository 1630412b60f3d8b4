// What the citizen sent until the hotline has it: kept over reloads, sent one at a time in order, and again with the
// same id when it is not sure that it arrived. Photos wait in photo_store.js.

import * as api from "./api.js";
import * as conversation from "./conversation.js";
import * as photos from "./photo_store.js";
import { keys, read, remove, write } from "./storage.js";

const DELAYS = [1000, 3000, 8000];
const KEY = "outbox.";
const FRESH = 10 * 60 * 1000;

export class Outbox {
  /** `changed(item)` when its state changed, `sent(item, seq)` when the hotline has it, `gone(conversation)`. */
  constructor({ changed, sent, gone }) {
    Object.assign(this, { changed, sent, gone });
    this.items = [];
    this.busy = false;
    this.wake = () => {};
    window.addEventListener("online", () => this.wake());
  }

  /** Queue {kind, text?, choice?, location?, photo?: Blob, from?}; returns the item as shown. */
  add({ photo = null, ...parts }) {
    const item = { ...parts, id: newId(), made: Date.now(), state: "sending" };
    this.items.push(item);
    this.keep(item);
    if (photo) photos.keep(item.id, photo);
    setTimeout(() => this.run());
    return item;
  }

  /** What an earlier page could not send. Old ones wait for the citizen to say so. */
  restore() {
    const found = keys(KEY).map(read).filter(Boolean).sort((a, b) => a.made - b.made);
    for (const item of found) {
      const wasTrying = ["sending", "retrying", "waiting"].includes(item.state);
      if (wasTrying) item.state = Date.now() - item.made < FRESH ? "sending" : "failed";
      this.items.push(item);
    }
    setTimeout(() => this.run());
    return found;
  }

  retry(item) {
    item.anew = false;
    this.mark(item, "sending");
    this.run();
  }

  /** The hotline can be reached again. */
  retryAll() {
    this.wake();
    this.items.filter((item) => item.state === "failed").forEach((item) => this.retry(item));
  }

  discard(item) {
    this.items = this.items.filter((other) => other !== item);
    remove(KEY + item.id);
    if (item.kind === "photo") photos.drop(item.id);
  }

  /** Begin nothing more and keep nothing. */
  clear() {
    for (const item of this.items.slice()) this.discard(item);
  }

  /** Seen among the hotline's messages: it arrived, whatever became of the answer. */
  arrived(item) {
    this.discard(item);
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let item = this.next(); item; item = this.next()) await this.deliver(item);
    } finally {
      this.busy = false;
    }
  }

  next() {
    return this.items.find((item) => item.state === "sending");
  }

  async deliver(item) {
    for (let attempt = 0; this.items.includes(item); attempt += 1) {
      try {
        const { seq } = await this.attempt(item);
        const known = this.items.includes(item);
        this.discard(item);
        if (known) this.sent(item, seq);
        return;
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        if (error.refused) return this.mark(item, "refused", error);
        if (error.gone && !item.anew) {
          item.anew = true; // once: a hotline that refuses a fresh token is broken, not forgetful
          continue;
        }
        if (attempt >= DELAYS.length) return this.mark(item, "failed");
        await this.pause(item, Math.max(DELAYS[attempt], error.retryAfter * 1000));
      }
    }
  }

  async attempt(item) {
    const photo = item.kind === "photo" ? await photos.get(item.id) : null;
    if (item.kind === "photo" && !photo) throw new api.ApiError(422);
    const current = await conversation.ensure();
    await conversation.tellLanguage().catch(() => {});
    try {
      return await api.send(current, item, photo);
    } catch (error) {
      if (error.gone) this.gone(current);
      throw error;
    }
  }

  /** Wait before the next attempt: for the network, or for `milliseconds`. */
  async pause(item, milliseconds) {
    const offline = navigator.onLine === false;
    this.mark(item, offline ? "waiting" : "retrying");
    await new Promise((resolve) => {
      this.wake = resolve;
      if (!offline) setTimeout(resolve, milliseconds);
    });
    this.wake = () => {};
  }

  mark(item, state, error = {}) {
    if (!this.items.includes(item)) return;
    Object.assign(item, { state, why: error.message || "", status: error.status || 0 });
    this.keep(item);
    this.changed(item);
  }

  keep(item) {
    write(KEY + item.id, item);
  }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
