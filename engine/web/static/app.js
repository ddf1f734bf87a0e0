// The page's own script: drawings of the query, keys, looking closely, the basket, saved searches.
// Hits, classes and facts are rendered by the server and brought in by htmx. What a searcher keeps
// stays in this browser: the basket in localStorage, saved searches in IndexedDB.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const MAX_VIEWS = 8;
  const MAX_ZOOM = 16;

  // --- light and dark: before anything is drawn ---------------------------------------------------

  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;

  function switchTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  }

  // --- small helpers ------------------------------------------------------------------------------

  function made(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  let toasting = 0;
  function toast(words) {
    const box = $("#toast");
    box.textContent = words;
    box.classList.add("on");
    clearTimeout(toasting);
    toasting = setTimeout(() => box.classList.remove("on"), 2600);
  }

  // Later, because a picture may still be loading from it.
  const forget = (url) => setTimeout(() => URL.revokeObjectURL(url), 10_000);

  async function post(path, body) {
    const answer = await fetch(path, { method: "POST", body });
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.detail || `The server said ${answer.status}.`);
  }

  async function download(path, body) {
    try {
      const answer = await post(path, body);
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const url = URL.createObjectURL(await answer.blob());
      made("a", { href: url, download: name ? name[1] : "hits" }).click();
      forget(url);
    } catch (error) {
      toast(error.message);
    }
  }

  const form = () => $("#ask");
  const ask = () => form().requestSubmit();
  const topic = () => $("#topic").value.trim();
  const answered = () => $("#results .found") !== null;

  // --- the drawings of the query ------------------------------------------------------------------

  let views = []; // {file: sent, shown: a Blob that browsers can draw, whole: shown before cropping, …}

  // The drawing as the server sees it, cropped to its ink: TIFF shows too, and what the server
  // cannot read is said at once.
  async function preview(file) {
    const body = new FormData();
    body.append("drawing", file);
    return (await post("/preview", body)).blob();
  }

  async function addFiles(files) {
    let added = 0;
    for (const file of files) {
      if (views.length >= MAX_VIEWS) {
        toast(`A query has ${MAX_VIEWS} drawings at most.`);
        break;
      }
      try {
        const shown = await preview(file);
        views.push({ file, shown, whole: shown, name: file.name, weight: "1", url: URL.createObjectURL(shown) });
        added += 1;
      } catch (error) {
        toast(error.message);
      }
    }
    showViews();
    if (added) ask();
  }

  function showViews() {
    $("#views").replaceChildren(
      ...views.map((view, place) => {
        const item = $("#view-template").content.firstElementChild.cloneNode(true);
        item.dataset.place = place;
        item.classList.toggle("against", Number(view.weight) < 0);
        $("img", item).src = view.url;
        $("img", item).alt = view.name;
        $("select", item).value = view.weight;
        return item;
      }),
    );
    const transfer = new DataTransfer();
    for (const view of views) transfer.items.add(view.file);
    $("#drawing").files = transfer.files;
  }

  function removeView(place) {
    const [view] = views.splice(place, 1);
    forget(view.url);
    showViews();
    if (answered() && asksSomething()) ask();
  }

  function asksSomething() {
    const words = $$("input[name=text]", form()).some((field) => field.value.trim());
    return views.length > 0 || words || $("input[name=like]", form()) !== null;
  }

  function takeDrops() {
    let depth = 0;
    const carries = (event) => event.dataTransfer && event.dataTransfer.types.includes("Files");
    addEventListener("dragenter", (event) => {
      if (carries(event)) $("#veil").hidden = ++depth === 0;
    });
    addEventListener("dragleave", (event) => {
      if (carries(event) && --depth <= 0) $("#veil").hidden = true;
    });
    addEventListener("dragover", (event) => {
      if (carries(event)) event.preventDefault();
    });
    addEventListener("drop", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      depth = 0;
      $("#veil").hidden = true;
      addFiles(event.dataTransfer.files);
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files || [])];
      if (files.length) {
        event.preventDefault();
        addFiles(files);
      }
    });
  }

  // --- cropping -----------------------------------------------------------------------------------

  const EDGES = ["left", "top", "right", "bottom"];
  const crop = { view: null, picture: null, box: [0, 0, 1, 1] };

  async function openCrop(view) {
    crop.view = view;
    crop.picture = await createImageBitmap(view.whole);
    const canvas = $("#crop-canvas");
    const scale = Math.min(1, 1400 / Math.max(crop.picture.width, crop.picture.height));
    canvas.width = Math.max(1, Math.round(crop.picture.width * scale));
    canvas.height = Math.max(1, Math.round(crop.picture.height * scale));
    setCrop(view.box || [0, 0, 1, 1]);
    $("#crop").showModal();
  }

  function setCrop(box) {
    crop.box = box;
    EDGES.forEach((edge, i) => ($(`#crop-${edge}`).value = Math.round(box[i] * 100)));
    const canvas = $("#crop-canvas");
    const pen = canvas.getContext("2d");
    const [left, top, right, bottom] = [box[0] * canvas.width, box[1] * canvas.height, box[2] * canvas.width, box[3] * canvas.height];
    pen.drawImage(crop.picture, 0, 0, canvas.width, canvas.height);
    pen.fillStyle = "rgb(20 40 60 / 45%)";
    pen.fillRect(0, 0, canvas.width, top);
    pen.fillRect(0, bottom, canvas.width, canvas.height - bottom);
    pen.fillRect(0, top, left, bottom - top);
    pen.fillRect(right, top, canvas.width - right, bottom - top);
    pen.strokeStyle = "#1a5a86";
    pen.lineWidth = Math.max(2, canvas.width / 400);
    pen.strokeRect(left, top, right - left, bottom - top);
  }

  function watchCrop() {
    const canvas = $("#crop-canvas");
    const within = (value) => Math.min(1, Math.max(0, value));
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
    };
    let start = null;
    canvas.addEventListener("pointerdown", (event) => {
      start = place(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!start) return;
      const [x, y] = place(event);
      const box = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
      if (box[2] - box[0] > 0.01 && box[3] - box[1] > 0.01) setCrop(box);
    });
    canvas.addEventListener("pointerup", () => (start = null));
    for (const edge of EDGES) {
      $(`#crop-${edge}`).addEventListener("change", () => {
        const [left, top, right, bottom] = EDGES.map((name) => within(Number($(`#crop-${name}`).value) / 100));
        if (right > left && bottom > top) setCrop([left, top, right, bottom]);
        else setCrop(crop.box);
      });
    }
    $("#crop-whole").addEventListener("click", () => setCrop([0, 0, 1, 1]));
    $("#crop-use").addEventListener("click", useCrop);
  }

  async function useCrop() {
    const { view, picture, box } = crop;
    const [left, top] = [Math.round(box[0] * picture.width), Math.round(box[1] * picture.height)];
    const width = Math.max(1, Math.round((box[2] - box[0]) * picture.width));
    const height = Math.max(1, Math.round((box[3] - box[1]) * picture.height));
    const canvas = made("canvas");
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").drawImage(picture, left, top, width, height, 0, 0, width, height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const whole = box.every((edge, i) => edge === [0, 0, 1, 1][i]);
    const stem = view.name.replace(/ \(part\)$|\.\w+$/g, "");
    view.file = new File([blob], whole ? `${stem}.png` : `${stem} (part).png`, { type: "image/png" });
    forget(view.url);
    Object.assign(view, { box, shown: blob, name: view.file.name, url: URL.createObjectURL(blob) });
    $("#crop").close();
    showViews();
    ask();
  }

  // --- stored designs and classes of the query ------------------------------------------------------

  function chip(words, against, remove, ...fields) {
    const close = made("button", { type: "button", "aria-label": `Take away: ${words}` }, "×");
    close.addEventListener("click", remove);
    return made("li", { class: against ? "chip against" : "chip" }, ...fields, made("span", {}, words), close);
  }

  function steer(design, name) {
    for (const field of $$("#designs input")) if (field.value === design) field.closest("li").remove();
    const field = made("input", { type: "hidden", name, value: design });
    const item = chip(`${name} ${design}`, name === "unlike", () => {
      item.remove();
      if (asksSomething()) ask();
    }, field);
    $("#designs").append(item);
  }

  const boxes = (code) => $$(`.tree input[name="class"][value="${CSS.escape(code)}"]`);

  function showClasses() {
    const ticked = $$(".tree input:checked");
    $("#class-chips").replaceChildren(
      ...ticked.map((box) => {
        const not = box.name === "not_class";
        const heading = $(".pick span", box.closest(".node")).textContent.trim();
        return chip(not ? `not ${heading}` : heading, not, () => {
          box.checked = false;
          showClasses();
          if (answered()) ask();
        });
      }),
    );
    for (const box of $$("[data-class]")) box.checked = boxes(box.dataset.class).some((own) => own.checked);
  }

  function watchClasses() {
    form().addEventListener("change", (event) => {
      const box = event.target;
      if (box.dataset.class) for (const own of boxes(box.dataset.class)) own.checked = box.checked;
      if (box.dataset.class || box.closest(".tree")) showClasses();
    });
    for (const twist of $$(".tree button.twist")) {
      twist.addEventListener("click", () => {
        const open = twist.getAttribute("aria-expanded") !== "true";
        twist.setAttribute("aria-expanded", String(open));
        document.getElementById(twist.getAttribute("aria-controls")).hidden = !open;
      });
    }
  }

  // --- filling the form from a saved search or an address -------------------------------------------

  function fill(fields, drawings = []) {
    clear();
    const seen = {};
    for (const [name, value] of fields) {
      const found = $$(`[name="${CSS.escape(name)}"]`, form());
      const box = found.find((field) => field.type === "checkbox" && field.value === value);
      const plain = found.filter((field) => field.type !== "checkbox" && field.type !== "file");
      if (name === "like" || name === "unlike") steer(value, name);
      else if (box) box.checked = true;
      else if (plain.length) {
        const place = (seen[name] = (seen[name] ?? -1) + 1);
        if (plain[place] && plain[place].type !== "hidden") plain[place].value = value;
      }
    }
    views = drawings.map((view) => ({ ...view, whole: view.shown, url: URL.createObjectURL(view.shown) }));
    showViews();
    showClasses();
    if (asksSomething()) ask();
  }

  function clear() {
    form().reset();
    for (const view of views) forget(view.url);
    views = [];
    showViews();
    $("#designs").replaceChildren();
    $("#suggestions").replaceChildren();
    showClasses();
  }

  // --- the hits -------------------------------------------------------------------------------------

  let cards = [];
  let current = -1;

  function select(place, focus = true) {
    if (!cards.length) return;
    current = Math.min(cards.length - 1, Math.max(0, place));
    cards.forEach((card, i) => {
      const here = i === current;
      card.tabIndex = here ? 0 : -1;
      card.classList.toggle("current", here);
      for (const button of $$("button", card)) button.tabIndex = here ? 0 : -1;
    });
    if (!focus) return;
    cards[current].focus({ preventScroll: true });
    cards[current].scrollIntoView({ block: "nearest" });
  }

  function columns() {
    const top = cards[0].offsetTop;
    const row = cards.findIndex((card) => card.offsetTop !== top);
    return row < 0 ? cards.length : row;
  }

  function welcomeHits() {
    cards = $$("#results .hit");
    current = -1;
    select(0, false);
    cards.forEach(paint);
    $("main").scrollTop = 0;
    const stacked = getComputedStyle($(".desk")).display === "block"; // a narrow screen
    if (stacked && cards.length) $("#results").scrollIntoView();
    if (look().open) look().close();
  }

  const figuresOf = (card) => {
    const found = $$(".strip .fig", card).map((fig) => ({ id: fig.dataset.id, name: fig.dataset.name }));
    return found.length ? found : [{ id: card.dataset.id, name: "" }];
  };

  function showFigure(button) {
    const card = button.closest(".hit");
    const picture = $(".paper img", card);
    picture.removeAttribute("srcset");
    picture.src = `/figures/${button.dataset.id}.png`;
    picture.alt = `${card.dataset.design}, ${button.dataset.name}`;
    for (const other of $$(".fig", card)) other.classList.toggle("shown", other === button);
  }

  function feedback(card, name) {
    steer(card.dataset.design, name);
    toast(name === "like" ? `More like ${card.dataset.design}` : `Less like ${card.dataset.design}`);
    ask();
  }

  // --- the basket -----------------------------------------------------------------------------------

  function basket() {
    try {
      const kept = JSON.parse(localStorage.getItem("basket") || "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  function keepBasket(items) {
    localStorage.setItem("basket", JSON.stringify(items));
    const count = $("#basket-count");
    count.textContent = items.length;
    count.hidden = items.length === 0;
  }

  const keptOf = (id, of = topic()) => basket().find((item) => item.id === id && item.topic === of);

  function keep(id, of, change) {
    const items = basket();
    let item = items.find((other) => other.id === id && other.topic === of);
    if (!item) items.push((item = { id, topic: of, judgement: "", note: "", score: 0 }));
    Object.assign(item, change);
    keepBasket(items.filter((other) => other.judgement || other.note || other !== item));
  }

  function judge(card, judgement) {
    const before = keptOf(card.dataset.id)?.judgement;
    const now = before === judgement ? "" : judgement;
    keep(card.dataset.id, topic(), { judgement: now, score: Number(card.dataset.score) });
    paint(card);
    toast(now ? `${card.dataset.design}: ${now}` : `${card.dataset.design}: not judged`);
  }

  function paint(card) {
    const judgement = keptOf(card.dataset.id)?.judgement || "";
    const places = [card, ...(look().open && cards[current] === card ? [$("aside", look())] : [])];
    card.classList.remove("relevant", "background", "noise");
    if (judgement) card.classList.add(judgement);
    for (const place of places) {
      for (const button of $$("[data-judgement]", place)) {
        button.setAttribute("aria-pressed", String(button.dataset.judgement === judgement));
      }
    }
  }

  const showBasket = () =>
    htmx.ajax("POST", "/basket", {
      target: "#basket-body", swap: "innerHTML", values: { items: JSON.stringify(basket()) },
    });

  function watchBasket() {
    $("#basket").addEventListener("change", (event) => {
      const item = event.target.closest(".item");
      const field = event.target.dataset.keep;
      if (item && field) keep(item.dataset.id, item.dataset.topic, { [field]: event.target.value });
      cards.forEach(paint);
    });
    $("#basket").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const item = button.closest(".item");
      if (button.dataset.act === "drop") {
        keepBasket(basket().filter((kept) => kept.id !== item.dataset.id || kept.topic !== item.dataset.topic));
      } else if (button.dataset.act === "empty") {
        if (!confirm("Take everything out of the basket?")) return;
        keepBasket([]);
      } else if (button.dataset.export) {
        download(button.dataset.export, new URLSearchParams({ items: JSON.stringify(basket()) }));
        return;
      } else return;
      cards.forEach(paint);
      showBasket();
    });
  }

  // --- looking closely ------------------------------------------------------------------------------

  const look = () => $("#look");
  const seen = { figures: [], figure: 0, ours: [], our: 0, pinned: null, scale: 1, x: 0, y: 0 };
  const large = (id) => `/figures/${id}.png?size=1600`;

  function openLook(place, id = null) {
    if (!cards.length) return;
    if (!look().open) {
      look().showModal();
      fit();
    }
    select(place, false);
    const card = cards[current];
    $("#look-title").textContent = `${current + 1}. ${card.dataset.title}`;
    $("#look-line").textContent = card.dataset.line;
    seen.figures = figuresOf(card);
    seen.figure = Math.max(0, seen.figures.findIndex((figure) => figure.id === (id || card.dataset.id)));
    seen.ours = [...(seen.pinned ? [seen.pinned] : []), ...views.filter((view) => Number(view.weight) > 0)];
    seen.our = Math.min(seen.our, Math.max(0, seen.ours.length - 1));
    showStrip("#theirs-strip", seen.figures.map((figure) => `/thumbs/${figure.id}.png`), seen.figures, showTheirs);
    showStrip("#ours-strip", seen.ours.map((view) => view.url), seen.ours, showOurs);
    showTheirs(seen.figure);
    showOurs(seen.our);
    $("#look-note").value = keptOf(card.dataset.id)?.note || "";
    paint(card);
    const { design, office } = card.dataset;
    htmx.ajax("GET", `/designs/${encodeURIComponent(design)}?office=${encodeURIComponent(office)}`, {
      target: "#look-facts", swap: "innerHTML",
    });
    for (const near of [cards[current + 1], cards[current - 1]]) if (near) new Image().src = large(near.dataset.id);
  }

  function showStrip(where, urls, named, show) {
    $(where).replaceChildren(
      ...(urls.length > 1 ? urls : []).map((url, i) => {
        const name = named[i].name || `drawing ${i + 1}`;
        const button = made("button", { type: "button", class: "fig", title: name }, made("img", { src: url, alt: name }));
        button.addEventListener("click", () => show(i));
        return button;
      }),
    );
  }

  function showTheirs(place) {
    plain();
    seen.figure = (place + seen.figures.length) % seen.figures.length;
    const figure = seen.figures[seen.figure];
    $("#theirs").src = large(figure.id);
    $("#theirs").alt = `${cards[current].dataset.design}, ${figure.name || "figure"}`;
    $("#theirs-name").textContent = [cards[current].dataset.design, figure.name].filter(Boolean).join(", ");
    $$("#theirs-strip .fig").forEach((fig, i) => fig.classList.toggle("matched", i === seen.figure));
  }

  function showOurs(place) {
    plain();
    seen.our = place;
    const ours = seen.ours[place];
    $("#ours").hidden = !ours;
    $("#ours-none").hidden = Boolean(ours);
    if (ours) {
      $("#ours").src = ours.url;
      $("#ours").alt = ours.name;
    }
    $("#ours-name").textContent = ours ? ours.name : "Query";
    $$("#ours-strip .fig").forEach((fig, i) => fig.classList.toggle("matched", i === seen.our));
  }

  function pin() {
    const figure = seen.figures[seen.figure];
    seen.pinned = { name: `${cards[current].dataset.design}, ${figure.name || "figure"}`, url: large(figure.id), weight: "1" };
    seen.our = 0;
    toast(`Comparing with ${seen.pinned.name}`);
    openLook(current, figure.id);
  }

  async function why() {
    const ours = seen.ours[seen.our];
    const button = $('#look [data-act="why"]');
    if (!ours) return;
    if (button.getAttribute("aria-pressed") === "true") {
      showTheirs(seen.figure);
      showOurs(seen.our);
      return;
    }
    button.setAttribute("aria-busy", "true");
    try {
      const drawing = ours.file || (await (await fetch(ours.url)).blob());
      const figure = seen.figures[seen.figure].id;
      const sides = await Promise.all(["ours", "theirs"].map(async (side) => {
        const body = new FormData();
        body.append("drawing", drawing, "drawing.png");
        return (await post(`/api/explain?figure=${figure}&side=${side}`, body)).blob();
      }));
      if (seen.figures[seen.figure].id !== figure) return;
      ["#ours", "#theirs"].forEach((pane, i) => { $(pane).src = URL.createObjectURL(sides[i]); });
      button.setAttribute("aria-pressed", "true");
      toast("Red strokes made the match; grey ones gave nothing.");
    } catch (error) {
      toast(error.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  function plain() {
    $('#look [data-act="why"]').setAttribute("aria-pressed", "false");
  }

  function zoom(factor, x = null, y = null) {
    const stage = $(".theirs .stage").getBoundingClientRect();
    const [px, py] = [x ?? stage.width / 2, y ?? stage.height / 2];
    const scale = Math.min(MAX_ZOOM, Math.max(1, seen.scale * factor));
    seen.x = px - (px - seen.x) * (scale / seen.scale);
    seen.y = py - (py - seen.y) * (scale / seen.scale);
    seen.scale = scale;
    if (scale === 1) [seen.x, seen.y] = [0, 0];
    place();
  }

  function fit() {
    Object.assign(seen, { scale: 1, x: 0, y: 0 });
    place();
  }

  function place() {
    for (const picture of [$("#ours"), $("#theirs")]) {
      picture.style.transform = `translate(${seen.x}px, ${seen.y}px) scale(${seen.scale})`;
    }
    $("#zoom").textContent = `${Math.round(seen.scale * 100)} %`;
  }

  function overlay() {
    const on = look().classList.toggle("overlaid");
    $("[data-act=overlay]").setAttribute("aria-pressed", String(on));
  }

  function watchLook() {
    for (const stage of $$(".stage")) {
      const within = (event) => {
        const box = stage.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
      };
      stage.addEventListener("wheel", (event) => {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 400), ...within(event));
      }, { passive: false });
      stage.addEventListener("pointerdown", (event) => stage.setPointerCapture(event.pointerId));
      stage.addEventListener("pointermove", (event) => {
        if (!stage.hasPointerCapture(event.pointerId) || seen.scale === 1) return;
        seen.x += event.movementX;
        seen.y += event.movementY;
        place();
      });
      stage.addEventListener("dblclick", (event) => (seen.scale > 1 ? fit() : zoom(3, ...within(event))));
    }
    $("#look-note").addEventListener("change", (event) => {
      const card = cards[current];
      keep(card.dataset.id, topic(), { note: event.target.value.trim(), score: Number(card.dataset.score) });
    });
    look().addEventListener("close", () => select(current));
  }

  // --- saved searches -------------------------------------------------------------------------------

  function searches(mode, work) {
    return new Promise((done, fail) => {
      const opening = indexedDB.open("design-search", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("searches", { keyPath: "at" });
      opening.onerror = () => fail(opening.error);
      opening.onsuccess = () => {
        const request = work(opening.result.transaction("searches", mode).objectStore("searches"));
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      };
    });
  }

  async function save() {
    if (!asksSomething()) return toast("There is nothing to save yet.");
    const left = new Set(["drawing", "drawing_weight", "find"]);
    const fields = [...new FormData(form())].filter(([name, value]) => !left.has(name) && typeof value === "string");
    const words = fields.filter(([name, value]) => name === "text" && value).map(([, value]) => value);
    const likes = fields.filter(([name]) => name === "like").map(([, value]) => `like ${value}`);
    const name = topic() || [...views.map((view) => view.name), ...words, ...likes].join(", ");
    const drawings = views.map(({ file, shown, name, weight }) => ({ file, shown, name, weight }));
    await searches("readwrite", (store) => store.put({ at: Date.now(), name, fields, drawings }));
    toast(`Saved: ${name}`);
  }

  async function showSaved() {
    const found = (await searches("readonly", (store) => store.getAll())).reverse();
    const items = found.map((search) => {
      const pictures = search.drawings.map((view) => made("img", { src: URL.createObjectURL(view.shown), alt: view.name }));
      const open = made("button", { type: "button", class: "quiet" }, "Search again");
      const remove = made("button", { type: "button", class: "link" }, "Remove");
      open.addEventListener("click", () => {
        $("#saved").close();
        fill(search.fields, search.drawings);
      });
      remove.addEventListener("click", async () => {
        await searches("readwrite", (store) => store.delete(search.at));
        showSaved();
      });
      const when = made("span", { class: "soft" }, ` ${new Date(search.at).toLocaleString()}`);
      return made("li", { class: "search" }, made("div", { class: "strip" }, ...pictures),
        made("p", { class: "text" }, made("b", {}, search.name), when), open, remove);
    });
    const none = made("li", { class: "soft" }, "Nothing is saved yet. Name a search, and press the ribbon beside Search.");
    $("#saved-list").replaceChildren(...(items.length ? items : [none]));
  }

  // --- what buttons and keys do ---------------------------------------------------------------------

  const acts = {
    open: (_, card) => openLook(cards.indexOf(card), $(".fig.shown", card)?.dataset.id),
    figure: (button) => showFigure(button),
    judge: (button, card) => judge(card, button.dataset.judgement),
    more: (_, card) => feedback(card, "like"),
    less: (_, card) => feedback(card, "unlike"),
    crop: (button) => openCrop(views[button.closest(".view").dataset.place]),
    remove: (button) => removeView(Number(button.closest(".view").dataset.place)),
    close: (button) => button.closest("dialog").close(),
    next: () => openLook(current + 1),
    previous: () => openLook(current - 1),
    "zoom-in": () => zoom(1.4),
    "zoom-out": () => zoom(1 / 1.4),
    clear, fit, overlay, pin, why,
  };

  function click(event) {
    const button = event.target.closest("button");
    if (!button) {
      const card = event.target.closest(".hit");
      if (card) select(cards.indexOf(card));
      return;
    }
    if (button.dataset.open) open(button.dataset.open);
    else if (button.dataset.download) download(button.dataset.download, new FormData(form()));
    else if (acts[button.dataset.act]) {
      const own = button.closest(".hit");
      if (own) select(cards.indexOf(own), false);
      acts[button.dataset.act](button, own || cards[current]);
    }
  }

  function open(name) {
    document.getElementById(name).showModal();
    if (name === "basket") showBasket();
    if (name === "saved") showSaved();
  }

  const GRID = {
    j: () => select(current + 1), k: () => select(current - 1),
    ArrowRight: () => select(current + 1), ArrowLeft: () => select(current - 1),
    ArrowDown: () => select(current + columns()), ArrowUp: () => select(current - columns()),
    Enter: () => acts.open(null, cards[current]),
    "/": () => ($("#words") || $("#class-find")).focus(),
    "?": () => open("keys"),
  };
  const LOOK = {
    j: acts.next, k: acts.previous, ArrowDown: acts.next, ArrowUp: acts.previous,
    ArrowRight: () => showTheirs(seen.figure + 1), ArrowLeft: () => showTheirs(seen.figure - 1),
    "[": acts["zoom-out"], "]": acts["zoom-in"], f: fit, o: overlay, p: pin, w: why,
  };
  const BOTH = {
    "+": () => feedback(cards[current], "like"), "=": () => feedback(cards[current], "like"),
    "-": () => feedback(cards[current], "unlike"),
    r: () => judge(cards[current], "relevant"), b: () => judge(cards[current], "background"),
    n: () => judge(cards[current], "noise"),
  };

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.matches("input:not([type=checkbox]), textarea, select")) return;
    const voted = $$("[data-key]").find((button) => button.dataset.key === event.key);
    if (voted) return voted.click();
    if (!form() || $$("dialog[open]").some((dialog) => dialog !== look())) return;
    const single = event.key.length === 1;
    if (single && localStorage.getItem("keys") === "off" && event.key !== "?") return;
    // Elsewhere arrows scroll and Enter presses what has the focus.
    const here = target === document.body || target.id === "results" || target.closest(".hit, #look");
    if (!single && !here) return;
    if (event.key === "Enter" && (target.matches("button, a, summary") || look().open)) return;
    const act = (look().open ? LOOK : GRID)[event.key] || BOTH[event.key];
    if (!act || (!cards.length && !["/", "?"].includes(event.key))) return;
    event.preventDefault();
    act();
  }

  // --- beginning ------------------------------------------------------------------------------------

  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("keydown", key);
    if (!form()) return;
    $("#theme").addEventListener("click", switchTheme);
    document.addEventListener("click", click);
    $("#drawing").addEventListener("change", (event) => {
      const files = [...event.target.files];
      showViews();
      addFiles(files);
    });
    $("#views").addEventListener("change", (event) => {
      const item = event.target.closest(".view");
      views[item.dataset.place].weight = event.target.value;
      item.classList.toggle("against", Number(event.target.value) < 0);
    });
    watchClasses(); // before the next: suggestions tick the boxes that are sent
    // Whatever is chosen rather than typed takes effect at once.
    form().addEventListener("change", (event) => {
      const field = event.target;
      const typed = field.matches("#drawing, #class-find, #topic, input[type=text]");
      if (!typed && answered() && asksSomething()) ask();
    });
    $("#topic").addEventListener("change", () => cards.forEach(paint));
    $("#save").addEventListener("click", save);
    $("#keys-on").checked = localStorage.getItem("keys") !== "off";
    $("#keys-on").addEventListener("change", (event) => localStorage.setItem("keys", event.target.checked ? "on" : "off"));
    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target.id === "results") welcomeHits();
      if (event.detail.target.id === "suggestions") showClasses();
    });
    document.body.addEventListener("htmx:sendError", () => toast("The server does not answer. Is it still running?"));
    watchCrop();
    watchBasket();
    watchLook();
    takeDrops();
    keepBasket(basket());
    showViews();
    welcomeHits();
    const asked = [...new URLSearchParams(location.search)];
    addEventListener("load", () => {
      if (asked.length) fill(asked);
    });
  });
})();
