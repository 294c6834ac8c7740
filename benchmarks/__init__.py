"""Speed and memory as ratios against a baseline that runs beside it: ``make bench``."""
