"""What a radiologist drew in a viewer: structured reports of other makers, and presentation states.

file -> foreign file -> figures with their labels -> roles -> findings of each hip

measurement_groups   structured reports to a `Source`: OHIF and Cornerstone, highdicom, dcmqi
presentation_states  the lines and words of a presentation state to a `Source`
foreign              the file: what it is, whose, by whom, and what it replaces; what is refused by name
tree                 the content of a structured report of any maker, read with care
tools                which concept is a length, which tool draws an outline, where a label stands
grammar              what the words of a label say: a side and a role, in five languages
roles                what each figure stands for: by labels.toml, by the grammar, or asked back
comparison           the numbers and grades of viewers and labels, against what hosr measured
predecessors         the report that was redrawn, and which of its lines a drawn line was
redrawing            what of that report still holds, and what its lines became
drawings             the flow: what was drawn, over which report, into the record
"""
