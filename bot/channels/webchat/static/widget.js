// <script src="https://host/widget.js" data-language="zh" async></script> on any page: a round button that opens the
// chat in a panel. Everything lives in one element with a shadow root; nothing of the page that includes it is read,
// changed or left behind, cookies and globals included.
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || !script.src || document.querySelector("[data-yiboling-widget]")) return;
  var origin = new URL(script.src).origin;
  var english = script.getAttribute("data-language") === "en";
  var words = english
    ? { open: "Ask Yiboling", news: "Ask Yiboling, new messages", close: "Close", name: "Yiboling", chat: "Chat with Yiboling" }
    : { open: "问一拨灵", news: "问一拨灵，有新消息", close: "关闭", name: "一拨灵", chat: "一拨灵对话" };

  var STYLE =
    ":host{all:initial}" +
    "*{box-sizing:border-box}" +
    "button{margin:0;border:0;cursor:pointer;font:600 16px/1.2 system-ui,-apple-system,'PingFang SC','Noto Sans SC','Microsoft YaHei',sans-serif}" +
    "button:focus-visible{outline:3px solid #1558c0;outline-offset:3px}" +
    ".open{position:fixed;z-index:2147483646;right:20px;bottom:20px;width:76px;height:76px;padding:6px;border-radius:50%;" +
    "background:#0d5446;color:#fff;box-shadow:0 4px 16px rgba(0,0,0,.3);border:2px solid #fff}" +
    ".open svg{display:block;width:26px;height:26px;margin:0 auto 3px}" +
    ".open span{font-size:14px}" +
    ".dot{position:absolute;top:2px;right:2px;width:18px;height:18px;border:2px solid #fff;border-radius:50%;background:#b3120c}" +
    ".panel{position:fixed;z-index:2147483647;right:20px;bottom:20px;display:flex;flex-direction:column;width:420px;" +
    "max-width:calc(100vw - 40px);height:720px;max-height:calc(100vh - 40px);overflow:hidden;border-radius:14px;" +
    "background:#faf7f1;box-shadow:0 8px 40px rgba(0,0,0,.35);overscroll-behavior:contain}" +
    ".bar{display:flex;flex:none;align-items:center;min-height:52px;padding:4px 6px 4px 16px;background:#083a30;color:#fff;" +
    "font:600 20px/1.2 system-ui,-apple-system,'PingFang SC','Noto Sans SC','Microsoft YaHei',sans-serif}" +
    ".close{min-width:44px;min-height:44px;margin-left:auto;padding:0 12px;border-radius:8px;background:transparent;color:#fff;font-size:18px}" +
    ".close:focus-visible{outline-color:#ffd98a;outline-offset:-3px}" +
    "iframe{flex:1 1 auto;width:100%;min-height:0;border:0;background:#faf7f1}" +
    "[hidden]{display:none!important}" +
    "@media (max-width:600px){.panel{top:0;right:0;bottom:0;left:0;width:auto;max-width:none;height:auto;max-height:none;border-radius:0}}";

  var home = document.createElement("div");
  home.setAttribute("data-yiboling-widget", "");
  if (!home.attachShadow) return plainLink();
  var root = home.attachShadow({ mode: "closed" });
  addStyle();

  var opener = make("button", { type: "button", class: "open", "aria-haspopup": "dialog", "aria-expanded": "false" });
  opener.setAttribute("aria-label", words.open);
  opener.appendChild(dial());
  opener.appendChild(make("span", { "aria-hidden": "true" }, words.name));
  var dot = make("i", { class: "dot", "aria-hidden": "true", hidden: "" });
  opener.appendChild(dot);

  var panel = make("div", { class: "panel", role: "dialog", "aria-label": words.chat, hidden: "" });
  var bar = make("div", { class: "bar" });
  var closer = make("button", { type: "button", class: "close", "aria-label": words.close }, "✕ " + words.close);
  bar.appendChild(make("span", {}, words.name));
  bar.appendChild(closer);
  panel.appendChild(bar);
  var frame = null;

  root.appendChild(opener);
  root.appendChild(panel);
  opener.addEventListener("click", open);
  closer.addEventListener("click", close);
  panel.addEventListener("keydown", function (event) {
    if (event.key === "Escape") close();
  });
  window.addEventListener("message", heard);
  if (document.body) document.body.appendChild(home);
  else document.addEventListener("DOMContentLoaded", function () { document.body.appendChild(home); });

  function open() {
    if (!frame) {
      frame = make("iframe", { title: words.chat, allow: "geolocation", referrerpolicy: "strict-origin-when-cross-origin" });
      frame.src = origin + "/?embed=1&language=" + (english ? "en" : "zh");
      panel.appendChild(frame);
    }
    panel.hidden = false;
    opener.hidden = true;
    news(false);
    opener.setAttribute("aria-expanded", "true");
    frame.focus();
  }

  function close() {
    panel.hidden = true;
    opener.hidden = false;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  // Only our own frame is listened to, and all it can say is "close" (Esc inside it) or "news".
  function heard(event) {
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow || !event.data) return;
    if (event.data.yiboling === "close" && !panel.hidden) close();
    if (event.data.yiboling === "news" && panel.hidden) news(true);
  }

  function news(some) {
    dot.hidden = !some;
    opener.setAttribute("aria-label", some ? words.news : words.open);
  }

  function make(tag, attributes, text) {
    var node = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text) node.textContent = text;
    return node;
  }

  function dial() {
    var SVG = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 64 64");
    svg.setAttribute("aria-hidden", "true");
    var spots = [[32, 14], [44.7, 19.3], [50, 32], [19.3, 19.3], [14, 32], [19.3, 44.7], [32, 50]];
    svg.appendChild(circle(32, 32, 28, "none", "#fff"));
    spots.forEach(function (at) { svg.appendChild(circle(at[0], at[1], 4.6, "#fff", "none")); });
    svg.appendChild(circle(32, 32, 7, "#f0b04a", "none"));
    return svg;

    function circle(x, y, r, fill, stroke) {
      var node = document.createElementNS(SVG, "circle");
      var facts = { cx: x, cy: y, r: r, fill: fill, stroke: stroke, "stroke-width": 4.5 };
      Object.keys(facts).forEach(function (name) { node.setAttribute(name, facts[name]); });
      return node;
    }
  }

  // A sheet made by script passes a strict policy of the including page; older browsers get an element.
  function addStyle() {
    try {
      var sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch (older) {
      root.appendChild(make("style", {}, STYLE));
    }
  }

  function plainLink() {
    var link = make("a", { href: origin + "/", target: "_blank", rel: "noopener" }, words.open);
    script.parentNode.insertBefore(link, script.nextSibling);
  }
})();
