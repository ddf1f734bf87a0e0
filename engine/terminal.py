"""What the commands show in a terminal: tables and short texts, as Rich renderables.

Each function returns what a person sees and, where a command has ``--json``, what a program gets.
Prints nothing; only ``commands`` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine import locarno
from engine.plan import Index

if TYPE_CHECKING:
    from engine.checkup import Check
    from engine.classify import Suggestion
    from engine.design import Hit
    from engine.web.votes import Tally

NOTICE = "Search aid, not legal advice."
QUIET = "dim"
CLASS = 4  # place of the class among the columns of hits
TITLE_SHARE = 0.55  # of the room for words
GUTTER = 3  # characters between two columns
WIDE = 120  # characters from which a table of hits shows dates and files
MANY = 50  # files named in a terminal; --json names all


def table(*columns: str, numeric: Sequence[str] = (), title: str | None = None) -> Table:
    """An open table in the project's one style; ``numeric`` columns are set to the right."""
    made = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", header_style="bold",
        pad_edge=False, show_edge=False,
    )  # fmt: skip
    for column in columns:
        number = column in numeric
        made.add_column(
            column,
            justify="right" if number else "left",
            no_wrap=number or column in ("design", "code"),
        )
    return made


def hits(found: Sequence[Hit], filters: Sequence[str], width: int = 100) -> Group:
    """The answer of a search: a table of hits, one line each, and a line of filters.

    ``width`` is of the terminal, in characters: files and dates are shown where they fit.
    """
    about = [Text("under " + "; ".join(filters), style=QUIET)] if filters else []
    if not found:
        return Group(Text("Nothing was found."), *about)
    wide = width >= WIDE
    made = table(
        "#", "score", "design", "fig.", "class", "title", *(("published", "file") if wide else ()),
        numeric=("#", "score"),
    )  # fmt: skip
    for column in made.columns:
        column.no_wrap = True
        column.overflow = "ellipsis"
    room = _room_for_words(found, width, wide)
    made.columns[CLASS].max_width = round(room * (1 - TITLE_SHARE))
    made.columns[CLASS + 1].max_width = round(room * TITLE_SHARE)
    for hit in found:
        code = hit.locarno_subclass or hit.locarno_class
        name = shortened(hit.class_name, 28 if wide else 22)
        made.add_row(
            str(hit.rank),
            f"{hit.score:.3f}",
            escape(hit.design_id),
            f"FIG. {escape(hit.label)}" if hit.label else escape(hit.figure),
            Text.assemble((code, "bold"), " ", (name, QUIET)),
            escape(hit.title),
            *((hit.published, Text(hit.file.rsplit("/", 1)[-1], style=QUIET)) if wide else ()),
        )
    parts: list[Any] = [made, *about]
    for hit in found if any(hit.stages for hit in found) else ():
        reasons = ", ".join(f"{name} {value:.4g}" for name, value in hit.stages)
        parts.append(Text(f"{hit.rank}. {reasons}", style=QUIET))
    return Group(*parts)


def _room_for_words(found: Sequence[Hit], width: int, wide: bool) -> int:
    """Characters left for class and title once what must be read whole has its room."""
    exact = [len(str(len(found))), len("0.000"),
             max(len(hit.design_id) for hit in found), max(4, *(len(hit.figure) for hit in found))]  # fmt: skip
    if wide:
        exact += [len("2020-01-01"), max(len(hit.file.rsplit("/", 1)[-1]) for hit in found)]
    return max(24, width - sum(exact) - GUTTER * (len(exact) + 2))


def news(alert: Mapping[str, Any], found: Sequence[Hit], width: int = 100) -> Group:
    """New filings that match an alert; ``alert`` is its record."""
    count = f"{len(found):,} new filing{'s' * (len(found) != 1)}"
    under = [f"score at least {alert['min_score']:g}", *alert["filters"]]
    return Group(
        Text(f"Alert {alert['name']}: {count} like {', '.join(alert['drawings'])}", style="bold"),
        hits(found, under, width),
        Text(NOTICE, style=QUIET),
    )


def alerts(found: Sequence[Mapping[str, Any]]) -> Table | Text:
    """Saved searches, one a line."""
    if not found:
        return Text("There are no alerts. Add one with: engine alert add DRAWING --min-score 0.6")
    made = table("alert", "like", "from score", "under", numeric=("from score",))
    for alert in found:
        made.add_row(
            escape(alert["name"]), escape(", ".join(alert["drawings"])),
            f"{alert['min_score']:g}", escape("; ".join(alert["filters"])),
        )  # fmt: skip
    return made


def arrival(told: Mapping[str, Any]) -> Group:
    """What became of something that arrived in a watched folder."""
    name = Text(told["unit"] if told["unit"] != "." else "loose files", style="bold")
    if "error" in told:
        again = " It will be tried again." if told["again"] else ""
        return Group(name, Text(f"not read: {told['error']}{again}"))
    return Group(name, ingest_summary(told))


def suggestions(found: Sequence[Suggestion]) -> tuple[Table, list[dict[str, Any]]]:
    """Suggested Locarno subclasses with their probabilities and the designs they rest on."""
    made = table("probability", "code", "class", "as in", numeric=("probability",))
    data = []
    for item in found:
        made.add_row(
            f"{item.probability:.0%}", Text(item.code, style="bold"), shortened(item.name, 48),
            Text(", ".join(item.designs), style=QUIET),
        )  # fmt: skip
        data.append({
            "code": item.code, "name": item.name, "probability": item.probability,
            "designs": list(item.designs),
        })  # fmt: skip
    return made, data


def tally(found: Tally) -> tuple[Group, dict[str, Any]]:
    """What the votes of a study come to."""
    made = table("system", "preferred", numeric=("preferred",))
    made.add_row(escape(f"a  {found.a}"), str(found.wins_a))
    made.add_row(escape(f"b  {found.b}"), str(found.wins_b))
    made.add_row("neither", str(found.ties))
    low, high = found.interval
    lines = [
        f"{found.votes:,} votes of {found.people} people on {found.questions} drawings",
        f"preference {found.preference:+.3f}, 95 % interval {low:+.3f} … {high:+.3f} "
        "(+1 always a, -1 always b; drawn anew by drawing)",
        f"a in {found.share:.0%} of the decided votes, 95 % interval "
        f"{found.wilson[0]:.0%} … {found.wilson[1]:.0%}; sign test over drawings p = {found.p:.3g}",
        f"the left list was preferred in {found.left:.0%}",
    ]
    return Group(made, *(Text(line) for line in lines)), asdict(found)


def ingest_summary(summary: Mapping[str, Any]) -> Group:
    """Counts of an ingest, what could not be read and why, and remarks."""
    line = Text.assemble(
        (f"{summary['read']:,} read", "bold"),
        f" = {summary['indexed']:,} indexed + {summary['unchanged']:,} unchanged"
        f" + {summary['skipped']:,} skipped",
    )
    return Group(line, *_findings(summary))


def sheets(rows: Sequence[Mapping[str, Any]]) -> Group:
    """Figures of sheets, as ``ingest.overlay.rows`` gives them."""
    made = table(
        "sheet", "figure", "label", "box", "turn", "sure", numeric=("figure", "turn", "sure")
    )
    before = None
    for row in rows:
        made.add_row(
            "" if row["sheet"] == before else escape(row["sheet"]), str(row["figure"]),
            f"FIG. {row['label']}" if row["label"] else "—", " ".join(map(str, row["box"])),
            f"{row['turn']}°", f"{row['confidence']:.2f}",
        )  # fmt: skip
        before = row["sheet"]
    whole = {row["sheet"]: row["whole"] for row in rows if row["whole"]}
    return Group(made, *(Text(f"{name} stays whole: {why}.", QUIET) for name, why in whole.items()))


def survey(found: Mapping[str, Any]) -> Group:
    """What an ingest would read."""
    line = Text.assemble(
        (f"{found['designs']:,} designs, {found['read'] - found['skipped']:,} figures", "bold"),
        f" would be ingested; {found['with_class']:,} designs have a Locarno class.",
    )
    made = table("design", "class", "title", "figures", numeric=("figures",))
    for example in found["examples"]:
        made.add_row(
            escape(example["design_id"]), example["locarno"], escape(example["title"]),
            example["figures"],
        )  # fmt: skip
    read_as = ", ".join(f"{kind} ({count:,})" for kind, count in found["sources"].items())
    return Group(
        line, Text(f"Read as: {read_as}", style=QUIET),
        *((Padding(made, (1, 0, 0, 0)),) if found["examples"] else ()), *_findings(found),
    )  # fmt: skip


def _findings(found: Mapping[str, Any]) -> list[Any]:
    parts: list[Any] = []
    for key, heading in (("errors", "left out"), ("warnings", "stored, but")):
        if found[key]:
            made = table(heading, "why")
            for item in found[key][:MANY]:
                made.add_row(escape(str(item["file"])), escape(str(item["reason"])))
            parts.append(Padding(made, (1, 0, 0, 0)))
            if len(found[key]) > MANY:
                parts.append(Text(f"… and {len(found[key]) - MANY:,} more (--json lists all)"))
    return parts


def duplicates(found: Mapping[str, Any]) -> Group:
    """Groups of figures that are alike, and families of designs."""
    made = table("", "design", "fig.", "file", "score", "bits", numeric=("score", "bits"))
    for group in found["groups"]:
        for place, figure in enumerate(group["figures"]):
            first = place == 0
            made.add_row(
                group["kind"] if first else "", escape(figure["design_id"]),
                escape(figure["figure"]), escape(figure["file"]),
                f"{group['score']:.3f}" if first else "", str(group["bits"]) if first else "",
            )  # fmt: skip
        for link in group["links"]:
            made.add_row("", "", "", _link(link), "", "", style=QUIET)
        made.add_section()
    families = table("family", "of them not here")
    for family in found["families"]:
        families.add_row(
            escape("; ".join(map(_link, family["links"]))), escape(", ".join(family["missing"]))
        )
    exact = sum(group["kind"] == "exact" for group in found["groups"])
    line = Text.assemble(
        (f"{exact:,} groups of the same drawing, {len(found['groups']) - exact:,} of near ones", "bold"),
        f", {len(found['families']):,} families, among {found['figures']:,} figures.",
    )  # fmt: skip
    left = f"{found['views']:,} pairs of views of one design look alike: --views lists them."
    return Group(
        line, *((Padding(made, (1, 0, 0, 0)),) if found["groups"] else ()),
        *((Padding(families, (1, 0, 0, 0)),) if found["families"] else ()),
        *((Text(left, style=QUIET),) if found["views"] else ()),
    )  # fmt: skip


def _link(link: Mapping[str, str]) -> str:
    return f"{link['later']} {link['how']} {link['earlier']}"


def status(index: Index, collection: str, store: str) -> tuple[Group, dict[str, Any]]:
    """Figures and designs of a collection, by class."""
    card = index.card
    figures = index.count()
    by_class = index.facet("locarno_class")
    designs = len(index.facet("design_id", limit=1_000_000))
    data = {
        "collection": collection, "store": store, "model": card.name, "revision": card.revision,
        "dimension": card.dimension, "figures": figures, "designs": designs,
        "classes": {code: by_class[code] for code in sorted(by_class)},
    }  # fmt: skip
    head = Text.assemble(
        (f"{designs:,} designs, {figures:,} figures", "bold"),
        f" in '{collection}', encoded by {card.name} ({card.dimension})\n",
        (store, QUIET),
    )
    made = table("code", "class", "figures", "", numeric=("figures",))
    top = max(by_class.values(), default=1)
    for code in sorted(by_class):
        bar = Text("▇" * max(1, round(24 * by_class[code] / top)), style="cyan")
        made.add_row(code, shortened(locarno.heading(code), 52), f"{by_class[code]:,}", bar)
    unclassed = figures - sum(by_class.values())
    if unclassed:
        made.add_row("–", Text("no class known", style=QUIET), f"{unclassed:,}", "")
    return Group(head, Padding(made, (1, 0, 0, 0))), data


def designs(index: Index) -> tuple[Table, list[dict[str, Any]]]:
    """Every design of a collection with its title, subclass and number of figures."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for point in index.scroll(keys=("office", "design_id", "title", "locarno_subclass")):
        load = point.payload
        row = rows.setdefault(
            (str(load["design_id"]), str(load.get("office", ""))),
            {
                "design_id": load["design_id"],
                "title": load.get("title", ""),
                "locarno_subclass": load.get("locarno_subclass", ""),
                "figures": 0,
            },
        )
        row["figures"] += 1
    found = [rows[key] for key in sorted(rows)]
    made = table("design", "code", "title", "figures", numeric=("figures",))
    for row in found:
        made.add_row(
            escape(row["design_id"]), row["locarno_subclass"], escape(row["title"]),
            str(row["figures"]),
        )  # fmt: skip
    return made, found


def evaluation(result: Mapping[str, Any], width: int = 100) -> Group:
    """Measures of an encoder by protocol; the interval is a 95 % bootstrap over designs.

    ``width`` is of the terminal: measures that do not fit are left to ``--json``.
    """
    keys = ["map_macro", "hit@1", "hit@10", "ndcg@10"]
    if width >= WIDE:
        keys = ["map_macro", "hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10"]
    names = {"map_macro": "by design", "mrr@10": "MRR@10", "ndcg@10": "nDCG@10"}
    columns = ["queries", "mAP", "95 %", *(names.get(key, key) for key in keys)]
    made = table("relevant", *columns, numeric=columns)
    for name, found in result["protocols"].items():
        interval = found.get("map_ci")
        made.add_row(
            name, f"{found['queries']:,}", Text(f"{found['map']:.3f}", style="bold"),
            "–".join(f"{edge:.2f}" for edge in interval) if interval else "",
            *(f"{found[key]:.3f}" for key in keys),
        )  # fmt: skip
    head = Text.assemble(
        (str(result["model"]), "bold"), f" on {result['gallery']:,} drawings; every file is a query"
    )
    return Group(head, Padding(made, (1, 0, 0, 0)))


def judged(result: Mapping[str, Any]) -> Group:
    """Measures by somebody's judgements, as ``engine.trec`` gives them; what to know beside them."""
    made = table("measure", "mean", "95 %", numeric=("mean", "95 %"))
    names = {"map": "mAP", "ndcg@10": "nDCG@10", "mrr@10": "MRR@10"}
    for name in (key.removesuffix("_ci") for key in result if key.endswith("_ci")):
        low, high = result[f"{name}_ci"]
        made.add_row(names.get(name, name), f"{result[name]:.3f}", f"{low:.2f}–{high:.2f}")
    head = Text.assemble(
        (str(result.get("run") or result["model"]), "bold"),
        f" on {result['gallery']:,} designs" if "gallery" in result else "",
        f"; {result['topics']:,} topics judged in {result['qrels']}",
    )
    least = result["least"]
    notes = [
        f"Of the first ten hits of each topic, {result['top_hits']:,} in all, nobody judged "
        f"{result['top_unjudged']:,}: they count as not relevant."
    ]
    if least > 1:
        notes.append(f"Relevant is what has grade {least} or more; nDCG takes all grades.")
    for what, count in (
        (
            "Relevant designs that the folders do not hold, so nothing finds them",
            result.get("absent"),
        ),
        ("Judged topics with nothing relevant, left out", result["nothing_relevant"]),
        ("Topics of the run that nobody judged, left out", result["not_judged"]),
    ):
        if count:
            notes.append(f"{what}: {count:,}.")
    return Group(head, Padding(made, (1, 0)), Text("\n".join(notes), style=QUIET))


def classes(words: str, limit: int) -> tuple[Table | Text, list[dict[str, Any]]]:
    """A Locarno code with its subclasses, the codes that words lead to, or all classes.

    Raises: UnknownCode when a code was meant that does not exist.
    """
    if not words:
        codes: Sequence[str] = locarno.classes()
    elif any(letter.isalpha() for letter in words):
        codes = locarno.find(words)[:limit]
    else:
        code = locarno.parse_code(words)
        codes = [code, *(locarno.subclasses(code) if "-" not in code else ())]
    if not codes:
        return Text(f"No Locarno heading or term is like '{words}'."), []
    made = table("code", "heading", "such as")
    data = []
    for code in codes:
        entry = locarno.entry(code)
        note = "" if entry.status == "current" else f" ({entry.status})"
        made.add_row(
            Text(code, style="bold"), escape(entry.heading + note),
            Text(", ".join(entry.terms[:6]), style=QUIET),
        )  # fmt: skip
        data.append(
            {
                "code": code,
                "heading": entry.heading,
                "status": entry.status,
                "terms": list(entry.terms),
            }
        )
    return made, data


def checks(found: Sequence[Check]) -> tuple[Table, list[dict[str, Any]]]:
    """What ``engine doctor`` found: a mark, a name, what it is, and what to do."""
    made = table("", "what", "found")
    for check in found:
        mark = Text("✓", style="green") if check.ok else Text("✗", style="bold red")
        if check.ok and check.optional and not check.present:
            mark = Text("–", style=QUIET)
        made.add_row(mark, check.name, escape(check.found))
    return made, [{"name": c.name, "ok": c.ok, "found": c.found} for c in found]


def shortened(text: str, width: int) -> str:
    """The text, cut at a word's end to at most ``width`` characters."""
    if len(text) <= width:
        return text
    return text[: width - 1].rsplit(" ", 1)[0].rstrip(",;") + "…"
