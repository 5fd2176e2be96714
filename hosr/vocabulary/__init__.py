"""The words of the subject: stages and features by modality, causes, symptoms, views, flags.

Each word is an enum member or a table row with its code; what words exclude one another stands
with the contradictions of `hosr.scales`.
"""
