// Keeps the page up to date: server-sent events, long polling where those do not get through, and always a catch-up
// with after=seq first, so that a phone asleep for an hour misses nothing.

import * as api from "./api.js";

const QUIET = 25 * 1000; // after so much silence, ask whether something was missed
const POLL_WAIT = 20; // seconds
const POLL_FOR = 5 * 60 * 1000; // then give events another chance
const SLOWEST = 30 * 1000;

export class Stream {
  /** `after()`: highest seq known. `receive(messages)`, `complete()` once all up to now are here, `typing()`, `seen(seq)`, `state("online"|"offline", before)`, `gone(conversation)`. */
  constructor(handlers) {
    Object.assign(this, handlers);
    this.round = 0;
    this.eventFailures = 0;
    this.pollUntil = 0;
    this.lastHeard = 0;
    this.known = "";
    this.interrupt = () => {};
    this.check = () => {};
    this.following = false;
    window.addEventListener("offline", () => this.tell("offline"));
    window.addEventListener("online", () => (this.following ? this.interrupt() : this.tell("online")));
    window.addEventListener("pageshow", (event) => event.persisted && this.nudge());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.nudge());
  }

  /** Follow `conversation`, and nothing before it any more. */
  follow(conversation) {
    this.stop();
    this.following = true;
    this.run(conversation, this.round);
  }

  stop() {
    this.round += 1;
    this.following = false;
    this.interrupt();
  }

  /** The page came back to life: what was open may be dead without knowing. */
  nudge() {
    if (Date.now() - this.lastHeard > 3000) this.interrupt();
  }

  /** Something was sent: if nothing is heard soon, look. */
  expect() {
    const sent = Date.now();
    setTimeout(() => this.lastHeard < sent && this.check(), 4000);
  }

  async run(conversation, round) {
    for (let failures = 0; round === this.round; ) {
      try {
        await this.catchUp(conversation, round);
        if (round !== this.round) return;
        failures = 0;
        if (window.EventSource && Date.now() > this.pollUntil) await this.listen(conversation, round);
        else await this.poll(conversation, round);
      } catch (error) {
        if (round !== this.round) return;
        if (error.gone) return this.gone(conversation);
        failures += 1;
        if (failures > 1 || navigator.onLine === false) this.tell("offline");
        await this.rest(Math.min(SLOWEST, 1000 * 2 ** (failures - 1)) * (0.8 + Math.random() * 0.4));
      }
    }
  }

  /** `state(now, before)`, only when it changed. */
  tell(now) {
    const before = this.known;
    this.known = now;
    if (now !== before) this.state(now, before);
  }

  async catchUp(conversation, round) {
    for (;;) {
      const found = await api.messages(conversation, this.after());
      if (round !== this.round) return;
      this.hear(found);
      if (!found.messages.length) return this.complete();
    }
  }

  /** Resolves when the events ended, failed, or turned out to leave messages out. */
  listen(conversation, round) {
    const opened = Date.now();
    return new Promise((resolve) => {
      const source = api.events(conversation, this.after());
      let timer = 0;
      let ended = false;
      const end = (failed) => {
        if (ended) return;
        ended = true;
        source.close();
        clearTimeout(timer);
        this.check = () => {};
        this.noteEvents(failed, Date.now() - opened);
        this.interrupt = () => {};
        if (failed) this.rest(1000).then(resolve);
        else resolve();
      };
      const look = async () => {
        try {
          const missed = await api.messages(conversation, this.after());
          if (round !== this.round || ended) return;
          if (missed.messages.length) {
            this.hear(missed);
            end(true);
          } else wait();
        } catch (error) {
          end(false);
        }
      };
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(look, QUIET);
      };
      this.interrupt = () => end(false);
      this.check = look;
      source.addEventListener("message", (event) => {
        if (round !== this.round) return;
        this.eventFailures = 0;
        this.hear({ messages: [JSON.parse(event.data)] });
        wait();
      });
      source.addEventListener("typing", () => round === this.round && this.typing());
      source.addEventListener("seen", (event) => round === this.round && this.seen(JSON.parse(event.data).seq));
      source.addEventListener("error", () => end(true));
      wait();
    });
  }

  /** Twice in a row without one message: something between here and there holds events back. Poll for a while. */
  noteEvents(failed, lasted) {
    if (!failed) return;
    this.eventFailures += lasted > 60 * 1000 ? 0 : 1;
    if (this.eventFailures < 2) return;
    this.eventFailures = 0;
    this.pollUntil = Date.now() + POLL_FOR;
  }

  async poll(conversation, round) {
    while (round === this.round && (Date.now() < this.pollUntil || !window.EventSource)) {
      const controller = new AbortController();
      let nudged = false;
      this.interrupt = () => {
        nudged = true;
        controller.abort();
      };
      try {
        const found = await api.messages(conversation, this.after(), POLL_WAIT, controller.signal);
        if (round === this.round) this.hear(found);
      } catch (error) {
        if (!nudged) throw error;
        return;
      } finally {
        this.interrupt = () => {};
      }
    }
  }

  hear({ messages, seen = 0 }) {
    this.lastHeard = Date.now();
    this.tell("online");
    if (messages.length) this.receive(messages);
    if (seen) this.seen(seen);
  }

  rest(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
