"""The words of the subject: stages and features by modality, causes, symptoms, views, flags.

Each word is an enum member or a table row with its code; the consistency rules between them
stand in `rules`.
"""
