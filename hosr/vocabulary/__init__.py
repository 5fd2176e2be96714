"""The words of the subject: what a record may say (`terms`), and what qualifies a grade (`flags`).

Of surfaces that a program finds they stand in `surfaces`. Each word is an enum member or a table row with its code; what words exclude one another stands
with the contradictions of `hosr.scales`.
"""
