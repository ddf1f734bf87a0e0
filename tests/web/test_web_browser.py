"""The page in a real browser: upload, crop, filter, flip, compare, judge, export, save."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A new page of a new browser profile; fails on any error of script or of the CSP."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15_000)
    opened = context.new_page()
    problems: list[str] = []
    foreign: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on(
        "request",
        lambda sent: None if sent.url.startswith((address, "blob:")) else foreign.append(sent.url),
    )
    opened.goto(address)
    yield opened
    context.close()
    # A newer search replaces one under way, which htmx logs; a refusal is an answer.
    known = ("422", "htmx:sendAbort", "htmx:afterRequest")
    left = [text for text in problems if not any(word in text for word in known)]
    assert (left, foreign) == ([], [])


def search(page: Any, question: Path) -> None:
    page.set_input_files("#drawing", str(question))
    page.wait_for_selector("#results .hit")


def numbers(page: Any) -> list[str]:
    return page.eval_on_selector_all("#results .hit", "cards => cards.map(c => c.dataset.design)")


def test_drop_a_drawing_and_see_designs_with_all_their_figures(page: Any, question: Path) -> None:
    search(page, question)
    assert numbers(page)[0] == question.stem.split("-")[1]
    first = page.locator("#hit-1")
    assert first.locator(".fig").count() == 5 and first.locator(".fig.matched").count() == 1
    assert first.locator(".score").inner_text().startswith("0.")
    assert re.search(r"\d\d-\d\d \w+", first.locator(".class").inner_text())
    page.wait_for_function(
        "() => [...document.querySelectorAll('#hit-1 img')].every(i => i.complete && i.naturalWidth)"
    )
    # Another figure of the design takes the large place.
    other = first.locator(".fig:not(.matched)").first
    other.click()
    assert other.get_attribute("data-id") in first.locator(".paper img").get_attribute("src")


def test_a_dropped_file_and_a_pasted_one_are_views_of_one_query(page: Any, question: Path) -> None:
    bytes_ = list(question.read_bytes())
    for event in ("drop", "paste"):
        page.evaluate(
            """([kind, bytes]) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, {type: "image/png"}));
              const event = kind === "drop"
                ? new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true})
                : new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true});
              document.body.dispatchEvent(event);
            }""",
            [event, bytes_],
        )
        page.wait_for_selector(f".view img[alt='{event}.png']")
    assert page.locator(".view").count() == 2
    page.wait_for_selector("#results .hit")
    page.locator(".view [data-act=remove]").first.click()
    assert page.locator(".view").count() == 1


def test_filters_by_class_tree_and_suggestion(page: Any, question: Path) -> None:
    search(page, question)
    every = numbers(page)
    page.click("#suggest")
    page.wait_for_selector(".suggested li")
    code = page.get_attribute(".suggested li:first-child input", "data-class")
    page.check(".suggested li:first-child input")
    page.wait_for_function(
        "n => document.querySelectorAll('#results .hit').length < n", arg=len(every)
    )
    chips = page.locator(".found .chip").all_inner_texts()
    assert any(code in text for text in chips)
    assert page.is_checked(f".tree input[name=class][value='{code}']")
    page.click("#class-chips button")
    page.wait_for_function(
        "n => document.querySelectorAll('#results .hit').length === n", arg=len(every)
    )
    # Leave its class out, by the tree.
    page.check(f".tree input[name=not_class][value='{code[:2]}']", force=True)
    page.wait_for_function(
        "n => document.querySelectorAll('#results .hit').length < n", arg=len(every)
    )
    assert every[0] not in numbers(page)
    page.fill("#class-find", "chair")
    page.wait_for_selector("[data-class='06-01']")


def test_crop_searches_with_the_part(page: Any, question: Path) -> None:
    search(page, question)
    before = page.locator("#hit-1 .score").inner_text()
    page.click(".view [data-act=crop]")
    box = page.locator("#crop-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    edges = [page.input_value(f"#crop-{edge}") for edge in ("left", "top", "right", "bottom")]
    assert edges == ["10", "10", "60", "50"]
    page.fill("#crop-right", "70")  # by the keyboard too
    page.press("#crop-right", "Tab")
    with page.expect_response("**/search"):
        page.click("#crop-use")
    page.wait_for_function(
        "s => document.querySelector('#hit-1 .score').innerText !== s", arg=before
    )
    assert "(part)" in page.get_attribute(".view img", "alt")


def test_why_colours_both_drawings_and_gives_them_back(page: Any, question: Path) -> None:
    search(page, question)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#look[open]")
    plain = page.get_attribute("#theirs", "src")
    page.keyboard.press("w")
    page.wait_for_selector('[data-act="why"][aria-pressed="true"]')
    page.wait_for_function("document.querySelector('#theirs').naturalWidth > 500")
    colours = """id => {
        const seen = document.querySelector(id), canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [seen.naturalWidth, seen.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(seen, 0, 0);
        const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
        let red = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] > data[i + 2] + 60) red += 1;
        return red;
    }"""
    assert page.evaluate(colours, "#ours") > 100
    assert page.evaluate(colours, "#theirs") > 100
    page.keyboard.press("w")
    assert page.get_attribute("#theirs", "src") == plain
    assert page.get_attribute('[data-act="why"]', "aria-pressed") == "false"


def test_keys_flip_compare_zoom_and_judge(page: Any, question: Path) -> None:
    search(page, question)
    designs = numbers(page)
    current = "() => document.querySelector('.hit.current').dataset.design"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate(current) == designs[1]
    page.keyboard.press("k")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(current) == designs[2]
    page.keyboard.press("r")
    assert "relevant" in page.get_attribute("#hit-3", "class")
    page.keyboard.press("Enter")
    page.wait_for_selector("#look[open]")
    assert designs[2] in page.inner_text("#look-line")
    page.wait_for_selector("#look-facts .record")
    assert page.get_attribute("aside [data-judgement=relevant]", "aria-pressed") == "true"
    figure = page.get_attribute("#theirs", "src")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#theirs", "src") != figure
    page.keyboard.press("j")
    assert designs[3] in page.inner_text("#look-line")
    page.keyboard.press("n")
    assert page.get_attribute("aside [data-judgement=noise]", "aria-pressed") == "true"
    for _ in range(3):
        page.keyboard.press("]")
    moved = "id => new DOMMatrix(getComputedStyle(document.querySelector(id)).transform).a"
    assert page.evaluate(moved, "#ours") == pytest.approx(1.4**3)
    assert page.evaluate(moved, "#theirs") == pytest.approx(1.4**3)  # zoomed together
    page.keyboard.press("f")
    assert page.evaluate(moved, "#theirs") == 1
    page.keyboard.press("o")
    assert page.get_attribute("[data-act=overlay]", "aria-pressed") == "true"
    page.keyboard.press("p")
    assert designs[3] in page.inner_text("#ours-name")  # pinned: the others are compared with it
    page.fill("#look-note", "see r")  # keys are letters inside a field
    page.press("#look-note", "Tab")
    page.keyboard.press("Escape")
    assert page.evaluate(current) == designs[3]
    kept = {item["judgement"]: item for item in json.loads(page.evaluate("localStorage.basket"))}
    assert set(kept) == {"relevant", "noise"} and kept["noise"]["note"] == "see r"
    page.keyboard.press("n")  # again takes it back; the note stays
    assert page.inner_text("#basket-count") == "2"


def test_more_like_and_less_like_steer(page: Any, question: Path) -> None:
    search(page, question)
    designs = numbers(page)
    page.evaluate("document.activeElement.blur()")
    for key, name in (("+", "like"), ("-", "unlike")):
        first = numbers(page)[0]
        with page.expect_response("**/search"):
            page.keyboard.press(key)
        page.wait_for_function(
            "d => document.querySelector('.hit').dataset.design !== d", arg=first
        )
        assert page.input_value(f"#designs input[name={name}]", timeout=5000) == first
    assert len(numbers(page)) == len(designs) - 2
    page.locator("#designs button").first.click()
    page.wait_for_function(
        "n => document.querySelectorAll('.hit').length === n", arg=len(designs) - 1
    )


def saved(page: Any, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.click(button)
    return Path(waiting.value.path()).read_bytes()


def test_basket_exports_what_was_judged(page: Any, question: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from engine.trec import evaluate_run, read_qrels, read_run

    page.fill("#topic", "case 7")
    search(page, question)
    designs = numbers(page)
    page.evaluate("document.activeElement.blur()")
    for place, key in enumerate(("r", "b", "n")):
        page.locator(f"#hit-{place + 1}").focus()
        page.keyboard.press(key)
        page.keyboard.press("j")
    page.click("[data-open=basket]")
    page.wait_for_selector("#basket .item")
    page.locator("#basket textarea").nth(1).fill("=1+1 & <b>")
    page.locator("#basket textarea").nth(1).blur()
    (tmp_path / "qrels").write_bytes(saved(page, "[data-export='/basket/qrels']"))
    judged = read_qrels(tmp_path / "qrels")
    assert judged == {"case%207": {designs[0]: 2, designs[1]: 1, designs[2]: 0}}
    rows = list(csv.DictReader(io.StringIO(saved(page, "[data-export='/basket/csv']").decode())))
    assert [row["judgement"] for row in rows] == ["relevant", "background", "noise"]
    assert rows[1]["note"] == "'=1+1 & <b>"  # no spreadsheet runs it
    book = load_workbook(io.BytesIO(saved(page, "[data-export='/basket/xlsx']")))
    assert [cell.value for cell in book["Hits"]["D"][1:]] == designs[:3]
    report = saved(page, "[data-export='/basket/html']").decode()
    assert "=1+1 &amp; &lt;b&gt;" in report and report.count('src="data:image/png') == 3
    page.locator("#basket [data-act=drop]").first.click()
    page.wait_for_function("() => document.querySelectorAll('#basket .item').length === 2")
    page.keyboard.press("Escape")
    (tmp_path / "run").write_bytes(saved(page, "[data-download='/report/run']"))
    assert read_run(tmp_path / "run")["case%207"] == designs
    # The first hit is relevant, the second background, the third noise, the others unseen.
    measured = evaluate_run(tmp_path / "run", tmp_path / "qrels")
    assert (measured["topics"], measured["map"], measured["ndcg@10"]) == (1, 1, 1)
    assert measured["top_unjudged"] == min(len(designs), 10) - 3


def test_reports_of_the_search(page: Any, question: Path) -> None:
    from openpyxl import load_workbook

    search(page, question)
    page.fill("input[name=before]", "2020-03-01")
    page.wait_for_selector(".found .chip")
    designs = numbers(page)
    report = saved(page, "[data-download='/report/html']").decode()
    assert all(number in report for number in designs) and question.name in report
    assert "2020-03-01: only designs published strictly earlier" in report
    book = load_workbook(io.BytesIO(saved(page, "[data-download='/report/xlsx']")))
    assert [cell.value for cell in book["Hits"]["D"][1:]] == designs
    told = json.loads(saved(page, "[data-download='/report/json']"))
    assert [hit["design_id"] for hit in told["hits"]] == designs
    assert told["search"]["Cut-off date"].startswith("2020-03-01")


def test_saved_searches_come_back_with_their_drawings(page: Any, question: Path) -> None:
    page.fill("#topic", "my case")
    search(page, question)
    page.fill("#words", "chair")
    page.press("#words", "Enter")
    page.wait_for_selector(".fused")
    designs = numbers(page)
    page.click("#save")
    page.wait_for_selector("#toast.on")
    page.reload()
    assert page.locator(".view").count() == 0
    page.click("[data-open=saved]")
    page.click("#saved-list .search .quiet")
    page.wait_for_selector(".fused")
    assert numbers(page) == designs and page.locator(".view").count() == 1
    assert (page.input_value("#topic"), page.input_value("#words")) == ("my case", "chair")
    page.click("#ask [data-act=clear]")
    page.wait_for_function("() => document.querySelectorAll('.view').length === 0")


def test_an_address_may_hold_a_query(page: Any, address: str) -> None:
    page.goto(f"{address}/?like=DM000003&limit=12")
    page.wait_for_selector("#results .hit")
    assert "DM000003" not in numbers(page) and page.inner_text("#designs").startswith(
        "like DM000003"
    )


def test_a_hostile_title_is_text(page: Any) -> None:
    page.fill("#words", "chair")
    page.press("#words", "Enter")
    page.wait_for_selector("#results .hit")
    card = page.locator(".hit[data-design=DM000002]")
    assert "<script>document.title" in card.locator("h2").inner_text()
    card.locator(".paper").click()
    page.wait_for_selector("#look-facts .record")
    assert "<script>" in page.inner_text("#look-title") and page.title() == "Design search"


def test_what_went_wrong_is_shown(page: Any, tmp_path: Path) -> None:
    page.click("#go")
    page.wait_for_selector("#results .problem")
    assert "nothing to look for" in page.inner_text("#results .problem")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.set_input_files("#drawing", str(tmp_path / "bad.png"))
    page.wait_for_selector("#toast.on")
    assert "bad.png is not a picture" in page.inner_text("#toast")
    assert page.locator(".view").count() == 0


def test_labels_contrast_and_focus(browser: Any, address: str, question: Path) -> None:
    """Everything that takes input has a name; texts stand out in light and dark (WCAG 2.1 AA)."""
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        search(page, question)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
              .filter(e => !(e.labels?.length || e.getAttribute("aria-label") || e.title || e.innerText.trim()
                             || e.textContent.trim()))
              .map(e => e.outerHTML)"""
        )
        assert not nameless
        assert not page.evaluate("[...document.images].filter(i => !i.hasAttribute('alt')).length")
        weak = page.evaluate(CONTRAST)
        assert not weak, (scheme, weak)
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        context.close()


# Texts whose contrast with what lies behind them is below 4.5 (3 for large ones).
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const found = rgb(getComputedStyle(e).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const weak = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility({opacityProperty: true}) || e.closest(".unseen, .noise, dialog")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(style.color)), light(behind(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
    if (contrast < (large ? 3 : 4.5)) weak.push([e.outerHTML.slice(0, 90), contrast.toFixed(2)]);
  }
  return weak.slice(0, 8);
}"""
