// Tells the hotline how far the citizen has read what an operator wrote: shown at the end of a page that is looked at.

import * as api from "./api.js";
import { current } from "./conversation.js";

const SETTLE = 400;

export class Seen {
  /** `newest()`: the number of the operator's last message; `inView()`: the end of the conversation is on the screen. */
  constructor({ newest, inView }) {
    Object.assign(this, { newest, inView, told: {}, timer: 0 });
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** Something came or was scrolled to. */
  look() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), SETTLE);
  }

  async tell() {
    const conversation = current();
    const seq = this.newest();
    const known = conversation && this.told.id === conversation.id ? this.told.seq : 0;
    if (!conversation || seq <= known || document.visibilityState === "hidden" || !this.inView()) return;
    this.told = { id: conversation.id, seq };
    await api.tellSeen(conversation, seq).catch(() => {
      this.told = {}; // the next look says it again
    });
  }
}
