// Keyboard and small conveniences. Everything works without this file, only slower.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  let chosen = sessionStorage.getItem("chosen") || "";

  // Where Enter leads: the row's own work where it has one, else its first link.
  const leading = (row) => row.querySelector("a[data-go]") || row.querySelector("a");
  function choose(row) {
    rows().forEach((one) => one.removeAttribute("data-chosen"));
    if (!row) return;
    row.setAttribute("data-chosen", "");
    chosen = row.dataset.row;
    sessionStorage.setItem("chosen", chosen);
    const link = leading(row);
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((one) => one.hasAttribute("data-chosen"));
    choose(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
  }
  function open(hash) {
    const row = document.querySelector("[data-chosen]") || rows()[0];
    const link = row && leading(row);
    if (link) location.href = link.href.split("#")[0] + hash;
  }
  function jump(id) {
    const there = document.getElementById(id);
    if (!there) return false;
    const box = there.closest("details");
    if (box) box.open = true;
    there.focus();
    there.scrollIntoView({ block: "nearest" });
    return true;
  }
  const base = document.body.dataset.base || "";
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => jump("approve") || open("#approve"),
    r: () => jump("reject-reason") || open("#reject-reason"),
    u: () => { location.href = base + "/queue"; },
    "/": () => { location.href = base + "/search"; },
    "?": () => document.getElementById("help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const there = event.target;
    const writing = there.matches("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && writing) there.blur();
    if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const free = there === document.body || there.matches(".said, .problem, main");
    if (event.key === "Enter" && free && document.querySelector("[data-chosen]")) return open("");
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  // A live list is replaced as a whole: the chosen row stays chosen.
  let held = "";
  let heard = (document.getElementById("rows") || document.body).dataset.news;
  document.addEventListener("htmx:before:swap", () => {
    const there = document.activeElement;
    held = there && there.closest("#rows") && there.getAttribute("href") || "";
  });
  document.addEventListener("htmx:after:swap", () => {
    const again = held && document.querySelector(`#rows a[href="${CSS.escape(held)}"]`);
    if (again && document.activeElement === document.body) again.focus({ preventScroll: true });
    held = "";
    // Whoever hears the page is told when more or less waits, and not every few seconds.
    const list = document.getElementById("rows"), news = document.getElementById("news");
    if (list && news && list.dataset.news !== heard) news.textContent = heard = list.dataset.news;
    const row = rows().find((one) => one.dataset.row === chosen);
    const idle = document.activeElement === document.body || document.activeElement === outcome;
    if (row && idle) choose(row);
    else if (row) row.setAttribute("data-chosen", "");
  });
  document.querySelectorAll("[data-help]").forEach((one) => one.addEventListener("click", keys["?"]));
  // What a new clerk must know stands open until it was closed once in this browser.
  const first = document.querySelector("[data-first]");
  if (first) {
    first.open = matchMedia("(min-width: 700px)").matches && localStorage.getItem("first") !== "read";
    first.addEventListener("toggle", () => { if (!first.open) localStorage.setItem("first", "read"); });
  }
  // A page that asks by itself never goes away from under somebody who types: it says so.
  document.addEventListener("htmx:after:request", (event) => {
    const answer = event.detail.ctx && event.detail.ctx.response;
    const ended = document.getElementById("ended");
    if (answer && ended) ended.hidden = answer.status !== 401;
  });
  // After an action the reading goes on where the page says what came of it.
  const outcome = document.querySelector(".problem, .said");
  if (location.hash) jump(location.hash.slice(1));
  else if (outcome && !document.querySelector("[autofocus]") && document.activeElement === document.body) outcome.focus({ preventScroll: true });
  // A filter applies as soon as it is chosen.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form) form.requestSubmit();
  });
  // A sentence from the list goes to where the writing is.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const into = document.getElementById(button.dataset.into);
    into.setRangeText(button.dataset.insert, into.selectionStart, into.selectionEnd, "end");
    into.focus();
  });
  // What was sent once is not sent twice by a second click; slow work says so.
  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    const button = event.submitter;
    setTimeout(() => {
      event.target.setAttribute("aria-busy", "true");
      if (button) button.disabled = true;
    });
  });
  addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((form) => {
    form.removeAttribute("aria-busy");
    form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
  }));
  const wide = matchMedia("(min-width: 1100px)");
  const menu = document.querySelector("details.menu");
  const fit = () => { if (menu) menu.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  document.querySelectorAll("[data-print]").forEach((one) => one.addEventListener("click", () => print()));
})();
