"""Every number of the book that somebody chose, with its unit, in frozen dataclasses.

`training` has the fields of a recipe, `profiles` the named recipes and the named sets of all numbers; the
numbers of an experiment are in its module. Import from these modules: imports say what a result depends on.
"""
