"""What each method costs: encoding a picture, searching, storing vectors. Measured by a build, only read after that."""

from fashion_search.costs.cost import Cost, costs, with_searches
from fashion_search.costs.cost_file import Encoding, Machine, Measured, Searching
from fashion_search.costs.machine import this_machine
from fashion_search.costs.measuring import measure, measure_searches

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
