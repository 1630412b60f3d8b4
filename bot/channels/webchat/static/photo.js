// Choosing a photo: made small enough for a slow network, and shown above the words until it is sent.

import { el, empty } from "./dom.js";
import { t } from "./language.js";
import { toCanvas } from "./photo_view.js";

const WIDEST = 1600;
const HEAVIEST = 10 * 1024 * 1024;

export class PhotoPicker {
  /** `box`: where the chosen photo is shown. `tell(key)` shows a problem, `ready()` after one was chosen. */
  constructor({ button, file, box, tell, ready }) {
    Object.assign(this, { box, tell, ready, blob: null });
    button.addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      const chosen = file.files[0];
      file.value = "";
      if (chosen) this.choose(chosen);
    });
  }

  /** The photo to send, which is then no longer attached. */
  take() {
    const { blob } = this;
    this.clear();
    return blob;
  }

  async choose(chosen) {
    this.show(el("p", {}, t("photoReading")));
    const { blob, canvas } = await smaller(chosen);
    if (!canvas && !chosen.type.startsWith("image/")) return this.giveUp("photoBad");
    if (blob.size > HEAVIEST) return this.giveUp("photoTooBig");
    this.blob = blob;
    this.show(canvas && preview(canvas), el("p", {}, t("photoReady")), this.removal());
    this.ready();
  }

  giveUp(key) {
    this.clear();
    this.tell(key);
  }

  clear() {
    this.blob = null;
    empty(this.box);
    this.box.hidden = true;
  }

  show(...parts) {
    empty(this.box);
    this.box.append(...parts.filter(Boolean));
    this.box.hidden = false;
  }

  removal() {
    const act = () => {
      this.clear();
      this.ready();
    };
    return el("button", { type: "button", class: "quiet", onclick: act }, t("photoRemove"));
  }
}

/** A JPEG of at most WIDEST pixels a side, without the place a camera writes into it; else the file as it is. */
async function smaller(file) {
  try {
    const canvas = await toCanvas(file, WIDEST);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return { blob: blob || file, canvas };
  } catch (unreadable) {
    return { blob: file, canvas: null };
  }
}

function preview(canvas) {
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", t("photoAlt"));
  return canvas;
}
