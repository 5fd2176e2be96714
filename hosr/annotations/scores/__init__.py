"""What a model scored, in the forms in which models write it, and what of it is taken.

names       what scales, classes, sides and findings are called in keys and columns
entries     what one entry of a source holds, as it is read: vectors, grades, findings, its maker
json_forms  the objects of JSON; tables the rows of a CSV
vectors     vectors of a hip to its scores: ensembles, percentages, logits, and their refusals
hips        what scores say of each hip: grades, probabilities, and findings by a threshold
reader      a file to a source
settings    `[scores]` of labels.toml: what of scores is done only by name
"""
