"""Generate, judge, measure, score, report: the stages joined, stored and resumed."""
