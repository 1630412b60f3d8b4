// Times in words.

import { t } from "./language.js";

const MINUTE = 60 * 1000;

/** "刚刚", "5 分钟前", "今天 14:05", "昨天 …", "11月3日 …". `now` is the hotline's clock, in milliseconds. */
export function inWords(iso, now) {
  const then = new Date(iso);
  const minutes = Math.floor((now - then.getTime()) / MINUTE);
  if (minutes < 1) return t("now");
  if (minutes < 60) return t("minutesAgo", { n: minutes });
  const facts = { time: clock(then), day: then.getDate(), month: then.getMonth() + 1, year: then.getFullYear() };
  const days = daysBetween(then, new Date(now));
  if (days === 0) return t("today", facts);
  if (days === 1) return t("yesterday", facts);
  return t(then.getFullYear() === new Date(now).getFullYear() ? "thisYear" : "otherYear", facts);
}

function clock(date) {
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`;
}

function daysBetween(earlier, later) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(later) - midnight(earlier)) / (24 * 60 * MINUTE));
}
