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
import { Seen } from "./seen.js";
import { Stream } from "./stream.js";
import { Timeline } from "./timeline.js";
import * as writing from "./writing.js";

const log = byId("log");
const scroll = new Scroll(log, byId("newer"));
const THINKING = 8000;
const WRITING = 6000;
let typingEnds = 0;
let unread = 0;
let withHuman = false; // an operator spoke last: the bot is silent
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
  changed: (item) => {
    timeline.update(item);
    scroll.grown();
  },
  sent: (item, seq) => {
    timeline.settle(item, seq);
    awaitAnswer();
  },
  gone: restart,
});

const stream = new Stream({
  after: () => timeline.last,
  receive,
  complete: finishLoading,
  typing: () => {
    showTyping(WRITING, "operatorTyping");
    scroll.grown();
  },
  seen: (seq) => timeline.read(seq),
  state: (now, before) => {
    banner.connection(now);
    if (before === "offline") outbox.retryAll();
  },
  gone: restart,
});

const composer = new Composer(send);
const seen = new Seen({ newest: () => timeline.humansLast, inView: () => scroll.atEnd || scroll.distance() < 120 });

function send(parts) {
  const item = outbox.add(parts);
  timeline.show(item);
  showBegun();
  scroll.toEnd();
}

/** Before the first message there are examples and the tagline, afterwards there is the conversation. */
function showBegun() {
  const begun = timeline.size > 0 || !loaded;
  greeting.set(!begun);
  document.documentElement.classList.toggle("begun", begun);
}

function withdraw(item) {
  outbox.discard(item);
  timeline.take(item);
  showBegun();
}

function receive(messages) {
  const news = timeline.receive(messages);
  showBegun();
  if (news.length) {
    withHuman = news[news.length - 1].sender === "operator";
    writing.askAgain();
    seen.look();
  }
  if (!loaded) return scroll.toEnd();
  if (!news.length) {
    awaitAnswer();
    return scroll.grown();
  }
  awaitAnswer();
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

/** The citizen's word is there and the bot's turn, or not any more. */
function awaitAnswer() {
  const waiting = timeline.unanswered;
  if (waiting) stream.expect();
  showTyping(waiting && !withHuman ? THINKING : 0);
}

function showUnread(count) {
  unread = count;
  document.title = count ? t("titleUnread", { n: count }) : t("title");
}

function showTyping(milliseconds, key = "typing") {
  clearTimeout(typingEnds);
  const words = byId("typing").querySelector("[data-text]");
  words.dataset.text = key;
  words.textContent = t(key);
  byId("typing").hidden = !milliseconds;
  if (milliseconds) typingEnds = setTimeout(() => showTyping(0), milliseconds);
}

function restart(old) {
  conversation.forget(old);
  banner.brief("conversationGone");
}

function follow() {
  timeline.reset();
  showBegun();
  showTyping(0);
  const current = conversation.current();
  if (current) stream.follow(current);
  else stream.stop();
}

function finishLoading() {
  if (loaded) return;
  loaded = true;
  showBegun();
  log.setAttribute("aria-live", "polite");
  log.removeAttribute("aria-busy");
  scroll.grown();
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
  writing.tellWriting(byId("words"));
  log.addEventListener("scroll", () => seen.look());
  conversation.assumeLanguage();
  conversation.onConversation(follow);
  outbox.restore().forEach((item) => timeline.show(item));
  if (conversation.current()) {
    log.setAttribute("aria-live", "off"); // old messages are not news
    log.setAttribute("aria-busy", "true");
    banner.stay("loading");
    stream.follow(conversation.current());
  } else loaded = true;
  showBegun();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && showUnread(0));
  document.documentElement.classList.add("ready");
}

begin();
