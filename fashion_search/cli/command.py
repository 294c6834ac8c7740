"""The arguments that several commands take."""

import argparse
import math
from collections.abc import Iterable
from typing import Any

from fashion_search.catalog import PROTOCOLS, Catalog, Filter, Protocol
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.cli.numbers import at_least
from fashion_search.encoders import DEFAULT_METHODS, RERANKED, all_methods, encoder_spec
from fashion_search.encoders.onnx_model import full_name
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.verdicts import apply
from fashion_search.manifest import IndexEntry
from fashion_search.query_store import under
from fashion_search.store import Store, open_store


def _protocol(text: str) -> Protocol:
    try:
        return Protocol(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither {', '.join(PROTOCOLS)} nor query-set:NAME") from None


def add_catalog(parser: argparse.ArgumentParser) -> None:
    """``--catalog``."""
    parser.add_argument("--catalog", default=DEMO, metavar="NAME", help=f"a built catalog (default: {DEMO})")


def add_verdicts(parser: argparse.ArgumentParser) -> None:
    """``--verdicts``, which ``applied_verdicts`` reads."""
    parser.add_argument("--verdicts", action="store_true", help="with what people said of results on the pages")


def add_methods(parser: argparse.ArgumentParser, default: str = ", ".join(DEFAULT_METHODS)) -> None:
    """``--method``, which ``chosen_methods`` reads."""
    parser.add_argument(
        "--method",
        action="append",
        metavar="NAME",
        help=f"one of {', '.join(all_methods())}; may be given again (default: {default})",
    )


def add_rerank(parser: argparse.ArgumentParser) -> None:
    """``--rerank``, which ``chosen_orders`` reads."""
    parser.add_argument(
        "--rerank",
        action="append",
        choices=RERANKED,
        help="order results by the catalog's labels too: many right ones and at least one (balanced), those of the "
        "most probable style group (style), or one of each (varied); may be given again",
    )


def chosen_orders(options: argparse.Namespace) -> list[str]:
    """The orders asked for, each once."""
    return list(dict.fromkeys(options.rerank or ()))


def index_row(entry: IndexEntry) -> dict[str, Any]:
    """What was measured of an index, for machines."""
    shown = ("settings", "recall", "milliseconds", "exact_milliseconds", "bytes", "seconds", "machine")
    place = {"place": entry.place} if entry.place else {}
    return {name: getattr(entry, name) for name in shown} | place


def add_protocol(parser: argparse.ArgumentParser, default: Protocol | None = Protocol.LEAVE_ONE_OUT) -> None:
    """``--protocol`` and ``--seed``; without a default, none is chosen."""
    both = "default: both" if default is None else f"default: {default}"
    parser.add_argument(
        "--protocol", type=_protocol, default=default, metavar="|".join([*PROTOCOLS, "query-set:NAME"]), help=both
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="of the split under one-per-group (default: 0)")


def asked_store(options: argparse.Namespace) -> Store:
    """The catalog asked for, with its query set where the protocol is of one."""
    return under(open_store(options.catalog), options.protocol or Protocol.LEAVE_ONE_OUT)


def add_filter(parser: argparse.ArgumentParser) -> None:
    """``--where``, which ``chosen_filter`` reads."""
    parser.add_argument(
        "--where",
        action="append",
        metavar="COLUMN=VALUES",
        help="search only items with these values, such as type=Jackets,Coats or usage!=Sports; may be given again",
    )


def chosen_filter(options: argparse.Namespace, catalog: Catalog) -> Filter:
    """Which items may be returned.

    Raises:
        FilterError: it is none, the catalog lacks a column or a value, or no item passes.
    """
    return Filter.parse(*(options.where or ())).on(catalog)


def chosen_methods(options: argparse.Namespace, default: Iterable[str] = DEFAULT_METHODS) -> list[str]:
    """The methods asked for, each once, else the default.

    Raises:
        UnknownNameError: there is none of a name.
    """
    return [encoder_spec(full_name(name)).name for name in dict.fromkeys(options.method or default)]


def applied_verdicts(options: argparse.Namespace, store: Store) -> Applied:
    """What people said of a catalog's results, if it is asked for; ``store``: under the protocol."""
    return apply(open_verdicts(store.name).all(), store.catalog) if options.verdicts else NO_VERDICTS


def for_json(value: float) -> float | None:
    """A figure for JSON, which has no NaN."""
    return None if math.isnan(value) else round(value, 6)
