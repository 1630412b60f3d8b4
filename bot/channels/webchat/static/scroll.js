// Keeping the newest in view without tearing anybody away from what they read.

const NEAR = 120; // pixels from the end that count as being there
const BURST = 3000; // messages within it are one answer, read from its beginning

export class Scroll {
  /** `log` scrolls; `pill` tells that there is more below. */
  constructor(log, pill) {
    Object.assign(this, { log, pill });
    this.atEnd = false; // the greeting is read from its beginning
    this.answer = { node: null, at: 0, top: 0 };
    log.addEventListener("scroll", () => {
      this.atEnd = this.distance() < NEAR;
      if (this.atEnd) pill.hidden = true;
    });
    pill.addEventListener("click", () => {
      this.toEnd();
      log.focus({ preventScroll: true });
    });
    window.addEventListener("resize", () => this.grown());
    if (window.ResizeObserver) new ResizeObserver(() => this.grown()).observe(log);
  }

  toEnd() {
    this.atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.pill.hidden = true;
  }

  /** A new entry: the end if all of the answer fits, else the answer's beginning. The number to call in an emergency
   * is shown in any case, wherever the reader was. */
  reveal(node) {
    const more = this.sameAnswer();
    const call = node.querySelector(".call.now");
    if (this.atEnd || more || call) {
      const first = more && !call ? this.answer.node : node;
      const needed = call ? this.top(call) + call.offsetHeight + 8 - this.log.clientHeight : 0;
      this.log.scrollTop = Math.max(this.top(first) - 8, needed);
      this.answer = { node: first, at: Date.now(), top: this.log.scrollTop };
    }
    this.pill.hidden = call !== null || this.distance() < NEAR;
  }

  /** Something already shown grew. */
  grown() {
    if (this.atEnd) this.toEnd();
  }

  /** Still within the answer just revealed, and the reader has not moved away. */
  sameAnswer() {
    const { node, at, top } = this.answer;
    return node !== null && node.isConnected && Date.now() - at < BURST && Math.abs(this.log.scrollTop - top) < 4;
  }

  top(node) {
    return node.getBoundingClientRect().top - this.log.getBoundingClientRect().top + this.log.scrollTop;
  }

  distance() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
  }
}
