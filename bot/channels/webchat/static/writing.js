// Tells an operator that the citizen is writing: that, and never what. Silent where no human would see it.

import * as api from "./api.js";
import { current } from "./conversation.js";

const EVERY = 3000;
const UNHEARD = 60 * 1000;
let next = 0;

export function tellWriting(words) {
  words.addEventListener("input", async () => {
    const conversation = current();
    if (!conversation || !words.value || document.visibilityState === "hidden" || Date.now() < next) return;
    next = Date.now() + EVERY;
    const { heard } = await api.tellWriting(conversation).catch(() => ({ heard: false }));
    if (!heard) next = Date.now() + UNHEARD;
  });
}

/** The hotline spoke: perhaps a human has taken over. */
export function askAgain() {
  next = Math.min(next, Date.now() + EVERY);
}
