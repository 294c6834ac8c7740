r"""Filters: which items of a catalog may be returned at all, by the values of its grouping columns.

Links and commands spell them alike: ``article_type=Jackets,Coats;base_colour!=Black``. The values of a column are
alternatives; the conditions of several columns must all hold. After a backslash a sign is taken as it is: ``\,``.
``usage=`` asks for the blank value.
"""

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.model import Catalog, slug, title
from fashion_search.catalog.text import cleaned
from fashion_search.errors import FilterError

_NEAR = 3  # names that are offered instead of an unknown one
_SAID = 4  # values that are named in a sentence


@dataclass(frozen=True)
class Condition:
    """An item's value in a column is one of ``values``; none of them if ``is_negated``."""

    column: str
    values: tuple[str, ...]
    is_negated: bool = False

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a condition has at least one value")

    def __str__(self) -> str:
        values = ",".join(_escaped(value, ",;") for value in self.values)
        return f"{_escaped(self.column, ';=!')}{'!=' if self.is_negated else '='}{values}"

    @property
    def label(self) -> str:
        """For example ``article type is Jackets or Coats``."""
        names = [value or "(blank)" for value in self.values]
        if len(names) > _SAID:
            names[_SAID - 1 :] = [f"{len(names) - _SAID + 1} more"]
        joined = f"{', '.join(names[:-1])} {'nor' if self.is_negated else 'or'} {names[-1]}"
        if len(names) == 1:
            joined = f"not {names[0]}" if self.is_negated else names[0]
        elif self.is_negated:
            joined = f"neither {joined}"
        return f"{title(self.column).lower()} is {joined}"

    def holds(self, value: str) -> bool:
        """Whether an item with this value passes."""
        return (value in self.values) != self.is_negated


@dataclass(frozen=True)
class Filter:
    """Conditions that an item must pass to be returned, at most one of each column; ``EVERYTHING`` has none.

    Names are those of one catalog once ``fit`` or ``on`` has looked them up there.
    """

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __str__(self) -> str:
        return ";".join(map(str, self.conditions))

    @classmethod
    def parse(cls, *texts: str) -> "Filter":
        """Read conditions, each text one or several; those of one column are taken together.

        Raises:
            FilterError: what is written is no condition.
        """
        parts = [part for text in texts for part in _divided(_signs(text), ";") if _word(part)]
        return _united([_condition(part) for part in parts])

    @property
    def label(self) -> str:
        """For example ``article type is Jackets and usage is not Sports``."""
        return " and ".join(condition.label for condition in self.conditions)

    def of(self, column: str) -> Condition | None:
        """The condition of a column, if there is one."""
        return next((condition for condition in self.conditions if condition.column == column), None)

    def without(self, column: str) -> "Filter":
        """The same with every value of a column."""
        return Filter(tuple(condition for condition in self.conditions if condition.column != column))

    def where(self, column: str, values: Iterable[str], is_negated: bool = False) -> "Filter":
        """The same with this condition for a column; with every value of it where ``values`` is empty."""
        chosen = tuple(dict.fromkeys(values))
        by_column = {condition.column: condition for condition in self.conditions}
        if not chosen:
            return self.without(column)
        return Filter(tuple((by_column | {column: Condition(column, chosen, is_negated)}).values()))

    def mask(self, catalog: Catalog) -> NDArray[np.bool_]:
        """The items that pass, shape (n,).

        The columns are the catalog's (see ``on``).
        """
        if not self.conditions:
            return np.ones(len(catalog.items), dtype=bool)
        return self._groups(catalog)[catalog.group_of]

    def counts(self, catalog: Catalog, column: str) -> dict[str, int]:
        """Value of a column → how many items have it and pass the conditions of the other columns; in their order."""
        sizes = np.bincount(catalog.group_of[: catalog.n_items], minlength=len(catalog.groups))
        values, of_groups = catalog.values_of_groups[catalog.columns.index(column)]
        counted = np.bincount(of_groups, np.where(self.without(column)._groups(catalog), sizes, 0), len(values))
        return dict(zip(values, counted.astype(int).tolist(), strict=True))

    def _groups(self, catalog: Catalog) -> NDArray[np.bool_]:
        """The style groups that pass, shape (G,): all items of one have the same values."""
        places = [(condition, catalog.columns.index(condition.column)) for condition in self.conditions]
        if not places:
            return np.ones(len(catalog.groups), dtype=bool)
        passes = [all(one.holds(group.labels[place]) for one, place in places) for group in catalog.groups]
        return np.array(passes, dtype=bool)

    def fit(self, catalog: Catalog) -> tuple["Filter", list[str]]:
        """The same in a catalog's own names, and a sentence for each column or value that it lacks; those are left out.

        A column may be named by any part of it that no other has, and case is ignored.
        """
        conditions, complaints = [], []
        for condition in self.conditions:
            try:
                column = _column(catalog, condition.column)
            except FilterError as error:
                complaints.append(str(error))
                continue
            known, found = catalog.values(column), []
            for value in condition.values:
                meant = _meant(value, known)
                found += meant
                if not meant:
                    what = f"“{catalog.title}” has no {title(column).lower()} {_quoted(value)}"
                    complaints.append(f"{what}{_near(value, known)}.")
            if found:
                conditions.append(Condition(column, tuple(dict.fromkeys(found)), condition.is_negated))
        try:
            return _united(conditions), complaints
        except FilterError as error:
            return EVERYTHING, [*complaints, str(error)]

    def on(self, catalog: Catalog) -> "Filter":
        """The same in a catalog's own names.

        Raises:
            FilterError: it lacks a column or a value, or no item passes.
        """
        fitting, complaints = self.fit(catalog)
        if complaints:
            raise FilterError(" ".join(complaints))
        if not fitting.mask(catalog).any():
            raise FilterError(f"{fitting.nothing_in(catalog)} Ask for other values.")
        return fitting

    def nothing_in(self, catalog: Catalog) -> str:
        """That no item is left to search, in a sentence."""
        return f"The filter leaves nothing of “{catalog.title}” to search: only items whose {self.label}."


EVERYTHING = Filter()
"""No condition: every item may be returned."""


# -- the spelling -------------------------------------------------------------------------------------------


def _signs(text: str) -> list[str]:
    """Its characters, each with the backslash before it."""
    return re.findall(r"\\?.", text, re.DOTALL)


def _divided(signs: list[str], separator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for sign in signs:
        if sign == separator:
            parts.append([])
        else:
            parts[-1].append(sign)
    return parts


def _word(signs: list[str]) -> str:
    """What is meant: without blanks around it, and without the backslashes."""
    inner = [place for place, sign in enumerate(signs) if not sign.isspace()]
    return "".join(sign[-1] for sign in signs[inner[0] : inner[-1] + 1]) if inner else ""


def _escaped(word: str, special: str) -> str:
    return re.sub(rf"[{re.escape(special)}\\]|^\s|\s\Z", r"\\\g<0>", word)


def _condition(signs: list[str]) -> Condition:
    if "=" not in signs:
        raise FilterError(f"{_quoted(_word(signs))} is no condition; write column=value, such as type=Jackets,Coats.")
    end = signs.index("=")
    is_negated = signs[end - 1 : end] == ["!"]
    values = tuple(dict.fromkeys(_word(part) for part in _divided(signs[end + 1 :], ",")))
    return Condition(_word(signs[: end - is_negated]), values, is_negated)


def _united(conditions: Iterable[Condition]) -> Filter:
    """One condition of each column: further ones add their values."""
    found: dict[str, Condition] = {}
    for condition in conditions:
        known = found.setdefault(condition.column, condition)
        if known.is_negated != condition.is_negated:
            raise FilterError(f"{_quoted(title(known.column))} has both = and != in the filter; use one of them.")
        found[condition.column] = replace(known, values=tuple(dict.fromkeys(known.values + condition.values)))
    return Filter(tuple(found.values()))


# -- names --------------------------------------------------------------------------------------------------


def _folded(name: str) -> str:
    return cleaned(name).casefold()


def _meant(name: str, known: Collection[str]) -> list[str]:
    """The names that are meant: this one, else those that differ from it in case or blanks alone."""
    return [name] if name in known else [one for one in known if _folded(one) == _folded(name)]


def _column(catalog: Catalog, name: str) -> str:
    if not catalog.columns:
        raise FilterError(f"The items of “{catalog.title}” have no labels, so it cannot be filtered.")
    part = slug(name)
    same = _meant(name, catalog.columns) or [column for column in catalog.columns if part and slug(column) == part]
    found = same or [column for column in catalog.columns if part and part in slug(column)]
    if len(found) == 1:
        return found[0]
    if found:
        raise FilterError(f"{_quoted(name)} is part of several columns: {', '.join(found)}. Write more of its name.")
    raise FilterError(f"“{catalog.title}” has no column {_quoted(name)}; it has {', '.join(catalog.columns)}.")


def _near(value: str, known: Collection[str]) -> str:
    """The names that are most like a value, or that it is part of."""
    wanted = _folded(value)
    folded = {_folded(name): name for name in known}
    near = [name for key, name in folded.items() if wanted and (wanted in key or (key and key in wanted))]
    near += [folded[key] for key in difflib.get_close_matches(wanted, folded, _NEAR) if folded[key] not in near]
    return f"; near ones: {', '.join(_quoted(name) for name in near[:_NEAR])}" if near else ""


def _quoted(name: str) -> str:
    return f"“{name}”" if name else "(blank)"
