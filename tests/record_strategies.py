"""Hypothesis strategies for records, made from the model itself: no member is forgotten."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from excudit.domain import record as r
from excudit.domain.record import Part, Record

_WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff").filter(
        lambda c: c >= " " or c in "\t\n\r"
    ),
    max_size=8,
)
_MARKED = st.sampled_from(["<br>", "a<br>b", "<b>&amp;</b>", "]]>", "&lt;br&gt;", ' "x" ', "\r\n"])
TEXTS = st.one_of(_WORDS, _MARKED)
FILLED = TEXTS.filter(bool)
WORDS = TEXTS.filter(lambda text: bool(text.strip()))
URIS = st.one_of(
    st.sampled_from(
        ["https://orcid.org", "urn:nbn:de:1", "a b", "http://[::1]:80/?q#f", "é", "\thttp://x", ""]
    ),
    st.from_regex(r"https?://[a-z]{1,8}\.org/[a-z0-9%{|}]{0,4}", fullmatch=True).filter(
        lambda uri: "%" not in uri
    ),
)
LANGUAGES = st.sampled_from(["", "en", "pt-BR", "de-1996", "i-klingon", "zh-Hant-TW"])

_BY_PATTERN = {
    str(get_args(leaf)[1].pattern): strategy
    for leaf, strategy in (
        (r.Text, TEXTS),
        (r.FilledText, FILLED),
        (r.Word, WORDS),
        (r.Uri, URIS),
        (r.Language, LANGUAGES),
    )
}


@cache
def parts(model: type[Part]) -> st.SearchStrategy[Any]:
    """Instances of one part of a record, any member present or not."""
    needed, optional = {}, {}
    for name, field in model.model_fields.items():
        strategy = _values(field.annotation, field.metadata)
        (needed if field.is_required() else optional)[name] = strategy
    return (
        st.fixed_dictionaries(needed, optional=optional)
        .map(_with_funder_type if model is r.FundingReference else dict)
        .map(lambda members: model.model_validate(members))
    )


def _with_funder_type(members: dict[str, Any]) -> dict[str, Any]:
    if members.get("funder_identifier") or members.get("scheme_uri"):
        members["funder_identifier_type"] = members.get("funder_identifier_type") or "ROR"
    return members


def _values(annotation: Any, limits: list[Any]) -> st.SearchStrategy[Any]:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _values(args[0], [m for a in args[1:] for m in getattr(a, "metadata", [a])])
    if origin is tuple:
        least = next((m.min_length for m in limits if hasattr(m, "min_length")), 0)
        entries = st.lists(_values(args[0], []), min_size=least, max_size=max(2, least + 1))
        return entries.map(tuple)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of(*(_values(arg, []) for arg in args))
    if annotation is str:
        return _BY_PATTERN[limits[0].pattern]
    if annotation in (int, float):
        low = next(m.ge for m in limits if hasattr(m, "ge"))
        high = next(m.le for m in limits if hasattr(m, "le"))
        return st.integers(low, high) if annotation is int else st.floats(low, high)
    return st.none() if annotation is type(None) else parts(annotation)


def records() -> st.SearchStrategy[Record]:
    """Records that are valid by the schema, with every member that the schema knows."""
    return parts(Record)


BOUNDED = settings(
    max_examples=min(60, settings.default.max_examples),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
