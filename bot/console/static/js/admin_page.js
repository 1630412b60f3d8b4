/* global ActionManager */
// After starlette-admin's own scripts: start the page that is shown.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

  const list = read("list-data");
  if (list) {
    window.initListPage(list);
    if (list.fields.length) window.initFilterBuilder({ fields: list.fields, initialFilter: list.initialFilter });
  }

  const detail = read("detail-data");
  if (detail) {
    const actions = new ActionManager(
      "", detail.rowActionUrl, (query) => query.append("pk", detail.pk), () => window.location.reload(),
      (_name, _element, words) => window.dangerAlert(words),
    );
    actions.initNoConfirmationActions();
    actions.initActionModal();
  }

  const { words } = read("admin-data");
  window.jQuery?.fn.select2?.defaults.set("language", { noResults: () => words.nothing, searching: () => words.searching });
  document.querySelectorAll('main input[type="password"]').forEach((input) => { input.autocomplete = "new-password"; });

  // Names that screen readers miss: the library's search boxes and the column of buttons.
  window.jQuery?.(() => document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const name = select.labels[0]?.textContent.trim() ?? "";
    select.nextElementSibling.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field")
      .forEach((box) => box.setAttribute("aria-label", name));
  }));
  document.querySelectorAll("th.w-1:empty").forEach((cell) => {
    cell.append(Object.assign(document.createElement("span"), { className: "sr", textContent: words.actions }));
  });

  document.querySelectorAll("[data-goes-to]").forEach((select) => {
    select.addEventListener("change", () => window.location.assign(select.value));
  });

  // The service says in words what is wrong; the browser's own bubbles would come first and in its language.
  document.querySelectorAll("main form").forEach((form) => { form.noValidate = true; });
  document.getElementById("problems")?.focus();

  const menu = document.getElementById("menu");
  if (menu && window.matchMedia("(max-width: 900px)").matches) menu.open = false;
})();
