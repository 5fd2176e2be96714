"""What persons do to a report that was made: sign it, add to it; each makes a new version beside the old.

versions         a folder with one version of a report, read back whole and found unchanged
signing          the next version: what may be signed by whom
given_grades     the grades that the person gives, and what has to be given one
amendment        the next version with another content: what was changed, and why
withdrawal       the end of a report, in all versions that are given
publication      the files of a version, as far as there are images to show
succession       which version takes the place of which, so that none has two successors
chain            versions as they were read, in the order in which each took the place of another
history          the versions in folders or in an archive
archived_reports the versions that an archive holds of a study or a patient
other_documents  what documents of others say of a version: that they took its place, or reject it
priors           which earlier report each hip is compared with, and the facts of it
prior_files      earlier reports out of folders and files
prior_images     the key images of earlier reports, out of images of then
archived_priors  earlier reports of the patient out of an archive
received_reports reports that were sent here, in the folder of drafts
drawings         what a viewer drew over a report, and that report
rivals           what an archive holds that is newer than a version, or beside it
steps            a step that a person takes, from what they ask for to the files
"""
