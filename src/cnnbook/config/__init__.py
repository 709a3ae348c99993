"""Every number of the book that somebody chose, with its unit, in frozen dataclasses.

`training` has the fields of a recipe, `recipes` the named ones, `questions` the numbers of the experiments,
`profiles` the named sets of all of them. Import from these modules: imports say what a result depends on.
"""
