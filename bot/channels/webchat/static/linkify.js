// Words with the numbers one can call, and web addresses, as links. Built of nodes: text is never HTML.

import { el } from "./dom.js";

const WEB = "https?://[^\\s<>\"'，。；、（）【】《》「」]+";
// A number stands alone: not part of a ticket number, a date, a sum or a house number.
const BEFORE = "(?<![\\dA-Za-z.-])";
const AFTER = "(?![\\dA-Za-z-]|\\.\\d|\\s*[号元米个人年月日幢室])";
const PHONE = "0\\d{2,3}-?\\d{7,8}|1[3-9]\\d{9}|400-?\\d{3}-?\\d{4}|12\\d{3}|96\\d{3}";
const SHORT = "|110|119|120|122";

/** `urgent`: the three-digit numbers are links too; elsewhere "110" is more often part of an address. */
export function linkify(words, urgent = false) {
  const pattern = compiled(urgent);
  if (!pattern) return [words];
  const parts = [];
  let done = 0;
  for (let found = pattern.exec(words); found; found = pattern.exec(words)) {
    parts.push(words.slice(done, found.index), link(found[0]));
    done = found.index + found[0].length;
  }
  parts.push(words.slice(done));
  return parts;
}

/** What a phone dials for a number as written: "0574-8718 0001 转 3" → "tel:057487180001". Empty if there is none. */
export function telephone(phone) {
  const digits = phone.split(/转|ext|#|,|，|\/|、/i)[0].replace(/[^\d+]/g, "");
  return digits ? `tel:${digits}` : "";
}

function link(found) {
  if (!found.startsWith("http")) return el("a", { href: telephone(found), class: "number" }, found);
  return el("a", { href: found, target: "_blank", rel: "noopener noreferrer nofollow" }, found);
}

function compiled(urgent) {
  try {
    return new RegExp(`${WEB}|${BEFORE}(?:${PHONE}${urgent ? SHORT : ""})${AFTER}`, "g");
  } catch (noLookbehind) {
    return null; // Safari before 16.4: plain words; cards carry the numbers anyway
  }
}
