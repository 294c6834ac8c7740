"""What each method costs: encoding a picture, searching, storing vectors. Measured by a build, only read after that."""

from fashion_search.costs.cost import Cost, costs, with_searches
from fashion_search.costs.cost_file import Encoding, Measured, Searching
from fashion_search.costs.measuring import measure, measure_searches
from fashion_search.machine import Machine, this_machine

__all__ = [
    "Cost",
    "Encoding",
    "Machine",
    "Measured",
    "Searching",
    "costs",
    "measure",
    "measure_searches",
    "this_machine",
    "with_searches",
]
