// Keeping the newest in view without tearing anybody away from what they read.

const NEAR = 120; // pixels from the end that count as being there

export class Scroll {
  /** `log` scrolls; `pill` appears when there is something new below. */
  constructor(log, pill) {
    Object.assign(this, { log, pill });
    this.atEnd = true;
    log.addEventListener("scroll", () => {
      this.atEnd = this.distance() < NEAR;
      if (this.atEnd) pill.hidden = true;
    });
    pill.addEventListener("click", () => {
      this.toEnd();
      log.focus({ preventScroll: true });
    });
    window.addEventListener("resize", () => this.atEnd && this.toEnd());
    if (window.ResizeObserver) new ResizeObserver(() => this.atEnd && this.toEnd()).observe(log);
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.pill.hidden = true;
  }

  /** New entries, the first of them `node`: the end if all fits, else the beginning of what is new. */
  reveal(node) {
    if (!this.atEnd) {
      this.pill.hidden = false;
      return;
    }
    const top = node.offsetTop - this.log.offsetTop - 8;
    this.log.scrollTop = Math.min(this.log.scrollHeight - this.log.clientHeight, top);
    this.atEnd = true;
  }

  distance() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
  }
}
