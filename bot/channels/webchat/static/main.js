// Puts the parts together.

import * as api from "./api.js";
import * as banner from "./banner.js";
import { Composer } from "./composer.js";
import * as conversation from "./conversation.js";
import { setUpDisplay, tellParent } from "./display.js";
import { byId } from "./dom.js";
import { Greeting } from "./greeting.js";
import { language, onLanguage, setLanguage, t, translatePage } from "./language.js";
import { Outbox } from "./outbox.js";
import * as photos from "./photo_store.js";
import { Scroll } from "./scroll.js";
import { Stream } from "./stream.js";
import { Timeline } from "./timeline.js";

const log = byId("log");
const scroll = new Scroll(log, byId("newer"));
let typingEnds = 0;
let unread = 0;
let loaded = false; // the history is here: what comes now is news

const timeline = new Timeline(log, {
  press: (button, message) => send({ kind: "choice", choice: button.id, text: button.title, from: message.seq }),
  retry: (item) => {
    log.focus({ preventScroll: true });
    outbox.retry(item);
  },
  discard: withdraw,
  edit: (item) => {
    withdraw(item);
    composer.edit(item.text);
  },
  arrived: (item) => outbox.arrived(item),
  photo: (entry) => (entry.item ? photos.get(entry.item.id) : api.photo(conversation.current(), entry.message.photo_url)),
});

const greeting = new Greeting(log, {
  say: (text) => send({ kind: "text", text }),
  forget: () => {
    outbox.clear();
    timeline.clear();
    conversation.forget();
    banner.brief("forgotten");
  },
});

const outbox = new Outbox({
  changed: (item) => timeline.update(item),
  sent: (item, seq) => {
    timeline.settle(item, seq);
    stream.expect();
  },
  gone: restart,
});

const stream = new Stream({
  after: () => timeline.last,
  receive,
  typing: () => showTyping(8000),
  state: (now, before) => {
    banner.connection(now);
    if (now === "online") finishLoading();
    if (before === "offline") outbox.retryAll();
  },
  gone: restart,
});

const composer = new Composer(send);

function send(parts) {
  const item = outbox.add(parts);
  timeline.show(item);
  greeting.set(false);
  scroll.toEnd();
}

function withdraw(item) {
  outbox.discard(item);
  timeline.take(item);
  greeting.set(timeline.size === 0);
}

function receive(messages) {
  const news = timeline.receive(messages);
  greeting.set(timeline.size === 0);
  if (!loaded || !news.length) return scroll.atEnd && scroll.toEnd();
  showTyping(0);
  scroll.reveal(timeline.nodeOf(news[0]));
  announce(news);
  tellParent("news");
}

/** What a log alone does not bring home: an emergency at once, a count for who looks elsewhere. */
function announce(news) {
  for (const message of news) {
    const emergency = (message.cards || []).find((card) => card.kind === "emergency");
    if (emergency) byId("alarm").textContent = t("emergencyAlarm", emergency);
  }
  if (document.visibilityState === "hidden") showUnread(unread + news.length);
}

function showUnread(count) {
  unread = count;
  document.title = count ? t("titleUnread", { n: count }) : t("title");
}

function showTyping(milliseconds) {
  clearTimeout(typingEnds);
  byId("typing").hidden = !milliseconds;
  if (milliseconds) typingEnds = setTimeout(() => showTyping(0), milliseconds);
}

function restart(old) {
  conversation.forget(old);
  banner.brief("conversationGone");
}

function follow() {
  timeline.reset();
  greeting.set(timeline.size === 0);
  showTyping(0);
  const current = conversation.current();
  if (current) stream.follow(current);
  else stream.stop();
}

function finishLoading() {
  if (loaded) return;
  loaded = true;
  log.setAttribute("aria-live", "polite");
  log.removeAttribute("aria-busy");
  if (scroll.atEnd) scroll.toEnd();
}

function begin() {
  byId("plain").remove();
  translatePage();
  setUpDisplay();
  byId("language").addEventListener("click", () => setLanguage(language() === "zh" ? "en" : "zh"));
  onLanguage(() => {
    timeline.rerender();
    greeting.render();
    composer.translate();
    banner.translate();
    conversation.tellLanguage().catch(() => {}); // made up for before the next message
  });
  conversation.assumeLanguage();
  conversation.onConversation(follow);
  outbox.restore().forEach((item) => timeline.show(item));
  if (conversation.current()) {
    log.setAttribute("aria-live", "off"); // old messages are not news
    log.setAttribute("aria-busy", "true");
    banner.stay("loading");
    stream.follow(conversation.current());
  } else loaded = true;
  greeting.set(!conversation.current() && timeline.size === 0);
  window.addEventListener("offline", () => banner.connection("offline"));
  window.addEventListener("online", () => conversation.current() || banner.connection("online"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && showUnread(0));
  document.documentElement.classList.add("ready");
}

begin();
