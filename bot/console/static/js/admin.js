// Before starlette-admin's own scripts: what its base page sets up inline, without inline scripts.
(() => {
  const data = JSON.parse(document.getElementById("admin-data").textContent);
  const token = document.querySelector('meta[name="yb-csrf"]')?.content ?? "";
  const kept = (table) => (name, otherwise = name) => (Object.hasOwn(table, name) ? table[name] : otherwise);
  window.StarletteAdmin = Object.assign(window.StarletteAdmin ?? {}, {
    icons: data.icons, classes: data.classes, getIcon: kept(data.icons), getClass: kept(data.classes),
  });
  // The library reads its CSRF token from a cookie; ours is the session's, in the page.
  window.Cookies = { get: (name) => (name === "starlette_admin_csrftoken" ? token : undefined) };
})();
