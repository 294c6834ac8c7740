"""Cases for the report: what a person saw on a page and wants to show to others, with a comment."""

from fashion_search.cases.case_file import CaseList, open_cases
from fashion_search.cases.model import Case

__all__ = ["Case", "CaseList", "open_cases"]
