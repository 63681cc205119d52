/* 复工通: comfort only. Every page and form works without this file. ES2017, no dependency. */
(function () {
  "use strict";
  const doc = document;
  const all = (selector, root) => Array.from((root || doc).querySelectorAll(selector));
  const two = n => String(n).padStart(2, "0");
  doc.documentElement.classList.add("js");

  /* The error summary gets the focus, so that a screen reader starts with what is wrong. */
  all("[data-errors]").slice(0, 1).forEach(box => box.focus());

  /* The moving clock on a code: the server's time plus what has passed since, never the phone's own clock.
     Asia/Shanghai is UTC+8 without daylight saving. */
  function clock(el) {
    const start = Date.parse(el.getAttribute("datetime"));
    const opened = performance.now();
    if (isNaN(start)) { return; }
    const timer = setInterval(tick, 1000);
    function tick() {
      if (!doc.contains(el)) { clearInterval(timer); return; }
      const at = new Date(start + performance.now() - opened + 8 * 3600 * 1000);
      el.textContent = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
    }
  }
  all("time[data-clock]").forEach(clock);

  /* A code renews itself while it is shown, from an address that answers {state, html}. The card is replaced as a
     whole, and only when its token changed, so that picture, name and validity belong together. Another state has other reasons and another next
     step, so the page is loaded anew. If no answer comes, the style sheet covers the old QR by itself. */
  function renew(card) {
    const wait = (Number(card.getAttribute("data-renew")) || 60) * 1000;
    let tries = 0;
    function ask() {
      if (!doc.contains(card)) { return; }
      if (doc.hidden) { doc.addEventListener("visibilitychange", ask, {once: true}); return; }
      const headers = {Accept: "application/json"};
      if (card.getAttribute("data-tag")) { headers["If-None-Match"] = card.getAttribute("data-tag"); }
      fetch(card.getAttribute("data-code"), {headers: headers, credentials: "same-origin", cache: "no-store"})
        .then(answer => answer.ok ? answer.json() : answer.status === 304 ? null : Promise.reject(answer.status))
        .then(code => {
          if (!code) { renew(card); return; }
          if (code.state !== card.getAttribute("data-state")) { location.reload(); return; }
          const holder = doc.createElement("template");
          holder.innerHTML = code.html;
          const fresh = holder.content.firstElementChild;
          if (!fresh) { return; }
          card.parentNode.replaceChild(fresh, card);
          all("time[data-clock]", fresh).forEach(clock);
          renew(fresh);
        })
        .catch(() => { tries += 1; setTimeout(ask, Math.min(60, 5 * tries) * 1000 * (0.5 + Math.random())); });
    }
    setTimeout(ask, wait * (0.8 + 0.2 * Math.random()));
  }
  all("[data-code]").forEach(renew);

  /* A division is chosen level by level: <select>s in [data-cascade=address]; the address answers
     {choices: [{value, label}]} for ?parent=<code>. Without the script a button shows the next level. */
  const cascadeGo = kind => all("button[name=cascade]").forEach(button => { button.type = kind; });
  /* Not a button that sends any more: being the form's first, it is what Enter would press. */
  cascadeGo("button");
  all("[data-cascade]").forEach(box => {
    const levels = all("select", box);
    levels.forEach((select, i) => select.addEventListener("change", () => {
      levels.slice(i + 1).forEach(next => { next.length = 1; });
      const next = levels[i + 1];
      if (!next || !select.value) { return; }
      fetch(box.getAttribute("data-cascade") + "?parent=" + encodeURIComponent(select.value), {headers: {Accept: "application/json"}})
        .then(answer => answer.ok ? answer.json() : Promise.reject(answer.status))
        .then(list => { list.choices.forEach(c => next.add(new Option(c.label, c.value))); })
        .catch(() => { doc.documentElement.classList.remove("js"); cascadeGo("submit"); });
    }));
  });

  /* "None of these" and the other answers exclude each other. */
  all("[data-none]").forEach(none => {
    const others = all("input[type=checkbox]", none.closest("fieldset")).filter(box => box !== none);
    none.addEventListener("change", () => { if (none.checked) { others.forEach(box => { box.checked = false; }); } });
    others.forEach(box => box.addEventListener("change", () => { if (box.checked) { none.checked = false; } }));
  });

  /* How many rows of a worklist are chosen: [data-selected] holds the sentence, its <b> the number. */
  all("[data-selected]").forEach(count => {
    const form = count.closest("form");
    const number = count.querySelector("b");
    const show = () => { number.textContent = all("input.tick:checked", form).length; };
    form.addEventListener("change", show);
    show();
  });

  /* Every row of the page is chosen at once, or none; without the script the button shows the page again. */
  all("button[data-all]").forEach(button => button.addEventListener("click", event => {
    event.preventDefault();
    const boxes = all("input.tick", button.form);
    const wanted = boxes.some(box => !box.checked);
    boxes.forEach(box => { box.checked = wanted; });
    button.form.dispatchEvent(new Event("change"));
  }));

  /* What happens while the page is open is told in it: [data-live] holds the address of a stream of events and, hidden, the
     sentence. A stream that is refused or lost for good leaves the page as it is. */
  all("[data-live]").forEach(box => {
    if (!window.EventSource) { return; }
    let source;
    function follow() {
      source = new EventSource(box.getAttribute("data-live"));
      source.addEventListener("message.new", () => { box.firstElementChild.hidden = false; });
    }
    addEventListener("pagehide", () => source.close());
    /* A page that comes back from the browser's memory follows again. */
    addEventListener("pageshow", event => { if (event.persisted) { follow(); } });
    follow();
  });

  /* A form is sent once. The button stays enabled, so that its name is sent and a lost answer can be repeated:
     the server recognises the repetition. */
  all("form[method=post]").forEach(form => form.addEventListener("submit", event => {
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    setTimeout(() => form.removeAttribute("data-sent"), 8000);
  }));
})();
