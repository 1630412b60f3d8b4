// Where the citizen writes. Hands over what is to be sent and knows nothing of how.

import { byId, el, empty } from "./dom.js";
import { t } from "./language.js";
import { PhotoPicker } from "./photo.js";
import { locate } from "./place.js";
import { read, remove, write } from "./storage.js";

const LIMIT = 4000;
const TELL_FROM = 3600;
const DRAFT = "draft";
const HUMAN_PAUSE = 3000;

export class Composer {
  /** `send(parts)`: parts as Outbox.add takes them. */
  constructor(send) {
    this.send = send;
    this.words = byId("words");
    this.count = byId("count");
    this.notice = byId("notice");
    this.askedHuman = 0;
    this.photo = new PhotoPicker({
      button: byId("photo"), file: byId("file"), box: byId("attached"),
      tell: (key) => this.tell(t(key)),
      ready: () => this.words.focus(),
    });
    this.words.value = read(DRAFT) || "";
    this.words.addEventListener("input", () => this.changed());
    this.words.addEventListener("keydown", (event) => this.pressed(event));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("place").addEventListener("click", () => this.sendPlace());
    byId("human").addEventListener("click", () => this.askHuman());
    this.changed();
  }

  /** Put words back to be changed. */
  edit(words) {
    this.words.value = this.words.value ? `${words}\n${this.words.value}` : words;
    this.changed();
    this.words.focus();
  }

  /** Words in the other language where the composer wrote them itself. */
  translate() {
    this.hush();
    this.tellCount();
  }

  /** Enter sends, Shift+Enter is a new line, Enter that picks a word of an input method (229 on Safari) is neither. */
  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.words.value.trim();
    if (this.tooMany() > 0) {
      this.tellCount();
      return this.words.focus();
    }
    const photo = this.photo.blob;
    if (!text && !photo) return this.words.focus();
    this.hush();
    this.photo.clear();
    this.words.value = "";
    this.changed();
    this.send(photo ? { kind: "photo", text, photo } : { kind: "text", text });
    if (document.activeElement !== this.words && !touchy()) this.words.focus();
  }

  askHuman() {
    if (Date.now() - this.askedHuman < HUMAN_PAUSE) return;
    this.askedHuman = Date.now();
    this.hush();
    this.send({ kind: "text", text: t("humanWords") });
  }

  async sendPlace() {
    this.tell(t("placeAsking"));
    try {
      const { lat, lon, rough } = await locate();
      const send = () => this.send({ kind: "location", location: { lat, lon } });
      this.hush();
      if (rough) this.ask(t("placeRough", { km: rough }), ["placeSendAnyway", send], ["placeWillType", () => this.words.focus()]);
      else send();
    } catch (reason) {
      this.tell(t(reason.key));
    }
  }

  changed() {
    if (this.words.value) write(DRAFT, this.words.value);
    else remove(DRAFT);
    this.words.style.height = "auto";
    this.words.style.height = `${this.words.scrollHeight + 4}px`; // the border
    this.tellCount();
  }

  tooMany() {
    return Array.from(this.words.value.trim()).length - LIMIT;
  }

  tellCount() {
    const over = this.tooMany();
    this.count.hidden = over <= TELL_FROM - LIMIT;
    this.count.classList.toggle("over", over > 0);
    this.words.setAttribute("aria-invalid", String(over > 0));
    const words = over > 0 ? t("tooLong", { n: over }) : t("lettersLeft", { n: -over });
    this.count.textContent = this.count.hidden ? "" : words;
  }

  tell(words) {
    this.ask(words);
  }

  /** A note above the words, with answers [key, act] where there is something to decide. */
  ask(words, ...answers) {
    empty(this.notice);
    this.notice.append(el("p", {}, words));
    for (const [key, act] of answers) {
      const answer = () => {
        this.hush();
        act();
      };
      this.notice.append(el("button", { type: "button", class: "quiet", onclick: answer }, t(key)));
    }
    this.notice.hidden = false;
  }

  hush() {
    empty(this.notice);
    this.notice.hidden = true;
  }
}

/** On a phone the keyboard should not come up by itself. */
function touchy() {
  return window.matchMedia("(pointer: coarse)").matches;
}
