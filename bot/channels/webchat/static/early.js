// Runs before the first paint, so that nobody sees small text jump to large or Chinese turn into English.
// Not a module: modules wait until the page is parsed. Keys as in storage.js.
(function () {
  "use strict";
  function stored(key) {
    try {
      return JSON.parse(localStorage.getItem("yiboling." + key));
    } catch (refused) {
      return null;
    }
  }
  var html = document.documentElement;
  if (stored("large") === true) html.classList.add("large");
  var language = stored("language");
  if (language === "zh" || language === "en") html.dataset.language = language;
  html.lang = html.dataset.language === "en" ? "en" : "zh-CN";
})();
