"""Which files are images of which study and patient, as the folders that are looked through change.

    received    images that were sent or fetched, in the folder of drafts
    headers     what a file is: images of studies, an archive of such, or nothing that can be graded
    seen        what was seen of every file, in images.sqlite in the folder of drafts
    index       the folders, looked through again as they change

The watch looks, and finds the images of a result; the desk asks what was seen, for earlier films.
"""
