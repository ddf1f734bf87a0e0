"""SearchPlan → Qdrant's own queries: `edge_*` for the embedded engine, `client_*` for a server.

Both translators see a `prepared` plan: examples already made one vector, and every filter already
carried down to the prefetches, so that the two backends are asked the same. Each imports its
backend when first called; neither imports the other's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import UsageError
from engine.plan import (
    AnyOf,
    Between,
    Condition,
    DistributionBased,
    Filter,
    Nearest,
    Ranking,
    ReciprocalRank,
    Recommend,
    SearchPlan,
    SparseVector,
    Vector,
    unit_rows,
)
from qdrant.schema import Schema

if TYPE_CHECKING:
    from qdrant_client import models

EVERYTHING = Filter()  # what every point obeys

# Quantised vectors choose this many times the limit, and the full vectors put them in order.
OVERSAMPLING = 2.0


def prepared(plan: SearchPlan, inherited: Filter = EVERYTHING) -> SearchPlan:
    """The same plan in fewer words: no examples, and every stage obeys the filters above it."""
    where = both(inherited, plan.filter)
    query = plan.query
    if isinstance(query, Recommend):
        query = Nearest(query.using, mean_example(query))
    prefetches = tuple(prepared(prefetch, where) for prefetch in plan.prefetches)
    return replace(plan, query=query, filter=where, prefetches=prefetches)


def both(one: Filter, other: Filter) -> Filter:
    """What obeys both filters; conditions they share are asked once."""
    return Filter(
        tuple(dict.fromkeys((*one.must, *other.must))),
        tuple(dict.fromkeys((*one.must_not, *other.must_not))),
    )


def mean_example(examples: Recommend) -> Vector:
    """One unit row for examples and counter-examples: 2 · mean(positive) − mean(negative).

    This is Qdrant's own "average vector" strategy, worked out here because the embedded engine
    lacks it: a plain nearest search then follows, its score a cosine, alike on every backend.

    Raises: UsageError if the examples cancel out.
    """
    mean: Vector = np.mean(np.stack(examples.positive), axis=0)
    if examples.negative:
        mean = 2 * mean - np.mean(np.stack(examples.negative), axis=0)
    if np.linalg.norm(mean) < 1e-6:
        raise UsageError("The examples and counter-examples cancel out. Drop one of them.")
    row: Vector = unit_rows(mean)[0]
    return row


def midnight(day: date | None) -> str | None:
    """Start of the day in UTC, RFC 3339: how a stored date reads as an instant."""
    return f"{day.isoformat()}T00:00:00Z" if day else None


def qdrant_k(ranking: ReciprocalRank) -> int:
    """Qdrant counts ranks from 0 where we count from 1: its 1 / (k + rank) needs k one higher."""
    return ranking.k + 1


# ── the embedded engine ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Graph:
    """How an embedded collection's graph (HNSW) was built, and is searched.

    Attributes:
        links: of each figure to others (m).
        width: candidates weighed for each link while building (ef_construct).
        reach: candidates followed in a search (ef); more finds more and takes longer.
        quantized: search 8-bit integers first, and put what they choose in order by full rows.
    """

    links: int = 16
    width: int = 200
    reach: int = 256
    quantized: bool = False


def edge_query(plan: SearchPlan, graph: Graph | None = None) -> Any:
    """A prepared plan as qdrant_edge.QueryRequest, vectors and payload selected."""
    import qdrant_edge as edge

    return edge.QueryRequest(
        limit=plan.limit,
        query=_edge_ranking(plan.query),
        prefetches=[_edge_prefetch(prefetch, graph) for prefetch in plan.prefetches],
        filter=edge_filter(plan.filter),
        score_threshold=plan.min_score,
        params=_edge_params(plan, graph),
        with_payload=selected(plan.with_payload),
        with_vector=selected(plan.with_vectors),
    )


def _edge_prefetch(plan: SearchPlan, graph: Graph | None) -> Any:
    import qdrant_edge as edge

    return edge.Prefetch(
        limit=plan.limit,
        query=_edge_ranking(plan.query),
        prefetches=[_edge_prefetch(prefetch, graph) for prefetch in plan.prefetches],
        filter=edge_filter(plan.filter),
        score_threshold=plan.min_score,
        params=_edge_params(plan, graph),
    )


def _edge_params(plan: SearchPlan, graph: Graph | None) -> Any:
    import qdrant_edge as edge

    if graph is None or plan.exact:
        return edge.SearchParams(exact=plan.exact)
    return edge.SearchParams(
        hnsw_ef=max(graph.reach, plan.limit),
        quantization=edge.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
        if graph.quantized
        else None,
        acorn=edge.AcornSearchParams(enable=True) if _several_keys(plan) else None,
    )


def _several_keys(plan: SearchPlan) -> bool:
    """A graph has links for each key alone; for several at once it must look further."""
    return len({getattr(c, "key", "id") for c in (*plan.filter.must, *plan.filter.must_not)}) > 1


def _edge_ranking(ranking: Ranking) -> Any:
    import qdrant_edge as edge

    match ranking:
        case Nearest(using, vector):
            return edge.Query.Nearest(edge_vector(vector), using=using)
        case ReciprocalRank():
            return edge.Fusion.Rrf(qdrant_k(ranking))
        case DistributionBased():
            return edge.Fusion.Dbsf()
    raise TypeError(f"not a prepared plan: {ranking}")


def edge_vector(vector: Vector | SparseVector) -> Any:
    """A vector as the embedded engine takes it."""
    import qdrant_edge as edge

    if isinstance(vector, SparseVector):
        return edge.SparseVector(list(vector.indices), list(vector.values))
    return np.ascontiguousarray(vector, dtype=np.float32)


def edge_filter(where: Filter) -> Any:
    """A filter as qdrant_edge.Filter, or None for one that everything obeys."""
    import qdrant_edge as edge

    if not where:
        return None
    return edge.Filter(
        must=[_edge_condition(condition) for condition in where.must],
        must_not=[_edge_condition(condition) for condition in where.must_not],
    )


def _edge_condition(condition: Condition) -> Any:
    import qdrant_edge as edge

    match condition:
        case AnyOf(key, values):
            if len(values) == 1:  # a third faster than a list of one, over a large class
                return edge.FieldCondition(key, match=edge.MatchValue(values[0]))
            return edge.FieldCondition(key, match=edge.MatchAny(list(values)))
        case Between(key, since, until):
            between = edge.RangeDateTime(gte=midnight(since), lt=midnight(until))
            return edge.FieldCondition(key, range=between)
        case _:
            return _edge_ids(condition.ids)


@lru_cache(maxsize=1)
def _edge_ids(ids: tuple[str, ...]) -> Any:
    """Candidates that one stage after the other ranks are translated once."""
    import qdrant_edge as edge

    return edge.HasIdCondition(set(ids))


# ── a server ─────────────────────────────────────────────────────────────────────────────────────


def client_query(plan: SearchPlan, schema: Schema | None) -> dict[str, Any]:
    """A prepared plan as keyword arguments of QdrantClient.query_points.

    ``schema`` says how to search a served collection; None for the client's in-memory double, which
    scans exactly and takes no parameters.
    """
    query, using = _client_ranking(plan.query)
    return {
        "query": query,
        "using": using,
        "prefetch": [_client_prefetch(prefetch, schema) for prefetch in plan.prefetches] or None,
        "query_filter": client_filter(plan.filter),
        "search_params": _client_params(plan, schema),
        "limit": plan.limit,
        "score_threshold": plan.min_score,
        "with_payload": selected(plan.with_payload),
        "with_vectors": selected(plan.with_vectors),
    }


def _client_prefetch(plan: SearchPlan, schema: Schema | None) -> models.Prefetch:
    from qdrant_client import models

    query, using = _client_ranking(plan.query)
    return models.Prefetch(
        query=query,
        using=using,
        prefetch=[_client_prefetch(prefetch, schema) for prefetch in plan.prefetches] or None,
        filter=client_filter(plan.filter),
        params=_client_params(plan, schema),
        limit=plan.limit,
        score_threshold=plan.min_score,
    )


def _client_ranking(ranking: Ranking) -> tuple[Any, str | None]:
    from qdrant_client import models

    match ranking:
        case Nearest(using, vector):
            return client_vector(vector), using
        case ReciprocalRank():
            return models.RrfQuery(rrf=models.Rrf(k=qdrant_k(ranking))), None
        case DistributionBased():
            return models.FusionQuery(fusion=models.Fusion.DBSF), None
    raise TypeError(f"not a prepared plan: {ranking}")


def _client_params(plan: SearchPlan, schema: Schema | None) -> models.SearchParams | None:
    from qdrant_client import models

    if schema is None:
        return None
    params = models.SearchParams(exact=plan.exact)
    if _several_keys(plan):
        params.acorn = models.AcornSearchParams(enable=True)
    if schema.quantized:
        params.quantization = models.QuantizationSearchParams(
            rescore=True, oversampling=OVERSAMPLING
        )
    return params


def client_vector(vector: Vector | SparseVector) -> Any:
    """A vector as the client takes it."""
    from qdrant_client import models

    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
    return np.asarray(vector, dtype=np.float32).tolist()


def client_filter(where: Filter) -> models.Filter | None:
    """A filter as qdrant_client.models.Filter, or None for one that everything obeys."""
    from qdrant_client import models

    if not where:
        return None
    return models.Filter(
        must=[_client_condition(condition) for condition in where.must],
        must_not=[_client_condition(condition) for condition in where.must_not],
    )


def _client_condition(condition: Condition) -> models.FieldCondition | models.HasIdCondition:
    from qdrant_client import models

    match condition:
        case AnyOf(key, values):
            return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
        case Between(key, since, until):
            between = models.DatetimeRange(gte=midnight(since), lt=midnight(until))  # type: ignore[arg-type]
            return models.FieldCondition(key=key, range=between)
        case _:
            return models.HasIdCondition(has_id=list(condition.ids))


# ── both ─────────────────────────────────────────────────────────────────────────────────────────


def selected(names: Sequence[str] | None) -> bool | list[str]:
    """Names to return, as both backends take them: True for all, False for none."""
    return True if names is None else list(names) or False


def vectors_of(found: Any) -> Mapping[str, Vector | SparseVector]:
    """Named vectors of a point that either backend returned."""
    vectors: dict[str, Vector | SparseVector] = {}
    for name, vector in (found or {}).items():
        if hasattr(vector, "indices"):
            vectors[name] = SparseVector(tuple(vector.indices), tuple(vector.values))
        else:
            vectors[name] = np.asarray(vector, dtype=np.float32)
    return vectors
